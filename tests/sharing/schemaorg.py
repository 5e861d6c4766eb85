"""Whether data keeps to schema.org: do terms exist, fit domains and ranges."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from dev.paths import ROOT

FILE = ROOT.parent / "shared" / "data" / "standards" / "schemaorg-30.0.jsonld"

URL = re.compile(r"https?://[^\s<>\"{}|\\^`]+")


def listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def names(value: Any) -> set[str]:
    return {one["@id"].removeprefix("schema:") for one in listed(value)}


class Terms:
    """The terms of schema.org.

    :param file: all of them, as schema.org publishes them
    """

    def __init__(self, file: Path) -> None:
        found = json.loads(file.read_text(encoding="utf-8"))["@graph"]
        self._terms = {
            term["@id"].removeprefix("schema:"): term for term in found
        }

    def complaints(self, data: dict[str, Any]) -> list[str]:
        """What is wrong with data; nothing, where all is right."""
        if data.get("@context") != "https://schema.org":
            return ["@context"]
        nodes = data.get("@graph", [data])
        types = {
            node["@id"]: node["@type"]
            for node in nodes
            if "@id" in node and "@type" in node
        }
        return [wrong for node in nodes for wrong in self._node(node, types)]

    def _node(
        self, node: dict[str, Any], types: dict[str, str]
    ) -> Iterator[str]:
        kind = node.get("@type", "")
        if "rdfs:Class" not in listed(self._term(kind).get("@type")):
            yield f"no type: {kind}"
            return
        for name, value in node.items():
            if name.startswith("@"):
                continue
            if wrong := self._property(kind, name):
                yield f"{wrong}: {kind}.{name}"
            wanted = names(self._term(name).get("schema:rangeIncludes"))
            for one in listed(value):
                given = self._types_of(one, types)
                if not wanted & set().union(*map(self.above, given)):
                    yield f"no value: {kind}.{name} = {one!r}"
                if isinstance(one, dict) and "@type" in one:
                    yield from self._node(one, types)

    def _property(self, kind: str, name: str) -> str:
        """What is wrong with a property of a type, or ""."""
        term = self._term(name)
        if "rdf:Property" not in listed(term.get("@type")):
            return "no property"
        if "schema:supersededBy" in term:
            return "out of date"
        domain = names(term.get("schema:domainIncludes"))
        return "" if domain & self.above(kind) else "not of this type"

    def _term(self, name: str) -> dict[str, Any]:
        return self._terms.get(name, {})

    def above(self, name: str) -> set[str]:
        """A type and all that it is a special kind of."""
        parents = names(self._term(name).get("rdfs:subClassOf"))
        return {name}.union(*map(self.above, parents))

    def _types_of(self, value: Any, types: dict[str, str]) -> set[str]:
        if isinstance(value, dict):
            kind = value.get("@type") or types.get(value.get("@id", ""), "")
            return {kind}
        if isinstance(value, bool):
            return {"Boolean"}
        if isinstance(value, int):
            return {"Integer"}
        if not isinstance(value, str) or not value.strip():
            return set()
        found = {"Text"}
        if URL.fullmatch(value):
            found.add("URL")
        try:
            datetime.datetime.fromisoformat(value)
        except ValueError:
            return found
        return found | {"Date", "DateTime"}


@cache
def terms() -> Terms:
    return Terms(FILE)

"""Finds packages by a few letters, for fields that complete."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import ckantoolkit as tk
from flask import jsonify

from ..config import PROJECT_TYPE
from ..lib import text
from ..lib.ckan import Response, SearchError, solr_literal
from ..projects.lookups import MOST
from .model import Link, Side

MAX_CANDIDATES = 10

#: A form that names more datasets than this shows the first ones.
MAX_CHOSEN = 100

#: The field in which people type the titles of datasets.
QUERY = "dataset_query"

DATASETS = f"-dataset_type:{PROJECT_TYPE}"
PROJECTS = f"+dataset_type:{PROJECT_TYPE}"


def find(
    query: str, *filters: str, with_private: bool
) -> list[dict[str, Any]]:
    """Packages that match and that the user may read.

    :param query: words, the last of which may be incomplete
    :param filters: in Solr's syntax
    :param with_private: whether private ones may be among them
    """
    words = _words(query)
    if not words:
        return []
    try:
        found = _found(words, filters, with_private)
    except SearchError:
        return []
    # Who types a title means the one that begins so.
    start = " ".join(query.split()).casefold()
    return sorted(
        found,
        key=lambda one: not (one["title"] or "").casefold().startswith(start),
    )


def _found(
    words: Collection[str], filters: Collection[str], with_private: bool
) -> list[dict[str, Any]]:
    """Packages that match all words, which are in Solr's syntax.

    :raises SearchError: where Solr doesn't answer
    """
    matches = [
        f"(title_ngram:{word} OR name_ngram:{word} OR title:{word}"
        f" OR name:{word})"
        for word in words
    ]
    return _search(
        " AND ".join(matches), filters, MAX_CANDIDATES, with_private
    )


def _words(query: str) -> list[str]:
    return [
        solr_literal(word.replace("\\", ""))
        for word in query.split()[:MAX_CANDIDATES]
    ]


def chosen(
    references: Collection[str], *, with_private: bool, kind: str = DATASETS
) -> list[dict[str, Any]]:
    """The packages with these ids or names that the user may read.

    :param with_private: whether private ones may be among them
    :param kind: `DATASETS` or `PROJECTS`
    """
    literals = [
        solr_literal(reference)
        for reference in [*references][:MAX_CHOSEN]
        if reference.strip() and '"' not in reference
    ]
    if not literals:
        return []
    query = " OR ".join(f"name:{name} OR id:{name}" for name in literals)
    try:
        return _search(query, (kind,), MAX_CHOSEN, with_private)
    except SearchError:
        # What somebody has chosen already must not get lost.
        return _stored(references, with_private, kind)


def linked(side: Side, package_id: str) -> list[str]:
    """Ids of what a package is linked with: nobody links that again.

    :param side: which side the package is
    """
    links = Link.of(side, package_id, MOST)
    return [link.package_id(side.other) for link in links]


def picked(
    references: Collection[str], *, with_private: bool
) -> dict[str, Any]:
    """The datasets that a form shows, with what its field could not complete.

    :param references: ids or names of those that are chosen
    :param with_private: whether private ones may be among them
    :returns: `chosen`, `candidates` and `query`
    """
    query = tk.request.values.get(QUERY, "")
    return {
        "chosen": chosen(references, with_private=with_private),
        "candidates": find(query, DATASETS, with_private=with_private),
        "query": query,
    }


def questions(*, with_private: bool) -> dict[str, list[str]]:
    """What is left to do where the field for datasets could not complete."""
    words = _words(tk.request.form.get(QUERY, ""))
    if not words:
        return {}
    try:
        found = _found(words, (DATASETS,), with_private)
    except SearchError:
        return {
            "datasets": [
                tk._(
                    "The portal’s search doesn’t answer. Please try again in"
                    " a few minutes."
                )
            ]
        }
    if found:
        return {"datasets": [tk._("Please choose the datasets you meant")]}
    return {"datasets": [tk._("Nothing matches. Please try other words.")]}


def answer(found: list[dict[str, Any]]) -> Response:
    """What was found, for assets/picker.js."""
    return jsonify(
        [
            {
                "name": package["name"],
                "title": package["title"] or package["name"],
                "organization": (package.get("organization") or {}).get(
                    "title", ""
                ),
            }
            for package in found
        ]
    )


def _search(
    query: str, filters: Collection[str], rows: int, with_private: bool
) -> list[dict[str, Any]]:
    return tk.get_action("package_search")(
        {},
        {
            "q": query,
            "fq_list": [*filters],
            "rows": rows,
            "include_private": with_private,
            "facet": "false",
        },
    )["results"]


def _stored(
    references: Collection[str], with_private: bool, kind: str
) -> list[dict[str, Any]]:
    """Packages as the database has them, without Solr."""
    found: dict[str, dict[str, Any]] = {}
    for reference in [*references][:MAX_CHOSEN]:
        try:
            dataset = tk.get_action("package_show")(
                {"use_cache": False}, {"id": text.clean(reference)}
            )
        except (tk.ObjectNotFound, tk.NotAuthorized, tk.Invalid):
            continue
        is_wanted = with_private or not dataset["private"]
        is_project = dataset["type"] == PROJECT_TYPE
        if is_wanted and is_project == (kind == PROJECTS):
            found[dataset["id"]] = dataset
    return [*found.values()]

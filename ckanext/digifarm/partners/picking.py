"""Finds partners by a few letters, for fields that complete."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

MAX_CANDIDATES = 10


def find(query: str) -> list[dict[str, Any]]:
    """Some partners of the directory that match.

    :param query: words of the title
    """
    try:
        return tk.get_action("digifarm_partner_search")(
            {}, {"q": query, "limit": MAX_CANDIDATES}
        )["results"]
    except tk.ValidationError:
        return []


def with_candidates(data: dict[str, Any], name: str) -> dict[str, Any]:
    """What a form shows, with the partners that its field offers.

    :param data: what was entered: the partner as `name`, and the text from
        which it could not be completed as `<name>_query`
    :param name: of the field
    """
    if data.get(name):
        return {**data, "candidates": _chosen(data[name])}
    query = data.get(f"{name}_query", "").strip()
    return {**data, "candidates": find(query) if query else []}


def question(data: dict[str, Any], name: str) -> dict[str, list[str]]:
    """What is left to do where the field could not complete.

    :param data: as `with_candidates` gives it
    :param name: of the field
    """
    if data.get(name) or not data.get(f"{name}_query", "").strip():
        return {}
    if data["candidates"]:
        return {name: [tk._("Please choose one")]}
    return {name: [tk._("Nothing matches. Please try other words.")]}


def _chosen(reference: str) -> list[dict[str, Any]]:
    try:
        return [tk.get_action("digifarm_partner_show")({}, {"id": reference})]
    except (tk.ObjectNotFound, tk.NotAuthorized, tk.ValidationError):
        return []

"""What comes close where no project is found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypedDict

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..lib import guessing, stems
from ..lib.ckan import SearchError, solr_literal
from . import fields, words

#: So many are shown.
MOST = 6

#: More words of a query are left out.
MAX_WORDS = 4

#: Where a search for what comes close looks, and what counts more.
QUERY_FIELDS = (
    f"{words.TITLE}^8 {words.SUMMARY}^5 {words.WORDS}^3 {words.PARTS}"
)

#: How much more the parts of a long word count.
OF_PARTS = 4


class Near(TypedDict):
    """What comes close.

    :param results: projects
    :param meant: the query as it may be meant, or ""
    """

    results: list[dict[str, Any]]
    meant: str


def misses(query: str, filters: dict[str, list[str]]) -> Near:
    """Projects that nearly match, by one search.

    :param query: what somebody has typed; words with a mistake and long words
        for which a project has shorter ones count as well, and no filter does
    :param filters: values by field of Solr; where nothing was typed, projects
        that match one of them
    """
    found = {}
    if words.is_plain(query):
        found = _search(
            {
                "q": _close(query),
                "qf": QUERY_FIELDS,
                "defType": "edismax",
                # One of the words is enough.
                "mm": "1",
            }
        )
    elif not query.strip() and sum(map(len, filters.values())) > 1:
        found = _search({"fq": f"+({_any_of(filters)})"})
    results = found.get("results", [])
    texts = (text for project in results for text in _texts(project))
    is_plain = words.is_plain(query)
    return Near(
        results=results, meant=guessing.meant(query, texts) if is_plain else ""
    )


def count(query: str) -> int:
    """How many projects match; 0 where there is nothing to match."""
    if not query.strip():
        return 0
    return _search({"q": query, "rows": 0}).get("count", 0)


def _search(asked: dict[str, Any]) -> dict[str, Any]:
    only = f"+dataset_type:{PROJECT_TYPE}"
    try:
        return tk.get_action("package_search")(
            {},
            {
                "rows": MOST,
                "facet": "false",
                **asked,
                "fq": f"{asked.get('fq', '')} {only}".strip(),
            },
        )
    # Whatever was typed: there is nothing close, then.
    except (SearchError, tk.ValidationError, tk.NotAuthorized):
        return {}


def _close(query: str) -> str:
    asked = stems.WORD.findall(query)[:MAX_WORDS]
    close = (" OR ".join(_alternatives(word)) for word in asked)
    return " OR ".join(f"({alternatives})" for alternatives in close)


def _alternatives(word: str) -> Iterator[str]:
    stem = stems.stem(word)
    yield f"{stem}~1" if len(stem) >= guessing.MIN_WORD else stem
    for first, last in stems.splits(word):
        # More than another word that only looks like it.
        yield f"({first} AND {last})^{OF_PARTS}"


def _any_of(filters: dict[str, list[str]]) -> str:
    return " OR ".join(
        f"{field}:{solr_literal(value)}"
        for field, values in filters.items()
        for value in values
    )


def _texts(project: dict[str, Any]) -> Iterator[str]:
    """What people have written of a project."""
    for field in fields.fields():
        value = project.get(field["field_name"])
        if isinstance(value, str) and not value.startswith("http"):
            yield value
    for tag in project.get("tags") or []:
        yield tag["name"]

"""By which words a project is found, in the portal's own language.

Solr's fields for texts know English alone. So the index gets our own fields,
with words as `lib/stems.py` makes them, and a query for projects is made of
the same. docs/search.md says what is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..config import PROJECT_TYPE
from ..lib import stems
from . import fields, order, search

#: Our fields in Solr; its schema lets `extras_*` be texts.
TITLE = "extras_digifarm_title"
SUMMARY = "extras_digifarm_summary"
WORDS = "extras_digifarm_words"
PARTS = "extras_digifarm_parts"

#: Where a query looks, and what counts more. `text` is all that core looks
#: through.
QUERY_FIELDS = f"{TITLE}^8 name^4 {SUMMARY}^5 {WORDS}^3 {PARTS} text"

#: So many different words of a project are found, and parts of them.
MAX_WORDS = 5_000
MAX_PARTS = 10_000

#: What more than words means something to Solr; the query stays as it is.
SYNTAX = re.compile(r'[:"+]|(?:^|\s)-|\{!')

#: A longer query stays as it is, too; in characters.
MAX_QUERY = 500

#: Parameters by which others say how they ask.
OWN_WAYS = frozenset({"defType", "qf"})

ONLY_PROJECTS = f"+dataset_type:{PROJECT_TYPE}"


def index_words(pkg_dict: dict[str, Any]) -> dict[str, Any]:
    """Add the fields by which a project is found.

    :param pkg_dict: what core is about to send to Solr, after
        `search.index_project`
    """
    if pkg_dict.get("type") != PROJECT_TYPE:
        return pkg_dict
    title = dict.fromkeys(stems.words(pkg_dict.get("title") or ""))
    summary = dict.fromkeys(stems.words(" ".join(_summary(pkg_dict))))
    own = dict.fromkeys(stems.words(" ".join(_own_words(pkg_dict))))
    chosen = dict.fromkeys(stems.words(" ".join(_chosen_words(pkg_dict))))
    pkg_dict[TITLE] = " ".join(title)
    pkg_dict[SUMMARY] = " ".join(summary)
    pkg_dict[WORDS] = " ".join([*(title | own | chosen)][:MAX_WORDS])
    # Not of the words for choices: they would find half of all projects.
    pkg_dict[PARTS] = " ".join(stems.parts(title | own)[:MAX_PARTS])
    return pkg_dict


def _summary(pkg_dict: dict[str, Any]) -> Iterator[str]:
    """What says most in few words."""
    yield str(pkg_dict.get("extras_summary") or "")
    yield from pkg_dict.get("tags") or []


def _own_words(pkg_dict: dict[str, Any]) -> Iterator[str]:
    """What people have written."""
    yield pkg_dict.get("notes") or ""
    yield from pkg_dict.get("tags") or []
    yield from pkg_dict.get(f"vocab_{search.PARTNER}") or []
    for field in fields.fields():
        if not _is_address(field) and not _is_chosen(field):
            yield str(pkg_dict.get(f"extras_{field['field_name']}") or "")


def _chosen_words(pkg_dict: dict[str, Any]) -> Iterator[str]:
    """What people have chosen, in all languages."""
    for field in fields.fields():
        if _is_chosen(field):
            yield str(pkg_dict.get(f"extras_{field['field_name']}") or "")


def _is_chosen(field: dict[str, Any]) -> bool:
    """Whether the words of a field are those of the schema file."""
    return "choices" in field or field["field_name"] in fields.flags()


def _is_address(field: dict[str, Any]) -> bool:
    """Whether a field holds an address, which is no words."""
    name = field["field_name"]
    return name.endswith(("url", "email")) or name in {"name", "owner_org"}


def ask(search_params: dict[str, Any]) -> dict[str, Any]:
    """Ask for projects by the words that the index has of them.

    Only where a search is for projects alone, and asks for plain words. One
    for no words gets the order of the list, if it names none.

    :param search_params: parameters of `package_search`
    """
    if not _is_for_projects(search_params):
        return search_params
    query = (search_params.get("q") or "").strip()
    if not search_params.get("sort"):
        search_params["sort"] = None if query else order.SORT
    if OWN_WAYS & search_params.keys() or not is_plain(query):
        return search_params
    search_params["q"] = " ".join(stems.words(query))
    search_params["qf"] = QUERY_FIELDS
    return search_params


def is_plain(query: str) -> bool:
    """Whether a query is words, and nothing that means more to Solr."""
    return bool(
        len(query) <= MAX_QUERY
        and stems.WORD.search(query)
        and not SYNTAX.search(query)
    )


def _is_for_projects(search_params: dict[str, Any]) -> bool:
    filters = [
        search_params.get("fq") or "",
        *(search_params.get("fq_list") or []),
    ]
    return any(
        ONLY_PROJECTS in query.split() or f"+{query.strip()}" == ONLY_PROJECTS
        for query in filters
    )

"""What the list of projects is asked for by its address.

The list is a view of core's; feeds and frames find what it finds.
"""

from __future__ import annotations

import json
from typing import Any

from werkzeug.datastructures import MultiDict

from ..config import PROJECT_TYPE
from . import search

#: What core's view knows besides filters.
OF_CORE = frozenset({"q", "page", "sort"})

#: How the parameters begin by which core and plugins choose what they show.
PREFIXES = ("_", "ext_")

#: Those that other plugins find by.
OF_PLUGINS = "ext_"

Args = list[tuple[str, str]]


def known(args: MultiDict[str, str]) -> Args:
    """Those parameters that the list knows; core makes a filter of any.

    What it reads once is here once, whatever stands in the address.

    :param args: of the address
    """
    names = OF_CORE | search.filters()
    return [
        (name, value.strip() if name in OF_CORE else value)
        for name, values in args.lists()
        if name in names or name.startswith(PREFIXES)
        for value in (values[:1] if name in OF_CORE else values)
    ]


def filters(args: MultiDict[str, str]) -> Args:
    """Those of them that say which projects are found."""
    return [
        (name, value)
        for name, value in known(args)
        if value
        and name not in {"page", "sort"}
        and (name.startswith(OF_PLUGINS) or not name.startswith(PREFIXES))
    ]


def order(args: MultiDict[str, str]) -> Args:
    """The one of them that says in which order, if it is there."""
    return [one for one in known(args) if one[0] == "sort" and one[1]][:1]


def query(args: MultiDict[str, str]) -> dict[str, Any]:
    """What the list asks `package_search` for, but for its part and order.

    :param args: of the address
    """
    asked = filters(args)
    more: MultiDict[str, str] = MultiDict(
        (name, value) for name, value in asked if name.startswith(OF_PLUGINS)
    )
    return {
        "q": dict(asked).get("q", ""),
        "fq_list": [
            f"+dataset_type:{PROJECT_TYPE}",
            *(
                f"{name}:{json.dumps(value, ensure_ascii=False)}"
                for name, value in asked
                if name != "q" and name not in more
            ),
        ],
        "extras": {
            name: values[0] if len(values) == 1 else values
            for name, values in more.lists()
        },
        "facet": "false",
    }

"""Which pages are ours, and where one goes on from them."""

from __future__ import annotations

import ckantoolkit as tk

from ..config import PROJECT_TYPE

#: The page that has all that somebody with an account has to do with.
DASHBOARD = "digifarm_owners.index"

#: Blueprints of pages that other sites may frame; they say what these may do.
FRAMED: set[str] = set()

#: How the addresses of most of our pages begin.
ROOTS = frozenset({PROJECT_TYPE, "partner"})


def may_be_framed() -> bool:
    """Whether a page is made for frames of other sites."""
    return tk.request.blueprint in FRAMED


def is_ours() -> bool:
    """Whether a page is one of ours, or one of core's on our projects.

    Views of resources, which others may embed, are pages of their own. Where
    there is no page, or it takes no such request, the address says it.
    """
    blueprint = tk.request.blueprint
    if blueprint is None:
        return _root(tk.request.path) in ROOTS
    return blueprint == PROJECT_TYPE or blueprint.startswith("digifarm_")


def of_projects() -> list[str]:
    """What the entry for projects in the navigation stands for here.

    :returns: the blueprint of this page, where its address is one of projects
        or of partners
    """
    rule = tk.request.url_rule
    is_one = rule is not None and _root(rule.rule) in ROOTS
    return [tk.request.blueprint] if is_one and tk.request.blueprint else []


def _root(path: str) -> str:
    return path.removeprefix("/").partition("/")[0]


def is_asked_for() -> bool:
    """Whether somebody wants to see this page.

    Scripts and pictures want an answer, not another page.
    """
    mode = tk.request.headers.get("Sec-Fetch-Mode", "navigate")
    return mode == "navigate"


def here() -> str:
    """The path of this page, in the language that it is read in."""
    return tk.h.url_for(tk.request.full_path.removesuffix("?"))


def way_back() -> str:
    """Where somebody goes on who had to log in first.

    What was only sent has no page of its own.
    """
    rule = tk.request.url_rule
    if rule and "GET" in (rule.methods or ()):
        return here()
    return tk.h.url_for(DASHBOARD)


def to_field(endpoint: str, id: str, field: str, *, full: bool = False) -> str:
    """The address of a field in a form: it is in sight there, and has focus.

    :param endpoint: of the form
    :param id: what the form is of, by id or name
    :param field: name of the field
    :param full: whether it is for a mail
    """
    return tk.h.url_for(
        endpoint, id=id, qualified=full, _anchor=f"field-{field}"
    )

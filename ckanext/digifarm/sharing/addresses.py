"""Addresses of what is seen elsewhere, with the filters of a page."""

from __future__ import annotations

import enum
from typing import Any
from urllib.parse import urlencode

import ckantoolkit as tk
from werkzeug.datastructures import MultiDict

from ..config import PROJECT_TYPE
from ..projects import asked, fields, search
from ..tasks import schema as help_schema

Args = MultiDict[str, str]
Filters = list[tuple[str, str]]


class Kind(str, enum.Enum):
    """What there is a feed of, as the name of its view."""

    PROJECTS = "projects"
    HELP = "help_wanted"
    TASKS = "tasks"


def filters(kind: Kind, args: Args) -> Filters:
    """The filters of a page, by its address."""
    if kind is Kind.PROJECTS:
        return asked.filters(args)
    given = help_schema.filters(args)
    return [(name, value) for name, value in given.items() if value]


def feed(kind: Kind, filters: Filters, number: int = 1) -> str:
    """Where a page of a feed is."""
    more = [("page", str(number))] if number > 1 else []
    return with_args(f"digifarm_feeds.{kind.value}", [*filters, *more])


def page(kind: Kind, filters: Filters) -> str:
    """The page for people that shows what a feed has."""
    if kind is Kind.PROJECTS:
        return with_args(f"{PROJECT_TYPE}.search", filters)
    view = "tasks" if kind is Kind.TASKS else "help"
    return with_args("digifarm_help.index", [("view", view), *filters])


def name(kind: Kind, filters: Filters) -> str:
    """What tells a feed from all others of the portal."""
    return f"{PROJECT_TYPE}/{kind.value}?{urlencode(sorted(filters))}"


def title(kind: Kind, filters: Filters) -> str:
    """What a feed is called, with the words of its filters."""
    kinds = {
        Kind.PROJECTS: tk._("Civic projects"),
        Kind.HELP: tk._("Projects that look for help"),
        Kind.TASKS: tk._("Small tasks"),
    }
    words = _words(kind, filters)
    return " – ".join([kinds[kind], words]) if words else kinds[kind]


def _words(kind: Kind, filters: Filters) -> str:
    """What is asked for: "tree; Stage: Idea; Technologies: Go, Python"."""
    if kind is not Kind.PROJECTS:
        return ", ".join(_help_label(*one) for one in filters)
    asked = {
        name: ", ".join(search.filter_labels(name, values))
        for name, values in MultiDict(filters).lists()
    }
    return "; ".join(
        words if name == "q" else f"{search.filter_title(name)}: {words}"
        for name, words in asked.items()
    )


def _help_label(name: str, value: str) -> str:
    if name == "effort":
        return fields.choice_label_of(fields.task_efforts(), value)
    field = {"area": "help_wanted", "action_field": "action_fields"}
    return fields.choice_label(field.get(name, name), value)


def with_args(endpoint: str, args: Filters, **values: Any) -> str:
    """A whole address in the language of the request."""
    base = tk.h.url_for(endpoint, qualified=True, **values)
    return f"{base}?{urlencode(args)}" if args else base

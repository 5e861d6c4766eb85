"""Makes docs/api.md of the docstrings of the actions: `make docs`."""

from __future__ import annotations

import dataclasses
import inspect
import textwrap
from collections import defaultdict
from itertools import groupby
from typing import TYPE_CHECKING, Any

from docutils import nodes
from docutils.frontend import get_default_settings
from docutils.parsers.rst import Parser, roles
from docutils.utils import new_document
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ckanext.digifarm.plugin import DigifarmPlugin
from dev import paths

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = paths.ROOT / "docs" / "api.md"
LAYOUT = "api.md.jinja"
PREFIX = "digifarm_"

#: The chapters, and how the names of their actions begin; where several fit,
#: the longest does.
SUBJECTS = {
    "Projects": ("project_", "picture_"),
    "Owners": ("owner_", "own_step_", "project_team", "waiting_"),
    "Links": (
        "link_",
        "links_",
        "dataset_list",
        "project_list",
        "data_use",
    ),
    "Successors": ("successor_",),
    "Partners": ("partner_",),
    "Support": ("support_", "match"),
    "Tasks": ("task_", "help_list"),
    "Upkeep": ("upkeep_", "issue_"),
    "Questions": ("question_",),
    "Confirmations": ("confirmation_", "achievement_"),
    "Proposals": ("proposal_", "review_", "license_check"),
    "Import": ("import_",),
    "Handover": ("handover_",),
    "Statistics": ("statistics",),
    "Notes": ("note_",),
    "Notifications": ("notice_",),
    "Mails": ("mail_",),
}

#: How a docstring says who may.
WHO = ("You must ", "Everybody may")

# Sphinx knows them, docutils doesn't. Local ones are found without a word.
for role in ("py:func", "py:meth"):
    literal: Any = roles.GenericRole(role, nodes.literal)
    roles.register_local_role(role, literal)


class Undocumented(Exception):  # noqa: N818 – it says what is wrong
    """A docstring lacks what the page needs."""


@dataclasses.dataclass
class Entry:
    """What a docstring says of an action, in Markdown."""

    name: str
    #: What stands before the fields, the summary first; and what after them.
    paragraphs: list[str] = dataclasses.field(default_factory=list)
    notes: list[str] = dataclasses.field(default_factory=list)
    #: By kind and argument: `:type id: string` is ["type"]["id"], and
    #: `:rtype: bool` is ["rtype"][""].
    fields: dict[str, dict[str, str]] = dataclasses.field(
        default_factory=lambda: defaultdict(lambda: defaultdict(str))
    )


def page() -> str:
    """Give the text of docs/api.md.

    :raises Undocumented: a docstring lacks something
    """
    # What the blankets add, types don't know of.
    plugin: Any = DigifarmPlugin()
    auth = plugin.get_auth_functions()
    entries = [
        read(name, action, auth[name])
        for name, action in plugin.get_actions().items()
        if name.startswith(PREFIX)
    ]
    order = list(SUBJECTS)
    entries.sort(key=lambda entry: (order.index(_subject(entry)), entry.name))
    layouts = Environment(
        loader=FileSystemLoader(paths.SOURCES),
        autoescape=False,  # noqa: S701 – Markdown
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
    layouts.filters |= {"cell": _cell, "wrapped": _wrapped}
    chapters = [(key, [*group]) for key, group in groupby(entries, _subject)]
    return layouts.get_template(LAYOUT).render(chapters=chapters)


def _subject(entry: Entry) -> str:
    name = entry.name.removeprefix(PREFIX)
    fitting = [
        (len(beginning), subject)
        for subject, beginnings in SUBJECTS.items()
        for beginning in beginnings
        if name.startswith(beginning)
    ]
    if not fitting:
        raise Undocumented(f"{entry.name} fits none of SUBJECTS")
    return max(fitting)[1]


def read(
    name: str, action: Callable[..., Any], auth: Callable[..., Any]
) -> Entry:
    """Read the docstring of an action.

    :param name: its name
    :param action: its function
    :param auth: its auth function
    :raises Undocumented: the docstring lacks something
    """
    entry = Entry(name)
    for block in _parsed(inspect.getdoc(action) or "").children:
        if isinstance(block, nodes.field_list):
            for field in block.children:
                _add_field(entry, *field.children)
        else:
            texts = entry.notes if entry.fields else entry.paragraphs
            texts.append(_markdown(block))
    if not entry.paragraphs:
        raise Undocumented(f"{name} has no docstring")
    if getattr(action, "side_effect_free", False):
        entry.paragraphs[0] += " *Only reads.*"
    if not any(who in text for text in entry.paragraphs for who in WHO):
        entry.paragraphs.insert(1, _everybody(entry, auth))
    return entry


def _parsed(docstring: str) -> nodes.document:
    settings = get_default_settings(Parser())
    settings.halt_level = 2  # warnings are errors
    document = new_document("docstring", settings)
    Parser().parse(docstring, document)
    return document


def _add_field(entry: Entry, name: nodes.Node, body: nodes.Node) -> None:
    kind, _, argument = name.astext().partition(" ")
    entry.fields[kind][argument] = _markdown(body)


def _everybody(entry: Entry, auth: Callable[..., Any]) -> str:
    """Say who may, where the docstring demands nothing.

    :raises Undocumented: not everybody may
    """
    if not getattr(auth, "auth_allow_anonymous_access", False):
        raise Undocumented(f'{entry.name} must say who may: "You must …"')
    refused = entry.fields["raises"].get("NotAuthorized")
    return f"Everybody may, except {refused}." if refused else "Everybody may."


def _markdown(node: nodes.Node) -> str:
    if isinstance(node, nodes.Text):
        return node.astext()
    if isinstance(node, nodes.literal | nodes.title_reference):
        text = node.astext()
        return f"[`{text}`](#{text})" if _is_action(text) else f"`{text}`"
    parts = (_markdown(child) for child in node.children)
    if isinstance(node, nodes.TextElement):
        return " ".join("".join(parts).split())
    return " ".join(parts)


def _is_action(text: str) -> bool:
    return text.startswith(PREFIX) and text.isidentifier()


def _cell(text: str) -> str:
    """Escape what would end a cell of a table."""
    return text.replace("|", r"\|")


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(
        text,
        79,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


if __name__ == "__main__":
    paths.replace(PAGE, page())

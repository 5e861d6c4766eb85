"""A project on one sheet of paper, for a notice board.

What stands on it is what everybody may read: somebody from a project's team
sees more on its page, and hangs up what all see. Texts are as long as there
is room for them; factsheet.css cuts what is wider than usual.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import ckantoolkit as tk

from .. import config
from ..config import PROJECT_TYPE
from ..lib import language, markdown
from ..lib.text import shortened
from ..projects import fields, stages
from . import previews

#: Of texts, in characters.
MOST_GAIN, MOST_ABOUT, MOST_HELP, MOST_LINE = 420, 620, 220, 100

#: So many datasets, supporters, and kinds of help, at most.
MOST_DATASETS, MOST_SUPPORTERS, MOST_HELPS = 4, 4, 4

#: So many tasks are named.
MOST_TASKS = 3

#: Up to so many characters are written bigger.
MOST_ROOMY = 420

#: How big a title is written, by how long it is, in characters.
SIZES = ((36, "short"), (80, "middle"))

CARE = "care"


@dataclass(frozen=True)
class Help:
    """What a project looks for.

    :param icon: from Font Awesome
    :param text: what exactly, or ""
    """

    icon: str
    label: str
    text: str


@dataclass(frozen=True)
class Names:
    """Some of what there is.

    :param named: in lines
    :param more: how many others there are, at least
    """

    named: list[str]
    more: int = 0


@dataclass(frozen=True)
class Sheet:
    """What stands on it; texts that a project doesn't have are ""."""

    title: str
    size: str
    summary: str
    gain: str
    about: str
    picture: str
    datasets: Names
    supporters: Names
    helps: list[Help]
    contact: str
    meeting: str
    address: str

    @property
    def is_roomy(self) -> bool:
        """Whether there is so little that it can be written bigger."""
        words = len(self.gain) + len(self.about) + len(self.summary)
        return words <= MOST_ROOMY and len(self.helps) <= MOST_HELPS / 2

    @property
    def short_address(self) -> str:
        """The address as people type it."""
        return self.address.partition("://")[2]


def of(project: dict[str, Any]) -> Sheet:
    """The fact sheet of a project."""
    title = project.get("title") or project["name"]
    picture = previews.picture_of(project)
    return Sheet(
        title=title,
        size=next((s for most, s in SIZES if len(title) <= most), "long"),
        summary=project.get("summary") or _instead(project),
        gain=_cut(project.get("public_value"), MOST_GAIN),
        about=_cut(markdown.extract(project.get("notes"), 0), MOST_ABOUT),
        picture=picture.address if picture else "",
        datasets=_datasets(project),
        supporters=_supporters(project),
        helps=_helps(project),
        contact=_contact(project),
        meeting=_meeting(project),
        address=address_of(project),
    )


def address_of(project: dict[str, Any]) -> str:
    """The address of a project's page, in the language that is spoken."""
    here = language.current()
    return tk.h.url_for(
        f"{PROJECT_TYPE}.read",
        id=project["name"],
        locale="default" if here == config.default_language() else here,
        qualified=True,
    )


def _datasets(project: dict[str, Any]) -> Names:
    found = tk.h.digifarm_linked(project)
    public = [one for one in found["results"] if previews.is_public(one)]
    return _names(
        (one.get("title") or one["name"] for one in public), MOST_DATASETS
    )


def _supporters(project: dict[str, Any]) -> Names:
    found = tk.h.digifarm_supports(project)
    return _names(
        map(_supporter, found.items if found else []), MOST_SUPPORTERS
    )


def _supporter(support: dict[str, Any]) -> str:
    if partner := support["partner"]:
        return partner["title"]
    return support["person"] or tk._("A private person")


def _helps(project: dict[str, Any]) -> list[Help]:
    helps = [
        Help(
            area["icon"],
            area["label"],
            _cut(markdown.extract(area["text"], 0), MOST_HELP),
        )
        for area in tk.h.digifarm_help_wanted(project)
    ]
    if stages.is_sought(project) and CARE not in stages.help_wanted(project):
        helps.append(
            Help(
                fields.choice_icon("help_wanted", CARE),
                fields.choice_label("help_wanted", CARE),
                tk._(
                    "The city looks for somebody who looks after this project"
                    " from now on."
                ),
            )
        )
    return [*helps, *_tasks(project)][:MOST_HELPS]


def _tasks(project: dict[str, Any]) -> list[Help]:
    if not stages.asks_now(project):
        return []
    found = tk.h.digifarm_tasks(project)
    titles = [
        task["title"]
        for task in (found.items if found else [])
        if task["state"] == "open"
    ]
    if not titles:
        return []
    words = " · ".join(titles[:MOST_TASKS])
    return [Help("list-check", tk._("Small tasks"), _cut(words, MOST_HELP))]


def _instead(project: dict[str, Any]) -> str:
    """What to say of a project that says nothing."""
    says = project.get("public_value") or project.get("notes")
    return "" if says else previews.one_of()


def _contact(project: dict[str, Any]) -> str:
    """Whom to ask; who finds no address here follows that of the page."""
    email = project.get("contact_email") or config.contact_email() or ""
    if len(email) > MOST_LINE:
        email = ""
    name = _cut(project.get("contact_name"), MOST_LINE)
    return ", ".join(filter(None, [name, email]))


def _meeting(project: dict[str, Any]) -> str:
    if stages.is_over(project.get("stage")):
        return ""
    return project.get("meeting") or ""


def _names(found: Iterable[str], most: int) -> Names:
    """Names of things, each once."""
    lines = [*dict.fromkeys(_cut(name, MOST_LINE) for name in found)]
    # One that is left out would need the line that says so.
    if len(lines) <= most:
        return Names(lines)
    return Names(lines[: most - 1], len(lines) - most + 1)


def _cut(text: str | None, most: int) -> str:
    return shortened(" ".join((text or "").split()), most)

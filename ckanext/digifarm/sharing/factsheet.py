"""A project on one sheet of paper, for a notice board.

What stands on it is what everybody may read: somebody from a project's team
sees more on its page, and hangs up what all see. Texts are as long as there
is room for them; factsheet.css cuts what is wider than usual.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import ckantoolkit as tk

from .. import config
from ..config import PROJECT_TYPE
from ..lib import language, markdown
from ..lib.text import shortened
from ..projects import fields, stages
from . import previews

#: Of texts, in characters: what usually has room, so that they end between
#: words. Beside names there is less, and where much help is wanted.
MOST_BESIDE, MOST_ALONE = 270, 500
MOST_OF_MANY, MOST_OF_FEW = 66, 132
MOST_NAME, MOST_LINE = 50, 125

#: Of an e-mail address: nobody types longer ones.
MOST_EMAIL = 100

#: A longer address is written smaller, in characters.
MOST_BIG = 90

#: Of so few kinds of help more is said.
FEW = 2

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
    :param more: how many others there are
    :param is_all: whether there are not even more
    """

    named: list[str]
    more: int
    is_all: bool


@dataclass(frozen=True)
class Sheet:
    """What stands on it; texts that a project doesn't have are "".

    :param asks: whether anybody can join in
    """

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
    email: str
    meeting: str
    address: str
    asks: bool

    @property
    def is_roomy(self) -> bool:
        """Whether there is so little that it can be written bigger."""
        words = len(self.gain) + len(self.about) + len(self.summary)
        return words <= MOST_ROOMY and len(self.helps) <= FEW

    @property
    def short_address(self) -> str:
        """The address as people type it."""
        return self.address.partition("://")[2]

    @property
    def is_long(self) -> bool:
        """Whether its address has more room if it is written smaller."""
        return len(self.short_address) > MOST_BIG


def of(project: dict[str, Any]) -> Sheet:
    """The fact sheet of a project."""
    title = project.get("title") or project["name"]
    picture = previews.picture_of(project)
    datasets, supporters = _datasets(project), _supporters(project)
    beside = datasets.named or supporters.named
    most = MOST_BESIDE if beside else MOST_ALONE
    return Sheet(
        title=title,
        size=next((s for most, s in SIZES if len(title) <= most), "long"),
        summary=project.get("summary") or _instead(project),
        gain=_cut(project.get("public_value"), most),
        about=_cut(markdown.extract(project.get("notes"), 0), most),
        picture=picture.address if picture else "",
        datasets=datasets,
        supporters=supporters,
        helps=_helps(project),
        contact=_cut(project.get("contact_name"), MOST_LINE),
        email=_email(project),
        meeting=_meeting(project),
        address=address_of(project),
        asks=stages.asks_now(project),
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
        (one.get("title") or one["name"] for one in public),
        MOST_DATASETS,
        is_all=found["count"] <= len(found["results"]),
    )


def _supporters(project: dict[str, Any]) -> Names:
    found = tk.h.digifarm_supports(project)
    supports = found.items if found else []
    return _names(
        map(_supporter, supports),
        MOST_SUPPORTERS,
        is_all=not found or found.item_count <= len(supports),
    )


def _supporter(support: dict[str, Any]) -> str:
    if partner := support["partner"]:
        return partner["title"]
    return support["person"] or tk._("A private person")


def _helps(project: dict[str, Any]) -> list[Help]:
    helps = [
        Help(area["icon"], area["label"], markdown.extract(area["text"], 0))
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
    shown = [*helps, *_tasks(project)][:MOST_HELPS]
    most = MOST_OF_FEW if len(shown) <= FEW else MOST_OF_MANY
    return [replace(help_, text=_cut(help_.text, most)) for help_ in shown]


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
    return [Help("list-check", tk._("Small tasks"), words)]


def _instead(project: dict[str, Any]) -> str:
    """What to say of a project that says nothing."""
    says = project.get("public_value") or project.get("notes")
    return "" if says else previews.one_of()


def _email(project: dict[str, Any]) -> str:
    """Whom to ask; who finds no address here follows that of the page."""
    email = project.get("contact_email") or config.contact_email() or ""
    return email if len(email) <= MOST_EMAIL else ""


def _meeting(project: dict[str, Any]) -> str:
    if stages.is_over(project.get("stage")):
        return ""
    return _cut(project.get("meeting"), MOST_LINE)


def _names(found: Iterable[str], most: int, *, is_all: bool) -> Names:
    """Names of things, each once.

    :param found: of those on the first page of their list
    :param is_all: whether these are all
    """
    names = [*dict.fromkeys(found)]
    # One that is left out would need the line that says so.
    shown = names if is_all and len(names) <= most else names[: most - 1]
    return Names(
        [_cut(name, MOST_NAME) for name in shown],
        len(names) - len(shown),
        is_all,
    )


def _cut(text: str | None, most: int) -> str:
    return shortened(" ".join((text or "").split()), most)

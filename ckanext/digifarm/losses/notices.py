"""The notices about data that projects need, and that is gone or changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..lib.dates import moment
from ..notices.kinds import Data, Kind, register
from . import words
from .comparing import MOVED, PRIVATE, PURGED, UNPUBLISHED

Steps = list[tuple[str, str]]

#: What a notice says of a project; the rest is about the dataset.
PROJECT = ("project", "project_name", "project_title", "relation")


def _text(data: Data) -> list[str]:
    """Since when, and what else has happened to it."""
    found = [_noticed(data)]
    losses = data["losses"]
    if MOVED in losses:
        found.append(_moved(data))
    if PRIVATE in losses:
        found.append(
            tk._(
                "Only people of the organization that publishes it can open it"
                " now."
            )
        )
    if UNPUBLISHED in losses:
        found.append(
            tk._(
                "It is a draft again: only those who edit it can open it now."
            )
        )
    if losses[0] == MOVED and (formats := words.formats(data)):
        found.append(
            tk._("It is no longer there as {format}.").format(format=formats)
        )
    return [*found, *_since_back(data)]


def _noticed(data: Data) -> str:
    words = tk._("We noticed it on {date}.")
    return words.format(date=moment(data["since"]))


def _since_back(data: Data) -> Iterable[str]:
    """That the alarm is called off, where it is."""
    if back := data.get("back"):
        said = tk._("It has been there again since {date}.")
        yield said.format(date=moment(back))


def _moved(data: Data) -> str:
    before, now = data["organization_title"], data["new_organization_title"]
    if before and now:
        words = tk._("It belonged to “{before}” and belongs to “{now}” now.")
    elif now:
        words = tk._("It belongs to “{now}” now.")
    elif before:
        words = tk._(
            "It belonged to “{before}” and belongs to no organization now."
        )
    else:
        words = tk._("It belongs to no organization now.")
    return words.format(before=before, now=now)


def _steps(data: Data) -> Steps:
    """What helps the projects now."""
    if data.get("back"):
        return _steps_of_returned(data)
    found = []
    if data["losses"][0] == MOVED or words.formats(data):
        found.append(_to_dataset(data))
    found += _to_projects(data)
    if data["losses"][0] != MOVED:
        address = tk.h.url_for(
            "dataset.search", q=data["dataset_title"], qualified=True
        )
        found.append((tk._("Look for another dataset"), address))
    return [*found, *_to_publisher(data)]


def _to_publisher(data: Data) -> Iterable[tuple[str, str]]:
    """Whom to ask, but for those who edit there themselves."""
    is_new = bool(data["new_organization"])
    prefix = "new_organization" if is_new else "organization"
    if not data[prefix] or data.get("is_own"):
        return
    said = (
        tk._("Ask “{organization}”, who has it now")
        if is_new
        else tk._("Ask “{organization}”, who published it")
    )
    yield (
        said.format(organization=data[f"{prefix}_title"]),
        _page("organization", data, prefix),
    )


def _text_of_new(data: Data) -> list[str]:
    back = _since_back(data)
    if data.get("is_named"):
        said = tk._(
            "Its publisher has named “{successor}” as what replaces it. Please"
            " see whether your project works with it, and use it instead."
        )
        named = said.format(successor=data["successor_title"])
        return [_noticed(data), named, *back]
    said = tk._(
        "The old entry was deleted; we noticed it on {date}. The data is"
        " there: please use the new entry “{successor}”, and link your"
        " project with it."
    ).format(date=moment(data["since"]), successor=data["successor_title"])
    return [said, *back]


def _steps_of_new(data: Data) -> Steps:
    if data.get("back"):
        return _steps_of_returned(data)
    if not data.get("is_named"):
        look = tk._("Look at the new entry")
        return [
            (look, _page("dataset", data, "successor")),
            *_to_projects(data),
        ]
    look = tk._("Look at “{title}”").format(title=data["successor_title"])
    # Where the old one is purged, there is no link left to move.
    said = (
        tk._("Link “{project}” with it")
        if PURGED in data["losses"]
        else tk._("Use the new one for “{project}”")
    )
    return [
        (look, _page("dataset", data, "successor")),
        *_to_projects(data, said),
    ]


def _text_of_returned(data: Data) -> list[str]:
    told = tk._("We had told you that it was gone or had changed.")
    if data["is_unlinked"]:
        again = tk._("The link with your project went with it.")
        return [told, again]
    return [told, tk._("You need not do anything.")]


def _steps_of_returned(data: Data) -> Steps:
    said = tk._("Link “{project}” with it") if data.get("is_unlinked") else ""
    return [_to_dataset(data), *_to_projects(data, said)]


def _to_dataset(data: Data) -> tuple[str, str]:
    return tk._("Look at the dataset"), _page("dataset", data)


def _to_projects(data: Data, said: str = "") -> Steps:
    """The steps that lead to the data of each project."""
    said = said or tk._("Look at which datasets “{project}” is linked with")
    return [
        (
            said.format(project=project["project_title"]),
            f"{_page(PROJECT_TYPE, project, 'project')}#links",
        )
        for project in words.projects(data)
    ]


def _page(kind: str, data: Data, prefix: str = "") -> str:
    prefix = prefix or kind
    name = data.get(f"{prefix}_name") or data[prefix]
    return tk.h.url_for(f"{kind}.read", id=name, qualified=True)


def _about(data: Data) -> str:
    """What is one entry of a mail, whatever the projects."""
    keys = ("dataset", "since", "losses", "successor", "is_own", "is_unlinked")
    return " ".join(str(data.get(key)) for key in keys)


def _together(found: list[Data]) -> Data:
    if len(found) == 1:
        return found[0]
    projects = [{key: data[key] for key in PROJECT} for data in found]
    projects.sort(key=lambda project: project["project_title"].casefold())
    return {**found[0], "projects": projects}


def _still(found: list[Data]) -> list[Data | None]:
    """What isn't back before its mail goes out."""
    return [None if data.get("back") else data for data in found]


_GROUPED: dict[str, Any] = {
    "is_urgent": True,
    "about": _about,
    "together": _together,
}

LOST = register(
    Kind(
        "data-lost",
        label=lambda: tk._(
            "Data that your projects need is gone or has changed"
        ),
        title=words.lost,
        text=_text,
        steps=_steps,
        left=_still,
        **_GROUPED,
    )
)

REPLACED = register(
    Kind(
        "data-created-anew",
        label=lambda: tk._(
            "Data that your projects need has a new entry or a successor"
        ),
        title=words.replaced,
        text=_text_of_new,
        steps=_steps_of_new,
        left=_still,
        **_GROUPED,
    )
)

RETURNED = register(
    Kind(
        "data-returned",
        label=lambda: tk._("Data that your projects need is there again"),
        title=words.returned,
        text=_text_of_returned,
        steps=_steps_of_returned,
        **_GROUPED,
    )
)

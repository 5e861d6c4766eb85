"""The notices about data that projects need, and that is gone."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..links.model import Relation
from ..notices.kinds import Data, Kind, register
from .comparing import DELETED, FORMAT, MOVED, PRIVATE, PURGED


def _title(data: Data) -> str:
    """What has happened, as far as the worst of it goes."""
    loss = data["losses"][0]
    uses = data["relation"] != Relation.PROVIDES.value
    if loss in (PURGED, DELETED):
        words = (
            tk._(
                "The dataset “{dataset}”, which “{project}” uses, has been"
                " deleted"
            )
            if uses
            else tk._(
                "The dataset “{dataset}”, which “{project}” provides, has been"
                " deleted"
            )
        )
    elif loss == PRIVATE:
        words = (
            tk._(
                "The dataset “{dataset}”, which “{project}” uses, is no longer"
                " public"
            )
            if uses
            else tk._(
                "The dataset “{dataset}”, which “{project}” provides, is no"
                " longer public"
            )
        )
    elif loss == MOVED:
        words = (
            tk._(
                "The dataset “{dataset}”, which “{project}” uses, has left its"
                " organization"
            )
            if uses
            else tk._(
                "The dataset “{dataset}”, which “{project}” provides, has"
                " left its organization"
            )
        )
    else:
        words = (
            tk._(
                "The dataset “{dataset}”, which “{project}” uses, is no longer"
                " there as {format}"
            )
            if uses
            else tk._(
                "The dataset “{dataset}”, which “{project}” provides, is no"
                " longer there as {format}"
            )
        )
    return words.format(**_values(data), format=_formats(data))


def _text(data: Data) -> list[str]:
    """Since when, and what else has happened to it."""
    when = tk.h.render_datetime(data["since"], with_hours=True)
    found = [tk._("We noticed it on {date}.").format(date=when)]
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
    if losses[0] == MOVED and (formats := _formats(data)):
        found.append(
            tk._("It is no longer there as {format}.").format(format=formats)
        )
    return found


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


def _steps(data: Data) -> list[tuple[str, str]]:
    """What helps the project now."""
    found = []
    if data["losses"][0] == MOVED or _formats(data):
        found.append(
            (tk._("Look at the dataset"), _page("dataset", data["dataset"]))
        )
    found += [
        _to_project(data),
        (
            tk._("Look for another dataset"),
            tk.h.url_for("dataset.search", qualified=True),
        ),
    ]
    asked = data["new_organization"] or data["organization"]
    if asked:
        title = data["new_organization_title"] or data["organization_title"]
        found.append(
            (
                (
                    tk._("Ask “{organization}”, who has it now")
                    if data["new_organization"]
                    else tk._("Ask “{organization}”, who published it")
                ).format(organization=title),
                _page("organization", asked),
            )
        )
    return found


def _title_of_new(data: Data) -> str:
    words = tk._(
        "There is a new entry of the dataset “{dataset}”, which “{project}”"
        " uses"
    )
    if data["relation"] == Relation.PROVIDES.value:
        words = tk._(
            "There is a new entry of the dataset “{dataset}”, which"
            " “{project}” provides"
        )
    return words.format(**_values(data))


def _text_of_new(data: Data) -> list[str]:
    when = tk.h.render_datetime(data["since"], with_hours=True)
    return [
        tk._(
            "The old entry was deleted; we noticed it on {date}. The data is"
            " there: please use the new entry “{successor}”, and link your"
            " project with it."
        ).format(date=when, successor=data["successor_title"])
    ]


def _steps_of_new(data: Data) -> list[tuple[str, str]]:
    return [
        (tk._("Look at the new entry"), _page("dataset", data["successor"])),
        _to_project(data),
    ]


def _to_project(data: Data) -> tuple[str, str]:
    words = tk._("Look at which datasets “{project}” is linked with")
    return (
        words.format(**_values(data)),
        _page("civic_project", data["project"]),
    )


def _values(data: Data) -> dict[str, Any]:
    return {
        "dataset": data["dataset_title"],
        "project": data["project_title"],
    }


def _formats(data: Data) -> str:
    """The formats that are gone, as people write them."""
    return ", ".join(
        _format(loss.removeprefix(FORMAT))
        for loss in data["losses"]
        if loss.startswith(FORMAT)
    )


def _format(folded: str) -> str:
    """As CKAN writes a format: “GeoJSON”; one that it doesn't know, large."""
    known = tk.h.unified_resource_format(folded)
    return folded.upper() if known == folded else known


def _page(kind: str, id_: str) -> str:
    return tk.h.url_for(f"{kind}.read", id=id_, qualified=True)


LOST = register(
    Kind(
        "data-lost",
        label=lambda: tk._("Data that your projects need is gone"),
        title=_title,
        text=_text,
        steps=_steps,
        is_urgent=True,
    )
)

REPLACED = register(
    Kind(
        "data-created-anew",
        label=lambda: tk._("Data that your projects need has a new entry"),
        title=_title_of_new,
        text=_text_of_new,
        steps=_steps_of_new,
        is_urgent=True,
    )
)

"""Tells a project's people of links that the data's publisher has removed."""

from __future__ import annotations

import ckantoolkit as tk

from ..lib import people
from ..lib.ckan import Context, model
from ..lib.events import Event
from ..lib.permissions import may_read
from ..notices import words
from ..notices.kinds import Data, Kind, register
from ..notices.telling import tell


def _title(data: Data) -> str:
    return tk._("“{title}” is no longer linked with a dataset").format(
        title=data["project"]["title"]
    )


def _text(data: Data) -> list[str]:
    said = (
        tk._(
            "The publisher of the dataset “{dataset}” has removed its link"
            " with your civic project “{title}”. Neither page shows the other"
            " one any more."
        )
        if data["dataset"]
        else tk._(
            "The publisher of a dataset has removed its link with your civic"
            " project “{title}”. Neither page shows the other one any more."
        )
    )
    dataset = data["dataset"] or {}
    found = [
        said.format(
            dataset=dataset.get("title", ""), title=data["project"]["title"]
        )
    ]
    # It is kept in one place, to be forgotten there.
    if reason := Event.reason_of(data["event"]):
        found += [tk._("The reason:"), words.quoted(reason)]
    return [*found, _next(data.get("publisher"))]


def _next(publisher: Data | None) -> str:
    said = (
        tk._(
            "If that is a mistake, please talk to the publisher,"
            " “{publisher}”. You can link datasets on the page of the project."
        )
        if publisher
        else tk._(
            "If that is a mistake, please talk to the publisher. You can link"
            " datasets on the page of the project."
        )
    )
    return said.format(publisher=publisher["title"] if publisher else "")


def _steps(data: Data) -> list[tuple[str, str]]:
    found = words.see_project(data)
    if data["dataset"]:
        address = tk.h.url_for(
            "dataset.read", id=data["dataset"]["name"], qualified=True
        )
        found.append((tk._("Look at the dataset"), address))
    if publisher := data.get("publisher"):
        address = tk.h.url_for(
            "organization.about", id=publisher["name"], qualified=True
        )
        label = tk._("Ask “{publisher}”").format(publisher=publisher["title"])
        found.append((label, address))
    return found


REMOVED = register(
    Kind(
        "link-removed",
        label=lambda: tk._("Links that publishers remove from your projects"),
        title=_title,
        text=_text,
        steps=_steps,
        is_urgent=True,
    )
)


def tell_removed(
    project: model.Package,
    dataset: model.Package,
    event: str,
    remover: str | None,
) -> None:
    """Tell a project's people of a link that is gone; commits nothing.

    :param project: whose link it was
    :param dataset: that it was linked with; who may not read it learns only
        that it is one
    :param event: id of the event, which has the reason
    :param remover: id of their account: they need not be told
    """
    if project.state != model.State.ACTIVE:
        return
    team = [u for u in people.of_project(project) if u.id != remover]
    is_open = dataset.state == model.State.ACTIVE and not dataset.private
    readers = team if is_open else [u for u in team if _may_read(u, dataset)]
    others = [user for user in team if user not in readers]
    for users, known in ((readers, dataset), (others, None)):
        tell(
            REMOVED,
            users,
            event,
            package_ids=[one.id for one in (project, known) if one],
            data={
                "project": words.package(project),
                "dataset": words.package(known) if known else None,
                "publisher": _publisher(known) if known else None,
                "event": event,
            },
        )


def _publisher(dataset: model.Package) -> Data | None:
    found = people.organization(dataset.owner_org)
    if found is None:
        return None
    return {"name": found.name, "title": found.title or found.name}


def _may_read(user: model.User, package: model.Package) -> bool:
    return may_read(Context(user=user.name, auth_user_obj=user), package.id)

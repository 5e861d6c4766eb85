"""Tells those who look after a project what others have changed of it.

By whichever way: the form, the API, an import. Among themselves they know.
"""

from __future__ import annotations

import ckantoolkit as tk
import sqlalchemy as sa

from ckan.plugins import plugin_loaded

from ..lib import clock, people
from ..lib.acting import is_portal, who
from ..lib.actors import Actor
from ..lib.ckan import model
from ..notices import words
from ..notices.kinds import Data, Kind, register
from ..notices.telling import tell
from ..projects import fields
from ..proposals.model import OPEN_STATES, Proposal


def _title(data: Data) -> str:
    labels = words.named(_labels(data["fields"]))
    news = tk._("others have changed {fields}")
    return words.of_project(data, [news.format(fields=words.titles(labels))])


def _labels(names: list[str]) -> list[str]:
    """What people call some fields, in the order of the form."""
    order = [field["field_name"] for field in fields.fields()]
    known = [name for name in order if name in names]
    rest = sorted({*names} - {*known})
    return [_label(name) for name in [*known, *rest]]


def _label(name: str) -> str:
    """What people call a field, or what tables have instead of one."""
    column = fields.table_columns().get(name)
    return fields.text(column["label"]) if column else fields.label(name)


def _steps(data: Data) -> list[tuple[str, str]]:
    # Core's stream shows nothing that the portal's account has done.
    if data["is_by_portal"] or not plugin_loaded("activity"):
        return words.see_project(data)
    address = tk.h.url_for(
        "activity.package_activity", id=data["project"]["name"], qualified=True
    )
    return [
        *words.see_project(data),
        (tk._("See who has changed what"), address),
    ]


def _together(found: list[Data]) -> Data:
    every = {name for data in found for name in data["fields"]}
    return {**found[0], "fields": sorted(every)}


def _left(found: list[Data]) -> list[Data | None]:
    """The projects that are still there."""
    package = model.package_table.c
    ids = {words.project_id(data) for data in found}
    query = sa.select(package.id).where(
        package.id.in_(ids), package.state == model.State.ACTIVE
    )
    there = {*model.Session.scalars(query)}
    return [
        data if words.project_id(data) in there else None for data in found
    ]


EDITED = register(
    Kind(
        "edited-by-others",
        lambda: tk._("What others change in your projects"),
        _title,
        steps=_steps,
        about=words.project_id,
        together=_together,
        left=_left,
    )
)


def tell_edited(
    project: model.Package, changed: list[str], organization_id: str | None
) -> None:
    """Tell a project's people what somebody else has edited; commits nothing.

    The same fields are told once an hour, however often they change. Who gets
    the project by that has a mail; see `moves/`.

    :param changed: names of the fields
    :param organization_id: the organisation that had it until now
    """
    team, by = people.looking_after(project.id, organization_id), who()
    # By the account of the portal, whoever runs a command acts.
    is_by_portal = by.actor is Actor.PORTAL
    is_theirs = not is_by_portal and by.user_id in {user.id for user in team}
    # Of a proposal that waits, reviewers see what is new when they decide.
    if is_theirs or Proposal.of_project(project.id, OPEN_STATES):
        return
    tell(
        EDITED,
        [user for user in team if not is_portal(user)],
        " ".join([project.id, f"{clock.now():%F %H}", *sorted(changed)]),
        package_ids=[project.id],
        data={
            "project": words.package(project),
            "fields": changed,
            "is_by_portal": is_by_portal,
        },
    )

"""Tells those who were alarmed that data is there again.

Not at once: some harvesters take things away and put them back time and again.
What is so still at a second look is told. Until then each notice keeps in
`again` when it was seen, and from then on in `back`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from ..lib import clock
from ..lib.ckan import model
from ..links.model import Link
from ..notices.kinds import Data
from ..notices.model import Notice
from ..notices.telling import Telling, tell_all
from . import alarms, looking, telling
from .comparing import (
    MOVED,
    OUT_OF_SIGHT,
    PRIVATE,
    PURGED,
    SECOND_LOOK,
    Dataset,
    is_back,
)
from .notices import RETURNED

#: What a notice says by which it is known whether the data is back.
FACTS = ("losses", "private", "owner_org", "again")


def waiting() -> list[str]:
    """Ids of datasets that are back, or no longer; one SQL statement."""
    told = (
        sa.select(
            alarms.about.label("dataset_id"),
            *(Notice.data[fact].label(fact) for fact in FACTS),
        )
        .where(*alarms.still_on())
        .distinct()
        .subquery("told")
    )
    found = looking.found(told.c.dataset_id)
    query = (
        sa.select(told, found)
        .select_from(told)
        .outerjoin(found, sa.true())
        .order_by(told.c.dataset_id)
    )
    at = clock.now()
    return [
        *dict.fromkeys(
            row.dataset_id
            for row in model.Session.execute(query)
            if _is_due(row._asdict(), looking.dataset_of(row), at)
        )
    ]


def follow(dataset_id: str) -> None:
    """Note that a dataset is back, or tell it; commits nothing.

    :param dataset_id: as `waiting` gives it
    """
    query = (
        sa.select(Notice)
        .where(*alarms.still_on(), alarms.about == dataset_id)
        .order_by(Notice.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    notices = model.Session.scalars(query).all()
    now, at = looking.at(dataset_id), clock.now()
    due = [one for one in notices if _is_due(one.data, now, at)]
    gone = [one for one in due if not _is_back(one.data, now)]
    first = [
        one for one in due if one not in gone and not one.data.get("again")
    ]
    told = [one for one in due if one not in gone and one.data.get("again")]
    _note(gone, Notice.data - "again")
    _note(first, _with("again", at))
    if now and told:
        _tell(now, told)
        _note(told, _with("back", at))


def _is_due(data: Data, now: Dataset | None, at: datetime) -> bool:
    """Whether there is something to note, or to tell."""
    again = data.get("again")
    if not _is_back(data, now):
        return bool(again)
    return not again or at - datetime.fromisoformat(again) >= SECOND_LOOK


def _is_back(data: Data, now: Dataset | None) -> bool:
    return is_back(data["losses"], data, now)


def _with(key: str, at: datetime) -> sa.ColumnElement[Any]:
    return Notice.data.op("||")(sa.cast({key: at.isoformat()}, JSONB))


def _note(notices: Collection[Notice], data: sa.ColumnElement[Any]) -> None:
    """Write something into notices; one SQL statement."""
    if notices:
        ids = [notice.id for notice in notices]
        model.Session.execute(
            sa.update(Notice)
            .where(Notice.id.in_(ids))
            .values(data=data)
            .execution_options(synchronize_session=False)
        )


def _tell(now: Dataset, notices: Iterable[Notice]) -> None:
    """Tell those whom a mail has alarmed, once for each project.

    A mail that hasn't gone out yet is left out then, and who wants no mails
    of alarms sees on their page that it is back.
    """
    told: dict[str, list[Notice]] = {}
    for notice in notices:
        if notice.sent:
            told.setdefault(notice.data["project"], []).append(notice)
    linked = _linked(now.id)
    users = _users(notice.user_id for each in told.values() for notice in each)
    tell_all(
        Telling(
            RETURNED,
            [users[one.user_id] for one in told[project.id]],
            f"{project.id} {now.id} {data['since']}",
            package_ids=[project.id, *([now.id] if now.private else [])],
            data={
                **data,
                **telling.about_project(project, data["relation"]),
                "is_unlinked": project.id not in linked,
            },
        )
        for project in telling.concerned(told)
        # Who has removed the link needs it no longer.
        if (data := _said(now, told[project.id]))
        and (project.id in linked or PURGED in data["losses"])
    )


def _said(now: Dataset, notices: list[Notice]) -> Data:
    """What a notice says of what is back."""
    last = max(notices, key=lambda notice: notice.data["since"]).data
    lost = {loss for notice in notices for loss in notice.data["losses"]}
    return {
        "dataset": now.id,
        "dataset_name": now.name,
        "dataset_title": last["dataset_title"],
        "losses": sorted(lost, key=_weight),
        "since": last["since"],
        "relation": last["relation"],
    }


def _weight(loss: str) -> tuple[int, str]:
    """The worst of all that was told comes first."""
    order = (*OUT_OF_SIGHT, PRIVATE, MOVED)
    return order.index(loss) if loss in order else len(order), loss


def _linked(dataset_id: str) -> set[str]:
    query = sa.select(Link.project_id).where(Link.dataset_id == dataset_id)
    return {*model.Session.scalars(query)}


def _users(ids: Iterable[str]) -> dict[str, model.User]:
    query = sa.select(model.User).where(model.User.id.in_({*ids}))
    return {user.id: user for user in model.Session.scalars(query)}

"""Tells both sides what is linked, and what is linked no longer."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by, array

from ..config import PROJECT_TYPE
from ..lib import people
from ..lib.actors import Actor
from ..lib.ckan import model
from ..lib.events import Change, Subject
from ..notices import gathering, words
from ..notices.kinds import Data, Kind
from .model import Link


def of_datasets(unread: sa.CTE) -> sa.Select[Any]:
    """Tell those who edit for the organisations of the datasets.

    What is private is told once everybody may read it. Who looks after the
    project, too, is told of it as such.
    """
    editors = people.editors().subquery()
    teams = _teams(unread)
    return _told(
        unread,
        editors,
        lambda _, dataset: editors.c.organization_id == dataset.c.owner_org,
        lambda project, _: (
            project.c.private.is_(False)
            & ~sa.exists().where(
                teams.c.project_id == project.c.id,
                teams.c.user_id == editors.c.user_id,
            )
        ),
    )


def of_projects(unread: sa.CTE) -> sa.Select[Any]:
    """Tell those who look after the projects."""
    teams = _teams(unread)
    return _told(
        unread,
        teams,
        lambda project, _: teams.c.project_id == project.c.id,
        lambda _, dataset: dataset.c.private.is_(False),
        for_projects=True,
    )


def _teams(unread: sa.CTE) -> sa.Subquery:
    """Who looks after the projects of which there is something to tell."""
    return people.teams(sa.select(unread.c.project_id)).subquery()


def _told(
    unread: sa.CTE,
    readers: sa.Subquery,
    are_theirs: Any,
    is_open: Any,
    *,
    for_projects: bool = False,
) -> sa.Select[Any]:
    """A notice for each project, dataset and reader.

    :param readers: who is told, as `user_id`
    :param are_theirs: which of them, given project and dataset
    :param is_open: whether they may read the other side
    :param for_projects: see `_changes`
    """
    changed = _changes(unread, for_projects=for_projects).subquery()
    project, dataset = (sa.alias(model.package_table) for _ in "12")
    ids = array([dataset.c.id, project.c.id])
    return (
        sa.select(
            readers.c.user_id,
            sa.func.concat(
                project.c.id, " ", dataset.c.id, " ", changed.c.number
            ).label("key"),
            ids.label("package_ids"),
            sa.func.jsonb_build_object(
                "project",
                gathering.package(project),
                "dataset",
                gathering.package(dataset),
                "is_made",
                changed.c.is_made,
                "number",
                changed.c.number,
            ).label("data"),
        )
        .select_from(changed)
        .join(project, project.c.id == changed.c.project_id)
        .join(dataset, dataset.c.id == changed.c.dataset_id)
        .join(readers, are_theirs(project, dataset))
        .where(
            project.c.type == PROJECT_TYPE,
            project.c.state == model.State.ACTIVE,
            dataset.c.state == model.State.ACTIVE,
            changed.c.by.is_distinct_from(readers.c.user_id),
            is_open(project, dataset),
        )
    )


def _changes(unread: sa.CTE, *, for_projects: bool) -> sa.Select[Any]:
    """What is different in the end: made and removed again is nothing.

    A project that everybody may read from now on brings its links along.

    :param for_projects: whether those are told who look after the projects:
        they hear at once of what a publisher removes, or lets move
    """
    event = unread.c
    is_told = sa.and_(
        event.action == Change.REMOVED.value,
        event.actor == Actor.DATASET.value,
    ) | (event.actor == Actor.PORTAL.value)
    linked = sa.select(
        event.project_id,
        event.data["dataset"].astext.label("dataset_id"),
        (event.action == Change.CREATED.value).label("is_made"),
        event.created_by.label("by"),
        event.number,
        is_told.label("is_told"),
    ).where(
        event.subject == Subject.LINK.value,
        event.action.in_([Change.CREATED.value, Change.REMOVED.value]),
    )
    shown = (
        sa.select(
            event.project_id,
            Link.dataset_id,
            sa.true().label("is_made"),
            event.created_by.label("by"),
            event.number,
            sa.false().label("is_told"),
        )
        .join(Link, Link.project_id == event.project_id)
        .where(
            event.subject == Subject.PROJECT.value,
            event.action == Change.PUBLISHED.value,
        )
    )
    every = sa.union_all(linked, shown).subquery().c

    is_made = _first(every.is_made, every.number.desc(), sa.Boolean)
    was_made = _first(every.is_made, every.number.asc(), sa.Boolean)
    return (
        sa.select(
            every.project_id,
            every.dataset_id,
            is_made.label("is_made"),
            _first(every.by, every.number.desc(), sa.UnicodeText).label("by"),
            sa.func.max(every.number).label("number"),
        )
        .group_by(every.project_id, every.dataset_id)
        .having(
            is_made == was_made,
            ~_first(every.is_told, every.number.desc(), sa.Boolean)
            if for_projects
            else sa.true(),
        )
    )


def _first(column: Any, order: Any, kind: Any) -> Any:
    """The first value of a group in some order."""
    values = aggregate_order_by(column, order)
    return sa.func.array_agg(values, type_=ARRAY(kind))[1]


def _title(data: Data) -> str:
    made, removed = data["made"], data["removed"]
    news = []
    if made["count"]:
        news.append(
            tk.ungettext(
                "linked with the dataset {titles}",
                "linked with {num} datasets: {titles}",
                made["count"],
            ).format(num=made["count"], titles=words.titles(made))
        )
    if removed["count"]:
        news.append(
            tk.ungettext(
                "no longer linked with the dataset {titles}",
                "no longer linked with {num} datasets: {titles}",
                removed["count"],
            ).format(num=removed["count"], titles=words.titles(removed))
        )
    return words.of_project(data, news) if news else ""


def _together(found: list[Data]) -> Data:
    """What is different in the end, of one project."""
    steps: dict[str, list[Data]] = {}
    for data in sorted(found, key=lambda data: data["number"]):
        steps.setdefault(data["dataset"]["id"], []).append(data)
    # Made and removed again is nothing, and so is the other way round.
    lasting = [
        of_one[-1]
        for of_one in steps.values()
        if of_one[0]["is_made"] == of_one[-1]["is_made"]
    ]
    return {
        "project": found[0]["project"],
        **{
            name: words.named(
                data["dataset"]["title"]
                for data in lasting
                if data["is_made"] is is_made
            )
            for name, is_made in (("made", True), ("removed", False))
        },
    }


def _left(found: list[Data]) -> list[Data | None]:
    """What is so still: of what was undone since, others have told."""
    pairs = [(data["project"]["id"], data["dataset"]["id"]) for data in found]
    key = sa.tuple_(Link.project_id, Link.dataset_id)
    query = sa.select(Link.project_id, Link.dataset_id).where(key.in_(pairs))
    linked = {row.tuple() for row in model.Session.execute(query)}
    # The last word on each of them.
    by_number = sorted(
        zip(pairs, found, strict=True), key=lambda pair: pair[1]["number"]
    )
    is_made = {pair: data["is_made"] for pair, data in by_number}
    return [
        data if is_made[pair] == (pair in linked) else None
        for pair, data in zip(pairs, found, strict=True)
    ]


def _kind(name: str, label: Any) -> Kind:
    return Kind(
        name,
        label,
        _title,
        steps=words.see_project,
        about=words.project_id,
        together=_together,
        left=_left,
    )


gathering.gather_by(
    _kind(
        "links-of-projects", lambda: tk._("Datasets that your projects use")
    ),
    of_projects,
)
gathering.gather_by(
    _kind(
        "links-of-datasets",
        lambda: tk._("Projects that use your organisation’s datasets"),
    ),
    of_datasets,
)

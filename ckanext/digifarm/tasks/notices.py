"""Tells of new tasks, and of help that is wanted, in what people follow.

They follow projects, groups and organisations by CKAN's own buttons. Of what
projects say themselves, CKAN's own mails tell those who want these mails.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, array

from ckan.plugins import plugin_loaded

from ..lib.ckan import model
from ..lib.events import Change, Event, Subject
from ..notices import gathering, words
from ..notices.kinds import Data, Kind
from ..projects import fields, stages
from ..projects.public import is_public
from .model import Task, TaskState


def followed(unread: sa.CTE) -> sa.Select[Any]:
    """Tell those who follow a project, its organisation or its groups."""
    wanted = _wanted(unread).subquery()
    project = sa.alias(model.package_table)
    followers = _followers(sa.select(wanted.c.project_id)).subquery()
    user = sa.alias(model.user_table)
    texts = ARRAY(sa.UnicodeText)
    task_ids, areas = (
        sa.func.array_agg(sa.distinct(column)).filter(column.is_not(None))
        for column in (wanted.c.task_id, wanted.c.area)
    )
    return (
        sa.select(
            followers.c.user_id,
            sa.func.concat(
                project.c.id, " ", sa.func.max(wanted.c.number)
            ).label("key"),
            array([project.c.id]).label("package_ids"),
            sa.func.jsonb_build_object(
                "project",
                gathering.package(project),
                "tasks",
                gathering.titles(wanted.c.task, wanted.c.task.is_not(None)),
                "task_ids",
                sa.func.coalesce(task_ids, sa.cast([], texts)),
                "areas",
                sa.func.coalesce(areas, sa.cast([], texts)),
            ).label("data"),
        )
        .select_from(wanted)
        .join(project, project.c.id == wanted.c.project_id)
        .join(followers, followers.c.project_id == project.c.id)
        .join(user, user.c.id == followers.c.user_id)
        .where(
            is_public(project.c),
            wanted.c.by.is_distinct_from(followers.c.user_id),
            wanted.c.area.is_(None) | ~_is_told_by_core(user),
        )
        .group_by(
            followers.c.user_id, project.c.id, project.c.name, project.c.title
        )
    )


def _wanted(unread: sa.CTE) -> sa.CompoundSelect[Any]:
    """New tasks that are still open, and new areas of help."""
    event = unread.c
    of_tasks = (
        sa.select(
            event.project_id,
            Task.id.label("task_id"),
            Task.title.label("task"),
            sa.null().cast(sa.UnicodeText).label("area"),
            event.created_by.label("by"),
            event.number,
        )
        .join(Task, Task.id == event.subject_id)
        .where(
            event.subject == Subject.TASK.value,
            event.source.is_(None),
            Task.state == TaskState.OPEN.value,
        )
    )
    closed = sa.alias(Event.__table__)
    of_help = sa.select(
        event.project_id,
        sa.null().cast(sa.UnicodeText),
        sa.null().cast(sa.UnicodeText),
        event.data["area"].astext,
        event.created_by,
        event.number,
    ).where(
        event.subject == Subject.PROJECT.value,
        event.action == Change.HELP_OPENED.value,
        # It may be wanted no longer.
        ~sa.exists().where(
            closed.c.project_id == event.project_id,
            closed.c.action == Change.HELP_CLOSED.value,
            closed.c.data["area"].astext == event.data["area"].astext,
            closed.c.number > event.number,
        ),
    )
    return sa.union_all(of_tasks, of_help)


def _followers(project_ids: sa.Select[Any]) -> sa.CompoundSelect[Any]:
    """Who follows which project; who does so in several ways is one.

    :param project_ids: a query for the ids of the projects
    """
    package, member = model.package_table.c, model.Member
    of_dataset, of_group = model.UserFollowingDataset, model.UserFollowingGroup
    return sa.union(
        sa.select(
            of_dataset.object_id.label("project_id"),
            of_dataset.follower_id.label("user_id"),
        ).where(of_dataset.object_id.in_(project_ids)),
        sa.select(package.id, of_group.follower_id)
        .join(of_group, of_group.object_id == package.owner_org)
        .where(package.id.in_(project_ids)),
        sa.select(member.table_id, of_group.follower_id)
        .join(of_group, of_group.object_id == member.group_id)
        .where(
            member.table_id.in_(project_ids),
            member.table_name == "package",
            member.state == model.State.ACTIVE,
        ),
    )


def _is_told_by_core(user: Any) -> sa.ColumnElement[bool]:
    """Whether CKAN writes to a user that a project says something new."""
    is_on = (
        plugin_loaded("activity")
        and tk.config["ckan.activity_streams_email_notifications"]
    )
    return sa.and_(
        sa.literal(bool(is_on)),
        user.c.activity_streams_email_notifications.is_(True),
    )


def _title(data: Data) -> str:
    tasks, areas = data["tasks"], data["areas"]
    news = []
    if tasks["count"]:
        news.append(
            tk.ungettext(
                "new task {titles}",
                "{num} new tasks: {titles}",
                tasks["count"],
            ).format(num=tasks["count"], titles=words.titles(tasks))
        )
    if areas:
        labels = [fields.choice_label("help_wanted", area) for area in areas]
        news.append(
            tk._("looks for help: {areas}").format(areas=", ".join(labels))
        )
    return words.of_project(data, news)


def _steps(data: Data) -> list[tuple[str, str]]:
    address = tk.h.url_for(
        "digifarm_tasks.project", id=data["project"]["name"], qualified=True
    )
    if data["tasks"]["count"]:
        return [(tk._("See its tasks"), address)]
    return words.see_project(data)


def _together(found: list[Data]) -> Data:
    areas = [area for data in found for area in data["areas"]]
    return {
        **found[0],
        "tasks": gathering.add_up(found, "tasks"),
        "areas": [*dict.fromkeys(areas)],
    }


def _left(found: list[Data]) -> list[Data | None]:
    """The tasks that are still open, and the help that is still wanted."""
    ids = [id_ for data in found for id_ in data["task_ids"]]
    query = sa.select(Task.id, Task.title).where(
        Task.id.in_(ids), Task.state == TaskState.OPEN.value
    )
    tasks = {row.id: row.title for row in model.Session.execute(query)}
    areas = _areas({words.project_id(data) for data in found})
    return [
        _left_of(data, tasks, areas[id_])
        if (id_ := words.project_id(data)) in areas
        else None
        for data in found
    ]


def _left_of(
    data: Data, tasks: Mapping[str, str], areas: Collection[str]
) -> Data | None:
    open_ids = [id_ for id_ in data["task_ids"] if id_ in tasks]
    wanted = [area for area in data["areas"] if area in areas]
    if not (open_ids or wanted):
        return None
    if len(open_ids) == len(data["task_ids"]):
        return {**data, "areas": wanted}
    titles = words.named(sorted(tasks[id_] for id_ in open_ids))
    return {**data, "task_ids": open_ids, "tasks": titles, "areas": wanted}


def _areas(project_ids: Collection[str]) -> dict[str, list[str]]:
    """In which areas some projects look for help, if they ask for any now."""
    query = sa.select(model.Package).where(model.Package.id.in_(project_ids))
    return {
        project.id: _wanted_areas(project)
        for project in model.Session.scalars(query)
        if stages.asks(project.extras.get("stage"))
    }


def _wanted_areas(project: model.Package) -> list[str]:
    wanted = project.extras.get("help_wanted")
    return fields.values("help_wanted", wanted) if wanted else []


gathering.gather_by(
    Kind(
        "followed-help",
        lambda: tk._("New tasks and help wanted in what you follow"),
        _title,
        steps=_steps,
        about=words.project_id,
        together=_together,
        left=_left,
    ),
    followed,
)

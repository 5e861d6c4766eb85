"""Tells of new tasks, and of help that is wanted, in what people follow.

They follow projects, groups and organisations by CKAN's own buttons. Of what
projects say themselves, CKAN's own mails tell those who want these mails.
"""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, array

from ckan.plugins import plugin_loaded

from ..config import PROJECT_TYPE
from ..lib.ckan import model
from ..lib.events import Change, Event, Subject
from ..notices import gathering, words
from ..notices.kinds import Data, Kind
from ..projects import fields
from .model import Task, TaskState


def followed(unread: sa.CTE) -> sa.Select[Any]:
    """Tell those who follow a project, its organisation or its groups."""
    wanted = _wanted(unread).subquery()
    project = sa.alias(model.package_table)
    followers = _followers(sa.select(wanted.c.project_id)).subquery()
    user = sa.alias(model.user_table)
    areas = sa.func.array_agg(sa.distinct(wanted.c.area)).filter(
        wanted.c.area.is_not(None)
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
                "areas",
                sa.func.coalesce(areas, sa.cast([], ARRAY(sa.UnicodeText))),
            ).label("data"),
        )
        .select_from(wanted)
        .join(project, project.c.id == wanted.c.project_id)
        .join(followers, followers.c.project_id == project.c.id)
        .join(user, user.c.id == followers.c.user_id)
        .where(
            project.c.type == PROJECT_TYPE,
            project.c.state == model.State.ACTIVE,
            project.c.private.is_(False),
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


gathering.gather_by(
    Kind(
        "followed-help",
        lambda: tk._("New tasks and help wanted in what you follow"),
        _title,
        steps=_steps,
        about=words.project_id,
        together=_together,
    ),
    followed,
)

"""Which tasks are open to everybody, and what they need."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from ..lib.ckan import model
from .model import Task, TaskState


def is_open(skill: str, effort: str) -> tuple[sa.ColumnElement[bool], ...]:
    """Whether a task is open, and passes the filters that are not empty.

    :param skill: what one can do, in any spelling of case
    :param effort: how much work it is
    """
    conditions = [Task.state == TaskState.OPEN.value]
    if skill:
        conditions.append(Task.folded_skills.contains([skill.lower()]))
    if effort:
        conditions.append(Task.effort == effort)
    return tuple(conditions)


def projects(
    conditions: Sequence[sa.ColumnElement[bool]],
    most: int,
    *,
    with_help_wanted: bool,
) -> list[str]:
    """Ids of the projects of some tasks, the newest tasks' first.

    One SQL statement. There may be projects among them that nobody may see.

    :param conditions: as `is_open` gives them
    :param most: how many at most
    :param with_help_wanted: whether those count, too, that look for help in
        an area
    """
    query = sa.select(Task.project_id)
    if not with_help_wanted:
        sought = model.package_table.c.extras["help_wanted"].astext
        query = query.join(
            model.Package, model.Package.id == Task.project_id
        ).where(sa.func.coalesce(sought, "").in_(("", "[]")))
    query = (
        query.where(*conditions)
        .group_by(Task.project_id)
        .order_by(sa.func.max(Task.modified).desc(), Task.project_id)
        .limit(most)
    )
    return list(model.Session.scalars(query))


def skills(project_type: str, most: int) -> list[str]:
    """What the newest open tasks of public projects need, each word once.

    One SQL statement.

    :param project_type: type of the packages that are projects
    :param most: how many tasks are looked at
    """
    package = model.package_table.c
    newest = (
        sa.select(Task.skills)
        .join(model.Package, package.id == Task.project_id)
        .where(
            Task.state == TaskState.OPEN.value,
            package.type == project_type,
            package.state == model.State.ACTIVE,
            package.private.is_(False),
        )
        .order_by(Task.modified.desc())
        .limit(most)
        .subquery()
    )
    words = sa.select(sa.func.unnest(newest.c.skills).label("word")).subquery()
    folded = sa.func.lower(words.c.word)
    query = (
        sa.select(sa.func.max(words.c.word)).group_by(folded).order_by(folded)
    )
    return sorted(model.Session.scalars(query), key=str.casefold)


def first_of_each(
    project_ids: Sequence[str],
    conditions: Sequence[sa.ColumnElement[bool]],
    most: int,
) -> list[Task]:
    """Some tasks of each of some projects, in its order; one SQL statement.

    :param conditions: as `is_open` gives them
    :param most: how many of each project at most
    """
    order = (Task.position, Task.created, Task.id)
    numbered = (
        sa.select(
            Task.id,
            sa.func.row_number()
            .over(partition_by=Task.project_id, order_by=order)
            .label("number"),
        )
        .where(Task.project_id.in_(project_ids), *conditions)
        .subquery()
    )
    query = (
        sa.select(Task)
        .join(numbered, numbered.c.id == Task.id)
        .where(numbered.c.number <= most)
        .order_by(*order)
    )
    return list(model.Session.scalars(query))

"""Which tasks are open to everybody, and what they need.

A task is found by what it needs itself, and by what its project is about.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from ..lib.ckan import model
from ..lib.counting import part_of_found
from ..lib.events import Change, Event, Subject
from ..projects import fields, stages
from ..projects.model import CHOICES, choices_in
from ..projects.public import is_public
from . import schema
from .model import Task, TaskState

#: So many of the newest tasks that pass the filters are found, and counted.
MOST = 500

#: Among so many at most: whether their projects fit takes a look at each.
LOOKED_AT = 2000

#: A filter that no more projects pass finds the tasks of all of these.
FEW = 100

#: The filters that are fields of the project, by their names.
PROJECT_FIELDS = {"area": "help_wanted", "action_field": "action_fields"}

#: Those that are fields of the task.
TASK_FIELDS = ("skill", "effort")

Condition = sa.ColumnElement[bool]
Found = sa.Select[tuple[str]]


def found(asked: Mapping[str, str], most: int = MOST) -> Found:
    """A query for the ids of open tasks, the newest first.

    :param asked: the filters, each may be ""; skills in any spelling of case
    :param most: how many are looked for
    """
    newest = _newest(asked).limit(min(most, MOST)).subquery()
    return sa.select(newest.c.id).order_by(*_in_time(newest.c))


def count(asked: Mapping[str, str]) -> int:
    """How many tasks pass the filters, up to `MOST`; one SQL statement."""
    ids = found(asked).order_by(None).subquery()
    query = sa.select(sa.func.count()).select_from(ids)
    return model.Session.scalar(query) or 0


def part(
    asked: Mapping[str, str], limit: int, offset: int
) -> tuple[int, list[tuple[Task, model.Package]]]:
    """A part of the tasks with their projects, and the number of all.

    :param asked: the filters
    :param limit: how many at most
    :param offset: how many to leave out first
    """
    number, ids = part_of_found(found(asked), limit, offset)
    return number, _with_projects(ids)


def uncounted_part(
    asked: Mapping[str, str], limit: int, offset: int
) -> list[tuple[Task, model.Package]]:
    """The same without the number of all: no more is looked for."""
    query = found(asked, offset + limit).limit(limit).offset(offset)
    return _with_projects(model.Session.scalars(query).all())


def _with_projects(
    ids: Sequence[str],
) -> list[tuple[Task, model.Package]]:
    """Tasks with their projects, in the order of their ids."""
    query = (
        sa.select(Task, model.Package)
        .join(model.Package, model.Package.id == Task.project_id)
        .where(Task.id.in_(ids))
    )
    by_id = {row[0].id: row.tuple() for row in model.Session.execute(query)}
    return [by_id[id_] for id_ in ids if id_ in by_id]


def projects(asked: Mapping[str, str]) -> list[str]:
    """Ids of the projects of the tasks that pass the filters.

    One SQL statement.
    """
    newest = _newest(asked).subquery()
    query = sa.select(sa.func.array_agg(newest.c.project_id.distinct()))
    return [*(model.Session.scalar(query) or ())]


def facets(
    asked: Mapping[str, str], *, of_projects: bool
) -> dict[str, dict[str, int]]:
    """How much each choice of a filter would find, beside the other filters.

    Of the newest tasks that there are; one SQL statement.

    :param asked: the filters
    :param of_projects: whether projects that look for help are counted;
        then only for the filters that are no field of theirs
    :returns: numbers by value, by the name of the filter
    """
    newest = _newest({}, flags=asked).cte("newest")
    queries = [
        _counts(name, newest, of_projects=of_projects)
        for name in schema.FILTERS
        if not (of_projects and name in PROJECT_FIELDS)
    ]
    counted: dict[str, dict[str, int]] = {name: {} for name in schema.FILTERS}
    for name, value, number in model.Session.execute(sa.union_all(*queries)):
        counted[name][value] = number
    return counted


def _counts(
    name: str, newest: sa.CTE, *, of_projects: bool
) -> sa.Select[tuple[str, str, int]]:
    """How many of some tasks have each choice of a filter."""
    column = newest.c
    conditions: list[Condition] = [
        column[f"is_{one}"] for one in schema.FILTERS if one != name
    ]
    counted: sa.ColumnElement[int] = sa.func.count()
    if of_projects:
        conditions.append(_is_filled(column.help_wanted))
        counted = sa.func.count(column.project_id.distinct())
    source, value = _values(name, newest)
    # Skills are the same in any case.
    key = sa.func.lower(value)
    return (
        sa.select(sa.literal(name), sa.func.max(value), counted)
        .select_from(source)
        .where(value != "", *conditions)
        .group_by(key)
    )


def _values(
    name: str, newest: sa.CTE
) -> tuple[sa.FromClause, sa.ColumnElement[str]]:
    """Some tasks, each with every choice of a filter that it has."""
    if name == "effort":
        return newest, newest.c.effort
    if name == "skill":
        words = _rows(newest.c.skills)
        return newest.join(words, sa.true()), words.c.value
    field = PROJECT_FIELDS[name]
    values = [choice["value"] for choice in fields.choices(field)]
    choices = _rows(sa.cast(values, ARRAY(sa.UnicodeText)))
    has = _has(newest.c[field], choices.c.value)
    return newest.join(choices, has), choices.c.value


def _rows(array: sa.ColumnElement[Any]) -> sa.TableValuedAlias:
    """The values of an array, as the column `value`."""
    column = sa.column("value", sa.UnicodeText)
    return sa.func.unnest(array).table_valued(column).render_derived()


def _newest(
    asked: Mapping[str, str], flags: Mapping[str, str] | None = None
) -> sa.Select:
    """The newest open tasks of public projects that look for help.

    :param asked: the filters that they pass
    :param flags: filters of which it is said whether they pass them
    """
    task = _looked_at(asked)
    project = _project(task)
    flagged = {
        **_of_task(task, flags or {}),
        **_of_project(project, flags or {}),
    }
    return (
        sa.select(
            task.id,
            task.project_id,
            task.modified,
            task.effort,
            task.skills,
            *project.c,
            *(flag.label(f"is_{name}") for name, flag in flagged.items()),
        )
        .join(project, sa.true())
        .where(*_of_project(project, asked).values())
        .order_by(*_in_time(task))
        .limit(MOST)
    )


def _looked_at(asked: Mapping[str, str]) -> type[Task]:
    """The newest open tasks that pass the filters for what a task needs.

    Where few projects pass the others, theirs; else whose projects pass them
    is known soon, as one looks at task by task.
    """
    found = sa.select(Task).where(
        Task.state == TaskState.OPEN.value, *_of_task(Task, asked).values()
    )
    # A constant limit: else all would be sorted, however many they are.
    newest = found.order_by(*_in_time(Task)).limit(LOOKED_AT)
    if any(asked.get(name) for name in PROJECT_FIELDS):
        fitting = _fitting(asked)
        are_few = (
            sa.select(sa.func.count() <= FEW)
            .select_from(fitting)
            .scalar_subquery()
        )
        theirs = found.where(
            Task.project_id.in_(sa.select(fitting.c.id).where(are_few))
        )
        others = newest.where(~are_few)
        either = aliased(Task, sa.union_all(theirs, others).subquery())
        newest = sa.select(either).order_by(*_in_time(either)).limit(LOOKED_AT)
    return aliased(Task, newest.subquery())


def _fitting(asked: Mapping[str, str]) -> sa.CTE:
    """Some projects that pass the filters for what they are about.

    By an index, which finds a little more; one more than `FEW` at most.
    """
    package = model.package_table.c
    wanted = [
        CHOICES[field].contains(choices_in(sa.literal(value)))
        for name, field in PROJECT_FIELDS.items()
        if (value := asked.get(name))
    ]
    return (
        sa.select(package.id)
        .where(is_public(package), *wanted)
        .limit(FEW + 1)
        .cte("fitting")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )


def _in_time(task: Any) -> tuple[sa.ColumnElement[Any], ...]:
    """The newest first, as an index has them; one order in all parts.

    :param task: tasks, or columns of them
    """
    return task.modified.desc(), task.id


def _project(task: type[Task]) -> sa.FromClause:
    """What is asked of the project of a task, if it is public and looks.

    One by one, by its key: else the database reads all packages.
    """
    package = model.package_table.c
    return (
        sa.select(
            *(
                package.extras[field].astext.label(field)
                for field in PROJECT_FIELDS.values()
            )
        )
        .where(
            package.id == task.project_id,
            is_public(package),
            stages.asking(package.extras),
        )
        .limit(1)
        .lateral("project")
    )


def _of_task(
    task: type[Task], asked: Mapping[str, str]
) -> dict[str, Condition]:
    """Whether a task passes its own filters; one that is empty, all do."""
    skill, effort = (asked.get(name) for name in TASK_FIELDS)
    return {
        "skill": task.folded_skills.contains([skill.lower()])
        if skill
        else sa.true(),
        "effort": task.effort == effort if effort else sa.true(),
    }


def _of_project(
    project: sa.FromClause, asked: Mapping[str, str]
) -> dict[str, Condition]:
    """Whether a project passes the filters for what it is about."""
    return {
        name: _has(project.c[field], sa.literal(value, sa.UnicodeText))
        if (value := asked.get(name))
        else sa.true()
        for name, field in PROJECT_FIELDS.items()
    }


def _has(
    stored: sa.ColumnElement[str], value: sa.ColumnElement[str]
) -> Condition:
    """Whether a field of a package holds a choice.

    It is a list in JSON, or a plain text from before it was one.
    """
    quoted = sa.func.concat('"', value, '"')
    is_listed = sa.func.strpos(stored, quoted) > 0
    return sa.func.coalesce(is_listed | (stored == value), False)


def _is_filled(stored: sa.ColumnElement[str]) -> Condition:
    return sa.func.coalesce(stored, "").not_in(("", "[]"))


def first_of_each(
    project_ids: Sequence[str], asked: Mapping[str, str], most: int
) -> list[Task]:
    """Some tasks of each of some projects, in its order; one SQL statement.

    :param asked: filters for what a task needs
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
        .where(
            Task.state == TaskState.OPEN.value,
            Task.project_id.in_(project_ids),
            *_of_task(Task, asked).values(),
        )
        .subquery()
    )
    query = (
        sa.select(Task)
        .join(numbered, numbered.c.id == Task.id)
        .where(numbered.c.number <= most)
        .order_by(*order)
    )
    return list(model.Session.scalars(query))


def help_began(
    project_ids: Sequence[str],
) -> dict[tuple[str, str], datetime.datetime]:
    """When projects began to look for help, the last time in each area.

    One SQL statement.

    :returns: moments by the id of the project and the area, where events of
        that were written
    """
    area = Event.data["area"].astext
    query = (
        sa.select(Event.project_id, area, sa.func.max(Event.created))
        .where(
            Event.project_id.in_(project_ids),
            Event.subject == Subject.PROJECT.value,
            Event.action == Change.HELP_OPENED.value,
        )
        .group_by(Event.project_id, area)
    )
    return {
        (project_id, area): moment
        for project_id, area, moment in model.Session.execute(query)
    }

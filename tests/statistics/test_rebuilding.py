"""The same numbers whenever they are made, whoever was forgotten since."""

from __future__ import annotations

import datetime
from typing import Any
from unittest import mock

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import changed_config
from ckanext.digifarm import privacy
from ckanext.digifarm.lib import clock
from ckanext.digifarm.lib.events import Event, Subject
from ckanext.digifarm.statistics import aggregating, views_counting
from ckanext.digifarm.statistics.model import Figure

from .. import life
from ..acting import as_portal
from . import story

pytestmark = pytest.mark.usefixtures("no_numbers")


def at(day: str, do: Any) -> None:
    with mock.patch.object(clock, "now", return_value=story.noon(day)):
        do()
    model.Session.commit()


def figures() -> list[tuple[Any, ...]]:
    table: Any = Figure.__table__
    query = sa.select(table).order_by(*table.primary_key.columns)
    return [tuple(row) for row in model.Session.execute(query)]


def test_bit_by_bit_as_at_once():
    story.write()
    everything = {
        event.id: event.created for event in model.Session.query(Event)
    }
    at("2025-12-15", aggregating.rebuild)
    at_once = figures()
    # Now once more, as it came.
    kept = [*model.Session.execute(sa.select(Event.__table__)).mappings()]
    model.Session.query(Event).delete()
    model.Session.query(Figure).delete()
    model.Session.commit()
    columns = [
        c for c in Event.__table__.c if c.name not in {"number", "xact"}
    ]
    at("2024-01-01", aggregating.rebuild)
    for month in range(24):
        day = datetime.date(2024 + month // 12, month % 12 + 1, 28)
        for row in kept:
            if (row["created"].year, row["created"].month) == (
                day.year,
                day.month,
            ):
                values = {c.name: row[c.name] for c in columns}
                model.Session.execute(sa.insert(Event).values(values))
        model.Session.commit()
        at(day.isoformat(), aggregating.aggregate)
    at("2025-12-15", aggregating.aggregate)
    assert len(everything) == len(story.LINES)
    assert figures() == at_once


def test_nothing_new_writes_no_month_but_this_one():
    story.write()
    at("2025-12-15", aggregating.rebuild)
    before = figures()
    written = []
    write = Figure.write
    with mock.patch.object(
        Figure,
        "write",
        side_effect=lambda month, *a: (
            written.append(month),
            write(month, *a),
        ),
    ):
        at("2025-12-16", aggregating.aggregate)
    assert written == [datetime.date(2025, 12, 1)]
    assert figures() == before


def test_what_is_committed_late_is_counted_in_its_month():
    story.write()
    with Session(model.meta.engine) as slow:
        slow.execute(
            sa.insert(Event).values(
                subject="task",
                subject_id="late",
                action="digifarm_task_create",
                target="open",
                project_id="garden",
                actor="project",
                data=story.GARDEN,
                created=story.noon("2024-06-01"),
            )
        )
        at("2025-12-15", aggregating.rebuild)
        before = figures()
        slow.commit()
    at("2025-12-15", aggregating.aggregate)
    after = figures()
    assert before != after
    at("2025-12-15", aggregating.rebuild)
    assert figures() == after


def test_who_is_forgotten_changes_no_number():
    user = factories.User()
    story.write()
    model.Session.execute(
        sa.update(Event).values(created_by=user["id"], reason="Eilig")
    )
    model.Session.commit()
    at("2025-12-15", aggregating.rebuild)
    before = figures()
    Event.forget(Event.created_by == user["id"])
    at("2025-12-15", aggregating.rebuild)
    assert before
    assert figures() == before


def test_a_purged_project_changes_no_number_of_the_past(project_factory):
    project = project_factory(help_wanted=["technology"])
    then = clock.now() - datetime.timedelta(days=100)
    model.Session.execute(sa.update(Event).values(created=then))
    model.Session.commit()
    before = of_the_past()
    as_portal("dataset_purge", id=project["id"])
    assert before
    assert of_the_past() == before
    query = sa.select(Figure.number, sa.func.sum(Figure.amount)).where(
        Figure.organization == "",
        Figure.action_field == "",
        Figure.origin == "",
        Figure.number.in_(["projects", "help_wanted", "projects_removed"]),
    )
    left = dict([*model.Session.execute(query.group_by(Figure.number))])
    assert left == {"projects": 0, "help_wanted": 0, "projects_removed": 1}
    assert Event.of(Subject.PROJECT, project["id"])[-1].action == "purged"


def test_who_is_erased_changes_no_number_of_the_past(shared_app):
    with (
        changed_config(
            "ckanext.digifarm.review_organization", "review-office"
        ),
        changed_config("ckanext.digifarm.limits.address", "1000 per hour"),
        changed_config("ckanext.digifarm.limits.email", "1000 per hour"),
    ):
        life.live()
    long_ago = clock.now() - datetime.timedelta(days=100)
    model.Session.execute(sa.update(Event).values(created=long_ago))
    model.Session.commit()
    before = of_the_past()
    assert {row[4] for row in before} > {"offers_sent", "proposals_sent"}
    privacy.erase(life.EMAIL)
    assert of_the_past() == before


def of_the_past() -> list[tuple[Any, ...]]:
    """All numbers before this month, made anew."""
    aggregating.rebuild()
    model.Session.commit()
    this_month = clock.now().date().replace(day=1)
    return [row for row in figures() if row[3] < this_month]


def test_views_that_come_late_are_counted_in_their_month():
    story.write()
    at("2025-12-01", aggregating.rebuild)
    table = views_counting._SUMMARY
    model.Session.execute(sa.delete(table))
    # As CKAN's own cron does, the night after.
    model.Session.execute(
        sa.insert(table).values(
            url="/civic_project/garden",
            tracking_type="page",
            count=7,
            tracking_date=story.noon("2025-11-30"),
        )
    )
    try:
        at("2025-12-02", aggregating.aggregate)
        counted = figures()
        assert ("", "", "", datetime.date(2025, 11, 1), "views") in {
            row[:5] for row in counted
        }
        at("2025-12-02", aggregating.rebuild)
        assert figures() == counted
    finally:
        model.Session.execute(sa.delete(table))
        model.Session.commit()

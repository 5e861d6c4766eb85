"""A month is that of the portal's clock."""

from __future__ import annotations

import datetime

import pytest
import sqlalchemy as sa

from ckan import model
from ckan.tests.helpers import changed_config
from ckanext.digifarm.lib.events import Event
from ckanext.digifarm.statistics import aggregating
from ckanext.digifarm.statistics.booking import month_of
from ckanext.digifarm.statistics.model import Figure

from . import story

pytestmark = pytest.mark.usefixtures("no_numbers", "with_request_context")

JUNE, JULY = datetime.date(2026, 6, 1), datetime.date(2026, 7, 1)


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        ("2026-06-30T21:59:59", JUNE),
        ("2026-06-30T22:00:00", JULY),
        ("2026-07-31T21:59:59", JULY),
    ],
)
def test_by_the_clock_of_the_portal(moment, month):
    with changed_config("ckan.display_timezone", "Europe/Berlin"):
        assert month_of(datetime.datetime.fromisoformat(moment)) == month


def test_what_happens_at_midnight():
    for second in ("21:59:59", "22:00:00"):
        model.Session.execute(
            sa.insert(Event).values(
                subject="task",
                subject_id=second,
                action="digifarm_task_create",
                target="open",
                actor="project",
                data=story.GARDEN,
                created=datetime.datetime.fromisoformat(
                    f"2026-06-30T{second}"
                ),
            )
        )
    with changed_config("ckan.display_timezone", "Europe/Berlin"):
        aggregating.rebuild()
    model.Session.commit()
    query = (
        sa.select(Figure.month, Figure.amount)
        .where(
            Figure.number == "tasks_opened",
            Figure.organization == "",
            Figure.action_field == "",
            Figure.origin == "",
        )
        .order_by(Figure.month)
    )
    found = [tuple(row) for row in model.Session.execute(query)]
    assert found == [(JUNE, 1), (JULY, 1)]

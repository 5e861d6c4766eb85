"""How often pages were read, where CKAN's tracking is on."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from ckan import model
from ckanext.digifarm.lib import clock
from ckanext.digifarm.statistics import aggregating

from ..acting import as_user

pytestmark = pytest.mark.usefixtures("no_numbers", "no_views")

TODAY = clock.now().replace(hour=12)
LAST_MONTH = (TODAY.replace(day=1) - datetime.timedelta(days=3)).replace(day=9)


@pytest.fixture
def no_views(no_numbers) -> Any:
    yield
    model.Session.rollback()
    model.Session.execute(sa.text("DELETE FROM tracking_summary"))
    model.Session.commit()


def read(url: str, times: int, day: datetime.datetime, kind: str) -> None:
    """What `ckan tracking update` leaves of a day."""
    model.Session.execute(
        sa.text(
            "INSERT INTO tracking_summary (url, package_id, tracking_type,"
            " count, running_total, recent_views, tracking_date)"
            " VALUES (:url, '~~not~found~~', :kind, :times, 0, 0, :day)"
        ),
        {"url": url, "kind": kind, "times": times, "day": day},
    )


def views(**asked: str) -> list[int]:
    aggregating.rebuild()
    model.Session.commit()
    found = as_user("", "digifarm_statistics", **asked)
    return [
        sum(number["values"])
        for number in found["numbers"]
        if number["number"] == "views"
    ]


def test_pages_of_projects_alone():
    for url, times in (
        ("/civic_project", 1),
        ("/civic_project/", 2),
        ("/civic_project/baumblick", 4),
        ("/civic_projects", 8),
        ("/dataset/baumblick", 16),
    ):
        read(url, times, TODAY, "page")
    read("/civic_project/datei.csv", 32, TODAY, "resource")
    assert views() == [7]
    assert views(origin="Hackathon") == [7]


def test_without_tracking():
    assert views() == []


def test_by_months():
    read("/civic_project", 3, LAST_MONTH, "page")
    read("/civic_project", 5, TODAY, "page")
    # Before anything has happened, nothing is told.
    assert views() == [5]


def test_once_more_is_the_same():
    read("/civic_project", 3, TODAY, "page")
    aggregating.rebuild()
    aggregating.aggregate()
    assert views() == [3]

"""What a history says in numbers, worked out by hand; see story.py."""

from __future__ import annotations

import datetime
from typing import Any
from unittest import mock

import pytest

from ckan import model
from ckanext.digifarm.lib import clock
from ckanext.digifarm.statistics import aggregating

from ..acting import as_user
from . import story

pytestmark = pytest.mark.usefixtures("told")

NOW = story.noon("2025-12-15")

ONE = {"count": 1, "median": 10, "ninety": 10}
SIXTY = {"count": 1, "median": 60, "ninety": 60}
THIRTY = {"count": 1, "median": 30, "ninety": 30}


@pytest.fixture
def told(no_numbers) -> None:
    story.write()
    with mock.patch.object(clock, "now", return_value=NOW):
        aggregating.rebuild()
    model.Session.commit()


def numbers(**asked: Any) -> dict[str, list[Any]]:
    """What is not nothing, by numbers and keys."""
    with mock.patch.object(clock, "now", return_value=NOW):
        found = as_user("", "digifarm_statistics", **asked)
    return {
        f"{n['number']} {n['key']}".strip(): n["values"]
        for n in found["numbers"]
        if any(n["values"])
    }


def months(**changes: Any) -> list[Any]:
    """A year in which something is so in some months: `feb=1`."""
    names = [f"{datetime.date(2024, n, 1):%b}".lower() for n in range(1, 13)]
    nothing = changes.pop("else_", 0)
    return [changes.get(name, nothing) for name in names]


def always(level: int) -> list[int]:
    return [level] * 12


def test_first_year(told):
    none = {"else_": None}
    assert numbers(since="2024", until="2024", step="month") == {
        # The garden; the bench since February; the map since March, but for
        # August, and until November.
        "projects in_progress": always(1),
        "projects live": [0, *[1] * 11],
        "projects testing": [0, 0, 1, 1, 1, 1, 1, 0, 1, 1, 0, 0],
        "projects ended": months(nov=1, dec=1),
        "projects_alive": [1, 2, 3, 3, 3, 3, 3, 2, 3, 3, 2, 2],
        "projects_new": months(jan=1, mar=1),
        "projects_taken_over": months(feb=1),
        "projects_over ended": months(nov=1),
        "projects_removed": months(aug=1),
        # The bench was a year old by then, as it says itself.
        "after_one_year alive": months(mar=1),
        "confirmed": [*[0] * 5, *[1] * 7],
        "addresses_dead": [*[0] * 8, *[2] * 4],
        "proposals_sent": months(jan=1, jul=1),
        "proposals_approved": months(jan=1),
        "proposals_declined": months(jul=1),
        "proposal_days": months(jan=ONE, jul=THIRTY, **none),
        # As soon as everybody could read of it.
        "help_asked technology": months(jan=1),
        "help_wanted technology": months(jan=1, feb=1),
        "help_found technology": months(mar=1),
        "help_days technology": months(mar=SIXTY, **none),
        "offers_sent technology": months(mar=1),
        "offers_accepted technology": months(mar=1),
        "supports technology": [0, 0, *[1] * 10],
        "partners": [0, 0, *[1] * 10],
        "partners_supporting": [0, 0, *[1] * 10],
        "tasks_opened": months(apr=2),
        "tasks_taken": months(apr=1, may=1),
        "tasks_done": months(may=1),
        "tasks_given_back": months(jun=1),
        "tasks_open": [0, 0, 0, 1, 0, *[1] * 7],
        "datasets": always(50),
        # Trees and wells, roads; the map was not to be read in August.
        "datasets_used": [0, 2, 3, 3, 3, 3, 3, 2, 3, 3, 3, 3],
    }


def test_second_year(told):
    assert numbers(since="2025", until="2025", step="month") == {
        "projects in_progress": always(1),
        "projects live": [1, 1, 1, 1, *[0] * 8],
        "projects ended": months(jan=1),
        "projects testing": [0, *[1] * 11],
        "projects_alive": [2, 3, 3, 3, *[2] * 8],
        "projects_resumed": months(feb=1),
        "projects_removed": months(may=1),
        "after_one_year alive": months(jan=1, mar=1),
        "after_two_years alive": months(mar=1),
        # The answer is a year old in June.
        "confirmed": [1, 1, 1, 1, 1, *[0] * 7],
        "addresses_dead": months(jan=2),
        "offers_sent technology": months(mar=1),
        "offers_declined technology": months(mar=1),
        "supports technology": months(jan=1, feb=1),
        "supports_ended technology": months(mar=1),
        "partners": always(1),
        "partners_supporting": months(jan=1, feb=1),
        "tasks_open": always(1),
        "datasets": always(50),
        # The bench has trees until May, though the garden has them no longer.
        "datasets_used": [3, 3, 3, 2, *[1] * 8],
    }


def test_years_are_sums_and_ends_of_months(told):
    found = numbers(since="2024", until="2025", step="year")
    for year, place in (("2024", 0), ("2025", 1)):
        of_months = numbers(since=year, until=year, step="month")
        for number, values in found.items():
            months_ = of_months.get(number, [0] * 12)
            if number.endswith("_days") or "_days " in number:
                continue
            is_level = number.split()[0] in {
                "projects",
                "projects_alive",
                "confirmed",
                "addresses_dead",
                "help_wanted",
                "supports",
                "partners",
                "partners_supporting",
                "tasks_open",
                "datasets",
                "datasets_used",
            }
            expected = months_[-1] if is_level else sum(months_)
            assert (number, values[place]) == (number, expected)
    assert found["proposal_days"] == [
        {"count": 2, "median": 10, "ninety": 30},
        None,
    ]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"organization": story.CITY}, [0, 1, 1, 1]),
        ({"organization": story.COUNTY}, [0, 0, 0, 0]),
        ({"action_field": "mobility"}, [0, 1, 1, 1]),
        ({"action_field": "participation"}, [0, 0, 0, 0]),
        ({"action_field": "mobility", "origin": "Hackathon"}, [0, 0, 0, 0]),
        ({"organization": "unknown"}, [0, 0, 0, 0]),
    ],
)
def test_filters_of_flows(told, asked, expected):
    found = numbers(since="2024-01", until="2024-04", **asked)
    taken_over = found.get("projects_taken_over", [0, 0, 0, 0])
    assert taken_over == months(feb=expected[1])[:4]


def test_a_project_moves_from_one_organisation_to_another(told):
    asked = {"since": "2025-01", "until": "2025-03"}
    county = numbers(organization=story.COUNTY, **asked)
    city = numbers(organization=story.CITY, **asked)
    assert county["projects ended"] == [1, 0, 0]
    assert "projects testing" not in county
    assert city["projects testing"] == [0, 1, 1]
    # Roads go with it, and are one dataset more there.
    assert county["datasets_used"] == [1, 0, 0]
    assert city["datasets_used"] == [2, 3, 3]


def test_of_each_field_a_project_is_one(told):
    asked = {"since": "2024-12", "until": "2024-12"}
    fields = {
        field: sum(
            values[0]
            for name, values in numbers(action_field=field, **asked).items()
            if name.startswith("projects ")
        )
        for field in ("environment", "participation", "mobility", "economy")
    }
    assert fields == {
        "environment": 1,
        "participation": 1,
        "mobility": 2,
        "economy": 0,
    }


def test_what_is_of_the_portal_is_not_filtered(told):
    found = numbers(since="2025-12", until="2025-12", origin="Hackathon")
    assert found["datasets"] == [50]
    assert found["partners"] == [1]


def test_what_became_of_one_event(told):
    found = numbers(
        since="2024", until="2025", step="year", origin="Hackathon"
    )
    assert found["projects_new"] == [2, 0]
    assert found["after_one_year alive"] == [0, 2]


def test_what_became_of_each_community(told):
    with mock.patch.object(clock, "now", return_value=NOW):
        both = as_user("", "digifarm_statistics", since="2024", until="2025")
        first = as_user("", "digifarm_statistics", since="2024", until="2024")
    assert both["origins"] == [
        {
            "origin": "Hackathon",
            "began": 2,
            "one_year": 2,
            "one_year_alive": 2,
            "two_years": 0,
            "two_years_alive": 0,
        }
    ]
    assert [o["one_year"] for o in first["origins"]] == [0]


def test_numbers_of_private_persons_are_not_told_apart(told):
    found = numbers(since="2024", until="2025", step="year")
    assert not {name.split()[0] for name in found} & {
        "offers_from",
        "reasons_declining",
        "reasons_ending",
        "reasons_giving_back",
        "reasons_stopping",
    }

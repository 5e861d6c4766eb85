"""Nobody is told of by what differs between two answers."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest
import sqlalchemy as sa

from ckan import model
from ckanext.digifarm.lib import clock
from ckanext.digifarm.lib.events import Event
from ckanext.digifarm.statistics import aggregating
from ckanext.digifarm.support.workflow import EVALUATE

from ..acting import as_user
from . import story

pytestmark = pytest.mark.usefixtures("no_numbers")

NOW = story.noon("2025-12-15")


def happen(*events: dict[str, Any]) -> None:
    """Let events have happened, and count them; commits."""
    usual = {"project_id": "garden", "actor": "project", "action": "step"}
    for event in events:
        values = {**usual, "data": story.GARDEN, **event}
        model.Session.execute(sa.insert(Event).values(values))
    with mock.patch.object(clock, "now", return_value=NOW):
        aggregating.rebuild()
    model.Session.commit()


def declined(day: str, number: int, code: str) -> list[dict[str, Any]]:
    return [
        {
            "subject": "support",
            "subject_id": f"{day} {place}",
            "source": "offered",
            "target": "declined",
            "data": {**story.GARDEN, "area": "care", "reason_code": code},
            "created": story.noon(day),
        }
        for place in range(number)
    ]


def personal(**asked: Any) -> dict[str, list[Any]]:
    with mock.patch.object(clock, "now", return_value=NOW):
        found = as_user("", "digifarm_statistics", **asked)
    return {
        f"{n['number']} {n['key']}": n["values"]
        for n in found["numbers"]
        if n["kind"] == "personal"
    }


def test_a_part_of_a_year_is_the_year():
    happen(
        *declined("2024-03-10", 3, "other"), *declined("2024-05-10", 4, "time")
    )
    whole = {
        "reasons_declining other": [3],
        "reasons_declining time": [4],
    }
    for since, until in (
        ("2024-01", "2024-12"),
        ("2024-03", "2024-03"),
        ("2024-05", "2024-12"),
    ):
        asked = {"since": since, "until": until, "step": "year"}
        assert personal(**asked) == whole


def test_what_goes_on_is_not_told_as_it_comes():
    happen(
        *declined("2024-03-10", 3, "other"), *declined("2025-03-10", 4, "time")
    )
    assert personal(since="2024", until="2025", step="year") == {
        "reasons_declining other": [3, None]
    }


def helped(day: str, number: int, word: str) -> list[dict[str, Any]]:
    return [
        {
            "subject": "support",
            "subject_id": f"support {place}",
            "action": EVALUATE,
            "source": "ended",
            "target": "ended",
            "data": {**story.GARDEN, "area": "care", "helped": word},
            "created": story.noon(day),
        }
        for place in range(number)
    ]


def test_one_project_gives_one_reason():
    event = {
        "subject": "project",
        "subject_id": "garden",
        "action": "ended",
        "target": "ended",
    }
    happen(
        *(
            {
                **event,
                "source": "live" if month == 1 else "ended",
                "data": {**story.GARDEN, "reason_code": code},
                "created": story.noon(f"2023-0{month}-10"),
            }
            for month, code in enumerate(
                ("goal_reached", "nobody", "other"), 1
            )
        )
    )
    assert personal(since="2023", until="2023", step="year") == {
        "reasons_stopping folded": [None]
    }


def test_who_changes_their_mind_later_changes_no_year():
    happen(
        *helped("2023-03-10", 5, "yes"),
        *helped("2023-04-10", 1, "no"),
        *helped("2024-04-10", 4, "no"),
    )
    assert personal(since="2023", until="2024", step="year") == {
        "helped folded": [5, None]
    }

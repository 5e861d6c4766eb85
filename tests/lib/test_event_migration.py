"""Events of before say what they can when the table is brought up to date."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from ckan import model
from ckan.cli.db import _run_migrations
from ckanext.digifarm.lib.events import Event
from ckanext.digifarm.support.model import Support

pytestmark = pytest.mark.usefixtures("shared_portal")

BEFORE = "010_create_job"

#: Subject, its id, and the state from then on; None is the support's id.
OLD = [
    ("support", None, "unconfirmed"),
    ("support", None, "offered"),
    ("partner", "p", "active"),
    ("support", None, "accepted"),
    ("proposal", "q", "pending"),
    ("proposal", "q", "approved"),
    ("proposal", "q", "claimed"),
    ("support", None, "ended"),
    ("task", "t", "taken"),
]

#: Action, source, target and actor.
NEW = [
    ("digifarm_support_offer", None, "unconfirmed", "anybody"),
    ("digifarm_support_confirm", "unconfirmed", "offered", "supporter"),
    ("digifarm_partner_create", None, "active", "reviewer"),
    ("digifarm_support_accept", "offered", "accepted", "project"),
    ("digifarm_proposal_submit", None, "pending", "user"),
    ("digifarm_proposal_approve", "pending", "approved", "reviewer"),
    ("digifarm_project_claim", "approved", "claimed", "user"),
    ("digifarm_support_end", "accepted", "ended", "project"),
    ("unknown", None, "taken", "portal"),
]


@pytest.fixture
def support(project_factory) -> Support:
    project = project_factory(
        action_fields=["mobility"], origin_community="Ein Verein"
    )
    support = Support(
        project_id=project["id"], area="care", state="ended", token_key="k"
    )
    model.Session.add(support)
    model.Session.commit()
    return support


@pytest.fixture
def old_table(support) -> Iterator[sa.Connection]:
    """The table as it was, with a connection to write to it."""
    model.Session.remove()
    _run_migrations("digifarm", BEFORE, False)
    try:
        with model.meta.engine.connect() as connection:
            yield connection
    finally:
        _run_migrations("digifarm", "head", True)


def test_old_events_are_described(old_table, support):
    for number, (subject, id_, state) in enumerate(OLD):
        old_table.execute(
            sa.text(
                "INSERT INTO digifarm_event"
                " (id, subject, subject_id, state, reason, created)"
                " VALUES (:id, :subject, :about, :state, '',"
                " timestamp '2026-01-01' + interval '1 h' * :number)"
            ),
            {
                # No order by the ids.
                "id": f"{-number % 7}-{number}",
                "subject": subject,
                "about": id_ or support.id,
                "state": state,
                "number": number,
            },
        )
    old_table.commit()
    _run_migrations("digifarm", "head", True)
    events = model.Session.query(Event).order_by(Event.number).all()
    assert [(e.action, e.source, e.target, e.actor) for e in events] == NEW
    assert [e.number for e in events] == [*range(1, len(OLD) + 1)]
    assert {e.xact for e in events} == {0}
    said: dict[str, Any] = {
        "organization": model.Package.get(support.project_id).owner_org,
        "action_fields": ["mobility"],
        "origin": "Ein Verein",
        "area": "care",
        "partner": None,
    }
    for event in events:
        of_support = event.subject == "support"
        assert event.data == (said if of_support else {})
        assert event.project_id == (support.project_id if of_support else None)
    model.Session.add(
        Event(
            subject="task",
            subject_id="t",
            action="digifarm_task_create",
            target="open",
            actor="portal",
        )
    )
    model.Session.commit()
    last = model.Session.query(Event).order_by(Event.number.desc()).first()
    assert last.number == len(OLD) + 1
    assert last.xact > 0


def test_the_way_back_leaves_what_was_known(old_table):
    columns = {
        column["name"]
        for column in sa.inspect(old_table).get_columns("digifarm_event")
    }
    assert columns == {
        "id",
        "subject",
        "subject_id",
        "state",
        "reason",
        "created",
        "created_by",
    }

"""A proposal is purged and decided on at the same moment."""

from __future__ import annotations

import time
from typing import Any

import pytest
import sqlalchemy as sa

from ckan import model
from ckan.tests.helpers import changed_config
from ckanext.digifarm import privacy
from ckanext.digifarm.lib import clock
from ckanext.digifarm.proposals.model import Proposal

from ..acting import as_portal, in_two_threads
from ..proposing import (
    REVIEWERS,
    create_people,
    empty_tables,
    get,
    pending,
    project_of,
    put_into,
)

pytestmark = [
    pytest.mark.ckan_config("ckanext.digifarm.review_organization", REVIEWERS),
    pytest.mark.usefixtures("shared_app"),
]

WAITING = sa.text(
    "select 1 from pg_stat_activity"
    " where datname = current_database() and wait_event_type = 'Lock'"
)


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture(autouse=True)
def nothing(people) -> None:
    empty_tables()


@pytest.fixture
def reviewer():
    """The connection of somebody who decides."""
    with model.meta.engine.connect() as connection:
        connection.execute(sa.text("set lock_timeout = '5s'"))
        yield connection
        connection.rollback()


def lock(connection: sa.Connection, table: Any, id_: str | None) -> None:
    query = sa.select(table.id).where(table.id == id_)
    connection.execute(query.with_for_update())


def until_somebody_waits() -> None:
    for _ in range(50):
        # Within a transaction the answer would stay the same.
        with model.meta.engine.connect() as connection:
            if connection.execute(WAITING).first():
                return
        time.sleep(0.1)


def test_does_not_end_in_a_deadlock(reviewer, shared_app):
    """As a decision, the purge locks first the proposal, then its project."""
    proposal = pending()
    id_, project_id = proposal.id, proposal.project_id
    lock(reviewer, Proposal, id_)

    def decide() -> str:
        until_somebody_waits()
        try:
            lock(reviewer, model.Package, project_id)
        finally:
            reviewer.rollback()
        return "decided"

    def purge() -> str:
        as_portal("dataset_purge", id=project_id)
        return "purged"

    done = in_two_threads(shared_app, decide, purge)
    assert done == ["decided", "purged"]
    model.Session.rollback()
    assert model.Session.get(Proposal, id_) is None


@pytest.mark.parametrize("state", ["changes_requested", "declined"])
def test_leaves_what_is_not_due_any_more(state, reviewer, shared_app):
    proposal = put_into(pending(), state)
    proposal.modified = clock.days_ago(31)
    model.Session.commit()
    id_ = get(proposal.id).id
    lock(reviewer, Proposal, id_)

    def decide() -> None:
        until_somebody_waits()
        reviewer.execute(
            sa.update(Proposal)
            .where(Proposal.id == id_)
            .values(state="pending", modified=clock.now())
        )
        reviewer.commit()

    with changed_config("ckanext.digifarm.retention_days", 30):
        _, purged = in_two_threads(shared_app, decide, privacy.purge)
    assert purged == {}
    assert get(id_).state == "pending"
    assert project_of(get(id_))

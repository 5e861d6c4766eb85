"""What was there before the migration of the fields is brought over."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from ckan import model
from ckan.cli.db import _run_migrations
from ckan.lib.search import rebuild
from ckan.tests.helpers import call_action
from ckanext.digifarm.endings.model import Ending
from ckanext.digifarm.lib.events import Event
from ckanext.digifarm.lib.jobs import Job

from .acting import as_portal
from .conftest import ProjectFactory
from .outbox import empty_outbox, waiting_mails
from .working import forget_jobs, work_here

pytestmark = pytest.mark.usefixtures("shared_app")

BEFORE = "026_index_partners"

CREATED = datetime.datetime(2021, 10, 1, 12)  # noqa: DTZ001
PUBLISHED = datetime.datetime(2022, 3, 4, 12)  # noqa: DTZ001
ENDED = datetime.datetime(2023, 5, 6, 12)  # noqa: DTZ001


@pytest.fixture(scope="module")
def project(shared_portal) -> dict[str, Any]:
    return ProjectFactory()


@pytest.fixture(autouse=True)
def as_before(shared_portal, project) -> Iterator[None]:
    """The tables as they were, and after the test as they are."""
    model.Session.query(Event).delete()
    model.Session.query(Ending).delete()
    model.Session.commit()
    forget_jobs()
    empty_outbox()
    model.Session.remove()
    _run_migrations("digifarm", BEFORE, False)
    yield
    model.Session.remove()
    _run_migrations("digifarm", "head", True)


def stands(project: dict[str, Any], **columns: Any) -> None:
    """Let a project stand in the database as it did."""
    said = {"metadata_created": CREATED, "extras": {}, **columns}
    table = model.package_table
    query = sa.update(table).where(table.c.id == project["id"])
    run(query.values(private=False, state="active").values(said))


def happened(project: dict[str, Any], **columns: Any) -> None:
    """Let an event have happened to a project."""
    event = {
        "id": f"{project['id']}-{columns['created']}",
        "subject": "project",
        "subject_id": project["id"],
        "project_id": project["id"],
        "actor": "portal",
        "source": None,
        "target": None,
        "reason": "",
        "data": "{}",
        **columns,
    }
    names = ", ".join(event)
    values = ", ".join(f":{name}" for name in event)
    run(
        sa.text(
            f"INSERT INTO digifarm_event ({names}, xact) VALUES ({values}, 0)"
        ),
        **event,
    )


def run(statement: Any, **values: Any) -> None:
    with model.ensure_engine().begin() as connection:
        connection.execute(statement, values)


def extras_after(project: dict[str, Any]) -> dict[str, Any]:
    """What it says after the migration."""
    _run_migrations("digifarm", "head", True)
    model.Session.remove()
    return dict(model.Package.get(project["id"]).extras)


class TestListed:
    def test_is_the_day_on_which_it_became_public(self, project):
        stands(project, extras={"stage": "live"})
        happened(project, action="created", target="private", created=CREATED)
        happened(
            project,
            action="published",
            source="private",
            target="public",
            created=PUBLISHED,
        )
        happened(
            project,
            action="published",
            source="private",
            target="public",
            created=ENDED,
        )
        assert extras_after(project) == {
            "stage": "live",
            "listed": "2022-03-04",
        }

    def test_is_the_day_on_which_it_was_created_public(self, project):
        stands(project)
        happened(project, action="created", target="public", created=PUBLISHED)
        assert extras_after(project) == {"listed": "2022-03-04"}

    def test_else_is_the_day_on_which_it_was_created(self, project):
        stands(project)
        assert extras_after(project) == {"listed": "2021-10-01"}

    def test_stays_where_it_is_known(self, project):
        stands(project, extras={"listed": "2020"})
        assert extras_after(project) == {"listed": "2020"}

    @pytest.mark.parametrize(
        "columns",
        [{"private": True}, {"state": "draft"}, {"type": "dataset"}],
    )
    def test_is_nothing_for_what_is_not_listed(self, columns, project):
        stands(project, **columns)
        assert extras_after(project) == {}
        stands(project, type="civic_project")


class TestOver:
    @pytest.mark.parametrize("stage", ["ended", "completed"])
    def test_what_is_over_is_settled_and_nobody_is_told(self, stage):
        _run_migrations("digifarm", "head", True)
        project = ProjectFactory(help_wanted=["content"])
        task = call_action(
            "digifarm_task_create", project=project["id"], title="Ein Text"
        )
        model.Session.remove()
        _run_migrations("digifarm", BEFORE, False)
        stands(
            project,
            extras={"stage": stage, "help_wanted": json.dumps(["content"])},
        )
        rebuild(project["id"])
        happened(
            project,
            action="stage_changed",
            source="live",
            target=stage,
            created=ENDED,
        )
        empty_outbox()
        assert extras_after(project)["stage"] == stage
        work_here()
        ending = as_portal("digifarm_project_ending", id=project["id"])
        assert ending == {
            "since": "2023-05-06",
            "reason_code": "",
            "reason": "",
            "takeover": "",
        }
        shown = as_portal("digifarm_task_show", id=task["id"])
        assert shown["state"] == "closed"
        assert waiting_mails() == []

    def test_what_is_said_stays(self, project):
        stands(project, extras={"stage": "ended"})
        run(
            sa.text(
                "INSERT INTO digifarm_ending VALUES"
                " (:id, '2020', 'nobody', 'Schade', '', 'end', 'end', true)"
            ),
            id=project["id"],
        )
        extras_after(project)
        ending = model.Session.get(Ending, project["id"])
        assert (ending.since, ending.reason) == ("2020", "Schade")
        query = model.Session.query(Job).filter_by(key=project["id"])
        assert query.count() == 0

    def test_others_have_no_ending(self, project):
        stands(project, extras={"stage": "paused"})
        extras_after(project)
        assert model.Session.get(Ending, project["id"]) is None

    def test_since_when_may_be_unknown(self, project):
        stands(project, extras={"stage": "ended"})
        extras_after(project)
        assert model.Session.get(Ending, project["id"]).since == ""

"""People see what others did with what they have offered or taken."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import ckantoolkit as tk
import pytest

from ckan import model
from ckanext.digifarm.lib import clock
from ckanext.digifarm.lib.events import Event
from ckanext.digifarm.proposals.model import ProposalState
from ckanext.digifarm.tasks.model import TaskAssignment
from dev.counting import counting

from .. import proposing
from ..acting import as_portal, as_user
from ..browsing import Browser, html, text_of
from ..offering import (
    REVIEWERS,
    create_people,
    create_project,
    empty_tables,
    offer,
)

pytestmark = pytest.mark.usefixtures("nothing")

PAGE = "/dashboard/notifications"


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture
def nothing(people) -> None:
    empty_tables()
    proposing.empty_tables()


@pytest.fixture
def project(people) -> dict[str, Any]:
    return create_project(people, title="Ein Garten")


def steps(user: str) -> list[tuple[str, str, str]]:
    return [
        (step["subject"], step["state"], step["title"])
        for step in as_user(user, "digifarm_own_step_list")
    ]


def accepted(people: dict[str, str], project: dict[str, Any]) -> str:
    support = offer(people["offerer"], project=project["id"])
    as_user(people["owner"], "digifarm_support_accept", id=support.id)
    return support.id


def taken(people: dict[str, str], project: dict[str, Any]) -> str:
    task = as_user(
        people["owner"],
        "digifarm_task_create",
        project=project["id"],
        title="Fotos",
        description="Bitte",
        effort="hour",
    )
    as_user(
        people["offerer"],
        "digifarm_task_take",
        id=task["id"],
        name="Kim",
        consent=True,
    )
    return task["id"]


class TestWhatIsTold:
    def test_of_a_support(self, people, project):
        support = offer(people["offerer"], project=project["id"])
        # What they do themselves is no news.
        assert steps(people["offerer"]) == []
        as_user(people["owner"], "digifarm_support_accept", id=support.id)
        assert steps(people["offerer"]) == [
            ("support", "accepted", "Ein Garten")
        ]

    def test_of_a_task(self, people, project):
        task = taken(people, project)
        as_user(people["offerer"], "digifarm_task_report", id=task)
        assert steps(people["offerer"]) == []
        as_user(people["owner"], "digifarm_task_resume", id=task, reason="x")
        as_user(people["owner"], "digifarm_task_return", id=task)
        assert steps(people["offerer"]) == [
            ("task", "open", "Fotos"),
            ("task", "taken", "Fotos"),
        ]

    def test_of_a_task_only_as_long_as_it_was_theirs(self, people, project):
        task = taken(people, project)
        as_user(people["owner"], "digifarm_task_return", id=task)
        long_ago = clock.now() - timedelta(minutes=5)
        model.Session.query(TaskAssignment).update({"modified": long_ago})
        model.Session.query(Event).update({"created": long_ago})
        model.Session.commit()
        as_user(people["owner"], "digifarm_task_done", id=task)
        assert steps(people["offerer"]) == []

    @pytest.mark.ckan_config("ckanext.digifarm.review_organization", REVIEWERS)
    def test_of_a_proposal(self, people):
        proposal = proposing.pending(people["offerer"])
        title = proposing.project_of(proposal).title
        proposing.put_into(proposal, ProposalState.CHANGES_REQUESTED.value)
        assert steps(people["offerer"]) == [
            ("proposal", "changes_requested", title)
        ]

    def test_the_newest_ten(self, people, project):
        for _ in range(6):
            support = accepted(people, project)
            as_user(people["owner"], "digifarm_support_end", id=support)
        found = steps(people["offerer"])
        assert [state for _, state, _ in found] == ["ended", "accepted"] * 5


class TestWhomItIsTold:
    @pytest.mark.parametrize("role", ["other", "owner", "reviewer"])
    def test_nobody_else(self, role, people, project):
        accepted(people, project)
        taken(people, project)
        assert steps(people[role]) == []

    def test_nobody_without_an_account(self, people, project):
        accepted(people, project)
        with pytest.raises(tk.NotAuthorized):
            as_user("", "digifarm_own_step_list")

    def test_of_a_project_that_is_gone_nothing(self, people, project):
        accepted(people, project)
        as_portal("dataset_purge", id=project["id"])
        assert steps(people["offerer"]) == []


class TestPage:
    def test_leads_to_each(self, people, project, shared_app):
        support = accepted(people, project)
        task = taken(people, project)
        as_user(people["offerer"], "digifarm_task_report", id=task)
        as_user(people["owner"], "digifarm_task_done", id=task)
        browser = Browser(shared_app, model.User.get(people["offerer"]).id)
        part = html(browser.get(PAGE)).select_one("#steps")
        assert [text_of(badge) for badge in part.select(".badge")] == [
            "Done, thank you!",
            "Accepted",
        ]
        links = [a["href"] for a in part.select("a")]
        assert links == [
            f"/civic_project/tasks/thanks/{task}",
            f"/civic_project/support/read/{support}",
        ]
        for link in links:
            assert browser.get(link).status_code == 200

    @pytest.mark.parametrize(
        ("state", "words"),
        [
            ("taken", "Something is still missing"),
            ("open", "Open for others again"),
            ("deleted", "Needed no longer"),
        ],
    )
    def test_says_what_becomes_of_a_task(
        self, state, words, people, project, shared_app
    ):
        task = taken(people, project)
        step = {"taken": "resume", "open": "return", "deleted": "delete"}
        if state == "taken":
            as_user(people["offerer"], "digifarm_task_report", id=task)
        more = {"reason": "x"} if state == "taken" else {}
        action = f"digifarm_task_{step[state]}"
        as_user(people["owner"], action, id=task, **more)
        browser = Browser(shared_app, model.User.get(people["offerer"]).id)
        part = html(browser.get(PAGE)).select_one("#steps")
        assert text_of(part.select_one(".badge")) == words
        for link in part.select("a"):
            assert browser.get(link["href"]).status_code == 200

    def test_has_no_such_part_where_there_is_nothing(self, people, shared_app):
        browser = Browser(shared_app, model.User.get(people["other"]).id)
        assert html(browser.get(PAGE)).select_one("#steps") is None


def test_costs_one_statement(people, project):
    for _ in range(3):
        accepted(people, project)
    with counting() as cost:
        steps(people["offerer"])
    assert sum("digifarm_event" in sql for sql in cost.sql) == 1

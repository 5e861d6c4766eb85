"""Projects that pause or are over ask for nothing, anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.tests.helpers import call_action, changed_config
from ckanext.digifarm.lib import forms, tokens
from ckanext.digifarm.lib.tokens import Purpose
from ckanext.digifarm.projects import fields, stages
from ckanext.digifarm.tasks.model import Task, TaskAssignment

from ..acting import as_portal, as_user
from ..browsing import Browser, html, text_of
from ..offering import (
    OFFER,
    REVIEWERS,
    SECRETS,
    create_partner,
    create_people,
    create_project,
    empty_tables,
    offer,
    token_of,
)

QUIET = ("paused", "completed", "ended")

WHY = {
    "paused": "This project pauses and looks for no help right now",
    "completed": "This project is completed and needs no help any more",
    "ended": "This project is discontinued and needs no help any more",
}


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture(scope="module")
def kept(people) -> dict[str, Any]:
    return create_project(
        people,
        help_wanted=["technology", "care"],
        action_fields=["mobility"],
        technologies=["Python"],
    )


@pytest.fixture(autouse=True)
def settings(people) -> Iterator[None]:
    empty_tables()
    with changed_config("ckanext.digifarm.review_organization", REVIEWERS):
        yield


@pytest.fixture
def project(kept) -> dict[str, Any]:
    return as_portal("package_patch", id=kept["id"], stage="live")


def put_into(project: dict[str, Any], stage: str) -> dict[str, Any]:
    return as_portal("package_patch", id=project["id"], stage=stage)


def errors_of(user: str, action: str, **data: Any) -> dict[str, Any]:
    with pytest.raises(tk.ValidationError) as raised:
        as_user(user, action, **data)
    model.Session.rollback()
    return raised.value.error_dict


def test_each_stage_of_the_schema_file_has_its_place(shared_app):
    values = [choice["value"] for choice in fields.choices("stage")]
    assert {*stages.QUIET} <= {*values}
    places = {stage: stages.place({"stage": stage}) for stage in values}
    assert {stage for stage in values if stages.asks(stage)} == {
        stage for stage, place in places.items() if place == 0
    }
    assert places["paused"] == 1
    assert places["completed"] == places["ended"] == 2
    assert stages.place({"stage": "live", stages.SILENT: "2025"}) == 1
    assert stages.asks(None)
    assert stages.asks("")
    assert not stages.is_over("paused")


@pytest.mark.parametrize("stage", QUIET)
class TestQuiet:
    def test_is_in_no_facet_and_comes_last(self, stage, project, people):
        other = create_project(people, title="Anderes", stage="live")
        put_into(project, stage)
        found = as_portal(
            "package_search",
            fq="+dataset_type:civic_project",
            **{"facet.field": ["vocab_help_wanted"]},
        )
        assert found["search_facets"]["vocab_help_wanted"]["items"] == []
        assert found["results"][-1]["id"] == project["id"]
        # What it looked for is kept for later.
        assert found["results"][-1]["help_wanted"] == ["technology", "care"]
        put_into(project, "live")
        [area, _] = as_portal(
            "package_search",
            fq="+dataset_type:civic_project",
            **{"facet.field": ["vocab_help_wanted"]},
        )["search_facets"]["vocab_help_wanted"]["items"]
        assert area["count"] == 1
        as_portal("dataset_purge", id=other["id"])

    def test_has_no_match(self, stage, project, people):
        partner = create_partner(people, areas=["technology"])
        for of in ({"partner": partner["id"]}, {"project": project["id"]}):
            assert as_user("", "digifarm_match", **of)["count"] == 1
        put_into(project, stage)
        for of in ({"partner": partner["id"]}, {"project": project["id"]}):
            found = as_user("", "digifarm_match", **of)
            assert found == {"count": 0, "results": []}

    def test_refuses_help_and_says_why(self, stage, project, people):
        put_into(project, stage)
        why = {"project": [WHY[stage]]}
        given = {**OFFER, "project": project["id"]}
        assert errors_of("", "digifarm_support_offer", **given) == why
        partner = create_partner(people)
        given = {
            "project": project["id"],
            "partner": partner["id"],
            "area": "technology",
        }
        assert (
            errors_of(people["owner"], "digifarm_support_request", **given)
            == why
        )

    def test_tells_nobody_who_may_not_read_it(self, stage, project, people):
        put_into(project, stage)
        as_portal("package_patch", id=project["id"], private=True)
        with pytest.raises(tk.NotAuthorized):
            as_user(
                "", "digifarm_support_offer", **OFFER, project=project["id"]
            )
        model.Session.rollback()
        as_portal("package_patch", id=project["id"], private=False)

    def test_confirms_no_offer(self, stage, project, people):
        unconfirmed = offer(project=project["id"])
        token = token_of(unconfirmed, Purpose.SUPPORT_CONFIRM)
        put_into(project, stage)
        errors = errors_of("", "digifarm_support_confirm", token=token)
        assert errors == {"token": [WHY[stage]]}

    def test_gives_no_task(self, stage, project, people):
        task = call_action(
            "digifarm_task_create", project=project["id"], title="Zählen"
        )
        kim = {"name": "Kim", "email": "kim@example.org", "consent": True}
        as_user("", "digifarm_task_take", id=task["id"], **kim)
        [assignment] = model.Session.query(TaskAssignment).filter_by(
            task_id=task["id"]
        )
        token = tokens.make(
            Purpose.TASK_CONFIRM, assignment.id, assignment.token_key
        )
        put_into(project, stage)
        errors = errors_of("", "digifarm_task_take", id=task["id"], **kim)
        assert errors == {"project": [WHY[stage]]}
        errors = errors_of("", "digifarm_task_confirm", token=token)
        assert errors == {"token": [WHY[stage]]}

    def test_shows_no_help_on_its_page(
        self, stage, project, people, shared_app
    ):
        call_action(
            "digifarm_task_create", project=project["id"], title="Äste sägen"
        )
        visitor = Browser(shared_app)
        path = f"/civic_project/{project['name']}"
        page = html(visitor.get(path))
        assert page.select("#help, #care")
        assert "Äste sägen" in page.text
        as_portal("package_patch", id=project["id"], technology_help="Ein Pi")
        put_into(project, stage)
        page = html(visitor.get(path))
        # What pauses says what it will need again.
        assert bool(page.select("#help")) is (stage == "paused")
        assert ("Ein Pi" in page.text) is (stage == "paused")
        assert not page.select("#care")
        assert not page.select("a[href*='/support/offer/']")
        assert not page.select("a[href*='/tasks/take/']")
        assert "Äste sägen" not in page.text
        assert "looking for" not in page.text.lower()

    def test_leads_from_forms_to_its_page(
        self, stage, project, people, shared_app
    ):
        task = call_action(
            "digifarm_task_create", project=project["id"], title="Zählen"
        )
        put_into(project, stage)
        editor = Browser(shared_app, people["owner"])
        for path in (
            f"/civic_project/support/offer/{project['name']}",
            f"/civic_project/tasks/take/{task['id']}",
            f"/civic_project/support/request/{project['name']}",
        ):
            response = editor.get(path)
            assert response.request.path == f"/civic_project/{project['name']}"
            assert WHY[stage] in text_of(html(response))

    def test_says_so_to_who_has_the_form_open(
        self, stage, project, people, shared_app, monkeypatch
    ):
        monkeypatch.setattr(forms, "MIN_SECONDS", 0)
        task = call_action(
            "digifarm_task_create", project=project["id"], title="Zählen"
        )
        visitor = Browser(shared_app)
        filled = {
            f"/civic_project/support/offer/{project['name']}": {
                "area": "care",
                "contact_name": "Kim",
                "contact_email": "kim@example.org",
            },
            f"/civic_project/tasks/take/{task['id']}": {
                "name": "Kim",
                "email": "kim@example.org",
            },
        }
        opened = [
            visitor.form(path, "form.digifarm-form").with_values(
                **values, consent="true"
            )
            for path, values in filled.items()
        ]
        put_into(project, stage)
        for form in opened:
            response = visitor.send(form)
            assert response.request.path == f"/civic_project/{project['name']}"
            assert WHY[stage] in text_of(html(response))

    def test_is_not_on_the_home_page(self, stage, project, people, shared_app):
        visitor = Browser(shared_app)
        link = f"a[href='/civic_project/{project['name']}']"
        assert html(visitor.get("/")).select(link)
        put_into(project, stage)
        assert not html(visitor.get("/")).select(link)

    def test_looks_for_no_caretaker(self, stage, project, people):
        reviewer = people["reviewer"]
        found = as_user(reviewer, "digifarm_project_care_list")["results"]
        assert [one["id"] for one in found] == [project["id"]]
        put_into(project, stage)
        assert as_user(reviewer, "digifarm_project_care_list")["count"] == 0
        [mine] = [
            one
            for one in as_user(people["owner"], "digifarm_project_mine")[
                "results"
            ]
            if one["id"] == project["id"]
        ]
        assert "no_supporter" not in str(mine["needs"])


def test_open_tasks_of_what_pauses_take_no_room_on_a_page(people):
    own = create_project(people)
    named, owner = {"project": own["id"]}, people["owner"]
    for n, state in enumerate(["open", "open", "taken", "done"]):
        made = as_user(owner, "digifarm_task_create", title=f"{n}", **named)
        model.Session.get(Task, made["id"]).state = state
    model.Session.commit()

    def shown(name: str) -> list[str]:
        tasks = as_user(name, "digifarm_task_list", limit=2, **named)
        return [task["state"] for task in tasks]

    assert shown("") == ["open", "open"]
    put_into(own, "paused")
    assert shown("") == ["taken", "done"]
    assert shown(people["other"]) == ["taken", "done"]
    assert shown(owner) == ["open", "open"]


def test_what_is_over_takes_no_new_tasks(project, people):
    data = {"project": project["id"], "title": "Zählen"}
    put_into(project, "paused")
    as_user(people["owner"], "digifarm_task_create", **data)
    put_into(project, "completed")
    errors = errors_of(people["owner"], "digifarm_task_create", **data)
    assert errors == {"project": [WHY["completed"]]}


def test_nothing_private_is_in_a_refusal(project):
    put_into(project, "ended")
    errors = errors_of(
        "", "digifarm_support_offer", **OFFER, project=project["id"]
    )
    for secret in SECRETS.values():
        assert secret not in str(errors)

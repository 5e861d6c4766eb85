"""Reasons in short: chosen from the lists of the schema file, and counted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.tests.helpers import call_action, changed_config
from ckanext.digifarm.lib import tokens
from ckanext.digifarm.lib.events import Event
from ckanext.digifarm.lib.tokens import Purpose
from ckanext.digifarm.partners.model import Partner
from ckanext.digifarm.projects import fields, reasons
from ckanext.digifarm.support.model import SupportState
from ckanext.digifarm.tasks.model import Task, TaskAssignment

from .. import offering, proposing
from ..acting import as_user
from ..browsing import Browser, html, text_of
from ..offering import (
    REVIEWERS,
    create_people,
    create_project,
    store_offer,
    store_partner,
    store_request,
)

pytestmark = pytest.mark.usefixtures("shared_app", "nothing")


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture(scope="module")
def project(people) -> dict[str, Any]:
    return create_project(
        people,
        stage="idea",
        action_fields=["mobility"],
        origin_community="Ein Verein",
    )


@pytest.fixture
def nothing(people) -> Iterator[None]:
    model.Session.rollback()
    for table in (TaskAssignment, Task):
        model.Session.query(table).delete()
    model.Session.commit()
    proposing.empty_tables()
    offering.empty_tables()
    with changed_config("ckanext.digifarm.review_organization", REVIEWERS):
        yield


def offered(people, project) -> dict[str, Any]:
    support = store_offer(project=project["id"])
    return {"id": support.id, "token": offering.token_of(support)}


def requested(people, project) -> dict[str, Any]:
    partner = store_partner(people)
    support = store_request(project=project["id"], partner=partner["id"])
    return {"id": support.id}


def accepted(people, project) -> dict[str, Any]:
    support = store_offer(state=SupportState.ACCEPTED, project=project["id"])
    return {"id": support.id, "token": offering.token_of(support)}


def open_task(people, project) -> dict[str, Any]:
    task = call_action(
        "digifarm_task_create", project=project["id"], title="Texte"
    )
    return {"id": task["id"]}


def taken_task(people, project) -> dict[str, Any]:
    task = open_task(people, project)
    as_user(
        "",
        "digifarm_task_take",
        name="Kim",
        email="kim@example.org",
        consent=True,
        **task,
    )
    claim = (
        model.Session.query(TaskAssignment).filter_by(task_id=task["id"]).one()
    )
    token = tokens.make(Purpose.TASK_CONFIRM, claim.id, claim.token_key)
    token = as_user("", "digifarm_task_confirm", token=token)["token"]
    return {**task, "token": token}


def registered(people, project) -> dict[str, Any]:
    partner = as_user(
        people["other"],
        "digifarm_partner_register",
        title="Werkstatt",
        kind="association",
        contact_name="Kim",
        consent=True,
    )
    assert model.Session.get(Partner, partner["id"]).state == "proposed"
    return {"id": partner["id"]}


def proposed(people, project) -> dict[str, Any]:
    proposal = proposing.store_pending(people["other"])
    return {"id": proposal.id, "reason": "Weil"}


BY_LINK = ""

#: Who takes which step of what, as whom, and from and to which state.
STEPS = [
    (offered, "support_decline", "owner", "project", "offered", "declined"),
    (offered, "support_decline", "sysadmin", "project", "offered",
     "declined"),
    (requested, "support_decline", "partner_editor", "supporter",
     "requested", "declined"),
    (offered, "support_withdraw", BY_LINK, "supporter", "offered",
     "withdrawn"),
    (requested, "support_withdraw", "project_editor", "project", "requested",
     "withdrawn"),
    (accepted, "support_end", "owner", "project", "accepted", "ended"),
    (accepted, "support_end", BY_LINK, "supporter", "accepted", "ended"),
    (taken_task, "task_return", "owner", "project", "taken", "open"),
    (taken_task, "task_return", BY_LINK, "taker", "taken", "open"),
    (open_task, "task_delete", "owner", "project", "open", "deleted"),
    (taken_task, "task_delete", "owner", "project", "taken", "deleted"),
    (registered, "partner_decline", "reviewer", "reviewer", "proposed",
     "deleted"),
    (proposed, "proposal_decline", "reviewer", "reviewer", "pending",
     "declined"),
    (proposed, "proposal_request_changes", "reviewer", "reviewer", "pending",
     "changes_requested"),
    (proposed, "proposal_withdraw", "other", "proposer", "pending",
     "withdrawn"),
]  # fmt: skip


def kind_of(step: str) -> str:
    return reasons.STEPS[step.partition("_")[2]]


def take(
    make, step: str, user: str, people, project, **data: Any
) -> dict[str, Any]:
    """Take a step; returns what it is taken of."""
    what = make(people, project)
    model.Session.query(Event).delete()
    model.Session.commit()
    token = what.pop("token", None)
    asked = {"token": token} if user == BY_LINK else {"id": what["id"]}
    if "reason" in what:
        asked["reason"] = what["reason"]
    name = people[user] if user else ""
    as_user(name, f"digifarm_{step}", **asked, **data)
    return what


@pytest.mark.parametrize(
    ("make", "step", "user", "actor", "source", "target"), STEPS
)
def test_a_step_says_who_took_it_and_why(
    make, step, user, actor, source, target, people, project
):
    code = reasons.of(kind_of(step))[-1]["value"]
    what = take(make, step, user, people, project, reason_code=code)
    [event] = model.Session.query(Event).filter_by(subject_id=what["id"])
    assert (event.action, event.source, event.target, event.actor) == (
        f"digifarm_{step}",
        source,
        target,
        actor,
    )
    assert event.data["reason_code"] == code
    if event.subject in {"support", "task"}:
        assert event.project_id == project["id"]
        assert event.data["organization"] == project["owner_org"]
        assert event.data["action_fields"] == ["mobility"]
        assert event.data["origin"] == "Ein Verein"
    if event.subject == "support":
        assert event.data["area"] == "technology"
    by = model.User.get(people[user]).id if user else None
    assert event.created_by == by


@pytest.mark.parametrize(
    ("make", "step", "user"), [(m, s, u) for m, s, u, *_ in STEPS]
)
@pytest.mark.parametrize("code", ["nonsense", ["other"], "DONE"])
def test_only_codes_of_the_list_are_taken(
    make, step, user, code, people, project
):
    with pytest.raises(tk.ValidationError) as raised:
        take(make, step, user, people, project, reason_code=code)
    assert [*raised.value.error_dict] == ["reason_code"]
    assert model.Session.query(Event).count() == 0


def test_a_reason_in_short_is_optional(people, project):
    for data in ({}, {"reason_code": ""}):
        what = take(
            offered, "support_decline", "owner", people, project, **data
        )
        [event] = model.Session.query(Event).filter_by(subject_id=what["id"])
        assert "reason_code" not in event.data


def test_a_city_may_have_none(people, project, monkeypatch, shared_app):
    own = {k: v for k, v in fields._own_file().items() if k != "reasons"}
    monkeypatch.setattr(fields, "schema", lambda: own)
    for code in ("other", "no_time"):
        with pytest.raises(tk.ValidationError) as raised:
            take(
                offered,
                "support_decline",
                "owner",
                people,
                project,
                reason_code=code,
            )
        assert [*raised.value.error_dict] == ["reason_code"]
    take(offered, "support_decline", "owner", people, project)
    token = offered(people, project)["token"]
    page = html(
        Browser(shared_app).get(f"/civic_project/support/link/{token}")
    )
    assert page.select_one("form[action$='/step/withdraw']")
    assert not page.select_one("[name=reason_code]")


def test_a_city_may_have_its_own(people, project, monkeypatch):
    mine = [{"value": "mine", "label": "Mine"}]
    own = {**fields._own_file(), "reasons": {"declining": mine}}
    monkeypatch.setattr(fields, "schema", lambda: own)
    take(
        offered,
        "support_decline",
        "owner",
        people,
        project,
        reason_code="mine",
    )
    # Of the lists that it leaves out, none is asked for.
    assert reasons.of("ending") == []


def test_every_reason_has_words_in_both_languages():
    own = fields._own_file()["reasons"]
    assert [*own] == ["declining", "ending", "giving_back", "stopping"]
    for listed in own.values():
        values = [reason["value"] for reason in listed]
        assert len(values) == len({*values})
        for reason in listed:
            assert sorted(reason["label"]) == ["de", "en"]
            assert all(reason["label"].values())


class TestForms:
    def check(self, page: Any, form: str, step: str) -> None:
        """A select that is labelled, in front of the words."""
        [found] = page.select(form)
        select = found.select_one("select[name=reason_code]")
        label = found.select_one(f"label[for={select['id']}]")
        assert text_of(label) == "The reason in short (optional; only counted)"
        assert [option["value"] for option in select.select("option")] == [
            "",
            *(r["value"] for r in reasons.of(reasons.STEPS[step])),
        ]
        ids = [tag["id"] for tag in page.select("[id]")]
        assert ids.count(select["id"]) == 1

    def send(self, browser: Browser, path: str, selector: str, code: str):
        form = browser.form(path, selector).with_values(
            reason_code=code, reason="Weil"
        )
        model.Session.query(Event).delete()
        model.Session.commit()
        assert browser.send(form).status_code in {200, 302}
        model.Session.rollback()
        return [
            (e.action, e.data.get("reason_code"), e.reason)
            for e in model.Session.query(Event)
            if e.subject != "project"
        ]

    def test_offers(self, people, project, shared_app):
        offered(people, project)
        browser = Browser(shared_app, people["owner"])
        path = f"/civic_project/support/{project['name']}"
        form = "form[action$='/step/decline']"
        self.check(html(browser.get(path)), form, "decline")
        assert self.send(browser, path, form, "no_time") == [
            ("digifarm_support_decline", "no_time", "Weil")
        ]

    def test_offers_by_link(self, people, project, shared_app):
        token = offered(people, project)["token"]
        browser = Browser(shared_app)
        path = f"/civic_project/support/link/{token}"
        form = "form[action$='/step/withdraw']"
        self.check(html(browser.get(path)), form, "withdraw")
        assert self.send(browser, path, form, "other") == [
            ("digifarm_support_withdraw", "other", "Weil")
        ]

    @pytest.mark.parametrize("step", ["return", "delete"])
    def test_tasks(self, step, people, project, shared_app):
        taken_task(people, project)
        browser = Browser(shared_app, people["owner"])
        path = f"/civic_project/tasks/{project['name']}"
        form = f"form[action$='/{step}']"
        self.check(html(browser.get(path)), form, step)
        assert self.send(browser, path, form, "other") == [
            (f"digifarm_task_{step}", "other", "Weil")
        ]
        done = html(browser.get(path)).select("form[action$='/done']")
        assert not any(f.select("[name=reason_code]") for f in done)

    def test_tasks_by_link(self, people, project, shared_app):
        token = taken_task(people, project)["token"]
        browser = Browser(shared_app)
        path = f"/civic_project/tasks/link/{token}"
        form = "form[action$='/return']"
        self.check(html(browser.get(path)), form, "return")
        assert self.send(browser, path, form, "unclear") == [
            ("digifarm_task_return", "unclear", "Weil")
        ]

    def test_registrations(self, people, project, shared_app):
        registered(people, project)
        browser = Browser(shared_app, people["reviewer"])
        path = "/partner/review"
        form = "form[action$='/decline']"
        self.check(html(browser.get(path)), form, "decline")
        assert self.send(browser, path, form, "not_open") == [
            ("digifarm_partner_decline", "not_open", "Weil")
        ]

    @pytest.mark.parametrize("step", ["decline", "request_changes"])
    def test_reviews(self, step, people, project, shared_app):
        id_ = proposed(people, project)["id"]
        browser = Browser(shared_app, people["reviewer"])
        path = f"/civic_project/review/{id_}"
        form = f"form[action$='/{step}']"
        page = html(browser.get(path))
        self.check(page, form, step)
        assert not page.select("form[action$='/approve'] [name=reason_code]")
        assert self.send(browser, path, form, "incomplete") == [
            (f"digifarm_proposal_{step}", "incomplete", "Weil")
        ]

    def test_what_was_chosen_stays_in_the_form(
        self, people, project, shared_app
    ):
        id_ = proposed(people, project)["id"]
        browser = Browser(shared_app, people["reviewer"])
        form = browser.form(
            f"/civic_project/review/{id_}", "form[action$='/decline']"
        ).with_values(reason_code="not_open", reason="")
        page = html(browser.send(form))
        [chosen] = page.select(
            "form[action$='/decline'] [name=reason_code] [selected]"
        )
        assert chosen["value"] == "not_open"

    def test_proposals(self, people, project, shared_app):
        id_ = proposed(people, project)["id"]
        browser = Browser(shared_app, people["other"])
        path = f"/civic_project/propose/read/{id_}"
        form = "form[action$='/withdraw']"
        self.check(html(browser.get(path)), form, "withdraw")
        assert self.send(browser, path, form, "done") == [
            ("digifarm_proposal_withdraw", "done", "Weil")
        ]

    def test_the_words_are_german_for_germans(
        self, people, project, shared_app
    ):
        token = offered(people, project)["token"]
        path = f"/de/civic_project/support/link/{token}"
        page = html(Browser(shared_app).get(path))
        form = page.select_one("form[action$='/step/withdraw']")
        assert (
            "Der Grund in Kürze (freiwillig, nur für die Statistik)"
            in text_of(form)
        )
        assert "Dafür ist keine Zeit mehr" in text_of(form)

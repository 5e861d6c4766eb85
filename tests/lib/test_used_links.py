"""Links that were used say how it stands; what is confirmed can be changed."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
import pytest

from ckan import model
from ckanext.digifarm.lib import tokens
from ckanext.digifarm.lib.tokens import Purpose
from ckanext.digifarm.partners.model import Partner
from ckanext.digifarm.support.model import Support
from ckanext.digifarm.tasks.model import Task, TaskAssignment

from ..acting import as_portal, as_user
from ..browsing import Browser, html, read_form, text_of
from ..scenes import Scene, confirmation, partner, proposal, support, task

USED = "This link has been used already"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def visitor(shared_app) -> Browser:
    return Browser(shared_app)


def main(response: Any) -> str:
    return text_of(html(response).select_one("[role=main], div.main"))


def put(row: Any, **columns: Any) -> None:
    """Let a row be something else, with another key, as after a step."""
    row = model.Session.get(type(row), row.id)
    for name, value in {"token_key": tokens.new_key(), **columns}.items():
        setattr(row, name, value)
    model.Session.commit()


def held(start: Any) -> TaskAssignment:
    model.Session.rollback()
    return (
        model.Session.query(TaskAssignment).filter_by(task_id=start.id).one()
    )


class TestUsed:
    @pytest.mark.parametrize("page", ["confirm", "link"])
    @pytest.mark.parametrize(
        ("state", "words"),
        [
            ("unconfirmed", ""),
            ("offered", "waits for the project’s answer"),
            ("requested", "The request waits"),
            ("accepted", "has been accepted"),
            ("declined", "has been declined"),
            ("withdrawn", "It was withdrawn"),
            ("ended", "has ended"),
        ],
    )
    def test_of_a_support(self, page, state, words, scene, visitor):
        row = support("unconfirmed")(scene).row
        purpose = {"confirm": Purpose.SUPPORT_CONFIRM, "link": Purpose.SUPPORT}
        token = tokens.make(purpose[page], row.id, row.token_key)
        put(row, state=state)
        response = visitor.get(f"/civic_project/support/{page}/{token}")
        self.check(response, words)
        assert "Geheime Person" not in response.body

    @pytest.mark.parametrize(
        ("state", "words"),
        [
            ("unconfirmed", ""),
            ("proposed", "the city’s team looks at it"),
            ("active", "is in the directory"),
            ("deleted", "is not in the directory"),
        ],
    )
    def test_of_a_registration(self, state, words, scene, visitor):
        start = partner("unconfirmed")(scene)
        put(start.row, state=state)
        response = visitor.get(f"/partner/confirm/{start.token}")
        self.check(response, words)
        assert "Offene Werkstatt" not in main(response)

    @pytest.mark.parametrize("page", ["confirm", "link"])
    @pytest.mark.parametrize(
        ("state", "claim", "words"),
        [
            ("open", "unconfirmed", ""),
            ("taken", "held", "The task is yours"),
            ("open", "over", "is open for others again"),
            ("taken", "over", "Somebody else has the task"),
            ("done", "over", "The task is done"),
            ("deleted", "over", "is needed no longer"),
        ],
    )
    def test_of_a_task(self, page, state, claim, words, scene, visitor):
        start = task("open", "unconfirmed")(scene)
        assignment = held(start)
        purpose = {"confirm": Purpose.TASK_CONFIRM, "link": Purpose.TASK}
        token = tokens.make(purpose[page], assignment.id, assignment.token_key)
        put(assignment, state=claim)
        model.Session.get(Task, start.id).state = state
        model.Session.commit()
        response = visitor.get(f"/civic_project/tasks/{page}/{token}")
        self.check(response, words)

    @pytest.mark.parametrize(
        ("state", "words"),
        [
            ("pending", "the city’s team reads it"),
            ("changes_requested", "has asked for changes"),
            ("approved", "has been approved"),
            ("declined", "has been declined"),
            ("withdrawn", "was withdrawn"),
        ],
    )
    def test_of_a_proposal(self, state, words, scene, visitor):
        row = proposal(state)(scene).row
        token = tokens.make(Purpose.PROPOSAL_CONFIRM, row.id, row.token_key)
        page = f"/civic_project/propose/confirm/{token}"
        assert words in main(visitor.get(page))

    @pytest.mark.parametrize(
        ("state", "words"),
        [
            ("answered", "Nobody has to answer any more"),
            ("asked", ""),
            ("undecided", ""),
        ],
    )
    def test_of_a_confirmation(self, state, words, scene, visitor):
        start = confirmation(state)(scene)
        put(start.row)
        path = f"/civic_project/confirm/link/{start.token}"
        self.check(visitor.get(path), words)

    def check(self, response: Any, words: str) -> None:
        assert response.status_code == 410
        assert USED in main(response)
        assert words in main(response)
        assert main(response).count(". ") >= bool(words)


class TestClaims:
    def link(self, scene: Scene) -> str:
        row = support("accepted")(scene).row
        put(row, user_id=None, area="care")
        row = model.Session.get(Support, row.id)
        token = tokens.make(Purpose.CLAIM, row.id, row.token_key)
        return f"/dashboard/projects/claim/{token}"

    def test_are_said_to_be_done_to_who_has_done_so(
        self, scene, visitor, shared_app
    ):
        path = self.link(scene)
        user = model.User.get(scene.named("other"))
        owner = Browser(shared_app, user.id)
        assert "Please log in first" in main(visitor.get(path))
        form = owner.form(path, "div.main form")
        owner.send(form)
        response = owner.get(path)
        assert "You look after this project already" in main(response)
        assert not html(response).select("div.main form")
        # Others learn that it is used, but not by whom.
        offerer = model.User.get(scene.named("offerer"))
        response = Browser(shared_app, offerer.id).get(path)
        assert response.status_code == 410
        assert "Somebody has taken on the project" in main(response)
        assert user.name not in main(response)
        as_portal(
            "package_collaborator_delete",
            id=scene.project["id"],
            user_id=user.id,
        )


class TestConfirming:
    def test_an_offer_that_is_changed_at_that(self, scene, visitor):
        start = support("unconfirmed")(scene)
        path = f"/civic_project/support/confirm/{start.token}"
        form = visitor.form(path)
        assert form["contact_name"] == "Geheime Person"
        response = visitor.send(
            form.with_values(contact_name="", message=SCRIPT)
        )
        page = html(response)
        assert page.select_one("#errors a[href='#field-contact_name']")
        assert page.select_one("details[open] #field-contact_name")
        assert SCRIPT not in response.body
        again = read_form(response, "form.digifarm-form")
        assert again["message"] == SCRIPT
        assert model.Session.get(Support, start.id).state == "unconfirmed"
        response = visitor.send(
            again.with_values(contact_name="Kim", scope="Ein Jahr")
        )
        assert "Your offer has arrived" in response.body
        model.Session.rollback()
        row = model.Session.get(Support, start.id)
        assert (row.state, row.scope, row.contact_name, row.message) == (
            "offered",
            "Ein Jahr",
            "Kim",
            SCRIPT,
        )

    def test_names_a_person_as_they_call_themselves_by_then(self, scene):
        start = support("unconfirmed")(scene)
        start.row.person = "Geheime Person"
        model.Session.commit()
        as_user(
            "",
            "digifarm_support_confirm",
            token=start.token,
            contact_name="Kim",
        )
        assert model.Session.get(Support, start.id).person == "Kim"

    def test_a_registration_that_is_shown_and_changed(self, scene, visitor):
        put(partner("active", "Schon da")(scene).row, organization_id=None)
        start = partner("unconfirmed")(scene)
        path = f"/partner/confirm/{start.token}"
        page = visitor.get(path)
        for words in ("Offene Werkstatt", "werkstatt@example.org"):
            assert words in main(page)
        form = visitor.form(path)
        for wrong in ({"title": "Schon da"}, {"url": "javascript:alert(1)"}):
            response = visitor.send(form.with_values(**wrong))
            [name] = wrong
            assert html(response).select_one(f"#errors [href='#field-{name}']")
        model.Session.rollback()
        assert model.Session.get(Partner, start.id).state == "unconfirmed"
        visitor.send(form.with_values(title="Werkstatt für alle"))
        model.Session.rollback()
        row = model.Session.get(Partner, start.id)
        assert (row.title, row.state) == ("Werkstatt für alle", "proposed")

    def test_a_registration_is_shown_to_nobody_else(self, scene):
        start = partner("unconfirmed")(scene)
        show = "digifarm_partner_registration_show"
        for data in ({"token": "nonsense"}, {"token": ""}, {"id": start.id}):
            for user in ("", scene.named("reviewer")):
                with pytest.raises(tk.ValidationError):
                    as_user(user, show, **data)

    def test_a_task_under_another_name(self, scene, visitor):
        start = task("open", "unconfirmed")(scene)
        path = f"/civic_project/tasks/confirm/{start.token}"
        form = visitor.form(path)
        assert form["name"] == "Kim"
        response = visitor.send(form.with_values(name=" "))
        assert html(response).select_one("#errors a[href='#field-name']")
        visitor.send(form.with_values(name="Kim Wald"))
        assert (held(start).name, held(start).state) == ("Kim Wald", "held")

"""Whoever proposes a project changes it as long as nobody has decided."""

from __future__ import annotations

import io
from typing import Any

import ckantoolkit as tk
import pytest
from PIL import Image
from werkzeug.datastructures import FileStorage

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import changed_config
from ckanext.digifarm.lib.events import Event, Subject
from ckanext.digifarm.lib.tokens import Purpose
from ckanext.digifarm.lib.waiting import Waiting
from ckanext.digifarm.proposals import proposed
from ckanext.digifarm.proposals.model import Proposal

from ..acting import as_user
from ..browsing import Browser, html, read_form, text_of
from ..outbox import empty_outbox, waiting_mails
from ..proposing import (
    PROJECT,
    REVIEWERS,
    confirm,
    create_people,
    empty_tables,
    get,
    pending,
    project_of,
    propose,
    put_into,
    token_of,
)

pytestmark = [
    pytest.mark.ckan_config("ckanext.digifarm.review_organization", REVIEWERS),
    pytest.mark.usefixtures("shared_app"),
]

ROOT = "/civic_project/propose"
CONFIRM = Purpose.PROPOSAL_CONFIRM
UPDATE = "digifarm_proposal_update"
NEW = {"title": "Kühle Wege", "notes": "Viel mehr"}


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture(autouse=True)
def nothing(people) -> None:
    empty_tables()


@pytest.fixture
def visitor(shared_app) -> Browser:
    return Browser(shared_app)


def events_of(proposal: Proposal) -> list[tuple[str | None, str | None, str]]:
    found = Event.of(Subject.PROPOSAL, proposal.id)
    return [(event.source, event.target, event.reason) for event in found]


def waits(proposal: Proposal) -> list[tuple[str, Any]]:
    model.Session.rollback()
    rows = model.Session.query(Waiting).filter_by(subject_id=proposal.id)
    return sorted((row.user_id, row.since) for row in rows)


def main(response: Any) -> str:
    return text_of(html(response).select_one("[role=main], div.main"))


def listed(reviewer: str, proposal: Proposal) -> dict[str, Any]:
    found = as_user(reviewer, "digifarm_proposal_list")["results"]
    return next(one for one in found if one["id"] == proposal.id)


def upload() -> FileStorage:
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4)).save(buffer, "PNG")
    buffer.seek(0)
    return FileStorage(buffer, "a.png", content_type="image/png")


class TestBeforeTheConfirmation:
    def test_says_something_else_by_the_link_that_confirms(self, people):
        proposal = propose()
        token = token_of(proposal, CONFIRM)
        empty_outbox()
        dataset = factories.Dataset()
        result = as_user(
            "", UPDATE, token=token, project=NEW, datasets=[dataset["name"]]
        )
        proposal = get(proposal.id)
        assert result["state"] == proposal.state == "unconfirmed"
        # Nobody has read it yet, so nothing has happened.
        assert len(events_of(proposal)) == 1
        assert waiting_mails() == []
        as_user("", "digifarm_proposal_confirm", token=result["token"])
        project = project_of(proposal)
        assert project.title == NEW["title"]
        assert project.notes == NEW["notes"]
        assert project.extras["summary"] == PROJECT["summary"]
        assert [*proposed.linked_datasets(project.id)] == [dataset["id"]]

    def test_has_another_picture_or_none(self, tmp_path, people):
        with changed_config("ckan.storage_path", str(tmp_path)):
            proposal = propose()
            token = token_of(proposal, CONFIRM)
            as_user("", UPDATE, token=token, project={}, image_upload=upload())
            assert get(proposal.id).picture
            as_user("", UPDATE, token=token, project=NEW)
            assert get(proposal.id).picture
            as_user("", UPDATE, token=token, project={}, clear_upload=True)
            assert not get(proposal.id).picture

    def test_keeps_what_it_says_where_something_is_wrong(self, people):
        proposal = propose()
        token = token_of(proposal, CONFIRM)
        with pytest.raises(tk.ValidationError) as raised:
            as_user("", UPDATE, token=token, project={"title": ""})
        assert "title" in raised.value.error_dict
        payload = get(proposal.id).payload
        assert payload["project"]["title"] == PROJECT["title"]

    @pytest.mark.parametrize("role", ["other", "reviewer", "anonymous"])
    def test_is_changed_by_nobody_else(self, role, people):
        proposal = propose()
        with pytest.raises(tk.NotAuthorized):
            as_user(people[role], UPDATE, id=proposal.id, project=NEW)
        with pytest.raises(tk.ValidationError):
            as_user(people[role], UPDATE, token="nonsense", project=NEW)

    def test_is_not_changed_by_that_link_once_it_is_confirmed(self, people):
        proposal = propose()
        token = token_of(proposal, CONFIRM)
        confirm(proposal)
        with pytest.raises(tk.ValidationError) as raised:
            as_user("", UPDATE, token=token, project=NEW)
        assert raised.value.error_dict == {
            "token": ["This link has been used already"]
        }
        assert project_of(proposal).title == PROJECT["title"]

    def test_is_changed_on_a_page_and_then_confirmed(self, visitor):
        proposal = propose()
        path = f"{ROOT}/confirm/{token_of(proposal, CONFIRM)}"
        page = html(visitor.get(path))
        [way] = page.select("a[href$='/edit']")
        form = visitor.form(way["href"])
        assert form["title"] == PROJECT["title"]
        response = visitor.send(form.with_values(title=""))
        assert html(response).select_one("#errors")
        again = read_form(response, "form.digifarm-form")
        response = visitor.send(again.with_values(**NEW))
        assert response.request.path.startswith(f"{ROOT}/confirm/")
        assert "Please confirm the proposal now" in main(response)
        assert NEW["notes"] in main(response)
        assert get(proposal.id).state == "unconfirmed"
        visitor.send(visitor.form(path, "div.main form"))
        assert project_of(proposal).title == NEW["title"]
        assert visitor.get(f"{path}/edit").status_code in {404, 410}


class TestWhileItWaits:
    def test_is_changed_and_waits_on(self, people):
        proposal = pending()
        before, waiting = events_of(proposal), waits(proposal)
        modified = proposal.modified
        empty_outbox()
        result = as_user(
            "",
            UPDATE,
            token=token_of(proposal),
            project=NEW,
            reason="Der Name war falsch",
        )
        proposal = get(proposal.id)
        assert result["state"] == proposal.state == "pending"
        assert project_of(proposal).title == NEW["title"]
        assert events_of(proposal) == [
            *before,
            ("pending", "pending", "Der Name war falsch"),
        ]
        # Its place in the queue stays, and nobody gets a mail.
        assert proposal.modified == modified
        assert waits(proposal) == waiting
        assert waiting_mails() == []

    def test_is_not_changed_by_the_same_words(self, people, visitor):
        proposal = pending()
        token, id_ = token_of(proposal), people["reviewer"]
        as_user("", UPDATE, token=token, project={"tag_string": "Wasser,Baum"})
        before = events_of(proposal)
        read = as_user(id_, "digifarm_proposal_show", id=proposal.id)
        path = f"{ROOT}/link/{token}"
        response = visitor.send(visitor.form(f"{path}/edit"))
        assert response.request.path.startswith(f"{ROOT}/link/")
        # In any order.
        as_user("", UPDATE, token=token, project={"tag_string": "Baum;Wasser"})
        assert events_of(proposal) == before
        now = as_user(id_, "digifarm_proposal_show", id=proposal.id)
        assert now["version"] == read["version"]
        as_user("", UPDATE, token=token, project={}, reason="Bitte bald")
        assert events_of(proposal)[-1] == ("pending", "pending", "Bitte bald")
        dataset = factories.Dataset()
        as_user("", UPDATE, token=token, project={}, datasets=[dataset["id"]])
        assert len(events_of(proposal)) == len(before) + 2
        as_user("", UPDATE, token=token, project={}, datasets=[dataset["id"]])
        assert len(events_of(proposal)) == len(before) + 2

    def test_is_seen_by_reviewers(self, people, shared_app):
        proposal = pending()
        assert listed(people["reviewer"], proposal)["changed"] == ""
        as_user("", UPDATE, token=token_of(proposal), project=NEW)
        assert listed(people["reviewer"], proposal)["changed"]
        reviewer = Browser(shared_app, model.User.get(people["reviewer"]).id)
        page = main(reviewer.get("/civic_project/review"))
        assert "Changed by the proposer" in page
        page = main(reviewer.get(f"/civic_project/review/{proposal.id}"))
        assert "Changed by the proposer" in page
        # What was changed before it was asked for is old by then.
        put_into(get(proposal.id), "changes_requested")
        assert listed(people["reviewer"], proposal)["changed"] == ""

    def test_is_read_once_more_before_a_decision(self, people):
        proposal = pending()
        read = as_user(
            people["reviewer"], "digifarm_proposal_show", id=proposal.id
        )["version"]
        as_user("", UPDATE, token=token_of(proposal), project=NEW)
        with pytest.raises(tk.ValidationError) as raised:
            as_user(
                people["reviewer"],
                "digifarm_proposal_approve",
                id=proposal.id,
                organization="green-office",
                version=read,
            )
        assert set(raised.value.error_dict) == {"version"}

    @pytest.mark.parametrize("role", ["other", "reviewer", "anonymous"])
    def test_is_changed_by_nobody_else(self, role, people):
        proposal = pending()
        with pytest.raises(tk.NotAuthorized):
            as_user(people[role], UPDATE, id=proposal.id, project=NEW)
        assert project_of(proposal).title == PROJECT["title"]

    @pytest.mark.parametrize("state", ["approved", "declined", "withdrawn"])
    def test_is_not_changed_once_it_is_decided(self, state, people):
        proposal = put_into(pending(), state)
        with pytest.raises(tk.ValidationError):
            as_user("", UPDATE, token=token_of(proposal), project=NEW)

    def test_is_changed_on_its_page(self, visitor):
        proposal = pending()
        path = f"{ROOT}/link/{token_of(proposal)}"
        [way] = html(visitor.get(path)).select("a[href$='/edit']")
        form = visitor.form(way["href"])
        response = visitor.send(form.with_values(**NEW))
        assert response.request.path.startswith(f"{ROOT}/link/")
        assert "Your changes are saved" in response.body
        assert NEW["title"] in main(response)

    def test_a_request_of_reviewers_is_read_before_it_is_answered(
        self, visitor
    ):
        proposal = pending()
        path = f"{ROOT}/link/{token_of(proposal)}"
        form = visitor.form(f"{path}/edit")
        put_into(get(proposal.id), "changes_requested", "Bitte mehr dazu")
        response = visitor.send(form.with_values(**NEW))
        assert "Meanwhile the city’s team has answered" in response.body
        assert "Bitte mehr dazu" in main(response)
        assert get(proposal.id).state == "changes_requested"
        # Nothing that was typed is lost.
        form = read_form(response, "form.digifarm-form")
        assert form["notes"] == NEW["notes"]
        visitor.send(form)
        assert get(proposal.id).state == "pending"


def test_an_account_without_an_address_confirms_no_other(people):
    """It would be the address of somebody else."""
    user = model.User.get(people["other"])
    user.email = None
    model.Session.commit()
    proposal = propose(people["other"])
    assert proposal.state == "unconfirmed"
    changed = as_user(
        people["other"], UPDATE, id=proposal.id, project={**PROJECT, **NEW}
    )
    assert changed == {"id": proposal.id, "state": "unconfirmed"}

"""Reviewers keep notes that nobody else reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action, changed_config
from ckanext.digifarm import privacy
from ckanext.digifarm.notes.model import Note
from ckanext.digifarm.partners.model import Partner
from dev.counting import counting

from .. import proposing
from ..acting import as_portal, as_user, copy_of
from ..browsing import Browser, html, read_form, text_of
from ..dumping import dump

WORDS = "Geheimwort: mit dem Amt\nnoch <b>klären</b>"

#: Who may write and read notes.
REVIEWERS = ("reviewer", "other_reviewer", "sysadmin")

#: Who may not, though some of them edit what the notes are on.
OTHERS = (
    "proposer",
    "other",
    "owner",
    "review_member",
    "former",
    "project_editor",
    "anonymous",
)

SUBJECTS = ("project", "proposal", "partner")

SELECTOR = "#notes form:not([action*='/delete/'])"


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    """Names of users by what they are; `former` is no reviewer any more."""
    people = proposing.create_people()
    for role in ("owner", "former"):
        people[role] = factories.User(email=f"{role}@example.org")["name"]
    member = {"id": proposing.REVIEWERS, "username": people["former"]}
    as_portal("organization_member_create", **member, role="editor")
    as_portal("organization_member_delete", **member)
    return people


@pytest.fixture(scope="module")
def kept(people) -> dict[str, Any]:
    return factories.Dataset(
        type="civic_project", title="Schatten", owner_org="green-office"
    )


@pytest.fixture(autouse=True)
def settings(people) -> Iterator[None]:
    proposing.empty_tables()
    for table in (Note, Partner):
        model.Session.query(table).delete()
    model.Session.commit()
    with changed_config(
        "ckanext.digifarm.review_organization", proposing.REVIEWERS
    ):
        yield


@pytest.fixture
def things(kept, people) -> dict[str, dict[str, str]]:
    """What can have notes: its id, and where reviewers see it."""
    project = copy_of(kept)
    as_portal(
        "package_collaborator_create",
        id=project["id"],
        user_id=people["owner"],
        capacity="editor",
    )
    proposal = proposing.confirm(proposing.propose())
    partner = call_action(
        "digifarm_partner_create",
        title="Radclub",
        kind="association",
        organization_id="green-office",
    )
    return {
        "project": {
            "id": project["id"],
            "page": f"/civic_project/{project['name']}",
        },
        "proposal": {
            "id": proposal.id,
            "page": f"/civic_project/review/{proposal.id}",
            "project": str(proposal.project_id),
        },
        "partner": {"id": partner["id"], "page": "/partner/radclub"},
    }


def keep(user: str, subject: str, id_: str, text: str = WORDS) -> str:
    """The id of a note that somebody keeps."""
    return as_user(
        user,
        "digifarm_note_create",
        subject=subject,
        subject_id=id_,
        text=text,
    )["id"]


def listed(user: str, subject: str, id_: str, **part: int) -> dict[str, Any]:
    return as_user(
        user, "digifarm_note_list", subject=subject, subject_id=id_, **part
    )


def count() -> int:
    model.Session.rollback()
    return model.Session.query(Note).count()


@pytest.mark.parametrize("subject", SUBJECTS)
class TestWhoMay:
    @pytest.mark.parametrize("role", REVIEWERS)
    def test_reviewers_write_and_read(self, role, subject, things, people):
        id_ = things[subject]["id"]
        keep(people["reviewer"], subject, id_)
        [note] = listed(people[role], subject, id_)["results"]
        assert (note["text"], note["subject"], note["subject_id"]) == (
            WORDS,
            subject,
            id_,
        )
        assert note["author"]["name"] == people["reviewer"]
        assert keep(people[role], subject, id_)

    @pytest.mark.parametrize("role", OTHERS)
    def test_nobody_else_does(self, role, subject, things, people):
        id_ = things[subject]["id"]
        note = keep(people["reviewer"], subject, id_)
        with pytest.raises(tk.NotAuthorized):
            keep(people[role], subject, id_)
        with pytest.raises(tk.NotAuthorized):
            listed(people[role], subject, id_)
        with pytest.raises(tk.NotAuthorized):
            as_user(people[role], "digifarm_note_delete", id=note)
        assert count() == 1

    @pytest.mark.parametrize("role", OTHERS)
    def test_no_page_shows_them_to_others(
        self, role, subject, things, people, shared_app
    ):
        keep(people["reviewer"], subject, things[subject]["id"])
        user = people[role] and model.User.get(people[role]).id
        page = Browser(shared_app, user or None).get(things[subject]["page"])
        assert "Geheimwort" not in page.body
        assert 'id="notes"' not in page.body


class TestDeleting:
    def test_is_for_who_has_written_it(self, things, people):
        id_ = things["partner"]["id"]
        note = keep(people["reviewer"], "partner", id_)
        with pytest.raises(tk.NotAuthorized):
            as_user(people["other_reviewer"], "digifarm_note_delete", id=note)
        assert count() == 1
        as_user(people["reviewer"], "digifarm_note_delete", id=note)
        assert count() == 0

    def test_is_for_sysadmins(self, things, people):
        note = keep(people["reviewer"], "partner", things["partner"]["id"])
        as_user(people["sysadmin"], "digifarm_note_delete", id=note)
        assert count() == 0

    def test_is_not_for_who_is_no_reviewer_any_more(self, things, people):
        note = keep(people["reviewer"], "partner", things["partner"]["id"])
        former = model.User.get(people["former"])
        model.Session.get(Note, note).created_by = former.id
        model.Session.commit()
        with pytest.raises(tk.NotAuthorized):
            as_user(people["former"], "digifarm_note_delete", id=note)

    def test_says_who_may(self, things, people):
        id_ = things["partner"]["id"]
        keep(people["reviewer"], "partner", id_)
        for role, may in (
            ("reviewer", True),
            ("other_reviewer", False),
            ("sysadmin", True),
        ):
            [note] = listed(people[role], "partner", id_)["results"]
            assert note["may_delete"] is may


class TestWhatIsTaken:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("text", ""),
            ("text", " \n"),
            ("text", "ä" * 5001),
            ("subject", "task"),
            ("subject_id", ""),
        ],
        ids=["none", "blank", "long", "on a task", "on nothing"],
    )
    def test_is_checked(self, field, value, things, people):
        data = {
            "subject": "partner",
            "subject_id": things["partner"]["id"],
            "text": WORDS,
            field: value,
        }
        with pytest.raises(tk.ValidationError) as raised:
            as_user(people["reviewer"], "digifarm_note_create", **data)
        assert set(raised.value.error_dict) == {field}

    def test_may_be_long(self, things, people):
        id_ = things["partner"]["id"]
        assert keep(people["reviewer"], "partner", id_, "ä" * 5000)

    @pytest.mark.parametrize("subject", SUBJECTS)
    def test_must_be_on_something(self, subject, people):
        with pytest.raises(tk.ObjectNotFound):
            keep(people["reviewer"], subject, "nothing")

    def test_is_on_no_dataset(self, people):
        dataset = factories.Dataset(owner_org="green-office")
        with pytest.raises(tk.ObjectNotFound):
            keep(people["reviewer"], "project", dataset["id"])

    def test_is_listed_in_parts_the_newest_first(self, things, people):
        id_ = things["partner"]["id"]
        for number in range(3):
            keep(people["reviewer"], "partner", id_, f"Nummer {number}")
        found = listed(people["reviewer"], "partner", id_, limit=2)
        assert found["count"] == 3
        texts = [note["text"] for note in found["results"]]
        assert texts == ["Nummer 2", "Nummer 1"]

    def test_stays_with_what_a_proposal_becomes(self, things, people):
        proposal = things["proposal"]
        keep(people["reviewer"], "proposal", proposal["id"])
        found = listed(people["reviewer"], "project", proposal["project"])
        assert [note["text"] for note in found["results"]] == [WORDS]
        other = listed(people["reviewer"], "project", things["project"]["id"])
        assert other["results"] == []


class TestPages:
    @pytest.mark.parametrize("subject", SUBJECTS)
    def test_show_keep_and_delete(self, subject, things, people, shared_app):
        reviewer = Browser(shared_app, model.User.get(people["reviewer"]).id)
        form = reviewer.form(things[subject]["page"], SELECTOR)
        response = reviewer.send(form.with_values(note=WORDS))
        assert response.request.path == things[subject]["page"]
        section = html(response).select_one("#notes")
        assert "noch <b>klären</b>" in text_of(section)
        assert section.select("b") == []
        assert section.select_one("details[open]")
        # Once more is no second note: the page was asked for by GET.
        assert count() == 1
        delete = read_form(response, "#notes form[action*='/delete/']")
        response = reviewer.send(delete)
        assert "has been deleted" in response.body
        assert count() == 0

    def test_fold_them_on_a_project(self, things, people, shared_app):
        reviewer = Browser(shared_app, model.User.get(people["reviewer"]).id)
        for subject, is_open in (("project", False), ("partner", True)):
            page = things[subject]["page"]
            details = "#notes > details"
            assert html(reviewer.get(page)).select_one(
                f"{details}:not([open])"
            )
            keep(people["reviewer"], subject, things[subject]["id"])
            found = html(reviewer.get(page)).select_one(details)
            assert found.has_attr("open") is is_open

    def test_keep_what_was_typed_where_it_is_too_long(
        self, things, people, shared_app
    ):
        reviewer = Browser(shared_app, model.User.get(people["reviewer"]).id)
        form = reviewer.form(things["partner"]["page"], SELECTOR)
        response = reviewer.send(form.with_values(note="ä" * 5001))
        assert "at most 5000 characters" in response.body
        assert "ä" * 5001 in response.body
        assert count() == 0

    def test_need_a_token(self, things, people, shared_app):
        reviewer = Browser(shared_app, model.User.get(people["reviewer"]).id)
        action = reviewer.form(things["partner"]["page"], SELECTOR).action
        reviewer.post(action, data={"note": WORDS})
        assert count() == 0

    @pytest.mark.parametrize("role", OTHERS)
    def test_take_nothing_from_others(self, role, things, people, shared_app):
        id_ = things["partner"]["id"]
        note = keep(people["reviewer"], "partner", id_)
        user = people[role] and model.User.get(people[role]).id
        browser = Browser(shared_app, user or None)
        data = {"_csrf_token": browser.token(), "note": "Fremd"}
        start = f"/civic_project/review/notes/partner/{id_}"
        for path in (start, f"{start}/delete/{note}"):
            response = browser.post(path, data=data)
            assert response.status_code == 403 or (
                response.request.path == "/user/login"
            )
        assert count() == 1


def test_nothing_else_tells_of_them(things, people, shared_app):
    """No page, list, feed, index or activity of others."""
    for subject in SUBJECTS:
        keep(people["reviewer"], subject, things[subject]["id"])
    texts = json.dumps(
        [
            as_user("", "digifarm_partner_show", id=things["partner"]["id"]),
            as_user("", "digifarm_project_show", id=things["project"]["id"]),
            as_user("", "package_show", id=things["project"]["id"]),
            as_portal("digifarm_proposal_show", id=things["proposal"]["id"]),
            as_portal("package_activity_list", id=things["project"]["id"]),
        ],
        default=str,
    )
    assert "Geheimwort" not in texts
    model.Session.rollback()
    assert {
        place for place, text in dump().items() if "Geheimwort" in text
    } == {"digifarm_note"}


def test_a_visitor_pays_nothing(things, shared_app):
    visitor = Browser(shared_app)
    for subject in ("project", "partner"):
        visitor.get(things[subject]["page"])
        with counting() as cost:
            visitor.get(things[subject]["page"])
        assert not [sql for sql in cost.sql if "digifarm_note" in sql]


class TestGone:
    def test_with_a_project(self, things, people):
        keep(people["reviewer"], "project", things["project"]["id"])
        as_portal("dataset_purge", id=things["project"]["id"])
        assert count() == 0

    def test_with_a_partner(self, things, people):
        keep(people["reviewer"], "partner", things["partner"]["id"])
        partner = model.Session.get(Partner, things["partner"]["id"])
        model.Session.delete(partner)
        model.Session.commit()
        assert count() == 0

    def test_with_a_proposal_that_is_forgotten(self, things, people):
        keep(people["reviewer"], "proposal", things["proposal"]["id"])
        privacy.erase(proposing.SECRETS["proposer_email"])
        assert count() == 0

    def test_not_with_the_deletion_that_can_be_undone(self, things, people):
        keep(people["reviewer"], "partner", things["partner"]["id"])
        call_action("digifarm_partner_delete", id=things["partner"]["id"])
        assert count() == 1

    def test_they_move_with_a_partner_that_is_joined(self, things, people):
        stays = call_action(
            "digifarm_partner_create", title="Rad-Club", kind="association"
        )
        keep(people["reviewer"], "partner", things["partner"]["id"])
        call_action(
            "digifarm_partner_merge",
            id=things["partner"]["id"],
            into=stays["id"],
        )
        [note] = listed(people["reviewer"], "partner", stays["id"])["results"]
        assert note["text"] == WORDS


class TestPrivacy:
    def test_addresses_are_covered(self, things, people):
        keep(
            people["reviewer"],
            "partner",
            things["partner"]["id"],
            "Antwort an kim@example.org fehlt",
        )
        found = privacy.export("kim@example.org")
        [mention] = found["mention"]
        assert mention["where"] == "Internal note on “Radclub”: text"
        privacy.erase("kim@example.org")
        model.Session.rollback()
        [note] = model.Session.query(Note)
        assert note.text == "Antwort an … fehlt"

    def test_a_dry_run_says_what_goes(self, things, people):
        """What goes with a proposal is not covered besides."""
        email = proposing.SECRETS["proposer_email"]
        keep(
            people["reviewer"],
            "proposal",
            things["proposal"]["id"],
            f"Antwort an {email} fehlt",
        )
        rehearsed = privacy.erase(email, dry_run=True)
        done = privacy.erase(email)
        assert rehearsed.covered == done.covered == []
        assert rehearsed.counts == done.counts
        assert count() == 0

    def test_who_has_written_them_is_told_and_forgotten(self, things, people):
        id_ = things["partner"]["id"]
        keep(people["reviewer"], "partner", id_)
        found = privacy.export("reviewer@example.org")
        [note] = found["note"]
        assert (note["on"], note["about"]) == ("partner", "Radclub")
        assert privacy.erase("reviewer@example.org").counts["note"] == 1
        [note] = listed(people["sysadmin"], "partner", id_)["results"]
        assert (note["created_by"], note["author"]) == (None, {})
        assert note["text"] == WORDS

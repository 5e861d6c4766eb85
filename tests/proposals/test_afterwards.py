"""What reviewers see and mend of projects that came through them."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.tests import factories
from ckanext.digifarm import privacy
from ckanext.digifarm.lib.events import Event, Subject
from ckanext.digifarm.proposals.model import Proposal
from ckanext.digifarm.proposals.seen import Seen

from ..acting import as_portal, as_user
from ..browsing import Browser, html, text_of
from ..outbox import empty_outbox, waiting_mails
from ..proposing import (
    REVIEWERS,
    create_people,
    empty_tables,
    get,
    pending,
    project_of,
    put_into,
    token_of,
)
from ..working import work_here

pytestmark = [
    pytest.mark.ckan_config("ckanext.digifarm.review_organization", REVIEWERS),
    pytest.mark.usefixtures("shared_app"),
]

REVIEW = "/civic_project/review"
CHANGES = "digifarm_project_changes"
HIDE = "digifarm_project_hide"


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture(autouse=True)
def nothing(people) -> None:
    empty_tables()


@pytest.fixture
def approved(people, ckan_config) -> Proposal:
    """One whose proposer owns the project, in another organisation."""
    proposal = pending(people["proposer"], project={"tag_string": "Wege"})
    as_user(
        people["reviewer"],
        "digifarm_proposal_approve",
        id=proposal.id,
        organization="green-office",
    )
    empty_outbox()
    return get(proposal.id)


def edit(user: str, proposal: Proposal, **fields: Any) -> None:
    as_user(user, "package_patch", id=proposal.project_id, **fields)


def changes(people: dict[str, str], proposal: Proposal) -> Any:
    found = as_user(people["reviewer"], CHANGES, id=proposal.id)
    if found is None:
        return None
    return {
        field["name"]: (field["before"], field["now"])
        for field in found["fields"]
    }


def edited(people: dict[str, str]) -> list[str]:
    found = as_user(people["reviewer"], "digifarm_proposal_list", edited=True)
    assert counts(people)["edited"] == found["count"]
    return [row["id"] for row in found["results"]]


def counts(people: dict[str, str]) -> dict[str, int]:
    return as_user(people["reviewer"], "digifarm_review_counts")


def version(people: dict[str, str], proposal: Proposal) -> str:
    return as_user(
        people["reviewer"], "digifarm_proposal_show", id=proposal.id
    )["version"]


class TestChanges:
    def test_are_none_at_first(self, people, approved):
        assert changes(people, approved) == {}
        assert edited(people) == []

    def test_are_shown_field_by_field(self, people, approved):
        dataset = factories.Dataset(title="Bäume")
        edit(
            people["proposer"],
            approved,
            title="Neue Wege",
            help_wanted=["content", "care"],
            tags=[{"name": "Wege"}, {"name": "Hitze"}],
        )
        as_user(
            people["proposer"],
            "digifarm_link_create",
            project=approved.project_id,
            dataset=dataset["id"],
        )
        assert changes(people, approved) == {
            "title": ("Schattenwege", "Neue Wege"),
            "help_wanted": ("", "Help with content, A caretaker"),
            "tags": ("Wege", "Hitze, Wege"),
            "datasets": ("", "Bäume"),
        }
        assert edited(people) == [approved.id]

    def test_are_seen_until_the_next_ones(self, people, approved):
        edit(people["proposer"], approved, summary="Eins")
        as_user(
            people["other_reviewer"],
            "digifarm_project_seen",
            id=approved.id,
            version=version(people, approved),
        )
        assert (changes(people, approved), edited(people)) == ({}, [])
        edit(people["proposer"], approved, summary="Zwei")
        assert changes(people, approved) == {"summary": ("Eins", "Zwei")}
        assert edited(people) == [approved.id]

    def test_are_not_seen_that_came_later(self, people, approved):
        edit(people["proposer"], approved, summary="Eins")
        read = version(people, approved)
        edit(people["proposer"], approved, summary="Zwei")
        with pytest.raises(tk.ValidationError) as raised:
            as_user(
                people["reviewer"],
                "digifarm_project_seen",
                id=approved.id,
                version=read,
            )
        assert set(raised.value.error_dict) == {"version"}
        assert edited(people) == [approved.id]

    def test_of_a_proposal_that_comes_back_are_shown(self, people):
        proposal = pending()
        as_user(
            people["reviewer"],
            "digifarm_proposal_request_changes",
            id=proposal.id,
            reason="Bitte mehr",
        )
        as_user(
            "",
            "digifarm_proposal_update",
            token=token_of(get(proposal.id)),
            project={"notes": "Viel mehr"},
        )
        assert changes(people, proposal) == {"notes": ("", "Viel mehr")}

    def test_of_long_ago_are_not_known(self, people, approved):
        model.Session.query(Seen).delete()
        model.Session.commit()
        edit(people["proposer"], approved, summary="Eins")
        assert changes(people, approved) is None
        assert edited(people) == [approved.id]

    def test_keep_nothing_of_who_is_forgotten(self, people, approved):
        edit(people["proposer"], approved, contact_email="kim@example.org")
        as_user(people["reviewer"], "digifarm_project_seen", id=approved.id)
        assert model.Session.get(Seen, approved.project_id).fields[
            "contact_email"
        ]
        privacy.erase("kim@example.org")
        model.Session.expire_all()
        assert model.Session.get(Seen, approved.project_id) is None
        assert changes(people, approved) is None

    def test_are_told_to_whom_they_name(self, people, approved):
        edit(people["proposer"], approved, contact_email="kim@example.org")
        as_user(people["reviewer"], "digifarm_project_seen", id=approved.id)
        edit(people["proposer"], approved, contact_email="")
        title = project_of(approved).title
        told = [
            mention["where"]
            for mention in privacy.export("kim@example.org")["mention"]
            if "when reviewed" in mention["where"]
        ]
        assert told == [f"What “{title}” said when reviewed: E-mail address"]


class TestReviewers:
    def test_may_edit_what_came_through_them(self, people, approved):
        assert project_of(approved).owner_org != model.Group.get(REVIEWERS).id
        edit(people["reviewer"], approved, summary="Vom Team der Stadt")
        assert project_of(approved).extras["summary"] == "Vom Team der Stadt"

    @pytest.mark.parametrize("role", ["other", "review_member", "anonymous"])
    def test_alone_may(self, role, people, approved):
        with pytest.raises(tk.NotAuthorized):
            edit(people[role], approved, summary="Fremd")

    def test_may_not_edit_what_came_another_way(self, people, project_factory):
        project = project_factory(owner_org=model.Group.get("green-office").id)
        with pytest.raises(tk.NotAuthorized):
            as_user(
                people["reviewer"],
                "package_patch",
                id=project["id"],
                summary="Fremd",
            )

    def test_may_no_longer_once_they_are_none(self, people, approved):
        former = factories.User()
        organization = model.Group.get(REVIEWERS).id
        member = {"id": organization, "username": former["name"]}
        as_portal("organization_member_create", **member, role="editor")
        edit(former["name"], approved, summary="Eins")
        as_portal("organization_member_delete", **member)
        with pytest.raises(tk.NotAuthorized):
            edit(former["name"], approved, summary="Zwei")

    @pytest.mark.parametrize(
        ("action", "data"),
        [
            ("package_delete", {"id": "{}"}),
            (
                "digifarm_support_list",
                {"project": "{}", "state": "offered", "contacts": True},
            ),
            ("digifarm_task_list", {"project": "{}", "takers": True}),
            ("digifarm_task_create", {"project": "{}", "title": "A"}),
            ("digifarm_project_end", {"id": "{}", "stage": "ended"}),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_do_not_act_for_its_team(self, action, data, people, approved):
        data = {
            key: value.format(approved.project_id)
            if isinstance(value, str)
            else value
            for key, value in data.items()
        }
        with pytest.raises(tk.NotAuthorized):
            as_user(people["reviewer"], action, **data)

    def test_see_no_pages_of_its_team(self, people, approved, shared_app):
        browser = Browser(shared_app, people["reviewer"])
        name = project_of(approved).name
        for path, status in (
            (f"/civic_project/edit/{name}", 200),
            (f"/civic_project/team/{name}", 200),
            (f"/civic_project/support/{name}", 403),
            (f"/civic_project/tasks/{name}", 403),
            (f"/civic_project/delete/{name}", 403),
            (f"/civic_project/end/{name}", 403),
        ):
            assert browser.get(path).status_code == status, path
        # Nothing leads them there.
        page = html(browser.get(f"/civic_project/{name}"))
        links = {a.get("href", "") for a in page.select("[role=main] a")}
        assert f"/civic_project/edit/{name}" in links
        for part in ("support", "tasks", "end", "delete"):
            assert f"/civic_project/{part}/{name}" not in links
        assert not page.select("form[action*='/civic_project/links/']")


class TestHiding:
    def hide(self, user: str, proposal: Proposal) -> None:
        as_user(user, HIDE, id=proposal.id, reason="Bitte ohne Werbung")

    def test_tells_the_owners_and_keeps_it_from_others(self, people, approved):
        self.hide(people["reviewer"], approved)
        assert project_of(approved).private
        [mail] = waiting_mails()
        assert mail.recipient_email == model.User.get(people["proposer"]).email
        assert "> Bitte ohne Werbung" in mail.body
        show = {"id": approved.project_id}
        for role in ("anonymous", "other"):
            with pytest.raises(tk.NotAuthorized):
                as_user(people[role], "package_show", **show)
        for role in ("proposer", "reviewer", "project_editor"):
            assert as_user(people[role], "package_show", **show)["private"]
        *_, event = Event.of(Subject.PROPOSAL, approved.id)
        assert (event.source, event.target) == ("approved", "hidden")

    def test_is_said_to_those_who_edit_it(self, people, approved, shared_app):
        self.hide(people["reviewer"], approved)
        project = project_of(approved)
        owner = Browser(shared_app, people["proposer"])
        for path in (
            f"/civic_project/{project.name}",
            f"/civic_project/edit/{project.name}",
        ):
            assert "Bitte ohne Werbung" in owner.get(path).body
        [waits] = as_user(people["proposer"], "digifarm_waiting_list")
        assert (waits["subject"], waits["state"]) == ("proposal", "hidden")
        assert counts(people)["hidden"] == 1
        found = as_user(
            people["proposer"], "digifarm_project_hidden", id=project.id
        )
        assert found["reason"] == "Bitte ohne Werbung"
        for role in ("other", "review_member", "anonymous"):
            with pytest.raises(tk.NotAuthorized):
                as_user(people[role], "digifarm_project_hidden", id=project.id)

    @pytest.mark.parametrize("role", ["proposer", "project_editor"])
    def test_is_undone_by_reviewers_alone(self, role, people, approved):
        self.hide(people["reviewer"], approved)
        edit(people[role], approved, summary="Ohne Werbung")
        with pytest.raises(tk.ValidationError) as raised:
            edit(people[role], approved, private=False)
        assert set(raised.value.error_dict) == {"private"}
        assert edited(people) == [approved.id]
        assert changes(people, approved)["summary"][1] == "Ohne Werbung"
        empty_outbox()
        as_user(
            people["reviewer"],
            "digifarm_project_give_back",
            id=approved.id,
            reason="Danke",
        )
        assert not project_of(approved).private
        [mail] = waiting_mails()
        assert mail.subject == "“Schattenwege” is public again"
        assert as_user("", "package_show", id=approved.project_id)
        assert edited(people) == []

    @pytest.mark.parametrize(
        "role", ["proposer", "other", "review_member", "project_editor", ""]
    )
    def test_is_for_reviewers(self, role, people, approved):
        with pytest.raises(tk.NotAuthorized):
            self.hide(people.get(role, ""), approved)
        assert not project_of(approved).private

    @pytest.mark.parametrize(
        "state", ["pending", "changes_requested", "declined", "withdrawn"]
    )
    def test_is_for_projects(self, state, people):
        proposal = pending()
        if state != "pending":
            put_into(proposal, state)
        with pytest.raises(tk.ValidationError):
            self.hide(people["reviewer"], get(proposal.id))

    def test_is_of_what_everybody_sees(self, people, approved):
        edit(people["proposer"], approved, private=True)
        with pytest.raises(tk.ValidationError) as raised:
            self.hide(people["reviewer"], approved)
        assert raised.value.error_dict == {
            "id": ["This project is not public"]
        }

    def test_takes_it_out_of_searches_at_once(self, people, approved):
        work_here()
        query = {"fq": f"dataset_type:civic_project id:{approved.project_id}"}
        assert as_user("", "package_search", **query)["count"] == 1
        self.hide(people["reviewer"], approved)
        assert as_user("", "package_search", **query)["count"] == 0

    def test_ends_with_what_was_read(self, people, approved):
        self.hide(people["reviewer"], approved)
        read = version(people, approved)
        edit(people["proposer"], approved, summary="Noch mehr Werbung")
        back = {"id": approved.id, "version": read}
        with pytest.raises(tk.ValidationError) as raised:
            as_user(people["reviewer"], "digifarm_project_give_back", **back)
        assert set(raised.value.error_dict) == {"version"}
        assert project_of(approved).private

    def test_needs_words(self, people, approved):
        with pytest.raises(tk.ValidationError) as raised:
            as_user(people["reviewer"], HIDE, id=approved.id, reason=" ")
        assert set(raised.value.error_dict) == {"reason"}

    def test_stays_a_project_of_its_owners(self, people, approved):
        self.hide(people["reviewer"], approved)
        work_here()
        found = as_user(people["proposer"], "digifarm_project_mine")
        assert approved.project_id in [p["id"] for p in found["results"]]
        privacy.erase("proposer@example.org")
        assert model.Package.get(approved.project_id)


class TestQueue:
    def test_has_numbers(self, people, approved, shared_app):
        pending()
        edit(people["proposer"], approved, summary="Neu")
        found = counts(people)
        assert (found["pending"], found["changes"], found["edited"]) == (
            1,
            0,
            1,
        )
        browser = Browser(shared_app, people["reviewer"])
        tabs = html(browser.get(REVIEW)).select(".nav-tabs a")
        assert text_of(tabs[0]) == "Proposals to decide on 1"
        assert "/partner/review" in [tab["href"] for tab in tabs]

    @pytest.mark.parametrize(
        "action",
        ["digifarm_review_counts", CHANGES, "digifarm_project_seen"],
    )
    @pytest.mark.parametrize(
        "role", ["proposer", "other", "review_member", "project_editor", ""]
    )
    def test_is_for_reviewers(self, action, role, people, approved):
        with pytest.raises(tk.NotAuthorized):
            as_user(people.get(role, ""), action, id=approved.id)

    def test_shows_what_has_changed_and_notes_that_it_was_seen(
        self, people, approved, shared_app
    ):
        edit(people["proposer"], approved, summary="Neu <b>hier</b>")
        browser = Browser(shared_app, people["reviewer"])
        page = html(browser.get(f"{REVIEW}?part=edited"))
        [way] = page.select("a[href$='#changes']")
        page = html(browser.get(way["href"].partition("#")[0]))
        row = page.select_one("#changes tbody tr")
        assert [text_of(cell) for cell in row.select("th, td")][1:] == [
            "Zeigt kühle Wege durch die Stadt",
            "Neu <b>hier</b>",
        ]
        form = browser.form(f"{REVIEW}/{approved.id}", "#changes form")
        response = browser.send(form)
        assert "You have seen what has changed." in response.body
        assert edited(people) == []

    def test_hides_and_gives_back(self, people, approved, shared_app):
        browser = Browser(shared_app, people["reviewer"])
        path = f"{REVIEW}/{approved.id}"
        form = browser.form(path, "form[action$='/hide']")
        response = browser.send(form)
        assert html(response).select("#errors a[href='#field-reason']")
        response = browser.send(form.with_values(reason="Werbung"))
        assert "The project is hidden." in response.body
        form = browser.form(path, "form[action$='/give_back']")
        response = browser.send(form)
        assert "is public again" in response.body
        assert not project_of(approved).private
        page = html(browser.get(path))
        steps = page.select(".digifarm-history strong")
        assert text_of(steps[-1]) == "Shown again"
        # Nothing has changed: there is nothing to be seen.
        assert not page.select("form[action$='/seen']")

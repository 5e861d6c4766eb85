"""Reviewers decide on proposals, and proposers become owners."""

from __future__ import annotations

import functools
from typing import Any

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.lib import mailer
from ckan.tests import factories
from ckan.tests.helpers import changed_config
from ckanext.digifarm.lib.events import Event, Subject
from ckanext.digifarm.lib.tokens import Purpose
from ckanext.digifarm.proposals.model import Proposal

from ..acting import as_portal, as_user, in_two_threads
from ..browsing import Browser, html
from ..outbox import empty_outbox, link_in, waiting_mails
from ..proposing import (
    CONDITIONS,
    PROJECT,
    REVIEWERS,
    SECRETS,
    create_people,
    empty_tables,
    get,
    parameters_of,
    pending,
    project_of,
    propose,
    put_into,
    store_pending,
    token_of,
)

pytestmark = [
    pytest.mark.ckan_config("ckanext.digifarm.review_organization", REVIEWERS),
    pytest.mark.usefixtures("shared_app"),
]

DECISIONS = ("approve", "decline", "request_changes")


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture(autouse=True)
def nothing(people) -> None:
    empty_tables()


def decide(user: str, step: str, proposal: Proposal, **data: Any) -> Proposal:
    as_user(
        user,
        f"digifarm_proposal_{step}",
        id=proposal.id,
        **{**parameters_of(step), **data},
    )
    return get(proposal.id)


def refused(user: str, step: str, proposal: Proposal, **data: Any) -> set[str]:
    """The parameters that are wrong; nothing has changed then."""
    empty_outbox()
    with pytest.raises(tk.ValidationError) as raised:
        decide(user, step, proposal, **data)
    model.Session.rollback()
    stored = get(proposal.id)
    assert stored.state == "pending"
    assert project_of(stored).private
    assert waiting_mails() == []
    return set(raised.value.error_dict)


def claim(user: str, token: str) -> dict[str, Any]:
    return as_user(user, "digifarm_project_claim", token=token)


def may_edit(user: str, proposal: Proposal) -> bool:
    model.Session.rollback()
    try:
        tk.check_access(
            "package_update",
            {"user": user},
            {"id": get(proposal.id).project_id},
        )
    except tk.NotAuthorized:
        return False
    return True


class TestOwnProposals:
    @pytest.mark.parametrize("state", ["pending", "changes_requested"])
    @pytest.mark.parametrize("step", DECISIONS)
    def test_are_decided_by_somebody_else(self, step, state, people):
        own = {
            "reviewer": put_into(store_pending(people["reviewer"]), state),
            # Without the account, in another spelling.
            "other_reviewer": put_into(
                store_pending(proposer_email="Other_REVIEWER@Example.org"),
                state,
            ),
        }
        for role, proposal in own.items():
            with pytest.raises(tk.NotAuthorized, match="your own"):
                decide(people[role], step, proposal)
            assert get(proposal.id).state == state
        if (step, state) == ("request_changes", "changes_requested"):
            return
        assert decide(people["other_reviewer"], step, own["reviewer"])
        assert decide(people["reviewer"], step, own["other_reviewer"])

    @pytest.mark.parametrize("step", DECISIONS)
    def test_of_a_sysadmin_are_decided_by_anybody(self, step, people):
        proposal = store_pending(people["sysadmin"])
        decided = decide(people["sysadmin"], step, proposal)
        assert decided.state != "pending"

    def test_are_never_those_of_people_without_address(self, people):
        """Two that know of no address are not the same."""
        user = factories.User()
        model.User.get(user["id"]).email = None
        model.Session.commit()
        as_portal(
            "organization_member_create",
            id=REVIEWERS,
            username=user["name"],
            role="editor",
        )
        proposal = store_pending(people["proposer"])
        proposal.proposer_email = ""
        model.Session.commit()
        assert decide(user["name"], "approve", proposal).state == "approved"
        as_portal(
            "organization_member_delete", id=REVIEWERS, username=user["name"]
        )


class TestDecisions:
    @pytest.mark.parametrize("step", ["decline", "request_changes"])
    @pytest.mark.parametrize(
        "reason", ["", " \n", None, "a" * 5001, "\x00", ["a"], {"a": 1}]
    )
    def test_need_a_reason(self, reason, step, people):
        assert refused(
            people["reviewer"], step, store_pending(), reason=reason
        ) == {"reason"}

    @pytest.mark.parametrize(
        "organization",
        ["", "nothing", "a-group", "deleted-office", "\x00", ["a"], None],
    )
    def test_name_who_vouches_for_the_project(self, organization, people):
        if organization == "a-group" and not model.Group.get(organization):
            factories.Group(name=organization)
        elif organization == "deleted-office":
            office = factories.Organization(name=organization)
            as_portal("organization_delete", id=office["id"])
        assert refused(
            people["reviewer"],
            "approve",
            store_pending(),
            organization=organization,
        ) == {"organization"}

    def test_approve_nothing_whose_licence_is_not_open_any_more(self, people):
        proposal = store_pending()
        id_ = project_of(proposal).id
        for license_ in ("proprietary", "CC-BY-NC-4.0", ""):
            as_user(
                people["reviewer"],
                "package_patch",
                id=id_,
                source_license=license_,
            )
            assert refused(people["reviewer"], "approve", proposal) == {
                "source_license"
            }
        as_user(
            people["reviewer"], "package_patch", id=id_, source_license="MIT"
        )
        assert decide(people["reviewer"], "approve", proposal)

    def test_of_a_purged_project_are_none(self, people):
        proposal = store_pending()
        id_ = proposal.id
        as_portal("dataset_purge", id=proposal.project_id)
        for step in DECISIONS:
            with pytest.raises(tk.ObjectNotFound):
                as_user(
                    people["reviewer"],
                    f"digifarm_proposal_{step}",
                    id=id_,
                    **parameters_of(step),
                )

    def test_make_the_project_public_for_another_organization(self, people):
        proposal = decide(
            people["reviewer"], "approve", store_pending(people["proposer"])
        )
        found = as_user("", "package_show", id=proposal.project_id)
        assert found["organization"]["name"] == "green-office"
        assert found["title"] == PROJECT["title"]
        # Those who vouch for it may edit it, and those who let it in.
        assert may_edit(people["project_editor"], proposal)
        assert may_edit(people["reviewer"], proposal)
        assert not may_edit(people["review_member"], proposal)

    @pytest.mark.ckan_config("ckan.hide_activity_from_users", ["nobody"])
    def test_tell_the_public_stream_of_the_new_project_only(self, people):
        proposal = pending()
        as_user(
            people["reviewer"],
            "package_patch",
            id=proposal.project_id,
            notes="Noch nicht öffentlich",
        )
        decide(people["reviewer"], "approve", proposal)
        stream = as_user("", "package_activity_list", id=proposal.project_id)
        assert [a["activity_type"] for a in stream] == ["new package"]

    def test_decline_leaves_no_project(self, people):
        proposal = decide(people["reviewer"], "decline", store_pending())
        assert project_of(proposal).state == "deleted"
        for role in ("anonymous", "proposer", "project_editor"):
            with pytest.raises((tk.NotAuthorized, tk.ObjectNotFound)):
                as_user(people[role], "package_show", id=proposal.project_id)


class TestOwners:
    def test_with_an_account_own_it_at_once(self, people):
        proposal = store_pending(people["proposer"])
        assert not may_edit(people["proposer"], proposal)
        empty_outbox()
        decide(people["reviewer"], "approve", proposal)
        assert may_edit(people["proposer"], proposal)
        [mail] = waiting_mails()
        assert "You look after the entry from now on" in mail.body
        assert "/claim/" not in mail.body

    def test_without_one_claim_it_by_the_link_in_the_mail(
        self, people, shared_app
    ):
        proposal = store_pending()
        empty_outbox()
        decide(people["reviewer"], "approve", proposal)
        [mail] = waiting_mails()
        assert mail.recipient_email == SECRETS["proposer_email"]
        token = claim_token(mail.body)
        with pytest.raises(tk.NotAuthorized):
            claim("", token)
        assert not may_edit(people["other"], proposal)
        claimed = claim(people["other"], token)
        assert claimed["id"] == proposal.project_id
        assert may_edit(people["other"], proposal)
        # It is theirs; nobody else follows the link after them.
        with pytest.raises(tk.ValidationError, match="used already"):
            claim(people["proposer"], token)
        assert not may_edit(people["proposer"], proposal)

    @pytest.mark.parametrize("state", ["deleted", "pending"])
    def test_claim_it_where_the_account_is_not_in_use(self, state, people):
        """That of the proposal is another one than theirs now."""
        gone = factories.User(email="gone@example.org")
        proposal = store_pending(gone["name"], **SECRETS)
        model.User.get(gone["id"]).state = state
        model.Session.commit()
        empty_outbox()
        decide(people["reviewer"], "approve", proposal)
        [mail] = waiting_mails()
        claim(people["other"], claim_token(mail.body))
        assert may_edit(people["other"], proposal)

    def test_claim_it_on_the_page(self, people, shared_app):
        proposal = store_pending()
        empty_outbox()
        decide(people["reviewer"], "approve", proposal)
        [mail] = waiting_mails()
        path = f"/dashboard/projects/claim/{claim_token(mail.body)}"
        id_ = proposal.id
        visitor = Browser(shared_app)
        for _ in range(2):
            page = visitor.get(path)
            assert page.status_code == 200
            assert "Please log in first" in page.body
            assert page.headers["Referrer-Policy"] == "no-referrer"
        assert not may_edit(people["other"], get(id_))
        other = Browser(shared_app, model.User.get(people["other"]).id)
        response = other.send(other.form(path, "div.main form[method=post]"))
        assert "You look after this project now" in response.body
        assert may_edit(people["other"], get(id_))

    @pytest.mark.parametrize("problem", ["forged", "purpose", "expired"])
    def test_need_the_right_link(self, problem, people):
        proposal = decide(people["reviewer"], "approve", store_pending())
        token = token_of(proposal, Purpose.CLAIM)
        days = 180
        if problem == "forged":
            token = f"{token[:-4]}AAAA"
        elif problem == "purpose":
            token = token_of(proposal)
        else:
            days = -1
        with (
            changed_config("ckanext.digifarm.retention_days", days),
            pytest.raises(tk.ValidationError) as raised,
        ):
            claim(people["other"], token)
        assert set(raised.value.error_dict) == {"token"}
        assert not may_edit(people["other"], proposal)

    @pytest.mark.parametrize("state", ["declined", "withdrawn"])
    def test_claim_nothing_that_is_not_approved(self, state, people):
        """No such link is ever sent; the project is not theirs."""
        proposal = put_into(store_pending(), state)
        empty_outbox()
        assert not any("/claim/" in mail.body for mail in waiting_mails())
        token = token_of(proposal, Purpose.CLAIM)
        with pytest.raises(tk.ValidationError):
            claim(people["other"], token)
        assert not may_edit(people["other"], proposal)

    def test_claim_nothing_that_is_gone(self, people):
        proposal = decide(people["reviewer"], "approve", store_pending())
        as_portal("package_delete", id=proposal.project_id)
        with pytest.raises(tk.ValidationError):
            claim(people["other"], token_of(proposal, Purpose.CLAIM))

    def test_there_are_none_without_collaborators(self, people):
        with changed_config("ckan.auth.allow_dataset_collaborators", False):
            for user in ("", people["proposer"]):
                proposal = store_pending(user)
                empty_outbox()
                decide(people["reviewer"], "approve", proposal)
                [mail] = waiting_mails()
                assert "look after" not in mail.body
                assert not may_edit(people["proposer"], proposal)
            with pytest.raises(tk.ValidationError):
                claim(people["other"], token_of(proposal, Purpose.CLAIM))

    @pytest.mark.ckan_config("ckan.auth.allow_admin_collaborators", True)
    def test_keep_what_more_they_may(self, people):
        proposal = store_pending(people["proposer"])
        as_portal(
            "package_collaborator_create",
            id=proposal.project_id,
            user_id=people["proposer"],
            capacity="admin",
        )
        decide(people["reviewer"], "approve", proposal)
        [owner] = as_portal(
            "package_collaborator_list", id=proposal.project_id
        )
        assert owner["capacity"] == "admin"


def claim_token(body: str) -> str:
    """What the link ends with by which a project is claimed."""
    return body.partition("/dashboard/projects/claim/")[2].split()[0]


class TestInvitation:
    """Where people can't register themselves."""

    EMAIL = "verraten.sie@nichts.example.org"

    @pytest.fixture(autouse=True)
    def closed(self):
        with changed_config("ckan.auth.create_user_via_web", False):
            yield

    def approved(self, people, email: str = EMAIL) -> tuple[Proposal, str]:
        proposal = store_pending(proposer_email=email)
        empty_outbox()
        proposal = decide(people["reviewer"], "approve", proposal)
        [mail] = waiting_mails()
        assert mail.recipient_email == email
        return proposal, mail.body

    def test_leads_to_an_account_that_owns_the_project(
        self, people, shared_app
    ):
        proposal, body = self.approved(people)
        user = model.User.by_email(self.EMAIL)
        assert user.id == proposal.user_id
        assert user.state == "pending"
        for part in ("verraten", "nichts", "geheim", "person"):
            assert part not in user.name.lower()
            assert part not in (user.fullname or "").lower()
        assert user.name.startswith(project_of(proposal).name)
        link = mailer.get_reset_link(user)
        assert link in body
        browser = Browser(shared_app)
        path = link.partition("test.ckan.net")[2]
        form = browser.form(path, "form:has([name=password1])")
        # It has no action of its own.
        form.action = path
        browser.send(
            form.with_values(password1="einPasswort", password2="einPasswort")
        )
        model.Session.expire_all()
        assert model.User.get(user.id).state == "active"
        assert may_edit(user.name, proposal)

    def test_of_an_account_that_waits_already(self, people):
        first, _ = self.approved(people, "wartet@example.org")
        second, body = self.approved(people, "Wartet@Example.org")
        assert first.user_id == second.user_id
        assert "/reset/" in body

        # Both links lead to the same account.
        assert mailer.get_reset_link(model.User.get(first.user_id)) in body

    def test_of_an_account_that_waits_keeps_its_link(self, people):
        _, first = self.approved(people, "zwei@example.org")
        _, second = self.approved(people, "zwei@example.org")
        links = [
            next(word for word in body.split() if "/reset/" in word)
            for body in (first, second)
        ]
        assert links[0] == links[1]

    def test_makes_one_account_for_two_approvals_at_once(
        self, people, shared_app
    ):
        email = "gleichzeitig@example.org"
        ids = [store_pending(proposer_email=email).id for _ in range(2)]
        calls = [
            functools.partial(
                as_user,
                people["reviewer"],
                "digifarm_proposal_approve",
                id=id_,
                organization="green-office",
            )
            for id_ in ids
        ]
        done = in_two_threads(shared_app, *calls)
        assert [each["state"] for each in done] == ["approved"] * 2
        users = model.Session.query(model.User).filter_by(email=email)
        assert users.count() == 1
        assert {get(id_).user_id for id_ in ids} == {users.one().id}

    def test_gives_a_known_account_no_rights_at_once(self, people):
        """Core has not checked that the address is really theirs."""
        proposal, body = self.approved(people, "Other@example.org")
        assert proposal.user_id is None
        assert not may_edit(people["other"], proposal)
        claim(people["other"], claim_token(body))
        assert may_edit(people["other"], proposal)

    def test_is_not_of_a_deleted_account(self, people):
        email = "geloescht@example.org"
        deleted = factories.User(email=email)
        as_portal("user_delete", id=deleted["id"])
        proposal, body = self.approved(people, email)
        assert proposal.user_id not in {None, deleted["id"]}
        assert "/reset/" in body

    def test_finds_the_account_that_is_there_among_deleted_ones(self, people):
        email = "zweimal@example.org"
        for _ in range(2):
            user = factories.User(email=email)
            as_portal("user_delete", id=user["id"])
        user = factories.User(email=email)
        proposal, body = self.approved(people, email)
        assert proposal.user_id is None
        claim(user["name"], claim_token(body))
        assert may_edit(user["name"], proposal)


class TestMails:
    def test_to_confirm_say_nothing_of_what_anybody_may_have_written(self):
        words = "Kaufen Sie jetzt"
        propose(
            project={
                "title": words,
                "summary": words,
                "notes": words,
                "public_value": words,
            },
            proposer_name=words,
        )
        [mail] = waiting_mails()
        assert mail.recipient_email == SECRETS["proposer_email"]
        for text in (mail.subject, mail.body, mail.body_html):
            assert words not in text
        assert mail.recipient_name == ""
        assert mail.reply_to == ""

    def test_are_in_the_proposers_language(self, people):
        proposal = store_pending()
        proposal.language = "de"
        model.Session.commit()
        empty_outbox()
        decide(people["reviewer"], "request_changes", proposal)
        [mail] = waiting_mails()
        assert mail.language == "de"
        assert link_in(mail).startswith("/de/civic_project/propose/link/")
        empty_outbox()
        as_user(
            "",
            "digifarm_proposal_withdraw",
            token=token_of(get(proposal.id)),
            reason="Doch nicht",
        )
        languages = {mail.language for mail in waiting_mails()}
        assert languages == {"en"}

    def test_lead_to_a_claim_in_the_proposers_language(self, people):
        proposal = store_pending()
        proposal.language = "de"
        model.Session.commit()
        empty_outbox()
        decide(people["reviewer"], "approve", proposal)
        [mail] = waiting_mails()
        assert "test.ckan.net/de/dashboard/projects/claim/" in mail.body

    def test_hold_the_words_of_the_other_side(self, people):
        proposal = store_pending()
        for step, words in (
            ("request_changes", "Bitte\n  genauer <b>"),
            ("decline", "Nicht & nie"),
        ):
            empty_outbox()
            decide(people["reviewer"], step, proposal, reason=words)
            [mail] = waiting_mails()
            assert f"> {words.splitlines()[0]}" in mail.body
            assert "<b>" not in mail.body_html
        empty_outbox()

    def test_never_hold_the_proposers_address(self, people):
        """Reviewers read it where they decide."""
        proposal = pending()
        as_user("", "digifarm_proposal_withdraw", token=token_of(proposal))
        for mail in waiting_mails("reviewer@example.org"):
            for secret in SECRETS.values():
                assert secret not in mail.body + mail.reply_to + mail.subject

    def test_link_to_where_it_goes_on(self, people, shared_app):
        visitor = Browser(shared_app)
        proposal = pending()
        [received] = waiting_mails(SECRETS["proposer_email"])[1:]
        assert visitor.get(link_in(received)).status_code == 200
        [to_reviewer] = waiting_mails("reviewer@example.org")
        review = f"/civic_project/review/{proposal.id}"
        assert link_in(to_reviewer) == review
        decide(people["reviewer"], "request_changes", proposal)
        asked = waiting_mails(SECRETS["proposer_email"])[-1]
        assert visitor.get(link_in(received)).status_code == 200
        assert visitor.get(link_in(asked)).status_code == 200

    def test_reach_the_city_where_reviewers_have_no_address(self, people):
        organization = factories.Organization()
        with (
            changed_config(
                "ckanext.digifarm.review_organization", organization["name"]
            ),
            changed_config(
                "ckanext.digifarm.contact_email", "team@example.org"
            ),
        ):
            pending()
        assert waiting_mails("team@example.org")


class TestWithoutReviewers:
    @pytest.mark.parametrize("name", [None, "", "nothing", "closed-office"])
    def test_nothing_is_proposed(self, name, people):
        if name == "closed-office":
            office = factories.Organization(name=name)
            as_portal("organization_delete", id=office["id"])
        with changed_config("ckanext.digifarm.review_organization", name):
            for role in ("anonymous", "proposer", "sysadmin"):
                with pytest.raises(tk.NotAuthorized):
                    as_user(
                        people[role],
                        "digifarm_proposal_submit",
                        project=PROJECT,
                        conditions=CONDITIONS,
                        consent=True,
                        **SECRETS,
                    )
        assert model.Session.query(Proposal).count() == 0
        assert waiting_mails() == []

    def test_what_waits_is_for_sysadmins(self, people):
        proposal = store_pending()
        with changed_config("ckanext.digifarm.review_organization", None):
            with pytest.raises(tk.NotAuthorized):
                decide(people["reviewer"], "approve", proposal)
            assert decide(people["sysadmin"], "approve", proposal)


def test_the_history_names_reviewers_to_reviewers_only(people):
    proposal = decide(
        people["reviewer"], "decline", store_pending(people["other"])
    )
    reviewer = model.User.get(people["reviewer"]).id
    shown = {
        role: as_user(people[role], "digifarm_proposal_show", id=proposal.id)
        for role in ("other", "other_reviewer")
    }
    assert reviewer not in str(shown["other"])
    assert shown["other_reviewer"]["events"][-1]["created_by"] == reviewer
    events = Event.of(Subject.PROPOSAL, proposal.id)
    assert events[-1].reason == shown["other"]["events"][-1]["reason"]


def test_the_history_says_who_has_claimed_the_project(people, shared_app):
    proposal = decide(people["reviewer"], "approve", store_pending())
    token = token_of(proposal, Purpose.CLAIM)
    for _ in range(2):
        claim(people["other"], token)
    shown = as_user(
        people["reviewer"], "digifarm_proposal_show", id=proposal.id
    )
    other = model.User.get(people["other"])
    assert [
        (event["state"], event["created_by"]) for event in shown["events"][-2:]
    ] == [
        ("approved", model.User.get(people["reviewer"]).id),
        ("claimed", other.id),
    ]
    reviewer = Browser(shared_app, people["reviewer"])
    page = html(reviewer.get(f"/civic_project/review/{proposal.id}"))
    last = page.select(".digifarm-history li")[-1].get_text()
    assert "Taken on" in last
    assert other.display_name in last


def test_an_owner_who_was_removed_does_not_come_back_by_the_link(people):
    proposal = store_pending()
    as_user(
        people["reviewer"],
        "digifarm_proposal_approve",
        id=proposal.id,
        organization="green-office",
    )
    token = token_of(get(proposal.id), Purpose.CLAIM)
    for _ in range(2):
        as_user(people["other"], "digifarm_project_claim", token=token)
    project = project_of(proposal)
    as_portal(
        "package_collaborator_delete", id=project.id, user_id=people["other"]
    )
    with pytest.raises(tk.ValidationError, match="used already"):
        as_user(people["other"], "digifarm_project_claim", token=token)

"""What proposals hold of people can be read, and is forgotten."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import ckantoolkit as tk
import pytest
import sqlalchemy as sa
from freezegun import freeze_time

from ckan import logic, model
from ckan.lib import search
from ckan.tests import factories
from ckan.tests.helpers import changed_config
from ckanext.digifarm import privacy
from ckanext.digifarm.lib import clock
from ckanext.digifarm.lib.events import Event, Subject
from ckanext.digifarm.lib.tokens import Purpose
from ckanext.digifarm.links.model import Link
from ckanext.digifarm.proposals.model import Proposal
from dev.counting import counting

from ..acting import as_portal, as_user
from ..outbox import token_in, waiting_mails
from ..proposing import (
    REVIEWERS,
    create_people,
    empty_tables,
    get,
    pending,
    project_of,
    propose,
    put_into,
    store_pending,
    token_of,
)
from ..test_privacy import KIM, KIM_AGAIN, OTHERS, run, tables_with

pytestmark = [
    pytest.mark.ckan_config("ckanext.digifarm.review_organization", REVIEWERS),
    pytest.mark.usefixtures("shared_portal", "shared_app"),
]

#: What somebody has written; nobody else's entry says so.
WORDS = "Kims Igelkarte"
REASON = "Kim hat angerufen"


@pytest.fixture(scope="module")
def people(shared_portal) -> dict[str, str]:
    return create_people()


@pytest.fixture(autouse=True)
def nothing(people) -> None:
    empty_tables()


def of_kim(
    state: str,
    email: str = KIM,
    title: str = WORDS,
    make: Callable[..., Proposal] = pending,
    **more: Any,
) -> Proposal:
    """A proposal in a state, with words in all places that have some.

    :param make: makes one that waits for a decision
    """
    data = {
        "proposer_name": f"Name von {email}",
        "proposer_email": email,
        "project": {"title": title, "notes": f"Bitte an {email} schreiben"},
        **more,
    }
    if state == "unconfirmed":
        return propose(**data)
    proposal = put_into(make(**data), state, REASON)
    for event in Event.of(Subject.PROPOSAL, proposal.id):
        event.reason = REASON
    model.Session.commit()
    return get(proposal.id)


def is_there(proposal_id: str) -> bool:
    model.Session.rollback()
    return model.Session.get(Proposal, proposal_id) is not None


def is_indexed(project_id: str) -> bool:
    fq = f"+dataset_type:civic_project +id:{project_id}"
    found = as_portal("package_search", fq=fq, include_private=True)
    return bool(found["count"])


def states_of(proposal_id: str) -> list[str]:
    return [e.target for e in Event.of(Subject.PROPOSAL, proposal_id)]


def places_of(words: str) -> set[str]:
    """All tables in which some words stand, in any column."""
    model.Session.rollback()
    tables = sa.inspect(model.meta.engine).get_table_names()
    query = (
        'select 1 from "{}" t where position(:words in t::text) > 0 limit 1'
    )
    return {
        table
        for table in tables
        if model.Session.execute(
            sa.text(query.format(table)), {"words": words}
        ).first()
    }


class TestExport:
    def test_holds_all_of_one_and_nothing_of_others(self):
        of_kim("unconfirmed")
        of_kim("pending")
        of_kim("pending", OTHERS[0])
        found = privacy.export(KIM_AGAIN)
        assert {row["state"] for row in found["proposal"]} == {
            "unconfirmed",
            "pending",
        }
        assert {row["proposer_email"] for row in found["proposal"]} == {KIM}
        for row in found["proposal"]:
            assert row["fields"]["title"] == WORDS
            assert row["fields"]["notes"] == f"Bitte an {KIM} schreiben"
            assert row["events"][0]["what"] == "digifarm_proposal_submit"
        assert OTHERS[0] not in str(found)

    def test_holds_no_keys(self):
        proposal = of_kim("pending")
        [row] = privacy.export(KIM)["proposal"]
        assert not {"token_key", "submission"} & row.keys()
        assert proposal.token_key not in str(row)

    def test_by_command(self):
        of_kim("unconfirmed")
        result = run("privacy", "export", KIM_AGAIN)
        [row] = json.loads(result.output)["proposal"]
        assert row["fields"]["title"] == WORDS


class TestErase:
    def test_leaves_the_address_nowhere(self):
        """Whatever has happened before."""
        for state in (
            "unconfirmed",
            "pending",
            "changes_requested",
            "approved",
            "declined",
            "withdrawn",
        ):
            of_kim(state)
        assert {"digifarm_proposal", "digifarm_mail"} <= tables_with(KIM)
        assert privacy.erase(KIM_AGAIN).counts["proposal"] == 6
        assert tables_with(KIM) == set()
        assert tables_with(REASON) == set()
        assert not any(privacy.export(KIM).values())
        assert privacy.erase(KIM).counts == {}

    def test_deletes_what_was_never_confirmed(self):
        proposal = of_kim("unconfirmed")
        token = token_in(waiting_mails(KIM)[-1])
        privacy.erase(KIM)
        assert not is_there(proposal.id)
        with pytest.raises(tk.ValidationError) as raised:
            as_user("", "digifarm_proposal_confirm", token=token)
        assert set(raised.value.error_dict) == {"token"}

    @pytest.mark.parametrize(
        "state", ["pending", "changes_requested", "declined", "withdrawn"]
    )
    def test_purges_what_nobody_took_over(self, state, people):
        """Database, index, links and history."""
        title = f"Once {state}"
        dataset = factories.Dataset()["id"]
        proposal = of_kim(state, title=title, datasets=[dataset])
        project = project_of(proposal)
        if state == "pending":
            as_user(
                people["reviewer"],
                "package_patch",
                id=project.id,
                notes=title * 2,
            )
        id_, project_id = proposal.id, project.id
        waits = state in {"pending", "changes_requested"}
        search.rebuild(project_id)
        assert model.Session.query(Link).count() == 1
        assert is_indexed(project_id) == waits
        assert "activity" in places_of(title)
        mails = {mail.id for mail in waiting_mails()}
        privacy.erase(KIM)
        assert not is_there(id_)
        assert model.Package.get(project_id) is None
        assert not is_indexed(project_id)
        assert model.Session.query(Link).count() == 0
        assert places_of(title) == set()
        # Statistics count it; nobody is written to.
        assert states_of(id_)[-1] == ("withdrawn" if waits else state)
        assert {mail.id for mail in waiting_mails()} <= mails

    def test_leaves_an_approved_project_without_its_proposer(self, people):
        proposal = pending(people["proposer"])
        as_user(
            people["reviewer"],
            "digifarm_proposal_approve",
            id=proposal.id,
            organization="green-office",
            reason=REASON,
        )
        before = get(proposal.id)
        assert before.user_id
        key = before.token_key
        assert privacy.erase("proposer@example.org").counts["proposal"] == 1
        after = get(proposal.id)
        assert (after.state, after.proposer_name, after.proposer_email) == (
            "approved",
            "",
            "",
        )
        assert after.user_id is None
        assert after.token_key != key
        assert tables_with(REASON) == set()
        assert waiting_mails("proposer@example.org") == []
        # Who owns it is a matter of accounts.
        id_ = after.project_id
        as_user(people["proposer"], "package_patch", id=id_, notes="Neu")
        shown = as_user(
            people["reviewer"], "digifarm_proposal_show", id=after.id
        )
        assert shown["proposer_email"] == ""

    def test_ends_the_link_to_claim_it(self, people):
        token = token_of(of_kim("approved"), Purpose.CLAIM)
        privacy.erase(KIM)
        with pytest.raises(tk.ValidationError) as raised:
            as_user(people["other"], "digifarm_project_claim", token=token)
        assert set(raised.value.error_dict) == {"token"}

    def test_leaves_others_alone(self):
        others = [of_kim("pending", email).id for email in OTHERS]
        of_kim("pending")
        privacy.erase(KIM)
        assert [get(id_).proposer_email for id_ in others] == list(OTHERS)
        assert {project_of(get(id_)).state for id_ in others} == {"active"}

    def test_by_command(self):
        proposal = of_kim("pending")
        result = run("privacy", "erase", KIM, input="n\n")
        assert "deleted for good" in result.output
        assert is_there(proposal.id)
        result = run("privacy", "erase", KIM_AGAIN, "--yes")
        assert "proposal: 1\n" in result.output
        assert not is_there(proposal.id)


def make_older(proposal: Proposal, days: float) -> Proposal:
    proposal.created = proposal.modified = clock.days_ago(days)
    model.Session.commit()
    return get(proposal.id)


class TestPurge:
    @pytest.fixture(autouse=True)
    def days(self):
        with (
            changed_config("ckanext.digifarm.token_days", 5),
            changed_config("ckanext.digifarm.retention_days", 30),
        ):
            yield

    def test_of_what_was_never_confirmed(self):
        old = make_older(of_kim("unconfirmed"), 5.1).id
        young = make_older(of_kim("unconfirmed"), 4.9).id
        assert privacy.purge() == {"unconfirmed": 1}
        assert (is_there(old), is_there(young)) == (False, True)
        assert privacy.purge() == {}

    def test_not_of_what_waits_for_a_decision(self):
        """However long; the reasons are part of it."""
        proposal = make_older(of_kim("pending"), 999)
        for event in Event.of(Subject.PROPOSAL, proposal.id):
            event.created = clock.days_ago(999)
        model.Session.commit()
        assert privacy.purge() == {}
        events = Event.of(Subject.PROPOSAL, proposal.id)
        assert {event.reason for event in events} == {REASON}
        assert get(proposal.id).proposer_email == KIM
        assert project_of(proposal).state == "active"

    @pytest.mark.parametrize("age", [29, 31])
    def test_of_who_proposed_an_approved_project(self, age, people):
        proposal = make_older(of_kim("approved", make=store_pending), age)
        token = token_of(proposal, Purpose.CLAIM)
        is_due = age > 30
        assert privacy.purge() == ({"contacts": 1} if is_due else {})
        after = get(proposal.id)
        assert (after.proposer_email == "") == is_due
        assert (after.proposer_name == "") == is_due
        assert project_of(after).title == WORDS
        if is_due:
            with pytest.raises(tk.ValidationError):
                as_user(people["other"], "digifarm_project_claim", token=token)
        else:
            as_user(people["other"], "digifarm_project_claim", token=token)
        assert privacy.purge() == {}

    @pytest.mark.parametrize("age", [29, 31])
    def test_of_the_account_that_has_proposed_it(self, age, people):
        proposal = put_into(store_pending(people["proposer"]), "approved")
        make_older(proposal, age)
        privacy.purge()
        after = get(proposal.id)
        assert (after.user_id is None) == (age > 30)
        # Who owns it is a matter of accounts.
        as_user(
            people["proposer"],
            "package_patch",
            id=after.project_id,
            notes="Neu",
        )

    @pytest.mark.parametrize("age", [29, 31])
    @pytest.mark.parametrize(
        "state", ["changes_requested", "declined", "withdrawn"]
    )
    def test_of_projects_that_are_none(self, state, age):
        title = f"{state} since {age}"
        proposal = make_older(of_kim(state, title=title), age)
        id_, project_id = proposal.id, proposal.project_id
        mails = len(waiting_mails())
        is_due = age > 30
        assert privacy.purge() == ({"projects": 1} if is_due else {})
        assert is_there(id_) != is_due
        assert (model.Package.get(project_id) is None) == is_due
        assert (places_of(title) == set()) == is_due
        # Nobody is written to.
        assert len(waiting_mails()) <= mails
        if state == "changes_requested":
            expected = "withdrawn" if is_due else state
            assert states_of(id_)[-1] == expected
        assert privacy.purge() == {}

    def test_keeps_reasons_while_somebody_may_answer(self):
        young = make_older(of_kim("changes_requested"), 29)
        for event in Event.of(Subject.PROPOSAL, young.id):
            event.created = clock.days_ago(31)
        model.Session.commit()
        assert privacy.purge() == {}
        last = Event.of(Subject.PROPOSAL, young.id)[-1]
        assert last.reason == REASON

    def test_asks_the_database_for_what_is_due_only(self):
        """Not for all that was ever approved."""
        costs = []
        for _ in range(2):
            privacy.purge()
            with counting() as cost:
                privacy.purge()
            costs.append(len(cost.sql))
            for _ in range(3):
                make_older(of_kim("approved", make=store_pending), 31)
        assert costs[0] == costs[1]

    def test_waits_for_nothing_that_is_forgotten(self):
        proposal = make_older(of_kim("approved", make=store_pending), 31)
        privacy.purge()
        proposal = get(proposal.id)
        with model.meta.engine.begin() as other:
            other.execute(
                sa.select(Proposal.id)
                .where(Proposal.id == proposal.id)
                .with_for_update()
            )
            model.Session.execute(sa.text("set local lock_timeout = '2s'"))
            assert privacy.purge() == {}

    def test_by_command(self):
        make_older(of_kim("declined"), 31)
        make_older(of_kim("withdrawn"), 31)
        result = run("privacy", "purge")
        assert (result.exit_code, result.output.splitlines()[-1]) == (
            0,
            "projects: 2",
        )


class TestInvitedOwners:
    """Accounts that the extension makes where people can't register."""

    @pytest.fixture(autouse=True)
    def closed(self, people):
        for email in (KIM, *OTHERS):
            model.Session.query(model.User).filter(
                sa.func.lower(model.User.email) == email.lower()
            ).update({"email": None, "state": "deleted"})
        model.Session.commit()
        with (
            changed_config("ckan.auth.create_user_via_web", False),
            changed_config("ckanext.digifarm.retention_days", 30),
        ):
            yield

    def invited(self, email: str = KIM) -> model.User:
        proposal = of_kim("approved", email, make=store_pending)
        user = model.User.get(proposal.user_id)
        assert user
        assert user.state == "pending"
        return user

    def by_core(self) -> str:
        """A name of somebody whom a sysadmin has invited."""
        user = factories.User(email=KIM.lower(), state="pending")
        return user["name"]

    def test_are_exported_without_keys(self):
        user = self.invited()
        self.invited(OTHERS[0])
        [account] = privacy.export(KIM_AGAIN)["account"]
        assert (account["name"], account["email"], account["state"]) == (
            user.name,
            KIM,
            "pending",
        )
        assert not {"reset_key", "apikey", "password"} & account.keys()
        [owned] = account["owner_of"]
        assert owned["project"]["title"] == WORDS

    def test_are_erased_with_all_that_refers_to_them(self, people):
        user = self.invited()
        organization = factories.Organization(
            users=[{"name": user.name, "capacity": "member"}]
        )
        as_portal("api_token_create", user=user.name, name="Für Skripte")
        other = self.invited(OTHERS[0])
        id_, other_id, name = user.id, other.id, user.name
        [project_id] = model.Session.scalars(
            sa.select(model.PackageMember.package_id).where(
                model.PackageMember.user_id == id_
            )
        )
        assert privacy.erase(KIM_AGAIN).counts["account"] == 1
        assert model.User.get(id_) is None
        assert places_of(id_) == places_of(name) == set()
        assert "user" not in places_of(KIM)
        assert model.User.get(other_id)
        assert model.Package.get(project_id).state == "active"
        shown = as_portal("organization_show", id=organization["id"])
        assert id_ not in str(shown)

    def test_are_erased_while_nobody_uses_them(self):
        user = self.invited()
        user.state = "active"
        model.Session.commit()
        id_ = user.id
        assert len(privacy.export(KIM)["account"]) == 1
        name = user.name
        outcome = privacy.erase(KIM)
        assert outcome.counts["account"] == 0
        assert model.User.get(id_).email == KIM
        # So the command says where it is.
        assert [place.what for place in outcome.left] == [
            f"Account {name}: email"
        ]
        assert places_of(KIM) == {"user"}

    def test_are_closed_where_that_is_wanted(self, people):
        """Nothing of the account is left but its id."""
        user = self.invited()
        user.state, user.fullname = "active", "Kim am Bach"
        model.Session.commit()
        id_, name = user.id, user.name
        as_portal("api_token_create", user=name, name="Für Skripte")
        other = self.invited(OTHERS[0]).name
        [project] = model.Session.scalars(
            sa.select(model.PackageMember.package_id).where(
                model.PackageMember.user_id == id_
            )
        )
        as_user(name, "package_patch", id=project, notes="Von mir")
        assert privacy.erase(KIM, with_account=True).counts["account"] == 1
        assert places_of(KIM) == places_of("Kim am Bach") == set()
        assert places_of(f'"{name}"') == places_of(f",{name},") == set()
        closed = model.User.get(id_)
        assert closed.state == "deleted"
        assert "user" in places_of(id_)
        assert not places_of(id_) & {"api_token", "member", "package_member"}
        assert model.User.get(other).state == "pending"

    def test_that_are_deleted_say_nothing_any_more(self):
        """CKAN keeps all that they say, for ever."""
        user = factories.User(email=KIM, fullname="Kim am Bach")
        as_portal("user_delete", id=user["id"])
        assert privacy.erase(KIM).counts["account"] == 1
        assert places_of(KIM) == places_of("Kim am Bach") == set()
        assert privacy.erase(KIM) == privacy.Outcome()

    def test_are_not_those_of_core(self):
        name = self.by_core()
        user = model.User.get(of_kim("approved").user_id)
        assert user.name == name
        assert len(privacy.export(KIM)["account"]) == 1
        assert privacy.erase(KIM).counts["account"] == 0
        assert model.User.get(name)

    @pytest.mark.parametrize("age", [29, 31])
    @pytest.mark.parametrize("state", ["pending", "active"])
    def test_are_purged_where_nobody_comes(self, state, age):
        with freeze_time(clock.days_ago(age)):
            user = self.invited()
        user.state = state
        # Not what this is about.
        model.Session.query(Proposal).update({"modified": clock.now()})
        model.Session.query(Event).delete()
        model.Session.commit()
        id_ = user.id
        is_due = age > 30 and state == "pending"
        assert privacy.purge() == ({"accounts": 1} if is_due else {})
        assert (model.User.get(id_) is None) == is_due

    def test_are_purged_only_after_the_last_invitation(self):
        with freeze_time(clock.days_ago(31)):
            user = self.invited()
        id_ = user.id
        assert self.invited().id == id_
        privacy.purge()
        assert model.User.get(id_)

    def test_come_by_the_link_again_where_another_one_was_deleted(self):
        """The address may be invited anew."""
        first = self.invited().id
        privacy.erase(KIM)
        assert self.invited().id != first

    def test_do_not_keep_a_project_from_looking_for_somebody(self):
        user = self.invited()
        [project_id] = model.Session.scalars(
            sa.select(Proposal.project_id).where(Proposal.user_id == user.id)
        )
        owned = "digifarm_project_owned"
        assert not as_portal(owned, id=project_id)
        user.state = "active"
        model.Session.commit()
        assert as_portal(owned, id=project_id)


class TestWhereOneFails:
    @pytest.fixture(autouse=True)
    def broken(self, monkeypatch) -> list[str]:
        """Ids of projects that Solr doesn't let go."""
        ids: list[str] = []
        remove = logic.index_remove_package

        def refuse(id_: str) -> None:
            if id_ in ids:
                raise search.SearchIndexError
            remove(id_)

        monkeypatch.setattr(logic, "index_remove_package", refuse)
        return ids

    @pytest.mark.parametrize("first", [True, False])
    def test_the_others_are_purged(self, first, broken):
        stays, goes = (
            make_older(of_kim("declined", make=store_pending), 999)
            for _ in range(2)
        )
        if first:
            stays, goes = goes, stays
        stays_id, goes_id = stays.id, goes.id
        broken.append(get(stays_id).project_id or "")
        result = run("privacy", "purge")
        assert result.exit_code == 1
        assert "projects: 1\n" in result.output
        assert stays_id in result.output
        assert goes_id not in result.output
        assert (is_there(stays_id), is_there(goes_id)) == (True, False)
        broken.clear()
        assert run("privacy", "purge").exit_code == 0
        assert not is_there(stays_id)

    def test_all_else_is_erased(self, broken):
        stays, goes = (of_kim("pending").id for _ in range(2))
        broken.append(get(stays).project_id or "")
        result = run("privacy", "erase", KIM, "--yes")
        assert result.exit_code == 1
        assert stays in result.output
        assert (is_there(stays), is_there(goes)) == (True, False)
        assert tables_with(KIM) == {"digifarm_proposal"}
        assert get(stays).state == "pending"
        broken.clear()
        assert run("privacy", "erase", KIM, "--yes").exit_code == 0
        assert tables_with(KIM) == set()

"""What is known of people without an account can be read, and is forgotten."""

from __future__ import annotations

import datetime
import json
import socket
from collections.abc import Callable
from typing import Any

import ckantoolkit as tk
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action, changed_config
from ckanext.digifarm import privacy
from ckanext.digifarm.cli import digifarm
from ckanext.digifarm.lib import activity, clock
from ckanext.digifarm.lib.events import Event, Subject
from ckanext.digifarm.lib.mail import Mail, MailState
from ckanext.digifarm.links.model import Link
from ckanext.digifarm.partners.model import Partner, PartnerState
from ckanext.digifarm.privacy.places import OF_CKAN, OF_HISTORY
from ckanext.digifarm.support import privacy as support_privacy
from ckanext.digifarm.support.model import Support, SupportState

from .acting import as_portal, as_user
from .dumping import dump
from .outbox import empty_outbox, token_in, waiting_mails

pytestmark = pytest.mark.usefixtures("shared_portal", "shared_app", "nothing")

#: As somebody wrote it in a form; the underscore is no wildcard.
KIM = "Kim_Privat@example.org"
#: As somebody else writes it.
KIM_AGAIN = " kim_PRIVAT@example.ORG "
#: People whose addresses look alike.
OTHERS = ("kimxprivat@example.org", "akim_privat@example.org")


@pytest.fixture
def nothing(shared_portal) -> None:
    model.Session.rollback()
    for table in (Support, Partner, Event, Mail):
        model.Session.query(table).delete()
    model.Session.commit()


@pytest.fixture(scope="module")
def project(shared_portal) -> dict[str, Any]:
    editor = {"name": factories.User()["name"], "capacity": "editor"}
    organization = factories.Organization(users=[editor])
    return factories.Dataset(
        type="civic_project",
        title="Durstige Bäume",
        summary="Gießen",
        owner_org=organization["id"],
    )


@pytest.fixture
def offer(project) -> Callable[..., str]:
    """Makes an offer and confirms it, if not told otherwise."""

    def offer(email: str = KIM, *, confirmed: bool = True, **data: Any) -> str:
        id_ = as_user(
            "",
            "digifarm_support_offer",
            **{
                "project": project["id"],
                "area": "care",
                "contact_name": f"Name von {email}",
                "contact_email": email,
                "message": f"Bitte an {email} antworten",
                "consent": True,
                **data,
            },
        )["id"]
        if confirmed:
            token = token_in(waiting_mails(email)[-1])
            as_user("", "digifarm_support_confirm", token=token)
        return id_

    return offer


@pytest.fixture
def register() -> Callable[..., str]:
    def register(title: str, email: str = KIM, *, confirmed: bool) -> str:
        id_ = as_user(
            "",
            "digifarm_partner_register",
            title=title,
            kind="other",
            contact_name=f"Name von {email}",
            contact_email=email,
            consent=True,
        )["id"]
        if confirmed:
            token = token_in(waiting_mails(email)[-1])
            as_user("", "digifarm_partner_confirm", token=token)
        return id_

    return register


def support(id_: str) -> Support:
    model.Session.rollback()
    found = model.Session.get(Support, id_)
    assert found
    return found


def partner(id_: str) -> Partner:
    model.Session.rollback()
    found = Partner.get(id_)
    assert found
    return found


def is_there(table: type[Any], id_: str) -> bool:
    model.Session.rollback()
    return model.Session.get(table, id_) is not None


def tables_with(words: str) -> set[str]:
    """The tables of ours in which some words stand, in any column."""
    model.Session.rollback()
    tables = [
        table
        for table in sa.inspect(model.meta.engine).get_table_names()
        if table.startswith("digifarm_")
    ]
    assert len(tables) >= 5
    return {
        table
        for table in tables
        if model.Session.execute(
            sa.text(
                f"select 1 from {table} t"
                " where position(lower(:words) in lower(t::text)) > 0 limit 1"
            ),
            {"words": words},
        ).first()
    }


def run(*args: str, **kwargs: Any) -> Result:
    return CliRunner().invoke(digifarm, [*args], **kwargs)


class TestExport:
    def test_holds_all_of_one_and_nothing_of_others(self, offer, register):
        offer()
        offer(area="content", confirmed=False)
        register("Radclub", confirmed=False)
        for email in OTHERS:
            offer(email)
            register(f"Verein {email}", email, confirmed=True)
        found = privacy.export(KIM_AGAIN)
        assert {(row["area"], row["state"]) for row in found["support"]} == {
            ("care", "offered"),
            ("content", "unconfirmed"),
        }
        assert [row["title"] for row in found["partner"]] == ["Radclub"]
        assert len(found["mail"]) == len(waiting_mails(KIM)) == 4
        assert not any(email in str(found) for email in OTHERS[:1])
        assert "akim_" not in str(found)
        [row] = [row for row in found["support"] if row["area"] == "care"]
        assert row["message"] == f"Bitte an {KIM} antworten"
        assert row["contact_name"] == f"Name von {KIM}"
        assert row["project"]["title"] == "Durstige Bäume"
        assert row["consent"]["agreed"]
        assert "my message" in row["consent"]["text"]

    def test_holds_no_keys(self, offer, register):
        """Neither in rows nor in the links of mails."""
        links = [support(offer()).token_key]
        register("Radclub", confirmed=True)
        links += [token_in(mail) for mail in waiting_mails(KIM)]
        links = [link for link in links if "." in link or len(link) > 20]
        assert len(links) >= 3
        found = str(privacy.export(KIM))
        assert not [link for link in links if link in found]
        assert "/civic_project/support/link/…" in found

    @pytest.mark.parametrize("email", ["", " ", "%", "_", "nobody@a.org"])
    def test_is_empty_for_nobody(self, email, project, offer):
        offer()
        call_action("digifarm_partner_create", title="P", kind="other")
        assert not any(privacy.export(email).values())

    def test_changes_nothing(self, offer):
        id_ = offer()
        before = support(id_).modified
        privacy.export(KIM)
        assert support(id_).modified == before
        assert tables_with(KIM)

    def test_by_command(self, offer):
        offer()
        result = run("privacy", "export", KIM_AGAIN)
        assert result.exit_code == 0
        found = json.loads(result.output)
        assert [row["contact_email"] for row in found["support"]] == [KIM]
        assert set(found) == {
            "account",
            "event",
            "import",
            "invitation",
            "activity",
            "link",
            "mail",
            "mention",
            "note",
            "notice",
            "notice_settings",
            "partner",
            "proposal",
            "question",
            "successor",
            "support",
            "task",
            "waiting",
        }
        assert "Bäume" in result.output
        result = run("privacy", "export", "nobody@example.org")
        assert result.exit_code == 0
        assert not any(json.loads(result.output).values())


class TestErase:
    def test_leaves_the_address_nowhere(self, offer, register, project):
        """Whatever has happened before."""
        offer(area="care", confirmed=False)
        offer(area="content")
        accepted = offer(area="technology", named=True)
        call_action("digifarm_support_accept", id=accepted)
        declined = offer(area="sponsoring")
        call_action(
            "digifarm_support_decline",
            id=declined,
            reason=f"Wir haben {KIM} schon geantwortet",
        )
        new = offer(partner_title="Werkstatt", partner_kind="other")
        call_action("digifarm_support_accept", id=new)
        register("Unbestätigt", confirmed=False)
        register("Wartet", confirmed=True)
        asked = register("Gefragt", confirmed=True)
        call_action("digifarm_partner_accept", id=asked)
        call_action(
            "digifarm_support_request",
            project=project["id"],
            area="content",
            partner=asked,
        )
        refused = register("Abgelehnt", confirmed=True)
        call_action("digifarm_partner_decline", id=refused)
        assert {"digifarm_support", "digifarm_partner", "digifarm_mail"} <= (
            tables_with(KIM)
        )

        counts = privacy.erase(KIM_AGAIN).counts
        assert (counts["support"], counts["partner"]) == (5, 5)
        assert tables_with(KIM) == set()
        assert not any(privacy.export(KIM).values())
        assert privacy.erase(KIM).counts == {}

    def test_withdraws_what_waits(self, offer):
        id_ = offer()
        before = support(id_)
        before.modified = before.created = clock.days_ago(100)
        key = before.token_key
        model.Session.commit()
        empty_outbox()
        privacy.erase(KIM)
        after = support(id_)
        assert after.state == "withdrawn"
        assert (after.contact_name, after.message, after.user_id) == (
            "",
            "",
            None,
        )
        assert after.token_key != key
        assert after.modified > clock.days_ago(1)
        *_, event = Event.of(Subject.SUPPORT, id_)
        assert (event.target, event.created_by) == ("withdrawn", None)
        assert waiting_mails() == []

    def test_deletes_what_was_never_confirmed(self, offer, register):
        """Else an old link would make an offer of nobody."""
        offered = offer(confirmed=False)
        support_token = token_in(waiting_mails(KIM)[-1])
        registered = register("Radclub", confirmed=False)
        partner_token = token_in(waiting_mails(KIM)[-1])
        privacy.erase(KIM)
        assert not is_there(Support, offered)
        assert not is_there(Partner, registered)
        for subject, token in (
            ("support", support_token),
            ("partner", partner_token),
        ):
            with pytest.raises(tk.ValidationError) as raised:
                as_user("", f"digifarm_{subject}_confirm", token=token)
            assert set(raised.value.error_dict) == {"token"}

    def test_leaves_what_is_accepted_without_a_name(self, offer):
        id_ = offer(named=True, scope="Ein Jahr")
        call_action("digifarm_support_accept", id=id_)
        events = len(Event.of(Subject.SUPPORT, id_))
        assert support(id_).person
        privacy.erase(KIM)
        after = support(id_)
        assert (after.state, after.person, after.scope) == (
            "accepted",
            "",
            "Ein Jahr",
        )
        assert len(Event.of(Subject.SUPPORT, id_)) == events
        call_action("digifarm_support_end", id=id_)

    def test_leaves_a_partner_without_a_contact(self, offer):
        id_ = offer(partner_title="Werkstatt", partner_kind="other")
        call_action("digifarm_support_accept", id=id_)
        partner_id = support(id_).partner_id
        assert partner(partner_id).contact_email == KIM
        privacy.erase(KIM)
        after = partner(partner_id)
        assert (after.state, after.title, after.contact_email) == (
            "active",
            "Werkstatt",
            "",
        )
        assert (support(id_).state, support(id_).partner_id) == (
            "accepted",
            partner_id,
        )

    def test_takes_reasons_along(self, offer):
        """They speak of a person."""
        id_ = offer()
        call_action("digifarm_support_decline", id=id_, reason="Kim stört")
        privacy.erase(KIM)
        assert tables_with("Kim stört") == set()
        assert {e.reason for e in Event.of(Subject.SUPPORT, id_)} == {""}
        assert support(id_).state == "declined"

    def test_leaves_others_alone(self, offer, register):
        ids = [offer(email) for email in OTHERS]
        partners = [
            register(f"Verein {email}", email, confirmed=True)
            for email in OTHERS
        ]
        offer()
        before = [tables_with(email) for email in OTHERS]
        kept = {mail.id for email in OTHERS for mail in waiting_mails(email)}
        privacy.erase(KIM)
        assert [tables_with(email) for email in OTHERS] == before
        assert [support(id_).state for id_ in ids] == ["offered"] * 2
        assert [support(id_).contact_email for id_ in ids] == list(OTHERS)
        assert [partner(id_).contact_email for id_ in partners] == list(OTHERS)
        assert kept <= {mail.id for mail in waiting_mails()}

    def test_deletes_mails_that_hold_the_address(self):
        for values in (
            {"recipient_email": KIM.upper()},
            {"recipient_email": "a@example.org", "reply_to": KIM},
            {"recipient_email": "b@example.org", "body": f"> An <{KIM}>!"},
            {"recipient_email": "c@example.org", "body": f"An a{KIM}"},
            {"recipient_email": "d@example.org", "body": "An Kim"},
        ):
            model.Session.add(
                Mail(
                    **{
                        "language": "de",
                        "subject": "S",
                        "body": "",
                        "body_html": "",
                        **values,
                    }
                )
            )
        model.Session.commit()
        assert privacy.erase(KIM).counts == {"mail": 3}
        left = {mail.recipient_email for mail in waiting_mails()}
        assert left == {"c@example.org", "d@example.org"}

    @pytest.mark.parametrize("email", ["", " ", "%", "_", ".*"])
    def test_of_nobody_changes_nothing(self, email, offer):
        id_ = offer()
        call_action("digifarm_support_create", **self._unnamed(id_))
        mails = len(waiting_mails())
        assert privacy.erase(email).counts == {}
        assert support(id_).state == "offered"
        assert len(waiting_mails()) == mails

    @staticmethod
    def _unnamed(id_: str) -> dict[str, str]:
        return {"project": support(id_).project_id, "area": "content"}

    def test_content_of_ckan_is_named_and_stays(self, offer):
        offer()
        dataset = factories.Dataset(title="Bäume", maintainer_email=KIM)
        organization = factories.Organization(
            title="Grünamt", description=f"Leitung: {KIM}"
        )
        outcome = privacy.erase(KIM)
        assert outcome.covered == []
        told = {
            place.what: place.address.rpartition("/")[2]
            for place in outcome.left
            if not place.what.startswith(("History", "Table"))
        }
        assert told == {
            "Dataset “Bäume”: maintainer_email": dataset["name"],
            "Organization “Grünamt”: description": organization["name"],
        }
        assert {place.reason for place in outcome.left} <= {
            OF_CKAN,
            OF_HISTORY,
        }
        assert tables_with(KIM) == set()
        shown = call_action("package_show", id=dataset["id"])
        assert shown["maintainer_email"] == KIM
        for kind, id_ in (
            ("dataset", dataset["id"]),
            ("organization", organization["id"]),
        ):
            call_action(f"{kind}_purge", id=id_)
            activity.forget(id_)
        model.Session.commit()

    def test_a_name_elsewhere_is_told_and_stays(self, offer, project):
        """Also in old versions of projects of others."""
        notes = "Für Kim, nicht Kimono"
        as_portal("package_patch", id=project["id"], notes=notes)
        offer(contact_name="Kim")
        told = {place.what for place in privacy.erase(KIM).left}
        assert told == {
            "Civic project “Durstige Bäume”: Description",
            "History of “Durstige Bäume”",
        }
        outcome = privacy.erase(KIM, names=["Kim"], cover_names=True)
        assert outcome.left == []
        shown = call_action("package_show", id=project["id"])
        assert shown["notes"] == "Für …, nicht Kimono"

    def test_by_command_asks_first(self, offer):
        id_ = offer()
        for kwargs in ({"input": "n\n"}, {"input": ""}):
            result = run("privacy", "erase", KIM, **kwargs)
            assert result.exit_code == 1
            assert support(id_).contact_email == KIM
        result = run("privacy", "erase", KIM, input="y\n")
        assert result.exit_code == 0
        assert result.output.splitlines()[1:6] == [
            "support: 1",
            "partner: 0",
            "task: 0",
            "question: 0",
            "proposal: 0",
        ]
        assert tables_with(KIM) == set()

    def test_by_command_goes_without_asking(self, offer):
        offer()
        result = run("privacy", "erase", KIM_AGAIN, "--yes")
        assert result.exit_code == 0
        assert result.output.startswith("support: 1\n")
        assert tables_with(KIM) == set()
        result = run("privacy", "erase", KIM, "--yes")
        assert (result.exit_code, result.output) == (
            0,
            (
                "support: 0\npartner: 0\ntask: 0\nquestion: 0\n"
                "proposal: 0\nlink: 0\nsuccessor: 0\nnote: 0\n"
                "notice: 0\nevent: 0\ntext: 0\naccount: 0\nmail: 0\n"
            ),
        )

    def test_by_command_needs_an_address(self):
        for command in ("export", "erase"):
            assert run("privacy", command).exit_code == 2


def make_older(row: Support | Partner | Mail, days: float) -> None:
    """Let a row have been what it is for some days."""
    for column in ("created", "modified"):
        if hasattr(row, column):
            setattr(row, column, clock.days_ago(days))
    model.Session.commit()


class TestPurge:
    @pytest.fixture(autouse=True)
    def days(self):
        with (
            changed_config("ckanext.digifarm.token_days", 5),
            changed_config("ckanext.digifarm.retention_days", 30),
        ):
            yield

    def test_of_what_was_never_confirmed(self, offer, register):
        old = offer(
            partner_title="Nie bestätigt",
            partner_kind="other",
            confirmed=False,
        )
        young = offer(
            partner_title="Jung", partner_kind="other", confirmed=False
        )
        registered = register("Alt", confirmed=False)
        fresh = register("Frisch", confirmed=False)
        would_be = {id_: support(id_).partner_id for id_ in (old, young)}
        for id_ in (old, young):
            days = 5.1 if id_ == old else 4.9
            make_older(support(id_), days)
            make_older(partner(would_be[id_]), days)
        make_older(partner(registered), 5.1)
        make_older(partner(fresh), 4.9)

        assert privacy.purge() == {"unconfirmed": 3}
        assert not is_there(Support, old)
        assert not is_there(Partner, would_be[old])
        assert not is_there(Partner, registered)
        assert is_there(Support, young)
        assert is_there(Partner, would_be[young])
        assert is_there(Partner, fresh)
        assert privacy.purge() == {}

    def test_of_a_request_that_nobody_has_answered(self, project):
        # It says nothing of anybody, and must not wait for ever.
        asked = Support(
            project_id=project["id"],
            area="care",
            state=SupportState.REQUESTED.value,
        )
        model.Session.add(asked)
        make_older(asked, 29.9)
        assert privacy.purge() == {}
        make_older(asked, 30.1)
        assert privacy.purge() == {"contacts": 1}
        assert support(asked.id).state == "withdrawn"

    def test_not_of_a_partner_that_another_offer_waits_for(self, offer):
        old = offer(
            partner_title="Werkstatt", partner_kind="other", confirmed=False
        )
        partner_id = support(old).partner_id
        waits = offer(area="content")
        support(waits).partner_id = partner_id
        model.Session.commit()
        make_older(support(old), 6)
        make_older(partner(partner_id), 6)
        assert privacy.purge() == {"unconfirmed": 1}
        assert is_there(Partner, partner_id)
        assert support(waits).partner_id == partner_id
        call_action("digifarm_support_accept", id=waits)
        assert partner(partner_id).state == "active"

    @pytest.mark.parametrize(
        "state", [PartnerState.PROPOSED, PartnerState.ACTIVE]
    )
    def test_not_of_partners_that_wait_or_are_there(self, state, register):
        id_ = register("Radclub", confirmed=True)
        partner(id_).state = state.value
        make_older(Partner.get(id_), 999)
        assert privacy.purge() == {}
        assert partner(id_).contact_email == KIM

    def test_of_contacts_of_partners_that_are_gone(self, register):
        """Those who were never let in go for good."""
        ids = [register(f"R {i}", confirmed=True) for i in range(3)]
        for id_ in ids[:2]:
            call_action("digifarm_partner_accept", id=id_)
            call_action("digifarm_partner_delete", id=id_)
        call_action("digifarm_partner_decline", id=ids[2])
        for id_, age in zip(ids, (31, 29, 31), strict=True):
            make_older(partner(id_), age)
        assert privacy.purge() == {"contacts": 2}
        assert not is_there(Partner, ids.pop())
        assert [partner(id_).contact_email for id_ in ids] == ["", KIM]
        assert [partner(id_).contact_name != "" for id_ in ids] == [
            False,
            True,
        ]
        assert privacy.purge() == {}

    @pytest.mark.parametrize("state", ["declined", "offered", "accepted"])
    @pytest.mark.parametrize("age", [29, 31])
    def test_of_partners_that_were_only_named_in_an_offer(
        self, age, state, offer
    ):
        """Where nothing has come of it; what waits is withdrawn first."""
        id_ = offer(partner_title="Werkstatt", partner_kind="other")
        if state != "offered":
            step = state.removesuffix("ed").replace("declin", "decline")
            call_action(f"digifarm_support_{step}", id=id_)
        partner_id = support(id_).partner_id
        make_older(support(id_), age)
        make_older(partner(partner_id), age)
        privacy.purge()
        stays = state == "accepted" or age < 30
        # Its offer has just been withdrawn.
        stays |= state == "offered"
        assert is_there(Partner, partner_id) == stays
        assert support(id_).partner_id == (partner_id if stays else None)
        if state == "offered" and age > 30:
            make_older(support(id_), age)
            privacy.purge()
            assert not is_there(Partner, partner_id)

    @pytest.mark.parametrize("age", [29, 31])
    def test_of_who_has_made_a_link(self, age, project):
        user = factories.User()
        dataset = factories.Dataset()
        link = Link(
            project_id=project["id"],
            dataset_id=dataset["id"],
            created_by=user["id"],
            created=clock.days_ago(age),
        )
        model.Session.add(link)
        model.Session.commit()
        assert privacy.purge() == ({"contacts": 1} if age > 30 else {})
        stored = Link.get(project["id"], dataset["id"])
        assert (stored.created_by is None) == (age > 30)

    def test_of_old_links_to_what_is_over(self, offer):
        """Nobody is behind them any more."""
        id_ = offer()
        call_action("digifarm_support_decline", id=id_)
        key = support(id_).token_key
        make_older(support(id_), 31)
        privacy.purge()
        assert support(id_).token_key != key

    def test_dry_run_changes_nothing(self, offer, register):
        make_older(support(offer(confirmed=False)), 6)
        id_ = offer()
        call_action("digifarm_support_decline", id=id_)
        make_older(support(id_), 31)
        before = dump()
        result = run("privacy", "purge", "--dry-run")
        assert result.exit_code == 0
        assert result.output.startswith(
            "Dry run, nothing was changed.\nunconfirmed: 1\ncontacts: 1\n"
        )
        assert dump() == before
        assert privacy.purge() == {"unconfirmed": 1, "contacts": 1}

    @pytest.mark.parametrize("state", list(SupportState))
    @pytest.mark.parametrize("age", [29, 31])
    def test_of_contacts_that_are_needed_no_longer(self, age, state, offer):
        id_ = offer(scope="Ein Jahr")
        row = support(id_)
        row.state = state.value
        row.user_id = factories.User()["id"]
        Event.of(Subject.SUPPORT, id_)[0].reason = "Geheimer Grund"
        make_older(row, age)
        waits = state in support_privacy.WAITING
        goes = (waits or state in support_privacy.FINISHED) and age > 30
        if state is SupportState.UNCONFIRMED:
            assert privacy.purge() == {"unconfirmed": 1}
            return
        assert privacy.purge() == ({"contacts": 1} if goes else {})
        after = support(id_)
        private = (
            after.contact_name,
            after.contact_email,
            after.message,
            after.user_id,
            Event.of(Subject.SUPPORT, id_)[0].reason,
        )
        assert any(private) != goes
        assert all(private) != goes
        withdrawn = goes and waits
        assert after.state == ("withdrawn" if withdrawn else state.value)
        assert after.scope == "Ein Jahr"
        assert (after.modified < clock.days_ago(28)) != withdrawn
        assert privacy.purge() == {}

    def test_of_mails_that_were_given_up(self):
        for state, age in (
            (MailState.GIVEN_UP, 31),
            (MailState.GIVEN_UP, 29),
            (MailState.WAITING, 31),
        ):
            mail = Mail(
                recipient_email=f"{state.value}-{age}@example.org",
                language="de",
                subject="S",
                body="B",
                body_html="",
                state=state.value,
            )
            model.Session.add(mail)
            make_older(mail, age)
        assert privacy.purge() == {"mails": 1}
        assert {mail.recipient_email for mail in waiting_mails()} == {
            "given_up-29@example.org",
            "waiting-31@example.org",
        }

    def test_of_reasons(self, project):
        """Also where nothing else of a support is private."""
        recorded = call_action(
            "digifarm_support_create", project=project["id"], area="care"
        )
        reason = "Kim ist umgezogen"
        call_action("digifarm_support_end", id=recorded["id"], reason=reason)
        assert privacy.purge() == {}
        for event in Event.of(Subject.SUPPORT, recorded["id"]):
            event.created = clock.days_ago(31)
        model.Session.commit()
        assert privacy.purge() == {"reasons": 1}
        events = Event.of(Subject.SUPPORT, recorded["id"])
        assert [event.reason for event in events] == ["", ""]
        assert [event.target for event in events] == ["accepted", "ended"]

    def test_by_command(self, offer):
        make_older(support(offer(confirmed=False)), 6)
        result = run("privacy", "purge")
        assert (result.exit_code, result.output) == (
            0,
            (
                "unconfirmed: 1\ncontacts: 0\nachievements: 0\n"
                "handovers: 0\nimports: 0\nreasons: 0\nmails: 0\n"
                "notices: 0\naccounts: 0\nprojects: 0\n"
            ),
        )
        result = run("privacy", "purge")
        assert (result.exit_code, result.output) == (
            0,
            (
                "unconfirmed: 0\ncontacts: 0\nachievements: 0\n"
                "handovers: 0\nimports: 0\nreasons: 0\nmails: 0\n"
                "notices: 0\naccounts: 0\nprojects: 0\n"
            ),
        )


class TestSendingByCommand:
    @pytest.fixture(autouse=True)
    def timeout(self):
        before = socket.getdefaulttimeout()
        yield
        socket.setdefaulttimeout(before)

    def test_tells_how_many_were_sent(self, offer, mail_server):
        offer()
        count = len(waiting_mails())
        result = run("run-due", "--only=mails")
        assert (result.exit_code, result.output) == (
            0,
            f"mails: {count} done, 0 failed\n",
        )
        assert len(mail_server.get_smtp_messages()) == count
        assert waiting_mails() == []
        result = run("run-due", "--only=mails")
        assert (result.exit_code, result.output) == (0, "")

    def test_fails_where_one_could_not_be_sent(self, offer):
        """There is no mail server at the address of the tests."""
        offer(confirmed=False)
        result = run("run-due", "--only=mails")
        assert (result.exit_code, result.output) == (
            1,
            "mails: 0 done, 1 failed\n",
        )
        [mail] = waiting_mails()
        assert (mail.attempts, mail.state) == (1, "waiting")
        # It has its pause.
        result = run("run-due", "--only=mails")
        assert (result.exit_code, result.output) == (0, "")
        mail = waiting_mails()[0]
        mail.due = clock.now() - datetime.timedelta(seconds=1)
        model.Session.commit()
        assert run("run-due", "--only=mails").exit_code == 1

    def test_gives_up_at_last(self, offer):
        offer(confirmed=False)
        with changed_config("ckanext.digifarm.mail.attempts", 1):
            assert run("run-due", "--only=mails").exit_code == 1
        assert waiting_mails()[0].state == "given_up"
        assert run("run-due", "--only=mails").exit_code == 0

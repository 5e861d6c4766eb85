"""Costs that are covered until a day: it is asked whether that goes on."""

from __future__ import annotations

import datetime
from typing import Any

import ckantoolkit as tk
import pytest

from ckan import model
from ckanext.digifarm.confirmations import costs_asking
from ckanext.digifarm.confirmations.model import Confirmation
from ckanext.digifarm.lib import clock
from ckanext.digifarm.lib.language import speaking
from ckanext.digifarm.support.model import Support

from ..acting import as_portal, as_user
from ..browsing import Browser, html, text_of
from ..outbox import empty_outbox, leaving_mails, token_in, waiting_mails
from .calendar import Calendar

OWNER, SPONSOR = "owner@example.org", "werkstatt@example.org"
ANSWER = "digifarm_confirmation_answer"


def day(days: int) -> str:
    return (clock.now() + datetime.timedelta(days=days)).date().isoformat()


@pytest.fixture
def project(project, calendar) -> dict[str, Any]:
    """A project whose costs are covered for 100 days."""
    write(project, costs_covered_until=day(100))
    return project


def write(project: dict[str, Any], **extras: str) -> None:
    stored = model.Package.get(project["id"])
    stored.extras = {
        "help_wanted": '["technology"]',
        "stage": "live",
        **extras,
    }
    model.Session.commit()


def said(project: dict[str, Any]) -> dict[str, str]:
    model.Session.rollback()
    model.Session.expire_all()
    extras = model.Package.get(project["id"]).extras
    return {
        name: extras.get(name, "")
        for name in ("costs_covered_until", "help_wanted")
    }


def asked() -> list[str]:
    """Who is asked since the last time."""
    mails = [m for m in waiting_mails() if "costs" in m.subject]
    empty_outbox()
    return sorted(m.recipient_email for m in mails)


def token(calendar: Calendar, email: str = OWNER) -> str:
    calendar.go_on(41)
    [mail] = [m for m in waiting_mails(email) if "costs" in m.subject]
    empty_outbox()
    return token_in(mail)


class TestAnswers:
    def test_its_people_are_asked_sixty_days_before(self, project, calendar):
        calendar.go_on(39)
        assert asked() == []
        calendar.go_on(1.1)
        assert asked() == [OWNER]

    def test_it_goes_on(self, project, calendar):
        later = day(400)
        as_user(
            "",
            ANSWER,
            token=token(calendar),
            answer="goes_on",
            until=later,
        )
        assert said(project)["costs_covered_until"] == later
        calendar.go_on(290)
        assert asked() == []
        assert said(project)["costs_covered_until"] == later
        calendar.go_on(12)
        assert asked() == [OWNER]

    def test_it_ends(self, project, calendar):
        as_user("", ANSWER, token=token(calendar), answer="ends")
        assert said(project)["help_wanted"] == '["technology", "sponsoring"]'
        calendar.go_on(200)
        assert asked() == []

    def test_asked_anew_where_it_ends_on_another_day(self, project, calendar):
        as_user("", ANSWER, token=token(calendar), answer="ends")
        write(project, costs_covered_until=day(300))
        calendar.go_on(200)
        assert asked() == []
        calendar.go_on(41)
        assert asked() == [OWNER]

    def test_who_pays_may_answer(self, project, people, calendar):
        partner = as_portal(
            "digifarm_partner_create",
            title="Stiftung Grün",
            kind="foundation",
            contact_email=SPONSOR,
        )
        as_portal(
            "digifarm_support_create",
            project=project["id"],
            area="sponsoring",
            partner=partner["id"],
        )
        try:
            later = day(400)
            as_user(
                "",
                ANSWER,
                token=token(calendar, SPONSOR),
                answer="goes_on",
                until=later,
            )
            assert said(project)["costs_covered_until"] == later
        finally:
            model.Session.query(Support).delete()
            as_portal("digifarm_partner_delete", id=partner["id"])
            model.Session.commit()

    @pytest.mark.parametrize("until", ["", "2020", "bald"])
    def test_a_day_is_needed(self, until, project, calendar):
        key = token(calendar)
        with pytest.raises(tk.ValidationError) as raised:
            as_user("", ANSWER, token=key, answer="goes_on", until=until)
        assert [*raised.value.error_dict] == ["until"]

    @pytest.mark.parametrize("role", ["anonymous", "other", "reviewer"])
    def test_strangers_may_not(self, role, project, people, calendar):
        token(calendar)
        row = Confirmation.of("costs", project["id"])
        assert row
        with pytest.raises(tk.NotAuthorized):
            as_user(people[role], ANSWER, id=row.id, answer="ends")


class TestSilence:
    def test_takes_the_note_out_and_looks_for_help(self, project, calendar):
        calendar.go_on(41)
        calendar.go_on(30)
        assert len(asked()) == 2
        calendar.go_on(29)
        empty_outbox()
        assert said(project)["costs_covered_until"]
        calendar.go_on(1)
        assert said(project) == {
            "costs_covered_until": "",
            "help_wanted": '["technology", "sponsoring"]',
        }
        [mail] = leaving_mails(OWNER)
        assert "looks for financial support" in mail.subject
        empty_outbox()
        calendar.go_on(100)
        assert asked() == []

    def test_an_edit_settles_it(self, project, calendar):
        calendar.go_on(41)
        write(project, costs_covered_until="2999")
        calendar.go_on(60)
        assert said(project)["costs_covered_until"] == "2999"
        row = Confirmation.of("costs", project["id"])
        assert row
        assert row.state == "answered"

    @pytest.mark.parametrize(
        "extras", [{"stage": "ended"}, {"costs_covered_until": ""}]
    )
    def test_nobody_is_asked(self, extras, project, calendar):
        write(project, **{"costs_covered_until": day(30), **extras})
        calendar.go_on(0.1)
        assert asked() == []


class TestPast:
    """What is over is spoken of as past."""

    def test_in_what_is_asked_and_known(self, project, calendar, shared_app):
        write(project, costs_covered_until="2020")
        calendar.run()
        [mail] = [m for m in waiting_mails(OWNER) if "costs" in m.subject]
        assert "its costs were covered until 2020" in mail.subject
        body = " ".join(mail.body.split())
        assert "says that its costs were covered until 2020" in body
        assert "once that is over" not in body
        path = f"/civic_project/confirm/link/{token_in(mail)}"
        page = text_of(html(Browser(shared_app).get(path)))
        assert "They are not covered any longer" in page
        assert "after that" not in page
        stored = model.Package.get(project["id"])
        with speaking("en"):
            assert costs_asking.of_project(stored) == [
                "Its costs were covered until 2020."
            ]

    def test_on_the_page(self, project, shared_app):
        for until, is_over in (("2020", True), (day(100), False)):
            as_portal(
                "package_patch", id=project["id"], costs_covered_until=until
            )
            page = Browser(shared_app).get(f"/civic_project/{project['name']}")
            assert ("– that is over" in text_of(html(page))) is is_over

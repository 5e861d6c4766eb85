"""Support that has an end goes on, or runs out."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.tests.helpers import changed_config
from ckanext.digifarm.confirmations.model import Confirmation
from ckanext.digifarm.lib import clock
from ckanext.digifarm.lib.due_work import Due
from ckanext.digifarm.lib.events import Event, Subject
from ckanext.digifarm.lib.language import speaking
from ckanext.digifarm.support.model import Support

from ..acting import as_portal, as_user
from ..browsing import Browser, html, text_of
from ..confirmations.calendar import Calendar
from ..offering import (
    OFFER,
    REVIEWERS,
    create_people,
    create_project,
    empty_tables,
)
from ..outbox import empty_outbox, token_in, waiting_mails
from ..working import forget_jobs, run_due

SUPPORTER, OWNER = "geheim@example.org", "owner@example.org"
UPDATE = "digifarm_support_update"
ANSWER = "digifarm_confirmation_answer"


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture(scope="module")
def project(people) -> dict[str, Any]:
    return create_project(people, help_wanted=["content"], stage="live")


@pytest.fixture(autouse=True)
def nothing(people, project) -> Iterator[None]:
    empty_tables()
    for table in (Confirmation, Due):
        model.Session.query(table).delete()
    # Without what silence has left there.
    model.Package.get(project["id"]).extras = {
        "help_wanted": '["content"]',
        "stage": "live",
    }
    model.Session.commit()
    forget_jobs()
    with changed_config("ckanext.digifarm.review_organization", REVIEWERS):
        yield


@pytest.fixture
def calendar(monkeypatch) -> Calendar:
    return Calendar(monkeypatch)


def day(days: int) -> str:
    """A day from now on, as it is stored."""
    return (clock.now() + datetime.timedelta(days=days)).date().isoformat()


@pytest.fixture
def support(project, people, calendar) -> Support:
    """Somebody gives help for 100 days, and has no account."""
    offered = as_user(
        "",
        "digifarm_support_offer",
        project=project["id"],
        **{**OFFER, "until": day(100)},
    )
    confirm = token_in(waiting_mails(SUPPORTER)[-1])
    as_user("", "digifarm_support_confirm", token=confirm)
    as_user(people["owner"], "digifarm_support_accept", id=offered["id"])
    empty_outbox()
    return of(offered["id"])


def of(id_: str) -> Support:
    model.Session.rollback()
    model.Session.expire_all()
    found = model.Session.get(Support, id_)
    assert found
    return found


def told() -> list[tuple[str, str]]:
    found = [(m.recipient_email, m.subject) for m in waiting_mails()]
    empty_outbox()
    return sorted(found)


def wanted(project: dict[str, Any]) -> str:
    model.Session.rollback()
    model.Session.expire_all()
    return model.Package.get(project["id"]).extras["help_wanted"]


def go_on(calendar: Calendar, days: float) -> None:
    calendar.go_on(days)
    run_due("support-run-out")
    calendar.run()


class TestAnswers:
    def test_both_sides_are_asked_sixty_days_before(self, support, calendar):
        go_on(calendar, 39)
        assert told() == []
        go_on(calendar, 1.1)
        mails = waiting_mails()
        assert [m.recipient_email for m in mails] in (
            [SUPPORTER, OWNER],
            [OWNER, SUPPORTER],
        )
        for mail in mails:
            assert "does the support by" in mail.subject
            assert "/civic_project/confirm/link/" in mail.body

    @pytest.mark.parametrize("side", [SUPPORTER, OWNER])
    def test_it_goes_on(self, side, support, project, calendar):
        go_on(calendar, 41)
        [mail] = waiting_mails(side)
        empty_outbox()
        later = day(400)
        as_user(
            "", ANSWER, token=token_in(mail), answer="goes_on", until=later
        )
        assert of(support.id).until == later
        with speaking("en"):
            shown = tk.h.digifarm_partial_date(later)
        subject = f"Support for “{project['title']}”: it runs until {shown}"
        assert told() == sorted([(SUPPORTER, subject), (OWNER, subject)])
        # Past the first end, up to the next question.
        go_on(calendar, 100)
        assert of(support.id).state == "accepted"
        assert told() == []
        go_on(calendar, 241)
        assert len([s for _, s in told() if "go on after" in s]) == 2
        assert wanted(project) == '["content"]'

    def test_it_ends_then(self, support, project, calendar):
        go_on(calendar, 41)
        [mail] = waiting_mails(SUPPORTER)
        as_user("", ANSWER, token=token_in(mail), answer="ends")
        empty_outbox()
        go_on(calendar, 59)
        assert told() == []
        assert of(support.id).state == "accepted"
        go_on(calendar, 1)
        assert of(support.id).state == "ended"
        assert len(told()) == 2
        assert wanted(project) == '["content", "technology"]'

    @pytest.mark.parametrize("days", [50, 58, 59])
    def test_it_goes_on_for_longer_than_before(self, days, support, calendar):
        go_on(calendar, 41)
        [mail] = waiting_mails(OWNER)
        with pytest.raises(tk.ValidationError) as raised:
            as_user(
                "",
                ANSWER,
                token=token_in(mail),
                answer="goes_on",
                until=day(days),
            )
        [message] = raised.value.error_dict["until"]
        assert message == "Please give a day after the one said so far"
        assert of(support.id).until == support.until

    @pytest.mark.parametrize("until", ["", " ", "2020", "bald", "2027-13"])
    def test_a_day_is_needed_that_is_to_come(self, until, support, calendar):
        go_on(calendar, 41)
        [mail] = waiting_mails(OWNER)
        with pytest.raises(tk.ValidationError) as raised:
            as_user(
                "", ANSWER, token=token_in(mail), answer="goes_on", until=until
            )
        assert [*raised.value.error_dict] == ["until"]
        assert of(support.id).until == support.until

    @pytest.mark.parametrize(
        ("role", "may"),
        [
            ("owner", True),
            ("project_editor", True),
            ("sysadmin", True),
            ("anonymous", False),
            ("other", False),
            ("offerer", False),
            ("partner_editor", False),
            ("project_member", False),
            ("reviewer", False),
        ],
    )
    def test_by_account(self, role, may, support, people, calendar):
        go_on(calendar, 41)
        row = Confirmation.of("support_end", support.id)
        assert row
        asked = {"id": row.id, "answer": "ends"}
        if may:
            as_user(people[role], ANSWER, **asked)
            assert of(support.id).ends
            return
        with pytest.raises(tk.NotAuthorized):
            as_user(people[role], ANSWER, **asked)
        assert not of(support.id).ends

    def test_it_is_asked_once_more_before_it_ends(
        self, support, calendar, shared_app
    ):
        go_on(calendar, 41)
        [mail] = waiting_mails(SUPPORTER)
        path = f"/civic_project/confirm/link/{token_in(mail)}"
        browser = Browser(shared_app)
        answers = html(browser.get(path)).select_one(".digifarm-answers")
        assert not answers.select("form")
        form = browser.form(f"{path}?answer=ends", "form.digifarm-form")
        assert not of(support.id).ends
        done = browser.send(form)
        assert "Nobody is asked about it any more" in done.body
        assert of(support.id).ends

    def test_on_the_page(self, support, calendar, shared_app):
        go_on(calendar, 41)
        [mail] = waiting_mails(SUPPORTER)
        path = f"/civic_project/confirm/link/{token_in(mail)}"
        browser = Browser(shared_app)
        page = html(browser.get(path))
        assert "go on after" in text_of(page.h1)
        assert "It ends then" in text_of(page.select_one(".primary"))
        form = browser.form(f"{path}?answer=goes_on", "form.digifarm-form")
        wrong = browser.send(form.with_values(until="bald"))
        assert html(wrong).select_one("#field-until-error")
        later = day(365)
        done = browser.send(form.with_values(until=later))
        assert "How nice that it goes on!" in done.body
        assert of(support.id).until == later


class TestSilence:
    def test_ends_it_and_opens_the_help_again(
        self, support, project, calendar
    ):
        go_on(calendar, 41)
        assert len(told()) == 2
        go_on(calendar, 30)
        assert all("Once more" in subject for _, subject in told())
        go_on(calendar, 16)
        assert len(told()) == 2
        go_on(calendar, 13)
        assert of(support.id).state == "accepted"
        assert told() == []
        go_on(calendar, 1)
        assert of(support.id).state == "ended"
        subject = f"Support for “{project['title']}”: it has run out"
        mails = waiting_mails()
        assert all("looks for that help again" in m.body for m in mails)
        assert told() == sorted([(SUPPORTER, subject), (OWNER, subject)])
        assert wanted(project) == '["content", "technology"]'
        events = Event.of(Subject.SUPPORT, support.id)
        assert (events[-1].action, events[-1].actor) == ("run_out", "portal")
        go_on(calendar, 400)
        row = Confirmation.of("support_end", support.id)
        assert row
        assert row.state == "answered"

    def test_opens_nothing_where_others_give_the_same(
        self, support, project, calendar
    ):
        as_portal(
            "digifarm_support_create",
            project=project["id"],
            area="technology",
        )
        go_on(calendar, 41)
        go_on(calendar, 61)
        assert of(support.id).state == "ended"
        assert wanted(project) == '["content"]'
        mails = [m for m in waiting_mails() if "run out" in m.subject]
        assert len(mails) == 2
        assert not any("looks for that help again" in m.body for m in mails)

    def test_leaves_who_was_asked_late_two_weeks(
        self, project, people, calendar
    ):
        id_ = as_portal(
            "digifarm_support_create",
            project=project["id"],
            area="technology",
            until=day(3),
        )["id"]
        go_on(calendar, 0.01)
        go_on(calendar, 13)
        assert of(id_).state == "accepted"
        go_on(calendar, 1.1)
        assert of(id_).state == "ended"

    def test_is_none_where_nobody_is_asked(self, support, calendar):
        option = "ckanext.digifarm.confirmations.months"
        with changed_config(option, 0):
            go_on(calendar, 200)
        assert of(support.id).state == "accepted"
        assert told() == []

    def test_means_nothing_for_a_project_that_is_deleted(
        self, support, project, calendar
    ):
        as_portal("package_delete", id=project["id"])
        try:
            empty_outbox()
            go_on(calendar, 101)
            assert told() == []
            assert of(support.id).state == "accepted"
        finally:
            as_portal("package_patch", id=project["id"], state="active")


class TestUpdate:
    def test_settles_an_open_question(self, support, people, calendar):
        go_on(calendar, 41)
        empty_outbox()
        as_user(people["owner"], UPDATE, id=support.id, until=day(300))
        assert len(told()) == 2
        calendar.run()
        row = Confirmation.of("support_end", support.id)
        assert row
        assert row.state == "answered"
        go_on(calendar, 100)
        assert of(support.id).state == "accepted"

    def test_asks_anew_where_it_was_settled_that_it_ends(
        self, support, people, calendar
    ):
        go_on(calendar, 41)
        [mail] = waiting_mails(OWNER)
        as_user("", ANSWER, token=token_in(mail), answer="ends")
        as_user(people["owner"], UPDATE, id=support.id, until=day(200))
        empty_outbox()
        go_on(calendar, 141)
        assert len(told()) == 2

    def test_tells_nobody_where_nothing_is_different(self, support, people):
        until = support.until
        as_user(people["owner"], UPDATE, id=support.id, until=until)
        assert told() == []

    def test_can_take_the_end_out(self, support, people, calendar):
        as_user(people["owner"], UPDATE, id=support.id)
        assert of(support.id).until == ""
        go_on(calendar, 150)
        assert of(support.id).state == "accepted"

    @pytest.mark.parametrize("role", ["anonymous", "other", "reviewer"])
    def test_is_for_its_sides(self, role, support, people):
        with pytest.raises(tk.NotAuthorized):
            as_user(people[role], UPDATE, id=support.id, until=day(9))

    @pytest.mark.parametrize(
        "action", ["digifarm_support_create", "digifarm_support_request"]
    )
    def test_days_that_have_passed_are_refused(self, action, project):
        with pytest.raises(tk.ValidationError) as raised:
            as_portal(
                action,
                project=project["id"],
                area="technology",
                partner="gibt-es-nicht",
                until="2020",
            )
        assert [*raised.value.error_dict] == ["until"]

    def test_by_the_form(self, support, project, people, shared_app):
        owner = Browser(shared_app, model.User.get(people["owner"]).id)
        path = f"/civic_project/support/{project['name']}"
        selector = "form[action$='/step/update']"
        form = owner.form(path, selector)
        assert form["until"] == support.until
        wrong = owner.send(form.with_values(until="neulich"))
        assert "neulich" in wrong.body
        done = owner.send(form.with_values(until="2999"))
        assert "has been saved" in done.body
        assert of(support.id).until == "2999"

    def test_is_public_with_the_support(self, support, project, shared_app):
        page = Browser(shared_app).get(f"/civic_project/{project['name']}")
        found = as_user("", "digifarm_support_list", project=project["id"])
        assert found[0]["until"] == support.until
        help_ = text_of(html(page).select_one("#help"))
        assert support.until[:4] in help_


class TestYearly:
    @pytest.fixture
    def lasting(self, support) -> Support:
        found = of(support.id)
        found.until = ""
        model.Session.commit()
        return found

    def test_who_gives_it_is_asked_then_the_project(self, lasting, calendar):
        go_on(calendar, 364)
        told()
        go_on(calendar, 2)
        mails = [
            m for m in waiting_mails(SUPPORTER) if "still run" in m.subject
        ]
        assert len(mails) == 1
        told()
        for days in (15, 28):
            go_on(calendar, days)
            assert [to for to, s in told() if "still run" in s] == [SUPPORTER]
        go_on(calendar, 14)
        assert [to for to, s in told() if "still run" in s] == [OWNER]
        go_on(calendar, 400)
        assert not [s for _, s in told() if "still run" in s]
        assert of(lasting.id).state == "accepted"

    @pytest.mark.parametrize(
        ("answer", "data", "state", "until"),
        [
            ("confirmed", {}, "accepted", ""),
            ("goes_on", {"until": "2999-05"}, "accepted", "2999-05"),
            ("ended", {}, "ended", ""),
        ],
    )
    def test_answers(self, answer, data, state, until, lasting, calendar):
        go_on(calendar, 366)
        [mail] = [
            m for m in waiting_mails(SUPPORTER) if "still run" in m.subject
        ]
        as_user("", ANSWER, token=token_in(mail), answer=answer, **data)
        found = of(lasting.id)
        assert (found.state, found.until) == (state, until)
        told()
        go_on(calendar, 364)
        assert not [s for _, s in told() if "still run" in s]
        go_on(calendar, 3)
        assert len([s for _, s in told() if "still run" in s]) == (
            state == "accepted"
        )

    def test_where_nobody_can_be_reached_the_project_is_asked(
        self, project, calendar
    ):
        as_portal(
            "digifarm_support_create",
            project=project["id"],
            area="technology",
        )
        go_on(calendar, 366)
        asked = [to for to, s in told() if "still run" in s]
        assert asked == [OWNER]

    def test_what_ends_soon_is_asked_about_once(self, support, calendar):
        go_on(calendar, 366)
        assert not [s for _, s in told() if "still run" in s]

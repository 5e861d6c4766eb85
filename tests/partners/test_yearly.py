"""Once a year, partners are asked whether their entry is still right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.tests.helpers import changed_config
from ckanext.digifarm.confirmations.model import Confirmation
from ckanext.digifarm.lib.due_work import Due
from ckanext.digifarm.lib.language import speaking
from ckanext.digifarm.partners.model import Partner

from ..acting import as_portal, as_user
from ..browsing import Browser, html
from ..confirmations.calendar import Calendar
from ..offering import (
    REVIEWERS,
    create_partner,
    create_people,
    create_project,
    empty_tables,
)
from ..outbox import empty_outbox, token_in, waiting_mails
from ..working import forget_jobs

CONTACT, EDITOR = "werkstatt@example.org", "partner_editor@example.org"
ANSWER = "digifarm_confirmation_answer"


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture(scope="module")
def project(people) -> dict[str, Any]:
    return create_project(people, help_wanted=["technology"], stage="live")


@pytest.fixture(autouse=True)
def nothing(people) -> Iterator[None]:
    empty_tables()
    for table in (Confirmation, Due):
        model.Session.query(table).delete()
    model.Session.commit()
    forget_jobs()
    with changed_config("ckanext.digifarm.review_organization", REVIEWERS):
        yield


@pytest.fixture
def calendar(monkeypatch) -> Calendar:
    return Calendar(monkeypatch)


@pytest.fixture
def partner(people) -> dict[str, Any]:
    found = create_partner(people, areas=["technology"])
    empty_outbox()
    return found


def asked() -> list[str]:
    mails = [m for m in waiting_mails() if "the entry of" in m.subject]
    empty_outbox()
    return [mail.recipient_email for mail in mails]


def suggested(project: dict[str, Any]) -> list[str]:
    # It is silent, too, and looks for nothing then.
    model.Package.get(project["id"]).extras = {
        "help_wanted": '["technology"]',
        "stage": "live",
    }
    model.Session.commit()
    found = as_portal("digifarm_match", project=project["id"])
    return [one["partner"]["title"] for one in found["results"]]


def mail_of(calendar: Calendar) -> Any:
    calendar.go_on(366)
    [mail] = [m for m in waiting_mails(CONTACT) if "entry" in m.subject]
    empty_outbox()
    return mail


def test_the_contact_is_asked(partner, calendar):
    calendar.go_on(364)
    assert asked() == []
    calendar.go_on(2)
    assert asked() == [CONTACT]


def test_without_a_contact_who_edits_for_it(people, calendar):
    create_partner(people, contact_name="", contact_email="")
    calendar.go_on(366)
    assert asked() == [EDITOR]


def test_who_cannot_be_reached_is_not_asked(people, project, calendar):
    create_partner(
        people,
        contact_name="",
        contact_email="",
        organization_id="",
        areas=["technology"],
    )
    calendar.go_on(366)
    calendar.go_on(100)
    assert asked() == []
    assert suggested(project) == ["Offene Werkstatt"]


def test_silence_leaves_the_suggestions_not_the_directory(
    partner, project, calendar
):
    assert suggested(project) == ["Offene Werkstatt"]
    calendar.go_on(366)
    for days in (45, 44):
        calendar.go_on(days)
        empty_outbox()
    assert suggested(project) == ["Offene Werkstatt"]
    calendar.go_on(2)
    assert suggested(project) == []
    listed = as_user("", "digifarm_partner_search")["results"]
    assert [one["title"] for one in listed] == ["Offene Werkstatt"]
    [mail] = waiting_mails(CONTACT)
    assert "not suggested" in mail.subject
    # One click undoes it.
    as_user("", ANSWER, token=token_in(mail), answer="confirmed")
    assert suggested(project) == ["Offene Werkstatt"]
    empty_outbox()
    calendar.go_on(364)
    assert asked() == []
    calendar.go_on(2)
    assert asked() == [CONTACT]


def test_it_is_asked_once_more_before_it_goes(partner, calendar, shared_app):
    path = f"/civic_project/confirm/link/{token_in(mail_of(calendar))}"
    page = html(Browser(shared_app).get(path))
    answers = page.select_one(".digifarm-answers")
    # No click takes it away at once.
    assert not answers.select("input[value='gone']")
    [more] = [a for a in answers.select("a") if "out of the" in a.text]
    page = html(Browser(shared_app).get(f"{path}{more['href']}"))
    assert "Do you really want to answer this?" in page.text
    assert page.select_one("form input[value='gone']")
    assert page.select_one("form a[href='?']")
    assert model.Session.get(Partner, partner["id"]).state == "active"


def test_the_mail_and_the_page_have_the_way_to_change_it(
    partner, calendar, shared_app
):
    mail = mail_of(calendar)
    found = re.search(
        r"changed\? Here you do so: \S+?(/partner/\S+)", mail.body
    )
    assert found
    browser = Browser(shared_app)
    form = browser.get(found[1])
    assert form.status_code == 200
    assert partner["title"] in form.body
    page = browser.get(f"/civic_project/confirm/link/{token_in(mail)}")
    ways = [a["href"] for a in html(page).select("a[href*='/partner/link/']")]
    assert [way.endswith("/edit") for way in ways] == [True]
    assert browser.get(ways[0]).status_code == 200
    assert "last mail" not in page.body


def test_who_has_no_link_gets_none_to_change_it(people, calendar):
    """The key of a contact is for nobody else."""
    create_partner(people)
    empty_outbox()
    calendar.go_on(366)
    row = model.Session.query(Confirmation).filter_by(subject="partner").one()
    with speaking("en"):
        shown = as_user(
            people["partner_editor"], "digifarm_confirmation_show", id=row.id
        )
    assert "/link/" not in shown["edit"]
    assert "/partner/" in shown["edit"]


def test_it_goes_by_an_answer(partner, calendar, shared_app):
    path = f"/civic_project/confirm/link/{token_in(mail_of(calendar))}"
    browser = Browser(shared_app)
    form = browser.form(f"{path}?answer=gone", "form.digifarm-form")
    done = browser.send(form)
    assert done.request.path.rstrip("/") == "/partner"
    assert "The entry is gone" in done.body
    model.Session.rollback()
    assert model.Session.get(Partner, partner["id"]).state == "deleted"
    subjects = [m.subject for m in waiting_mails("reviewer@example.org")]
    assert len(subjects) == 1
    calendar.go_on(800)
    assert asked() == []


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("partner_editor", True),
        ("sysadmin", True),
        ("anonymous", False),
        ("other", False),
        ("owner", False),
        ("reviewer", False),
    ],
)
def test_by_account(role, may, partner, people, calendar):
    mail_of(calendar)
    row = Confirmation.of("partner", partner["id"])
    assert row
    if may:
        as_user(people[role], ANSWER, id=row.id, answer="confirmed")
        return
    with pytest.raises(tk.NotAuthorized):
        as_user(people[role], ANSWER, id=row.id, answer="confirmed")


def test_the_link_is_for_its_contact_only(partner, people, calendar):
    key = token_in(mail_of(calendar))
    as_portal(
        "digifarm_partner_update",
        **{**partner, "contact_email": "neu@example.org"},
    )
    with pytest.raises(tk.ValidationError):
        as_user("", ANSWER, token=key, answer="confirmed")

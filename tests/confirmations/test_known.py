"""Who is asked reads what the portal knows that may be wrong by now."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from ckan import model
from ckanext.digifarm.handover.model import Handover
from ckanext.digifarm.lib import clock
from ckanext.digifarm.lib.language import speaking
from ckanext.digifarm.upkeep.model import Check, Repository

from ..acting import as_portal, as_user
from ..browsing import Browser, html, text_of
from ..outbox import waiting_mails
from .asking import row_of, token_of

CODE, SITE = "https://code.example.org/app", "https://app.example.org/"

DAY = datetime.timedelta(days=1)

NOTHING = [
    "It looks for help: Technical help.",
    "Its handover folder is not complete yet.",
]


@pytest.fixture(autouse=True)
def nothing_else(project):
    for table in (Check, Repository, Handover):
        model.Session.query(table).delete()
    model.Session.commit()
    yield
    for table in (Check, Repository, Handover):
        model.Session.query(table).delete()
    model.Session.commit()


def checked(url: str, health: str) -> None:
    now = clock.now()
    model.Session.add(
        Check(
            url=url,
            host="app.example.org",
            health=health,
            since=datetime.datetime.fromisoformat("2027-03-12"),
            checked=now,
            due=now + DAY,
        )
    )
    model.Session.commit()


def known(project: dict[str, Any], people: dict[str, str]) -> list[str]:
    token = token_of(row_of(project), people["owner"])
    with speaking("en"):
        shown = as_user("", "digifarm_confirmation_show", token=token)
    return shown["known"]


def test_what_is_known_of_all(project, people, calendar):
    calendar.go_on(366)
    assert known(project, people) == NOTHING


def test_that_it_looks_for_nothing(project, people, calendar):
    as_portal("package_patch", id=project["id"], help_wanted=[])
    calendar.go_on(366)
    assert known(project, people)[0] == "It looks for no help now."


def test_what_silence_has_closed(project, people, calendar):
    calendar.go_on(366)
    calendar.go_on(91)
    assert known(project, people)[0] == (
        "As nobody has confirmed the page for long, its search for help is"
        " closed: Technical help. Your answer opens it again."
    )
    as_portal("package_patch", id=project["id"], help_wanted=["care"])
    assert known(project, people)[0] == "It looks for help: A caretaker."


def test_addresses_that_do_not_answer(project, people, calendar):
    as_portal("package_patch", id=project["id"], url=SITE, source_url=CODE)
    calendar.ahead += 366 * DAY
    checked(SITE, "dead")
    checked(CODE, "answers")
    calendar.run()
    line = (
        "“Address of the application” does not answer since March 12, 2027: "
        f"{SITE}"
    )
    assert known(project, people) == [*NOTHING, line]
    [mail] = waiting_mails()
    assert f"- {line}\n" in mail.body


@pytest.mark.parametrize(
    ("days", "archived", "lines"),
    [
        (300, False, []),
        (400, False, ["The source code was last changed in"]),
        (
            400,
            True,
            [
                "The source code was last changed in",
                "The repository of the source code is archived.",
            ],
        ),
    ],
)
def test_code_that_nobody_changes(
    days, archived, lines, project, people, calendar
):
    as_portal("package_patch", id=project["id"], source_url=CODE)
    calendar.ahead += 366 * DAY
    checked(CODE, "answers")
    now = clock.now()
    model.Session.add(
        Repository(
            url=CODE,
            host="code.example.org",
            changed=now - days * DAY,
            archived=archived,
            checked=now,
            due=now + DAY,
        )
    )
    model.Session.commit()
    calendar.run()
    found = known(project, people)[len(NOTHING) :]
    assert len(found) == len(lines)
    for line, start in zip(found, lines, strict=True):
        assert line.startswith(start)


@pytest.mark.parametrize(
    ("days", "is_said"), [(500, True), (366 + 400, False)]
)
def test_ends_that_are_near(days, is_said, project, people, calendar):
    day = (clock.now() + days * DAY).date()
    as_portal(
        "package_patch",
        id=project["id"],
        costs_covered_until=day.isoformat(),
    )
    as_portal(
        "digifarm_support_create",
        project=project["id"],
        area="technology",
        person="Kim",
        consent=True,
        until=day.isoformat(),
    )
    calendar.go_on(366)
    written = f"{day:%B} {day.day}, {day.year}"
    found = known(project, people)
    lines = [
        f"Its costs are covered until {written}.",
        f"Support ends: Technical help by Kim, until {written}.",
    ]
    assert [line in found for line in lines] == [is_said, is_said]


def test_the_folder_is_nothing_of_what_runs_elsewhere(
    project, people, calendar
):
    as_portal("package_patch", id=project["id"], stage="wanted_here")
    calendar.go_on(366)
    assert known(project, people) == NOTHING[:1]


def test_the_folder(project, people, calendar):
    model.Session.add(
        Handover(project_id=project["id"], entries={}, is_complete=True)
    )
    model.Session.commit()
    calendar.go_on(366)
    assert "Its handover folder is complete." in known(project, people)


def test_stands_on_the_page_and_in_all_mails(
    project, people, calendar, shared_app
):
    calendar.go_on(366)
    token = token_of(row_of(project), people["owner"])
    page = Browser(shared_app).get(f"/civic_project/confirm/link/{token}")
    items = [text_of(li) for li in html(page).select("main li, .main li")]
    assert {*NOTHING} <= {*items}
    for days in (15, 28, 14, 14):
        calendar.go_on(days)
    bodies = [mail.body for mail in waiting_mails()]
    assert len(bodies) == 5
    for body in bodies:
        assert all(f"- {line}" in body for line in NOTHING)


def test_is_nobody_elses_business(project, people, calendar):
    calendar.go_on(366)
    row = row_of(project)
    with pytest.raises(Exception, match="may not"):
        as_user(people["other"], "digifarm_confirmation_show", id=row.id)

"""Who looks after a project and helps it is on both sides of that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.tests.helpers import changed_config
from ckanext.digifarm.confirmations.model import Confirmation
from ckanext.digifarm.lib.language import speaking
from ckanext.digifarm.partners.model import Partner
from ckanext.digifarm.support import asking, sides
from ckanext.digifarm.support.model import Support, SupportState

from ..acting import as_portal, as_user, copy_of
from ..browsing import Browser, html, text_of
from ..confirmations.calendar import Calendar
from ..offering import (
    OFFER,
    REVIEWERS,
    create_people,
    create_project,
    empty_tables,
    get,
    store_offer,
    store_partner,
)
from ..outbox import empty_outbox, waiting_mails
from .test_ends import day

OWNER, OFFERER = "owner@example.org", "offerer@example.org"
EVALUATE = "digifarm_support_evaluate"


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture(scope="module")
def project(people) -> dict[str, Any]:
    return create_project(people, stage="live")


@pytest.fixture(autouse=True)
def nothing(people, project) -> Iterator[None]:
    empty_tables()
    model.Session.query(Confirmation).delete()
    offerer = model.User.get(people["offerer"])
    assert offerer
    model.Session.query(model.PackageMember).filter_by(
        user_id=offerer.id
    ).delete()
    model.Session.commit()
    with changed_config("ckanext.digifarm.review_organization", REVIEWERS):
        yield


@pytest.fixture
def calendar(monkeypatch) -> Calendar:
    return Calendar(monkeypatch)


def given(people, project, role: str = "owner", **data: Any) -> Support:
    """What somebody has offered, and the owner has accepted."""
    offered = as_user(
        people[role],
        "digifarm_support_offer",
        project=project["id"],
        **{**OFFER, **data},
    )
    empty_outbox()
    as_user(people["owner"], "digifarm_support_accept", id=offered["id"])
    return get(offered["id"])


def test_one_mail_is_enough(people, project):
    support = given(people, project)
    [mail] = waiting_mails(OWNER)
    assert mail.subject.startswith("Your support for")
    assert "You reach each other" not in mail.body
    empty_outbox()
    as_user(people["owner"], "digifarm_support_end", id=support.id)
    [mail] = waiting_mails(OWNER)
    assert "Thank you for your help." in mail.body
    assert "Did it help?" not in mail.body


def test_others_get_theirs(people, project):
    support = given(people, project, "offerer")
    assert len(waiting_mails(OWNER)) == len(waiting_mails(OFFERER)) == 1
    empty_outbox()
    as_user(people["owner"], "digifarm_support_end", id=support.id)
    [team], [own] = waiting_mails(OWNER), waiting_mails(OFFERER)
    assert "Did it help?" in team.body
    assert "Thank you for what was done together." in own.body


@pytest.mark.parametrize(
    ("giver", "judge", "may"),
    [
        ("owner", "owner", False),
        ("owner", "project_editor", True),
        ("offerer", "owner", True),
    ],
)
def test_nobody_judges_their_own_help(
    giver, judge, may, people, project, shared_app
):
    support = given(people, project, giver)
    as_user(people["owner"], "digifarm_support_end", id=support.id)
    path = f"/civic_project/support/{project['name']}"
    page = html(Browser(shared_app, people[judge]).get(path))
    assert bool(page.select("form[action*='/evaluate/']")) is may
    asked = {"id": support.id, "helped": "yes"}
    if may:
        assert as_user(people[judge], EVALUATE, **asked)["helped"] == "yes"
        return
    with pytest.raises(tk.NotAuthorized, match="Others say"):
        as_user(people[judge], EVALUATE, **asked)


@pytest.mark.parametrize(
    ("judge", "contact"),
    [
        # A colleague has offered it.
        ("partner_editor", OFFERER),
        # The partner was asked, and they are its contact.
        ("other", ""),
    ],
)
def test_nobody_judges_that_of_their_partner(judge, contact, people, project):
    partner = store_partner(people)
    stored = model.Session.get(Partner, partner["id"])
    assert stored
    stored.contact_email = "other@example.org"
    copy = copy_of(project)
    support = store_offer(
        state=SupportState.ENDED,
        project=copy["id"],
        partner=partner["id"],
        contact_email=contact,
    )
    as_portal(
        "package_collaborator_create",
        id=copy["id"],
        user_id=people[judge],
        capacity="editor",
    )
    with pytest.raises(tk.NotAuthorized, match="Others say"):
        as_user(people[judge], EVALUATE, id=support.id, helped="yes")


def test_whoever_takes_care_and_owns_it_is_asked_of_the_project_alone(
    people, project, calendar
):
    care = given(people, project, "offerer", area="care")
    help_ = given(people, project, "offerer", area="technology")
    found = asking.YearlyAsking().things().subquery()
    ids = {row.id for row in model.Session.query(found)}
    assert (care.id in ids, help_.id in ids) == (False, True)
    with changed_config("ckan.auth.allow_dataset_collaborators", False):
        found = asking.YearlyAsking().things().subquery()
        assert care.id in {row.id for row in model.Session.query(found)}


def test_they_are_asked_by_their_name_and_once(people, project, calendar):
    support = given(people, project, until=day(50))
    assert sides.is_one(support)
    empty_outbox()
    calendar.run()
    [mail] = [m for m in waiting_mails() if "go on after" in m.subject]
    assert mail.recipient_email == OWNER
    assert f"support by {OFFER['contact_name']}" in mail.subject
    assert "We ask both sides" not in mail.body
    empty_outbox()
    model.Session.query(Confirmation).delete()
    model.Session.query(Support).delete()
    model.Session.commit()
    assert not sides.is_one(given(people, project, "offerer"))


def test_everybody_else_reads_no_name(people, project, shared_app):
    given(people, project, until=day(50))
    stored = model.Package.get(project["id"])
    assert stored
    with speaking("en"):
        [said] = asking.of_project(stored)
    assert "a private person" in said
    page = Browser(shared_app).get(f"/civic_project/{project['name']}")
    assert OFFER["contact_name"] not in text_of(html(page))


class TestPast:
    """What is over is spoken of as past."""

    @pytest.fixture
    def support(self, people, project) -> Support:
        found = given(people, project, "offerer")
        found.until = day(-40)
        model.Session.commit()
        empty_outbox()
        return get(found.id)

    def test_in_what_is_asked(self, support, calendar):
        asked = asking.EndAsking()
        row = Confirmation(subject="support_end", subject_id=support.id)
        with speaking("en"):
            assert "was given until" in asked.words(row)["question"]
            labels = [answer.label for answer in asked.answers(row)]
            assert labels == ["It goes on until a day", "It has ended"]
            assert "ends then" not in asked.consequence(row)
        calendar.run()
        subjects = {mail.subject for mail in waiting_mails(OWNER, OFFERER)}
        assert subjects
        assert all("Does it go on?" in one for one in subjects)

    def test_on_pages(self, support, people, project, shared_app):
        for user, path in (
            ("", f"/civic_project/{project['name']}"),
            ("offerer", f"/civic_project/support/read/{support.id}"),
        ):
            page = Browser(shared_app, people.get(user)).get(path)
            assert "– that is over" in text_of(html(page)), path

    def test_where_it_is_known(self, support, project):
        stored = model.Package.get(project["id"])
        assert stored
        with speaking("en"):
            [said] = asking.of_project(stored)
        assert said.startswith("Support was given until")

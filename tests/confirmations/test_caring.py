"""Somebody comes who looks after a project that nobody answers for."""

from __future__ import annotations

import re
from typing import Any

import ckantoolkit as tk
import pytest
import sqlalchemy as sa

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import changed_config
from ckanext.digifarm.confirmations.model import Confirmation
from ckanext.digifarm.lib.waiting import Waiting
from ckanext.digifarm.support.model import Support

from .. import proposing
from ..acting import as_portal, as_user
from ..browsing import Browser, html, text_of
from ..offering import store_offer
from ..outbox import empty_outbox, link_in, waiting_mails
from ..working import work_here
from .asking import (
    ANSWER,
    OWNER,
    REVIEWER,
    events,
    helps,
    row_of,
    shown,
    told,
)

OFFERER = "offerer@example.org"

DAYS = (15, 28, 14, 14, 20)

#: May answer an offer of care as those of a project that goes on.
TEAM = ("owner", "project_editor", "sysadmin")

#: May answer no offer to somebody else's project at all.
STRANGERS = ("anonymous", "other", "project_member", "partner_editor")

ACCEPT, DECLINE = "digifarm_support_accept", "digifarm_support_decline"


@pytest.fixture(autouse=True)
def owners():
    """Projects have owners here."""
    with changed_config("ckan.auth.allow_dataset_collaborators", True):
        yield


@pytest.fixture
def undecided(project, calendar) -> Confirmation:
    calendar.go_on(366)
    for days in DAYS[:-1]:
        calendar.go_on(days)
    empty_outbox()
    return row_of(project)


@pytest.fixture
def silent(undecided, project, calendar) -> Confirmation:
    calendar.go_on(DAYS[-1])
    work_here()
    empty_outbox()
    return row_of(project)


@pytest.fixture
def sought(undecided, project, people) -> Confirmation:
    """Of this one, reviewers let somebody be looked for before day 90."""
    _decide(people, "search", undecided)
    work_here()
    empty_outbox()
    return row_of(project)


@pytest.fixture
def offer_to(people, project):
    """Offers to look after the project, with an account."""

    def offer_to(area: str = "care", user: str = "offerer") -> Support:
        result = as_user(
            people[user],
            "digifarm_support_offer",
            project=project["id"],
            area=area,
            contact_name="Kim",
            consent=True,
        )
        work_here()
        return model.Session.get(Support, result["id"])

    return offer_to


class TestWhoLooks:
    """The city, not its people, which don't answer."""

    def test_its_field_says_since_when(self, sought, project):
        assert shown(project)["care_sought_since"] == (
            sought.settled.date().isoformat()
        )

    def test_nobody_says_so_by_the_api(self, project, people):
        as_user(
            people["owner"],
            "package_patch",
            id=project["id"],
            care_sought_since="2020-01-01",
        )
        assert "care_sought_since" not in shown(project)

    def test_the_page(self, sought, project, browser):
        [care] = html(browser("anonymous").get(_page(project))).select("#care")
        assert "The city looks for somebody who looks after" in text_of(care)
        assert "The people of this project" not in text_of(care)

    def test_the_page_where_its_people_look(self, project, browser):
        _want_care(project)
        [care] = html(browser("anonymous").get(_page(project))).select("#care")
        assert "The people of this project look" in text_of(care)
        assert "The city" not in text_of(care)

    def test_the_card(self, sought, project, browser):
        card = _card(browser("anonymous"), project)
        assert "The city looks for somebody who looks after it" in card
        assert "Looking for: Technical help" in card
        assert "Someone" not in card

    def test_the_form(self, sought, project, browser):
        page = browser("anonymous").get(_form(project))
        assert "the city’s team sees an offer of that kind, too" in _main(page)

    def test_the_reviewers_list(self, sought, project, people, browser):
        listed = as_user(people["reviewer"], "digifarm_project_care_list")
        reasons = {one["id"]: one["reason"] for one in listed["results"]}
        assert reasons[project["id"]] == "city"
        page = browser("reviewer").get("/civic_project/review?part=care")
        assert "The city looks for somebody who looks after it." in _main(page)

    def test_it_goes_on_while_its_people_are_asked_again(
        self, sought, project, people
    ):
        _decide(people, "ask_again", sought)
        assert shown(project)["care_sought_since"]

    @pytest.mark.parametrize(
        ("answer", "more", "is_wanted"),
        [
            ("confirmed", {}, False),
            ("takeover", {}, True),
            ("help", {"help_wanted": ["technology"]}, False),
            ("ended", {"stage": "ended", "reason_code": "nobody"}, False),
        ],
    )
    def test_its_people_say_then_what_they_want(
        self, answer, more, is_wanted, sought, project, people
    ):
        as_user(people["owner"], ANSWER, id=sought.id, answer=answer, **more)
        after = shown(project)
        assert "care_sought_since" not in after
        assert ("care" in after["help_wanted"]) == is_wanted

    def test_what_is_overwritten_is_mended(self, sought, project, calendar):
        package = model.Package.get(project["id"])
        package.extras = {
            name: value
            for name, value in package.extras.items()
            if name != "care_sought_since"
        }
        model.Session.commit()
        calendar.run()
        assert shown(project)["care_sought_since"]


class TestWhoAnswers:
    """Its team and reviewers; of other projects, its team alone."""

    @pytest.mark.parametrize("step", [ACCEPT, DECLINE])
    @pytest.mark.parametrize("role", [*TEAM, "reviewer"])
    @pytest.mark.parametrize("why", ["silent", "sought"])
    def test_may(self, why, role, step, request, offer_to, people):
        request.getfixturevalue(why)
        offer = offer_to()
        as_user(people[role], "digifarm_support_show", id=offer.id)
        after = as_user(people[role], step, id=offer.id)
        assert (
            after["state"] == {ACCEPT: "accepted", DECLINE: "declined"}[step]
        )

    @pytest.mark.parametrize("step", [ACCEPT, DECLINE])
    @pytest.mark.parametrize("role", [*STRANGERS, "offerer"])
    def test_may_not(self, role, step, silent, offer_to, people):
        offer = offer_to()
        with pytest.raises(tk.NotAuthorized):
            as_user(people[role], step, id=offer.id)
        assert _state(offer) == "offered"

    @pytest.mark.parametrize("role", STRANGERS)
    def test_may_not_see_it(self, role, silent, offer_to, people):
        offer = offer_to()
        with pytest.raises(tk.NotAuthorized):
            as_user(people[role], "digifarm_support_show", id=offer.id)

    @pytest.mark.parametrize("step", [ACCEPT, DECLINE])
    def test_reviewers_may_not_where_its_people_answer(
        self, step, project, offer_to, people
    ):
        _want_care(project)
        offer = offer_to()
        for action in (step, "digifarm_support_show"):
            with pytest.raises(tk.NotAuthorized):
                as_user(people["reviewer"], action, id=offer.id)
        assert _state(offer) == "offered"
        inbox = as_user(people["reviewer"], "digifarm_support_inbox")
        assert inbox["project"] == []

    def test_reviewers_may_not_answer_other_help(
        self, sought, offer_to, people
    ):
        offer = offer_to("technology")
        with pytest.raises(tk.NotAuthorized):
            as_user(people["reviewer"], ACCEPT, id=offer.id)

    def test_not_what_is_not_confirmed(self, silent, project, people):
        offer = store_offer(
            project=project["id"],
            area="care",
            state=_states().UNCONFIRMED,
        )
        for action in (ACCEPT, "digifarm_support_show"):
            with pytest.raises((tk.NotAuthorized, tk.ValidationError)):
                as_user(people["reviewer"], action, id=offer.id)

    def test_reviewers_see_how_to_answer(self, silent, offer_to, people):
        offer = offer_to()
        seen = as_user(
            people["reviewer"], "digifarm_support_show", id=offer.id
        )
        assert seen["contact_email"] == OFFERER
        assert seen["city_answers"] is True
        inbox = as_user(people["reviewer"], "digifarm_support_inbox")
        assert [one["id"] for one in inbox["project"]] == [offer.id]

    def test_reviewers_stay_among_what_they_may_see(
        self, silent, offer_to, people, project, browser
    ):
        """Also of projects that came through them, which they may edit."""
        offer_to()
        reviewer = browser("reviewer")
        with proposing.approved_as(project["id"]):
            form = reviewer.form(
                "/dashboard/support", "form[action$='/accept']"
            )
            page = reviewer.send(form)
        assert page.status_code == 200
        assert page.request.path == "/dashboard/support"

    def test_once_it_is_answered_they_see_it_no_longer(
        self, silent, offer_to, people
    ):
        offer = offer_to()
        as_user(people["reviewer"], DECLINE, id=offer.id)
        with pytest.raises(tk.NotAuthorized):
            as_user(people["reviewer"], "digifarm_support_show", id=offer.id)


class TestWhoHears:
    def test_that_rights_end_where_the_care_does(
        self, project, offer_to, people
    ):
        words = "can no longer change its entry or open its handover folder"
        for area, is_said in (("care", True), ("technology", False)):
            offer = offer_to(area)
            as_user(people["owner"], ACCEPT, id=offer.id)
            empty_outbox()
            as_user(people["owner"], "digifarm_support_end", id=offer.id)
            [mail] = waiting_mails(OWNER)
            assert (words in " ".join(mail.body.split())) is is_said

    def test_of_an_offer(self, silent, offer_to, people, project):
        offer_to()
        subject = f"Somebody offers support to “{project['title']}”"
        assert told() == [
            (OFFERER, f"Your offer to “{project['title']}”"),
            (OWNER, subject),
            (REVIEWER, subject),
        ]

    def test_of_a_confirmed_one(self, silent, project, people):
        from ckanext.digifarm.lib.tokens import Purpose  # noqa: PLC0415
        from ckanext.digifarm.support import mails  # noqa: PLC0415

        offer = store_offer(
            project=project["id"], area="care", state=_states().UNCONFIRMED
        )
        empty_outbox()
        token = mails._token(Purpose.SUPPORT_CONFIRM, offer)
        as_user("", "digifarm_support_confirm", token=token)
        assert REVIEWER in {to for to, _ in told()}

    def test_not_of_one_that_its_people_answer(
        self, project, offer_to, people
    ):
        _want_care(project)
        offer_to()
        assert REVIEWER not in {to for to, _ in told()}

    def test_that_it_is_withdrawn(self, silent, offer_to, people):
        offer = offer_to()
        empty_outbox()
        as_user(people["offerer"], "digifarm_support_withdraw", id=offer.id)
        assert {to for to, _ in told()} == {OWNER, REVIEWER}

    def test_who_belongs_to_both_only_once(
        self, silent, offer_to, people, project
    ):
        as_portal(
            "package_collaborator_create",
            id=project["id"],
            user_id=people["reviewer"],
            capacity="editor",
        )
        offer_to()
        assert [to for to, _ in told()].count(REVIEWER) == 1
        as_portal(
            "package_collaborator_delete",
            id=project["id"],
            user_id=people["reviewer"],
        )

    def test_the_mail_leads_reviewers_to_the_answer(
        self, silent, offer_to, browser
    ):
        offer = offer_to()
        [mail] = waiting_mails(REVIEWER)
        assert link_in(mail) == f"/civic_project/support/read/{offer.id}"
        assert "Its people don’t answer" in mail.body
        somebody = browser("reviewer")
        page = somebody.get(link_in(mail))
        steps = [
            tag["action"].rpartition("/")[2]
            for tag in html(page).select("form[action*='/step/']")
        ]
        assert steps == ["accept", "decline"]
        form = somebody.form(link_in(mail), "form[action$='/step/accept']")
        somebody.send(form)
        assert _state(offer) == "accepted"

    def test_it_waits_for_both(self, silent, offer_to, people):
        offer = offer_to()
        assert _waits(offer) == {people["owner"], people["reviewer"]}

    def test_it_waits_for_reviewers_once_they_look_for_somebody(
        self, undecided, project, offer_to, people
    ):
        _want_care(project)
        offer = offer_to()
        assert _waits(offer) == {people["owner"]}
        _decide(people, "search", undecided)
        assert _waits(offer) == {people["owner"], people["reviewer"]}
        as_user(people["owner"], ANSWER, id=undecided.id, answer="confirmed")
        assert _waits(offer) == {people["owner"]}

    def test_the_dashboard_says_so(self, silent, offer_to, browser):
        offer_to()
        page = browser("reviewer").get("/dashboard/projects")
        assert "1 offer of support" in _main(page)
        page = browser("reviewer").get("/dashboard/support")
        assert html(page).select("form[action$='/step/accept']")


class TestAccepted:
    @pytest.mark.parametrize("role", ["owner", "project_editor"])
    def test_by_its_people_it_is_confirmed(
        self, role, silent, project, offer_to, people
    ):
        _want_care(project)
        offer = offer_to()
        as_user(people[role], ACCEPT, id=offer.id)
        row, after = row_of(project), shown(project)
        assert (row.state, row.answer) == ("answered", "confirmed")
        assert after["confirmed"] == row.confirmed.date().isoformat()
        assert "silent_since" not in after
        assert after["help_wanted"] == ["technology"]
        assert ("help_opened", "technology") in helps(project)
        assert events()[-1][:3] == ("taken_on", "answered", "asked")

    def test_by_reviewers_the_new_one_is_asked(
        self, silent, project, offer_to, people, browser
    ):
        _decide(people, "search", silent)
        assert shown(project)["care_sought_since"]
        offer = offer_to()
        as_user(people["reviewer"], ACCEPT, id=offer.id)
        row, after = row_of(project), shown(project)
        assert (row.state, row.answer, row.seeks) == ("asked", "", False)
        assert row.silent
        assert after["silent_since"] == row.asked.date().isoformat()
        assert after["help_wanted"] == ["technology"]
        assert "care_sought_since" not in after
        assert "confirmed" not in after
        assert _waits(row) == {people["owner"], people["offerer"]}
        somebody = browser("offerer")
        somebody.send(somebody.form(_page(project), "#silent form"))
        assert row_of(project).state == "answered"
        assert "silent_since" not in shown(project)

    def test_by_reviewers_of_a_project_that_they_keep(
        self, silent, project, offer_to, people
    ):
        # As all are that were proposed.
        row = model.Package.get(project["id"])
        row.owner_org = model.Group.get("review-office").id
        model.Session.commit()
        offer = offer_to()
        as_user(people["reviewer"], ACCEPT, id=offer.id)
        assert row_of(project).state == "asked"
        assert "confirmed" not in shown(project)

    def test_by_reviewers_the_clock_begins_anew(
        self, sought, project, offer_to, people, calendar
    ):
        offer = offer_to()
        as_user(people["reviewer"], ACCEPT, id=offer.id)
        empty_outbox()
        calendar.go_on(20)
        assert (OFFERER in {to for to, _ in told()}) is True
        assert row_of(project).silent is None

    def test_a_sysadmin_confirms_nothing(
        self, silent, project, offer_to, people
    ):
        offer = offer_to()
        as_user(people["sysadmin"], ACCEPT, id=offer.id)
        assert row_of(project).state == "asked"

    def test_nothing_is_settled_where_nothing_is_to(
        self, project, offer_to, people, calendar
    ):
        calendar.go_on(366)
        _want_care(project)
        offer = offer_to()
        as_user(people["owner"], ACCEPT, id=offer.id)
        assert row_of(project).state == "asked"
        assert "care" in shown(project)["help_wanted"]

    def test_other_help_settles_nothing(
        self, sought, project, offer_to, people
    ):
        offer = offer_to("technology")
        as_user(people["owner"], ACCEPT, id=offer.id)
        assert row_of(project).state == "searching"

    def test_declined_settles_nothing(self, sought, offer_to, project, people):
        as_user(people["reviewer"], DECLINE, id=offer_to().id)
        assert row_of(project).state == "searching"
        [mail] = [m for m in waiting_mails(OFFERER) if "declined" in m.subject]
        assert "The city’s team has declined it" in mail.body

    def test_who_records_somebody_has_settled_it(
        self, sought, project, people
    ):
        as_user(
            people["owner"],
            "digifarm_support_create",
            project=project["id"],
            area="care",
        )
        assert row_of(project).answer == "confirmed"
        assert "care_sought_since" not in shown(project)

    def test_so_does_who_follows_an_invitation(self, silent, project, people):
        _decide(people, "search", silent)
        as_portal(
            "digifarm_owner_invite",
            project=project["id"],
            email="neu@example.org",
        )
        [mail] = waiting_mails("neu@example.org")
        user = factories.User(email="neu@example.org")["name"]
        [token] = re.findall(r"/claim/(\S+)", mail.body)
        as_user(user, "digifarm_project_claim", token=token)
        assert row_of(project).state == "asked"
        assert "care_sought_since" not in shown(project)
        assert user in _waits(row_of(project))


class TestMails:
    """What becomes of help and tasks, and how the entry is kept."""

    EDIT = (
        "bring it up to date here:\nhttp://test.ckan.net/civic_project/edit/"
    )

    def test_by_its_people(self, silent, offer_to, people, project):
        offer = offer_to()
        empty_outbox()
        as_user(people["owner"], ACCEPT, id=offer.id)
        assert {mail.recipient_email for mail in waiting_mails()} == {
            OWNER,
            OFFERER,
        }
        for mail in waiting_mails():
            assert f"{self.EDIT}{project['name']}\n" in mail.body
            assert "They are open again." in mail.body
            assert "one click" not in mail.body

    def test_by_reviewers(self, silent, offer_to, people, project):
        offer = offer_to()
        empty_outbox()
        with changed_config("ckanext.digifarm.contact_email", "a@b.example"):
            as_user(people["reviewer"], ACCEPT, id=offer.id)
        assert {mail.recipient_email for mail in waiting_mails()} == {
            OWNER,
            OFFERER,
        }
        click = "one click opens them again:\nhttp://test.ckan.net"
        for mail in waiting_mails():
            assert f"{self.EDIT}{project['name']}\n" in mail.body
            path = f"/civic_project/confirm/{project['name']}"
            assert f"{click}{path}\n" in mail.body
            assert "The city’s team has accepted it" in mail.body
        # Who doesn't answer is nobody to write to.
        assert waiting_mails(OFFERER)[0].reply_to == "a@b.example"

    def test_where_nothing_was_closed(self, project, offer_to, people):
        _want_care(project)
        offer = offer_to()
        empty_outbox()
        as_user(people["owner"], ACCEPT, id=offer.id)
        for mail in waiting_mails():
            assert "bring it up to date" not in mail.body


@pytest.fixture
def browser(shared_app, people):
    """Somebody with a browser, by their role."""
    return lambda role: Browser(shared_app, people[role] or None)


def _decide(people: dict[str, str], step: str, row: Confirmation) -> None:
    action = f"digifarm_confirmation_{step}"
    as_user(people["reviewer"], action, id=row.id)
    work_here()


def _want_care(project: dict[str, Any]) -> None:
    """Its people look for somebody who looks after it."""
    as_portal(
        "package_patch", id=project["id"], help_wanted=["technology", "care"]
    )
    work_here()


def _states() -> Any:
    from ckanext.digifarm.support.model import SupportState  # noqa: PLC0415

    return SupportState


def _state(offer: Support) -> str:
    model.Session.rollback()
    model.Session.expire_all()
    return model.Session.get(Support, offer.id).state


def _waits(row: Any) -> set[str]:
    """For whom something waits."""
    id_ = row.id
    model.Session.rollback()
    work_here()
    query = (
        sa.select(model.User.name)
        .join(Waiting, Waiting.user_id == model.User.id)
        .where(Waiting.subject_id == id_)
    )
    return {*model.Session.scalars(query)}


def _page(project: dict[str, Any]) -> str:
    return f"/civic_project/{project['name']}"


def _form(project: dict[str, Any]) -> str:
    return f"/civic_project/support/offer/{project['name']}"


def _main(response: Any) -> str:
    return text_of(html(response).select_one("[role=main], div.main"))


def _card(browser: Browser, project: dict[str, Any]) -> str:
    page = browser.get(f"/civic_project?q={project['name']}")
    [card] = [
        text_of(tag)
        for tag in html(page).select(".digifarm-card")
        if tag.select(f"a[href$='{_page(project)}']")
    ]
    return card

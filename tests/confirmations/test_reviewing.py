"""What reviewers see of what nobody confirms, and what its people see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ckan import model
from ckan.tests.helpers import changed_config
from ckanext.digifarm.confirmations.model import Confirmation
from ckanext.digifarm.lib import clock
from ckanext.digifarm.lib.events import Event
from ckanext.digifarm.support.model import SupportState
from ckanext.digifarm.upkeep.model import Check, Repository
from dev.counting import counting

from ..acting import as_user, copy_of
from ..browsing import Browser, html, text_of
from ..offering import store_offer
from ..outbox import empty_outbox, waiting_mails
from ..working import work_here
from .asking import ANSWER, OWNER, row_of

DAYS = (15, 28, 14, 14)

FATES = {"supports": "end", "tasks": "end"}

PART = "/civic_project/review?part=unconfirmed"

MINE = "/civic_project/confirm"

APP, SOURCE = "https://app.example.org/", "https://code.example.org/baum"


@pytest.fixture(autouse=True)
def checks():
    model.Session.rollback()
    for table in (Check, Repository):
        model.Session.query(table).delete()
    model.Session.commit()


@pytest.fixture
def browser(shared_app, people) -> Callable[[str], Browser]:
    """Somebody with a browser, by their role."""
    return lambda role: Browser(shared_app, people[role] or None)


@pytest.fixture
def undecided(project, calendar) -> Confirmation:
    calendar.go_on(366)
    for days in DAYS:
        calendar.go_on(days)
    work_here()
    empty_outbox()
    return row_of(project)


@pytest.fixture
def silent(undecided, project, calendar) -> Confirmation:
    calendar.go_on(20)
    work_here()
    return row_of(project)


def listed(people: dict[str, str], role: str = "reviewer") -> dict[str, Any]:
    """The only one on the list."""
    found = as_user(people[role], "digifarm_confirmation_list")
    [one] = found["results"]
    assert found["count"] == 1
    return one


def search(people: dict[str, str], row: Confirmation, **more: Any) -> None:
    """Decide that somebody is looked for."""
    action = "digifarm_confirmation_search"
    as_user(people["reviewer"], action, id=row.id, **more)
    work_here()


def cards(page: Any) -> list[str]:
    return [text_of(tag) for tag in html(page).select("article.card")]


def facts(page: Any) -> dict[str, str]:
    """What the only card says, by its terms."""
    [card] = html(page).select("article.card")
    return {
        text_of(tag): text_of(tag.find_next_sibling("dd"))
        for tag in card.select("dt")
    }


class TestCard:
    def test_who_was_asked_how_often(self, undecided, people):
        asks = [ask["whom"] for ask in listed(people)["asks"]]
        assert asks == ["asked", "asked", "asked", "editor", "reviewer"]

    def test_what_was_asked_before_an_answer_is_left_out(
        self, undecided, people, calendar
    ):
        as_user(people["owner"], ANSWER, id=undecided.id, answer="confirmed")
        calendar.go_on(366)
        for days in DAYS:
            calendar.go_on(days)
        assert len(listed(people)["asks"]) == 5

    def test_in_words(self, silent, project, people, browser):
        said = facts(browser("reviewer").get(PART))
        assert said["Asked"].count("(3 times)") == 1
        assert "Also those who edit for its organisation:" in said["Asked"]
        assert said["Confirmed last"].startswith("Not so far")
        assert "Help and tasks are closed since" in said["Confirmed last"]
        owner = model.User.get(people["owner"])
        assert said["Who looks after it"] == owner.display_name
        group = model.Group.get(project["owner_org"])
        assert said["Organisation"] == (group.title or group.name)
        assert said["Supported by"] == "Nobody"
        assert said["Addresses"] == "We know of none whether it answers."

    def test_addresses_and_source(self, undecided, project, browser):
        _store(project, url=APP, source_url=SOURCE)
        _check(APP, "dead")
        _check(SOURCE, "answers")
        model.Session.add(
            Repository(
                url=SOURCE,
                host="code.example.org",
                changed=clock.days_ago(900),
                due=clock.now(),
            )
        )
        model.Session.commit()
        said = facts(browser("reviewer").get(PART))
        assert "Doesn’t answer since" in said["Addresses"]
        assert "Source" not in said["Addresses"]
        year = str(clock.days_ago(900).year)
        assert year in said["Last change of the source code"]

    def test_all_answer(self, undecided, project, browser):
        _store(project, url=APP)
        _check(APP, "answers")
        said = facts(browser("reviewer").get(PART))
        assert said["Addresses"] == "All that we know of answer."

    def test_who_supports_it(self, undecided, project, people, browser):
        for number in range(7):
            store_offer(
                project=project["id"],
                person=f"Kim {number}",
                state=SupportState.ACCEPTED,
            )
        said = facts(browser("reviewer").get(PART))["Supported by"]
        assert said.startswith("Kim 0 (Technical help); Kim 1")
        assert said.endswith("and 2 more")
        assert len(listed(people)["supporters"]) == 7

    def test_an_offer_to_look_after_it(self, silent, project, browser):
        offer = store_offer(project=project["id"], area="care")
        page = browser("reviewer").get(PART)
        [link] = [
            tag["href"]
            for tag in html(page).select("article a")
            if "Answer the offer" in text_of(tag)
        ]
        assert link == f"/civic_project/support/read/{offer.id}"
        assert browser("reviewer").get(str(link)).status_code == 200

    def test_no_other_offer(self, silent, project, browser):
        store_offer(project=project["id"])
        assert "Answer the offer" not in browser("reviewer").get(PART).body

    def test_contact_that_is_public(self, undecided, project, browser):
        _store(
            project, contact_name="Baumrunde", contact_email="b@example.org"
        )
        said = facts(browser("reviewer").get(PART))
        assert said["Contact"] == "Baumrunde, b@example.org"

    def test_addresses_of_accounts_are_for_sysadmins(self, undecided, people):
        [person] = listed(people)["team"]
        assert "email" not in person
        [person] = listed(people, "sysadmin")["team"]
        assert person["email"] == OWNER

    def test_costs_the_same_however_many(self, undecided, project, people):
        """Two of them, and forty."""
        costs = {}
        for many in (2, 40):
            while model.Session.query(Confirmation).count() < many:
                _another(project, len(model.Session.query(Check).all()))
            model.Session.remove()
            with counting() as cost:
                found = as_user(
                    people["reviewer"], "digifarm_confirmation_list", limit=40
                )
            results = found["results"]
            assert len(results) == many
            assert results[0]["state"] == "undecided"
            assert results[-1]["state"] == "searching"
            assert sum(bool(one["supporters"]) for one in results) == many - 1
            assert sum(bool(one["addresses"]) for one in results) == many - 1
            costs[many] = cost.sql
        assert len(costs[40]) == len(costs[2])


class TestDecided:
    def test_stays_on_the_list(self, undecided, project, people):
        search(people, undecided, reason="Wird in der Schule gebraucht")
        one = listed(people)
        assert one["state"] == "searching"
        assert one["decisions"] == ["ask_again", "end"]
        reviewer = model.User.get(people["reviewer"])
        assert one["decided"]["decision"] == "search"
        assert one["decided"]["by"] == reviewer.display_name
        assert one["decided"]["reason"] == "Wird in der Schule gebraucht"
        assert one["decided"]["when"]

    def test_nothing_is_decided_before(self, undecided, people):
        one = listed(people)
        assert one["decided"] is None
        assert one["decisions"] == ["ask_again", "search", "end"]

    def test_is_not_counted_as_waiting(self, undecided, people):
        search(people, undecided)
        counts = as_user(people["reviewer"], "digifarm_review_counts")
        assert counts["unconfirmed"] == 0

    def test_in_words(self, undecided, project, people, browser):
        search(people, undecided)
        page = browser("reviewer").get(PART)
        [heading] = [text_of(tag) for tag in html(page).select("h2.h4")]
        assert heading == "Decided: somebody is looked for"
        [card] = cards(page)
        by = model.User.get(people["reviewer"]).display_name
        assert f"by {by}: somebody is looked for" in card
        assert "Ask once more" in card
        assert "Look for somebody who takes it on" not in card

    def test_who_is_forgotten_has_decided_nothing(
        self, undecided, people, browser
    ):
        search(people, undecided)
        Event.forget(Event.subject == "confirmation")
        model.Session.commit()
        [card] = cards(browser("reviewer").get(PART))
        assert "Decided on" in card
        assert " by " not in card.partition("Confirmed last")[0]

    def test_it_can_be_decided_anew(self, undecided, project, people, browser):
        search(people, undecided)
        somebody = browser("reviewer")
        page = somebody.send(somebody.form(PART, "form[action$='/ask_again']"))
        assert f"“{project['title']}”: its people are asked once more" in (
            text_of(html(page).select_one(".flash-messages"))
        )
        assert cards(page) == []
        assert row_of(project).state == "asked"

    def test_ending_names_the_project(self, undecided, project, browser):
        path = f"/civic_project/confirm/end/{undecided.id}"
        somebody = browser("reviewer")
        form = somebody.form(path)
        page = somebody.send(
            form.with_values(stage="ended", reason_code="nobody")
        )
        assert f"“{project['title']}” has ended" in (
            text_of(html(page).select_one(".flash-messages"))
        )

    def test_asked_again_its_people_read_what_silence_did(
        self, silent, people
    ):
        empty_outbox()
        as_user(
            people["reviewer"], "digifarm_confirmation_ask_again", id=silent.id
        )
        [mail] = waiting_mails(OWNER)
        said = " ".join(mail.body.split())
        assert "says now that nobody has confirmed it for long." in said
        assert "search for help is closed: Technical help" in said

    @pytest.mark.parametrize("role", ["reviewer", "owner"])
    def test_its_people_hear_who_has_ended_it(
        self, role, undecided, project, people
    ):
        action, id_ = {
            "reviewer": ("digifarm_confirmation_end", undecided.id),
            "owner": ("digifarm_project_end", project["id"]),
        }[role]
        as_user(people[role], action, id=id_, stage="ended", **FATES)
        work_here()
        [mail] = waiting_mails(OWNER)
        assert ("The city’s team has decided so." in mail.body) is (
            role == "reviewer"
        )


class TestItsPeople:
    """Until they answer, it waits for them, whatever others decide."""

    @pytest.mark.parametrize("role", ["owner", "project_editor"])
    def test_while_it_is_undecided(self, role, silent, project, browser):
        page = browser(role).get(MINE)
        [item] = html(page).select("[role=main] ul li")
        assert "The city’s team decides what becomes of it" in text_of(item)
        assert "its tasks and all other help are closed" in text_of(item)
        assert "page says?, since" not in text_of(item)
        page = browser(role).get("/dashboard/projects")
        words = "1 question whether an entry is still right"
        assert words in text_of(html(page).select_one("#waiting"))

    def test_while_somebody_is_looked_for(
        self, undecided, project, people, browser
    ):
        search(people, undecided)
        page = browser("owner").get(MINE)
        [item] = html(page).select("[role=main] ul li")
        assert "The city looks for somebody" in text_of(item)
        mine = as_user(people["owner"], "digifarm_confirmation_mine")
        assert [one["id"] for one in mine["results"]] == [undecided.id]
        assert as_user(people["owner"], "digifarm_waiting_count") == 1
        as_user(people["owner"], ANSWER, id=undecided.id, answer="confirmed")
        assert as_user(people["owner"], "digifarm_waiting_count") == 0

    @pytest.mark.parametrize("role", ["reviewer", "other", "project_member"])
    def test_it_waits_there_for_nobody_else(self, role, silent, people):
        mine = as_user(people[role], "digifarm_confirmation_mine")
        assert mine["count"] == 0

    def test_who_reviews_and_is_asked_sees_it_in_both_places(
        self, project, people, calendar
    ):
        own = model.Group.get(project["owner_org"]).name
        with changed_config("ckanext.digifarm.review_organization", own):
            calendar.go_on(366)
            for days in DAYS:
                calendar.go_on(days)
            for action in ("mine", "list"):
                found = as_user(
                    people["project_editor"], f"digifarm_confirmation_{action}"
                )
                assert found["count"] == 1

    def test_what_has_no_answer_is_said_alike(self, silent, project, browser):
        """The box, my projects, the support page, the form."""
        said = "Its tasks are closed, and it takes no help for now, except"
        for role, path in (
            ("anonymous", f"/civic_project/{project['name']}"),
            ("owner", "/dashboard/projects"),
            ("owner", f"/civic_project/support/{project['name']}"),
            ("owner", f"/civic_project/tasks/{project['name']}"),
            ("anonymous", f"/civic_project/support/offer/{project['name']}"),
        ):
            page = text_of(html(browser(role).get(path)).select_one("body"))
            assert said in page, path
            assert "looks for no help right now" not in page
            assert "Still looking for help" not in page


def _store(project: dict[str, Any], url: str = "", **extras: Any) -> None:
    """Write fields of a project as they are stored."""
    package = model.Session.get(model.Package, project["id"])
    package.url = url or package.url
    package.extras = {**package.extras, **extras}
    model.Session.commit()


def _check(url: str, health: str) -> None:
    """What is known of an address."""
    model.Session.add(
        Check(
            url=url,
            host=url.split("/")[2],
            health=health,
            since=clock.days_ago(30),
            checked=clock.now(),
            due=clock.now(),
        )
    )
    model.Session.commit()


def _another(project: dict[str, Any], number: int) -> None:
    """One more project that reviewers see, with all that is known of it."""
    id_ = copy_of(project)["id"]
    model.Session.add(
        Confirmation(
            subject="project",
            subject_id=id_,
            project_id=id_,
            state="searching" if number % 2 == 0 else "undecided",
            asked=clock.days_ago(number),
        )
    )
    url = f"https://app{number}.example.org/"
    _store({"id": id_}, url=url)
    _check(url, "dead")
    store_offer(project=id_, person="Kim", state=SupportState.ACCEPTED)

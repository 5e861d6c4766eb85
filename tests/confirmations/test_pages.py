"""The pages on which people say whether a project still is as it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ckan import model
from ckan.tests.helpers import changed_config
from ckanext.digifarm.confirmations.model import Confirmation
from ckanext.digifarm.support.model import SupportState
from dev.counting import counting

from ..acting import as_portal, as_user
from ..browsing import Browser, Form, html, read_form, text_of
from ..offering import store_offer
from ..outbox import waiting_mails
from ..working import work_here
from .asking import ANSWER, answer, events, row_of, shown, token_of

DAYS = (15, 28, 14, 14, 20)


@pytest.fixture
def browser(shared_app, people) -> Callable[[str], Browser]:
    """Somebody with a browser, by their role."""
    return lambda role: Browser(shared_app, people[role] or None)


@pytest.fixture
def asked(project, calendar) -> Confirmation:
    calendar.go_on(366)
    return row_of(project)


@pytest.fixture
def link(asked, people) -> str:
    token = token_of(asked, people["owner"])
    return f"/civic_project/confirm/link/{token}"


@pytest.fixture
def silent(asked, project, calendar) -> Confirmation:
    for days in DAYS:
        calendar.go_on(days)
    work_here()
    return row_of(project)


def page_of(project: dict[str, Any]) -> str:
    return f"/civic_project/{project['name']}"


def main(response: Any) -> str:
    return text_of(html(response).select_one("[role=main], div.main"))


def alerts(response: Any) -> list[str]:
    return [
        text_of(tag) for tag in html(response).select(".flash-messages .alert")
    ]


def buttons(response: Any) -> list[str]:
    found = html(response).select(".digifarm-answers .btn")
    return [text_of(tag) for tag in found]


def click(browser: Browser, path: str, selector: str, **values: Any) -> Any:
    form = browser.form(path, selector)
    return browser.send(form.with_values(**values))


class TestByLink:
    def test_four_answers(self, link, browser, project):
        page = browser("anonymous").get(link)
        assert buttons(page) == [
            "Everything is as it says",
            "We need help …",
            "Somebody else should take it over …",
            "It has ended …",
        ]
        title = project["title"]
        assert f"Is “{title}” still as its page says?" in main(page)
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert "private" in page.headers["Cache-Control"]

    def test_says_what_needs_a_login(self, link, browser, project):
        """Who is logged in reads nothing of it."""
        words = ("Change what it says", "Handover folder")
        for role, note in (
            ("anonymous", " (with your account)"),
            ("owner", ""),
        ):
            page = html(browser(role).get(link))
            found = {text_of(tag) for tag in page.select("[role=main] a")}
            assert {f"{one}{note}" for one in words} <= found

    def test_to_look_answers_nothing(self, link, browser, project):
        for query in ("", "?answer=confirmed", "?answer=ended"):
            browser("anonymous").get(f"{link}{query}")
        assert row_of(project).state == "asked"

    def test_everything_is_right(self, link, browser, project):
        somebody = browser("anonymous")
        page = click(somebody, link, ".digifarm-answers form")
        assert page.request.path == page_of(project)
        [words] = alerts(page)
        assert words == (
            "Thank you! This page says now that it is confirmed. We ask again"
            " in a year at the earliest."
        )
        assert row_of(project).state == "answered"
        used = somebody.get(link)
        assert used.status_code == 410
        settled = row_of(project).settled
        assert settled
        day = f"{settled:%B} {settled.day}, {settled.year}"
        answer = "“Everything is as it says”"
        assert main(used).startswith(
            f"Already answered It has been answered on {day}: {answer}."
        )
        ways = {
            text_of(tag): tag["href"]
            for tag in html(used).select("[role=main] li a, div.main li a")
        }
        assert ways[project["title"]] == page_of(project)
        edit = f"http://test.ckan.net/civic_project/edit/{project['name']}"
        assert ways["Change what it says (with your account)"] == edit

    @pytest.mark.parametrize(
        ("months", "words"),
        [
            (12, "We ask again in a year at the earliest."),
            (6, "We ask again in 6 months at the earliest."),
        ],
    )
    def test_says_when_it_is_asked_again(self, months, words, link, browser):
        with changed_config("ckanext.digifarm.confirmations.months", months):
            page = click(browser("anonymous"), link, ".digifarm-answers form")
        assert alerts(page)[0].endswith(words)

    def test_a_second_click_is_told_kindly(self, link, browser, project):
        somebody = browser("anonymous")
        form = somebody.form(link, ".digifarm-answers form")
        somebody.send(form)
        before = events()
        page = somebody.send(form)
        assert page.status_code == 410
        assert events() == before

    def test_help(self, link, browser, project):
        somebody = browser("anonymous")
        form = somebody.form(f"{link}?answer=help")
        assert form.values["help_wanted"] == ["technology"]
        assert form["technology_help"] == "Ein Server"
        sent = form.with_values(help_wanted=["content"], content_help="Texte")
        somebody.send(sent)
        project = shown(project)
        assert project["help_wanted"] == ["content"]
        assert project["content_help"] == "Texte"

    def test_a_mistake_shows_the_form_again(self, link, browser, project):
        somebody = browser("anonymous")
        form = somebody.form(f"{link}?answer=help")
        page = somebody.send(
            form.with_values(help_wanted=None, content_help="Texte")
        )
        again = read_form(page, "form.digifarm-form")
        assert again["content_help"] == "Texte"
        # What was unticked stays so.
        assert "help_wanted" not in again.values
        assert "Please choose at least one" in main(page)
        assert html(page).title.string.startswith("Error")
        assert row_of(project).state == "asked"

    def test_takeover(self, link, browser, project):
        somebody = browser("anonymous")
        form = somebody.form(f"{link}?answer=takeover")
        assert {*form.values} >= {"care_help", "answer"}
        somebody.send(form.with_values(care_help="Hinsehen"))
        assert "care" in shown(project)["help_wanted"]

    def test_ended(self, link, browser, project):
        somebody = browser("anonymous")
        path = f"{link}?answer=ended"
        asked = {"supports", "tasks", "stage_note"}
        # Only what there is can end, too.
        assert asked & {*somebody.form(path).values} == {"stage_note"}
        store_offer(project=project["id"], state=SupportState.ACCEPTED)
        form = somebody.form(path)
        assert form["supports"] == "end"
        page = somebody.send(form)
        assert row_of(project).state == "asked"
        assert "has become of it" in main(page)
        somebody.send(form.with_values(stage="completed"))
        assert shown(project)["stage"] == "completed"

    def test_needs_a_token_of_the_session(self, link, shared_app, project):
        data = {"answer": "takeover", "care_help": "Hinsehen"}
        page = Browser(shared_app).post(link, data=data)
        assert page.status_code == 400
        assert row_of(project).state == "asked"
        # What was typed is still there.
        assert read_form(page, "form.digifarm-form")["care_help"] == "Hinsehen"

    def test_a_made_up_link(self, browser):
        page = browser("anonymous").get("/civic_project/confirm/link/x")
        assert page.status_code == 410


class TestByAccount:
    def test_before_anybody_was_asked(self, project, browser):
        path = f"/civic_project/confirm/{project['name']}"
        page = click(browser("owner"), path, ".digifarm-answers form")
        assert page.request.path == page_of(project)
        assert row_of(project).answer == "confirmed"

    def test_what_waits(self, asked, project, browser):
        page = browser("owner").get("/civic_project/confirm")
        title = project["title"]
        assert f"Is “{title}” still as its page says?" in main(page)
        [address] = [
            tag["href"]
            for tag in html(page).select("a")
            if "/confirm/question/" in str(tag["href"])
        ]
        click(browser("owner"), address, ".digifarm-answers form")
        assert row_of(project).state == "answered"
        page = browser("owner").get("/civic_project/confirm")
        assert "There is nothing to answer." in main(page)

    def test_what_silence_has_closed(self, project, calendar, browser):
        """Where nobody says whether a support goes on, all stays as it is."""
        store_offer(project=project["id"], state=SupportState.ACCEPTED)
        calendar.go_on(366)
        for days in DAYS:
            calendar.go_on(days)
        page = html(browser("owner").get("/civic_project/confirm"))
        found = [text_of(li) for li in page.select("li.mb-2")]
        assert len(found) == 2
        words = "its tasks and all other help are closed"
        closed = [said for said in found if words in said]
        assert ["as its page says?" in said for said in closed] == [True]

    def test_the_header_and_the_dashboard_say_so(self, asked, browser):
        page = browser("owner").get("/dashboard/projects")
        words = "1 question whether an entry is still right"
        assert words in main(page)

    @pytest.mark.parametrize(
        ("role", "status"),
        [("other", 403), ("project_member", 403), ("project_editor", 200)],
    )
    def test_is_for_the_team(self, role, status, asked, project, browser):
        for path in (project["name"], f"question/{asked.id}"):
            page = browser(role).get(f"/civic_project/confirm/{path}")
            assert page.status_code == status

    def test_who_is_not_logged_in_is_led_to_the_login(self, asked, browser):
        for path in ("", f"/question/{asked.id}", f"/end/{asked.id}"):
            page = browser("anonymous").get(
                f"/civic_project/confirm{path}", follow_redirects=False
            )
            assert page.status_code == 302
            assert "/user/login" in page.headers["Location"]

    def test_there_is_no_other_question(self, browser):
        for path in ("gibt-es-nicht", "question/gibt-es-nicht"):
            page = browser("owner").get(f"/civic_project/confirm/{path}")
            assert page.status_code == 404


class TestEdit:
    def form(self, browser: Browser, project: dict[str, Any]) -> Form:
        return browser.form(f"/civic_project/edit/{project['name']}")

    @pytest.mark.parametrize("is_ticked", [True, False])
    def test_counts_as_an_answer_if_its_owner_says_so(
        self, is_ticked, asked, project, browser
    ):
        somebody = browser("owner")
        form = self.form(somebody, project)
        assert "still_right" not in form.values
        more = {"still_right": "true"} if is_ticked else {}
        somebody.send(form.with_values(summary="Neu", **more))
        project = shown(project)
        assert project["summary"] == "Neu"
        assert "still_right" not in project
        assert row_of(project).state == ("answered" if is_ticked else "asked")
        assert ("confirmed" in project) is is_ticked

    def test_a_mistake_keeps_the_tick(self, asked, project, browser):
        somebody = browser("owner")
        form = self.form(somebody, project)
        page = somebody.send(form.with_values(title="", still_right="true"))
        again = read_form(page, "form.digifarm-form")
        assert again["still_right"] == "true"
        assert row_of(project).state == "asked"

    def test_a_new_project_is_not_asked(self, browser):
        form = browser("project_editor").form("/civic_project/new")
        assert "still_right" not in str(form)


class TestShown:
    def test_when_it_was_confirmed(self, link, project, browser, calendar):
        answer(link.rpartition("/")[2])
        work_here()
        month = row_of(project).confirmed.strftime("%B %Y")
        for path in (page_of(project), "/civic_project"):
            assert f"Confirmed in {month}" in main(
                browser("anonymous").get(path)
            )

    def test_the_facet(self, link, project, browser):
        answer(link.rpartition("/")[2])
        work_here()
        page = browser("anonymous").get("/civic_project")
        assert "Confirmed within a year" in page.body
        path = "/civic_project?vocab_confirmed_lately=true"
        page = browser("anonymous").get(path)
        assert project["title"] in main(page)
        assert "Confirmed within a year" in main(page)

    def test_silence(self, silent, project, browser):
        page = browser("anonymous").get(page_of(project))
        [box] = html(page).select("#silent")
        assert "Nobody has confirmed this since" in text_of(box)
        assert not box.select("form")
        [area] = [
            tag
            for tag in html(page).select("#supporters li.col")
            if "Technical help" in text_of(tag)
        ]
        assert "Closed for now" in text_of(area)
        assert "Offer support" not in text_of(area)
        page = browser("anonymous").get(f"/civic_project?q={project['name']}")
        [card] = [
            text_of(tag)
            for tag in html(page).select(".digifarm-card")
            if tag.select(f"a[href$='{page_of(project)}']")
        ]
        assert "Not confirmed for a long time" in card
        assert "Looking for:" not in card

    def test_closed_tasks(self, project, people, asked, browser, calendar):
        as_user(
            people["owner"],
            "digifarm_task_create",
            project=project["id"],
            title="Texte schreiben",
        )
        calendar.go_on(100)
        work_here()
        page = browser("anonymous").get(page_of(project))
        [tasks] = html(page).select("#tasks")
        assert "Texte schreiben" in text_of(tasks)
        assert "They are closed until somebody confirms" in text_of(tasks)
        assert "I’ll do it" not in text_of(tasks)

    def test_one_click_undoes_it(self, silent, project, browser):
        page = click(browser("owner"), page_of(project), "#silent form")
        work_here()
        page = browser("owner").get(page_of(project))
        assert not html(page).select("#silent")
        assert "Offer support" in main(page)

    def test_costs_no_sql_more(self, silent, project, browser, people):
        """Neither the list nor the page of a project asks a table of ours."""
        costs = {}
        for is_silent in (True, False):
            if not is_silent:
                as_user(
                    people["owner"], ANSWER, id=silent.id, answer="confirmed"
                )
                work_here()
            for path in (page_of(project), "/civic_project"):
                browser("anonymous").get(path)
                with counting() as cost:
                    browser("anonymous").get(path)
                ours = [sql for sql in cost.sql if "confirmation" in sql]
                assert ours == []
                costs[path, is_silent] = len(cost.sql)
        for path in (page_of(project), "/civic_project"):
            assert costs[path, True] == costs[path, False]

    def test_help_that_is_closed_is_offered_nowhere(
        self, silent, project, browser
    ):
        path = f"/civic_project/support/offer/{project['name']}"
        page = browser("anonymous").get(f"{path}?area=technology")
        assert page.request.path == page_of(project)
        assert "Its tasks are closed" in alerts(page)[0]
        for area in ("?area=care", ""):
            page = browser("anonymous").get(f"{path}{area}")
            assert page.request.path == path
            assert [
                (tag["value"], tag.has_attr("selected"))
                for tag in html(page).select("select[name=area] option")
            ] == [("care", True)]


class TestReviewers:
    @pytest.fixture
    def undecided(self, asked, project, calendar) -> Confirmation:
        for days in DAYS[:-1]:
            calendar.go_on(days)
        return row_of(project)

    PART = "/civic_project/review?part=unconfirmed"

    def test_see_what_waits(self, undecided, project, browser):
        page = browser("reviewer").get(self.PART)
        assert project["title"] in main(page)
        [tab] = [
            text_of(tag)
            for tag in html(page).select(".nav-tabs .nav-link.active")
        ]
        assert tab == "Nobody confirms 1"
        page = browser("reviewer").get("/dashboard/projects")
        assert "1 entry that nobody confirms" in main(page)

    @pytest.mark.parametrize(
        ("step", "state"),
        [("ask_again", "asked"), ("search", "searching")],
    )
    def test_decide_by_a_click(self, step, state, undecided, project, browser):
        page = click(
            browser("reviewer"), self.PART, f"form[action$='/{step}']"
        )
        assert f"“{project['title']}”" in alerts(page)[0]
        is_left = "There is nothing here." not in main(page)
        assert is_left == (step == "search")
        assert row_of(project).state == state

    def test_end_it(self, undecided, project, browser):
        path = f"/civic_project/confirm/end/{undecided.id}"
        somebody = browser("reviewer")
        form = somebody.form(path)
        page = somebody.send(form)
        assert "What has become of it" in main(page)
        assert row_of(project).state == "undecided"
        somebody.send(form.with_values(stage="ended", reason_code="nobody"))
        assert shown(project)["stage"] == "ended"
        assert row_of(project).state == "answered"

    def test_too_late(self, undecided, project, browser, people):
        somebody = browser("reviewer")
        form = somebody.form(self.PART, "form[action$='/ask_again']")
        as_user(people["owner"], ANSWER, id=undecided.id, answer="confirmed")
        page = somebody.send(form)
        assert alerts(page) == ["This is settled already"]

    @pytest.mark.parametrize("role", ["owner", "other"])
    def test_others_may_not(self, role, undecided, browser):
        path = f"/civic_project/confirm/decide/{undecided.id}/search"
        somebody = browser(role)
        token = somebody.token()
        page = somebody.post(path, data={"_csrf_token": token})
        assert page.status_code == 403
        assert somebody.get(self.PART).status_code == 403


class TestGerman:
    @pytest.fixture(autouse=True)
    def german(self):
        with changed_config("ckan.locale_default", "de"):
            yield

    def test_mails_are_in_the_language_of_the_portal(self, asked, project):
        [mail] = waiting_mails()
        assert mail.language == "de"
        assert mail.body.startswith("Guten Tag")


def test_who_asks_to_be_forgotten_has_answered_nothing(asked, people):
    """That somebody has stays."""
    from ckanext.digifarm.privacy import erase, export  # noqa: PLC0415

    as_user(people["owner"], ANSWER, id=asked.id, answer="confirmed")
    email = "owner@example.org"
    [said] = [one for one in export(email)["event"] if one["what"] == ANSWER]
    assert said["state"] == "answered"
    erase(email)
    model.Session.expire_all()
    assert [one for one in events() if one[0] == ANSWER]
    assert [
        one for one in export(email).get("event", []) if one["what"] == ANSWER
    ] == []
    # The people of the tests go on.
    as_portal("user_show", id=people["owner"])

"""What projects have achieved in a year, for the report of that year."""

from __future__ import annotations

import datetime
import json
from typing import Any

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.tests.helpers import changed_config
from ckanext.digifarm import privacy
from ckanext.digifarm.confirmations.achievements import Achievement
from ckanext.digifarm.confirmations.model import Confirmation
from ckanext.digifarm.lib import clock
from ckanext.digifarm.lib.events import Event

from ..acting import as_portal, as_user, copy_of
from ..browsing import Browser, html, text_of
from ..working import work_here
from .asking import ANSWER, answer, events, row_of, shown, token_of

LIST = "digifarm_achievement_list"
SHOW = "digifarm_confirmation_show"
TEXT = "120 Kinder haben Bäume gegossen."
KIM = "kim@example.org"


@pytest.fixture(autouse=True)
def nothing(city) -> None:
    model.Session.query(Achievement).delete()
    model.Session.commit()


@pytest.fixture
def asked(project, calendar) -> Confirmation:
    calendar.go_on(366)
    return row_of(project)


@pytest.fixture
def token(asked, people) -> str:
    return token_of(asked, people["owner"])


def year() -> int:
    return clock.now().year


def told(year_: int | None = None) -> list[tuple[str, str]]:
    """What everybody may read of a year."""
    found = as_user("", LIST, year=year_ or year())
    return [(row["title"], row["text"]) for row in found]


def stored() -> list[tuple[str, int, str]]:
    model.Session.rollback()
    query = model.Session.query(Achievement).order_by(Achievement.year)
    return [(row.project_id, row.year, row.text) for row in query]


class TestAnswering:
    @pytest.mark.parametrize(
        ("name", "data"),
        [
            ("confirmed", {}),
            ("help", {"help_wanted": ["content"]}),
            ("takeover", {"care_help": "Texte pflegen"}),
            ("ended", {"stage": "completed"}),
        ],
    )
    def test_by_link(self, name, data, token, project):
        answer(token, name, achieved=f"  {TEXT} ", **data)
        assert stored() == [(project["id"], year(), TEXT)]
        assert told() == [(project["title"], TEXT)]

    def test_by_account_unasked(self, project, people):
        as_user(
            people["owner"],
            ANSWER,
            project=project["id"],
            answer="confirmed",
            achieved=TEXT,
        )
        assert told() == [(project["title"], TEXT)]

    def test_the_last_word_of_a_year_counts(self, project, people):
        def say(**data: Any) -> list[str]:
            as_user(
                people["owner"],
                ANSWER,
                project=project["id"],
                answer="confirmed",
                **data,
            )
            return [text for _, text in told()]

        assert say() == []
        assert say(achieved=TEXT) == [TEXT]
        # The answer is the same; nothing is written down once more.
        before = events()
        assert say(achieved="Anders.") == ["Anders."]
        assert events() == before
        # Who doesn't speak of it takes nothing back.
        assert say() == ["Anders."]
        assert say(achieved="") == []
        assert stored() == []

    def test_each_year_has_its_own(self, project, people, calendar):
        def say(text: str) -> None:
            as_user(
                people["owner"],
                ANSWER,
                project=project["id"],
                answer="confirmed",
                achieved=text,
            )

        say("Erstens.")
        first = year()
        calendar.go_on(366)
        say("Zweitens.")
        assert told(first) == [(project["title"], "Erstens.")]
        assert told(first + 1) == [(project["title"], "Zweitens.")]

    def test_the_year_is_that_of_the_portals_clock(
        self, project, people, monkeypatch
    ):
        late = datetime.datetime(
            2030, 12, 31, 23, 30, tzinfo=datetime.timezone.utc
        )
        monkeypatch.setattr(clock, "read", lambda: late)
        with changed_config("ckan.display_timezone", "Europe/Berlin"):
            as_user(
                people["owner"],
                ANSWER,
                project=project["id"],
                answer="confirmed",
                achieved=TEXT,
            )
        assert [row[1] for row in stored()] == [2031]

    @pytest.mark.parametrize(
        "text", ["x" * 301, "Zwei\nZeilen", ["Liste"], {"a": 1}], ids=repr
    )
    def test_refused(self, text, token, project):
        with pytest.raises(tk.ValidationError) as refused:
            answer(token, achieved=text)
        assert refused.value.error_dict.keys() == {"achieved"}
        assert stored() == []
        assert row_of(project).state == "asked"

    def test_300_characters_are_taken(self, token):
        answer(token, achieved="x" * 300)
        assert [text for _, text in told()] == ["x" * 300]

    @pytest.mark.parametrize("who", ["anonymous", "other", "reviewer"])
    def test_others_may_not(self, who, project, people):
        with pytest.raises(tk.NotAuthorized):
            as_user(
                people[who],
                ANSWER,
                project=project["id"],
                answer="confirmed",
                achieved=TEXT,
            )
        assert stored() == []

    def test_a_used_link_changes_nothing(self, token):
        answer(token, achieved=TEXT)
        with pytest.raises(tk.ValidationError):
            answer(token, achieved="Anders.")
        assert [text for _, text in told()] == [TEXT]


class TestShown:
    def test_to_who_may_answer_and_to_reviewers(self, project, people, token):
        answer(token, achieved=TEXT)
        for who in ("owner", "project_editor", "reviewer"):
            found = as_user(people[who], SHOW, project=project["id"])
            assert {a["values"]["achieved"] for a in found["answers"]} == {
                TEXT
            }
        for who in ("anonymous", "other"):
            with pytest.raises(tk.NotAuthorized):
                as_user(people[who], SHOW, project=project["id"])

    def test_nowhere_but_in_the_report(self, project, people, token, browser):
        answer(token, achieved=TEXT)
        package = shown(project)
        assert TEXT not in json.dumps(package)
        work_here()
        assert TEXT not in json.dumps(
            as_user("", "package_search", q="*:*", rows=100)
        )
        page = browser("owner").get(f"/civic_project/{project['name']}")
        assert TEXT not in page.text
        for event in model.Session.query(Event):
            assert TEXT not in f"{event.reason} {json.dumps(event.data)}"
        activities = as_portal("package_activity_list", id=project["id"])
        assert TEXT not in json.dumps(activities)

    def test_of_public_projects_alone(self, project, people, token):
        answer(token, achieved=TEXT)
        for change in (
            {"private": True},
            {"private": False, "state": "deleted"},
        ):
            as_portal("package_patch", id=project["id"], **change)
            assert told() == []
        as_portal("package_patch", id=project["id"], state="active")
        assert told() == [(project["title"], TEXT)]

    def test_in_parts_the_last_word_first(self, project):
        for days, title in enumerate(("Zebra", "Brunnen", "ampel")):
            other = copy_of(project, title=title)
            model.Session.add(
                Achievement(
                    project_id=other["id"],
                    year=2031,
                    text=title,
                    created=clock.now() + datetime.timedelta(days),
                )
            )
        model.Session.commit()
        assert [text for _, text in told(2031)] == [
            "ampel",
            "Brunnen",
            "Zebra",
        ]
        part = as_user("", LIST, year="2031", limit=1, offset=1)
        assert [row["text"] for row in part] == ["Brunnen"]
        assert part[0].keys() == {"name", "title", "text"}
        with changed_config("ckan.search.rows_max", 2):
            assert len(as_user("", LIST, year=2031, limit=100)) == 2

    @pytest.mark.parametrize("wrong", ["", "abc", "-1", "0", "99999", "²026"])
    def test_of_a_year_alone(self, wrong):
        with pytest.raises(tk.ValidationError) as refused:
            as_user("", LIST, year=wrong)
        assert refused.value.error_dict.keys() == {"year"}


@pytest.fixture
def browser(shared_app, people):
    return lambda role: Browser(shared_app, people[role] or None)


class TestPages:
    @pytest.fixture(params=["link", "account"])
    def page(self, request, browser, project, asked, people) -> Any:
        """Somebody, and the address of the page with the four buttons."""
        if request.param == "link":
            token = token_of(asked, people["owner"])
            return browser("anonymous"), f"/civic_project/confirm/link/{token}"
        return browser("owner"), f"/civic_project/confirm/{project['name']}"

    def test_beside_the_button(self, page, project):
        somebody, address = page
        field = html(somebody.get(address)).select_one("#field-achieved")
        assert field
        assert field["maxlength"] == "300"
        help_ = text_of(field.parent)
        assert f"What was achieved in {year()}? (optional)" in help_
        assert "everybody can read. Please name no persons." in help_
        form = somebody.form(address, ".digifarm-answers form")
        somebody.send(form.with_values(achieved=TEXT))
        assert told() == [(project["title"], TEXT)]

    def test_goes_along_to_another_answer(self, page, project):
        somebody, address = page
        form = somebody.form(address, ".digifarm-answers form")
        asked = somebody.send(form.with_values(achieved=TEXT, more="help"))
        assert stored() == []
        assert row_of(project).state == "asked"
        field = html(asked).select_one("#field-achieved")
        assert field
        assert field["value"] == TEXT
        # What is stored of the other answer is there, too.
        text = html(asked).select_one("[name=technology_help]")
        assert text
        assert "Ein Server" in str(text)
        chosen = somebody.form(f"{address}?answer=help", ".digifarm-form")
        somebody.send(
            chosen.with_values(achieved=TEXT, help_wanted=["content"])
        )
        assert told() == [(project["title"], TEXT)]
        assert shown(project)["help_wanted"] == ["content"]

    def test_is_there_again_in_the_same_year(self, browser, project, people):
        address = f"/civic_project/confirm/{project['name']}"
        owner = browser("owner")
        form = owner.form(address, ".digifarm-answers form")
        owner.send(form.with_values(achieved=TEXT))
        for query in ("", "?answer=help", "?answer=ended"):
            page = html(owner.get(f"{address}{query}"))
            field = page.select_one("#field-achieved")
            assert field
            assert field["value"] == TEXT

    def test_what_is_too_long_stays_in_the_form(self, page):
        somebody, address = page
        form = somebody.form(address, ".digifarm-answers form")
        answered = somebody.send(form.with_values(achieved="x" * 301))
        field = html(answered).select_one("#field-achieved")
        assert field
        assert field["value"] == "x" * 301
        assert field["aria-invalid"] == "true"
        assert stored() == []

    def test_reviewers_who_end_it_are_not_asked(
        self, browser, asked, calendar
    ):
        for days in (15, 28, 14, 14):
            calendar.go_on(days)
        page = browser("reviewer").get(
            f"/civic_project/confirm/end/{asked.id}"
        )
        assert html(page).select_one("[name=stage]")
        assert not html(page).select_one("#field-achieved")


class TestPrivacy:
    def test_a_name_in_it_is_told_or_covered(self, project, token):
        answer(token, achieved="Kim Beispiel hat alles gebaut.")
        [place] = privacy.erase(KIM, names=["Kim Beispiel"]).left
        assert place.what == (
            f"What “{project['title']}” achieved in {year()}"
        )
        assert place.address.endswith(f"/civic_project/statistics/{year()}")
        privacy.erase(KIM, names=["Kim Beispiel"], cover_names=True)
        assert [text for _, text in told()] == ["… hat alles gebaut."]

    def test_an_address_is_told_and_covered(self, project, token):
        answer(token, achieved=f"Fragen an {KIM}!")
        [mention] = privacy.export(KIM)["mention"]
        assert mention["where"] == (
            f"What “{project['title']}” achieved in {year()}"
        )
        privacy.erase(KIM)
        assert [text for _, text in told()] == ["Fragen an …!"]

    def test_it_is_not_stored_who_has_written_it(self, project, people):
        as_user(
            people["owner"],
            ANSWER,
            project=project["id"],
            answer="confirmed",
            achieved=TEXT,
        )
        assert {c.name for c in Achievement.__table__.columns} == {
            "project_id",
            "year",
            "text",
            "created",
        }

    def test_goes_with_its_project(self, project, token):
        answer(token, achieved=TEXT)
        as_portal("dataset_purge", id=project["id"])
        assert stored() == []

    def test_goes_some_time_after_that_was_deleted(
        self, project, token, calendar
    ):
        answer(token, achieved=TEXT)
        as_portal("package_delete", id=project["id"])
        calendar.go_on(179)
        privacy.purge()
        assert [row[2] for row in stored()] == [TEXT]
        calendar.go_on(2)
        privacy.purge()
        assert stored() == []

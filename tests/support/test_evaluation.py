"""When a support has ended, its project says whether it has helped."""

from __future__ import annotations

import datetime
from typing import Any
from unittest import mock

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import changed_config
from ckanext.digifarm.lib import clock
from ckanext.digifarm.lib.events import Event, Subject
from ckanext.digifarm.lib.mail import Mail
from ckanext.digifarm.statistics import aggregating
from ckanext.digifarm.support.model import Support, SupportState

from ..acting import as_portal, as_user
from ..browsing import Browser, html
from ..offering import (
    REVIEWERS,
    ROLES,
    create_people,
    create_project,
    empty_tables,
    offer,
    store_offer,
)

ACTION = "digifarm_support_evaluate"

pytestmark = pytest.mark.usefixtures("nothing")


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture
def nothing(people) -> None:
    empty_tables()


@pytest.fixture
def project(people) -> dict[str, Any]:
    return create_project(people, title="Ein Garten")


@pytest.fixture
def ended(people, project) -> Support:
    return store_offer(
        people["offerer"], SupportState.ENDED, project=project["id"]
    )


def evaluate(user: str, support: Support, helped: str = "yes") -> Any:
    return as_user(user, ACTION, id=support.id, helped=helped)


def test_who_may(people, ended):
    def may(user: str) -> bool:
        try:
            return bool(evaluate(user, ended))
        except tk.NotAuthorized:
            model.Session.rollback()
            return False

    found = {role for role in ROLES if may(people[role])}
    assert found == {"owner", "project_editor"}
    assert not may("")


@pytest.mark.parametrize("state", [*SupportState])
def test_only_what_has_ended(people, project, state):
    support = store_offer(people["offerer"], state, project=project["id"])
    if state is SupportState.ENDED:
        assert evaluate(people["owner"], support) == {
            "id": support.id,
            "helped": "yes",
        }
    else:
        with pytest.raises(tk.ValidationError):
            evaluate(people["owner"], support)


@pytest.mark.parametrize("helped", ["", "maybe", None, ["yes"]])
def test_one_of_three(people, ended, helped):
    with pytest.raises(tk.ValidationError) as raised:
        evaluate(people["owner"], ended, helped)
    assert set(raised.value.error_dict) == {"helped"}


def test_the_day_of_its_end_stays(people, ended):
    before = ended.modified
    evaluate(people["owner"], ended)
    assert model.Session.get(Support, ended.id).modified == before


def test_others_do_not_read_it(people, project, ended):
    evaluate(people["owner"], ended, "no")

    def listed(user: str, **data: Any) -> Any:
        [found] = as_user(
            user,
            "digifarm_support_list",
            project=project["id"],
            state="ended",
            **data,
        )
        return found.get("helped")

    assert listed(people["owner"], contacts=True) == "no"
    assert listed(people["owner"]) is None
    assert listed("") is None
    shown = as_user(people["offerer"], "digifarm_support_show", id=ended.id)
    assert "helped" not in shown


class TestList:
    """What ended in a year, for reviewers."""

    LIST = "digifarm_support_helped_list"

    def listed(self, user: str, **data: Any) -> list[dict[str, Any]]:
        year = clock.now().year
        return as_user(user, self.LIST, **{"year": year, **data})

    @pytest.fixture(autouse=True)
    def city(self):
        with changed_config("ckanext.digifarm.review_organization", REVIEWERS):
            yield

    def test_who_may(self, people, ended):
        def may(user: str) -> bool:
            try:
                return bool(self.listed(user))
            except tk.NotAuthorized:
                return False

        found = {role for role in ROLES if may(people[role])}
        assert found == {"reviewer"}
        assert may(factories.Sysadmin()["name"])
        assert not may("")

    def test_what_it_tells(self, people, project, ended):
        day = ended.modified.date().isoformat()
        [found] = self.listed(people["reviewer"])
        assert found == {
            "id": ended.id,
            "area": ended.area,
            "ended": day,
            "project": {"name": project["name"], "title": "Ein Garten"},
            "partner": None,
            "person": ended.person,
            "helped": "",
        }
        evaluate(people["owner"], ended, "partly")
        [found] = self.listed(people["reviewer"])
        assert (found["helped"], found["ended"]) == ("partly", day)

    @pytest.mark.parametrize("state", [*SupportState])
    def test_what_ended_alone(self, people, project, state):
        store_offer(people["offerer"], state, project=project["id"])
        count = len(self.listed(people["reviewer"]))
        assert count == (state is SupportState.ENDED)

    @pytest.mark.parametrize(
        ("moment", "zone", "year"),
        [
            ("2025-12-31T23:30", "UTC", 2025),
            ("2025-12-31T23:30", "Europe/Berlin", 2026),
            ("2026-01-01T00:00", "UTC", 2026),
            ("2026-01-01T01:00", "America/New_York", 2025),
        ],
    )
    def test_the_year_is_that_of_the_portals_clock(
        self, people, ended, moment, zone, year
    ):
        ended.modified = datetime.datetime.fromisoformat(moment)
        model.Session.commit()
        with changed_config("ckan.display_timezone", zone):
            found = {
                one: len(self.listed(people["reviewer"], year=one))
                for one in (2024, 2025, 2026, 2027)
            }
        assert found == {**dict.fromkeys(found, 0), year: 1}

    @pytest.mark.parametrize(
        "change", [{"private": True}, {"state": "deleted"}]
    )
    def test_of_public_projects_alone(self, people, project, ended, change):
        as_portal("package_patch", id=project["id"], **change)
        assert self.listed(people["reviewer"]) == []

    def test_in_parts(self, people, project):
        ids = [
            store_offer(
                people["offerer"], SupportState.ENDED, project=project["id"]
            ).id
            for _ in range(3)
        ]
        parts = [
            self.listed(people["reviewer"], limit=2, offset=offset)
            for offset in (0, 2)
        ]
        assert [len(part) for part in parts] == [2, 1]
        assert {one["id"] for part in parts for one in part} == {*ids}

    @pytest.mark.parametrize("year", ["", "abc", 0, 10000, "2026-01"])
    def test_of_a_year_alone(self, people, year):
        with pytest.raises(tk.ValidationError) as refused:
            self.listed(people["reviewer"], year=year)
        assert refused.value.error_dict.keys() == {"year"}


def test_the_last_word_counts(people, project):
    for _ in range(3):
        support = store_offer(
            people["offerer"], SupportState.ENDED, project=project["id"]
        )
        evaluate(people["owner"], support, "no")
        evaluate(people["owner"], support, "yes")
        evaluate(people["owner"], support, "yes")
    said = [
        event.data["helped"]
        for event in Event.of(Subject.SUPPORT, support.id)
        if event.action == ACTION
    ]
    assert said == ["no", "yes"]
    # Once the year is over it is told.
    year = str(clock.now().year)
    later = clock.now() + datetime.timedelta(days=366)
    with mock.patch.object(clock, "now", return_value=later):
        aggregating.rebuild()
        model.Session.commit()
        found = as_user(
            "", "digifarm_statistics", since=year, until=year, step="year"
        )
    assert {
        n["key"]: n["values"]
        for n in found["numbers"]
        if n["number"] == "helped"
    } == {"yes": [3]}


def test_the_mail_asks_the_project_alone(people, project):
    support = offer(people["offerer"], project=project["id"])
    as_user(people["owner"], "digifarm_support_accept", id=support.id)
    model.Session.query(Mail).delete()
    model.Session.commit()
    as_user(people["owner"], "digifarm_support_end", id=support.id)
    asked = {
        mail.recipient_email: "Did it help?" in mail.body
        for mail in model.Session.query(Mail)
    }
    assert sorted(asked.values()) == [False, True]
    assert not asked[model.User.get(people["offerer"]).email]


def test_a_click_on_the_page(app, people, project, ended):
    browser = Browser(app, people["owner"])
    address = f"/civic_project/support/{project['name']}"
    form = browser.form(address, "#ended ~ ul form")
    response = browser.send(form.with_values(helped="partly"))
    assert "Thank you!" in response.text
    pressed = html(browser.get(address)).select('[aria-pressed="true"]')
    assert [button["value"] for button in pressed] == ["partly"]


@pytest.mark.parametrize(
    ("until", "shown"),
    [
        ("2026-05-15", "2026-05-15"),
        ("2026-04", "2026-04"),
        # It was ended before the day agreed, or none was.
        ("2026-06-30", "2026-05-17"),
        ("2026", "2026-05-17"),
        ("", "2026-05-17"),
    ],
)
def test_until_when_it_was_given(people, project, ended, until, shown):
    ended.until = until
    ended.modified = datetime.datetime.fromisoformat("2026-05-17T03:00")
    model.Session.commit()
    [found] = as_user(
        "", "digifarm_support_list", project=project["id"], state="ended"
    )
    assert found["until"] == shown

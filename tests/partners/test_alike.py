"""Entries of the same partner are found, whoever has written them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.tests.helpers import call_action, changed_config
from dev.counting import counting

from ..acting import as_user
from ..browsing import Browser, html
from ..offering import REVIEWERS, create_people, empty_tables
from ..outbox import token_in, waiting_mails


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture(autouse=True)
def settings(people) -> Iterator[None]:
    empty_tables()
    with changed_config("ckanext.digifarm.review_organization", REVIEWERS):
        yield


def create(title: str, url: str = "") -> dict[str, Any]:
    return call_action(
        "digifarm_partner_create", title=title, kind="association", url=url
    )


def alike(partner: dict[str, Any]) -> list[str]:
    """The titles of those that are likely the same."""
    found = call_action("digifarm_partner_alike", id=partner["id"])
    return [other["title"] for other in found]


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("Lesefreunde", "LESEFREUNDE"),
        ("Grüne Wege", "Gruene Wege"),
        ("Grüne Wege", "Grune Wege"),
        ("Straßenfest", "Strassenfest"),
        ("Café Solidar", "Cafe Solidar"),
        ("Lesefreunde e. V.", "Lesefreunde"),
        ("Lesefreunde e.V.", "Lesefreunde eV"),
        ("Lesefreunde eingetragener Verein", "Lesefreunde e.V."),
        ("Software Haus GmbH", "Software-Haus"),
        ("Software Haus GmbH & Co. KG", "Software Haus AG"),
        ("Haus UG (haftungsbeschränkt)", "Haus"),
        ("Gemeinnützige Werkstatt gGmbH", "Werkstatt"),
        ("Münster Radclub", "Radclub Münster"),
        ("Code for Münster", "Codefor Münster"),
        ("Code for Münster", "Code-for: Muenster!"),
    ],
)
def test_titles_that_are_the_same(title, other):
    first, second = create(title), create(other)
    assert alike(first) == [other]
    assert alike(second) == [title]


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("Jugendrat Münster", "Jugendamt Münster"),
        ("Stadtwerke Münster", "Stadt Münster"),
        ("Schule 1", "Schule 2"),
        ("Bauer GmbH", "Baur GmbH"),
        ("Ev. Kirche", "Kirche"),
        ("AG Radverkehr", "Radverkehr"),
        ("e. V.", "GmbH"),
        ("GmbH", "AG"),
        ("Radclub", "Lesefreunde"),
    ],
)
def test_titles_of_others(title, other):
    first, second = create(title), create(other)
    assert alike(first) == alike(second) == []


@pytest.mark.parametrize(
    ("url", "other", "is_same"),
    [
        ("https://rad.example.org", "http://www.rad.example.org/wir", True),
        ("https://rad.example.org", "https://RAD.example.org/", True),
        ("https://rad.example.org", "https://bus.example.org", False),
        ("https://github.com/rad", "https://github.com/Rad/", True),
        ("https://github.com/rad", "https://github.com/bus", False),
        ("https://github.com", "https://github.com/", False),
        ("", "", False),
    ],
)
def test_websites(url, other, is_same):
    first, _ = create("Radclub", url), create("Stadträder", other)
    assert alike(first) == (["Stadträder"] if is_same else [])


def test_a_website_of_many_says_nothing():
    """The departments of a city have one; those called the same are shown."""
    for number in range(6):
        create(f"Amt {number}", f"https://stadt.example.org/{number}")
    office = create("Grünflächenamt", "https://stadt.example.org")
    assert alike(office) == []
    create("Gruenflaechenamt", "https://stadt.example.org/gruen")
    assert alike(office) == ["Gruenflaechenamt"]


def test_those_of_the_same_title_come_first():
    partner = create("Radclub", "https://rad.example.org")
    create("Andere", "https://rad.example.org")
    create("Radclub e. V.")
    found = call_action("digifarm_partner_alike", id=partner["id"])
    assert [
        (one["title"], one["same_title"], one["same_website"]) for one in found
    ] == [("Radclub e. V.", True, False), ("Andere", False, True)]


def test_what_is_changed_or_deleted_counts_as_it_is_now():
    partner, other = create("Radclub"), create("Lesefreunde")
    call_action(
        "digifarm_partner_update", id=other["id"], title="Radclub e. V."
    )
    assert alike(partner) == ["Radclub e. V."]
    call_action("digifarm_partner_delete", id=other["id"])
    assert alike(partner) == []


@pytest.mark.parametrize(
    "role", ["partner_editor", "project_editor", "owner", "other", "anonymous"]
)
def test_is_for_reviewers(role, people, shared_app):
    partner = create("Radclub")
    create("Radclub e. V.")
    with pytest.raises(tk.NotAuthorized):
        as_user(people[role], "digifarm_partner_alike", id=partner["id"])
    user = people[role] and model.User.get(people[role]).id
    page = Browser(shared_app, user or None).get("/partner/radclub").body
    assert "Radclub e. V." not in page


def test_a_visitor_pays_nothing(shared_app):
    create("Radclub")
    visitor = Browser(shared_app)
    visitor.get("/partner/radclub")
    with counting() as cost:
        visitor.get("/partner/radclub")
    assert not [sql for sql in cost.sql if "marks" in sql]


class TestPages:
    @pytest.fixture
    def reviewer(self, people, shared_app) -> Browser:
        return Browser(shared_app, model.User.get(people["reviewer"]).id)

    def test_the_partner_leads_to_the_form_that_joins(self, reviewer):
        create("Radclub")
        other = create("Radclub e. V.")
        page = html(reviewer.get("/partner/radclub"))
        [link] = page.select("a[href*='/partner/merge/']")
        form = reviewer.form(link["href"])
        assert form["into"] == other["name"]
        response = reviewer.send(form)
        assert response.request.path == f"/partner/{other['name']}"
        assert "are one now" in response.body

    def test_a_new_one_is_said_to_be_like_another(self, reviewer):
        create("Radclub")
        form = reviewer.form("/partner/new").with_values(
            title="Radclub e. V.", kind="association"
        )
        response = reviewer.send(form)
        assert "in the directory already" in response.body
        assert "Perhaps the same as" in response.body

    def test_registrations_show_them_at_the_cost_of_one_statement(
        self, reviewer, shared_app
    ):
        create("Radclub")

        def register(title: str) -> None:
            as_user(
                "",
                "digifarm_partner_register",
                title=title,
                kind="other",
                contact_name="Kim",
                contact_email="kim@example.org",
                consent=True,
            )
            token = token_in(waiting_mails("kim@example.org")[-1])
            as_user("", "digifarm_partner_confirm", token=token)

        register("Radclub e. V.")
        page = html(reviewer.get("/partner/review"))
        [box] = page.select(".card .alert")
        assert box.select_one("a")["href"] == "/partner/radclub"
        # What isn't in the directory can't be joined; once it is, it can.
        assert not box.select("a[href*='/partner/merge/']")
        response = reviewer.send(
            reviewer.form("/partner/review", "form[action$='/review/accept']")
        )
        page = html(response)
        assert "in the directory already" in response.body
        assert page.select("a[href*='/partner/merge/'][href*='into=radclub']")
        register("Radclub GmbH")
        register("Andere")
        with counting() as cost:
            reviewer.get("/partner/review")
        assert len([sql for sql in cost.sql if "marks" in sql]) == 1

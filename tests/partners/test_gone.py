"""Partners that are gone can be found and brought back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.tests.helpers import call_action, changed_config
from ckanext.digifarm.partners.model import Partner

from ..acting import as_user
from ..browsing import Browser, html, text_of
from ..offering import REVIEWERS, create_partner, create_people, empty_tables
from ..outbox import token_in, waiting_mails


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture(autouse=True)
def settings(people) -> Iterator[None]:
    empty_tables()
    with changed_config("ckanext.digifarm.review_organization", REVIEWERS):
        yield


def create(title: str) -> dict[str, Any]:
    return call_action(
        "digifarm_partner_create", title=title, kind="association"
    )


def join(goes: dict[str, Any], stays: dict[str, Any]) -> None:
    call_action("digifarm_partner_merge", id=goes["id"], into=stays["id"])


def register(title: str) -> tuple[str, str]:
    """The id of a registration, and the token of its contact."""
    partner = as_user(
        "",
        "digifarm_partner_register",
        title=title,
        kind="other",
        contact_name="Kim",
        contact_email="kim@example.org",
        consent=True,
    )
    token = token_in(waiting_mails("kim@example.org")[-1])
    found = as_user("", "digifarm_partner_confirm", token=token)
    return partner["id"], found["token"]


def listed(user: str, **part: int) -> dict[str, Any]:
    return as_user(user, "digifarm_partner_deleted_list", **part)


class TestList:
    def test_says_why_and_when_the_last_first(self, people):
        reviewer = people["reviewer"]
        deleted, goes, stays = map(create, ("Weg", "Doppelt", "Bleibt"))
        as_user(
            reviewer,
            "digifarm_partner_delete",
            id=deleted["id"],
            reason="Aufgelöst",
        )
        declined, _ = register("Abgelehnt")
        as_user(reviewer, "digifarm_partner_decline", id=declined)
        withdrawn, token = register("Zurückgezogen")
        as_user("", "digifarm_partner_withdraw", token=token)
        join(goes, stays)
        found = listed(reviewer)
        assert found["count"] == 4
        assert [
            (one["id"], one["step"], one["reason"], one["is_restorable"])
            for one in found["results"]
        ] == [
            (
                goes["id"],
                "digifarm_partner_merge",
                "The same partner as “Bleibt”",
                True,
            ),
            (withdrawn, "digifarm_partner_withdraw", "", False),
            (declined, "digifarm_partner_decline", "", True),
            (deleted["id"], "digifarm_partner_delete", "Aufgelöst", True),
        ]
        assert found["results"][0]["into"] == {
            "id": stays["id"],
            "name": "bleibt",
            "title": "Bleibt",
        }
        assert all(one["gone"] for one in found["results"])

    def test_keeps_its_order_when_a_contact_is_forgotten(self, people):
        first, last = create("Zuerst"), create("Zuletzt")
        for partner in (first, last):
            call_action("digifarm_partner_delete", id=partner["id"])
        model.Session.get(Partner, first["id"]).contact_name = "anders"
        model.Session.commit()
        found = listed(people["reviewer"])["results"]
        assert [one["id"] for one in found] == [last["id"], first["id"]]

    def test_has_parts(self, people):
        for number in range(3):
            partner = create(f"Verein {number}")
            call_action("digifarm_partner_delete", id=partner["id"])
        found = listed(people["reviewer"], limit=1, offset=1)
        assert found["count"] == 3
        assert [one["title"] for one in found["results"]] == ["Verein 1"]

    @pytest.mark.parametrize(
        "role",
        ["partner_editor", "project_editor", "owner", "other", "anonymous"],
    )
    def test_is_for_nobody_else(self, role, people, shared_app):
        partner = create_partner(people)
        call_action("digifarm_partner_delete", id=partner["id"])
        with pytest.raises(tk.NotAuthorized):
            listed(people[role])
        user = people[role] and model.User.get(people[role]).id
        browser = Browser(shared_app, user or None)
        response = browser.get("/partner/deleted")
        if role == "anonymous":
            assert response.request.path == "/user/login"
        else:
            assert response.status_code == 403
        assert "Offene Werkstatt" not in response.body
        assert "/partner/deleted" not in browser.get("/partner/").body

    def test_is_a_page_that_restores(self, people, shared_app):
        partner = create("Weg")
        call_action("digifarm_partner_delete", id=partner["id"])
        withdrawn, token = register("Zurückgezogen")
        as_user("", "digifarm_partner_withdraw", token=token)
        reviewer = Browser(shared_app, model.User.get(people["reviewer"]).id)
        assert "/partner/deleted" in reviewer.get("/partner/").body
        page = html(reviewer.get("/partner/deleted"))
        titles = [text_of(title) for title in page.select(".card h2")]
        assert titles == ["Zurückgezogen", "Weg"]
        assert f"/partner/restore/{withdrawn}" not in str(page)
        form = reviewer.form(
            "/partner/deleted", f"form[action$='{partner['id']}']"
        )
        response = reviewer.send(form)
        assert response.request.path == "/partner/weg"
        assert "is back" in response.body


class TestAddressOfWhoWasJoined:
    def where(self, shared_app, path: str, user: str | None = None) -> str:
        """The path that an address leads to; "" where it is not found."""
        response = Browser(shared_app, user).get(path)
        return response.request.path if response.status_code == 200 else ""

    def test_leads_to_the_other_by_name_and_id(self, people, shared_app):
        goes, stays = create("Codefor Stadt"), create("Code for Stadt")
        join(goes, stays)
        for reference in (goes["name"], goes["id"]):
            path = f"/partner/{reference}"
            assert self.where(shared_app, path) == "/partner/code-for-stadt"
            for role in ("other", "reviewer"):
                user = model.User.get(people[role]).id
                assert self.where(shared_app, path, user) == (
                    "/partner/code-for-stadt"
                )

    def test_keeps_the_language(self, shared_app):
        goes, stays = create("Codefor Stadt"), create("Code for Stadt")
        join(goes, stays)
        path = "/de/partner/codefor-stadt"
        page = html(Browser(shared_app).get(path))
        assert page.html["lang"] == "de"
        assert "Code for Stadt" in text_of(page.h1)

    def test_leads_on_where_that_one_was_joined_too(self, shared_app):
        first, second, third = map(create, ("Eins", "Zwei", "Drei"))
        join(first, second)
        join(second, third)
        assert self.where(shared_app, "/partner/eins") == "/partner/drei"
        assert self.where(shared_app, "/partner/zwei") == "/partner/drei"
        # What lay between is there again: the first one was that one.
        call_action("digifarm_partner_restore", id=second["id"])
        assert self.where(shared_app, "/partner/eins") == "/partner/zwei"
        assert self.where(shared_app, "/partner/zwei") == "/partner/zwei"

    def test_leads_to_itself_again_once_restored(self, shared_app):
        goes, stays = create("Codefor Stadt"), create("Code for Stadt")
        join(goes, stays)
        call_action("digifarm_partner_restore", id=goes["id"])
        found = call_action("digifarm_partner_show", id=goes["id"])
        assert found["merged_into"] is None
        assert self.where(shared_app, "/partner/codefor-stadt") == (
            "/partner/codefor-stadt"
        )
        # The other way round, and round again.
        join(stays, goes)
        assert self.where(shared_app, "/partner/code-for-stadt") == (
            "/partner/codefor-stadt"
        )

    def test_leads_nowhere_where_the_other_is_deleted(self, shared_app):
        goes, stays = create("Codefor Stadt"), create("Code for Stadt")
        join(goes, stays)
        call_action("digifarm_partner_delete", id=stays["id"])
        assert self.where(shared_app, "/partner/codefor-stadt") == ""
        assert as_user("", "digifarm_partner_merged_into", id=goes["id"]) == {}

    def test_never_goes_round(self, shared_app):
        """Whatever the table says."""
        goes, stays = create("Codefor Stadt"), create("Code for Stadt")
        join(goes, stays)
        call_action("digifarm_partner_delete", id=stays["id"])
        other = model.Session.get(Partner, stays["id"])
        other.merged_into = goes["id"]
        model.Session.commit()
        assert self.where(shared_app, "/partner/codefor-stadt") == ""

    def test_is_told_by_the_api(self, people):
        goes, stays = create("Codefor Stadt"), create("Code for Stadt")
        join(goes, stays)
        shown = as_user(
            people["reviewer"], "digifarm_partner_show", id=goes["id"]
        )
        assert shown["merged_into"] == stays["id"]
        assert as_user(
            "", "digifarm_partner_merged_into", id=goes["name"]
        ) == {
            "id": stays["id"],
            "name": stays["name"],
            "title": "Code for Stadt",
        }
        with pytest.raises(tk.NotAuthorized):
            as_user("", "digifarm_partner_show", id=goes["id"])

    def test_of_who_was_deleted_is_not_found(self, shared_app):
        gone = create("Weg")
        call_action("digifarm_partner_delete", id=gone["id"])
        assert self.where(shared_app, "/partner/weg") == ""

"""What pages of datasets and projects say, and their forms."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import CKANResponse
from ckanext.digifarm.successors.model import Successor

from ..acting import as_portal
from ..browsing import Browser, html, read_form, text_of
from ..conftest import ProjectFactory
from ..indexing import one_commit
from ..keeping import Kept
from .conftest import change, link, linked, replace


@pytest.fixture(scope="module")
def kept(office, people) -> dict[str, Kept]:
    def dataset(title: str, **data: Any) -> Kept:
        return Kept(
            lambda: factories.Dataset(
                title=title, owner_org=office["id"], **data
            )
        )

    def project() -> dict[str, Any]:
        project = ProjectFactory(title="Haushalt in Bildern")
        as_portal(
            "package_collaborator_create",
            id=project["id"],
            user_id=people["owner"],
            capacity="editor",
        )
        return project

    with one_commit():
        return {
            "old": dataset("Haushalt 2025"),
            "new": dataset("Haushalt 2026"),
            "secret": dataset("Haushalt geheim", private=True),
            "project": Kept(project),
        }


@pytest.fixture
def found(kept) -> dict[str, dict[str, Any]]:
    return {name: one.get() for name, one in kept.items()}


@pytest.fixture
def browse(shared_app, people):
    def browser(role: str = "anonymous") -> Browser:
        name = people[role]
        return Browser(shared_app, model.User.get(name).id if name else None)

    return browser


def page_of(browser: Browser, package: dict[str, Any]) -> BeautifulSoup:
    response = browser.get(f"/{package['type']}/{package['name']}")
    assert response.status_code == 200
    return html(response)


def form_path(dataset: dict[str, Any]) -> str:
    return f"/civic_project/successor/{dataset['name']}"


def send(browser: Browser, path: str, **data: str) -> CKANResponse:
    return browser.post(
        path,
        data={"_csrf_token": browser.token(), **data},
        follow_redirects=True,
    )


def successor_of(dataset: dict[str, Any]) -> Successor | None:
    model.Session.expire_all()
    return model.Session.get(Successor, dataset["id"])


def test_both_datasets_say_so(browse, found):
    browser = browse()
    for name in ("old", "new"):
        page = page_of(browser, found[name])
        assert not page.select("#successor, #predecessors")
    replace(found["old"], found["new"])
    old, new = (page_of(browser, found[name]) for name in ("old", "new"))
    assert text_of(old.select_one("#successor")) == "Replaced by Haushalt 2026"
    address = old.select_one("#successor a")["href"]
    assert address == f"/dataset/{found['new']['name']}"
    assert not old.select("#predecessors")
    assert text_of(new.select_one("#predecessors")) == "Replaces Haushalt 2025"
    assert not new.select("#successor")
    # The form is for those who edit.
    assert form_path(found["old"]) not in str(old)


@pytest.mark.parametrize(
    ("role", "is_shown"),
    [
        ("anonymous", False),
        ("owner", False),
        ("reader", True),
        ("publisher", True),
        ("sysadmin", True),
    ],
)
def test_private_ones_are_shown_to_their_readers(
    role, is_shown, browse, found
):
    replace(found["old"], found["secret"])
    link(found["project"], found["old"])
    browser = browse(role)
    for name in ("old", "project"):
        page = page_of(browser, found[name])
        assert ("Haushalt geheim" in page.text) == is_shown
        assert (found["secret"]["name"] in str(page)) == is_shown
    replace(found["secret"], found["new"])
    page = page_of(browser, found["new"])
    assert ("Haushalt geheim" in page.text) == is_shown


def test_the_projects_page_says_so_beside_the_dataset(browse, found):
    link(found["project"], found["old"])
    link(found["project"], found["new"])
    replace(found["old"], found["new"])
    page = page_of(browse(), found["project"])
    [newer] = page.select(".digifarm-newer")
    assert text_of(newer) == "There is a newer one: Haushalt 2026"
    assert not page.select("#links form")


def test_an_owner_moves_the_link_by_one_click(browse, found):
    link(found["project"], found["old"], note="Auf der Startseite")
    replace(found["old"], found["new"])
    browser = browse("owner")
    path = f"/civic_project/{found['project']['name']}"
    form = browser.form(path, ".digifarm-newer form")
    response = browser.send(form, follow_redirects=True)
    assert linked(found["project"]) == [found["new"]["id"]]
    page = html(response)
    assert "Auf der Startseite" in page.select_one("#links").text
    assert not page.select(".digifarm-newer")
    # A second click on a page that is still open.
    again = browser.send(form, follow_redirects=True)
    assert "can’t be moved" in html(again).select_one(".flash-messages").text
    assert linked(found["project"]) == [found["new"]["id"]]


def test_an_owner_gets_what_a_lost_dataset_may_have_become(
    browse, found, dataset
):
    lost = dataset("Haushalt", extras={"guid": "9"})
    link(found["project"], lost)
    change(lost, state="deleted")
    change(found["new"], extras={"guid": "9"})
    path = f"/civic_project/{found['project']['name']}"
    assert not html(browse().get(path)).select(".digifarm-lost")
    browser = browse("owner")
    form = browser.form(path, ".digifarm-lost form")
    browser.send(form)
    assert linked(found["project"]) == [found["new"]["id"]]


@pytest.mark.parametrize(
    ("role", "status"),
    # Who isn't logged in gets to the login.
    [("anonymous", 200), ("publisher", 403), ("other", 403)],
)
def test_nobody_else_moves_links(role, status, browse, found):
    link(found["project"], found["old"])
    replace(found["old"], found["new"])
    path = f"{form_path(found['project'])}/move"
    response = send(browse(role), path, dataset=found["old"]["id"])
    assert response.status_code == status
    assert linked(found["project"]) == [found["old"]["id"]]


class TestForm:
    def test_typing_and_picking_without_scripts(self, browse, found):
        browser = browse("publisher")
        page = page_of(browser, found["old"])
        assert page.select(f'a[href="{form_path(found["old"])}"]')
        form = browser.form(form_path(found["old"]), "#successor-form")
        response = browser.send(form.with_values(query="haushalt"))
        offered = html(response).select("[type=radio][name=successor]")
        values = {radio["value"] for radio in offered}
        assert {found["new"]["name"], found["secret"]["name"]} <= values
        assert found["old"]["name"] not in values
        assert (
            "choose the dataset" in html(response).select_one("#errors").text
        )
        assert successor_of(found["old"]) is None

        form = read_form(response, "#successor-form")
        response = browser.send(
            form.with_values(successor=found["new"]["name"], unchanged="true"),
            follow_redirects=True,
        )
        assert html(response).select_one("#successor")
        row = successor_of(found["old"])
        assert (row.successor_id, row.unchanged) == (found["new"]["id"], True)

    def test_it_shows_what_was_named_and_removes_it(self, browse, found):
        replace(found["old"], found["new"], unchanged=True)
        browser = browse("publisher")
        page = html(browser.get(form_path(found["old"])))
        assert "Replaced by Haushalt 2026" in text_of(
            page.select_one("main, #main, body")
        )
        assert page.select_one("#field-unchanged").has_attr("checked")
        form = browser.form(form_path(found["old"]), "form[action$='/delete']")
        browser.send(form)
        assert successor_of(found["old"]) is None
        again = browser.send(form, follow_redirects=True)
        assert "No dataset replaces" in html(again).text

    def test_what_is_typed_counts_more_than_what_was_chosen(
        self, browse, found
    ):
        replace(found["old"], found["secret"])
        browser = browse("publisher")
        form = browser.form(form_path(found["old"]), "#successor-form")
        assert form["successor"] == found["secret"]["name"]
        response = browser.send(form.with_values(query="haushalt 2026"))
        assert successor_of(found["old"]).successor_id == found["secret"]["id"]
        form = read_form(response, "#successor-form")
        assert form["query"] == ""
        # Where scripts run.
        browser.send(
            form.with_values(
                query="Haushalt 2026",
                picked=found["new"]["name"],
                successor=found["secret"]["name"],
            )
        )
        assert successor_of(found["old"]).successor_id == found["new"]["id"]

    def test_who_moves_links_is_asked_first(self, browse, found):
        link(found["project"], found["old"])
        browser = browse("publisher")
        form = browser.form(form_path(found["old"]), "#successor-form")
        response = browser.send(
            form.with_values(picked=found["new"]["name"], unchanged="true")
        )
        question = html(response).select_one("#to-confirm")
        assert "linked with “Haushalt 2026” instead" in text_of(question)
        assert "Haushalt in Bildern" in text_of(question)
        assert successor_of(found["old"]) is None
        form = read_form(response, "#successor-form")
        # Who chooses another one meanwhile is asked again.
        response = browser.send(
            form.with_values(picked=found["secret"]["name"])
        )
        assert "Haushalt geheim" in text_of(
            html(response).select_one("#to-confirm")
        )
        assert successor_of(found["old"]) is None
        form = read_form(response, "#successor-form")
        assert form["successor"] == found["secret"]["name"]
        response = browser.send(form, follow_redirects=True)
        row = successor_of(found["old"])
        assert (row.successor_id, row.unchanged) == (
            found["secret"]["id"],
            True,
        )
        assert "move in a moment" in html(response).text

    def test_who_moves_none_is_not_asked(self, browse, found):
        link(found["project"], found["old"])
        browser = browse("publisher")
        form = browser.form(form_path(found["old"]), "#successor-form")
        browser.send(form.with_values(picked=found["new"]["name"]))
        assert successor_of(found["old"]).successor_id == found["new"]["id"]
        page = html(browser.get(f"/dataset/{found['old']['name']}"))
        way = page.select_one(f'a[href="{form_path(found["old"])}"]')
        assert text_of(way) == "Change what replaces this dataset"

    def test_a_box_that_is_no_longer_ticked(self, browse, found):
        replace(found["old"], found["new"], unchanged=True)
        browser = browse("publisher")
        form = browser.form(form_path(found["old"]), "#successor-form")
        # What was named is chosen.
        assert form["successor"] == found["new"]["name"]
        browser.send(form.with_values(unchanged=None))
        assert not successor_of(found["old"]).unchanged

    def test_what_is_wrong_is_said_beside_the_field(self, browse, found):
        replace(found["new"], found["old"])
        browser = browse("publisher")
        path = form_path(found["old"])
        for picked, words in (
            (found["new"]["name"], "is replaced by the dataset"),
            (found["old"]["name"], "can’t replace itself"),
            ("nirgends", "choose something else"),
            ("", "Please choose a dataset"),
        ):
            page = html(send(browser, path, successor=picked))
            assert words in page.select_one("#field-successor-error").text
            assert page.title.text.strip().startswith("Error")
        page = html(send(browser, path, query="zzzzzz"))
        assert (
            "Nothing matches" in page.select_one("#field-successor-error").text
        )

    def test_it_offers_what_is_likely(self, browse, found):
        change(found["old"], extras={"guid": "10"})
        change(found["new"], extras={"guid": "10"})
        page = html(browse("publisher").get(form_path(found["old"])))
        [radio] = page.select("[type=radio][name=successor]")
        assert radio["value"] == found["new"]["name"]

    def test_the_field_completes(self, browse, found):
        path = f"{form_path(found['old'])}/candidates?q=haushalt"
        names = {one["name"] for one in browse("publisher").get(path).json}
        assert found["new"]["name"] in names
        assert found["old"]["name"] not in names

    @pytest.mark.parametrize("role", ["reader", "owner", "other"])
    def test_it_is_for_who_edits_the_dataset(self, role, browse, found):
        browser, path = browse(role), form_path(found["old"])
        for page in (path, f"{path}/candidates?q=haushalt"):
            assert browser.get(page).status_code == 403
        assert (
            send(browser, path, successor=found["new"]["name"]).status_code
            == 403
        )
        assert send(browser, f"{path}/delete").status_code == 403
        assert successor_of(found["old"]) is None

    def test_whoever_is_not_logged_in_is_led_to_the_login(self, browse, found):
        response = browse().get(
            form_path(found["old"]), follow_redirects=False
        )
        assert response.status_code == 302
        assert "/user/login" in response.location

    @pytest.mark.parametrize("name", ["secret", "nirgends", "project"])
    def test_others_are_not_found(self, name, browse, found):
        reference = found[name]["name"] if name in found else name
        role = "sysadmin" if name == "project" else "other"
        path = f"/civic_project/successor/{reference}"
        assert browse(role).get(path).status_code == 404

    def test_no_form_without_a_token(self, browse, found):
        browser = browse("publisher")
        for path in ("", "/delete"):
            response = browser.post(
                f"{form_path(found['old'])}{path}",
                data={"successor": found["new"]["name"]},
            )
            assert response.status_code == 400
        assert successor_of(found["old"]) is None

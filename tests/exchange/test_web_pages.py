"""The pages on which reviewers import tables, as browsers see them."""

from __future__ import annotations

import io
from collections.abc import Iterator

import openpyxl
import pytest

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import changed_config
from ckanext.digifarm.exchange.model import Import
from ckanext.digifarm.lib import review_office
from ckanext.digifarm.lib.language import speaking
from dev.counting import counting

from .. import proposing
from ..acting import as_user
from ..browsing import Browser, html, read_form, text_of
from ..uses import forget_uses
from .uploading import (
    as_csv,
    as_xlsx,
    checked,
    create_people,
    forget,
    show,
    upload,
    work,
)

HEAD = ["Titel", "Kurzbeschreibung", "Stand"]
PAGE = "/civic_project/import"
LIMITS = "ckanext.digifarm.limits.address"


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture(autouse=True)
def settings(people) -> Iterator[None]:
    proposing.delete_packages()
    forget()
    forget_uses()
    with changed_config(
        "ckanext.digifarm.review_organization", proposing.REVIEWERS
    ):
        yield


@pytest.fixture
def me(people) -> str:
    return people["reviewer"]


@pytest.fixture
def browser(shared_app, me) -> Browser:
    return Browser(shared_app, me)


def send(
    browser: Browser, content: bytes, name: str, path: str = PAGE, **more
):
    """Fill in the form, and send it; gives the page that comes."""
    form = browser.form(path, "form[enctype]").with_values(
        upload=(io.BytesIO(content), name), **more
    )
    return browser.send(form)


class TestWay:
    def test_from_a_file_with_mistakes_to_projects(self, browser, me):
        table = [HEAD, ["Neu", "Text", "live"], ["Falsch", "Text", "lebt"]]
        response = send(
            browser, as_xlsx(table), "liste.xlsx", organization="tree-office"
        )
        assert response.status_code == 200
        path = response.request.path
        assert response.headers["Refresh"] == "4"
        assert "0 of 2 rows are looked at" in text_of(html(response))
        work()
        response = browser.get(path)
        assert "Refresh" not in response.headers
        said = text_of(html(response))
        assert "Nothing is saved yet. 1 row has mistakes" in said
        assert "row 2 “Neu” – will be created" in said
        assert "row 3 “Falsch” – can’t be imported C3 (Stand): " in said
        browser.send(read_form(response, "form[action$='/cancel']"))

        table[2][2] = "live"
        response = send(
            browser, as_xlsx(table), "liste.xlsx", organization="tree-office"
        )
        path = response.request.path
        work()
        form = browser.form(path, "form[action$='/confirm']")
        response = browser.send(form)
        assert response.request.path == path
        assert response.headers["Refresh"] == "4"
        assert "0 of 2 projects are saved" in text_of(html(response))
        # A double click.
        assert browser.send(form).status_code == 200
        work()
        response = browser.get(path)
        links = {
            a["href"] for a in html(response).select("ol.list-unstyled a")
        }
        assert links == {"/civic_project/neu", "/civic_project/falsch"}
        for link in links:
            assert browser.get(link).status_code == 200
        said = text_of(html(response))
        assert "2 projects are saved." in said
        assert "invite its people under “Team”" in said
        [listed] = html(browser.get(PAGE)).select(f"a[href='{path}']")
        assert "imported" in text_of(listed.parent)

    @pytest.mark.parametrize("has_owners", [True, False])
    def test_nobody_is_to_be_invited_where_nobody_can_be(
        self, browser, me, has_owners
    ):
        id_ = checked(
            me, [HEAD, ["Neu", "Text", "live"]], organization="tree-office"
        )
        as_user(me, "digifarm_import_confirm", id=id_)
        work()
        option = "ckan.auth.allow_dataset_collaborators"
        with changed_config(option, has_owners):
            said = text_of(html(browser.get(f"{PAGE}/{id_}")))
        assert "New projects stand on the portal now" in said
        assert ("“Team”" in said) is has_owners

    def test_in_german_by_cell(self, browser):
        table = [HEAD, ["Neu", "x" * 400, "live"]]
        response = send(
            browser,
            as_csv(table),
            "liste.csv",
            f"/de{PAGE}",
            organization="tree-office",
        )
        work()
        said = text_of(html(browser.get(response.request.path)))
        assert "B2 (Kurzbeschreibung): Bitte höchstens 220 Zeichen" in said

    def test_what_was_written_down_in_another_language(self, browser, me):
        table = [[*HEAD, "Farbe"], ["Neu", "x" * 400, "live", "rot"]]
        with speaking("de"):
            id_ = upload(me, table, organization="tree-office")
        assert show(me, id_)["language"] == "de"
        work()
        said = ".alert [lang=de], ol [lang=de]"
        hint = "To read it in the language of this page, upload the file once"
        page = html(browser.get(f"{PAGE}/{id_}"))
        told = [text_of(node) for node in page.select(said)]
        assert told[0].startswith("D1 (Farbe): ")
        assert told[1] == "Zeile 2 „Neu“"
        assert told[2].startswith("B2 (Kurzbeschreibung): Bitte höchstens")
        assert len(told) == 3
        assert hint in text_of(page)
        page = html(browser.get(f"/de{PAGE}/{id_}"))
        assert page.select(said) == []
        assert hint not in text_of(page)

    def test_what_changes_is_named(self, browser, me):
        factories.Dataset(
            type="civic_project",
            name="alt",
            owner_org="tree-office",
            summary="Eins",
        )
        id_ = checked(me, [["name", "Kurzbeschreibung"], ["alt", "Zwei"]])
        page = html(browser.get(f"{PAGE}/{id_}"))
        said = text_of(page.select_one("ol.list-unstyled li"))
        assert "will be updated: Summary" in said

    def test_a_page_can_be_read_in_peace(self, browser, me):
        id_ = upload(me, [HEAD, ["Neu", "Text", "live"]])
        response = browser.get(f"{PAGE}/{id_}")
        [link] = html(response).select("a[href*=still]")
        still = browser.get(str(link["href"]))
        assert "Refresh" not in still.headers
        assert still.headers["Referrer-Policy"] == "no-referrer"

    def test_what_is_wrong_with_a_file_stands_beside_it(self, browser):
        response = send(browser, b"", "x.csv", organization="tree-office")
        page = html(response)
        assert page.title.get_text().strip().startswith("Error:")
        [error] = page.select("#field-upload-error")
        assert text_of(error) == "This file is empty"
        [chosen] = page.select("#field-organization [selected]")
        assert chosen["value"] == "tree-office"
        [link] = page.select("#errors a")
        assert link["href"] == "#field-upload"

    def test_what_is_quoted_of_a_file_can_be_shown(self, browser):
        response = send(browser, rb'[{"\ud800": 1, "\ud800": 2}]', "x.json")
        [error] = html(response).select("#field-upload-error")
        assert r"the key “\ud800” twice" in text_of(error)

    def test_that_too_many_wait_is_said(self, browser, me):
        for n in range(3):
            upload(me, [HEAD, [f"Neu {n}", "Text", "live"]])
        response = send(browser, as_csv([HEAD, ["x", "y", ""]]), "x.csv")
        assert "3 of your files wait already" in response.body

    def test_too_often_is_429(self, browser):
        with changed_config(LIMITS, "1 per hour"):
            ok = send(browser, as_csv([HEAD, ["x", "y", ""]]), "x.csv")
            no = send(browser, as_csv([HEAD, ["z", "y", ""]]), "x.csv")
        assert (ok.status_code, no.status_code) == (200, 429)
        assert model.Session.query(Import).count() == 1

    @pytest.mark.parametrize("ending", ["csv", "xlsx"])
    def test_a_table_to_fill_in(self, ending, browser):
        response = browser.get(f"{PAGE}/template.{ending}")
        assert response.status_code == 200
        assert (
            f"civic-projects.{ending}"
            in (response.headers["Content-Disposition"])
        )
        if ending == "xlsx":
            book = openpyxl.load_workbook(io.BytesIO(response.data))
            assert book.active["A1"].value == "Title"

    @pytest.mark.parametrize(
        ("stage", "said"),
        [
            ("live", "waits for your yes"),
            ("lebt", "looked at – nothing to import"),
        ],
    )
    def test_what_waits_is_said(self, stage, said, browser, me):
        table = [HEAD, ["Neu", "Text", stage]]
        id_ = checked(me, table, organization="tree-office")
        [listed] = html(browser.get(PAGE)).select(f"a[href='{PAGE}/{id_}']")
        assert text_of(listed.parent).endswith(said)

    def test_complaints_stand_in_the_order_of_cells(self, browser, me):
        table = [
            ["Titel", "Adresse der Anwendung", "Stand", "Unbekannt"],
            ["Neu", "kein Wort", "lebt", ""],
        ]
        id_ = checked(me, table, organization="tree-office")
        said = html(browser.get(f"{PAGE}/{id_}")).select("ol ul li")
        cells = [text_of(one).partition(" ")[0] for one in said]
        assert cells == ["B2", "C2"]

    def test_organizations_are_ones_own(self, browser):
        page = html(browser.get(PAGE))
        options = [
            o["value"] for o in page.select("#field-organization option")
        ]
        assert {*options} == {"", "review-office", "tree-office"}

    def test_the_review_leads_there(self, browser):
        page = html(browser.get("/civic_project/review"))
        assert page.select(f".nav-tabs a[href='{PAGE}']")


class TestWayThere:
    """The form for one project, and a list that is empty still, lead on."""

    def leads(self, shared_app, user: str, path: str) -> bool:
        page = html(Browser(shared_app, user).get(path))
        links = page.select(
            f"main a[href='{PAGE}'], .primary a[href='{PAGE}']"
        )
        return bool(links)

    @pytest.mark.parametrize("path", ["/civic_project/new", "/civic_project/"])
    def test_is_for_who_may_import(self, path, people, shared_app):
        who = ("reviewer", "sysadmin", "project_editor", "anonymous")
        led = [self.leads(shared_app, people[role], path) for role in who]
        assert led == [True, True, False, False]

    @pytest.mark.parametrize(
        "path", ["/civic_project/?q=x", "/civic_project/"]
    )
    def test_is_not_among_results(self, path, me, shared_app):
        factories.Dataset(type="civic_project", owner_org="tree-office")
        assert not self.leads(shared_app, me, path)

    @pytest.mark.parametrize("path", ["/civic_project/new", "/civic_project/"])
    def test_costs_others_nothing(self, path, people, shared_app, monkeypatch):
        """Nobody asks whether they review more often than without it."""
        asked = []
        organization = review_office.organization

        def ask():
            asked.append(path)
            return organization()

        monkeypatch.setattr(review_office, "organization", ask)
        editor = Browser(shared_app, people["project_editor"])
        assert editor.get(path).status_code == 200
        # On the list stands a button that leads reviewers to what waits.
        assert len(asked) == (0 if path.endswith("new") else 1)


class TestNotForOthers:
    ROLES = ("other", "review_member", "project_editor")

    @pytest.mark.parametrize("role", ROLES)
    def test_pages(self, role, people, shared_app):
        browser = Browser(shared_app, people[role])
        for path in ("", "/template.csv"):
            assert browser.get(f"{PAGE}{path}").status_code == 403

    @pytest.mark.parametrize("role", [*ROLES, "other_reviewer"])
    def test_uploads(self, role, people, me, shared_app):
        id_ = checked(me, [HEAD, ["Neu", "Text", "live"]])
        browser = Browser(shared_app, people[role])
        assert browser.get(f"{PAGE}/{id_}").status_code == 403
        token = {"_csrf_token": browser.token()}
        for step in ("confirm", "cancel"):
            path = f"{PAGE}/{id_}/{step}"
            assert browser.post(path, data=token).status_code == 403
        assert show(me, id_)["state"] == "checked"

    def test_visitors_log_in_first(self, me, shared_app):
        id_ = checked(me, [HEAD, ["Neu", "Text", "live"]])
        visitor = Browser(shared_app)
        for path in (PAGE, f"{PAGE}/{id_}"):
            response = visitor.get(path, follow_redirects=False)
            assert response.status_code == 302
            assert "/user/login" in response.headers["Location"]

    def test_no_form_without_its_token(self, browser, me):
        id_ = checked(me, [HEAD, ["Neu", "Text", "live"]])
        for step in ("confirm", "cancel"):
            response = browser.post(f"{PAGE}/{id_}/{step}")
            assert response.status_code == 400
        response = browser.post(
            PAGE, data={"upload": (io.BytesIO(b"Titel\nx\n"), "x.csv")}
        )
        assert response.status_code == 400
        assert show(me, id_)["state"] == "checked"
        assert model.Session.query(Import).count() == 1

    def test_nothing_is_written_by_get(self, browser, me):
        id_ = checked(me, [HEAD, ["Neu", "Text", "live"]])
        for step in ("confirm", "cancel"):
            assert browser.get(f"{PAGE}/{id_}/{step}").status_code == 404
        assert show(me, id_)["state"] == "checked"

    @pytest.mark.parametrize("id_", ["nirgends", "a" * 300, "%00"])
    def test_what_is_not_there(self, id_, browser):
        assert browser.get(f"{PAGE}/{id_}").status_code == 404

    def test_rows_of_no_kind(self, browser, me):
        id_ = checked(me, [HEAD, ["Neu", "Text", "live"]])
        response = browser.get(f"{PAGE}/{id_}?result=x")
        assert response.status_code == 404


class TestCost:
    def test_of_a_preview_does_not_grow(self, browser, me):
        def table(count: int) -> list[list[str]]:
            return [
                HEAD,
                *([f"Neu {n}", "Text", "lebt"] for n in range(count)),
            ]

        few = checked(me, table(3))
        many = checked(me, table(120))
        costs = []
        for id_ in (few, many, many):
            browser.get(f"{PAGE}/{id_}")
            with counting() as cost:
                response = browser.get(f"{PAGE}/{id_}")
            costs.append((len(cost.sql), len(cost.solr)))
            shown = len(html(response).select("ol.list-unstyled > li"))
            assert shown == (3 if id_ == few else 50)
        assert costs[0] == costs[1] == costs[2]
        assert costs[0][1] == 0
        last = html(browser.get(f"{PAGE}/{many}?page=3"))
        assert len(last.select("ol.list-unstyled > li")) == 20

    def test_of_a_page_reads_no_file(self, browser, me):
        id_ = checked(me, [HEAD, ["Neu", "Text", "live"]])
        with counting() as cost:
            browser.get(f"{PAGE}/{id_}")
            browser.get(PAGE)
        assert not [one for one in cost.sql if "import.content" in one]
        assert [one for one in cost.sql if "digifarm_import" in one]
        as_user(me, "digifarm_import_cancel", id=id_)

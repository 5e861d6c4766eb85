"""The directory of partners on the portal's pages."""

from __future__ import annotations

from typing import Any

import pytest

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action, changed_config
from ckanext.digifarm.partners.model import Partner

from ..browsing import Browser, html, text_of

pytestmark = pytest.mark.usefixtures("shared_portal")

FORM = "form.digifarm-form"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def no_partners(shared_portal) -> None:
    model.Session.query(Partner).delete()
    model.Session.commit()


@pytest.fixture(scope="module")
def user(shared_portal) -> dict[str, Any]:
    return factories.User()


@pytest.fixture(scope="module")
def organization(user) -> dict[str, Any]:
    return factories.Organization(
        title="Stadtbücherei",
        users=[{"name": user["name"], "capacity": "editor"}],
    )


@pytest.fixture
def editor(shared_app, user) -> Browser:
    return Browser(shared_app, user["id"])


@pytest.fixture
def visitor(shared_app) -> Browser:
    return Browser(shared_app)


@pytest.fixture
def partner(organization) -> dict[str, Any]:
    return call_action(
        "digifarm_partner_create",
        title="Lesefreunde",
        kind="association",
        description=f"Wir **lesen** {SCRIPT}",
        offer=f"Vorlesen {SCRIPT}",
        areas=["content"],
        competences=["Leichte Sprache"],
        action_fields=["participation"],
        contact_name="Geheime Ansprechperson",
        contact_email="geheim@example.org",
        organization_id=organization["id"],
    )


def test_an_editor_adds_changes_and_deletes_a_partner(
    editor, visitor, organization
):
    form = editor.form("/partner/new", FORM)
    assert form["organization_id"] == organization["id"]
    response = editor.send(
        form.with_values(
            title="Lesefreunde",
            kind="association",
            areas=["content", "care"],
            competences="Python, Texte",
            offer="Ein **Abend** im Monat",
            contact_email="lesen@example.org",
        )
    )
    assert response.request.path == "/partner/lesefreunde"
    assert "lesen@example.org" in response.body

    page = visitor.get("/partner/lesefreunde")
    text = text_of(html(page).select_one("[role=main]"))
    for words in ("Lesefreunde", "Association", "A caretaker", "Python"):
        assert words in text
    assert "What we offer Ein Abend im Monat" in text
    assert "lesen@example.org" not in page.body

    form = editor.form("/partner/edit/lesefreunde", FORM)
    assert "organization_id" not in form.values
    assert form.values["areas"] == ["content", "care"]
    assert form["competences"] == "Python, Texte"
    before = call_action("digifarm_partner_show", id="lesefreunde")
    editor.send(form)
    after = call_action("digifarm_partner_show", id="lesefreunde")
    assert {**before, "modified": after["modified"]} == after
    editor.send(form.with_values(areas=None, title="Anders"))
    changed = call_action("digifarm_partner_show", id="lesefreunde")
    assert (changed["areas"], changed["title"]) == ([], "Anders")

    path = "/partner/delete/lesefreunde"
    response = editor.send(editor.form(path, ".wrapper form[method=post]"))
    assert response.request.path == "/partner/"
    assert "has been deleted" in response.body
    assert visitor.get("/partner/lesefreunde").status_code == 404
    assert (
        "no longer in the directory" in editor.get("/partner/lesefreunde").body
    )
    path = "/partner/restore/lesefreunde"
    response = editor.send(
        editor.form("/partner/lesefreunde", f"form[action='{path}']")
    )
    assert "is back" in response.body
    assert visitor.get("/partner/lesefreunde").status_code == 200


def test_a_reviewer_chooses_among_all_organisations(shared_app, partner):
    """Core lists few of them at once."""
    reviewer = factories.Sysadmin()
    with changed_config("ckan.group_and_organization_list_all_fields_max", 1):
        browser = Browser(shared_app, reviewer["id"])
        page = html(browser.get("/partner/edit/lesefreunde"))
        options = page.select("[name=organization_id] option")
        listed = call_action("organization_list", limit=1000)
        assert len(options) == len(listed) + 1
        form = browser.form("/partner/edit/lesefreunde", FORM)
        assert form["organization_id"] == partner["organization_id"]


def test_mistakes_are_shown_and_nothing_is_lost(editor, organization):
    form = editor.form("/partner/new", FORM)
    response = editor.send(
        form.with_values(url="ftp://a", contact_name="Wir", areas=["care"])
    )
    page = html(response)
    summary = text_of(page.select_one("#errors"))
    for label in ("Name", "Kind of partner", "Website"):
        assert label in summary
    assert page.select_one("[name=url]")["value"] == "ftp://a"
    assert page.select_one("[name=contact_name]")["value"] == "Wir"
    assert page.select_one("[name=areas][value=care]").has_attr("checked")
    for link in page.select("#errors a"):
        assert page.select_one(link["href"])


def test_an_editor_without_the_city_sees_no_other_partner(
    editor, partner, shared_app
):
    stranger = Browser(shared_app, factories.User()["id"])
    for path in ("edit", "delete"):
        address = f"/partner/{path}/lesefreunde"
        assert stranger.get(address).status_code == 403
        token = {"_csrf_token": stranger.token(), "title": "Fremd"}
        assert stranger.post(address, data=token).status_code == 403
    assert stranger.get("/partner/new").status_code == 403
    assert call_action("digifarm_partner_show", id="lesefreunde") == partner


def test_anonymous_people_are_led_to_the_login(visitor):
    response = visitor.get("/partner/new")
    assert response.request.path == "/user/login"


@pytest.mark.parametrize(
    "path", ["/new", "/edit/lesefreunde", "/delete/lesefreunde"]
)
def test_forms_need_a_token(path, editor, visitor, partner):
    visitor.get(f"/partner{path}")
    response = editor.post(f"/partner{path}", data={"title": "Ohne"})
    assert response.status_code in {400, 403}
    assert call_action("digifarm_partner_show", id="lesefreunde") == partner


def test_a_reviewer_keeps_all_partners(shared_app, partner):
    reviewer = factories.User()
    office = factories.Organization(
        users=[{"name": reviewer["name"], "capacity": "admin"}]
    )
    with changed_config(
        "ckanext.digifarm.review_organization", office["name"]
    ):
        browser = Browser(shared_app, reviewer["id"])
        form = browser.form("/partner/edit/lesefreunde", FORM)
        assert form["organization_id"] == partner["organization_id"]
        browser.send(form.with_values(title="Vom Team der Stadt"))
        form = browser.form("/partner/new", FORM)
        assert form["organization_id"] == ""
        browser.send(form.with_values(title="Ein Netzwerk", kind="network"))
    assert call_action("digifarm_partner_show", id="ein-netzwerk")
    changed = call_action("digifarm_partner_show", id="lesefreunde")
    assert changed["title"] == "Vom Team der Stadt"
    assert changed["organization_id"] == partner["organization_id"]


class TestDirectory:
    def test_lists_searches_and_filters(self, visitor, partner):
        call_action("digifarm_partner_create", title="Firma", kind="company")

        def cards(query: str) -> list[str]:
            page = html(visitor.get(f"/partner/{query}"))
            return [text_of(card) for card in page.select(".card-title")]

        assert cards("") == ["Firma", "Lesefreunde"]
        assert cards("?q=leichte+sprache") == ["Lesefreunde"]
        assert cards("?kind=company") == ["Firma"]
        assert cards("?area=content&action_field=participation") == [
            "Lesefreunde"
        ]
        assert cards("?area=care") == []

    @pytest.mark.parametrize(
        "query", ["q=%00", "page=99", f"page={10**20}", "q=%25", "kind=%00"]
    )
    def test_any_query_gets_a_page(self, query, visitor, partner):
        assert visitor.get(f"/partner/?{query}").status_code == 200

    def test_keeps_what_was_asked_for_from_page_to_page(self, visitor):
        for number in range(21):
            call_action(
                "digifarm_partner_create",
                title=f"Verein {number:02}",
                kind="association",
            )
        page = html(visitor.get("/partner/?q=verein&kind=association"))
        assert len(page.select(".card-title")) == 20
        link = page.select_one(".pagination a[href*='page=2']")
        second = html(visitor.get(link["href"]))
        assert len(second.select(".card-title")) == 1
        assert second.select_one("#field-partner-search")["value"] == "verein"
        assert second.select_one("[name=kind] option[selected]")

    def test_betrays_no_contact(self, visitor, partner):
        for path in ("/partner/", "/partner/lesefreunde"):
            page = visitor.get(path).body
            assert "Geheime" not in page
            assert "geheim@" not in page

    def test_shows_text_as_text(self, visitor, partner):
        for path in ("/partner/", "/partner/lesefreunde"):
            assert SCRIPT not in visitor.get(path).body

    def test_speaks_german(self, visitor, partner):
        page = html(visitor.get("/de/partner/lesefreunde"))
        text = text_of(page.select_one("[role=main]"))
        for words in ("Verein", "Inhaltliche Unterstützung", "Teilhabe"):
            assert words in text

    def test_keeps_the_language_without_a_slash_too(self, visitor):
        for path in ("/de/partner", "/de/partner/"):
            page = html(visitor.get(path, follow_redirects=True))
            assert page.html["lang"] == "de"

    @pytest.mark.parametrize("id_", ["nothing", "%00", "a/b"])
    def test_an_unknown_partner_is_not_found(self, id_, visitor):
        assert visitor.get(f"/partner/{id_}").status_code == 404

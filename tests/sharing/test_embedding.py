"""Cards and lists for frames of other sites."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import urlsplit

import ckantoolkit as tk
import pytest
from bs4 import BeautifulSoup
from flask_login import login_user
from werkzeug.datastructures import MultiDict

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action
from ckanext.digifarm.sharing import embedding, feeds
from dev.counting import counting

from ..acting import as_portal
from ..browsing import Browser, html, text_of
from ..conftest import ProjectFactory
from ..indexing import one_commit

pytestmark = pytest.mark.usefixtures("shared_portal")

ROOT = "/civic_project/embed"
SITE = "http://test.ckan.net"


@pytest.fixture
def visitor(shared_app) -> Browser:
    return Browser(shared_app)


@pytest.fixture(scope="module", autouse=True)
def projects(shared_portal) -> dict[str, dict[str, Any]]:
    organization = factories.Organization()["id"]
    common: dict[str, Any] = {"owner_org": organization}
    with one_commit():
        found = {
            "trees": ProjectFactory(
                name="baumblick",
                title='Baum<b>blick" & Co',
                summary="Für <i>alle</i> Bäume",
                stage="live",
                help_wanted=["care"],
                tag_string="Baum",
                contact_email="kim@example.org",
                image_url=f"{SITE}/uploads/baum.png",
                image_alt="Ein Baum",
                **common,
            ),
            "bikes": ProjectFactory(
                name="bikes",
                title="Bikes",
                summary="",
                notes="On *English* roads",
                language="en",
                **common,
            ),
            "secret": ProjectFactory(
                name="geheim",
                title="Geheim",
                private=True,
                help_wanted=["care"],
                **common,
            ),
            "draft": ProjectFactory(
                name="entwurf", title="Entwurf", state="draft", **common
            ),
            "gone": ProjectFactory(name="weg", title="Weg", **common),
        }
        as_portal("package_delete", id=found["gone"]["id"])
    factories.Dataset(name="ein-datensatz", title="Datensatz", **common)
    return found


def policy_of(response: Any) -> dict[str, str]:
    [header] = response.headers.getlist("Content-Security-Policy")
    parts = (part.strip().partition(" ") for part in header.split(";"))
    return {name: value for name, _, value in parts}


def titles(response: Any) -> list[str]:
    return [
        text_of(tag) for tag in html(response).select("article a[dir], h2")
    ]


def assert_may_be_framed(response: Any) -> None:
    """It may be, and may do nothing else."""
    assert "X-Frame-Options" not in response.headers
    page = html(response)
    [style] = page.select("style")
    digest = hashlib.sha256(style.get_text().encode()).digest()
    policy = policy_of(response)
    allowed = policy.pop("img-src").split()
    assert allowed[0] == "'self'"
    assert {*allowed} <= {"'self'", SITE}
    assert policy == {
        "default-src": "'none'",
        "style-src": f"'sha256-{base64.b64encode(digest).decode()}'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "*",
    }
    assert "Set-Cookie" not in response.headers
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert len(page.select('meta[name=robots][content="noindex"]')) == 1
    assert not page.select("script, form, iframe, object, [style], [onclick]")
    assert not page.select("link")
    for link in page.select("a"):
        assert link["target"] == "_blank"
        assert "noopener" in link["rel"]
        assert str(link["href"]).startswith(f"{SITE}/")


class TestCard:
    def test_it_says_what_the_project_is(self, visitor):
        response = visitor.get(f"{ROOT}/baumblick")
        assert response.status_code == 200
        assert_may_be_framed(response)
        page = html(response)
        title = 'Baum<b>blick" & Co'
        assert page.title
        assert page.title.get_text() == text_of(page.h1) == title
        assert page.h1.a["href"] == f"{SITE}/civic_project/baumblick"
        assert "Für <i>alle</i> Bäume" in text_of(page.article)
        assert "Looking for: A caretaker" in text_of(page.article)
        [picture] = page.select("img")
        assert picture["src"] == f"{SITE}/uploads/baum.png"
        assert picture["alt"] == "Ein Baum"
        assert policy_of(response)["img-src"] == f"'self' {SITE}"

    def test_without_a_picture_none_is_allowed_from_elsewhere(self, visitor):
        response = visitor.get(f"{ROOT}/bikes")
        assert policy_of(response)["img-src"] == "'self'"
        assert "On English roads" in text_of(html(response).article)

    def test_a_picture_of_others_is_not_loaded(self, visitor, projects):
        package = model.Package.get(projects["bikes"]["id"])
        before = dict(package.extras)
        picture = "https://pictures.example.org/1.png"
        as_portal("package_patch", id=package.id, image_url=picture)
        response = visitor.get(f"{ROOT}/bikes")
        assert not html(response).select("img")
        assert policy_of(response)["img-src"] == "'self'"
        as_portal("package_patch", id=package.id, image_url="")
        assert (
            dict(model.Package.get(package.id).extras).keys() >= before.keys()
        )

    def test_it_is_found_by_id(self, visitor, projects):
        response = visitor.get(f"{ROOT}/{projects['trees']['id']}")
        assert text_of(html(response).h1) == 'Baum<b>blick" & Co'

    def test_in_german(self, visitor):
        response = visitor.get(f"/de{ROOT}/baumblick")
        assert_may_be_framed(response)
        page = html(response)
        assert page.html["lang"] == "de"
        assert page.h1.a["href"] == f"{SITE}/de/civic_project/baumblick"

    @pytest.mark.parametrize(
        "name",
        [
            "geheim",
            "entwurf",
            "weg",
            "nichts-davon",
            "ein-datensatz",
            "new",
            "%00",
            "a%0Bb",
            "x" * 2000,
            "%F0%9F%8C%B3",
            "..%2Fbaumblick",
            "<script>",
        ],
    )
    @pytest.mark.parametrize("who", ["anonymous", "sysadmin", "token"])
    def test_what_isnt_public_is_not_there(self, name, who, shared_app):
        user, headers = None, {}
        if who != "anonymous":
            user = factories.Sysadmin()["name"]
        if who == "token":
            token = call_action(
                "api_token_create", {"user": user}, user=user, name="frame"
            )
            headers["Authorization"] = token["token"]
            user = None
        browser = Browser(shared_app, user)
        response = browser.get(f"{ROOT}/{name}", headers=headers)
        assert response.status_code == 404
        if name == "..%2Fbaumblick":
            return
        assert_may_be_framed(response)
        same = browser.get(f"{ROOT}/gibt-es-nicht")
        assert response.body == same.body


class TestList:
    @pytest.mark.parametrize(
        "query",
        [
            "",
            "?tags=Baum",
            "?q=english",
            "?sort=title_string+asc",
            "?sort=title_string+desc",
            "?q=nichts",
            "?utm_source=x&tags=Baum",
            "?page=2",
            "?ext_x=y",
        ],
    )
    def test_it_shows_what_the_list_shows(self, query, visitor):
        response = visitor.get(f"{ROOT}{query}")
        assert response.status_code == 200
        assert_may_be_framed(response)
        of_list = html(
            visitor.get(f"/civic_project/{query.replace('page=2', '')}")
        )
        shown = [
            text_of(tag) for tag in of_list.select("#results .card-title")
        ]
        assert [text_of(tag) for tag in html(response).select("h2")] == shown
        for word in ("Geheim", "Entwurf", "Weg", "kim@example.org"):
            assert word not in response.body

    def test_it_leads_to_the_whole_list(self, visitor):
        page = html(visitor.get(f"/de{ROOT}?tags=Baum&sort=title_string+asc"))
        [link] = page.select(".from a[href*='?']")
        assert link["href"] == f"{SITE}/de/civic_project/?tags=Baum"

    def test_no_more_than_twelve(self, visitor):
        organization = factories.Organization()["id"]
        with one_commit():
            more = ProjectFactory.create_batch(
                13, owner_org=organization, tag_string="viele"
            )
        page = html(visitor.get(f"{ROOT}?tags=viele"))
        assert len(page.select("article")) == 12
        assert "13 civic projects" in text_of(page.select_one(".from"))
        with one_commit():
            for project in more:
                as_portal("dataset_purge", id=project["id"])

    @pytest.mark.parametrize("who", ["sysadmin", "member"])
    def test_nothing_private_whoever_asks(self, who, shared_app, projects):
        user = factories.Sysadmin() if who == "sysadmin" else factories.User()
        if who == "member":
            as_portal(
                "organization_member_create",
                id=projects["secret"]["owner_org"],
                username=user["name"],
                role="admin",
            )
        browser = Browser(shared_app, user["name"])
        assert "Geheim" not in browser.get(ROOT).body

    @pytest.mark.parametrize("query", ["?q=title:%5B", "?sort=nonsense"])
    def test_what_means_nothing_is_said_in_the_frame(self, query, visitor):
        response = visitor.get(f"{ROOT}{query}")
        assert response.status_code == 400
        assert_may_be_framed(response)
        assert "could not be understood" in response.body


class TestNobody:
    """Who looks into a frame is nobody, and stays what they are elsewhere."""

    @pytest.mark.parametrize(
        "path",
        [
            ROOT,
            f"{ROOT}/baumblick",
            f"{ROOT}/nichts",
            f"/de{ROOT}/baumblick",
            f"{ROOT}?tags=Baum",
            f"{ROOT}/baumblick/",
            "/civic_project/feed?page=abc",
            "/civic_project/feed/tasks?page=99",
            "/civic_project/oembed/",
        ],
    )
    def test_no_session_is_read_or_renewed(self, path, shared_app):
        user = factories.Sysadmin()["name"]
        browser = Browser(shared_app, user)
        with browser.session() as session:
            session["_flashes"] = [("message", "Gleich zu lesen")]
        with counting() as cost:
            response = browser.get(path)
        assert "Set-Cookie" not in response.headers
        assert "Gleich zu lesen" not in response.body
        assert not [one for one in cost.sql if 'FROM "user"' in one]
        # They still are logged in, and read it where it belongs.
        page = browser.get("/civic_project/about")
        assert "Gleich zu lesen" in page.body
        assert user in page.body

    def test_it_is_so_where_others_say_who_somebody_is(self, shared_app):
        """Plugins may know it by other means than cookies."""
        user = factories.Sysadmin()["name"]
        with shared_app.flask_app.test_request_context("/"):
            login_user(model.User.get(user))
            tk.g.user, tk.g.userobj = user, model.User.get(user)
            tk.check_access("package_show", {}, {"id": "geheim"})
            assert embedding.project("geheim") is None
            found = embedding.projects(MultiDict())["results"]
            assert "geheim" not in {project["name"] for project in found}
            part = {"limit": 50, "offset": 0}
            for find in (feeds.projects, feeds.help_wanted, feeds.tasks):
                assert "Geheim" not in str(find(MultiDict(), part))

    def test_no_form_can_be_sent(self, visitor):
        response = visitor.post(f"{ROOT}/baumblick")
        assert response.status_code in {400, 405}
        assert "frame-ancestors *" not in response.headers.get(
            "Content-Security-Policy", ""
        )


class TestOtherPages:
    @pytest.mark.parametrize(
        "path",
        [
            "/civic_project/",
            "/civic_project/baumblick",
            "/civic_project/feed",
            "/civic_project/nichts",
            "/de/civic_project/help-wanted",
        ],
    )
    def test_they_are_not_framed(self, path, visitor):
        response = visitor.get(path)
        assert response.headers["X-Frame-Options"] == "SAMEORIGIN"
        policies = response.headers.getlist("Content-Security-Policy")
        assert policies == ["frame-ancestors 'self'"]


class TestCode:
    def code(self, response: Any) -> Any:
        [area] = html(response).select("#embed-code")
        assert area.has_attr("readonly")
        [frame] = BeautifulSoup(area.get_text(), "html.parser").select(
            "iframe"
        )
        return frame

    @pytest.mark.parametrize(
        ("path", "address", "title"),
        [
            (
                "/civic_project/baumblick",
                f"{SITE}{ROOT}/baumblick",
                'Baum<b>blick" & Co',
            ),
            (
                "/de/civic_project/baumblick?utm_source=x",
                f"{SITE}/de{ROOT}/baumblick",
                'Baum<b>blick" & Co',
            ),
            (
                "/civic_project/?tags=Baum&page=1&utm_source=x",
                f"{SITE}{ROOT}?tags=Baum",
                "Civic projects – Tags: Baum",
            ),
            (
                "/de/civic_project/?q=%22baum%26&sort=title_string+asc",
                f"{SITE}/de{ROOT}?q=%22baum%26&sort=title_string+asc",
                'Digitalprojekte – "baum&',
            ),
            (
                "/civic_project/?sort=title_string+asc&q=b%C3%A4ume",
                f"{SITE}{ROOT}?q=b%C3%A4ume&sort=title_string+asc",
                "Civic projects – bäume",
            ),
        ],
    )
    def test_pages_show_it(self, path, address, title, visitor):
        frame = self.code(visitor.get(path))
        assert frame["src"] == address
        assert frame["title"] == title
        assert frame["loading"] == "lazy"
        assert frame["width"] == "100%"
        assert int(frame["height"]) > 0
        assert "style" not in frame.attrs
        parts = urlsplit(address)
        shown = visitor.get(f"{parts.path}?{parts.query}")
        assert shown.status_code == 200

    def test_where_nothing_is_found_there_is_nothing_to_show(self, visitor):
        page = html(visitor.get("/civic_project/?q=nichts"))
        assert not page.select("#embed-code")

    @pytest.mark.parametrize("name", ["geheim", "weg", "entwurf"])
    def test_what_isnt_public_has_none(self, name, shared_app):
        browser = Browser(shared_app, factories.Sysadmin()["name"])
        assert not html(browser.get(f"/civic_project/{name}")).select(
            "#embed-code"
        )

"""What programs learn that show our pages on other sites."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from bs4 import BeautifulSoup

from ckan.tests import factories
from ckan.tests.helpers import changed_config

from ..acting import as_portal
from ..browsing import Browser, html
from ..conftest import ProjectFactory
from ..indexing import one_commit

pytestmark = pytest.mark.usefixtures("shared_portal")

OEMBED = "/civic_project/oembed"
SITE = "http://test.ckan.net"
PAGE = f"{SITE}/civic_project/baumblick"
EMBED = f"{SITE}/civic_project/embed"


@pytest.fixture
def visitor(shared_app) -> Browser:
    return Browser(shared_app)


@pytest.fixture(scope="module", autouse=True)
def projects(shared_portal) -> dict[str, dict[str, Any]]:
    common: dict[str, Any] = {"owner_org": factories.Organization()["id"]}
    with one_commit():
        found = {
            name: ProjectFactory(name=name, title=title, **more, **common)
            for name, title, more in (
                ("baumblick", 'Baum"<b>blick</b>', {"tag_string": "Baum"}),
                ("geheim", "Geheim", {"private": True}),
                ("entwurf", "Entwurf", {"state": "draft"}),
                ("weg", "Weg", {}),
            )
        }
        as_portal("package_delete", id=found["weg"]["id"])
    factories.Dataset(name="ein-datensatz", **common)
    return found


def ask(visitor: Browser, url: str, **more: str) -> Any:
    query = {"url": url, **more}
    args = "&".join(
        f"{key}={quote(value, '')}" for key, value in query.items()
    )
    return visitor.get(f"{OEMBED}?{args}")


def frame_in(answer: Any) -> Any:
    """The only thing of an answer's HTML, with what WordPress keeps."""
    content = BeautifulSoup(answer["html"], "html.parser")
    [frame] = content.contents
    assert frame.name == "iframe"
    assert {*frame.attrs} == {"src", "title", "width", "height"}
    assert not frame.contents
    return frame


class TestAnswer:
    def test_of_a_project(self, visitor):
        response = ask(visitor, PAGE, format="json")
        assert response.status_code == 200
        assert response.mimetype == "application/json"
        assert "Set-Cookie" not in response.headers
        answer = response.json
        title = 'Baum"<b>blick</b>'
        frame = frame_in(answer)
        assert frame["src"] == f"{EMBED}/baumblick"
        assert frame["title"] == title
        assert answer.pop("html")
        assert answer == {
            "version": "1.0",
            "type": "rich",
            "title": title,
            "provider_name": "CKAN",
            "provider_url": f"{SITE}/",
            "width": 600,
            "height": 320,
        }
        shown = visitor.get(urlsplit(str(frame["src"])).path)
        assert shown.status_code == 200

    @pytest.mark.parametrize(
        ("query", "kept"),
        [
            ("", ""),
            ("/", ""),
            ("?tags=Baum&utm_source=x&page=3", "?tags=Baum"),
            ("/?q=b%C3%A4ume&sort=title_string+asc",) * 2,
            ("/?vocab_help_wanted=care&vocab_help_wanted=content",) * 2,
            ("/?q=title%3A%5B",) * 2,
            ("/?q=bäume&tags=Grün", "?q=b%C3%A4ume&tags=Gr%C3%BCn"),
        ],
    )
    def test_of_the_list(self, query, kept, visitor):
        response = ask(visitor, f"{SITE}/civic_project{query}")
        frame = frame_in(response.json)
        assert frame["src"] == f"{EMBED}{kept.lstrip('/')}"

    def test_by_id(self, visitor, projects):
        url = f"{SITE}/civic_project/{projects['baumblick']['id']}"
        assert ask(visitor, url).json == ask(visitor, PAGE).json

    @pytest.mark.parametrize(
        ("room", "width", "height"),
        [
            ({"maxwidth": "320"}, 320, 320),
            ({"maxheight": "200"}, 600, 200),
            ({"maxwidth": "320", "maxheight": "1"}, 320, 1),
            ({"maxwidth": "5000", "maxheight": "999999"}, 600, 320),
            ({"maxwidth": "0320"}, 320, 320),
            ({"maxwidth": ""}, 600, 320),
        ],
    )
    def test_in_the_room_that_there_is(self, room, width, height, visitor):
        answer = ask(visitor, PAGE, **room).json
        assert (answer["width"], answer["height"]) == (width, height)
        frame = frame_in(answer)
        assert (frame["width"], frame["height"]) == (str(width), str(height))


class TestLanguages:
    @pytest.mark.parametrize("own", ["", "/de"])
    @pytest.mark.parametrize(
        ("path", "embed"), [("/de", "/de"), ("", ""), ("/en", "")]
    )
    def test_that_of_the_address_counts(self, own, path, embed, visitor):
        url = f"{SITE}{path}/civic_project/baumblick"
        response = visitor.get(f"{own}{OEMBED}?url={quote(url, '')}")
        frame = frame_in(response.json)
        assert frame["src"] == f"{SITE}{embed}/civic_project/embed/baumblick"
        of_list = f"{SITE}{path}/civic_project/"
        answer = ask(visitor, of_list).json
        title = "Digitalprojekte" if embed else "Civic projects"
        assert answer["title"] == title

    def test_one_that_isnt_offered(self, visitor):
        url = f"{SITE}/xx/civic_project/baumblick"
        assert ask(visitor, url).status_code == 404

    @pytest.mark.parametrize(
        ("root", "path", "embed"),
        [
            ("/data/{{LANG}}", "/data", "/data"),
            ("/data/{{LANG}}", "/data/de", "/data/de"),
            ("/data/{{LANG}}/portal", "/data/de/portal", "/data/de/portal"),
            ("/data", "/data", "/data"),
        ],
    )
    def test_below_a_root_path(self, root, path, embed, visitor):
        with changed_config("ckan.root_path", root):
            url = f"{SITE}{path}/civic_project/baumblick"
            frame = frame_in(ask(visitor, url).json)
            address = f"{SITE}{embed}/civic_project/embed/baumblick"
            assert frame["src"] == address
            # Without it, it is none of this portal's.
            assert ask(visitor, PAGE).status_code == 404


class TestRefusals:
    @pytest.mark.parametrize(
        "url",
        [
            f"{SITE}/civic_project/geheim",
            f"{SITE}/civic_project/entwurf",
            f"{SITE}/civic_project/weg",
            f"{SITE}/civic_project/nichts",
            f"{SITE}/civic_project/ein-datensatz",
            f"{SITE}/civic_project/new",
            f"{SITE}/civic_project/embed",
            f"{SITE}/civic_project/baumblick/",
            f"{SITE}/civic_project//baumblick",
            f"{SITE}/civic_project/../civic_project/baumblick",
            f"{SITE}/civic_project/%62aumblick",
            f"{SITE}/civic_project%2Fbaumblick",
            f"{SITE}/civic_project/Baumblick",
            f"{SITE}/civic_project/baumblick%00",
            f"{SITE}/civic_projects/baumblick",
            f"{SITE}/dataset/baumblick",
            f"{SITE}/de/de/civic_project/baumblick",
            f"{SITE}/",
            SITE,
            "http://example.org/civic_project/baumblick",
            "http://test.ckan.net.example.org/civic_project/baumblick",
            "http://test.ckan.net:8080/civic_project/baumblick",
            "http://test.ckan.net:80/civic_project/baumblick",
            "http://test.ckan.net:x/civic_project/baumblick",
            "http://kim@test.ckan.net/civic_project/baumblick",
            "http://kim:pw@test.ckan.net/civic_project/baumblick",
            "http://test.ckan.net@example.org/civic_project/baumblick",
            "http://test.ckan.net\\@example.org/civic_project/baumblick",
            "http://tést.ckan.net/civic_project/baumblick",
            "http://ｔest.ckan.net/civic_project/baumblick",
            "http://test.ckan.net./civic_project/baumblick",
            "http://[::1/civic_project/baumblick",
            "//test.ckan.net/civic_project/baumblick",
            "/civic_project/baumblick",
            "ftp://test.ckan.net/civic_project/baumblick",
            "javascript:alert(1)",
            "http://test.ckan.net/civic_project/bäume",
            f"{PAGE}\n",
            f"{PAGE}\x00",
            f"{SITE}/civic_project/?q=a\nb",
            f"{SITE}/civic_project/?q=a b",
            f"{SITE}/civic_project/?q=a\x00",
            f"{PAGE} x",
            f"{SITE}/civic_project/{'x' * 100_000}",
        ],
    )
    @pytest.mark.parametrize("who", ["anonymous", "sysadmin"])
    def test_all_that_isnt_there_is_the_same(self, url, who, shared_app):
        user = factories.Sysadmin()["name"] if who == "sysadmin" else None
        response = ask(Browser(shared_app, user), url)
        if url == f"{PAGE}\n":
            # At the ends, people copy what they don't see.
            assert response.status_code == 200
            return
        if len(url) > 50_000:
            assert response.status_code in {404, 414}
            return
        assert response.status_code == 404
        assert response.json == {
            "error": "There is nothing to show at this address."
        }

    @pytest.mark.parametrize("format_", ["xml", "XML", "jsonp", "json ", ""])
    def test_other_formats(self, format_, visitor):
        assert ask(visitor, PAGE, format=format_).status_code == 501

    @pytest.mark.parametrize(
        "query", ["", "?url=", "?url=%20", "?format=json"]
    )
    def test_no_address(self, query, visitor):
        assert visitor.get(f"{OEMBED}{query}").status_code == 400

    @pytest.mark.parametrize("side", ["maxwidth", "maxheight"])
    @pytest.mark.parametrize(
        "given", ["0", "-1", "x", "1.5", "1e3", "²", "٣٠٠", " 300", "9" * 5000]
    )
    def test_what_is_no_number_of_pixels(self, side, given, visitor):
        response = ask(visitor, PAGE, **{side: given})
        assert response.status_code == 400

    @pytest.mark.parametrize(
        "url",
        [
            "https://test.ckan.net/civic_project/baumblick",
            "http://TEST.ckan.net/civic_project/baumblick",
            f"{PAGE}?utm_source=x",
            f"{PAGE}#help",
            f"{PAGE}#über",
        ],
    )
    def test_what_people_copy_all_the_same(self, url, visitor):
        assert ask(visitor, url).json == ask(visitor, PAGE).json


class TestDiscovery:
    @pytest.mark.parametrize(
        ("path", "source"),
        [
            ("/civic_project/baumblick", f"{EMBED}/baumblick"),
            (
                "/de/civic_project/baumblick?utm_source=x",
                f"{SITE}/de/civic_project/embed/baumblick",
            ),
            ("/civic_project/?tags=Baum&page=1", f"{EMBED}?tags=Baum"),
            (
                "/de/civic_project/?q=%C3%A4%26&sort=name+asc",
                f"{SITE}/de/civic_project/embed?q=%C3%A4%26&sort=name+asc",
            ),
        ],
    )
    def test_pages_lead_there(self, path, source, visitor):
        [link] = html(visitor.get(path)).select(
            "head link[rel=alternate][type='application/json+oembed']"
        )
        parts = urlsplit(str(link["href"]))
        assert dict(parse_qsl(parts.query))["format"] == "json"
        response = visitor.get(f"{parts.path}?{parts.query}")
        assert frame_in(response.json)["src"] == source

    @pytest.mark.parametrize("name", ["geheim", "weg", "entwurf"])
    def test_what_isnt_public_leads_nowhere(self, name, shared_app):
        browser = Browser(shared_app, factories.Sysadmin()["name"])
        page = browser.get(f"/civic_project/{name}")
        assert page.status_code == 200
        assert "oembed" not in page.body

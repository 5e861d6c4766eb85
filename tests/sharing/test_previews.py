"""A link to one of our pages shows what it leads to."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import ckantoolkit as tk
import pytest
from bs4 import BeautifulSoup
from PIL import Image, ImageFont

from ckan import model
from ckan.tests.helpers import call_action
from ckanext.activity.model import Activity
from ckanext.digifarm import config
from ckanext.digifarm.lib import language
from ckanext.digifarm.sharing import drawing, previews
from dev.bench import content, pages
from dev.bench.portal import Portal
from dev.bench.sizes import Sizes

from ..acting import as_portal, as_user
from ..browsing import Browser, html

pytestmark = [
    pytest.mark.ckan_config("ckanext.digifarm.review_organization", "team"),
    pytest.mark.usefixtures("ckan_config", "filled"),
]

FEW = Sizes(projects=8, partners=8, supports=8, tasks=8, events=8, shown=8)

#: Pages for everybody, and those about something that is.
SHARED = {
    "civic_project.read",
    "civic_project.search",
    "digifarm_data_use.read",
    "digifarm_factsheets.read",
    "digifarm_help.index",
    "digifarm_offers.new",
    "digifarm_partners.read",
    "digifarm_partners.search",
    "digifarm_projects.about",
    "digifarm_proposals.new",
    "digifarm_questions.new",
    "digifarm_registrations.new",
    "digifarm_statistics.read",
    "digifarm_statistics.report",
    "digifarm_tasks.take",
}

#: Answers to scripts, and reached by a key.
NO_PAGES = {"candidates", "datasets", "duplicates", "license", "licenses"}
FOR_PROGRAMS = {"digifarm_feeds", "digifarm_oembed"}
BY_KEY = {"offer support, as a partner"}

OUR_PAGES = [
    page
    for page in pages.PAGES
    if page.endpoint.startswith(pages.OURS)
    and page.endpoint.rpartition(".")[2] not in NO_PAGES
    and page.endpoint.partition(".")[0] not in FOR_PROGRAMS
]

ONCE = (
    'meta[name="description"]',
    'link[rel="canonical"]',
    'meta[property="og:title"]',
    'meta[property="og:description"]',
    'meta[property="og:type"]',
    'meta[property="og:url"]',
    'meta[property="og:locale"]',
    'meta[property="og:locale:alternate"]',
    'meta[property="og:site_name"]',
    'meta[property="og:image"]',
    'meta[property="og:image:alt"]',
    'meta[name="twitter:card"]',
    'meta[name="twitter:title"]',
    'meta[name="twitter:description"]',
    'meta[name="twitter:image"]',
    'link[rel="alternate"][hreflang="en"]',
    'link[rel="alternate"][hreflang="de"]',
    'link[rel="alternate"][hreflang="x-default"]',
)

NOINDEX = 'meta[name="robots"][content="noindex"]'


def value(page: BeautifulSoup, selector: str) -> str:
    [tag] = page.select(selector)
    return str(tag.get("content") or tag.get("href") or "")


def named(page: BeautifulSoup, name: str) -> str:
    return value(page, f'meta[property="og:{name}"]')


def canonical(page: BeautifulSoup) -> str:
    return value(page, 'link[rel="canonical"]')


def shows_nothing(page: BeautifulSoup) -> bool:
    """Whether a page has no preview, and wants not to be found."""
    found = page.select(
        'link[rel="canonical"], link[hreflang], meta[name^="twitter:"],'
        ' meta[property^="og:"], meta[name="description"]'
    )
    return not found and len(page.select(NOINDEX)) == 1


@pytest.fixture(scope="module")
def filled(shared_app) -> Portal:
    content.fill(FEW)
    return Portal(shared_app)


@pytest.fixture
def browser(shared_app, filled) -> Browser:
    return Browser(shared_app)


@pytest.fixture(scope="module")
def editor(filled) -> str:
    return "editor"


def new_project(**fields: Any) -> dict[str, Any]:
    return as_portal(
        "package_create",
        **{
            "type": "civic_project",
            "owner_org": "city",
            "title": "Baumblick",
            **fields,
        },
    )


@pytest.mark.parametrize(
    "page", OUR_PAGES, ids=[page.name for page in OUR_PAGES]
)
def test_each_page_shows_what_it_is_or_nothing(page, filled):
    found = BeautifulSoup(filled.read(page), "html.parser")
    if page.endpoint not in SHARED or page.name in BY_KEY:
        assert shows_nothing(found)
        return
    assert found.select(NOINDEX) == []
    for selector in ONCE:
        assert value(found, selector), selector
    site = tk.config["ckan.site_url"]
    for selector in (
        'link[rel="canonical"]',
        "link[hreflang]",
        'meta[property="og:url"]',
        'meta[property="og:image"]',
    ):
        for tag in found.select(selector):
            address = str(tag.get("content") or tag.get("href"))
            assert address.startswith(f"{site}/"), selector
    assert canonical(found) == named(found, "url")


def test_all_that_is_shared_is_tried():
    tried = {page.endpoint for page in OUR_PAGES}
    assert tried >= SHARED
    assert previews.PAGES.keys() - tried == {"digifarm_checks.about"}


def test_what_the_benchmark_leaves_out_shows_what_it_is(browser):
    page = html(browser.get("/civic_project/checks"))
    assert named(page, "title") == "How we look at addresses"


@pytest.mark.parametrize(("spoken", "prefix"), [("en", ""), ("de", "/de")])
def test_each_language_has_an_address_of_its_own(spoken, prefix, browser):
    page = html(browser.get(f"{prefix}/civic_project/about"))
    site = tk.config["ckan.site_url"]
    plain = f"{site}/civic_project/about"
    german = f"{site}/de/civic_project/about"
    own = {"en": plain, "de": german}
    assert canonical(page) == own[spoken]
    # CKAN has many more; in them pages are in English.
    assert alternates(page) == {**own, "x-default": plain}


def alternates(page: Any) -> dict[str, str]:
    """The addresses of a page by language."""
    return {
        tag["hreflang"]: tag["href"] for tag in page.select("link[hreflang]")
    }


@pytest.mark.parametrize(
    ("spoken", "own"), [("fr", ""), ("pt_BR", ""), ("de", "/de")]
)
def test_where_there_are_no_words_it_is_the_page_that_has_them(
    spoken, own, browser
):
    page = html(browser.get(f"/{spoken}/civic_project/about"))
    site = tk.config["ckan.site_url"]
    assert canonical(page) == f"{site}{own}/civic_project/about"


@pytest.mark.parametrize(
    ("spoken", "here", "elsewhere"),
    [
        ("en", "en_US", ["de_DE"]),
        ("de", "de_DE", ["en_US"]),
        # Its words are English.
        ("pt_BR", "en_US", ["de_DE"]),
    ],
)
def test_it_says_in_which_language_it_is(spoken, here, elsewhere, browser):
    page = html(browser.get(f"/{spoken}/civic_project/about"))
    assert named(page, "locale") == here
    others = page.select('meta[property="og:locale:alternate"]')
    assert [other["content"] for other in others] == elsewhere


@pytest.mark.parametrize(
    ("spoken", "name"),
    [
        ("de_AT", "de_AT"),
        ("sr_Latn", "sr_RS"),
        ("zh_Hant_TW", "zh_TW"),
        ("sr@latin", "sr_RS"),
    ],
)
def test_names_of_languages_with_a_country(spoken, name):
    assert language.with_country(spoken) == name


@pytest.mark.parametrize(
    ("offered", "own", "named"),
    [
        (["de"], "de", ["de"]),
        (["de", "fr"], "de", ["de"]),
        (["fr", "en"], "fr", ["en", "fr"]),
        (["de_AT", "en_GB"], "de_AT", ["de_AT", "en_GB"]),
        (["en", "sr_Latn", "de"], "en", ["de", "en"]),
    ],
)
def test_languages_are_those_of_the_portal_that_it_has_words_in(
    offered, own, named, monkeypatch
):
    monkeypatch.setattr(config, "default_language", lambda: own)
    locales = [SimpleNamespace(short_name=name) for name in offered]
    monkeypatch.setitem(tk.h, "get_available_locales", lambda: locales)
    assert language.of_pages() == named


def test_with_one_language_there_is_no_other_address(browser, monkeypatch):
    monkeypatch.setattr(language, "of_pages", lambda: ["en"])
    page = html(browser.get("/civic_project/about"))
    assert alternates(page) == {}
    assert (
        canonical(page) == f"{tk.config['ckan.site_url']}/civic_project/about"
    )


def test_the_default_language_has_one_address(browser):
    page = html(browser.get("/en/civic_project/about"))
    assert (
        canonical(page) == f"{tk.config['ckan.site_url']}/civic_project/about"
    )


@pytest.mark.ckan_config("ckan.root_path", "/daten/{{LANG}}")
def test_a_path_of_the_portal_is_part_of_addresses(browser, ckan_config):
    page = html(browser.get("/civic_project/about"))
    site = tk.config["ckan.site_url"]
    assert canonical(page) == f"{site}/daten/civic_project/about"
    german = value(page, 'link[hreflang="de"]')
    assert german == f"{site}/daten/de/civic_project/about"


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("", ""),
        ("q=baum", "q=baum"),
        ("utm_source=mail&q=baum&sort=title_string+asc", "q=baum"),
        ("vocab_stage=live&q=&page=1", "vocab_stage=live"),
        ("page=1&q=baum", "q=baum"),
        ("q=baum&q=strauch&page=2&page=3", "page=2&q=baum"),
        ("page=01&q=+baum+", "q=baum"),
        ("page=+02", "page=2"),
        ("_vocab_stage_limit=0&ext_x=y", ""),
        (
            "vocab_help_wanted=technology&vocab_help_wanted=care",
            "vocab_help_wanted=care&vocab_help_wanted=technology",
        ),
    ],
)
def test_the_list_keeps_its_filters_and_nothing_else(asked, kept, browser):
    page = html(browser.get(f"/civic_project/?{asked}"))
    assert urlsplit(canonical(page)).query == kept


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/civic_project/project-1?links=2&utm_source=mail", ""),
        ("/civic_project/propose?title=Baum", ""),
        ("/civic_project/help-wanted?area=care&x=y", "area=care"),
        ("/civic_project/help-wanted?area=care&area=content", "area=care"),
        ("/civic_project/help-wanted?area=+care&view=help", "area=care"),
        ("/civic_project/help-wanted?view=tasks&page=01", "view=tasks"),
        ("/partner/?kind=company&q=green", "kind=company&q=green"),
        ("/civic_project/statistics?step=year&x=y", "step=year"),
        ("/organization/data-use/city?used=true&sort=title", "used=true"),
    ],
)
def test_pages_keep_what_makes_them_others(path, kept, browser):
    page = html(browser.get(path))
    assert urlsplit(canonical(page)).query == kept


@pytest.mark.parametrize("kind", ["civic_project", "partner"])
def test_an_id_in_the_address_becomes_the_name(kind, browser):
    action = {
        "civic_project": "package_show",
        "partner": "digifarm_partner_show",
    }[kind]
    name = {"civic_project": "project-1", "partner": "partner-1"}[kind]
    found = call_action(action, id=name)
    page = html(browser.get(f"/{kind}/{found['id']}"))
    assert urlsplit(canonical(page)).path == f"/{kind}/{name}"


def test_a_project_is_shown_with_its_words(browser):
    project = new_project(
        title="Bäume & <Größen>",
        summary='Sagt "alles" über Bäume',
        image_url=f"{tk.config['ckan.site_url']}/base/images/ckan-logo.png",
        image_alt="Ein Baum",
    )
    page = html(browser.get(f"/civic_project/{project['name']}"))
    assert named(page, "title") == "Bäume & <Größen>"
    assert named(page, "description") == 'Sagt "alles" über Bäume'
    assert named(page, "image") == project["image_url"]
    assert named(page, "image:alt") == "Ein Baum"
    assert named(page, "site_name") == tk.config["ckan.site_title"]


@pytest.mark.parametrize(
    ("fields", "description"),
    [
        ({"public_value": "Alle finden Schatten."}, "Alle finden Schatten."),
        (
            {"notes": "**Fett** und [mehr](https://example.org)"},
            "Fett und mehr",
        ),
        ({}, "A civic project: open-source software for the city"),
    ],
)
def test_a_project_without_a_summary_says_what_else_it_has(
    fields, description, browser
):
    project = new_project(**fields)
    page = html(browser.get(f"/civic_project/{project['name']}"))
    assert named(page, "description") == description


def test_long_descriptions_are_cut_between_words(browser):
    project = new_project(notes="Ein langer Text über Bäume. " * 50)
    page = html(browser.get(f"/civic_project/{project['name']}"))
    words = named(page, "description")
    assert len(words) <= 200
    assert words.rpartition(" ")[2] in {
        *("Ein…", "langer…", "Text…", "über…", "Bäume…"),
    }


@pytest.mark.parametrize("path", ["read", "offer", "ask"])
def test_what_is_private_shows_nothing(path, browser, shared_app, editor):
    project = new_project(private=True, help_wanted=["care"], stage="live")
    start = {
        "read": "",
        "offer": "support/offer/",
        "ask": "questions/ask/",
    }[path]
    inside = Browser(shared_app, editor)
    address = f"/civic_project/{start}{project['name']}"
    response = inside.get(address)
    if path == "ask" and response.status_code == 404:
        address = f"/civic_project/question/ask/{project['name']}"
        response = inside.get(address)
    assert response.status_code == 200, address
    assert shows_nothing(html(response))
    assert shows_nothing(html(browser.get(address)))


def test_a_task_of_a_private_project_shows_nothing(shared_app, editor):
    project = new_project(private=True, stage="live")
    task = as_portal(
        "digifarm_task_create", project=project["id"], title="Geheim"
    )
    inside = Browser(shared_app, editor)
    address = f"/civic_project/tasks/take/{task['id']}"
    assert shows_nothing(html(inside.get(address)))
    as_portal("package_patch", id=project["id"], private=False)
    assert named(html(inside.get(address)), "title") == "Geheim"


def test_what_is_deleted_shows_nothing(shared_app, editor):
    project = new_project()
    as_portal("package_delete", id=project["id"])
    page = Browser(shared_app, editor).get(f"/civic_project/{project['name']}")
    assert page.status_code == 200
    assert shows_nothing(html(page))


def test_old_versions_show_nothing(shared_app, editor):
    project = as_user(
        editor,
        "package_create",
        type="civic_project",
        title="Alt",
        owner_org="city",
    )
    activity = (
        model.Session.query(Activity).filter_by(object_id=project["id"]).one()
    )
    page = Browser(shared_app, editor).get(
        f"/dataset/{project['name']}/history/{activity.id}"
    )
    assert page.status_code == 200
    assert "old version" in page.body
    assert shows_nothing(html(page))


def test_there_is_no_such_page(browser):
    page = browser.get("/civic_project/there-is-none")
    assert page.status_code == 404
    assert shows_nothing(html(page))


def test_a_form_that_comes_back_shows_nothing(browser):
    form = browser.form("/civic_project/propose")
    page = browser.send(form)
    assert shows_nothing(html(page))


def test_pages_of_core_stay_as_they_are(browser):
    for path in ("/dataset/", "/dataset/dataset-1", "/organization/city", "/"):
        page = html(browser.get(path))
        assert page.select('link[rel="canonical"], link[hreflang]') == []
        assert page.select(f'{NOINDEX}, meta[name^="twitter:"]') == []
    dataset = html(browser.get("/dataset/dataset-1"))
    assert len(dataset.select('meta[property="og:title"]')) == 1


class TestDrawnPictures:
    """The picture of a page that has none."""

    @pytest.fixture
    def address(self, browser) -> str:
        page = html(browser.get("/civic_project/about"))
        return named(page, "image").removeprefix(tk.config["ckan.site_url"])

    def test_it_is_drawn_with_the_title(self, address, browser):
        assert parse_qs(urlsplit(address).query) == {
            "title": ["How it works – Civic projects"]
        }
        response = browser.get(address)
        assert response.mimetype == "image/png"
        with Image.open(io.BytesIO(response.data)) as image:
            assert image.size == (1200, 630)
        assert len(response.data) < 100_000

    def test_whoever_has_it_gets_it_no_second_time(
        self, address, browser, monkeypatch
    ):
        first = browser.get(address)
        assert "public" in first.headers["Cache-Control"]
        monkeypatch.setattr(drawing, "draw", pytest.fail)
        again = browser.get(
            address, headers={"If-None-Match": first.headers["ETag"]}
        )
        assert again.status_code == 304
        assert again.data == b""

    def test_other_words_are_not_drawn(self, address, browser, monkeypatch):
        monkeypatch.setattr(drawing, "draw", pytest.fail)
        for other in (
            address.replace("works", "fails"),
            address.partition("?")[0],
            "/civic_project/preview/x.png?title=x",
            "/civic_project/preview/%C3%A4.png?title=%00",
        ):
            assert browser.get(other).status_code == 404

    def test_no_cookie_comes_with_it(self, address, browser):
        answer = browser.stranger().get(address)
        assert "Set-Cookie" not in answer.headers

    @pytest.mark.parametrize(
        "title",
        [
            "",
            "x",
            "🌳",
            "W" * 500,
            "ä" * 120,
            "Zażółć gęślą jaźń",
            "Wo ist der nächste Bücherschrank? " * 9,
            "中文 عربى हिन्दी",
            "\ud800 \x00",
        ],
    )
    def test_any_title_can_be_drawn(self, title):
        line = drawing.title_of(title)
        assert len(line) <= drawing.LONGEST
        assert drawing.draw(line, title, title).startswith(b"\x89PNG")

    def test_all_that_stands_on_it_has_room(self):
        for words in ("W" * 500, "Bücherschrank " * 30, "a " * 60):
            font, lines = drawing._fit(drawing.title_of(words))
            height = len(lines) * font.size * drawing.LEADING
            assert height <= drawing.BOX_HEIGHT
            for line in lines:
                assert font.getlength(line) <= drawing.BOX_WIDTH

    def test_the_font_has_what_is_written_with_it(self):
        font = ImageFont.truetype(str(drawing.FONT), 40)
        missing = bytes(font.getmask("\U0010ffff"))
        lacking = [
            character
            for character in map(chr, range(0x21, 0x2300))
            if drawing.DRAWN.fullmatch(character)
            and character.isprintable()
            and bytes(font.getmask(character)) == missing
        ]
        assert lacking == []
        german = "äöüßÄÖÜẞ„“‚‘–…€"
        assert drawing.written(german) == german

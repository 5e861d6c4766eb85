"""Whatever strangers write, all pages answer in time and load none of it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from sqlalchemy.dialects.postgresql import JSONB

from ckan import model
from ckan.lib import search
from ckan.tests.helpers import changed_config
from dev.bench import content, pages
from dev.bench.portal import Portal
from dev.bench.sizes import Sizes

OPTION = "ckanext.digifarm.review_organization"

pytestmark = [
    pytest.mark.ckan_config(OPTION, "team"),
    # How long whole pages take is compared.
    pytest.mark.usefixtures("whole_header"),
]

SIZES = Sizes(projects=8, partners=8, supports=8, tasks=8, events=8, shown=8)

#: The fields with Markdown: of a project in columns and in extras.
EXTRAS = (
    "further_information",
    "deployment",
    "other_data",
    "content_help",
    "care_help",
)

#: No more times as long; CKAN's own Markdown takes minutes for them.
SLOWER = 10

STRANGER = "tracker.example"

BOMBS = ["`" * 4000, "[" * 4000, "1. " * 1300, "<b>*_" * 800]

PIXELS = (
    f"# Groß\n\n![x](http://{STRANGER}/a.gif)\n\n"
    f'<img src="//{STRANGER}/b.gif" srcset="//{STRANGER}/c.gif 2x">'
    f'<video src="//{STRANGER}/d.mp4" poster="//{STRANGER}/e.gif"></video>'
    f'<p style="background:url(//{STRANGER}/f.gif)">x</p>'
    f"<link rel=stylesheet href=//{STRANGER}/g.css>"
    f"<svg><image href=//{STRANGER}/h.gif></svg>"
)


PROJECTS = sa.text(
    "UPDATE package SET notes = :text, extras = extras || :extras"
    " WHERE type = 'civic_project'"
).bindparams(sa.bindparam("extras", type_=JSONB))

OTHERS = (
    "UPDATE digifarm_partner SET description = :text",
    "UPDATE digifarm_task SET description = :text",
    "UPDATE digifarm_support SET message = :text",
)


def write(text: str) -> None:
    """Let every text of all projects, partners and tasks be the same."""
    extras = dict.fromkeys(EXTRAS, text)
    model.Session.execute(PROJECTS, {"text": text, "extras": extras})
    for statement in OTHERS:
        model.Session.execute(sa.text(statement), {"text": text})
    model.Session.commit()
    search.rebuild(quiet=True)
    model.Session.remove()


@pytest.fixture(scope="module")
def portal(shared_app):
    with changed_config(OPTION, "team"):
        content.fill(SIZES)
        yield Portal(shared_app)


@pytest.fixture(scope="module")
def usual(portal) -> dict[str, float]:
    """How long each page takes, in seconds."""
    write("Ein Satz. " * 400)
    for page in pages.PAGES:
        portal.visit(page)
    return {page.name: portal.visit(page).seconds for page in pages.PAGES}


@pytest.mark.parametrize("bomb", BOMBS, ids=lambda bomb: bomb[:5])
def test_no_page_takes_long(bomb, portal, usual):
    write(bomb)
    slow = {
        page.name: round(seconds, 1)
        for page in pages.PAGES
        if (seconds := portal.visit(page).seconds) > SLOWER * usual[page.name]
    }

    assert slow == {}


def test_nothing_is_loaded_from_strangers(portal):
    write(PIXELS)
    seen = 0
    for page in pages.PAGES:
        text = portal.read(page)
        is_feed = text.startswith("<?xml")
        shown = BeautifulSoup(text, "xml" if is_feed else "html.parser")
        for tag in shown.find_all(True):
            if tag.name == "a":
                seen += STRANGER in tag.get("href", "")
                continue
            if tag.name in {"input", "meta"}:
                continue
            said = " ".join(str(value) for value in tag.attrs.values())
            assert STRANGER not in said, f"{page.name}: {tag}"
        titles = " ".join(tag.get_text() for tag in shown.find_all("h1"))
        assert "Groß" not in titles, page.name
    assert seen > 0

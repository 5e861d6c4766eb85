"""Portals in a dialect, and in a language without words of ours."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ckantoolkit as tk
import pytest
import yaml

import ckanext.digifarm
from ckan import plugins
from ckan.lib import i18n
from ckan.tests import factories, helpers
from ckanext.digifarm.lib.language import (
    Words,
    closest,
    in_all_languages,
    known,
)
from ckanext.digifarm.projects import fields

from .acting import as_user, organization_of
from .browsing import Browser, html, text_of
from .outbox import waiting_mails

EXTENSION = Path(ckanext.digifarm.__path__[0])

#: The portal's own language, and the one in which our words are there.
PORTALS = {"en_GB": "en", "fr": "en", "de_AT": "de", "de": "de"}

#: What core remembers of the languages of a portal.
CACHES = (
    "available_locales",
    "locales",
    "locales_dict",
    "_non_translated_locals",
)

OFFER: dict[str, Any] = {
    "area": "technology",
    "scope": "A server",
    "contact_name": "Kim",
    "contact_email": "kim@example.org",
    "consent": True,
}


def words(node: Any) -> Iterator[dict[str, str]]:
    """All words of a schema file that people can't mistake in a page."""
    if isinstance(node, dict) and {*node} == {"en", "de"}:
        if node["en"] != node["de"] and min(map(len, node.values())) > 11:
            yield node
    elif isinstance(node, dict | list):
        for part in node.values() if isinstance(node, dict) else node:
            yield from words(part)


WORDS = [
    found
    for name in ("civic_project.yaml", "partner.yaml")
    for found in words(yaml.safe_load((EXTENSION / name).read_text("utf-8")))
]


@pytest.fixture(scope="module", params=PORTALS)
def portal_options(request, tmp_path_factory) -> dict[str, Any]:
    """The configuration of a portal in a language."""
    folder = tmp_path_factory.mktemp("languages") / "i18n"
    # Core comes without Austrian German.
    core = Path(i18n.get_ckan_i18n_dir())
    shutil.copytree(core, folder, ignore=shutil.ignore_patterns("*.po*"))
    shutil.copytree(folder / "de", folder / "de_AT")
    return {
        "ckan.locale_default": request.param,
        "ckan.locales_offered": [*PORTALS, "en"],
        "ckan.i18n_directory": str(folder),
        "ckanext.digifarm.review_organization": "reviewers",
    }


@pytest.fixture(scope="module")
def made(portal_options, empty_db, reset_index) -> Iterator[Any]:
    """Its web application, and a project with a word of each kind."""
    with pytest.MonkeyPatch.context() as patch:
        for name in CACHES:
            patch.setattr(i18n, name, None)
        for option, value in portal_options.items():
            patch.setitem(tk.config, option, value)
        app = helpers._get_test_app()
        empty_db()
        reset_index()
        factories.Organization(name="reviewers")
        yield app, project()
    plugins.unload_all()


@pytest.fixture
def portal(made, portal_options, monkeypatch) -> Any:
    """Its web application; CKAN takes options back before each test."""
    for option, value in portal_options.items():
        monkeypatch.setitem(tk.config, option, value)
    return made[0]


@pytest.fixture
def own(portal) -> str:
    """The language that its pages must have."""
    return PORTALS[tk.config["ckan.locale_default"]]


def project() -> dict[str, Any]:
    return factories.Dataset(
        type="civic_project",
        title="Baumblick",
        summary="Shows trees",
        help_wanted=["technology", "content"],
        stage="live",
        complexity="very_high",
        owner_org=organization_of(),
    )


def check(text: str, own: str) -> None:
    """No word of the other language, and some of the right one."""
    other = {"de": "en", "en": "de"}[own]
    wrong = {found[other] for found in WORDS if found[other] in text}
    assert wrong == set()
    assert any(found[own] in text for found in WORDS)


@pytest.mark.parametrize(
    "page",
    [
        "/civic_project/",
        "/civic_project/{name}",
        "/civic_project/propose",
        "/civic_project/help-wanted",
        "/civic_project/support/offer/{name}",
        "/partner/register",
        "/civic_project/new",
        "/civic_project/edit/{name}",
    ],
)
def test_pages_speak_one_language(page, portal, own, made):
    browser = Browser(portal, factories.Sysadmin()["id"])

    response = browser.get(page.format(**made[1]), follow_redirects=True)

    assert response.status_code == 200
    check(text_of(html(response)), own)


def test_our_own_words_are_those_of_the_language_of_a_dialect(portal, own):
    page = html(portal.get("/civic_project/about"))

    heading = {"de": "So funktioniert’s", "en": "How it works"}[own]
    assert text_of(page.h1) == heading
    language = tk.config["ckan.locale_default"].replace("_", "-")
    assert page.html["lang"] == language


def test_mails_speak_the_language_too(portal, own, made):
    user = factories.User()
    offer = {**OFFER, "project": made[1]["id"], "contact_email": user["email"]}
    as_user(user["name"], "digifarm_support_offer", **offer)
    [mail] = waiting_mails(user["email"])

    areas = fields.choices("help_wanted")
    [area] = [one["label"] for one in areas if one["value"] == "technology"]
    assert area[own] in mail.body
    hello = {"de": "Guten Tag", "en": "Hello"}[own]
    assert hello in mail.body


def test_a_mail_to_who_wrote_in_a_dialect_speaks_its_language(portal):
    assert known("de_CH") == "de"
    assert known("nl") == tk.config["ckan.locale_default"]


@pytest.mark.parametrize(
    ("wanted", "given", "found"),
    [
        ("de", ["de", "en"], "de"),
        ("de_AT", ["de", "en"], "de"),
        ("de_AT", ["de", "de_AT", "en"], "de_AT"),
        ("sr@latin", ["en", "sr"], "sr"),
        ("pt", ["de", "en", "pt_BR"], "pt_BR"),
        ("en_GB", ["de", "en"], "en"),
        ("fr", ["de", "en"], "en"),
        ("fr", ["de", "en_GB"], "en_GB"),
        ("fr", ["da", "de"], "da"),
    ],
)
def test_each_language_has_one_that_stands_in(wanted, given, found):
    assert closest(wanted, given) == found


def test_without_english_the_portals_own_language_stands_in():
    with helpers.changed_config("ckan.locale_default", "de"):
        assert closest("fr", ["da", "de"]) == "de"


def test_words_answer_in_each_language_and_nothing_else_does():
    said = {
        "label": {"en": "Tree", "de": "Baum"},
        "attributes": {"class": "x"},
    }

    copy = in_all_languages({"fields": [said], "name": "tree"})

    assert copy == {"fields": [said], "name": "tree"}
    [field] = copy["fields"]
    assert field["label"]["fr"] == "Tree"
    assert field["label"]["de_CH"] == "Baum"
    assert isinstance(field["label"], Words)
    assert not isinstance(field["attributes"], Words)

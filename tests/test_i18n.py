"""English and German are complete, and what is committed fits together."""

from __future__ import annotations

import gettext
import re
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from babel.messages import Catalog, Message
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

from ckan.lib.i18n import get_ckan_i18n_dir
from dev.paths import ROOT

from .browsing import html, text_of

EXTENSION = ROOT / "ckanext/digifarm"
TEMPLATE = EXTENSION / "i18n/ckanext-digifarm.pot"
GERMAN = EXTENSION / "i18n/de/LC_MESSAGES/ckanext-digifarm.po"

PLACEHOLDER = re.compile(r"\{\w*\}|%\(\w+\)\w|%\w")


def _read(path: Path, locale: str | None = None) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def _messages(catalog: Catalog) -> list[Message]:
    """All messages but the header."""
    return [message for message in catalog if message.id]


def _forms(text: str | tuple[str, ...]) -> tuple[str, ...]:
    """Singular and plural of a message, or the only form that it has."""
    return (text,) if isinstance(text, str) else tuple(text)


def _placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def test_the_template_holds_the_messages_of_the_source(tmp_path):
    extracted = tmp_path / "extracted.pot"
    subprocess.run(
        [sys.executable, "setup.py", "extract_messages", "-o", extracted],
        cwd=ROOT,
        check=True,
    )

    in_source = {message.id for message in _messages(_read(extracted))}
    in_template = {message.id for message in _messages(_read(TEMPLATE))}

    assert in_source - in_template == set(), "missing: extract_messages"
    assert in_template - in_source == set(), "stale: extract_messages"


def test_every_file_that_speaks_is_searched_for_messages():
    call = re.compile(r"\bu?n?(gettext|_)\(\s*['\"]|\{% trans")
    searched = {
        ROOT / file
        for message in _messages(_read(TEMPLATE))
        for file, _ in message.locations
    }

    speaking = {
        file
        for pattern in ("*.html", "*.txt")
        for file in (EXTENSION / "templates").rglob(pattern)
        if call.search(file.read_text("utf-8"))
    }

    assert speaking
    assert speaking - searched == set(), "setup.py: message_extractors"


def test_german_has_the_messages_of_the_template():
    german = {message.id for message in _messages(_read(GERMAN, "de"))}
    template = {message.id for message in _messages(_read(TEMPLATE))}

    assert german == template, "run update_catalog"


def test_german_leaves_nothing_untranslated():
    catalog = _read(GERMAN, "de")

    unfinished = [
        message.id
        for message in _messages(catalog)
        if message.fuzzy
        or not all(form.strip() for form in _forms(message.string))
    ]

    assert unfinished == []
    assert not catalog.fuzzy


def test_german_has_all_plural_forms():
    catalog = _read(GERMAN, "de")

    assert catalog.num_plurals == 2
    for message in _messages(catalog):
        expected = catalog.num_plurals if message.pluralizable else 1
        assert len(_forms(message.string)) == expected, message.id


def test_german_keeps_the_placeholders():
    for message in _messages(_read(GERMAN, "de")):
        english, german = _forms(message.id), _forms(message.string)
        # A singular may spell the number out: "A project uses …".
        assert _placeholders(german[-1]) == _placeholders(english[-1])
        assert _placeholders(german[0]) <= _placeholders(english[-1])
        assert _placeholders(german[0]) >= _placeholders(english[0])


def test_the_compiled_catalogue_is_up_to_date():
    compiled = BytesIO()
    write_mo(compiled, _read(GERMAN, "de"))
    compiled.seek(0)

    with GERMAN.with_suffix(".mo").open("rb") as file:
        assert _compiled(file) == _compiled(compiled), "run compile_catalog"


def _compiled(file: Any) -> dict[Any, str]:
    # The header says which version of Babel wrote it.
    messages = gettext.GNUTranslations(file)._catalog
    return {key: text for key, text in messages.items() if key}


def test_words_of_core_keep_their_translation():
    """A portal makes one catalogue of all: ours would change its pages."""
    with Path(get_ckan_i18n_dir(), "de/LC_MESSAGES/ckan.mo").open("rb") as mo:
        core = read_mo(mo)

    changed = {
        message.id: (message.string, core[message.id].string)
        for message in _messages(_read(GERMAN, "de"))
        if message.id in core and message.string != core[message.id].string
    }

    assert changed == {}


def _words(node: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """All labels and help texts of a schema file, with their place in it."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from _words(item, f"{place}[{index}]")
    elif isinstance(node, dict):
        for key, value in node.items():
            if key in {"label", "help_text"}:
                yield f"{place}.{key}", value
            else:
                yield from _words(value, f"{place}.{key}")


SCHEMA = yaml.safe_load((EXTENSION / "civic_project.yaml").read_text("utf-8"))


@pytest.mark.parametrize(("place", "words"), [*_words(SCHEMA)])
def test_the_schema_file_speaks_both_languages(place, words):
    assert words.keys() == {"en", "de"}
    assert all(text.strip() for text in words.values())


def test_every_choice_of_the_schema_file_has_a_label():
    fields = SCHEMA["dataset_fields"]

    assert all("label" in field for field in fields)
    assert all("label" in c for f in fields for c in f.get("choices", []))


@pytest.mark.parametrize(
    ("address", "heading"),
    [
        ("/en/civic_project/about", "How it works"),
        ("/de/civic_project/about", "So funktioniert’s"),
        ("/en/civic_project", "Civic projects"),
        ("/de/civic_project", "Digitalprojekte"),
    ],
)
def test_pages_speak_the_language_of_the_address(shared_app, address, heading):
    page = html(shared_app.get(address))

    assert page.html["lang"] == address[1:3]
    assert text_of(page.h1) == heading

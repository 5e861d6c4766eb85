"""Addresses and names are found however they are written, and no others."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from ckan import model
from ckanext.digifarm.lib import words

ADDRESS = words.of_address("Kim+Wald_P@Example.org")
NAME = words.of_name("Kim  Müller-Groß")


@pytest.mark.parametrize(
    "text",
    [
        "kim+wald_p@example.org",
        "An KIM+WALD_P@example.ORG.",
        "<kim+wald_p@example.org>",
        "kim+wald_p@example.org.Danke",
        "mailto:kim%2Bwald_p%40example.org",
        "%3ckim%2bwald%5fp%40example%2eorg%3e",
        "kim&#43;wald_p&#64;example.org",
        r"Zeile\nkim+wald_p@example.org",
        r"kim\u002bwald_p@example.org",
    ],
)
def test_an_address_is_found(text):
    assert ADDRESS.are_in(text)
    assert ADDRESS.are_in({"a": ["b", {"c": text}]})
    assert not ADDRESS.are_in(ADDRESS.covered(text))


@pytest.mark.parametrize(
    "text",
    [
        "akim+wald_p@example.org",
        "a.kim+wald_p@example.org",
        "kim+wald_p@example.org.uk",
        "kim+wald_p@example.organic",
        "kim+wald_p@example-org",
        "kim wald_p@example.org",
        "",
    ],
)
def test_those_of_others_are_not(text):
    assert not ADDRESS.are_in(text)
    assert ADDRESS.covered(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "KIM MÜLLER-GROSS",
        "kim\nmüller-groß",
        "Kim%20M%C3%BCller-Gro%C3%9F",
        "Kim+M%c3%bcller-Gro%c3%9f",
        r"Kim M\u00fcller-Gro\u00df",
        "Kim M&uuml;ller-Gro&szlig;",
        "Kim Mu\u0308ller-Groß",
    ],
)
def test_a_name_is_found(text):
    assert NAME.are_in(text)


@pytest.mark.parametrize(
    "text", ["Akim Müller-Groß", "Kim Müller-Großmann", "Müller-Groß, Kim"]
)
def test_a_part_of_another_name_is_not(text):
    assert not NAME.are_in(text)


def test_fields_are_emptied_and_texts_are_covered():
    email = "kim+wald_p@example.org"
    said = {
        "contact_email": f" {email} ",
        "title": email,
        "notes": f"An {email}!",
        "number": 3,
        "more": [email, None],
    }
    assert ADDRESS.covered(said) == {
        "contact_email": "",
        "title": "…",
        "notes": "An …!",
        "number": 3,
        "more": ["…", None],
    }


@pytest.mark.parametrize(
    ("email", "expected"),
    [
        (" Kim@Example.org ", ["kim@example.org"]),
        ("kim@Müller.de", ["kim@müller.de", "kim@xn--mller-kva.de"]),
        ("kim@xn--mller-kva.de", ["kim@müller.de", "kim@xn--mller-kva.de"]),
        ("", []),
        (" ", []),
        ("_", []),
        ("@", []),
        ("@example.org", []),
        ("kim@", []),
        (".*", []),
    ],
)
def test_domains_are_spelt_in_two_ways(email, expected):
    assert sorted(words.spellings(email)) == sorted(expected)


@pytest.mark.parametrize(
    ("value", "left"),
    [
        ("design", "design"),
        (["design", "code"], ["design", "code"]),
        ('["design", "code"]', '["design", "code"]'),
        ("2025-01-02-design.jpg", "2025-01-02-design.jpg"),
        ("https://example.org/design/", "https://example.org/design/"),
        ("Ein Text von Design.", "Ein Text von …."),
        ('["Von Design", "design"]', '["Von \\u2026", "design"]'),
        ({"person": "Design"}, {"person": ""}),
    ],
)
def test_choices_and_files_are_not_called_like_people(value, left):
    assert words.of_name("Design").covered(value) == left


def test_a_single_word_is_taken_out_of_what_somebody_has_written():
    assert words.of_name("Kim").taken_out_of("Kim") == "…"


def test_names_with_quotation_marks_are_found_in_rows(shared_app):
    name = words.of_name('Hans "Hansi" Wald')
    row = sa.text("SELECT CAST(ROW(CAST(:value AS text)) AS text) ~* :name")
    for value in ('Hans "Hansi" Wald', '{"a": "von Hans \\"Hansi\\" Wald"}'):
        values = {"value": value, "name": name.sql}
        assert model.Session.scalar(row, values)
    assert name.are_in('Von Hans "Hansi" Wald')
    assert not name.are_in("Hans Wald")

"""Tables that other programs open run nothing."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.digifarm.lib.spreadsheets import (
    as_csv,
    csv_lines,
    defused,
    restored,
    separator,
)


def read(text: str) -> list[list[str]]:
    return [*csv.reader(io.StringIO(text, newline=""))]


@pytest.mark.parametrize(
    "start",
    [
        "=",
        "+",
        "-",
        "@",
        "\t",
        "\r",
        " =",
        "\u00a0@",
        "\u200b+",
        "＝",
        "－",
        "'=",
    ],
)
def test_a_formula_is_text(start):
    assert read(as_csv(["a"], [[f"{start}1+1"]])) == [["a"], [f"'{start}1+1"]]


@pytest.mark.parametrize(
    "text",
    ["Bäume", 'a "b", c', "two\nlines", "1-1", "a=b", "", "it's", "'quoted'"],
)
def test_other_texts_stay_as_they_are(text):
    assert read(as_csv(["a", "b"], [[text, 1]])) == [["a", "b"], [text, "1"]]


def test_numbers_are_no_formulas_and_nothing_is_empty():
    rows = read(as_csv(["a", "b", "c"], [[-1, None, False]]))
    assert rows[1] == ["-1", "", "False"]


@pytest.mark.parametrize(
    ("language", "mark"),
    [
        ("de", ";"),
        ("de_AT", ";"),
        ("fr", ";"),
        ("pt_BR", ";"),
        ("sr@latin", ";"),
        ("en", ","),
        ("ja", ","),
    ],
)
def test_what_excel_expects_between_columns(language, mark):
    assert separator(language) == mark
    lines = csv_lines(["a", "b"], [["=1", None]], language)
    assert "".join(lines) == f"\ufeffa{mark}b\r\n'=1{mark}\r\n"


def test_no_byte_order_mark():
    assert as_csv(["name"], []).encode("utf-8") == b"name\r\n"


@given(st.text(st.sampled_from("'=+-@\t\r\n \u200b＝a")))
def test_each_text_is_read_back_as_it_was(text):
    assert restored(defused(text)) == text


def test_what_others_have_defused_is_read_as_well():
    assert restored("'=1") == "=1"
    assert restored("'tis") == "'tis"

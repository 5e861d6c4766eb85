"""Tables that other programs open run nothing."""

from __future__ import annotations

import csv
import io

import pytest

from ckanext.digifarm.lib.spreadsheets import as_csv


def read(text: str) -> list[list[str]]:
    return [*csv.reader(io.StringIO(text, newline=""))]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_formula_is_text(start):
    assert read(as_csv(["a"], [[f"{start}1+1"]])) == [["a"], [f"'{start}1+1"]]


@pytest.mark.parametrize(
    "text", ["Bäume", 'a "b", c', "two\nlines", "1-1", "a=b", "", " =1"]
)
def test_other_texts_stay_as_they_are(text):
    assert read(as_csv(["a", "b"], [[text, 1]])) == [["a", "b"], [text, "1"]]


def test_numbers_are_no_formulas_and_nothing_is_empty():
    rows = read(as_csv(["a", "b", "c"], [[-1, None, False]]))
    assert rows[1] == ["-1", "", "False"]


def test_no_byte_order_mark():
    assert as_csv(["name"], []).encode("utf-8") == b"name\r\n"

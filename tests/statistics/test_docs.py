"""Each number is defined, and has words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ckanext.digifarm.statistics import words
from ckanext.digifarm.statistics.numbers import Number

DOCS = Path(__file__).parents[2] / "docs" / "statistics.md"

ROW = re.compile(r"^\| `(\w+)` \|([^|]*)\| (\w+) \| [^|]+ \|$", re.MULTILINE)


def test_each_number_is_defined_in_a_sentence():
    defined = ROW.findall(DOCS.read_text())
    assert [(name, kind) for name, _, kind in defined] == [
        (number.value, number.kind.value) for number in Number
    ]


@pytest.mark.usefixtures("shared_portal", "with_request_context")
def test_each_number_is_shown_once():
    shown = [
        number for section in words.sections() for number in section.numbers
    ]
    assert sorted(shown) == sorted(Number)


@pytest.mark.parametrize("number", Number)
@pytest.mark.usefixtures("shared_portal", "with_request_context")
def test_words(number):
    assert words.label(number, "technology")

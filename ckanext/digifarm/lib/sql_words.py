"""Finds words in texts of the database, as searches in Solr find them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY
from sqlalchemy.orm import InstrumentedAttribute

from . import stems

#: How umlauts are written where there are none on a keyboard.
SPELT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})

#: A shorter stem would be found in half of all texts.
MIN_STEM = 3

#: A longer word is found by its beginning; in letters.
MAX_WORD = 40

#: The end of a word is found if it has so many letters, and leaves so many.
LAST, BEFORE_LAST = 4, 3


def index(texts: Iterable[str]) -> sa.ColumnElement[Any]:
    """What an index needs to find texts by their words; a `tsvector`.

    The words and their ends, so that `contains` finds them, by beginnings,
    in whatever place.
    """
    words = stems.WORD.findall(stems.fold(" ".join(texts)))
    found = {part for word in words for part in _ends(word[:MAX_WORD])}
    # The same texts make the same statement.
    listed = sa.cast(sorted(found), ARRAY(sa.UnicodeText))
    return sa.func.array_to_tsvector(listed)


def contains(
    indexed: InstrumentedAttribute[Any], text: str
) -> sa.ColumnElement[bool]:
    """Whether all words of a text are there: as they are, or in another form.

    Also as the beginning or the end of a longer word.

    :param indexed: a column with what `index` makes
    """
    words = stems.WORD.findall(stems.composed(text))
    query = " & ".join(f"({_forms(word)})" for word in words)
    return indexed.op("@@")(sa.cast(query, TSQUERY))


def _ends(word: str) -> Iterable[str]:
    starts = range(BEFORE_LAST, len(word) - LAST + 1)
    return [word, *(word[start:] for start in starts)]


def _forms(word: str) -> str:
    """What a word that is there may begin with.

    Other spellings of umlauts stand in texts as they are written.
    """
    forms = {stems.fold(word), stems.fold(word.casefold().translate(SPELT))}
    stem = stems.stem(word)
    if len(stem) >= MIN_STEM:
        forms.add(stem)
    return " | ".join(f"'{form[:MAX_WORD]}':*" for form in sorted(forms))

"""What somebody has meant by words that nothing is found by."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from rapidfuzz.distance import OSA

from . import stems

#: A shorter word may be too many others.
MIN_WORD = 4

#: So many words of what is there are looked at, and of what was asked.
MAX_KNOWN = 3_000
MAX_ASKED = 8


def meant(query: str, texts: Iterable[str]) -> str:
    """A query with words of what is there instead of those mistyped.

    A letter that is wrong, missing or too much, or two that have changed
    places, make another word.

    :param texts: what is there
    :returns: the query with other words, or "" where none is close
    """
    asked = stems.WORD.findall(query)
    if len(asked) > MAX_ASKED:
        return ""
    found = (word for text in texts for word in stems.WORD.findall(text))
    known: dict[str, str] = {}
    for word in islice(found, MAX_KNOWN):
        known.setdefault(stems.stem(word), word)
    if not known:
        return ""
    closest = [_closest(word, known) for word in asked]
    if closest == asked or "" in closest:
        return ""
    return " ".join(closest)


def _closest(word: str, known: dict[str, str]) -> str:
    """The word itself, if it or what it is made of is known.

    Else one that is close, or "".
    """
    stem = stems.stem(word)
    if stem in known or len(stem) < MIN_WORD:
        return word
    if any({*both} <= known.keys() for both in stems.splits(word)):
        return word
    return next(
        (
            known[other]
            for other in known
            if OSA.distance(stem, other, score_cutoff=1) <= 1
        ),
        "",
    )

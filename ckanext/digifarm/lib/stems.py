"""Words as a search compares them: without case, accents and endings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import snowballstemmer
from babel import Locale, UnknownLocaleError

from .. import config

WORD = re.compile(r"\w+")
NO_WORD = re.compile(r"\W+")

#: Two equal letters at the end: `Bus` and `Busse` are one word.
DOUBLED = re.compile(r"([^\W\d_aeiou])\1$")

#: Languages that write words together: `Stadtrat`, `Baumkataster`.
COMPOUNDING = frozenset(
    {"da", "de", "et", "fi", "hu", "is", "nb", "nl", "nn", "no", "sv"}
)

#: Only as long a word, in letters, is taken apart: a longer one is none.
MIN_COMPOUND = 7
MAX_COMPOUND = 40

#: How long its parts are, in letters: the first and what it leaves, and the
#: last and what it leaves. Shorter ones are chance: `Rat` in `Apparat`.
FIRST, AFTER_FIRST = 3, 4
LAST, BEFORE_LAST = 4, 3


def words(text: str) -> list[str]:
    """The words of a text, each as it is compared, in their order."""
    return [*filter(None, map(stem, WORD.findall(composed(text))))]


def stem(word: str) -> str:
    """A word as it is compared, by the portal's own language.

    `Bäume`, `Baeume` and `Baum` are the same in German. In a language that
    Snowball doesn't know, case and accents alone don't count.
    """
    return _stem(composed(word).casefold(), config.default_language())


def fold(text: str) -> str:
    """A text without case and accents: `Straßenbäume` is `strassenbaume`."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(
        character
        for character in decomposed
        if not unicodedata.combining(character)
    )


def parts(stems: Iterable[str]) -> list[str]:
    """What long words may be made of, each once.

    The beginnings and ends of `stadtratsbeschluss`, among them `stadtrat` and
    `beschluss`. None in a language that doesn't write words together.
    """
    if not compounding():
        return []
    found: dict[str, None] = {}
    for word in stems:
        if MIN_COMPOUND <= len(word) <= MAX_COMPOUND:
            firsts = range(FIRST, len(word) - AFTER_FIRST + 1)
            lasts = range(BEFORE_LAST, len(word) - LAST + 1)
            found |= dict.fromkeys(word[:end] for end in firsts)
            found |= dict.fromkeys(word[start:] for start in lasts)
    return [*found]


def splits(word: str) -> list[tuple[str, str]]:
    """The two words that a long one may be made of, in all ways.

    :param word: as somebody has written it
    """
    if not (compounding() and MIN_COMPOUND <= len(word) <= MAX_COMPOUND):
        return []
    ends = range(FIRST, len(word) - FIRST + 1)
    return [(stem(word[:end]), stem(word[end:])) for end in ends]


def compounding() -> bool:
    """Whether the portal's own language writes words together."""
    return _language(config.default_language()) in COMPOUNDING


@lru_cache(maxsize=50_000)
def _stem(word: str, locale: str) -> str:
    if algorithm := _algorithm(locale):
        # A new one each time: they remember the word that they work on.
        word = snowballstemmer.stemmer(algorithm).stemWord(word)
    # Characters that stand for several may have hidden others.
    return DOUBLED.sub(r"\1", NO_WORD.sub("", fold(word)))


@lru_cache
def _algorithm(locale: str) -> str:
    """The name of Snowball's algorithm for a language, or ""."""
    language = _language(locale)
    try:
        name = Locale(language).get_language_name("en") or ""
    except (UnknownLocaleError, ValueError):
        return ""
    # Bokmål and Nynorsk.
    name = name.split()[0].casefold()
    return name if name in snowballstemmer.algorithms() else ""


def _language(locale: str) -> str:
    return re.split("[_@-]", locale)[0]


def composed(text: str) -> str:
    """A text with one character each for letters with accents."""
    return unicodedata.normalize("NFKC", text)

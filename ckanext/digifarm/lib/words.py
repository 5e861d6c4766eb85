"""An address or a name, found in texts however it is spelt, and covered."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html.entities import codepoint2name
from typing import Any

from .addresses import spellings

#: What stands where an address or a name stood.
COVER = "…"

#: How fields are called that may be empty.
_EMPTIED = ("email", "person", "holder", "payer", "could_follow")

#: What comes before a word without being a part of it, though it looks so: an
#: escaped character of an address of the web, or of JSON.
_ESCAPED = r"(?<=%[0-9a-f]{2})|(?<=\\[bfnrt])|(?<=\\u[0-9a-f]{4})"


@dataclass(frozen=True)
class Words:
    """What is looked for: in any case, plain, or as JSON, HTML, URLs have it.

    :param pattern: what matches it, and no part of a longer word
    :param sql: a pattern for PostgreSQL that matches all of that, and perhaps
        more
    :param is_name: a single word may be the value of a choice, a file or an
        address that is only called like a person, and stays
    """

    pattern: re.Pattern[str]
    sql: str
    is_name: bool = False

    def are_in(self, value: Any) -> bool:
        """Whether they stand anywhere in a text, a list or a dictionary."""
        return any(self.pattern.search(text) for text in _texts(value))

    def are_all_of(self, text: str) -> bool:
        """Whether a text says nothing else."""
        return bool(self.pattern.fullmatch(text.strip()))

    def covered(self, value: Any) -> Any:
        """The same text, list or dictionary, without them.

        A field for an e-mail address, or for a person who need not be named,
        that held nothing else is empty then.
        """
        if isinstance(value, str):
            return self._covered_text(value)
        if isinstance(value, list):
            return [self.covered(item) for item in value]
        if isinstance(value, dict):
            return {key: self._covered(key, value[key]) for key in value}
        return value

    def taken_out_of(self, text: str) -> str:
        """A text without them, whatever it is."""
        return self.pattern.sub(COVER, text)

    def _covered_text(self, text: str) -> str:
        if not self.is_name:
            return self.taken_out_of(text)
        if listed := _listed(text):
            covered = self.covered(listed)
            return text if covered == listed else json.dumps(covered)
        return self.taken_out_of(text) if len(text.split()) > 1 else text

    def _covered(self, key: str, value: Any) -> Any:
        is_field = isinstance(value, str) and key.endswith(_EMPTIED)
        if is_field and self.are_all_of(value):
            return ""
        return self.covered(value)


def of_address(email: str) -> Words:
    """An e-mail address; those that begin or end with it are others."""
    spelt = "|".join(map(_spelt, sorted(spellings(email))))
    return Words(
        re.compile(
            rf"(?:(?<![\w.+-])|{_ESCAPED})(?:{spelt})"
            r"(?![\w-]|\.(?-i:[a-z0-9]))",
            re.IGNORECASE,
        ),
        f"(?:{spelt})",
    )


def of_name(name: str) -> Words:
    """A person's name, with any space between its parts."""
    spelt = _spelt(" ".join(name.split()))
    pattern = rf"(?:(?<!\w)|{_ESCAPED})(?:{spelt})(?!\w)"
    # As PostgreSQL writes them in rows.
    sql = re.sub(r'["\\]', '"', " ".join(name.split()))
    written = r'[\\"]+'.join(map(_spelt, sql.split('"')))
    return Words(
        re.compile(pattern, re.IGNORECASE), f"(?:{written})", is_name=True
    )


def _listed(text: str) -> list[Any] | None:
    """What a list in JSON holds, as extras of packages have lists."""
    if not text.startswith("["):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def _spelt(text: str) -> str:
    """A pattern for a text, however its characters are written."""
    return "".join(map(_character, text))


def _character(character: str) -> str:
    if character.isascii() and character.isalnum():
        return character
    if character == " ":
        return r"(?:\s|\\+[nrt]|%20|%09|%0[ad]|\+|&nbsp;|&#160;)+"
    forms = {character.lower(), character.upper(), character}
    forms |= {unicodedata.normalize("NFD", form) for form in forms}
    written = {re.escape(form) for form in forms}
    for form in forms:
        written.add("".join(f"%{byte:02x}" for byte in form.encode()))
        if len(form) == 1:
            written.update(_escapes(ord(form)))
    # Longer ones first: "%26" before "&".
    return f"(?:{'|'.join(sorted(written, key=len, reverse=True))})"


def _escapes(number: int) -> Iterator[str]:
    yield rf"\\+u{number:04x}"
    yield rf"&#0*{number};"
    yield rf"&#x0*{number:x};"
    if name := codepoint2name.get(number):
        yield f"&{name};"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _of_each(value.values())
    elif isinstance(value, list):
        yield from _of_each(value)


def _of_each(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        yield from _texts(value)

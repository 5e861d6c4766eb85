"""What may be in the text that people and programs send."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import ckantoolkit as tk

# PostgreSQL stores no NUL, UTF-8 has no lone surrogates, and Solr refuses
# the other control characters: https://www.w3.org/TR/xml/#charsets
UNSTORABLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]"
)

#: All that Unicode lets end a line.
LINE_BREAKS = re.compile(r"[\n\r\t\v\f\x1c-\x1e\x85\u2028\u2029]")

#: What turns the reading direction until something ends it, in Unicode; so
#: written words, and addresses, seem to be others.
DIRECTIONS = re.compile(r"[\u202a-\u202e\u2066-\u2069]")


#: What people write between tags.
BETWEEN_TAGS = re.compile(r"[,;\n\r]|(?:^|(?<=\s))#")


def clean(value: Any) -> str:
    """The value, if it is text that can be stored, in its composed form.

    :raises Invalid: if it isn't
    """
    if not isinstance(value, str):
        raise tk.Invalid(tk._("Must be text"))
    if UNSTORABLE.search(value):
        raise tk.Invalid(tk._("Please remove invisible control characters"))
    return composed(value)


def composed(value: str) -> str:
    """Text with one character for a letter and its accent, where there is one.

    Files from a Mac, and PDFs, have two: it looks the same, and a search
    doesn't find it.
    """
    return unicodedata.normalize("NFC", value)


def clean_line(value: Any) -> str:
    """The value, if it is text for one line, with no spaces at its ends.

    :raises Invalid: if it isn't
    """
    line = clean(value).strip()
    if LINE_BREAKS.search(line):
        raise tk.Invalid(tk._("Please write it in one line"))
    if DIRECTIONS.search(line):
        raise tk.Invalid(
            tk._(
                "Please remove invisible characters that change the reading"
                " direction"
            )
        )
    return line


def check_length(value: str, limit: int) -> None:
    """Refuse text of more characters than a limit.

    :raises Invalid: with both numbers
    """
    if len(value) > limit:
        raise tk.Invalid(
            tk._(
                "Please use at most {limit} characters; there are {length} now"
            ).format(limit=limit, length=len(value))
        )


def shortened(text: str, limit: int) -> str:
    """The beginning of a text; between words, where they are not too long.

    :param limit: of the result, in characters
    """
    if len(text) <= limit:
        return text
    beginning = text[: limit - 1]
    words = beginning.rpartition(" ")[0]
    if len(words) < limit / 2:
        words = beginning
    return f"{words.rstrip(' ,;:.–-')}…"


def tag_names(line: str) -> list[str]:
    """The tags that somebody has written, each once.

    :param line: with commas, semicolons or line breaks between them, or each
        with a `#` before it
    """
    parts = BETWEEN_TAGS.split(composed(line))
    names = (" ".join(part.split()) for part in parts)
    return list(dict.fromkeys(name for name in names if name))


def tags(line: str) -> list[dict[str, str]]:
    """The tags that somebody has written, as core wants them."""
    return [{"name": name} for name in tag_names(line)]


def complaints(key: str, message: str) -> list[Any]:
    """The errors of a field of a package; core wants those of rows as rows.

    :param key: the field
    :param message: what is wrong
    """
    row_key = {"tags": "name", "extras": "key"}.get(key)
    return [{row_key: [message]} if row_key else message]


def printable(line: str) -> str:
    """The line without what a file could do to a terminal."""
    return "".join(
        character
        if character.isprintable()
        else character.encode("unicode_escape").decode()
        for character in line
    )

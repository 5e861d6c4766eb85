"""How the text of a file is encoded: few programs say so."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import ckantoolkit as tk

from .record import UnreadableFile

#: Excel on Windows writes this one where nobody asks for UTF-8.
WINDOWS = "cp1252"

#: What "CSV (Macintosh)" and "CSV (MS-DOS)" of Excel are.
OTHERS = ("mac_roman", "cp850")

#: Another one than that of Windows has to be this clear, see `_score`.
CLEAR = 4

#: So many letters beside each other that aren't ASCII are of another script.
FOREIGN = 4

_CHUNK = 1 << 16
#: So many different places are looked at to find out.
_MOST_PLACES = 5_000

#: The longer ones first: one begins as another.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

#: Bytes that aren't ASCII, with what stands around them.
_PLACE = re.compile(rb"(?s)(?<=(.))([\x80-\xff]+)(?=(.))")

#: What is a character in UTF-8, besides ASCII.
_UTF8 = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}"
    rb"|[\xf0-\xf4][\x80-\xbf]{3}"
)

_UMLAUTS = frozenset("äöüÄÖÜß")
_LETTERS = frozenset(
    "àáâãåæçèéêëìíîïñòóôõøùúûýÿœšžÀÁÂÃÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕØÙÚÛÝŒŠŽ"
)
_OPENING = frozenset("„“‚‘«»›‹")
_CLOSING = frozenset("“”‘’«»›‹")
_SIGNS = frozenset("–—€§°²³©®·•…½×±µ™\xa0")


def encoding(path: Path) -> str:
    """How the text of a file is encoded.

    :raises UnreadableFile: where that isn't clear
    """
    return of_unicode(path) or _of_one_byte(path)


def of_unicode(path: Path) -> str:
    """The form of Unicode in which a file is; "" where it is none.

    :raises UnreadableFile: where it can't be opened
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            head = file.read(_CHUNK)
            if said := _said(head) or _shown_by_nulls(head):
                return said
            decoder.decode(head)
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except OSError as e:
        raise UnreadableFile(
            tk._("It can't be opened: {error}").format(error=e.strerror)
        ) from e
    except UnicodeDecodeError:
        return ""
    return "utf-8"


def no_utf8(path: Path) -> UnreadableFile:
    """What to say of a file whose encoding can't be read."""
    return UnreadableFile(
        tk._(
            "Line {line} is no UTF-8; please save the file in that encoding."
        ).format(line=_first_other_line(path))
    )


def no_text(row: int) -> UnreadableFile:
    """What to say of a row that can't be read."""
    return UnreadableFile(
        tk._(
            "Row {row} is no text in UTF-8 or Windows-1252; please save the"
            " file as “CSV UTF-8”."
        ).format(row=row)
    )


def _said(head: bytes) -> str:
    return next((name for m, name in _MARKS if head.startswith(m)), "")


def _shown_by_nulls(head: bytes) -> str:
    """Where letters of Europe take two or four bytes, most others are 0."""
    share = tuple(
        head[place::4].count(0) * 4 > len(head) // 2 for place in range(4)
    )
    names: dict[tuple[bool, ...], str] = {
        (False, True, True, True): "utf-32-le",
        (True, True, True, False): "utf-32-be",
        (False, True, False, True): "utf-16-le",
        (True, False, True, False): "utf-16-be",
    }
    return names.get(share, "")


def _first_other_line(path: Path) -> int:
    with path.open("rb") as file:
        lines = (n for n, text in enumerate(file, 1) if not _is_utf8(text))
        return next(lines, 1)


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _of_one_byte(path: Path) -> str:
    """The encoding in which words are words, and quotes quotes.

    :raises UnreadableFile: where there is none, or parts are UTF-8
    """
    places = Counter(_places(path))
    valid = sum(len(_UTF8.findall(run)) for _, run, _ in places)
    other = sum(len(_UTF8.sub(b"", run)) for _, run, _ in places)
    if valid > other:
        raise no_utf8(path)
    scores = {name: _score(places, name) for name in (WINDOWS, *OTHERS)}
    best = max(scores, key=lambda name: scores[name])
    if scores[best] < (0 if best == WINDOWS else CLEAR):
        raise no_text(_first_other_line(path))
    return best


def _places(path: Path) -> Iterator[tuple[bytes, bytes, bytes]]:
    seen: set[tuple[bytes, bytes, bytes]] = set()
    with path.open("rb") as file:
        while (chunk := file.read(_CHUNK)) and len(seen) < _MOST_PLACES:
            for found in _PLACE.finditer(b"\n" + chunk + b"\n"):
                place = (found[1], found[2], found[3])
                seen.add(place)
                yield place


def _score(places: Counter[tuple[bytes, bytes, bytes]], name: str) -> float:
    """How well what isn't ASCII fits to what stands around it."""
    total = 0.0
    for (before, run, after), count in places.items():
        try:
            text = (before + run + after).decode(name)
        except UnicodeDecodeError:
            return float("-inf")
        if len(run) >= FOREIGN and text[1:-1].isalpha():
            total -= count * len(run)
            continue
        around = zip(text, text[1:], text[2:], strict=False)
        total += count * sum(_fits(*three) for three in around)
    return total


def _fits(before: str, one: str, after: str) -> float:
    """How well a character fits between two others."""
    if one in _UMLAUTS or one in _LETTERS:
        return _fits_letter(before, one, after)
    begins = one in _OPENING and not before.isalnum() and after.isalnum()
    ends = one in _CLOSING and not after.isalnum() and not before.isspace()
    omits = one == "’" and before.isalpha() and after.isalpha()
    if begins or ends or omits:
        return 1
    if one in _SIGNS and not (before.isalpha() and after.isalpha()):
        return 0.5
    return -1


def _fits_letter(before: str, one: str, after: str) -> float:
    is_alone = not (before.isalpha() or after.isalpha())
    is_odd = (before.islower() and one.isupper()) or (
        one.islower() and after.isupper()
    )
    value = 2 if one in _UMLAUTS else 1
    if is_alone:
        return value / 4
    return -1 if is_odd else value

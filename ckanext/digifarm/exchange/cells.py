"""How several things stand in one cell of a table.

Rows stand in lines, with ` | ` between their parts; what is empty at the end
is left out. So a line of one part is just that: the name of a dataset.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

#: What would be taken for something else is written with a backslash.
_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "|": "\\|"}
_SPECIAL = re.compile(r"[\\\n\r|]")
_ESCAPED = re.compile(r"\\([\\nr|_])")
_MEANT = {"\\": "\\", "n": "\n", "r": "\r", "|": "|", "_": ""}

#: Stands beside what would be lost at the ends of a part: blanks, bullets.
_EDGE = "\\_"

#: How people begin the lines of a list.
_BULLET = re.compile(r"\s*[•·▪◦‣*–—-]\s+")

_LINES = re.compile(r"\r\n|\r|\n")
_BETWEEN = re.compile(r"(?<!\\)((?:\\\\)*)\|")


def joined(rows: Sequence[Sequence[str]]) -> str:
    """Rows of texts as one text, which :py:func:`split` takes apart again."""
    return "\n".join(_line(row) for row in rows)


def split(text: str, parts: int) -> list[list[str]]:
    """The rows of a cell; each has as many parts as are wanted.

    What is too much belongs to the last part: people write `|`, too.

    :param parts: how many a row has
    """
    lines = map(without_bullet, _LINES.split(text))
    return [_parts(line, parts) for line in lines if line.strip()]


def is_rows(text: str) -> bool:
    """Whether a cell has lines, or rows of several parts."""
    return "\n" in text.strip() or bool(_BETWEEN.search(text))


def without_bullet(line: str) -> str:
    """A line without the mark of a list at its beginning."""
    return _BULLET.sub("", line, count=1) if _BULLET.match(line) else line


def without_rows(text: str) -> str:
    """A cell in which `;` stands between lines of one part."""
    return "\n".join(
        line if _BETWEEN.search(line) else line.replace(";", "\n")
        for line in _LINES.split(text)
    )


def listed(values: Sequence[str], *, by_line: bool) -> str:
    """A list of texts as one text, for :py:func:`unlisted`.

    :param by_line: whether lines stand between them, else commas
    """
    marks = "" if by_line else ",;"
    is_plain = all(
        value.splitlines() == [value.strip()]
        and not any(mark in value for mark in marks)
        and not _BULLET.match(value)
        for value in values
    )
    if is_plain and not (values and values[0].startswith("[")):
        return ("\n" if by_line else ", ").join(values)
    return json.dumps(list(values), ensure_ascii=False)


def unlisted(text: str) -> list[str] | None:
    """The list that was written as JSON; None where there is none."""
    if not text.startswith("["):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    is_list = isinstance(found, list) and all(
        isinstance(value, str) for value in found
    )
    return found if is_list else None


def _line(row: Sequence[str]) -> str:
    parts = [_escaped(part) for part in row]
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    return " | ".join(parts)


def _escaped(part: str) -> str:
    escaped = _SPECIAL.sub(lambda m: _ESCAPES[m[0]], part)
    is_safe = part == part.strip() and not _BULLET.match(part)
    return escaped if is_safe else f"{_EDGE}{escaped}{_EDGE}"


def _parts(line: str, parts: int) -> list[str]:
    marks = [match.end() for match in _BETWEEN.finditer(line)][: parts - 1]
    begins, ends = [0, *marks], [*(mark - 1 for mark in marks), len(line)]
    found = [
        line[begin:end].strip()
        for begin, end in zip(begins, ends, strict=True)
    ]
    found += [""] * (parts - len(found))
    return [_ESCAPED.sub(lambda m: _MEANT[m[1]], part) for part in found]

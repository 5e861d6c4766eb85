"""JSON files of many projects, of which one at a time is kept in mind.

Each value is read by Python's own parser, which keeps what others replace,
such as half of a surrogate pair, and knows where a mistake is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, TextIO

import ckantoolkit as tk

from .encodings import no_utf8
from .record import UnreadableFile, quoted

#: So many characters are read at once.
CHUNK = 1 << 16

#: So long a value may be, in characters: a project, with all that it says.
LONGEST = 8_000_000

#: So much of what can't be read is quoted, in characters.
EXCERPT = 30

#: So many digits a number may have; Python refuses more than 4 300.
DIGITS = 100

#: So much of a number may stand behind what is one already: `1` in `1e-5`.
_UNSURE = 2

_BLANKS = re.compile(r"[ \t\r\n]*")


class Document(NamedTuple):
    """A JSON file that can be read to its end.

    :param head: what an object says besides its list of projects, as far as
        that is no list or object itself; None where the file is none
    :param count: how many projects there are; None where there is no list
    :param projects: gives them in their order, each time anew
    """

    head: dict[str, Any] | None
    count: int | None
    projects: Callable[[], Iterator[Any]]


def read(path: Path, encoding: str, key: str) -> Document:
    """Look what a JSON file is, and whether all of it can be read.

    The keys of an object may have any order; none may be there twice.

    :param key: of the list of projects, where the file isn't just a list
    :raises UnreadableFile: where it can't be read
    """

    def projects() -> Iterator[Any]:
        with path.open(encoding=encoding) as file:
            yield from _Reading(file, key).projects()

    try:
        with path.open(encoding=encoding) as file:
            reading = _Reading(file, key)
            count = sum(1 for _ in reading.projects())
    except UnicodeDecodeError as e:
        raise no_utf8(path) from e
    return Document(
        reading.head, count if reading.has_list else None, projects
    )


class _Reading:
    """A file that is read once."""

    def __init__(self, file: TextIO, key: str) -> None:
        self._text = _Text(file)
        self._key = key
        self.head: dict[str, Any] | None = None
        self.has_list = False

    def projects(self) -> Iterator[Any]:
        """The projects; afterwards all else is known, too."""
        if self._text.take("["):
            yield from self._items()
        elif self._text.take("{"):
            self.head = {}
            yield from self._members(self.head)
        else:
            self._text.value()
        self._text.end()

    def _members(self, head: dict[str, Any]) -> Iterator[Any]:
        more = not self._text.take("}")
        while more:
            name = self._text.value() if self._text.peek() == '"' else None
            if name is None:
                self._text.refuse()
            if name in head:
                self._text.refuse(_twice(name))
            self._text.need(":")
            head[name] = None
            if name == self._key and self._text.take("["):
                yield from self._items()
            elif not isinstance(value := self._text.value(), dict | list):
                head[name] = value
            more = not self._text.take("}")
            if more:
                self._text.need(",")

    def _items(self) -> Iterator[Any]:
        self.has_list = True
        more = not self._text.take("]")
        while more:
            yield self._text.value()
            more = not self._text.take("]")
            if more:
                self._text.need(",")


class _Text:
    """The text of a file, of which no more is kept than has to be."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._kept = ""
        self._at = 0
        #: Where what is kept begins in the file, both from 0 on.
        self._line, self._column = 0, 0

    def peek(self) -> str:
        """The next character that isn't blank; "" at the end."""
        while True:
            blanks = _BLANKS.match(self._kept, self._at)
            assert blanks  # noqa: S101 – it may be empty
            self._at = blanks.end()
            if self._at < len(self._kept):
                return self._kept[self._at]
            if not self._read_on():
                return ""

    def take(self, mark: str) -> bool:
        """Go past a mark; tells whether it is there."""
        is_there = self.peek() == mark
        if is_there:
            self._at += 1
        return is_there

    def need(self, mark: str) -> None:
        """Go past a mark, which has to be there."""
        if not self.take(mark):
            self.refuse()

    def end(self) -> None:
        """Be sure that nothing more comes."""
        if self.peek():
            self.refuse()

    def value(self) -> Any:
        """Go past a value, and give it."""
        self.peek()
        while True:
            found, end, is_whole = self._decoded()
            is_sure = is_whole and len(self._kept) - end > _UNSURE
            is_too_long = not is_whole and len(self._kept) >= LONGEST
            if is_sure or is_too_long or not self._read_on():
                self._at = end
                break
        if not is_whole:
            self.refuse()
        return found

    def _decoded(self) -> tuple[Any, int, bool]:
        """The next value, where it ends, and whether it is whole.

        What is wrong may only be cut off; then it ends there.
        """
        try:
            return (*_DECODER.raw_decode(self._kept, self._at), True)
        except json.JSONDecodeError as e:
            return None, e.pos, False
        except _WrongError as e:
            self.refuse(str(e))
        except RecursionError as e:
            why = tk._("The JSON is nested too deeply.")
            raise UnreadableFile(why) from e

    def refuse(self, why: str = "") -> NoReturn:
        """Say that the file can't be read from here on.

        :param why: what is wrong, if that can be told
        """
        self.peek()
        before = self._kept[: self._at]
        line = self._line + before.count("\n") + 1
        _, broken, last = before.rpartition("\n")
        column = len(last) + (0 if broken else self._column) + 1
        rest = self._kept[self._at : self._at + EXCERPT].split("\n")[0]
        if why:
            said = tk._("This can't be read as JSON, in line {line}: {why}.")
        elif rest:
            said = tk._(
                "This can't be read as JSON: line {line} is wrong from"
                " character {column} on, {text}."
            )
        else:
            said = tk._(
                "This can't be read as JSON: it ends in line {line}, and"
                " something is missing. Is the file complete?"
            )
        raise UnreadableFile(
            said.format(line=line, column=column, text=quoted(rest), why=why)
        )

    def _read_on(self) -> bool:
        """Keep more, without what was read; tells whether there is more."""
        rest = len(self._kept) - self._at
        more = self._file.read(max(CHUNK, rest))
        if not more:
            return False
        _, broken, last = self._kept[: self._at].rpartition("\n")
        self._line += self._kept.count("\n", 0, self._at)
        self._column = len(last) + (0 if broken else self._column)
        self._kept = self._kept[self._at :] + more
        self._at = 0
        return True


class _WrongError(ValueError):
    """What the parser doesn't mind; the text says what is wrong."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, unless a value would vanish behind another one."""
    row: dict[str, Any] = {}
    for key, value in pairs:
        if key in row:
            raise _WrongError(_twice(key))
        row[key] = value
    return row


def _twice(key: str) -> str:
    return tk._("an object has the key {key} twice").format(key=quoted(key))


def _integer(digits: str) -> int:
    if len(digits) > DIGITS:
        raise _WrongError(tk._("a number is too long"))
    return int(digits)


def _constant(word: str) -> NoReturn:
    """Refuse what programs write that know more numbers than JSON does.

    It would be stored as this word.
    """
    raise _WrongError(
        tk._(
            "{word} is no value in JSON; null says that there is none"
        ).format(word=word)
    )


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=_integer, parse_constant=_constant
)

"""Tables for programs that calculate."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Generator, Iterable, Sequence
from itertools import chain

from babel import numbers

from .language import locale_of

#: How a cell begins that such a program would run, also where blanks or what
#: nobody sees stand before it, or the sign is a wide one:
#: https://owasp.org/www-community/attacks/CSV_Injection
_BLANK = r"[\s\x00-\x1f\u00ad\u180e\u200b-\u200f\u2060-\u2064\ufeff]"
_FORMULA = rf"(?:[\t\r\n]|{_BLANK}*[=+\-@＝＋－＠])"
FORMULA = re.compile(f"'*{_FORMULA}")
DEFUSED = re.compile(f"'+{_FORMULA}")

#: Excel takes a table for Windows-1252 that doesn't begin so.
BOM = "\ufeff"


def defused(text: str) -> str:
    """A text that no program takes for a formula.

    One that looks as if it had been defused gets one more quote, so that each
    can be read back.
    """
    return f"'{text}" if FORMULA.match(text) else text


def restored(text: str) -> str:
    """The text that was defused, or any other as it is."""
    return text[1:] if DEFUSED.match(text) else text


def separator(language: str) -> str:
    """What Excel expects between the columns of a table that one clicks on.

    That is what Windows has for lists: a semicolon where numbers have a comma.
    A line `sep=;` would say so, too, but Excel then ignores `BOM`.

    :param language: that of Excel, which we take for that of its reader
    """
    mark = numbers.get_decimal_symbol(locale_of(language))
    return ";" if mark == "," else ","


def as_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table as CSV, whose texts no program takes for formulas.

    :param header: names of the columns
    :param rows: their values; None is left empty
    """
    return "".join(csv_lines(header, rows))


def csv_lines(
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    excel: str = "",
) -> Generator[str, None, None]:
    """The same line by line, for tables that are long.

    :param excel: the language of the Excel that is to open it by a click,
        which else garbles umlauts, or takes a row for one cell
    """
    if excel:
        yield BOM
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator(excel) if excel else ",")
    for row in chain([header], rows):
        writer.writerow([_cell(value) for value in row])
        yield _taken(text)


def _taken(text: io.StringIO) -> str:
    written = text.getvalue()
    text.seek(0)
    text.truncate()
    return written


def _cell(value: object) -> object:
    return defused(value) if isinstance(value, str) else value

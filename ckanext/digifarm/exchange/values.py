"""What people write into the cells of a table, and what they mean by it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any

import ckantoolkit as tk

from ..lib import spreadsheets
from ..lib.text import tag_names
from ..projects import fields
from . import cells, columns
from .columns import Column, Kind
from .record import quoted

#: How people and programs say yes and no, in lower case.
YES = frozenset({"1", "ja", "j", "oui", "true", "vrai", "waar", "wahr", "x"})
YES |= {"y", "yes", "✓", "✔", "☑"}
NO = frozenset({"0", "-", "–", "false", "falsch", "faux", "n", "nee", "nein"})
NO |= {"no", "non", "onwaar", "☐", "—", "−"}

#: What people write between several values.
BETWEEN = re.compile(r"[,;\r\n]+")

#: And between choices, where what they write is none as a whole.
_SELDOM_BETWEEN = re.compile(r"[/|&+·•、，\t]|\s(?:und|and)\s")

#: So many values that are no choices are named.
_NAMED = 10

#: How they say in a cell that there is nothing.
_NOTHING = frozenset({"entfaellt", "ka", "keine", "keiner", "keins", "na"})
_NOTHING |= {"none"}
_SHORT = 20
_STROKES = re.compile(r"-+")
_DASHES = re.compile(r"[-–—−]+")

#: What becomes of letters where a program takes UTF-8 for something else, or
#: finds none that it knows.
_GARBLED = re.compile("Ã[¤¶¼„–œŸ©¨]|â€[žœ“”™˜¦]|â‚¬|Â[\u00a0§°²³]|\ufffd")

#: Kinds of characters that nobody sees.
_UNSEEN = frozenset({"Cf", "Mn"})

#: What is left out where words are compared; between digits it means
#: something: 1.3 is not 13.
_LOUD = re.compile(r"(?<=\d)([\W_]+)(?=\d)|[\W_]+")

#: How people write letters that their keyboard lacks.
_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})

#: A time behind a day, as programs write it.
_TIME = re.compile(
    r"(?<=\d)[T ]\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)? ?"
    r"(?:Z|[+-]\d\d:?\d\d)?"
)

#: What a program shows where a formula, or a column, is wrong.
_ERROR = re.compile(
    r"#(?:BEZUG|BLOCKED|BLOCKIERT|BUSY|CALC|CONNECT|FELD|FIELD|GETAL|KALK"
    r"|LEEG|NOMBRE|NULL?|NUM|REF|SPILL|UNBEKANNT|UNKNOWN|VALEUR|VALUE"
    r"|VERBINDEN|VERW|WAARDE|WERT|ZAHL|ÜBERLAUF|D(?:EEL|IV)/0)!"
    r"|#(?:NAAM|NAME|NOM)\?|#N/?[ABV]|#GETTING_DATA|#{3,}"
    r"|(?:Err|Fehler):\d{3}"
)


class Wrong(ValueError):  # noqa: N818 – named as CKAN names its own
    """A cell can't be read; the text says what to do."""


class Number(str):
    """A number of a spreadsheet, as text."""

    __slots__ = ()


def key(words: str) -> str:
    """Words without what people write in different ways.

    That is case, blanks, punctuation, `ae` for `ä`, and how accents are
    composed.
    """
    plain = unicodedata.normalize("NFKC", words).casefold()
    return _LOUD.sub(
        lambda found: "." if found[1] else "", plain.translate(_LETTERS)
    )


def is_blank(text: str) -> bool:
    """Whether nobody sees anything in a cell."""
    return all(
        character.isspace() or unicodedata.category(character) in {"Cc", "Cf"}
        for character in text
    )


def is_nothing(column: Column, text: str) -> bool:
    """Whether a cell says that there is nothing, as an empty one does.

    :param text: as it stands in the file: a value that is only a hyphen has a
        quote before it there
    """
    if column.kind is Kind.FLAG:
        return False
    words = text.strip()
    if _STROKES.fullmatch(words):
        return True
    if column.kind is Kind.TEXT:
        return False
    in_rows = column.kind in {Kind.DATASETS, Kind.SUPPORTERS, Kind.TASKS}
    is_said = in_rows and len(words) < _SHORT and key(words) in _NOTHING
    return is_said or bool(_DASHES.fullmatch(words))


def check_shown(text: str) -> None:
    """Refuse what a program shows instead of a value.

    :raises Wrong: where it does so
    """
    if _ERROR.fullmatch(text.strip()):
        raise Wrong(
            tk._(
                "The program in which the table was written shows an error"
                " here ({code}). Please write the value itself"
            ).format(code=text.strip())
        )


def read(column: Column, text: str) -> Any:
    """What is meant by a cell.

    :param text: not empty
    :raises Wrong: where it isn't clear
    """
    if column.kind is Kind.DATE and _is_no_year(text):
        raise Wrong(
            tk._(
                "{value} is stored as a number, not as a date. Please write it"
                " as text, such as 10/2021"
            ).format(value=quoted(text))
        )
    text = spreadsheets.restored(text)
    reader = _READERS.get(column.kind)
    if column.kind is Kind.TEXT and column.name != "name":
        # Blanks at its ends may be meant, as those before lines of Markdown.
        return text
    return reader(column, text.strip()) if reader else text.strip()


def choice(choices: Iterable[dict[str, Any]], text: str) -> str:
    """The choice that somebody means.

    :param choices: as schema files have them
    :param text: its value, or its label in any language
    :raises Wrong: with those that there are
    """
    found = _choice(choices, text)
    if found is None:
        raise Wrong(_no_choice(choices, text))
    return found


def is_garbled(text: str) -> bool:
    """Whether letters seem to have been lost before the file was written."""
    return bool(_GARBLED.search(text))


def is_yes(text: str) -> bool:
    """Whether somebody says yes.

    :raises Wrong: where that is neither yes nor no
    """
    visible = (c for c in text if unicodedata.category(c) not in _UNSEEN)
    word = "".join(visible).strip(" .!\t\r\n\u00a0").casefold()
    if word in YES:
        return True
    if word in NO:
        return False
    raise Wrong(
        tk._("{value} is neither yes nor no. Please write yes or no").format(
            value=quoted(text)
        )
    )


def date(text: str) -> str:
    """A date as it is stored.

    :raises Wrong: where it is none
    """
    validate: Any = tk.get_validator("digifarm_partial_date")
    try:
        return validate(_TIME.sub("", text))
    except tk.Invalid as e:
        raise Wrong(f"{quoted(text)}: {e.error}") from e


def listed(text: str, *, by_line: bool = False) -> list[str]:
    """Several values of a cell."""
    found = cells.unlisted(text)
    if found is not None:
        return found
    parts = text.splitlines() if by_line else BETWEEN.split(text)
    plain = (cells.without_bullet(part).strip() for part in parts)
    return [part for part in plain if part]


def rows(column: Column, text: str) -> list[dict[str, str]]:
    """The rows of a cell: each part by its name."""
    return [
        dict(zip(column.parts, row, strict=True))
        for row in cells.split(text, len(column.parts))
    ]


def _is_no_year(text: str) -> bool:
    """Whether a number has lost what was meant by it: 2026.10 is 2026.1."""
    return isinstance(text, Number) and not text.isdigit()


def _choice(choices: Iterable[dict[str, Any]], text: str) -> str | None:
    wanted = key(text)
    known = [*choices]
    for one in known:
        if text == one["value"]:
            return one["value"]
    for one in known:
        names = [one["value"], *columns.all_words(one.get("label", ""))]
        if wanted and wanted in map(key, names):
            return one["value"]
    return None


def _no_choice(choices: Iterable[dict[str, Any]], text: str) -> str:
    labels = [fields.text(one.get("label", one["value"])) for one in choices]
    return tk._(
        "{value} is none of the choices. Please write one of: {choices}"
    ).format(value=quoted(text), choices="; ".join(labels))


def _one(column: Column, text: str) -> str:
    return choice(column.choices, text)


def _several(column: Column, text: str) -> list[str]:
    """The choices of a cell; a label may have commas itself.

    :raises Wrong: with all parts that are none
    """
    found = cells.unlisted(text)
    parts = found if found is not None else _pieces(text)
    chosen, wrong = _longest(column, parts)
    none = []
    for part in dict.fromkeys(wrong):
        pieces = filter(key, _SELDOM_BETWEEN.split(part))
        smaller, others = _longest(column, [*pieces])
        if others or not smaller:
            none.append(part)
        chosen += smaller
    if none:
        said = (_no_choice(column.choices, one) for one in none[:_NAMED])
        raise Wrong("; ".join(said))
    return list(dict.fromkeys(chosen))


def _longest(column: Column, parts: list[str]) -> tuple[list[str], list[str]]:
    """Choices, each made of as many parts as possible, and what is none."""
    chosen, wrong = [], []
    most = max(
        len(BETWEEN.split(label))
        for one in column.choices
        for label in ["", *columns.all_words(one.get("label", ""))]
    )
    begin = 0
    while begin < len(parts):
        for num in range(most, 0, -1):
            meant = _meant(column, parts[begin : begin + num])
            if meant is not None:
                chosen.append(meant)
                break
        else:
            num = 1
            wrong.append(parts[begin])
        begin += num
    return chosen, wrong


def _meant(column: Column, parts: list[str]) -> str | None:
    """The choice that some parts mean; several only as a label with commas."""
    if len(parts) == 1:
        return _choice(column.choices, parts[0])
    wanted = key(",".join(parts))
    for one in column.choices:
        for label in columns.all_words(one.get("label", "")):
            if BETWEEN.search(label) and key(label) == wanted:
                return one["value"]
    return None


def _pieces(text: str) -> list[str]:
    return [part.strip() for part in BETWEEN.split(text) if part.strip()]


def _flag(_: Column, text: str) -> bool:
    return is_yes(text)


def _date(_: Column, text: str) -> str:
    return date(text)


def _words(_: Column, text: str) -> list[str]:
    return listed(text)


def _lines(_: Column, text: str) -> list[str]:
    return listed(text, by_line=True)


def _tags(_: Column, text: str) -> list[str]:
    found = cells.unlisted(text)
    return found if found is not None else sorted(tag_names(text))


def _subfields(column: Column, text: str) -> list[dict[str, str]]:
    """Rows of a field that has some; choices may be written as words."""
    field: dict[str, Any] = fields.field(column.name) or {}
    choices = {
        one["field_name"]: one["choices"]
        for one in field.get("repeating_subfields", ())
        if one.get("choices")
    }
    wrong: list[str] = []

    def meant(name: str, part: str) -> str:
        try:
            return choice(choices[name], part) if name in choices else part
        except Wrong as e:
            wrong.append(str(e))
            return ""

    found = [
        {name: part and meant(name, part) for name, part in row.items()}
        for row in rows(column, text)
    ]
    if wrong:
        raise Wrong("; ".join(wrong))
    return found


_READERS: dict[Kind, Callable[[Column, str], Any]] = {
    Kind.CHOICE: _one,
    Kind.CHOICES: _several,
    Kind.FLAG: _flag,
    Kind.DATE: _date,
    Kind.WORDS: _words,
    Kind.LINES: _lines,
    Kind.TAGS: _tags,
    Kind.ROWS: _subfields,
}

"""What people see in the cells of Excel."""

from __future__ import annotations

import datetime
import re
from typing import Any

import ckantoolkit as tk

from .values import Number, Wrong

#: In a format, what is text, colour or a condition.
_LITERAL = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')

#: How Excel writes characters that XML can't hold, and what looks so.
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")

_ZEROS = re.compile(r"0{2,}")

#: Before this year Excel knows no date.
_FIRST_YEAR = 1900


def shown(cell: Any, formula: Any = None) -> str | Wrong:
    """What people see in a cell.

    :param formula: the same cell, where the file is read with its formulas
    """
    value = cell.value
    if value is None:
        is_computed = formula is not None and formula.data_type == "f"
        # A text that was computed may be empty.
        return _no_value() if is_computed and cell.data_type != "str" else ""
    if cell.data_type == "e":
        return _error(value)
    if isinstance(value, str):
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)
    return _formatted(value, str(cell.number_format))


def _formatted(value: Any, number_format: str) -> str | Wrong:
    if isinstance(value, bool):
        return "true" if value else "false"
    format_ = _LITERAL.sub("", number_format).lower()
    if isinstance(value, int | float):
        return _number(value, format_)
    if isinstance(value, datetime.datetime):
        return _date(value, format_)
    return _time(value)


def _number(value: float, format_: str) -> str:
    if "%" in format_:
        return f"{value * 100:.15g} %"
    if _ZEROS.fullmatch(format_) and value == int(value) >= 0:
        return f"{int(value):0{len(format_)}}"
    return Number(f"{value:.15g}")


def _time(value: Any) -> str:
    if isinstance(value, datetime.time):
        return value.isoformat("auto" if value.second else "minutes")
    if isinstance(value, datetime.timedelta):
        minutes, _ = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}"
    return str(value)


def _date(value: datetime.datetime, format_: str) -> str | Wrong:
    """A date, as precise as it is shown: `Mai 2026` is stored as a day."""
    if value.year < _FIRST_YEAR:
        return _error("#####")
    # LibreOffice in German may call years J, and days T.
    has_year, has_day = {*"yj"} & {*format_}, {*"dt"} & {*format_}
    if has_year and not has_day:
        return value.strftime("%Y-%m" if "m" in format_ else "%Y")
    if "h" in format_ and value.time() != datetime.time():
        return f"{value:%Y-%m-%d %H:%M}"
    return value.date().isoformat()


def _error(code: str) -> Wrong:
    return Wrong(
        tk._(
            "This formula has an error ({code}). Please correct it, or"
            " write the value itself"
        ).format(code=code)
    )


def _no_value() -> Wrong:
    return Wrong(
        tk._(
            "This formula has no value yet. Please open the file in a"
            " spreadsheet program and save it, or write the value itself"
        )
    )

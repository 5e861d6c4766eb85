from __future__ import annotations

import datetime
import json
import re
from typing import Any

import ckantoolkit as tk

from ..lib.ckan import Context, FlattenDataDict, FlattenErrorDict, FlattenKey
from ..lib.validators import (
    digifarm_http_url,
    digifarm_single_line,
    digifarm_words,
    refuse_reserved,
)
from . import licences, names

PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


def digifarm_image_url(value: str, context: Context) -> str:
    """A web address, or the picture that this project has or just got.

    The name of another project's file is refused: whoever owned it could
    delete that picture.
    """
    own = context.get("digifarm_pictures", ())
    return value if value in own else digifarm_http_url(value)


def digifarm_partial_date(value: str) -> str:
    """A date as precise as it is known: year, year and month, or day.

    These are the reduced precisions of ISO 8601.
    """
    value = digifarm_single_line(value)
    if not _is_partial_date(value):
        raise tk.Invalid(
            tk._("Must be a date such as 2021, 2021-10 or 2021-10-01")
        )
    return value


def _is_partial_date(value: str) -> bool:
    match = PARTIAL_DATE.fullmatch(value)
    if match is None:
        return False
    year, month, day = (int(part or 1) for part in match.groups())
    try:
        datetime.date(year, month, day)
    except ValueError:
        return False
    return True


def digifarm_license_expression(value: str) -> str:
    """An SPDX licence expression; common spellings become their ids.

    Text that is none is kept as it is: an entry may be saved without a
    licence that can be judged, and says so on its page.
    """
    try:
        return licences.normalize(value)
    except licences.InvalidLicense:
        return value


def digifarm_word_list(
    key: FlattenKey,
    data: FlattenDataDict,
    errors: FlattenErrorDict,
    context: Context,
) -> None:
    """Short names, as a list or as text with commas; stored as JSON."""
    value = data.get(key)
    try:
        words = digifarm_words(None if value is tk.missing else value)
    except tk.Invalid as e:
        errors[key].append(e.error)
        return
    data[key] = json.dumps(words, ensure_ascii=False)


def digifarm_to_json(value: Any) -> str:
    """A value as JSON, as package extras hold nothing but text."""
    return json.dumps(value)


def digifarm_name_from_title(
    key: FlattenKey,
    data: FlattenDataDict,
    errors: FlattenErrorDict,
    context: Context,
) -> None:
    """Make the name from the title where none is given.

    A name that is taken gets a number. A project that has a name keeps it:
    people have it in their bookmarks.
    """
    title = data.get(("title",))
    if data.get(key) or not isinstance(title, str):
        return
    if stored := context.get("package"):
        data[key] = stored.name
        return
    data[key] = names.of_project(title)


def digifarm_project_name(value: str, context: Context) -> str:
    """A name that is no address of ours below /civic_project/.

    One that it had before the page was there may stay.
    """
    stored = context.get("package")
    is_kept = stored is not None and stored.name == value
    if value in names.RESERVED and not is_kept:
        refuse_reserved(value)
    return value

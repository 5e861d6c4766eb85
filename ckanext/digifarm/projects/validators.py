from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import ckantoolkit as tk

from ..lib import partial_dates
from ..lib.ckan import (
    Context,
    FlattenDataDict,
    FlattenErrorDict,
    FlattenKey,
    boolean_validator,
)
from ..lib.permissions import allowed
from ..lib.validators import (
    digifarm_http_url,
    digifarm_lines,
    digifarm_single_line,
    digifarm_words,
    not_an_address,
    refuse_reserved,
)
from . import licences, names, stages

#: The choice of `personal_data` of a project that has some.
PERSONAL = "yes"


def digifarm_image_url(value: str, context: Context) -> str:
    """A web address, or the picture that this project has or just got.

    The name of another project's file is refused: whoever owned it could
    delete that picture.
    """
    own = context.get("digifarm_pictures", ())
    if value in own:
        return value
    if isinstance(value, str) and "/" not in value:
        # A name of a file looks like a host.
        raise tk.Invalid(not_an_address())
    return digifarm_http_url(value)


def digifarm_partial_date(value: str) -> str:
    """A date as precise as it is known: year, year and month, or day.

    It may be written as people do; see lib/partial_dates.py.
    """
    line = digifarm_single_line(value)
    try:
        return partial_dates.read(line)
    except ValueError as e:
        raise tk.Invalid(
            tk._(
                "Please give a date such as 2021, 10/2021, 01.10.2021 or"
                " 2021-10-01"
            )
        ) from e


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
    _store_list(digifarm_words, key, data, errors)


def digifarm_line_list(
    key: FlattenKey,
    data: FlattenDataDict,
    errors: FlattenErrorDict,
    context: Context,
) -> None:
    """Short texts, as a list or one in each line; stored as JSON."""
    _store_list(digifarm_lines, key, data, errors)


def _store_list(
    read: Callable[[Any], list[str]],
    key: FlattenKey,
    data: FlattenDataDict,
    errors: FlattenErrorDict,
) -> None:
    value = data.get(key)
    try:
        found = read(None if value is tk.missing else value)
    except tk.Invalid as e:
        errors[key].append(e.error)
        return
    data[key] = json.dumps(found, ensure_ascii=False)


def digifarm_for_reviewers(
    key: FlattenKey,
    data: FlattenDataDict,
    errors: FlattenErrorDict,
    context: Context,
) -> None:
    """Yes or no, as reviewers say it; stored as JSON.

    What others send must say the same as what is stored; what isn't sent
    stays.
    """
    stored = context.get("package")
    before = bool(stored and stored.extras.get(key[-1]) == "true")
    given = data.get(key, tk.missing)
    now = before if given is tk.missing else boolean_validator(given, context)
    if now != before and not allowed(
        "digifarm_project_accompany", context, stored.id if stored else ""
    ):
        errors[key].append(tk._("Only the city’s team can change this"))
    data[key] = json.dumps(now)


def digifarm_by_itself(
    key: FlattenKey,
    data: FlattenDataDict,
    errors: FlattenErrorDict,
    context: Context,
) -> None:
    """What is stored, as the portal itself says it, whatever is sent."""
    stored = context.get("package")
    value = stored.extras.get(key[-1]) if stored else None
    if not value:
        data.pop(key, None)
        raise tk.StopOnError
    data[key] = value


def digifarm_privacy_url(
    key: FlattenKey,
    data: FlattenDataDict,
    errors: FlattenErrorDict,
    context: Context,
) -> None:
    """An address that is needed where personal data is processed by now."""
    value = data.get(key)
    is_given = isinstance(value, str) and value.strip()
    is_needed = data.get(("personal_data",)) == PERSONAL and stages.is_in_use(
        data.get(("stage",))
    )
    if is_needed and not is_given:
        errors[key].append(
            tk._(
                "Please give the address of the page about data protection,"
                " as the application processes personal data"
            )
        )
        raise tk.StopOnError


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

"""How a moment is written for its readers."""

from __future__ import annotations

import datetime

import ckantoolkit as tk
from babel import Locale
from babel.dates import format_date, format_time
from markupsafe import Markup

from . import clock, language


def moment(when: datetime.datetime | str) -> str:
    """A day and a time, in the language that is spoken.

    By the clock of the portal: `ckan.display_timezone`.

    :param when: in UTC, without a zone
    :returns: such as `29 November 2026, 11:31`
    """
    local, locale = _local(when), _locale()
    # Translators: a day and a time, such as “29 November 2026, 11:31”
    return tk._("{date}, {time}").format(
        date=format_date(local, "long", locale),
        time=format_time(local, "short", locale=locale),
    )


def told(when: datetime.datetime | str) -> Markup:
    """A day; of today, the time; as programs read it, too.

    By the clock of the portal: `ckan.display_timezone`.

    :param when: in UTC, without a zone
    """
    local = _local(when)
    words = tk.h.render_datetime(local)
    if local.date() == _local(clock.now()).date():
        time = format_time(local, "short", locale=_locale())
        words = tk._("today, {time}").format(time=time)
    return Markup('<time datetime="{}">{}</time>').format(
        local.isoformat(timespec="seconds"), words
    )


def local_day(when: datetime.datetime) -> datetime.date:
    """The day of a moment, by the clock of the portal.

    :param when: in UTC, without a zone
    """
    return _local(when).date()


def year_begins(year: int) -> datetime.datetime:
    """When a year begins by the clock of the portal, in UTC without a zone."""
    # No clock is changed around New Year.
    there = datetime.datetime(year, 1, 1)  # noqa: DTZ001 – that of the portal
    offset = _local(there).utcoffset()
    return there - offset if offset else there


def _local(when: datetime.datetime | str) -> datetime.datetime:
    """A moment by the clock of the portal.

    :param when: in UTC, without a zone
    """
    if isinstance(when, str):
        when = datetime.datetime.fromisoformat(when)
    return when.replace(tzinfo=datetime.timezone.utc).astimezone(
        tk.h.get_display_timezone()
    )


def _locale() -> Locale:
    """That of the language; for English the one that all the world reads."""
    found = language.locale_of(language.current())
    if found.language == language.ENGLISH and not found.territory:
        return Locale(language.ENGLISH, "GB")
    return found

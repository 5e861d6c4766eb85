"""Validators for the fields of a project and the parameters of actions.

Each says in its message what is expected; CKAN adds the field's name.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Collection
from typing import Any, NoReturn
from urllib.parse import urlsplit

import ckantoolkit as tk
from werkzeug.datastructures import FileStorage

from . import addresses, text
from .ckan import (
    Context,
    FlattenDataDict,
    FlattenErrorDict,
    FlattenKey,
    Validator,
    model,
)
from .context import user_id

MAX_URL_LENGTH = 2000
MAX_NUMBER = 2**31 - 1  # the largest integer of PostgreSQL

#: An address that somebody has written as it is spoken: without `https://`.
SPOKEN_URL = re.compile(
    r"(?://)?(?:[\w-]{1,63}\.){1,20}[^\W\d_][\w-]{1,62}(?:[:/?#].*)?"
)

#: Blanks, what RFC 3986 leaves out, and what nobody sees.
NOT_IN_URLS = re.compile(r"[\s<>\"\\^`{|}\u061c\u200b-\u200f\u2060\ufeff]")

BETWEEN_WORDS = re.compile(r"[,;]")

MAX_WORDS = 50
MAX_WORD_LENGTH = 100

#: What people put before each line of a list.
BULLETS = re.compile(r"^\s*(?:[-*•–]\s+)+")


def digifarm_single_line(value: Any) -> str:
    """Text in one line, with spaces at its ends taken off.

    :raises Invalid: for anything but text, for line breaks, and for what
        turns the reading direction
    """
    return text.clean_line(value)


def digifarm_not_blank(
    key: FlattenKey,
    data: FlattenDataDict,
    errors: FlattenErrorDict,
    context: Context,
) -> None:
    """Something that is not only spaces, which core would take."""
    value = data.get(key)
    if isinstance(value, str):
        value = value.strip()
    if value is tk.missing or not value:
        errors[key].append(tk._("Please fill this in"))
        raise tk.StopOnError


def digifarm_ignore_blank(
    key: FlattenKey,
    data: FlattenDataDict,
    errors: FlattenErrorDict,
    context: Context,
) -> None:
    """Something that may be left out, also by spaces.

    Core's `ignore_empty` takes an empty list for nothing too, but puts it
    back when all is checked; here the next validator sees it.
    """
    value = data.get(key)
    is_blank = isinstance(value, str) and not value.strip()
    if value is tk.missing or value is None or is_blank:
        data.pop(key, None)
        raise tk.StopOnError


def digifarm_max_length(limit: int) -> Validator:
    """Text no longer than a number of characters."""

    def validator(value: Any) -> Any:
        # What is no text was refused before.
        if isinstance(value, str):
            text.check_length(value, limit)
        return value

    return validator


def digifarm_consent(value: Any) -> bool:
    """Somebody's yes to what is stored of them: `true`, nothing less."""
    if value is not True and str(value).strip().lower() != "true":
        raise tk.Invalid(
            tk._("Please agree that this is stored; else we can’t do anything")
        )
    return True


def digifarm_email(value: Any) -> str:
    """An e-mail address that CKAN can send mails to; see `addresses`."""
    return addresses.clean(value)


def digifarm_sender_email(
    key: FlattenKey,
    data: FlattenDataDict,
    errors: FlattenErrorDict,
    context: Context,
) -> None:
    """The address to answer to; who has one in their account may leave it out.

    See `submissions.identify`, which takes that of the account.
    """
    user = model.User.get(user_id(context))
    if user and user.email:
        digifarm_ignore_blank(key, data, errors, context)
    else:
        digifarm_not_blank(key, data, errors, context)


def digifarm_submission(
    key: FlattenKey,
    data: FlattenDataDict,
    errors: FlattenErrorDict,
    context: Context,
) -> None:
    """What is known by a form and by all that it says.

    A form that comes twice is a double click; one that somebody went back to
    and changed is another one.
    """
    said = sorted((repr(name), data[name]) for name in data)
    content = json.dumps(said, default=_file)
    data[key] = hashlib.sha256(content.encode()).hexdigest()


def _file(value: Any) -> list[Any] | None:
    """What tells an uploaded file from another one, without reading it."""
    if not isinstance(value, FileStorage):
        return None
    place = value.stream.tell()
    size = value.stream.seek(0, 2)
    value.stream.seek(place)
    return [value.filename, size]


def digifarm_one_of(values: Collection[str]) -> Validator:
    """One of some values; the message names them all."""

    def validator(value: Any) -> Any:
        _check_choice(value, values)
        return value

    return validator


def _check_choice(value: Any, values: Collection[str]) -> None:
    if not isinstance(value, str) or value not in values:
        raise tk.Invalid(
            tk._("Must be one of: {values}").format(values=", ".join(values))
        )


def digifarm_ids(value: Any) -> list[str]:
    """Ids of packages, as a list or as one text: no more than core finds."""
    ids = [value] if isinstance(value, str) else value
    if not isinstance(ids, list):
        raise tk.Invalid(tk._("Must be a list of texts"))
    most = tk.config["ckan.search.rows_max"]
    if len(ids) > most:
        raise tk.Invalid(
            tk._("At most {limit} are possible").format(limit=most)
        )
    return [text.clean(id_) for id_ in ids]


def digifarm_text(value: Any) -> str:
    """Text of any number of lines, with spaces at its ends taken off."""
    return text.clean(value).strip()


def digifarm_some_of(values: Collection[str]) -> Validator:
    """Some of some values, as a list or as one text; kept in their order."""

    def validator(value: Any) -> list[str]:
        given = _texts(value)
        for item in filter(None, given):
            _check_choice(item, values)
        return [value for value in values if value in given]

    return validator


def digifarm_all_of(values: Collection[str]) -> Validator:
    """All of some values, as a list."""

    def validator(value: Any) -> list[str]:
        given = [value] if isinstance(value, str) else value
        if not isinstance(given, list) or any(v not in given for v in values):
            raise tk.Invalid(tk._("Please confirm all of them"))
        return list(values)

    return validator


def digifarm_upload(value: Any) -> Any:
    """An uploaded file, or None where none was chosen."""
    if not isinstance(value, FileStorage):
        raise tk.Invalid(tk._("Must be an uploaded file"))
    return value if value.filename else None


def digifarm_words(value: Any) -> list[str]:
    """Short names, as a list or as text; each is kept once.

    In a text, commas or semicolons stand between them.
    """
    words = [
        word
        for item in _texts(value)
        for part in BETWEEN_WORDS.split(text.clean(item))
        if (word := text.clean_line(" ".join(part.split())))
    ]
    words = list({word.casefold(): word for word in reversed(words)}.values())
    return _bounded(
        words[::-1],
        tk._(
            "Please give at most {number} names of at most {length} characters"
            " each"
        ),
    )


def digifarm_lines(value: Any) -> list[str]:
    """Short texts, as a list or as text with one in each line.

    Each is kept once, and without what people put before such lines.
    """
    lines = [
        text.clean_line(BULLETS.sub("", line))
        for item in _texts(value)
        for line in text.clean(item).splitlines()
    ]
    return _bounded(
        list(dict.fromkeys(filter(None, lines))),
        tk._(
            "Please give at most {number} lines of at most {length} characters"
            " each"
        ),
    )


def _texts(value: Any) -> list[Any]:
    """What is given as a list, or as one text."""
    given = [value] if isinstance(value, str) else value or []
    if not isinstance(given, list):
        raise tk.Invalid(tk._("Must be a list of texts"))
    return given


def _bounded(found: list[str], message: str) -> list[str]:
    """Refuse too many texts, or too long ones."""
    if len(found) > MAX_WORDS or any(len(n) > MAX_WORD_LENGTH for n in found):
        raise tk.Invalid(
            message.format(number=MAX_WORDS, length=MAX_WORD_LENGTH)
        )
    return found


def digifarm_natural_number(value: Any) -> int:
    """A whole number that is not negative."""
    try:
        number = int(str(value))
    except ValueError:
        number = -1
    if not 0 <= number <= MAX_NUMBER:
        raise tk.Invalid(tk._("Must be a whole number, 0 or more"))
    return number


def digifarm_year(value: Any) -> int:
    """A year of which there may be a report."""
    text = str(value).strip()
    if not re.fullmatch(r"[12]\d{3}", text, re.ASCII):
        raise tk.Invalid(
            tk._("Please write a year, such as {year}").format(year=2026)
        )
    return int(text)


def digifarm_at_most(option: str) -> Callable[[Any], Any]:
    """No more than an option says; what is more becomes that much.

    What is no number was refused before.
    """

    def bounded(value: Any) -> Any:
        return min(value, tk.config[option]) if type(value) is int else value

    return bounded


def digifarm_http_url(value: str) -> str:
    """An address on the web, absolute, by http or https, without password.

    One that begins with the name of a host gets `https://`.
    """
    url = _absolute(digifarm_single_line(value))
    if len(url) > MAX_URL_LENGTH or not is_http_url(url):
        raise tk.Invalid(not_an_address())
    return url


def not_an_address() -> str:
    """What to say of what is no address on the web."""
    return tk._("Please give a web address such as https://example.org")


def _absolute(url: str) -> str:
    if SPOKEN_URL.fullmatch(url):
        return f"https://{url.removeprefix('//')}"
    scheme, mark, rest = url.partition("://")
    return f"{scheme.lower()}{mark}{rest}" if mark else url


def is_http_url(url: str) -> bool:
    """Whether an absolute address is one on the web, without password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return bool(
        parts.scheme in {"http", "https"}
        and parts.hostname
        and port != 0
        and "@" not in parts.netloc
        and not NOT_IN_URLS.search(url)
    )


def refuse_reserved(name: str) -> NoReturn:
    """Refuse a name that stands for another page in addresses.

    :raises Invalid: always
    """
    raise tk.Invalid(
        tk._(
            "“{name}” is the address of another page; please choose another"
            " short name"
        ).format(name=name)
    )

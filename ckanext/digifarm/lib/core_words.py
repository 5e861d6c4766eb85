"""What core and scheming say of mistakes, in words for people."""

from __future__ import annotations

import re
from collections.abc import Callable

import ckantoolkit as tk

#: Of what somebody has typed, in characters.
QUOTE_LENGTH = 50

_NAME = (
    "Must be purely lowercase alphanumeric (ascii) characters and these"
    " symbols: -_"
)
_TAG = (
    'Tag "%s" can only contain alphanumeric characters, spaces (" "), hyphens'
    ' ("-"), underscores ("_") or dots (".")'
)

#: What a page says instead of a message of theirs, whose msgid it is.
#: The values in it take their places.
WORDS: dict[str, Callable[[], str]] = {
    "Missing value": lambda: tk._("Please fill this in"),
    'unexpected choice "%s"': lambda: tk._("Please choose what is offered"),
    "Value must be one of %s": lambda: tk._("Please choose what is offered"),
    "expecting list of strings": lambda: tk._("Please choose what is offered"),
    "An organization must be provided": lambda: tk._(
        "Please choose the organisation"
    ),
    "Organization does not exist": lambda: tk._(
        "There is no such organisation"
    ),
    "You cannot add a dataset to this organization": lambda: tk._(
        "You may not add anything to this organisation; please choose another"
        " one"
    ),
    _NAME: lambda: tk._(
        "Please use only small letters from a to z, digits and hyphens"
    ),
    "That URL is already in use.": lambda: tk._(
        "Something else has this short name already; please choose another one"
    ),
    "That name cannot be used": lambda: tk._(
        "The portal needs this short name itself; please choose another one"
    ),
    'Tag "%s" length is less than minimum %s': lambda: tk._(
        "“{0}” is too short: a tag needs at least {1} characters."
    ),
    'Tag "%s" length is more than maximum %i': lambda: tk._(
        "“{0}” is too long: a tag has at most {1} characters."
    ),
    _TAG: lambda: tk._(
        "“{0}” can’t be a tag: please use only letters, digits, spaces,"
        " hyphens and dots."
    ),
}


#: What core writes between what is wrong with one tag.
_BETWEEN = ", "


def plain(message: str) -> str:
    """A message as people understand it; one that is not known stays.

    :param message: in the language of the request, or several in one
    """
    found, rest = [], message
    while rest:
        words, rest = _first(rest)
        found.append(words)
    return " ".join(dict.fromkeys(found))


def _first(message: str) -> tuple[str, str]:
    """The words for the first of some messages, and what follows it."""
    end = f"(?:{re.escape(_BETWEEN)}(?=\\S)|$)"
    for msgid, words in WORDS.items():
        pattern = _pattern(tk._(msgid))
        if found := re.match(pattern + end, message, re.DOTALL):
            values = (_short(value) for value in found.groups())
            return words().format(*values), message[found.end() :]
    return message, ""


def _short(value: str) -> str:
    if len(value) <= QUOTE_LENGTH:
        return value
    return f"{value[:QUOTE_LENGTH]}…"


def _pattern(words: str) -> str:
    parts = [re.escape(part) for part in re.split("%[si]", words)]
    if len(parts) == 1:
        return parts[0]
    if parts[-1]:
        return "(.*?)".join(parts)
    # A message ends with a number, or with a list of what is possible.
    return "(.*?)".join(parts[:-1]) + r"(\d+|\[.*\])"

"""How actions refuse."""

from __future__ import annotations

from typing import Any, NoReturn

import ckantoolkit as tk

from . import tokens
from .ckan import ErrorDict


class UsedLink(tk.ValidationError):
    """A link has been used, or another one has come since.

    :param row: the row that it was about, or None where that is gone
    :param now: a sentence on how that stands now, or ""
    """

    def __init__(self, row: Any, now: str = "") -> None:
        super().__init__({"token": [tokens.used()]})
        self.row = row
        self.now = now


def refuse(
    field: str, message: str, cause: Exception | None = None
) -> NoReturn:
    """Refuse a parameter.

    :param field: its name
    :param message: what is wrong, for people
    :param cause: what showed it, if that was an exception
    :raises ValidationError: always
    """
    errors: ErrorDict = {field: [message]}
    raise tk.ValidationError(errors) from cause

"""How actions refuse."""

from __future__ import annotations

from typing import NoReturn

import ckantoolkit as tk

from .ckan import ErrorDict


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

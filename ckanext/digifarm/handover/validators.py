"""What checks the fields of a folder."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from . import secrets
from .secrets import Secret


def digifarm_no_secret(value: Any) -> Any:
    """Text that says where a secret is kept, and not the secret itself.

    The message never repeats it.
    """
    secret = secrets.found(value) if isinstance(value, str) else None
    if secret:
        raise tk.Invalid(_message(secret))
    return value


def _message(secret: Secret) -> str:
    what = {
        Secret.PRIVATE_KEY: tk._("This looks like a private key."),
        Secret.TOKEN: tk._("This looks like a key or a token."),
        Secret.ADDRESS: tk._("This looks like an address with a password."),
        Secret.PASSWORD: tk._("This looks like a password."),
    }[secret]
    return tk._(
        "{what} Nothing secret belongs in this folder. Please write where it"
        " is kept, and who can get it there, for example: “in the password"
        " safe of the association”."
    ).format(what=what)


def digifarm_blank_or_partial_date(value: Any) -> str:
    """A date as precise as it is known, or "" to take one out."""
    if isinstance(value, str) and not value.strip():
        return ""
    read: Any = tk.get_validator("digifarm_partial_date")
    return read(value)

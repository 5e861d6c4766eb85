"""What the pages call the parts of a folder."""

from __future__ import annotations

import ckantoolkit as tk

from .entries import Kind


def label(kind: Kind) -> str:
    """The words for a thing that a successor needs."""
    return {
        Kind.DOMAIN: tk._("Domain: the address of the website"),
        Kind.SERVER: tk._("Server: where it runs"),
        Kind.REPOSITORY: tk._("Repository: where the code is"),
        Kind.APP_STORE: tk._("Account of an app store"),
        Kind.DATA: tk._("Access to data"),
        Kind.MONEY: tk._("Money: donations, grants, an account"),
    }[kind]


def short_label(kind: Kind) -> str:
    """The same in a word or two, where several are listed."""
    return {
        Kind.DOMAIN: tk._("Domain"),
        Kind.SERVER: tk._("Server"),
        Kind.REPOSITORY: tk._("Repository"),
        Kind.APP_STORE: tk._("App store"),
        Kind.DATA: tk._("Data access"),
        Kind.MONEY: tk._("Money"),
    }[kind]


def field_label(field: str) -> str:
    """The words for what is said of it."""
    return {
        "unused": tk._("We have none, and need none"),
        "holder": tk._("Who holds it"),
        "payer": tk._("Who pays"),
        "paid_until": tk._("Paid until"),
        "documented": tk._("Where it is written down how it works"),
        "could_follow": tk._("Who could take it on"),
    }[field]


def field_help(field: str) -> str:
    """What helps to fill it in, or ""."""
    return {
        "holder": tk._(
            "A person or an organisation, and how they are reached."
        ),
        "paid_until": tk._(
            "As precisely as you know it: 2027, 03/2027 or 01.03.2027."
        ),
        "documented": tk._(
            "A page, a file, a folder. Passwords stay in a password safe:"
            " write which one, and who can open it."
        ),
    }.get(field, "")


def other(value: str | bool) -> str:
    """What a field says by now that somebody else has changed, too."""
    if value is True:
        return tk._("Somebody else has ticked this meanwhile.")
    if not value:
        return tk._("Somebody else has emptied this meanwhile.")
    return tk._("Somebody else has written here meanwhile: “{value}”").format(
        value=value
    )


def taken() -> str:
    """The same of a field that stands as they say it."""
    return tk._("Somebody else has changed this meanwhile; it stands here.")

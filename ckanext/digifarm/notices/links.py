"""The links in mails by which people say what they want to be told.

No row holds their keys: they are good as long as the account has the address
that they went to.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import NamedTuple

import ckantoolkit as tk

from ..lib import tokens
from ..lib.ckan import model
from ..lib.errors import refuse
from ..lib.tokens import Purpose

#: What a link turns off that stands in a digest.
DIGEST = "digest"


class Link(NamedTuple):
    """What a link in a mail is about.

    :param user: who got the mail
    :param kind: name of the kind that the mail is of, or `DIGEST`
    """

    user: model.User
    kind: str


def make(user: model.User, kind: str) -> str:
    """A token for the links in a mail.

    :param user: who gets it
    :param kind: name of its kind, or `DIGEST`
    """
    return tokens.make(Purpose.NOTICES, user.id, f"{kind} {_mark(user)}")


def read(token: str) -> Link:
    """What a token is about.

    :raises ValidationError: where it is of no use (any more)
    """
    try:
        id_, key = tokens.read(token, Purpose.NOTICES)
    except tk.Invalid as e:
        refuse("token", e.error, e)
    kind, _, mark = key.rpartition(" ")
    user = model.Session.get(model.User, id_)
    if (
        user is None
        or not user.is_active
        or not hmac.compare_digest(mark, _mark(user))
    ):
        refuse("token", tk._("This link is of no use any more"))
    return Link(user, kind)


def settings(token: str) -> str:
    """The address of the page that shows the settings."""
    return _address("digifarm_notifications.by_link", token)


def off(token: str) -> str:
    """The address by which mail programs turn off a kind of mails."""
    return _address("digifarm_notifications_off.turn_off", token)


def _address(endpoint: str, token: str) -> str:
    return tk.h.url_for(endpoint, token=token, qualified=True)


def _mark(user: model.User) -> str:
    """Stands for the address of a user, which nobody can guess by it."""
    key = str(tk.config["SECRET_KEY"]).encode()
    said = (user.email or "").lower().encode()
    return hmac.new(key, said, hashlib.sha256).hexdigest()[:24]

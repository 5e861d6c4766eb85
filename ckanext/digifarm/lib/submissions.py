"""Forms that anybody can send: who sends them, and each of them once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, Protocol, TypeVar

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column
from typing_extensions import Self

from . import rate_limits, tokens
from .ckan import Context, DataDict, model
from .context import commit, deferred, user_id
from .errors import refuse


class Submission:
    """Columns of what is sent by a form and followed by links."""

    #: The form that it was sent with, so that a double click counts once.
    submission: Mapped[str | None] = mapped_column(sa.UnicodeText, unique=True)
    #: See tokens.py.
    token_key: Mapped[str] = mapped_column(
        sa.UnicodeText, default=tokens.new_key
    )

    @classmethod
    def sent_with(cls, submission: str | None) -> Self | None:
        """The row that was sent with a form.

        :param submission: what the form is known by, if anything
        """
        if submission is None:
            return None
        query = sa.select(cls).where(cls.submission == submission)
        return model.Session.scalar(query)


class Sender(NamedTuple):
    """Somebody who sends a form.

    :param user: their account, if they have one
    :param email: the address to answer to
    """

    user: model.User | None
    email: str

    @property
    def user_id(self) -> str | None:
        """The id of their account, if they have one."""
        return self.user.id if self.user else None

    @property
    def is_known(self) -> bool:
        """Whether the address is that of their account, and counts as theirs.

        Any other one has to be confirmed.
        """
        return bool(self.user and self.user.email)


def identify(context: Context, field: str, data_dict: DataDict) -> Sender:
    """Who sends a form.

    :param field: the parameter for the address; an account has its own
    :raises ValidationError: where there is no address
    """
    user = model.User.get(user_id(context))
    address = (user and user.email) or data_dict.get(field)
    if not address:
        refuse(field, tk._("Please fill this in"))
    return Sender(user, address)


def _key(user_id: str | None, data_dict: DataDict) -> str | None:
    """What is stored of a form to know it again.

    Its own name is not enough: who goes back and says something else sends
    another one, and what others send is none of theirs.

    :param user_id: id of the account that it is sent with
    :param data_dict: the action's parameters, with `submission`
    :returns: None where the form has no name
    """
    if data_dict.get("submission") is None:
        return None
    said = [user_id, data_dict]
    text = json.dumps(said, default=_text, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _text(value: Any) -> str:
    """What stands for something that JSON has no words for.

    Of an uploaded file the content does, not the name.
    """
    stream = getattr(value, "stream", None)
    if stream is None:
        return str(value)
    stream.seek(0)
    digest = hashlib.sha256()
    while chunk := stream.read(2**16):
        digest.update(chunk)
    stream.seek(0)
    return digest.hexdigest()


class Sent(Protocol):
    """A table of what is sent by forms."""

    @classmethod
    def sent_with(cls, submission: str | None) -> Any:
        """The row that was sent with a form, if there is one."""


T = TypeVar("T")


def once(
    context: Context,
    table: type[Sent],
    sender: Sender,
    data_dict: DataDict,
    create: Callable[[Context, str | None], T],
    *,
    is_counted: bool = True,
) -> T:
    """What comes of a form, however often it is sent; commits.

    :param data_dict: the action's parameters
    :param create: makes the row, given a context in which nothing is
        committed, and what is stored as its `submission`
    :param is_counted: whether it is counted here as a use of the forms, else
        `create` does so; a double click counts once
    :returns: the row, a new one or that of the first time
    :raises LimitReached: where it was too often
    """
    key = _key(sender.user_id, data_dict)
    # Who has logged in meanwhile sends the same form, too.
    keys = dict.fromkeys((key, _key(None, data_dict)))
    if sent := _sent(table, keys):
        return sent
    if is_counted:
        rate_limits.check(sender.user_id)
    try:
        with model.Session.begin_nested():
            row = create(deferred(context), key)
    except (IntegrityError, tk.ValidationError):
        # A double click: the other one was faster.
        if sent := _sent(table, keys):
            return sent
        raise
    commit(context)
    return row


def _sent(table: type[Sent], keys: Iterable[str | None]) -> Any:
    return next(filter(None, map(table.sent_with, keys)), None)

"""Links that let somebody without an account do one thing.

A token is signed, good for one purpose, expires, and is of use once: it names
the key of a row, which gets a new one each time something happens to it.
"""

from __future__ import annotations

import datetime
import enum
import re
import secrets
from typing import Any

import ckantoolkit as tk
from itsdangerous import (
    BadData,
    SignatureExpired,
    TimestampSigner,
    URLSafeTimedSerializer,
)
from typing_extensions import override

from .. import config

SECONDS_PER_DAY = 86_400

#: For how many days the link to a partner, a support or a proposal is good,
#: unless it goes on before.
FOLLOW_DAYS = 730

#: For how many days the mail of a form can be sent again, by who sent it.
SENT_DAYS = 1


#: For how many days the picture of a form is kept that came back.
PICTURE_DAYS = 1


class Purpose(str, enum.Enum):
    """What a token is good for."""

    FORM = "form"
    PICTURE = "picture"
    SUPPORT_CONFIRM = "support-confirm"
    SUPPORT = "support"
    SUPPORT_NAMED = "support-named"
    PARTNER_CONFIRM = "partner-confirm"
    PARTNER = "partner"
    TASK_CONFIRM = "task-confirm"
    TASK = "task"
    TASK_DONE = "task-done"
    PROPOSAL_CONFIRM = "proposal-confirm"
    PROPOSAL = "proposal"
    QUESTION_CONFIRM = "question-confirm"
    CLAIM = "claim"
    #: Somebody says whether something is still so.
    CONFIRMATION = "confirmation"
    #: Somebody with an account says what they want to be told.
    NOTICES = "notices"
    #: Who has sent a form lets its mail be sent again; no mail has it.
    SENT = "sent"


#: By these somebody sees how something stands, or what they are told, or
#: answers, however late.
FOLLOWING = frozenset(
    {
        Purpose.CONFIRMATION,
        Purpose.NOTICES,
        Purpose.PARTNER,
        Purpose.PROPOSAL,
        Purpose.SUPPORT,
        Purpose.SUPPORT_NAMED,
    }
)


#: Finds tokens in addresses, also where a part of them is missing: the other
#: parts would be of use to whoever guesses it. It looks at nothing twice, as
#: strangers may let it be looked for in long texts.
PATTERN = re.compile(
    r"Wy[IJ][\w.-]{20,}|(?<![\w-])[\w-]{20,}\.[\w-]{6}\.[\w-]{16,}",
    re.ASCII,
)


def new_key() -> str:
    """A key for a row; tokens that name an older one are of no use."""
    return secrets.token_urlsafe(16)


def make(
    purpose: Purpose,
    id_: str,
    key: str,
    since: datetime.datetime | None = None,
) -> str:
    """A token.

    :param purpose: the only thing that it is good for
    :param id_: id of the row that it is about
    :param key: the row's key
    :param since: since when it is good, in UTC (default: now); made of the
        same, it is the same each time then
    """
    return _serializer(purpose, since).dumps([id_, key])


def read(token: str, *purposes: Purpose) -> tuple[str, str]:
    """Id and key of the row that a token names.

    :param purposes: what the token may be good for
    :raises Invalid: where it is no token of ours for one of them, or has
        expired
    """
    problems: list[BadData] = []
    for purpose in purposes:
        id_, key, problem = _load(purpose, token)
        if problem is None:
            return id_, key
        problems.append(problem)
    if any(isinstance(problem, SignatureExpired) for problem in problems):
        raise tk.Invalid(tk._("This link has expired"))
    # It may be cut off, or signed with another SECRET_KEY: nobody knows.
    raise tk.Invalid(
        tk._(
            "This link is not valid (any more). Please copy all of it from the"
            " mail, or ask for a new one"
        )
    )


def _load(purpose: Purpose, token: str) -> tuple[str, str, BadData | None]:
    age = _days(purpose) * SECONDS_PER_DAY
    try:
        id_, key = _serializer(purpose).loads(token, max_age=age)
    except BadData as e:
        return "", "", e
    return id_, key, None


def _days(purpose: Purpose) -> int:
    """For how many days a token is good.

    What has to be confirmed must be soon. Whoever has taken a task can give
    it back as long as it is theirs, and a support may run for long. A project
    can be claimed, and the thanks for a task be printed, as long as the
    address is known that it belongs to.
    """
    if purpose is Purpose.PICTURE:
        return PICTURE_DAYS
    if purpose is Purpose.TASK:
        return config.task_days() + config.TASK_GRACE_DAYS
    if purpose in FOLLOWING:
        return FOLLOW_DAYS
    if purpose is Purpose.SENT:
        return SENT_DAYS
    if purpose in {Purpose.CLAIM, Purpose.TASK_DONE}:
        return config.retention_days()
    return config.token_days()


def used() -> str:
    """What to say of a token whose row has another key by now."""
    return tk._("This link has been used already")


def is_for(token: str, purpose: Purpose) -> bool:
    """Whether a token is one of ours for a purpose, and hasn't expired."""
    return _load(purpose, token)[2] is None


class _Signer(TimestampSigner):
    """One that may sign as of another time.

    :param since: that time, in UTC
    """

    def __init__(
        self, *args: Any, since: datetime.datetime | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._since = since

    @override
    def get_timestamp(self) -> int:
        if self._since is None:
            return super().get_timestamp()
        return int(
            self._since.replace(tzinfo=datetime.timezone.utc).timestamp()
        )


def _serializer(
    purpose: Purpose, since: datetime.datetime | None = None
) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        tk.config["SECRET_KEY"],
        salt=f"ckanext-digifarm:{purpose.value}",
        signer=_Signer,
        signer_kwargs={"since": since},
    )

"""Who sends the forms that anybody can send."""

from __future__ import annotations

from typing import NamedTuple

import ckantoolkit as tk

from ckan import model
from ckan.types import Context

from .context import user_id
from .errors import refuse


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


def identify(context: Context, field: str, email: str | None) -> Sender:
    """Who sends a form.

    :param field: the parameter for the address
    :param email: what it holds; an account has its own address
    :raises ValidationError: where there is no address
    """
    user = model.User.get(user_id(context))
    address = (user and user.email) or email
    if not address:
        refuse(field, tk._("Missing value"))
    return Sender(user, address)

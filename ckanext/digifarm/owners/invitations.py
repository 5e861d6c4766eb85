"""Accounts that the extension has made for people, and nobody uses yet."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from ..lib import clock
from ..lib.ckan import model

#: Where it is noted in the extras that CKAN keeps for plugins.
PLUGIN = "digifarm"
INVITED = "invited"


def note(user: model.User) -> None:
    """Note on an account that it is ours, and since when it waits."""
    extras = user.plugin_extras or {}
    ours = {**extras.get(PLUGIN, {}), INVITED: clock.now().isoformat()}
    user.plugin_extras = {**extras, PLUGIN: ours}


def renew(user: model.User) -> None:
    """Note that somebody is invited again, where the account is ours."""
    if INVITED in (user.plugin_extras or {}).get(PLUGIN, {}):
        note(user)


def waiting() -> sa.ColumnElement[bool]:
    """Whether an account is ours, and waits for its password.

    One that somebody uses is CKAN's own matter.
    """
    user = model.user_table.c
    return (user.state == model.State.PENDING) & _invited().is_not(None)


def invited_before(moment: datetime) -> sa.ColumnElement[bool]:
    """Whether somebody was invited before a moment, for the last time."""
    return _invited() < moment.isoformat()


def _invited() -> sa.ColumnElement[str]:
    return model.user_table.c.plugin_extras[PLUGIN][INVITED].astext

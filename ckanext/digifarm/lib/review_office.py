"""The organisation whose editors and admins are the city's reviewers.

The configuration names it. Where it is renamed later, it stays the one; else
nobody would review any more, or whoever gives the old name to another one.
"""

from __future__ import annotations

import sqlalchemy as sa

from .. import config
from .ckan import model

#: Where CKAN's table of settings has the name of the configuration, and the
#: id of the organisation that had it.
KEY = "digifarm.review_organization"

#: Between the two; names have none.
SEPARATOR = "/"


def organization() -> model.Group | None:
    """The organisation, where the portal has one; one SQL statement."""
    reference = config.review_organization()
    if not reference:
        return None
    stored = sa.select(model.SystemInfo.value).where(
        model.SystemInfo.key == KEY,
        model.SystemInfo.value.startswith(
            f"{reference}{SEPARATOR}", autoescape=True
        ),
    )
    known = sa.func.split_part(stored.scalar_subquery(), SEPARATOR, 2)
    group = model.Group
    query = (
        sa.select(group)
        .where(
            # The name alone, only as long as nothing else is known.
            sa.or_(
                group.id == known,
                known.is_(None)
                & sa.or_(group.id == reference, group.name == reference),
            ),
            group.is_organization.is_(True),
            group.state == model.State.ACTIVE,
        )
        .limit(1)
    )
    return model.Session.scalar(query)


def remember() -> None:
    """Note which organisation it is, before its name changes.

    Commits nothing.
    """
    found = organization()
    if found is None:
        return
    value = f"{config.review_organization()}{SEPARATOR}{found.id}"
    stored = model.Session.scalar(
        sa.select(model.SystemInfo).where(model.SystemInfo.key == KEY)
    )
    if stored is None:
        model.Session.add(model.SystemInfo(KEY, value))
    elif stored.value != value:
        stored.value = value

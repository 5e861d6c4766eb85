"""Finds what has taken the place of a dataset that was deleted.

Harvesters delete an entry and create it anew, with another id. That is no
loss, though projects have to be linked with the new one.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import sqlalchemy as sa

from ..config import PROJECT_TYPE
from ..lib.ckan import model
from .comparing import Dataset
from .looking import IDENTIFIERS

#: What stands at the same address, or has the same name, may have done so for
#: long; only what came then is the same entry. Some create it before they
#: delete the other one.
BEFORE = timedelta(days=1)

_PACKAGE = model.package_table.c


def came_back_as(lost: Dataset, since: datetime) -> model.Package | None:
    """The public dataset that has taken the place of one that is gone.

    Of the same organisation, with an identifier of it, or created by then
    with its address or its name; one SQL statement. A name has a number at
    its end where it was still taken; then the title must be the same.

    :param lost: as it was
    :param since: since when it is gone
    """
    if not lost.owner_org:
        return None
    is_known = _has_identifier(lost.identifiers)
    is_new = _PACKAGE.metadata_created >= since - BEFORE
    has_url = sa.and_(_PACKAGE.url == lost.url, sa.literal(lost.url != ""))
    numbered = f"^{re.escape(lost.name)}[-_]?[0-9]+$"
    has_name = sa.or_(
        _PACKAGE.name == lost.name,
        sa.and_(
            _PACKAGE.name.regexp_match(numbered),
            _PACKAGE.title == lost.title,
        ),
    )
    query = (
        sa.select(model.Package)
        .where(
            _PACKAGE.owner_org == lost.owner_org,
            _PACKAGE.state == model.State.ACTIVE,
            _PACKAGE.private.is_(False),
            _PACKAGE.type != PROJECT_TYPE,
            sa.or_(is_known, sa.and_(is_new, sa.or_(has_url, has_name))),
        )
        # The surest first.
        .order_by(
            is_known.desc(), has_name.desc(), _PACKAGE.metadata_created.desc()
        )
        .limit(1)
    )
    return model.Session.scalar(query)


def _has_identifier(identifiers: list[str]) -> sa.ColumnElement[bool]:
    """Whether a package has one of some identifiers, in whichever extra."""
    return sa.or_(
        sa.false(),
        *(
            sa.func.btrim(_PACKAGE.extras[key].astext).in_(identifiers)
            for key in IDENTIFIERS
        ),
    )

"""Which projects everybody sees, as conditions of queries."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ..config import PROJECT_TYPE
from ..lib.ckan import model
from . import stages


def is_public(package: Any) -> sa.ColumnElement[bool]:
    """Whether a package is a project that everybody may read.

    :param package: the columns of a table of packages
    """
    return sa.and_(
        package.type == PROJECT_TYPE,
        package.state == model.State.ACTIVE,
        package.private.is_(False),
    )


def goes_on(package: Any) -> sa.ColumnElement[bool]:
    """Whether it is one that is not over.

    :param package: the columns of a table of packages
    """
    stage = sa.func.coalesce(package.extras["stage"].astext, "")
    return is_public(package) & stage.not_in(stages.OVER)

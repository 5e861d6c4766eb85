"""What people may read of what they are told."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from ..lib import permissions
from ..lib.ckan import get_permission_labels, model
from ..proposals.model import Proposal
from .model import Notice


def readable(user: model.User, notices: list[Notice]) -> list[Notice]:
    """Those of some notices of which a user may read all packages.

    A constant number of SQL statements.
    """
    ids = {id_ for notice in notices for id_ in notice.package_ids}
    may = _readable_packages(user, ids)
    return [notice for notice in notices if may.issuperset(notice.package_ids)]


def _readable_packages(user: model.User, ids: Iterable[str]) -> set[str]:
    """Which of some packages a user may read, as `package_show` says.

    By the database and not by the index: what was hidden a moment ago counts.
    """
    query = sa.select(model.Package).where(model.Package.id.in_([*ids]))
    packages = model.Session.scalars(query).all()
    if user.sysadmin:
        return {package.id for package in packages}
    labels = get_permission_labels()
    own = {*labels.get_user_dataset_labels(user)}
    may = {
        package.id
        for package in packages
        if own.intersection(labels.get_dataset_labels(package))
    }
    rest = {package.id for package in packages} - may
    # As core/auth.py says.
    if rest and permissions.is_reviewer(user.name):
        may |= Proposal.kept_projects([*rest])
    return may

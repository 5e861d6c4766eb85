"""Who owns a project: collaborators of CKAN who may edit it.

Whoever owns it only as they take care of it does so as long as that goes on:
the support says whose account that is (`owner_id`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from ..lib import lookups
from ..lib.ckan import model
from ..lib.people import CAPACITIES
from ..support.model import Support
from ..support.running import is_running

CAPACITY = "editor"


@dataclass(frozen=True)
class Gone:
    """Somebody who owned a project as long as they took care of it.

    :param user: who that is
    :param is_last: whether nobody owns it any more
    :param may_edit: whether they may change its entry all the same
    """

    user: model.User
    is_last: bool
    may_edit: bool


def owners(project_id: str) -> list[model.User]:
    """The owners of a project by name, those too who come only later.

    Whoever was invited by CKAN has an account that waits for its password.
    """
    query = (
        sa.select(model.User)
        .join(
            model.PackageMember, model.PackageMember.user_id == model.User.id
        )
        .where(
            model.PackageMember.package_id == project_id,
            model.PackageMember.capacity.in_(CAPACITIES),
            model.User.state != model.State.DELETED,
        )
        .order_by(model.User.fullname, model.User.name)
    )
    return list(model.Session.scalars(query))


def is_owner(project_id: str, user_id: str | None) -> bool:
    """Whether somebody owns a project."""
    member = _of(project_id, user_id)
    return member is not None and member.capacity in CAPACITIES


def add(project_id: str, user: model.User) -> None:
    """Make a user the owner of a project; commits nothing.

    From now on it is theirs, whatever support ends. Who may do more already
    keeps that.
    """
    keep(project_id, user.id)
    _add(project_id, user)


def add_by(support: Support, user: model.User) -> None:
    """Make a user an owner as long as a support runs; commits nothing.

    Whoever is one in another right stays so.
    """
    project_id = support.project_id
    _take_turns(project_id)
    is_by_care = _is_by_care(project_id, user.id)
    if is_by_care or not is_owner(project_id, user.id):
        support.owner_id = user.id
    _add(project_id, user)


def lock(project_id: str, *user_ids: str | None) -> None:
    """Lock what changes as some own a project or do so no longer.

    As the end of a support does: the support, whose turn it is, invitations.
    """
    _owned_by(project_id, *user_ids)
    _take_turns(project_id)


def keep(project_id: str, user_id: str) -> None:
    """Let nobody lose a project by the end of a support; commits nothing."""
    lock(project_id, user_id)
    # Also by one that somebody has accepted while we waited.
    for support in _owned_by(project_id, user_id):
        support.owner_id = None
    model.Session.flush()


def remove(project_id: str, user_id: str) -> bool:
    """Let somebody own a project no longer; commits nothing.

    :returns: whether they did until now
    """
    keep(project_id, user_id)
    return _remove(project_id, user_id)


def remove_by(support: Support) -> str | None:
    """Let whoever owned a project by a support do so no longer.

    Unless they take care of it by another one, too. Commits nothing.

    :param support: one that ends, and is locked
    :returns: id of the account that has owned it until now, if one has
    """
    if support.owner_id is None:
        return None
    project_id, user_id = support.project_id, support.owner_id
    _take_turns(project_id)
    support.owner_id = None
    model.Session.flush()
    if _is_by_care(project_id, user_id) or not _remove(project_id, user_id):
        return None
    return user_id


def _take_turns(project_id: str) -> None:
    """Let one be the last of two who go at once.

    After all that is locked besides.
    """
    lookups.take_turns(f"owners {project_id}")


def _owned_by(project_id: str, *user_ids: str | None) -> Sequence[Support]:
    """The supports by which some own a project, locked.

    No others: who accepts one locks it before what belongs to the project.
    """
    return model.Session.scalars(
        sa.select(Support)
        .where(
            Support.project_id == project_id, Support.owner_id.in_(user_ids)
        )
        .order_by(Support.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()


def _is_by_care(project_id: str, user_id: str) -> bool:
    """Whether somebody owns a project by a support that runs."""
    query = sa.select(Support.id).where(
        Support.project_id == project_id,
        Support.owner_id == user_id,
        is_running(),
    )
    return model.Session.scalar(query.limit(1)) is not None


def _add(project_id: str, user: model.User) -> None:
    member = _of(project_id, user.id) or model.PackageMember(
        package_id=project_id, user_id=user.id, capacity=CAPACITY
    )
    if member.capacity not in CAPACITIES:
        member.capacity = CAPACITY
    model.Session.add(member)
    model.Session.flush()


def _remove(project_id: str, user_id: str) -> bool:
    member = _of(project_id, user_id, with_for_update=True)
    if member is None or member.capacity not in CAPACITIES:
        return False
    model.Session.delete(member)
    model.Session.flush()
    return True


def _of(
    project_id: str, user_id: str | None, *, with_for_update: bool = False
) -> model.PackageMember | None:
    query = sa.select(model.PackageMember).where(
        model.PackageMember.package_id == project_id,
        model.PackageMember.user_id == user_id,
    )
    if with_for_update:
        query = query.with_for_update()
    return model.Session.scalar(query)

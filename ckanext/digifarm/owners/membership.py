"""Who owns a project: collaborators of CKAN who may edit it."""

from __future__ import annotations

import sqlalchemy as sa

from ..lib.ckan import model
from ..lib.people import CAPACITIES

CAPACITY = "editor"


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

    Who may do more already keeps that.
    """
    member = _of(project_id, user.id) or model.PackageMember(
        package_id=project_id, user_id=user.id, capacity=CAPACITY
    )
    if member.capacity not in CAPACITIES:
        member.capacity = CAPACITY
    model.Session.add(member)
    model.Session.flush()


def remove(project_id: str, user_id: str) -> bool:
    """Let somebody own a project no longer; commits nothing.

    :returns: whether they did until now
    """
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

"""The people behind projects, and those who review them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa

from .. import config
from . import addresses, review_office
from .ckan import authz, model
from .outbox import Recipient

#: Capacities of collaborators who may update a package.
CAPACITIES = ("admin", "editor")


def of_project(project: model.Package) -> list[model.User]:
    """Who looks after a project: its owners, or else who publishes it.

    :returns: see `looking_after`
    """
    return looking_after(project.id, project.owner_org)


def looking_after(
    project_id: str, organization_id: str | None
) -> list[model.User]:
    """Who looks after a project as long as an organisation has it.

    :param organization_id: its id
    :returns: active users: the collaborators who may edit it; where there are
        none, the editors and admins of its organisation
    """
    collaborators = sa.select(model.PackageMember.user_id).where(
        model.PackageMember.package_id == project_id,
        model.PackageMember.capacity.in_(CAPACITIES),
    )
    found = _users(collaborators) if collaborate() else []
    return found or editors_of(organization_id)


def of_projects(project_ids: Collection[str]) -> dict[str, list[model.User]]:
    """The same for many projects, by their ids; one SQL statement.

    Each user comes once, however many projects they look after.
    """
    package = model.package_table.c
    ids = sa.select(package.id).where(package.id.in_(project_ids))
    team = teams(ids).subquery()
    of_user = (
        sa.select(
            team.c.user_id,
            sa.func.array_agg(sa.distinct(team.c.project_id)).label("ids"),
        )
        .group_by(team.c.user_id)
        .subquery()
    )
    query = (
        sa.select(model.User, of_user.c.ids)
        .join(of_user, of_user.c.user_id == model.User.id)
        .where(model.User.state == model.State.ACTIVE)
        .order_by(model.User.name)
    )
    found: dict[str, list[model.User]] = {id_: [] for id_ in project_ids}
    for user, theirs in model.Session.execute(query):
        for id_ in theirs:
            found[id_].append(user)
    return found


def collaborate() -> bool:
    """Whether the portal has collaborators at all."""
    return bool(authz.check_config_permission("allow_dataset_collaborators"))


def organization(reference: str | None) -> model.Group | None:
    """An organisation that there is.

    :param reference: its id or name
    """
    # By key first: a page has loaded its organisation already.
    found = (
        model.Session.get(model.Group, reference) if reference else None
    ) or model.Group.get(reference)
    if found and found.is_organization and found.is_active():
        return found
    return None


def organizations() -> list[model.Group]:
    """The organisations of the portal by title; one SQL statement.

    As many as core lists at most.
    """
    query = (
        model.Session.query(model.Group)
        .filter(
            model.Group.is_organization,
            model.Group.state == model.State.ACTIVE,
        )
        .order_by(model.Group.title, model.Group.name)
        .limit(tk.config["ckan.group_and_organization_list_max"])
    )
    return list(query)


def organizations_of(user: model.User) -> list[str]:
    """Ids of the organisations that a user edits for, as their member.

    Also of those below them, where their role counts there as well.
    """
    roles = authz.get_roles_with_permission("update_dataset")
    cascading = authz.check_config_permission(
        "roles_that_cascade_to_sub_groups"
    )
    found: set[str] = set()
    query = (
        model.Session.query(model.Member, model.Group)
        .join(model.Group, model.Group.id == model.Member.group_id)
        .filter(
            model.Member.table_name == "user",
            model.Member.table_id == user.id,
            model.Member.state == model.State.ACTIVE,
            model.Member.capacity.in_(roles),
            model.Group.is_organization,
            model.Group.state == model.State.ACTIVE,
        )
    )
    for member, group in query:
        found.add(group.id)
        if member.capacity in cascading:
            below = group.get_children_group_hierarchy(type="organization")
            found.update(row[0] for row in below)
    return sorted(found)


def names(user_ids: Collection[str | None]) -> dict[str | None, str]:
    """What some users are called, by their ids; one SQL statement at most."""
    wanted = {id_ for id_ in user_ids if id_}
    if not wanted:
        return {}
    query = sa.select(model.User).where(model.User.id.in_(wanted))
    return {
        user.id: user.display_name for user in model.Session.scalars(query)
    }


def reviewers() -> list[model.User]:
    """The city's reviewers: editors and admins of their organisation."""
    found = review_office.organization()
    return editors_of(found.id if found else None)


def is_at(user: model.User, email: str) -> bool:
    """Whether a user is written to at an address."""
    own = user.email and addresses.mailbox(user.email)
    return own == addresses.mailbox(email)


def recipients(users: list[model.User]) -> list[Recipient]:
    """How users are written to; CKAN doesn't know their language.

    :returns: the city's team where none of them has an address
    """
    language = config.default_language()
    found = [
        Recipient(user.email, user.display_name, language)
        for user in users
        if user.email
    ]
    if not found and (email := config.contact_email()):
        found.append(Recipient(addresses.stored(email), "", language))
    return found


def editors_of(organization_id: str | None) -> list[model.User]:
    """Who edits for an organisation: active users.

    :param organization_id: its id
    """
    found = editors().subquery()
    return _users(
        sa.select(found.c.user_id).where(
            found.c.organization_id == organization_id
        )
    )


def editors() -> sa.Select[Any]:
    """A query for those of all organisations, for statements that join it.

    :returns: with the columns `organization_id` and `user_id`; whether a user
        is active isn't looked at
    """
    return sa.select(
        model.Member.group_id.label("organization_id"),
        model.Member.table_id.label("user_id"),
    ).where(
        model.Member.table_name == "user",
        model.Member.state == model.State.ACTIVE,
        model.Member.capacity.in_(
            authz.get_roles_with_permission("update_dataset")
        ),
    )


def teams(project_ids: sa.Select[Any]) -> sa.CompoundSelect[Any]:
    """A query for those who look after each project, as `of_project` says.

    :param project_ids: a query for the ids of the projects
    :returns: with the columns `project_id` and `user_id`; whether an editor
        is active isn't looked at
    """
    package = model.package_table.c
    owner = model.PackageMember
    owners = (
        sa.select(owner.package_id.label("project_id"), owner.user_id)
        .join(model.User, model.User.id == owner.user_id)
        .where(
            owner.package_id.in_(project_ids),
            owner.capacity.in_(CAPACITIES),
            model.User.state == model.State.ACTIVE,
            sa.literal(collaborate()),
        )
    )
    has_owner = (
        owners.where(owner.package_id == package.id)
        .correlate(model.package_table)
        .exists()
    )
    found = editors().subquery()
    others = (
        sa.select(package.id, found.c.user_id)
        .join(found, found.c.organization_id == package.owner_org)
        .where(package.id.in_(project_ids), ~has_owner)
    )
    return sa.union_all(owners, others)


def _users(ids: sa.Select[Any]) -> list[model.User]:
    return list(
        model.Session.scalars(
            sa.select(model.User)
            .where(
                model.User.id.in_(ids),
                model.User.state == model.State.ACTIVE,
            )
            .order_by(model.User.name)
        )
    )

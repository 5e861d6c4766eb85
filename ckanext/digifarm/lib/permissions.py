"""Who may do something, asked by auth functions of all subjects."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import ckantoolkit as tk

from . import review_office
from .ckan import (
    AuthResult,
    Context,
    authz,
    get_permission_labels,
    model,
)
from .context import user_id

#: Who has it in an organisation may edit and act for its partner.
EDIT = "update_dataset"


def allowed(
    auth: str,
    context: Context,
    id_: str,
    more: Mapping[str, Any] | None = None,
) -> bool:
    """Whether the user may do something with one thing.

    :param auth: name of the auth function
    :param id_: id or name of the thing
    :param more: what the context says besides
    """
    # A context of its own: core keeps in it the package it has looked at.
    context = tk.fresh_context(context, **(more or {}))
    answer = authz.is_authorized(auth, context, {"id": id_})
    return answer.get("success", False)


def for_users(context: Context) -> AuthResult:
    """What everybody may who is logged in.

    Core asks auth functions about nobody too, where a request comes by the
    web: its user object for nobody counts as one.
    """
    if user_id(context):
        return {"success": True}
    return {"success": False, "msg": tk._("Please log in first")}


def may_read(context: Context, id_: str) -> bool:
    """Whether the user may read a package.

    :raises ObjectNotFound: where there is no such package
    """
    return allowed("package_show", context, id_)


#: In a context: asks about the team of a project alone; see core/auth.py.
AS_TEAM: Any = "digifarm_as_team"


def may_update(context: Context, id_: str) -> bool:
    """Whether the user, who must be somebody, may act for a package.

    For a project, that is its team: its owners, and who edits for its
    organisation. Reviewers may mend what came through them, and no more.

    :raises ObjectNotFound: where there is no such package
    """
    if not context.get("user") and not context.get("ignore_auth"):
        return False
    return allowed("package_update", context, id_, {AS_TEAM: True})


def updatable(
    context: Context, packages: Collection[dict[str, Any]]
) -> set[str]:
    """Which of some packages the user may update.

    As `may_update` for each of them, at a cost that doesn't grow with their
    number: once for all organisations and once for all collaborations. Those
    without an organisation are left out.

    :param packages: package dictionaries
    :returns: their ids
    """
    if not context.get("user") or not packages:
        return set()
    user = model.User.get(context.get("user"))
    if user is None:
        return set()
    if user.sysadmin:
        return {package["id"] for package in packages}
    organizations = tk.get_action("organization_list_for_user")(
        {"user": user.name}, {"permission": "update_dataset"}
    )
    own = {organization["id"] for organization in organizations}
    if authz.check_config_permission("allow_dataset_collaborators"):
        collaborations = tk.get_action("package_collaborator_list_for_user")(
            {"ignore_auth": True}, {"id": user.id}
        )
        own |= {
            collaboration["package_id"]
            for collaboration in collaborations
            if collaboration["capacity"] in {"admin", "editor"}
        }
    return {
        package["id"]
        for package in packages
        if own & {package["id"], package["owner_org"]}
    }


def readable(
    context: Context, packages: Collection[model.Package]
) -> set[str]:
    """Which of some packages the user may read, as a search would find them.

    At a cost that doesn't grow with their number; for people who aren't
    logged in, without SQL.

    :param packages: with all that says who may read them
    :returns: their ids
    """
    if not packages:
        return set()
    name = context.get("user")
    user = model.User.get(name) if name else None
    if context.get("ignore_auth") or (user and user.sysadmin):
        return {package.id for package in packages}
    labels = get_permission_labels()
    own = {*labels.get_user_dataset_labels(user)}
    return {
        package.id
        for package in packages
        if own & {*labels.get_dataset_labels(package)}
    }


def readable_of(
    context: Context, packages: Collection[model.Package]
) -> set[str]:
    """Which of some packages the user may read.

    As `may_read` for each, which is asked of those only that core's labels
    don't open to the user: the others cost the same, however many they are.

    :returns: their ids
    """
    open_ = readable(context, packages)
    rest = (p.id for p in packages if p.id not in open_)
    return open_ | {id_ for id_ in rest if may_read(context, id_)}


def updatable_of(
    context: Context, packages: Collection[model.Package]
) -> set[str]:
    """Which of some packages the user may act for.

    As `may_update` for each, which is asked of those only that the user has
    by no organisation and no collaboration.

    :returns: their ids
    """
    found = updatable(
        context, [{"id": p.id, "owner_org": p.owner_org} for p in packages]
    )
    rest = (p.id for p in packages if p.id not in found)
    return found | {id_ for id_ in rest if may_update(context, id_)}


def is_reviewer(user: str | None) -> bool:
    """Whether a user keeps the directory for the city.

    :param user: name of the user
    """
    if not user:
        return False
    found = review_office.organization()
    return found is not None and edits_for(user, found.id)


def edits_for(user: str | None, organization: str | None) -> bool:
    """Whether a user is an editor or admin of an organisation.

    :param user: name of the user
    :param organization: its id or name
    """
    return bool(user) and authz.has_user_permission_for_group_or_org(
        organization, user, EDIT
    )


def is_sysadmin(context: Context) -> bool:
    """Whether the user may do anything here; the portal itself may, too."""
    user = model.User.get(context.get("user"))
    return bool(context.get("ignore_auth") or (user and user.sysadmin))

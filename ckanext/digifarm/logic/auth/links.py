from __future__ import annotations

from collections.abc import Collection
from typing import Any

import ckantoolkit as tk

from ckan import model
from ckan.authz import check_config_permission, is_authorized
from ckan.types import AuthResult, Context, DataDict

from ..context import allowed


def digifarm_link_create(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may update either side, and read both, may link them."""
    if not all(may_read(context, id_) for id_ in _both(data_dict)):
        return _no(tk._("You may not read both the project and the dataset"))
    if not any(may_update(context, id_) for id_ in _both(data_dict)):
        return _no(tk._("You may edit neither the project nor the dataset"))
    return {"success": True}


def digifarm_link_delete(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may link two packages may remove the link."""
    return digifarm_link_create(context, data_dict)


@tk.auth_allow_anonymous_access
def digifarm_link_counts(context: Context, data_dict: DataDict) -> AuthResult:
    """Everybody: the counts know of public packages only."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def digifarm_dataset_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may read the project; the list holds what they may read."""
    return is_authorized("package_show", context, {"id": data_dict["project"]})


@tk.auth_allow_anonymous_access
def digifarm_project_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may read the dataset; the list holds what they may read."""
    return is_authorized("package_show", context, {"id": data_dict["dataset"]})


def may_read(context: Context, id_: str) -> bool:
    """Whether the user may read a package.

    :raises ObjectNotFound: where there is no such package
    """
    return allowed("package_show", context, id_)


def may_update(context: Context, id_: str) -> bool:
    """Whether the user, who must be somebody, may update a package.

    :raises ObjectNotFound: where there is no such package
    """
    if not context.get("user") and not context.get("ignore_auth"):
        return False
    return allowed("package_update", context, id_)


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
    if check_config_permission("allow_dataset_collaborators"):
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


def _both(data_dict: DataDict) -> tuple[str, str]:
    return data_dict["project"], data_dict["dataset"]


def _no(message: str) -> AuthResult:
    return {"success": False, "msg": message}

from __future__ import annotations

import ckantoolkit as tk

from ..lib.ckan import AuthResult, Context, DataDict, is_authorized
from ..lib.permissions import may_read, may_update, updatable_of
from ..projects import lookups
from .model import Link, Side


def digifarm_link_create(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may update either side, and read both, may link them."""
    if not all(may_read(context, id_) for id_ in _both(data_dict)):
        return _no(tk._("You may not read both the project and the dataset"))
    if not any(may_update(context, id_) for id_ in _both(data_dict)):
        return _no(tk._("You may edit neither the project nor the dataset"))
    return {"success": True}


def digifarm_link_delete(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may link two packages may remove the link.

    So may a project's team where its dataset can't be read any more, such as
    one that was deleted.
    """
    project, dataset = (
        lookups.package(data_dict, side.value) for side in Side
    )
    if Link.get(project.id, dataset.id) and may_update(context, project.id):
        return {"success": True}
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


@tk.auth_allow_anonymous_access
def digifarm_data_use(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may read the organisation; private datasets are for its editors."""
    return is_authorized(
        "organization_show", context, {"id": data_dict["organization"]}
    )


@tk.auth_allow_anonymous_access
def digifarm_data_use_count(
    context: Context, data_dict: DataDict
) -> AuthResult:
    """Who may read the organisation."""
    return digifarm_data_use(context, data_dict)


def digifarm_links_create(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may read a package, and edit it or any that it is linked with.

    Whether they may do so with each of these, the action says one by one.
    """
    this = data_dict.get("project") or data_dict["dataset"]
    if not may_read(context, this):
        return _no(tk._("You may not read both the project and the dataset"))
    others = lookups.packages(data_dict["linked"])
    if not (may_update(context, this) or updatable_of(context, others)):
        return _no(tk._("You may edit neither the project nor the dataset"))
    return {"success": True}


def _both(data_dict: DataDict) -> tuple[str, str]:
    return data_dict["project"], data_dict["dataset"]


def _no(message: str) -> AuthResult:
    return {"success": False, "msg": message}

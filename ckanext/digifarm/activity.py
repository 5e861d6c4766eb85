"""Links in the activity streams of both packages, where that plugin is on."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ckan import model
from ckan.lib.plugins import get_permission_labels
from ckan.plugins import plugin_loaded
from ckan.types import Context

from .model import Link, Side

# Types that don't end in "package" escape the permission labels of activities.
LINKED = "linked package"
UNLINKED = "unlinked package"
NEW = "new package"  # core's own
TYPES = frozenset({LINKED, UNLINKED})


def register() -> None:
    """Make the activity plugin accept our types; without it, do nothing."""
    if not plugin_loaded("activity"):
        return
    # The model of that plugin must not be imported where it is off.
    from ckanext.activity.logic.validators import (  # noqa: PLC0415
        object_id_validators,
    )

    object_id_validators.update(dict.fromkeys(TYPES, "package_id_exists"))


def record(activity_type: str, context: Context, link: Link) -> None:
    """Note on both packages that they were linked or unlinked.

    A package says so only while the other one is public: its readers must
    not learn of one that they may not see. The activity holds the id of the
    other package, never its title; what may be shown is decided when it is
    read. Commits nothing.

    :param activity_type: `LINKED` or `UNLINKED`
    :param context: whose user did it
    :param link: the link
    """
    user = model.User.get(context.get("user"))
    if user is None or not plugin_loaded("activity"):
        return
    for side in Side:
        package = model.Package.get(link.package_id(side))
        other = model.Package.get(link.package_id(side.other))
        if package and other and _is_public(other):
            _create(activity_type, user, package, {"linked_id": other.id})


def record_approval(context: Context, project: model.Package) -> None:
    """Note on a project that it is there for everybody now; commits nothing.

    What core has noted before is for those who could read it then.

    :param context: whose user did it; the portal's, as it is nobody's
        business which reviewer has decided. Streams show that where
        `ckan.hide_activity_from_users` allows it.
    """
    user = model.User.get(context.get("user"))
    if user and plugin_loaded("activity"):
        _create(NEW, user, project, {"actor": user.name})


def forget(id_: str) -> None:
    """Delete all that the streams hold of something; commits nothing.

    Core keeps it when a package is purged, with all that the package said.

    :param id_: id of a package or a user
    """
    if not plugin_loaded("activity"):
        return
    # As in `register`.
    from ckanext.activity.model import Activity  # noqa: PLC0415

    query = model.Session.query(Activity).filter_by(object_id=id_)
    for activity in query:
        model.Session.delete(activity)


def _is_public(package: model.Package) -> bool:
    return package.state == model.State.ACTIVE and not package.private


def _create(
    activity_type: str,
    user: model.User,
    package: model.Package,
    data: dict[str, str],
) -> None:
    # The pages of the activity plugin expect the whole package in the data.
    package_dict: dict[str, Any] = tk.get_action("package_show")(
        {"ignore_auth": True, "for_view": False, "use_cache": False},
        {"id": package.id},
    )
    tk.get_action("activity_create")(
        {"ignore_auth": True, "user": user.name, "defer_commit": True},
        {
            "user_id": user.id,
            "object_id": package.id,
            "activity_type": activity_type,
            "data": {"package": package_dict, **data},
            "permission_labels": (
                get_permission_labels().get_dataset_labels(package)
            ),
        },
    )

"""What the activity streams of core say of us, where that plugin is on."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ckan.plugins import plugin_loaded

from .ckan import Context, get_permission_labels, model

NEW = "new package"  # core's own


def record_approval(context: Context, project: model.Package) -> None:
    """Note on a project that it is there for everybody now; commits nothing.

    What core has noted before is for those who could read it then.

    :param context: whose user did it; the portal's, as it is nobody's
        business which reviewer has decided. Streams show that where
        `ckan.hide_activity_from_users` allows it.
    """
    user = model.User.get(context.get("user"))
    if user and plugin_loaded("activity"):
        create(NEW, user, project, {"actor": user.name})


def forget(id_: str) -> None:
    """Delete all that the streams hold of something; commits nothing.

    Core keeps it when a package is purged, with all that the package said.

    :param id_: id of a package or a user
    """
    if not plugin_loaded("activity"):
        return
    # The model of that plugin must not be imported where it is off.
    from ckanext.activity.model import Activity  # noqa: PLC0415

    query = model.Session.query(Activity).filter_by(object_id=id_)
    for activity in query:
        model.Session.delete(activity)


def create(
    activity_type: str,
    user: model.User,
    package: model.Package,
    data: dict[str, str],
) -> None:
    """Write an activity of a package into the streams; commits nothing.

    :param user: whose activity it is
    :param data: what it says besides the package
    """
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

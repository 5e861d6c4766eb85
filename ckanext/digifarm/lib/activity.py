"""What the activity streams of core say of us, where that plugin is on."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa

from ckan.plugins import plugin_loaded

from .ckan import Context, get_permission_labels, model

#: Core's own.
NEW = "new package"
CHANGED = "changed package"
DELETED = "deleted package"


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
    for activity in _stored("object_id", [id_]):
        model.Session.delete(activity)


def rename(user_id: str, name: str) -> None:
    """Let the streams call a user something else; commits nothing.

    :param name: what they are called from now on
    """
    for activity in _stored("user_id", [user_id]):
        if "actor" in (activity.data or {}):
            activity.data = {**activity.data, "actor": name}


def about(id_: str) -> list[dict[str, Any]]:
    """What the streams tell of a package or a user, the oldest first.

    Who did it is left out.

    :param id_: its id
    """
    return [_shown(activity) for activity in _stored("object_id", [id_])]


def by(user_ids: Collection[str]) -> list[dict[str, Any]]:
    """What some users have done by the streams, the oldest first."""
    return [_shown(activity) for activity in _stored("user_id", user_ids)]


def last_before(
    id_: str, at: datetime.datetime
) -> tuple[str | None, dict[str, Any]] | None:
    """What the streams know last of a package before a moment.

    One SQL statement.

    :param id_: its id
    :param at: in UTC
    :returns: the id of the user who did it, and the package as it was then
    """
    if not plugin_loaded("activity"):
        return None
    from ckanext.activity.model import Activity  # noqa: PLC0415

    found = (
        model.Session.query(Activity)
        .filter(
            Activity.object_id == id_,
            Activity.activity_type.in_((NEW, CHANGED, DELETED)),
            Activity.timestamp <= at,
        )
        .order_by(Activity.timestamp.desc())
        .first()
    )
    package = ((found.data or {}) if found else {}).get("package")
    return (found.user_id, package) if found and package else None


def _stored(column: str, ids: Collection[str]) -> list[Any]:
    """The activities that have one of some ids, the oldest first."""
    if not plugin_loaded("activity"):
        return []
    # The model of that plugin must not be imported where it is off.
    from ckanext.activity.model import Activity  # noqa: PLC0415

    return (
        model.Session.query(Activity)
        .filter(getattr(Activity, column).in_(ids))
        .order_by(Activity.timestamp)
        .all()
    )


def _shown(activity: Any) -> dict[str, Any]:
    data = activity.data or {}
    about = next(
        (data[key] for key in ("package", "group") if data.get(key)), {}
    )
    return {
        "when": activity.timestamp,
        "what": activity.activity_type,
        "title": about.get("title") or about.get("name"),
    }


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


def is_only_by(
    user_id: Any, package_id: Any, since: Any
) -> sa.ColumnElement[bool]:
    """SQL for whether nobody but a user has changed a package since a moment.

    It isn't so where nothing is known of it.

    :param user_id: the column of the user's id
    :param package_id: the column of the package's id
    :param since: the column of that moment
    """
    if not plugin_loaded("activity"):
        return sa.false()
    from ckanext.activity.model import Activity  # noqa: PLC0415

    changes = sa.select(sa.literal(1)).where(
        Activity.object_id == package_id,
        Activity.timestamp > since,
        Activity.activity_type == CHANGED,
    )
    theirs = changes.where(Activity.user_id == user_id)
    others = changes.where(Activity.user_id != user_id)
    return theirs.exists() & ~others.exists()

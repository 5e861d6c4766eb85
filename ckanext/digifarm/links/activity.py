"""Links in the activity streams of both packages, where that plugin is on."""

from __future__ import annotations

from ckan.plugins import plugin_loaded

from ..lib.activity import create
from ..lib.ckan import Context, model
from .model import Link, Side

# Types that don't end in "package" escape the permission labels of activities.
LINKED = "linked package"
UNLINKED = "unlinked package"
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
            create(activity_type, user, package, {"linked_id": other.id})


def _is_public(package: model.Package) -> bool:
    return package.state == model.State.ACTIVE and not package.private

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib import permissions
from ..lib import schema as lib_schema
from ..lib.ckan import Context, DataDict, model
from ..lib.context import commit, user_id
from ..lib.errors import refuse
from . import links, reading, schema
from .kinds import KINDS, Kind
from .links import Link
from .model import NEVER, Notice, NoticeSettings


@tk.side_effect_free
@tk.validate_action_data(lib_schema.page)
def digifarm_notice_list(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """What you were told, or will be in the next digest; the newest first.

    You must be logged in.

    :param limit: how many at most (optional, default and most:
        `ckan.search.rows_max`)
    :type limit: int
    :param offset: how many to leave out first (optional, default: 0)
    :type offset: int

    :returns: `count`, and `results`: dictionaries with `id`, `kind`, `label`
        of the kind, `title`, `text` (a list of paragraphs), `steps` (a list
        of dictionaries with `label` and `address`), `created`, and `sent`,
        when a mail told of it, or None. What you may read no longer is
        counted, and left out
    :rtype: dictionary

    :raises NotAuthorized: where you are not logged in
    """
    tk.check_access("digifarm_notice_list", context, data_dict)
    user = model.User.get(user_id(context))
    if user is None:
        # The portal itself may ask, and is told nothing.
        return {"count": 0, "results": []}
    count, notices = Notice.of_user(
        user.id, limit=data_dict["limit"], offset=data_dict["offset"]
    )
    return {
        "count": count,
        "results": [
            _notice(notice)
            for notice in reading.readable(user, notices)
            if notice.kind in KINDS
        ],
    }


def _notice(notice: Notice) -> dict[str, Any]:
    kind, data = KINDS[notice.kind], notice.data
    return {
        "id": notice.id,
        "kind": kind.name,
        "label": kind.label(),
        "title": kind.line([data]),
        "text": kind.text(data),
        "steps": [
            {"label": label, "address": address}
            for label, address in kind.steps(data)
        ],
        "created": notice.created.isoformat(),
        "sent": notice.sent.isoformat() if notice.sent else None,
    }


@tk.side_effect_free
@tk.validate_action_data(schema.settings_show)
def digifarm_notice_settings_show(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """What you want to be told by mail.

    You must be logged in, or have the link of a mail that told you something.

    :param token: what that link ends with (optional)
    :type token: string

    :returns: `kinds`, those that can concern you: a list of dictionaries with
        `name`, `label`, `is_urgent` (whether it comes at once, and not in the
        digest) and `is_on`; `digest`: `daily`, `weekly` or `never`. By a link
        also `mail`: `name` and `label` of the kind of its mail, and `is_on`;
        of a digest the name is `digest`, and the label ""
    :rtype: dictionary

    :raises NotAuthorized: where you are not logged in and have no link
    :raises ValidationError: where the link is of no use (any more)
    """
    tk.check_access("digifarm_notice_settings_show", context, data_dict)
    return _settings(_who(context, data_dict))


@tk.validate_action_data(schema.settings_update)
def digifarm_notice_settings_update(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Say what you want to be told by mail.

    What isn't given stays. What concerns your own offers and proposals always
    comes.

    You must be logged in, or have the link of a mail that told you something.

    :param token: what that link ends with (optional)
    :type token: string
    :param off: names of the kinds that you want no mail of (optional)
    :type off: list of strings
    :param digest: how often news come together in one mail: `daily`,
        `weekly` or `never` (optional)
    :type digest: string
    :param turn_off: turn off the kind of the mail that the link was in, or
        the digest (optional, default: no)
    :type turn_off: bool

    :returns: as `digifarm_notice_settings_show`
    :rtype: dictionary

    :raises NotAuthorized: where you are not logged in and have no link
    :raises ValidationError: where the link is of no use (any more), or there
        is no such kind
    """
    tk.check_access("digifarm_notice_settings_update", context, data_dict)
    who = _who(context, data_dict)
    if data_dict["turn_off"]:
        _turn_off(who)
    values = {k: data_dict[k] for k in ("off", "digest") if k in data_dict}
    if "off" in values:
        values["off"] = _off(who, values["off"])
    NoticeSettings.change(who.user.id, values)
    commit(context)
    return _settings(who)


def _turn_off(who: Link) -> None:
    if not who.kind:
        refuse("turn_off", tk._("Only the link of a mail says which kind"))
    if who.kind == links.DIGEST:
        NoticeSettings.change(who.user.id, {"digest": NEVER})
    else:
        NoticeSettings.turn_off(who.user.id, who.kind)


def _who(context: Context, data_dict: DataDict) -> Link:
    """Whose settings are meant, and the kind of mail that led here, or ""."""
    if token := data_dict.get("token"):
        return links.read(token)
    user = model.User.get(user_id(context))
    if user is None:
        raise tk.NotAuthorized(tk._("Please log in first"))
    return Link(user, "")


def _settings(who: Link) -> dict[str, Any]:
    settings = NoticeSettings.of(who.user.id)
    found: dict[str, Any] = {
        "kinds": [
            {
                "name": kind.name,
                "label": kind.label(),
                "is_urgent": kind.is_urgent,
                "is_on": kind.name not in settings.off,
            }
            for kind in _offered(who.user)
        ],
        "digest": settings.digest,
    }
    if who.kind:
        found["mail"] = _mail(who.kind, settings)
    return found


def _offered(user: model.User) -> list[Kind]:
    """The kinds that can concern somebody."""
    is_reviewer = permissions.is_reviewer(user.name)
    return [
        kind
        for kind in KINDS.values()
        if is_reviewer or not kind.for_reviewers
    ]


def _off(who: Link, names: list[str]) -> list[str]:
    """What somebody wants no mail of; what isn't offered stays as it was."""
    offered = {kind.name for kind in _offered(who.user)}
    before = NoticeSettings.of(who.user.id).off
    kept = [name for name in before if name not in offered]
    return [*dict.fromkeys([*names, *kept])]


def _mail(name: str, settings: NoticeSettings) -> dict[str, Any]:
    """What the link is about that led to the settings."""
    if name == links.DIGEST:
        return {"name": name, "label": "", "is_on": settings.digest != NEVER}
    kind = KINDS.get(name)
    return {
        "name": name,
        "label": kind.label() if kind else name,
        "is_on": name not in settings.off,
    }

"""What reviewers see of partners that are gone, or there twice."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa

from ..lib import schema as lib_schema
from ..lib.ckan import Context, DataDict, model
from ..lib.events import Event, Subject
from . import alike, schema
from .lookups import found
from .model import Partner
from .workflow import WITHDRAW


@tk.side_effect_free
@tk.validate_action_data(lib_schema.page)
def digifarm_partner_deleted_list(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """The partners that are not in the directory any more, the last first.

    Also those that never came in, as they were declined or withdrawn. You
    must be a reviewer.

    :param limit: how many at most (optional, default and most:
        `ckan.search.rows_max`)
    :type limit: int
    :param offset: how many to leave out first (optional, default: 0)
    :type offset: int

    :returns: `count`, the number of all, and `results`: partners with their
        contacts, each with `gone`, when that was, or "" where it is not known;
        `step`, the action by which, or ""; `reason`, why; `is_restorable`,
        whether it can be brought back; `into`, `id`, `name` and `title` of the
        partner that it was joined with, if it was
    :rtype: dictionary

    :raises NotAuthorized: where you are no reviewer
    """
    tk.check_access("digifarm_partner_deleted_list", context, data_dict)
    count, partners = Partner.deleted(data_dict["limit"], data_dict["offset"])
    last = Event.last_of(Subject.PARTNER, [one.id for one in partners])
    into = _named({one.merged_into for one in partners if one.merged_into})
    return {
        "count": count,
        "results": [
            {
                **partner.dictize(with_contact=True),
                **_gone(last.get(partner.id)),
                "into": into.get(partner.merged_into or "", {}),
            }
            for partner in partners
        ],
    }


@tk.side_effect_free
@tk.validate_action_data(schema.partner_id)
def digifarm_partner_alike(
    context: Context, data_dict: DataDict
) -> list[dict[str, Any]]:
    """Other partners of the directory that are likely the same as one.

    Their names are the same but for upper and lower case, accents, the order
    of words and legal forms, or they have the same website. You must be a
    reviewer.

    :param id: id or name of the partner
    :type id: string

    :returns: `id`, `name`, `title` and `kind` of each, and whether it has the
        `same_title` or the `same_website`; at most five
    :rtype: list of dictionaries

    :raises ObjectNotFound: where there is no such partner
    :raises NotAuthorized: where you are no reviewer
    """
    tk.check_access("digifarm_partner_alike", context, data_dict)
    return alike.of_each([found(data_dict["id"])])[0]


@tk.side_effect_free
@tk.validate_action_data(schema.partner_id)
def digifarm_partner_merged_into(
    context: Context, data_dict: DataDict
) -> dict[str, str]:
    """The partner of the directory that another one was joined with.

    Also where that one was joined with a third one later. Everybody may.

    :param id: id or name of the partner that is gone
    :type id: string

    :returns: `id`, `name` and `title`; nothing where it was joined with none,
        or that one is not in the directory any more
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such partner
    """
    tk.check_access("digifarm_partner_merged_into", context, data_dict)
    stays = found(data_dict["id"]).stays()
    return _name(stays) if stays else {}


def _gone(event: Event | None) -> dict[str, Any]:
    """When and why a partner left the directory, or never came in."""
    if event is None:
        return {"gone": "", "step": "", "reason": "", "is_restorable": True}
    return {
        "gone": event.created.isoformat(),
        "step": event.action,
        "reason": event.reason,
        "is_restorable": event.action != WITHDRAW,
    }


def _named(ids: set[str]) -> dict[str, dict[str, str]]:
    """What some partners are called, by their ids; one SQL statement."""
    if not ids:
        return {}
    query = sa.select(Partner).where(Partner.id.in_(ids))
    return {one.id: _name(one) for one in model.Session.scalars(query)}


def _name(partner: Partner) -> dict[str, str]:
    return {"id": partner.id, "name": partner.name, "title": partner.title}

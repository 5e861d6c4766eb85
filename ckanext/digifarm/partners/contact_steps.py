"""What the contact of a partner can do with it: by link, or by account."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib import index, rate_limits
from ..lib import schema as lib_schema
from ..lib.ckan import Context, DataDict
from ..lib.context import user_id
from ..lib.errors import refuse
from ..lib.events import Event, Subject
from . import schema
from .actions import validated
from .model import Partner
from .workflow import WORKFLOW


def digifarm_partner_change(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Change what a partner says of itself.

    What is in the directory changes at once, and reviewers are told what. You
    must be its contact: have the link that was sent, or have registered it
    with your account.

    :param id: id of the partner
    :type id: string
    :param token: instead of `id`: of the link that was sent
    :type token: string

    Other parameters are those of :py:func:`digifarm_partner_create` without
    `name`, `organization_id` and `contact_email`; what is not given stays as
    it is.

    :returns: the partner
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such partner
    :raises NotAuthorized: where you are not its contact, or change it too
        often
    :raises ValidationError: with the names of the parameters; also where the
        token is of no use (any more)
    """
    action = "digifarm_partner_change"
    reference = _reference(context, data_dict)
    partner = WORKFLOW.authorized(action, context, reference)
    WORKFLOW.check(action, partner)
    allowed = {
        name: data_dict[name]
        for name in schema.partner_change()
        if name in data_dict
    }
    values = validated(allowed, context, partner)
    if values.get("contact_name") == "":
        refuse("contact_name", tk._("Please fill this in"))
    if not _changed(partner, values):
        return partner.dictize(with_contact=True)
    rate_limits.check(user_id(context))
    with WORKFLOW.step(action, context, reference) as step:
        partner = step.row
        names = _changed(partner, values)
        _check_title(partner, values)
        step.values.update(changed=names, before=partner.title)
        for name in names:
            setattr(partner, name, values[name])
        if names:
            _record(action, partner, names)
    return partner.dictize(with_contact=True)


@tk.validate_action_data(lib_schema.step)
def digifarm_partner_withdraw(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Take back a registration, or a partner out of the directory.

    Reviewers are told. You must be its contact: have the link that was sent,
    or have registered it with your account.

    :param id: id of the partner
    :type id: string
    :param token: instead of `id`: of the link that was sent
    :type token: string
    :param reason: why; the reviewers read it (optional)
    :type reason: string

    :returns: the partner
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such partner
    :raises NotAuthorized: where you are not its contact
    :raises ValidationError: where it is not there (any more), or the token
        is of no use (any more)
    """
    partner = WORKFLOW.take("digifarm_partner_withdraw", context, data_dict)
    return partner.dictize(with_contact=True)


def _reference(context: Context, data_dict: DataDict) -> DataDict:
    """How the partner is named, by id or by link.

    :raises ValidationError: where it is no text
    """
    given = {key: data_dict.get(key) for key in ("id", "token")}
    reference, errors = tk.navl_validate(given, lib_schema.step(), context)
    if errors:
        raise tk.ValidationError(errors)
    return reference


def _record(action: str, partner: Partner, names: list[str]) -> None:
    """Write down what has changed; the engine records steps of a life."""
    Event.record(
        Subject.PARTNER,
        partner.id,
        action,
        partner.state,
        partner.state,
        data={"kind": partner.kind, "fields": names},
    )
    index.reindex_supported_later(partner.id)


def _changed(partner: Partner, values: dict[str, Any]) -> list[str]:
    """The names of the fields that have other values."""
    return sorted(
        name
        for name, value in values.items()
        if getattr(partner, name) != value
    )


def _check_title(partner: Partner, values: dict[str, Any]) -> None:
    """Refuse the name of another partner of the directory."""
    title = values.get("title", partner.title)
    if title != partner.title and Partner.is_listed(
        title, partner.organization_id
    ):
        refuse("title", tk._("This partner is in the directory already"))

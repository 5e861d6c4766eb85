from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import ckantoolkit as tk
from sqlalchemy.exc import IntegrityError

from ckan import model
from ckan.types import Context, DataDict

from ... import search
from ...lib import lookups
from ...lib.context import commit
from ...lib.errors import refuse
from ...lib.permissions import allowed
from ...model import Partner, PartnerState, Support
from ...partners.workflow import WORKFLOW
from ...support.workflow import WORKFLOW as SUPPORTS
from .. import schema, text
from ..auth.partners import found


def digifarm_partner_create(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Put a partner into the directory.

    You must be a reviewer, or an editor or admin of the organisation that the
    partner belongs to.

    :param title: its name for people, in a line of 200 characters at most
    :type title: string
    :param kind: one of the kinds in the partner schema, such as `association`
    :type kind: string
    :param name: its name in addresses (optional, default: made of the title)
    :type name: string
    :param url: its website (optional)
    :type url: string
    :param description: who it is, as Markdown (optional)
    :type description: string
    :param areas: in which areas it could help; those of `help_wanted`
        (optional)
    :type areas: list of strings
    :param competences: what it knows well (optional)
    :type competences: list of strings
    :param action_fields: the action fields that it cares for (optional)
    :type action_fields: list of strings
    :param contact_name: whom to ask; not public (optional)
    :type contact_name: string
    :param contact_email: how to reach them; not public (optional)
    :type contact_email: string
    :param organization_id: id or name of the organisation of this portal
        whose editors act for the partner (optional)
    :type organization_id: string

    :returns: the partner
    :rtype: dictionary

    :raises NotAuthorized: where you may not
    :raises ValidationError: with the names of the parameters
    """
    organization = _organization_id(data_dict.get("organization_id"))
    data_dict = {**data_dict, "organization_id": organization}
    tk.check_access("digifarm_partner_create", context, data_dict)
    values = _validated(data_dict, context, None)
    if Partner.is_listed(values["title"], values["organization_id"]):
        refuse("title", tk._("This partner is in the directory already"))
    partner = Partner(**values)
    with _unique_name():
        WORKFLOW.begin(
            "digifarm_partner_create", context, partner, PartnerState.ACTIVE
        )
    return partner.dictize(with_contact=True)


def digifarm_partner_update(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Change a partner.

    You must be a reviewer, or an editor or admin of its organisation; only
    reviewers change the organisation.

    :param id: id or name of the partner
    :type id: string

    Other parameters are those of :py:func:`digifarm_partner_create`; what is
    not given stays as it is.

    :returns: the partner
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such partner
    :raises NotAuthorized: where you may not
    :raises ValidationError: with the names of the parameters
    """
    data_dict = {**data_dict}
    if "organization_id" in data_dict:
        organization = _organization_id(data_dict["organization_id"])
        data_dict["organization_id"] = organization
    partner = _found(data_dict)
    tk.check_access(
        "digifarm_partner_update", context, {**data_dict, "id": partner.id}
    )
    values = _validated(data_dict, context, partner)
    with _unique_name(), model.Session.begin_nested():
        for name, value in values.items():
            setattr(partner, name, value)
    search.reindex_supported_later(partner.id)
    commit(context)
    return partner.dictize(with_contact=True)


def digifarm_partner_delete(context: Context, data_dict: DataDict) -> None:
    """Take a partner out of the directory; its history stays.

    You must be a reviewer, or an editor or admin of its organisation.

    :param id: id or name of the partner
    :type id: string

    :raises ObjectNotFound: where there is no such partner
    :raises NotAuthorized: where you may not
    """
    WORKFLOW.take("digifarm_partner_delete", context, _named(data_dict))


def digifarm_partner_restore(context: Context, data_dict: DataDict) -> None:
    """Bring a deleted partner back into the directory.

    You must be a reviewer, or an editor or admin of its organisation.

    :param id: id or name of the partner
    :type id: string

    :raises ObjectNotFound: where there is no such partner
    :raises NotAuthorized: where you may not
    """
    WORKFLOW.take("digifarm_partner_restore", context, _named(data_dict))


@tk.validate_action_data(schema.partner_merge)
def digifarm_partner_merge(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Join two entries of the same partner.

    What the first one supports moves to the second one; the first one leaves
    the directory. Where both support the same project in the same area, that
    of the first one ends. You must be a reviewer.

    :param id: id or name of the partner that goes
    :type id: string
    :param into: id or name of the partner that stays
    :type into: string

    :returns: the partner that stays
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such partner
    :raises NotAuthorized: where you are no reviewer
    :raises ValidationError: where both are the same, or one is not in the
        directory
    """
    action = "digifarm_partner_merge"
    goes, stays = found(data_dict["id"]), found(data_dict["into"])
    tk.check_access(action, context, {"id": goes.id})
    if goes is stays:
        refuse("into", tk._("Please choose another partner"))
    for partner in sorted((goes, stays), key=lambda partner: partner.id):
        if lookups.lock(partner) is None:
            raise tk.ObjectNotFound(tk._("Partner not found"))
    # While we waited for the locks, much may have changed.
    tk.check_access(action, context, {"id": goes.id})
    for partner in (goes, stays):
        if partner.state != PartnerState.ACTIVE.value:
            refuse("into", tk._("Both partners must be in the directory"))
    reason = tk._("The same partner as “{title}”").format(title=stays.title)
    with model.Session.begin_nested():
        for support in Support.doubled(goes.id, stays.id):
            SUPPORTS.go_on(action, support, context, reason)
        Support.move(goes.id, stays.id)
        WORKFLOW.go_on(action, goes, context, reason)
    search.reindex_supported_later(stays.id)
    commit(context)
    return stays.dictize(with_contact=True)


@tk.side_effect_free
def digifarm_partner_show(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """A partner.

    :param id: id or name of the partner
    :type id: string

    :returns: the partner; `contact_name` and `contact_email` only for those
        who may update it
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such partner
    :raises NotAuthorized: where it is not in the directory (any more) and
        you may not update it
    """
    partner = _found(data_dict)
    tk.check_access("digifarm_partner_show", context, {"id": partner.id})
    return partner.dictize(
        with_contact=allowed("digifarm_partner_update", context, partner.id)
    )


@tk.side_effect_free
@tk.validate_action_data(schema.partner_search)
def digifarm_partner_search(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """The partners of the directory, by title.

    :param q: words that must all stand in title, description or competences
        (optional)
    :type q: string
    :param kind: a kind of partner (optional)
    :type kind: string
    :param area: an area in which it could help (optional)
    :type area: string
    :param action_field: an action field that it cares for (optional)
    :type action_field: string
    :param supporting: only those that support a public project now (optional)
    :type supporting: bool
    :param limit: how many at most (optional, default: 20; no more than
        `ckan.search.rows_max`)
    :type limit: int
    :param offset: how many to leave out first (optional, default: 0)
    :type offset: int

    :returns: `count`, the number of all, and `results`: partners without
        their contacts
    :rtype: dictionary
    """
    tk.check_access("digifarm_partner_search", context, data_dict)
    count, partners = Partner.search(
        data_dict["q"].split(),
        {key: data_dict[key] for key in ("kind", "area", "action_field")},
        min(data_dict.get("limit", 20), tk.config["ckan.search.rows_max"]),
        data_dict["offset"],
        Support.public_partners() if data_dict["supporting"] else None,
    )
    return {
        "count": count,
        "results": [
            partner.dictize(with_contact=False) for partner in partners
        ],
    }


def _found(data_dict: DataDict) -> Partner:
    return found(_named(data_dict)["id"])


def _named(data_dict: DataDict) -> DataDict:
    """Which partner is named.

    :raises ValidationError: where none is
    """
    reference, errors = tk.navl_validate(
        {"id": data_dict.get("id")}, schema.partner_id()
    )
    if errors:
        raise tk.ValidationError(errors)
    return reference


def _organization_id(reference: Any) -> str:
    """The id of an organisation that is named by id or name, or "".

    :raises ValidationError: where there is none
    """
    if not reference:
        return ""
    try:
        group = model.Group.get(text.clean(reference))
    except tk.Invalid:
        group = None
    if group is None or not group.is_organization:
        refuse("organization_id", tk._("There is no such organisation"))
    return group.id


def _validated(
    data_dict: DataDict, context: Context, partner: Partner | None
) -> dict[str, Any]:
    """The columns of a partner; of one that is changed, those that are given.

    :param partner: the one that is changed; None where one is created
    :raises ValidationError: with the names of the fields
    """
    fields = schema.partner()
    stored = partner.dictize(with_contact=True) if partner else {}
    given = set(data_dict) & set(fields) if partner else set(fields)
    inner = tk.fresh_context(context)
    cast("dict[str, Any]", inner)["partner"] = partner
    values, errors = tk.navl_validate(
        {name: {**stored, **data_dict}.get(name) for name in fields},
        fields,
        inner,
    )
    # What is stored may name choices that the schema file has no longer.
    errors = {name: errors[name] for name in errors if name in given}
    if errors:
        raise tk.ValidationError(errors)
    values = {name: values.get(name, "") for name in given}
    if "organization_id" in values:
        values["organization_id"] = values["organization_id"] or None
    return values


@contextmanager
def _unique_name() -> Iterator[None]:
    """Say so where somebody took the name at the same moment."""
    try:
        yield
    except IntegrityError as e:
        message = tk._("Another partner has this short name already")
        refuse("name", message, e)

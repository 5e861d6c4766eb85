from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import ckantoolkit as tk
from sqlalchemy.exc import IntegrityError

from ..lib import guessing, index, text, tokens
from ..lib import schema as lib_schema
from ..lib.ckan import Context, DataDict, boolean_validator, model
from ..lib.errors import found as found_wrong
from ..lib.errors import refuse
from ..lib.permissions import allowed
from ..lib.tokens import Purpose
from ..support.model import Support
from . import alike, schema
from .lookups import found
from .model import Partner, PartnerState
from .workflow import WORKFLOW

#: Where nothing is found, so many partners are looked through for close words.
MAX_KNOWN = 2_000


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
    :param offer: what it would give, in its own words, as Markdown (optional)
    :type offer: string
    :param areas: in which areas it could help; those of `help_wanted`
        (optional)
    :type areas: list of strings
    :param competences: what it knows well (optional)
    :type competences: list of strings
    :param action_fields: the action fields that it works in (optional)
    :type action_fields: list of strings
    :param contact_name: whom to ask; not public (optional)
    :type contact_name: string
    :param contact_email: how to reach them, and they are told; not public
        (optional)
    :type contact_email: string
    :param organization_id: id or name of the organisation of this portal
        whose editors act for the partner (optional)
    :type organization_id: string
    :param proposed: whether a reviewer is to look at it before it stands in
        the directory, as it may be a person (optional, default: no)
    :type proposed: bool

    :returns: the partner
    :rtype: dictionary

    :raises NotAuthorized: where you may not
    :raises ValidationError: with the names of the parameters
    """
    organization = _organization_id(data_dict.get("organization_id"))
    data_dict = {**data_dict, "organization_id": organization}
    tk.check_access("digifarm_partner_create", context, data_dict)
    values = validated(data_dict, context, None)
    if Partner.is_listed(values["title"], values["organization_id"]):
        refuse("title", tk._("This partner is in the directory already"))
    partner = Partner(**values)
    is_proposed = boolean_validator(data_dict.get("proposed", False), context)
    state = PartnerState.PROPOSED if is_proposed else PartnerState.ACTIVE
    with unique_name():
        WORKFLOW.begin("digifarm_partner_create", context, partner, state)
    return partner.dictize(with_contact=True)


def digifarm_partner_update(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Change a partner.

    Another contact gets a mail with a link of their own. You must be a
    reviewer, or an editor or admin of its organisation; only reviewers change
    the organisation.

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
    values = validated(data_dict, context, partner)
    asked = {**values, "id": partner.id}
    with (
        unique_name(),
        WORKFLOW.step("digifarm_partner_update", context, asked) as step,
    ):
        partner, before = step.row, step.row.contact_email
        for name, value in values.items():
            setattr(partner, name, value)
        step.values["changed"] = []
        if partner.contact_email != before:
            # It is somebody else: the links that were sent are not theirs.
            partner.token_key = tokens.new_key()
            partner.user_id = None
            step.values["changed"] = ["contact_email"]
        index.reindex_supported_later(partner.id)
    return partner.dictize(with_contact=True)


@tk.side_effect_free
def digifarm_partner_show(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """A partner.

    :param id: id or name of the partner
    :type id: string

    :returns: the partner; `contact_name` and `contact_email` only for those
        who may update it. `merged_into` is the id of the partner that it was
        joined with, if it was
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
@tk.validate_action_data(lib_schema.token)
def digifarm_partner_registration_show(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """A registration that is to be confirmed.

    You must have the link that was sent to its address.

    :param token: what the link ends with
    :type token: string

    :returns: the partner with its contact
    :rtype: dictionary

    :raises ValidationError: where the link is of no use (any more)
    """
    partner = WORKFLOW.find(data_dict, Purpose.PARTNER_CONFIRM)
    tk.check_access(
        "digifarm_partner_registration_show",
        context,
        {**data_dict, "id": partner.id},
    )
    return partner.dictize(with_contact=True)


@tk.side_effect_free
@tk.validate_action_data(schema.partner_search)
def digifarm_partner_search(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """The partners of the directory, by title.

    :param q: words that must all stand in title, description, offer or
        competences, in some form: `Baeume` finds `Baum` (optional)
    :type q: string
    :param kind: a kind of partner (optional)
    :type kind: string
    :param area: an area in which it could help (optional)
    :type area: string
    :param action_field: an action field that it works in (optional)
    :type action_field: string
    :param supporting: only those that support a public project now (optional)
    :type supporting: bool
    :param limit: how many at most (optional, default: 20; no more than
        `ckan.search.rows_max`)
    :type limit: int
    :param offset: how many to leave out first (optional, default: 0)
    :type offset: int

    :returns: `count`, the number of all; `results`: partners without their
        contacts; `meant`: where nothing is found, the words of `q` as they
        may be meant, or ""
    :rtype: dictionary
    """
    tk.check_access("digifarm_partner_search", context, data_dict)
    query = data_dict["q"]
    count, partners = Partner.search(
        query.split(),
        {key: data_dict[key] for key in ("kind", "area", "action_field")},
        data_dict["limit"],
        data_dict["offset"],
        Support.public_partners() if data_dict["supporting"] else None,
    )
    return {
        "count": count,
        "results": [
            partner.dictize(with_contact=False) for partner in partners
        ],
        "meant": (
            ""
            if count or not query
            else guessing.meant(query, Partner.known_words(MAX_KNOWN))
        ),
    }


def _found(data_dict: DataDict) -> Partner:
    return found(named(data_dict)["id"])


def named(data_dict: DataDict) -> DataDict:
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


def validated(
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
    complaints = found_wrong(context)
    complaints.add({name: errors[name] for name in errors if name in given})
    complaints.refuse()
    values = {name: values.get(name, "") for name in given}
    if "organization_id" in values:
        values["organization_id"] = values["organization_id"] or None
    return values


@contextmanager
def unique_name() -> Iterator[None]:
    """Say so where somebody took the name at the same moment."""
    try:
        yield
    except IntegrityError as e:
        message = tk._("Another partner has this short name already")
        refuse("name", message, e)


@tk.side_effect_free
@tk.validate_action_data(lib_schema.page)
def digifarm_partner_proposed_list(
    context: Context, data_dict: DataDict
) -> list[dict[str, Any]]:
    """The partners that wait for a reviewer's yes, the oldest first.

    You must be a reviewer.

    :param limit: how many at most (optional, default and most:
        `ckan.search.rows_max`)
    :type limit: int
    :param offset: how many to leave out first (optional, default: 0)
    :type offset: int

    :returns: partners with their contacts; each with `alike`: partners of the
        directory that are likely the same, as
        :py:func:`digifarm_partner_alike` gives them
    :rtype: list of dictionaries

    :raises NotAuthorized: where you are no reviewer
    """
    tk.check_access("digifarm_partner_proposed_list", context, data_dict)
    partners = Partner.proposed(data_dict["limit"], data_dict["offset"])
    return [
        {**partner.dictize(with_contact=True), "alike": others}
        for partner, others in zip(
            partners, alike.of_each(partners), strict=True
        )
    ]

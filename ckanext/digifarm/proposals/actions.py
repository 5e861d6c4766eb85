from __future__ import annotations

import base64
from collections.abc import Collection
from typing import Any

import ckantoolkit as tk

from ..lib import clock, people, rate_limits, resending, tokens
from ..lib import schema as lib_schema
from ..lib.ckan import Context, DataDict, model
from ..lib.consent import agreed
from ..lib.context import user_id
from ..lib.errors import Complaints, checked
from ..lib.events import Event, Subject
from ..lib.language import current
from ..lib.permissions import is_sysadmin
from ..lib.submissions import Sender, identify, once
from ..lib.tokens import Purpose
from ..projects import pictures, search
from . import consent, duplicates, licence, proposed, schema
from .auth import reviews
from .model import OPEN_STATES, Proposal, ProposalState
from .workflow import GIVE_BACK, WORKFLOW, version

#: By which links a proposal is read.
READABLE = (Purpose.PROPOSAL, Purpose.PROPOSAL_CONFIRM)


def digifarm_proposal_submit(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Propose a civic project.

    Everybody may. Without an account that has an e-mail address, a mail with
    a link comes to the given one; reviewers hear of the proposal once
    somebody has followed it.

    :param project: the fields of the project, by their names; those of the
        schema file, without `name` and `owner_org`. A licence must be open,
        or be announced while the stage is an early one; `NOASSERTION` says
        that it is not known yet
    :type project: dictionary
    :param image_upload: its picture, an uploaded file (optional)
    :param datasets: ids or names of the public datasets that it uses
        (optional)
    :type datasets: list of strings
    :param conditions: all of the conditions of the schema file, as somebody
        has confirmed them: `open_source`, `not_commercial`, `public_value`,
        `lawful`
    :type conditions: list of strings
    :param proposer_name: whom to answer; not public
    :type proposer_name: string
    :param proposer_email: the address to answer to; not public. With an
        account it is that of the account
    :type proposer_email: string
    :param consent: true, as somebody has agreed that this is stored
    :type consent: bool
    :param submission: the form that it was sent with, up to you; what is sent
        twice with it counts once (optional)
    :type submission: string

    :returns: `id` and `state`, and for a form that has to be confirmed
        `token`, for :py:func:`digifarm_proposal_resend`
    :rtype: dictionary

    :raises NotAuthorized: where the portal takes no proposals, or not that
        many
    :raises ValidationError: with the names of the parameters, and of the
        project's fields
    """
    tk.check_access("digifarm_proposal_submit", context, data_dict)
    proposed.review_organization()
    data_dict, complaints = checked(
        context, data_dict, schema.proposal_submit()
    )
    if complaints:
        rate_limits.check(user_id(context), is_counted=False)
        _check(data_dict, complaints)
    sender = identify(context, "proposer_email", data_dict)
    proposal = once(
        context,
        Proposal,
        sender,
        data_dict,
        lambda context, key: _propose(context, data_dict, sender, key),
        is_counted=False,
    )
    return {**answer(proposal), **resending.offered(proposal, data_dict)}


def _check(
    data_dict: DataDict, complaints: Complaints
) -> tuple[dict[str, Any], list[str]]:
    """What is proposed.

    :raises ValidationError: with all that is wrong
    """
    project, datasets = {}, []
    if "project" not in complaints:
        with complaints.gather():
            project = proposed.check(data_dict["project"])
    if "datasets" not in complaints:
        with complaints.gather():
            datasets = proposed.datasets(data_dict["datasets"])
    complaints.refuse()
    return project, [dataset.id for dataset in datasets]


def _propose(
    context: Context, data_dict: DataDict, sender: Sender, key: str | None
) -> Proposal:
    # Who sends too much waits before the portal works for them; but who
    # mistypes a licence has not proposed anything yet.
    rate_limits.check(sender.user_id, is_counted=False)
    project, datasets = _check(data_dict, Complaints({}))
    # To unpack a picture takes time and memory.
    rate_limits.check(sender.user_id)
    picture = picture_of(data_dict)
    if picture:
        project.pop(pictures.URL_FIELD, None)
    proposal = Proposal(
        payload={"project": project, "datasets": datasets},
        picture=picture,
        proposer_name=data_dict["proposer_name"],
        proposer_email=sender.email,
        language=current(),
        user_id=sender.user_id,
        consented=clock.now(),
        consent=agreed(consent.proposing),
        submission=key,
        token_key=tokens.new_key(),
    )
    state = ProposalState.UNCONFIRMED
    if sender.is_known:
        state = ProposalState.PENDING
    return WORKFLOW.begin("digifarm_proposal_submit", context, proposal, state)


@tk.side_effect_free
@tk.validate_action_data(lib_schema.step)
def digifarm_proposal_show(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """A proposal, for its proposer and for reviewers.

    You must be its proposer, by account or link, or a reviewer.

    :param id: id of the proposal
    :type id: string
    :param token: instead of `id`: of a link to it that was sent by mail
    :type token: string

    :returns: `id`, `state`, `created`, `modified`, `project`, `datasets`
        (`name` and `title` of each public one), `events` (`state`, `created`,
        `reason`, `is_change`: whether it was changed in that state, and
        `is_back`: whether it was hidden before; the oldest first),
        `license_status`, `has_picture` (see
        :py:func:`digifarm_proposal_picture`), `proposer_name` and
        `proposer_email`. `project` holds what was proposed until that is
        decided, then its `title`, and its `name` if it is public. For
        reviewers besides: its `name`, `duplicates`, as
        :py:func:`digifarm_proposal_duplicates` gives them and with private
        ones that they may read, `version`, which says to a decision what was
        read, `edited`, whether it was edited since a reviewer has seen it, and
        `created_by` in each event
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such proposal
    :raises NotAuthorized: where it is not for you
    :raises ValidationError: where the token is of no use (any more)
    """
    proposal = WORKFLOW.find(data_dict, *READABLE)
    tk.check_access(
        "digifarm_proposal_show", context, {**data_dict, "id": proposal.id}
    )
    project = model.Package.get(proposal.project_id)
    result = _shown(proposal, project)
    is_reviewer = reviews(context)
    if project and is_reviewer:
        result["project"]["name"] = project.name
        result["version"] = version(proposal)
        result["edited"] = proposal.is_edited()
        result["duplicates"] = duplicates.likely(
            project.title or "",
            project.extras.get("source_url", ""),
            private_of=known_organizations(context),
            but_not=project.id,
        )
    if not is_reviewer:
        for event in result["events"]:
            del event["created_by"]
    return result


@tk.side_effect_free
@tk.validate_action_data(lib_schema.step)
def digifarm_proposal_picture(
    context: Context, data_dict: DataDict
) -> dict[str, str]:
    """The picture of a proposal that is not decided yet, for who may see it.

    You must be its proposer, by account or link, or a reviewer.

    :param id: id of the proposal
    :type id: string
    :param token: instead of `id`: of a link to it that was sent by mail
    :type token: string

    :returns: `mimetype`, and `content`: the picture in Base64
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such proposal, or no picture
    :raises NotAuthorized: where it is not for you
    :raises ValidationError: where the token is of no use (any more)
    """
    proposal = WORKFLOW.find(data_dict, *READABLE)
    tk.check_access(
        "digifarm_proposal_picture", context, {**data_dict, "id": proposal.id}
    )
    if not proposal.picture:
        raise tk.ObjectNotFound(tk._("This proposal has no picture"))
    return {
        "mimetype": pictures.mimetype(proposal.picture),
        "content": base64.b64encode(proposal.picture).decode(),
    }


@tk.side_effect_free
@tk.validate_action_data(schema.duplicates)
def digifarm_proposal_duplicates(
    context: Context, data_dict: DataDict
) -> list[dict[str, Any]]:
    """Public projects that may be the one that somebody wants to propose.

    :param title: its title
    :type title: string
    :param source_url: where its code lives (optional)
    :type source_url: string

    :returns: `name`, `title`, and `same_source`: whether the code is the same
    :rtype: list of dictionaries
    """
    tk.check_access("digifarm_proposal_duplicates", context, data_dict)
    return duplicates.likely(data_dict["title"], data_dict["source_url"])


@tk.side_effect_free
@tk.validate_action_data(schema.license_check)
def digifarm_license_check(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Whether a proposal may have a licence.

    :param source_license: an SPDX expression, or a common spelling
    :type source_license: string
    :param open_source_intended: whether the code will be published under an
        open-source licence
    :type open_source_intended: bool
    :param stage: the stage of the project
    :type stage: string

    :returns: `status`: `open`, `announced`, `not_verified` or `not_open`;
        `label`, words for it with the licence, and `complaint`: what is wrong
        and what would be accepted, or ""
    :rtype: dictionary
    """
    tk.check_access("digifarm_license_check", context, data_dict)
    return {
        "status": search.license_status(data_dict).value,
        "label": licence.label(data_dict),
        "complaint": licence.complaint(data_dict, may_be_unknown=True),
    }


def picture_of(data_dict: DataDict) -> bytes | None:
    """The picture that a form brings, ready to be stored, if any.

    :raises ValidationError: where it is none that is taken in
    """
    upload = data_dict.get(pictures.UPLOAD_FIELD)
    return pictures.content(upload) if upload else None


def _shown(
    proposal: Proposal, project: model.Package | None
) -> dict[str, Any]:
    said = proposal.payload.get("project", {})
    known = project.extras if project else said
    return {
        **summary(proposal),
        "project": _project(proposal, project),
        "datasets": _datasets(proposal),
        "has_picture": proposal.has_picture(),
        "license_status": search.license_status(known).value,
        "proposer_name": proposal.proposer_name,
        "proposer_email": proposal.proposer_email,
        "events": [
            {
                "state": event.target,
                "is_change": event.source == event.target,
                "is_back": event.action == GIVE_BACK,
                "created": event.created.isoformat(),
                "created_by": event.created_by,
                "reason": event.reason,
            }
            for event in Event.of(Subject.PROPOSAL, proposal.id)
        ],
    }


def _project(
    proposal: Proposal, project: model.Package | None
) -> dict[str, Any]:
    """What is shown of a proposed project.

    Once it is decided, others may have changed it; who may read it finds it
    elsewhere.
    """
    if project is None:
        return proposed.in_lists(proposal.payload.get("project", {}))
    if proposal.state in [state.value for state in OPEN_STATES]:
        return proposed.in_lists(proposed.fields_of(proposed.show(project.id)))
    is_public = project.state == model.State.ACTIVE and not project.private
    name = {"name": project.name} if is_public else {}
    return {"title": project.title or project.name, **name}


def _datasets(proposal: Proposal) -> list[dict[str, str]]:
    ids = (
        [*proposed.linked_datasets(proposal.project_id)]
        if proposal.project_id
        else proposal.payload.get("datasets", [])
    )
    return [
        {"name": dataset.name, "title": dataset.title or dataset.name}
        for dataset in proposed.public_datasets(ids)
    ]


def known_organizations(context: Context) -> Collection[str] | None:
    """The organisations whose private projects a reviewer may know.

    :returns: their ids, or None for all
    """
    if is_sysadmin(context):
        return None
    user = model.User.get(context.get("user"))
    return people.organizations_of(user) if user else []


def summary(proposal: Proposal) -> dict[str, Any]:
    """What everybody knows of a proposal who knows of it at all."""
    return {
        "id": proposal.id,
        "state": proposal.state,
        "created": proposal.created.isoformat(),
        "modified": proposal.modified.isoformat(),
    }


def answer(proposal: Proposal) -> dict[str, Any]:
    """What whoever takes a step of a proposal learns of it."""
    return {"id": proposal.id, "state": proposal.state}


def token_of(proposal: Proposal) -> str:
    """The token of the link by which its proposer follows a proposal."""
    return tokens.make(Purpose.PROPOSAL, proposal.id, proposal.token_key)

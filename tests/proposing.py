"""People who propose projects, and those who decide on them."""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.tests import factories
from ckanext.digifarm.lib import tokens
from ckanext.digifarm.lib.events import Event
from ckanext.digifarm.lib.mail import Mail
from ckanext.digifarm.lib.tokens import Purpose
from ckanext.digifarm.links.model import Link
from ckanext.digifarm.proposals.model import Proposal

from .acting import as_portal, as_user

#: Of the organisation that `ckanext.digifarm.review_organization` names.
REVIEWERS = "review-office"

#: What nobody may read but the proposer and the reviewers.
SECRETS = {
    "proposer_name": "Geheime Person",
    "proposer_email": "geheim@example.org",
}

CONDITIONS = ["open_source", "not_commercial", "public_value"]

PROJECT: dict[str, Any] = {
    "title": "Schattenwege",
    "summary": "Zeigt kühle Wege durch die Stadt",
    "public_value": "Wer Hitze schlecht verträgt, kommt gut ans Ziel.",
    "source_license": "EUPL-1.2",
}

ROLES = (
    "proposer",
    "other",
    "reviewer",
    "other_reviewer",
    "review_member",
    "project_editor",
)


def empty_tables() -> None:
    """Forget all proposals with what belongs to them."""
    model.Session.rollback()
    for table in (Proposal, Event, Mail, Link):
        model.Session.query(table).delete()
    model.Session.commit()


def create_people() -> dict[str, str]:
    """Names of users by what they are; they are called so in their address.

    Editors edit for the organisation `green-office`.
    """
    people = {
        role: factories.User(email=f"{role}@example.org")["name"]
        for role in ROLES
    }
    factories.Organization(
        name=REVIEWERS,
        users=[
            {"name": people["reviewer"], "capacity": "editor"},
            {"name": people["other_reviewer"], "capacity": "admin"},
            {"name": people["review_member"], "capacity": "member"},
        ],
    )
    factories.Organization(
        name="green-office",
        users=[{"name": people["project_editor"], "capacity": "editor"}],
    )
    sysadmin = factories.Sysadmin(email="sysadmin@example.org")["name"]
    return {**people, "sysadmin": sysadmin, "anonymous": ""}


def propose(user: str = "", **data: Any) -> Proposal:
    """A project that somebody has proposed.

    :param user: name of their account, or "" for none
    :param data: parameters of the action; `project` adds to the fields
    """
    project = {**PROJECT, **data.pop("project", {})}
    result = as_user(
        user,
        "digifarm_proposal_submit",
        **{
            "project": project,
            "conditions": CONDITIONS,
            "consent": True,
            **SECRETS,
            **data,
        },
    )
    return get(result["id"])


def pending(user: str = "", **data: Any) -> Proposal:
    """A proposal that waits for a decision; see `propose`."""
    proposal = propose(user, **data)
    return proposal if user else confirm(proposal)


def confirm(proposal: Proposal) -> Proposal:
    """The proposal after the link of the first mail was followed."""
    token = token_of(proposal, Purpose.PROPOSAL_CONFIRM)
    as_user("", "digifarm_proposal_confirm", token=token)
    return get(proposal.id)


def get(id_: str) -> Proposal:
    """A proposal as it is stored."""
    model.Session.rollback()
    model.Session.expire_all()
    proposal = model.Session.get(Proposal, id_)
    assert proposal
    return proposal


def project_of(proposal: Proposal) -> model.Package:
    """The project that a proposal became, as it is stored."""
    package = model.Package.get(get(proposal.id).project_id)
    assert package
    return package


def token_of(proposal: Proposal, purpose: Purpose = Purpose.PROPOSAL) -> str:
    """The token of the last mail."""
    return tokens.make(purpose, proposal.id, proposal.token_key)


def put_into(proposal: Proposal, state: str, reason: str = "") -> Proposal:
    """The proposal after its life has come to a state.

    :param proposal: one that waits for a decision
    :param reason: why
    """
    steps = {
        "changes_requested": "request_changes",
        "approved": "approve",
        "declined": "decline",
        "withdrawn": "withdraw",
    }
    if step := steps.get(state):
        parameters = parameters_of(step)
        parameters["reason"] = reason or parameters["reason"]
        as_portal(f"digifarm_proposal_{step}", id=proposal.id, **parameters)
    return get(proposal.id)


def parameters_of(step: str) -> dict[str, Any]:
    """What a step needs besides the proposal."""
    return {
        "approve": {"organization": "green-office", "reason": "Schön"},
        "decline": {"reason": "Nicht offen"},
        "request_changes": {"reason": "Bitte mehr dazu"},
        "update": {"project": {"notes": "Viel mehr"}, "reason": "Bitte sehr"},
        "withdraw": {"reason": "Doch nicht"},
    }[step]

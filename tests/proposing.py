"""People who propose projects, and those who decide on them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa

from ckan import model
from ckan.lib import search
from ckan.lib.search.common import make_connection
from ckan.model.types import make_uuid
from ckan.tests import factories
from ckanext.digifarm.lib import clock, tokens
from ckanext.digifarm.lib.events import Event, Subject
from ckanext.digifarm.lib.mail import Mail
from ckanext.digifarm.lib.tokens import Purpose
from ckanext.digifarm.links.model import Link
from ckanext.digifarm.proposals import proposed
from ckanext.digifarm.proposals.model import Proposal
from ckanext.digifarm.proposals.seen import Seen

from .acting import as_portal, as_user

#: Of the organisation that `ckanext.digifarm.review_organization` names.
REVIEWERS = "review-office"

#: What nobody may read but the proposer and the reviewers.
SECRETS = {
    "proposer_name": "Geheime Person",
    "proposer_email": "geheim@example.org",
}

CONDITIONS = ["open_source", "not_commercial", "public_value", "lawful"]

PROJECT: dict[str, Any] = {
    "title": "Schattenwege",
    "summary": "Zeigt kühle Wege durch die Stadt",
    "public_value": "Wer Hitze schlecht verträgt, kommt gut ans Ziel.",
    "source_license": "EUPL-1.2",
}

#: The rows of a project that was proposed, each with its table, by the id of
#: the reviewers' organisation; see `store_pending`.
_ROWS: dict[str, list[tuple[sa.Table, dict[str, Any]]]] = {}

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
    for table in (Proposal, Seen, Event, Mail, Link):
        model.Session.query(table).delete()
    model.Session.commit()


def delete_packages() -> None:
    """Delete all packages, as if each was purged."""
    model.Session.rollback()
    if not model.Session.query(model.Package.id).first():
        return
    for table in reversed(tk.BaseModel.metadata.sorted_tables):
        keys = table.foreign_keys
        if any(key.column.table is model.package_table for key in keys):
            model.Session.execute(sa.delete(table))
    model.Session.query(model.Member).filter_by(table_name="package").delete()
    model.Session.query(model.Package).delete()
    model.Session.commit()
    if make_connection().search("*:*", rows=0).hits:
        search.clear_all()


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


def store_pending(user: str = "", **data: Any) -> Proposal:
    """What `pending` leaves, without its mails and its history.

    For tests of what comes later: to make a package takes a while.

    :param user: name of their account, or "" for none
    :param data: columns; `project` adds to the fields of the project
    """
    project_id = _store_project(**data.pop("project", {}))
    columns = {**SECRETS, **data}
    states = ["unconfirmed", "pending"]
    account = model.User.get(user) if user else None
    if account:
        columns.update(user_id=account.id, proposer_email=account.email)
        states = ["pending"]
    proposal = Proposal(
        project_id=project_id,
        payload={},
        language="en",
        consented=clock.now(),
        state="pending",
        **columns,
    )
    model.Session.add(proposal)
    model.Session.flush()
    for source, state in zip([None, *states], states, strict=False):
        step = "confirm" if source else "submit"
        Event.record(
            Subject.PROPOSAL,
            proposal.id,
            f"digifarm_proposal_{step}",
            source,
            state,
            project=model.Package.get(project_id),
        )
    model.Session.commit()
    return get(proposal.id)


def _store_project(**fields: Any) -> str:
    """Store a project as that of a proposal is stored; commits nothing.

    :param fields: what it says besides
    :returns: its id
    """
    organization = proposed.review_organization().id
    if organization not in _ROWS:
        _ROWS[organization] = _rows_of_a_project()
    id_, now = make_uuid(), clock.now()
    for table, row in _ROWS[organization]:
        if table is model.package_table:
            own = {
                **{name: fields[name] for name in fields if name in table.c},
                "id": id_,
                "name": f"schattenwege-{id_}",
                "extras": {
                    **row["extras"],
                    **{n: fields[n] for n in fields if n not in table.c},
                },
                "metadata_created": now,
                "metadata_modified": now,
            }
        else:
            own = {"id": make_uuid(), "table_id": id_}
        model.Session.execute(sa.insert(table).values({**row, **own}))
    return id_


def _rows_of_a_project() -> list[tuple[sa.Table, dict[str, Any]]]:
    """The rows that a confirmed proposal makes; nothing of it stays."""
    id_ = proposed.create(proposed.check(PROJECT), [])
    model.Session.flush()
    rows = [
        # JSON would make something else of None.
        (column.table, {n: row[n] for n in row if row[n] is not None})
        for column in (model.package_table.c.id, model.member_table.c.table_id)
        for row in model.Session.execute(
            sa.select(column.table).where(column == id_)
        ).mappings()
    ]
    model.Session.rollback()
    return rows


@contextmanager
def approved_as(project_id: str) -> Iterator[None]:
    """Let a project have come through the reviewers for a while."""
    proposal = model.Session.merge(
        Proposal(
            project_id=project_id,
            state="approved",
            proposer_name="",
            proposer_email="",
            language="en",
            consented=clock.now(),
        )
    )
    model.Session.commit()
    yield
    model.Session.delete(model.Session.merge(proposal))
    model.Session.commit()


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
    if state == "hidden":
        put_into(proposal, "approved")
        as_portal(
            "digifarm_project_hide", id=proposal.id, reason=reason or "Werbung"
        )
    elif step := steps.get(state):
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

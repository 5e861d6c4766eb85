"""People who have proposed a project."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import ckantoolkit as tk
import sqlalchemy as sa

from ..lib import activity, consent, personal, tokens
from ..lib.ckan import Context, model
from ..lib.context import of_portal
from ..lib.events import Event, Subject
from ..lib.mail import Mail
from ..lib.personal import Person
from . import proposed
from .model import (
    KEPT_STATES,
    OPEN_STATES,
    REFUSED_STATES,
    Proposal,
    ProposalState,
)
from .workflow import WORKFLOW

log = logging.getLogger(__name__)

#: What is no project, or won't be one: its proposer doesn't answer.
GIVEN_UP = (
    *REFUSED_STATES,
    ProposalState.CHANGES_REQUESTED,
)


def of(person: Person, *, locked: bool = False) -> list[Proposal]:
    """What somebody has proposed."""
    condition = person.is_behind(Proposal.proposer_email, Subject.PROPOSAL)
    return personal.rows(Proposal, condition, locked=locked)


def erase(person: Person, *, dry_run: bool = False) -> tuple[int, list[str]]:
    """Forget somebody; commits, proposal by proposal.

    What waits is withdrawn, without a mail, and what was not approved is
    purged with its project. An approved project stays.

    Those that somebody has claimed know nothing of that any more.

    :param dry_run: forget only what stays, and commit nothing
    :returns: how many rows were changed or deleted, and the ids of those
        where that failed
    """
    found = of(person)
    if dry_run:
        for proposal in found:
            if not goes(proposal):
                _erase(proposal, person)
        return len(found) + personal.unlink(Proposal, person), []
    done, failed = _each(
        [row.id for row in found], lambda proposal: _erase(proposal, person)
    )
    return done + personal.unlink(Proposal, person), failed


def goes(proposal: Proposal) -> bool:
    """Whether a proposal is deleted when its proposer is erased.

    An approved project stays.
    """
    return not proposal.is_kept


def delete_unconfirmed(before: datetime) -> int:
    """Delete what nobody has confirmed in time; commits nothing."""
    return personal.delete(
        _locked(
            Proposal.state == ProposalState.UNCONFIRMED.value,
            Proposal.created < before,
        )
    )


def forget(before: datetime) -> int:
    """Forget who proposed what was approved; commits nothing."""
    found = _locked(
        Proposal.state.in_([state.value for state in KEPT_STATES]),
        Proposal.modified < before,
        (Proposal.proposer_name != "")
        | (Proposal.proposer_email != "")
        | Proposal.user_id.is_not(None),
    )
    for proposal in found:
        proposal.user_id = None
        _forget(proposal)
    return len(found)


def export(proposal: Proposal) -> dict[str, object]:
    """What is stored of a proposal, in words.

    What was written of the project is a part of it, wherever it is kept.
    """
    id_ = proposal.project_id
    return {
        "project": personal.package(id_),
        "fields": (
            proposed.fields_of(proposed.show(id_))
            if id_
            else proposal.payload.get("project", {})
        ),
        "datasets": [
            dataset.title or dataset.name
            for dataset in proposed.public_datasets(
                [*proposed.linked_datasets(id_)]
                if id_
                else proposal.payload.get("datasets", [])
            )
        ],
        "has_picture": proposal.has_picture(),
        "state": proposal.state,
        "proposer_name": proposal.proposer_name,
        "proposer_email": proposal.proposer_email,
        "language": proposal.language,
        "created": proposal.created,
        "modified": proposal.modified,
        "consent": consent.export(proposal),
        "events": personal.events(Event.of(Subject.PROPOSAL, proposal.id)),
        "activities": activity.about(id_) if id_ else [],
    }


def purge(before: datetime) -> tuple[int, list[str]]:
    """Delete what is no project, or won't be one, with its project; commits.

    What waits for its proposer's changes is withdrawn, without a mail.

    :returns: how many projects were deleted, and the ids of the proposals
        where that failed
    """
    ids = to_purge(before)
    model.Session.rollback()
    return _each(ids, _purge, *_is_over(before))


def to_purge(before: datetime) -> Sequence[str]:
    """The ids of the proposals that `purge` deletes."""
    query = sa.select(Proposal.id).where(*_is_over(before))
    return model.Session.scalars(query).all()


def purge_one(id_: str, before: datetime) -> None:
    """Delete one of them with its project; commits."""
    _one(id_, _purge, *_is_over(before))


def _is_over(before: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Proposal.state.in_([state.value for state in GIVEN_UP]),
        Proposal.modified < before,
    )


def _each(
    ids: Iterable[str],
    act: Callable[[Proposal], None],
    *conditions: sa.ColumnElement[bool],
) -> tuple[int, list[str]]:
    """Do something with proposals; one that fails leaves the others."""
    done, failed = 0, []
    for id_ in ids:
        try:
            done += _one(id_, act, *conditions)
        except Exception as e:  # noqa: BLE001, PERF203 – Solr, for example
            model.Session.rollback()
            log.warning("Proposal %s stays: %s", id_, type(e).__name__)
            failed.append(id_)
    return done, failed


def _one(
    id_: str,
    act: Callable[[Proposal], None],
    *conditions: sa.ColumnElement[bool],
) -> int:
    """Do something with a proposal, in a transaction of its own.

    :param conditions: what must still be true of it: meanwhile somebody may
        have decided, or purged it
    :returns: with how many proposals it was done, 1 or 0
    """
    found = _locked(Proposal.id == id_, *conditions)
    for proposal in found:
        act(proposal)
    model.Session.commit()
    return len(found)


def _erase(proposal: Proposal, person: Person) -> None:
    """Delete a proposal with its project, or only forget who proposed it."""
    if proposal.state == ProposalState.UNCONFIRMED.value:
        _forget_words(proposal)
        model.Session.delete(proposal)
    elif proposal.is_kept:
        # Who has claimed the project since is somebody else.
        own = personal.unclaimed(
            proposal.user_id, Subject.PROPOSAL, proposal.id
        )
        if own or proposal.user_id in person.accounts:
            proposal.user_id = None
        _forget(proposal)
    else:
        _purge(proposal)


def _purge(proposal: Proposal) -> None:
    """Delete a proposal with its project: it says what a person wrote.

    What waits is withdrawn. Core commits here, all of it or nothing.
    """
    if proposal.state in [state.value for state in OPEN_STATES]:
        WORKFLOW.go_on("forget", proposal, Context())
    _forget_words(proposal)
    project = {"id": proposal.project_id or ""}
    activity.forget(project["id"])
    # The proposal goes with the package.
    tk.get_action("dataset_purge")(of_portal(), project)


def _forget(proposal: Proposal) -> None:
    """Forget who proposed a project; the link to claim it is of no use then.

    Who owns it is a matter of accounts.
    """
    proposal.proposer_name = ""
    proposal.proposer_email = ""
    proposal.token_key = tokens.new_key()
    _forget_words(proposal)


def _forget_words(proposal: Proposal) -> None:
    """Forget reasons, and mails that wait: those to reviewers, too."""
    Event.forget_of(Subject.PROPOSAL, proposal.id)
    model.Session.execute(
        sa.delete(Mail).where(Mail.subject_id == proposal.id)
    )


def _locked(*conditions: sa.ColumnElement[bool]) -> list[Proposal]:
    """Proposals, locked."""
    return list(
        model.Session.scalars(
            sa.select(Proposal)
            .where(*conditions)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )

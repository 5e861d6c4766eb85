"""What the portal knows of people without an account, and how it forgets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from ckan import model

from . import activity, clock, config, tokens
from .logic.context import of_portal
from .model import (
    OPEN_STATES,
    ClaimState,
    Event,
    Mail,
    MailState,
    Partner,
    PartnerState,
    Proposal,
    ProposalState,
    Subject,
    Support,
    SupportState,
    Task,
    TaskClaim,
    TaskState,
)

#: Nothing is asked of anybody any more.
FINISHED = (
    SupportState.DECLINED,
    SupportState.WITHDRAWN,
    SupportState.ENDED,
)

#: Whoever should answer has not.
WAITING = (SupportState.OFFERED, SupportState.REQUESTED)


def export(email: str) -> dict[str, list[dict[str, Any]]]:
    """All that is stored with an e-mail address.

    :param email: in any spelling of upper and lower case
    :returns: rows by table, each a dictionary of its columns
    """
    supports = _with(email, Support.contact_email)
    partners = _with(email, Partner.contact_email)
    proposals = _with(email, Proposal.proposer_email)
    found = {
        "support": supports,
        "partner": partners,
        "proposal": proposals,
        "task": _with(email, TaskClaim.email),
        # Mails to others hold addresses of theirs.
        "mail": _with(email, Mail.recipient_email),
        "event": [
            event
            for subject, rows in (
                (Subject.SUPPORT, supports),
                (Subject.PARTNER, partners),
                (Subject.PROPOSAL, proposals),
            )
            for row in rows
            for event in Event.of(subject, row.id)
        ],
    }
    return {
        table: [_row(row) for row in rows] for table, rows in found.items()
    }


def erase(email: str) -> Counter[str]:
    """Forget whoever has an e-mail address; commits.

    What they never confirmed is deleted. An offer that waits is withdrawn,
    without a mail. What is accepted goes on, by a private person without a
    name, or by a partner without a contact. Tasks that they have taken are
    open again, without a mail. A proposal that waits is withdrawn, without a
    mail, and what was not approved is purged with its project; an approved
    project stays.

    :param email: in any spelling of upper and lower case
    :returns: how many rows were changed or deleted, by table
    """
    # First, as each is a transaction of its own.
    counts = Counter({"proposal": _erase_proposals(email)})
    supports = _with(email, Support.contact_email)
    for mail in _mails_about(email, [support.id for support in supports]):
        counts["mail"] += 1
        model.Session.delete(mail)
    for support in supports:
        counts["support"] += 1
        if support.state == SupportState.UNCONFIRMED.value:
            # Else its link would make an offer of nobody.
            model.Session.delete(support)
            continue
        if support.state == SupportState.OFFERED.value:
            _withdraw(support)
        _forget_support(support)
    for partner in _with(email, Partner.contact_email):
        counts["partner"] += 1
        if partner.state == PartnerState.UNCONFIRMED.value and not (
            _is_supporting(partner)
        ):
            model.Session.delete(partner)
            continue
        _forget_partner(partner)
    _lock_tasks(email)
    for claim in _with(email, TaskClaim.email):
        counts["task"] += 1
        _forget_claim(claim)
    model.Session.commit()
    return +counts


def purge() -> Counter[str]:
    """Forget what is needed no longer; commits.

    :returns: how many rows were changed or deleted: `unconfirmed`,
        `contacts`, `projects` (that were proposed and are none), `reasons`
        and `mails`
    """
    counts: Counter[str] = Counter()
    unconfirmed = clock.days_ago(config.token_days())
    retained = clock.days_ago(config.retention_days())
    counts["unconfirmed"] = _delete_unconfirmed(unconfirmed)
    counts["contacts"] = _forget_contacts(retained)
    counts["reasons"] = _forget_reasons(retained)
    counts["mails"] = _delete(
        model.Session.scalars(
            sa.select(Mail).where(
                Mail.state == MailState.GIVEN_UP.value, Mail.created < retained
            )
        )
    )
    model.Session.commit()
    # Last, as each is a transaction of its own.
    counts["projects"] = _purge_proposals(retained)
    return +counts


def _delete_unconfirmed(before: Any) -> int:
    supports = _delete(_older(SupportState.UNCONFIRMED, before=before))
    model.Session.flush()
    partners = _delete(_unconfirmed_partners(before))
    claims = _delete(_older_claims(ClaimState.UNCONFIRMED, before=before))
    proposals = _delete(
        _proposals(
            Proposal.state == ProposalState.UNCONFIRMED.value,
            Proposal.created < before,
        )
    )
    return supports + partners + claims + proposals


def _delete(rows: Iterable[Any]) -> int:
    number = 0
    for row in rows:
        model.Session.delete(row)
        number += 1
    return number


def _forget_contacts(before: Any) -> int:
    waiting = _older(*WAITING, before=before)
    for support in waiting:
        _withdraw(support)
    supports = [*waiting, *_older(*FINISHED, before=before)]
    for support in supports:
        _forget_support(support)
    partners = _gone_partners(before)
    for partner in partners:
        _forget_partner(partner)
    claims = _older_claims(ClaimState.OVER, before=before)
    for claim in claims:
        _forget_claim(claim)
    proposals = _decided(before, is_kept=True)
    for proposal in proposals:
        _forget_proposer(proposal)
    return len(supports) + len(partners) + len(claims) + len(proposals)


def _with(email: str, column: InstrumentedAttribute[str]) -> Any:
    """The rows of a table that hold an address, locked."""
    return model.Session.scalars(
        sa.select(column.class_)
        .where(sa.func.lower(column) == email.strip().lower(), column != "")
        .with_for_update()
    ).all()


def _mails_about(email: str, supports: Sequence[str]) -> list[Mail]:
    """The mails that hold an address, locked.

    They are to it, are answered to it, quote it, or tell others of what was
    offered with it.

    :param supports: ids of the supports that were offered with it
    """
    address = email.strip()
    if not address:
        return []
    quoted = rf"(^|[^\w.+-]){re.escape(address)}($|[^\w-])"
    return list(
        model.Session.scalars(
            sa.select(Mail)
            .where(
                (sa.func.lower(Mail.recipient_email) == address.lower())
                | (sa.func.lower(Mail.reply_to) == address.lower())
                | Mail.body.regexp_match(quoted, flags="i")
                | Mail.subject_id.in_(supports)
            )
            .with_for_update()
        )
    )


def _older(*states: SupportState, before: Any) -> list[Support]:
    """Supports of which something is left to forget."""
    return list(
        model.Session.scalars(
            sa.select(Support)
            .where(
                Support.state.in_([state.value for state in states]),
                Support.modified < before,
                (Support.contact_email != "")
                | (Support.contact_name != "")
                | (Support.message != "")
                | Support.user_id.is_not(None),
            )
            .with_for_update()
        )
    )


def _unconfirmed_partners(before: Any) -> list[Partner]:
    supported = sa.select(Support.id).where(Support.partner_id == Partner.id)
    return list(
        model.Session.scalars(
            sa.select(Partner)
            .where(
                Partner.state == PartnerState.UNCONFIRMED.value,
                Partner.created < before,
                ~supported.exists(),
            )
            .with_for_update()
        )
    )


def _gone_partners(before: Any) -> list[Partner]:
    """Partners that left the directory, or never came in, with contacts."""
    return list(
        model.Session.scalars(
            sa.select(Partner)
            .where(
                Partner.state == PartnerState.DELETED.value,
                Partner.modified < before,
                (Partner.contact_email != "") | (Partner.contact_name != ""),
            )
            .with_for_update()
        )
    )


def _is_supporting(partner: Partner) -> bool:
    query = sa.select(Support.id).where(Support.partner_id == partner.id)
    return model.Session.scalar(query.limit(1)) is not None


def _withdraw(support: Support) -> None:
    support.state = SupportState.WITHDRAWN.value
    support.modified = clock.now()
    support.token_key = tokens.new_key()
    Event.record(Subject.SUPPORT, support.id, support.state, None)


def _forget_support(support: Support) -> None:
    support.contact_name = ""
    support.contact_email = ""
    support.message = ""
    support.person = ""
    support.user_id = None
    for event in Event.of(Subject.SUPPORT, support.id):
        event.reason = ""


def _forget_reasons(before: Any) -> int:
    """Forget what people wrote; that something happened is kept."""
    changed = model.Session.scalars(
        sa.update(Event)
        .where(Event.created < before, Event.reason != "")
        .values(reason="")
        .returning(Event.id)
    )
    return len(changed.all())


def _forget_partner(partner: Partner) -> None:
    partner.contact_name = ""
    partner.contact_email = ""
    for event in Event.of(Subject.PARTNER, partner.id):
        event.reason = ""


def _lock_tasks(email: str) -> None:
    """Lock the tasks of somebody's claims: always before the claims."""
    claims = sa.select(TaskClaim.task_id).where(
        sa.func.lower(TaskClaim.email) == email.strip().lower()
    )
    model.Session.execute(
        sa.select(Task.id).where(Task.id.in_(claims)).with_for_update()
    )


def _older_claims(state: ClaimState, *, before: Any) -> list[TaskClaim]:
    return list(
        model.Session.scalars(
            sa.select(TaskClaim).where(
                TaskClaim.state == state.value, TaskClaim.modified < before
            )
        )
    )


def _forget_claim(claim: TaskClaim) -> None:
    """Delete all that is known of who took a task; it is open again then."""
    task = model.Session.get(Task, claim.task_id)
    for event in Event.of(Subject.TASK, claim.task_id):
        event.reason = ""
    if task and claim.state == ClaimState.HELD.value:
        task.state = TaskState.OPEN.value
        task.modified = clock.now()
        Event.record(Subject.TASK, task.id, task.state, None)
    model.Session.delete(claim)


def _erase_proposals(email: str) -> int:
    ids = [row.id for row in _with(email, Proposal.proposer_email)]
    model.Session.rollback()
    for id_ in ids:
        # Meanwhile a reviewer may have decided.
        for proposal in _proposals(Proposal.id == id_):
            _erase_proposal(proposal)
            model.Session.commit()
    return len(ids)


def _erase_proposal(proposal: Proposal) -> None:
    """Delete a proposal with its project, or only forget who proposed it."""
    if proposal.state == ProposalState.UNCONFIRMED.value:
        model.Session.delete(proposal)
    elif proposal.state in [state.value for state in OPEN_STATES]:
        Event.record(
            Subject.PROPOSAL, proposal.id, ProposalState.WITHDRAWN.value, None
        )
        _purge_proposal(proposal)
    elif _is_kept(proposal):
        proposal.user_id = None
        _forget_proposer(proposal)
    else:
        _purge_proposal(proposal)


def _purge_proposals(before: Any) -> int:
    ids = [proposal.id for proposal in _decided(before, is_kept=False)]
    model.Session.rollback()
    for id_ in ids:
        for proposal in _proposals(Proposal.id == id_):
            _purge_proposal(proposal)
    model.Session.commit()
    return len(ids)


def _purge_proposal(proposal: Proposal) -> None:
    """Delete a proposal with its project: it says what a person wrote.

    Core commits here, all of it or nothing.
    """
    _forget_words(proposal)
    project = {"id": proposal.project_id or ""}
    activity.forget(project["id"])
    # The proposal goes with the package.
    tk.get_action("dataset_purge")(of_portal(), project)


def _forget_proposer(proposal: Proposal) -> None:
    """Forget who proposed a project; the link to claim it is of no use then.

    Who owns it is a matter of accounts.
    """
    proposal.proposer_name = ""
    proposal.proposer_email = ""
    proposal.token_key = tokens.new_key()
    _forget_words(proposal)


def _forget_words(proposal: Proposal) -> None:
    """Forget reasons, and mails that wait: those to reviewers, too."""
    for event in Event.of(Subject.PROPOSAL, proposal.id):
        event.reason = ""
    model.Session.execute(
        sa.delete(Mail).where(Mail.subject_id == proposal.id)
    )


def _is_kept(proposal: Proposal) -> bool:
    """Whether somebody has taken over what was proposed: by a decision, or by
    restoring its project.
    """
    project = model.Package.get(proposal.project_id)
    return bool(
        proposal.state == ProposalState.APPROVED.value
        or (project and project.state == model.State.ACTIVE)
    )


def _decided(before: Any, *, is_kept: bool) -> list[Proposal]:
    """Proposals on which nobody decides any more, and of which something is
    left to forget, locked.

    :param is_kept: those whose projects are there, or the others
    """
    found = _proposals(
        Proposal.state.in_(
            [
                ProposalState.APPROVED.value,
                ProposalState.DECLINED.value,
                ProposalState.WITHDRAWN.value,
            ]
        ),
        Proposal.modified < before,
    )
    return [
        proposal
        for proposal in found
        if _is_kept(proposal) == is_kept
        and not (
            is_kept
            and not proposal.proposer_name
            and not proposal.proposer_email
        )
    ]


def _proposals(*conditions: sa.ColumnElement[bool]) -> list[Proposal]:
    """Proposals, locked."""
    return list(
        model.Session.scalars(
            sa.select(Proposal)
            .where(*conditions)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def _row(row: Any) -> dict[str, Any]:
    return {
        column.name: getattr(row, column.name)
        for column in row.__table__.columns
        if column.name not in {"token_key", "submission"}
    }

"""What waits for reviewers is not forgotten."""

from __future__ import annotations

import datetime
from typing import Any

import ckantoolkit as tk

from ..lib import clock, outbox, people
from ..lib.ckan import model
from ..lib.due_work import ALL, Kind
from ..partners.model import Partner
from .model import Proposal, ProposalState

#: So many titles are named; the rest is counted.
MOST = 20

WEEK = datetime.timedelta(days=7)


def _write_digest(_: str) -> None:
    """Write to the reviewers what waits for them, in one mail each.

    Where nothing waits, nobody gets a mail.
    """
    pending = Proposal.state == ProposalState.PENDING.value
    count, proposals = Proposal.confirmed(pending, limit=MOST)
    partners = Partner.proposed(limit=MOST)
    count += Partner.num_proposed()
    if not count:
        return
    for to in people.recipients(people.reviewers()):
        outbox.write(
            "proposals/emails/review_digest",
            to,
            subject_id="review",
            count=count,
            proposals=[_listed(*row) for row in proposals],
            partners=[partner.title for partner in partners],
            more=count - len(proposals) - len(partners),
            link=tk.h.url_for("digifarm_reviews.index", qualified=True),
            partners_link=tk.h.url_for(
                "digifarm_registrations.review", qualified=True
            ),
        )


def _listed(proposal: Proposal, project: model.Package) -> dict[str, Any]:
    return {
        "title": project.title or project.name,
        "days": (clock.now() - proposal.modified).days,
    }


KINDS = (Kind("review-digest", lambda: [ALL], _write_digest, WEEK),)

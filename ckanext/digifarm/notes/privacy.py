"""Which accounts have written internal notes.

Whoever is named in one is found as in any other text of ours.
"""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from ..lib import personal
from ..lib.ckan import model
from ..partners.model import Partner
from ..proposals.model import Proposal
from .model import Note


def of(accounts: Collection[str]) -> list[Note]:
    """The notes that some accounts have written."""
    query = sa.select(Note).where(Note.created_by.in_(accounts))
    return list(model.Session.scalars(query.order_by(Note.created, Note.id)))


def erase(accounts: Collection[str]) -> int:
    """Forget that they have; commits nothing.

    :returns: of how many notes
    """
    return personal.forget_makers(Note, Note.created_by.in_(accounts))


def export(note: Note) -> dict[str, object]:
    """What is stored of a note, in words."""
    return {
        "on": note.subject.value,
        "about": title(note.partner_id, note.project_id, note.proposal_id),
        "text": note.text,
        "created": note.created,
    }


def title(
    partner_id: str | None, project_id: str | None, proposal_id: str | None
) -> str:
    """What is called that a note is on; "" where it has no title."""
    if partner_id:
        partner = model.Session.get(Partner, partner_id)
        return partner.title if partner else ""
    if proposal_id:
        proposal = model.Session.get(Proposal, proposal_id)
        project_id = proposal.project_id if proposal else None
    project = personal.package(project_id)
    return project["title"] if project else ""

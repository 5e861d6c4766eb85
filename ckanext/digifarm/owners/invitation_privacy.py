"""People whom teams of projects have invited; who accepts has an account."""

from __future__ import annotations

from datetime import datetime

from ..lib import personal
from ..lib.ckan import model
from ..lib.personal import Person
from .model import Invitation


def of(person: Person, *, locked: bool = False) -> list[Invitation]:
    """The invitations that went to somebody."""
    condition = person.has(Invitation.email)
    return personal.rows(Invitation, condition, locked=locked)


def erase(person: Person) -> int:
    """Forget where invitations went; commits nothing.

    :returns: how many rows were deleted
    """
    count = personal.delete(of(person, locked=True))
    model.Session.flush()
    return count


def delete_old(before: datetime) -> int:
    """Delete what links lead to no longer; commits nothing."""
    old = personal.rows(Invitation, Invitation.modified < before, locked=True)
    count = personal.delete(old)
    model.Session.flush()
    return count


def export(invitation: Invitation) -> dict[str, object]:
    """What is stored of an invitation, in words."""
    return {
        "project": personal.package(invitation.project_id),
        "email": invitation.email,
        "hands_over": invitation.hands_over,
        "state": invitation.state,
        "language": invitation.language,
        "created": invitation.created,
        "modified": invitation.modified,
    }

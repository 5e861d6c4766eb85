"""The names of partners in addresses."""

from __future__ import annotations

import sqlalchemy as sa

from ..lib.ckan import model
from ..lib.names import Collision, free_name
from .model import Partner, PartnerState

#: What is or will be a page below /partner/, and so no partner's name.
RESERVED = frozenset(
    {
        "about",
        "activity",
        "candidates",
        "confirm",
        "delete",
        "deleted",
        "edit",
        "embed",
        "export",
        "feed",
        "follow",
        "help",
        "history",
        "link",
        "merge",
        "mine",
        "new",
        "notifications",
        "offer",
        "offers",
        "project",
        "projects",
        "register",
        "request",
        "restore",
        "review",
        "search",
        "statistics",
        "support",
        "table",
    }
)


def of_partner(title: str) -> str:
    """A name for a new partner that is made from its title."""
    return free_name(title, "partner", Partner.name, RESERVED)


def collisions() -> list[Collision]:
    """Partners that got their name before a page did, by name."""
    query = (
        sa.select(Partner.id, Partner.name)
        .where(
            Partner.state != PartnerState.DELETED.value,
            Partner.name.in_(RESERVED),
        )
        .order_by(Partner.name)
    )
    return [
        Collision(row.id, row.name, "digifarm_partners.edit")
        for row in model.Session.execute(query)
    ]

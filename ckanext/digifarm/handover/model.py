from __future__ import annotations

import datetime
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ..lib import clock
from . import entries
from .entries import Entries


class Handover(tk.BaseModel):
    """Who holds what a successor of a project needs; private, no secrets.

    It says nothing of who has written it down, so that nothing of them has
    to be forgotten.
    """

    __tablename__ = "digifarm_handover"
    __table_args__ = (
        # Which projects could change hands.
        sa.Index(
            "digifarm_handover_complete",
            "project_id",
            postgresql_where=sa.text("is_complete"),
        ),
    )

    project_id: Mapped[str] = mapped_column(
        sa.UnicodeText,
        sa.ForeignKey("package.id", ondelete="CASCADE"),
        primary_key=True,
    )
    #: By kind; see entries.py.
    entries: Mapped[dict[str, dict[str, Any]]] = mapped_column(JSONB)
    #: Whether others could go on with the project; `entries.is_complete`.
    is_complete: Mapped[bool]
    modified: Mapped[datetime.datetime] = mapped_column(
        sa.DateTime, default=clock.now
    )

    def write(self, said: Entries) -> None:
        """Let it say something else; commits nothing."""
        self.entries = said
        self.is_complete = entries.is_complete(said)

"""What is said of projects that are over."""

from __future__ import annotations

import enum

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column
from typing_extensions import Self


class Fate(str, enum.Enum):
    """What becomes of what somebody gives a project that is over."""

    #: It stays theirs to end it.
    KEEP = "keep"
    #: It is over, too.
    END = "end"


class Ending(tk.BaseModel):
    """Since when and why a project is over, and what others can take over.

    Whether it is, its stage says.
    """

    __tablename__ = "digifarm_ending"

    project_id: Mapped[str] = mapped_column(
        sa.UnicodeText,
        sa.ForeignKey("package.id", ondelete="CASCADE"),
        primary_key=True,
    )
    #: A date as precise as it is known.
    since: Mapped[str] = mapped_column(sa.UnicodeText, default="")
    #: One of the reasons `stopping` of the schema file, or "".
    reason_code: Mapped[str] = mapped_column(sa.UnicodeText, default="")
    #: The same in somebody's words; everybody reads them.
    reason: Mapped[str] = mapped_column(sa.UnicodeText, default="")
    #: What others can take over; Markdown.
    takeover: Mapped[str] = mapped_column(sa.UnicodeText, default="")
    #: What becomes of supports that are accepted, and of tasks that are
    #: taken: a `Fate`.
    supports: Mapped[str] = mapped_column(
        sa.UnicodeText, default=Fate.KEEP.value
    )
    tasks: Mapped[str] = mapped_column(sa.UnicodeText, default=Fate.KEEP.value)
    #: Whether those whom it concerns have been told.
    is_told: Mapped[bool] = mapped_column(default=False)

    @classmethod
    def unknown(cls) -> Self:
        """What is known of a project that was over before it came here."""
        return cls(since="", reason_code="", reason="", takeover="")

    def dictize(self) -> dict[str, object]:
        """What everybody may know who may read the project."""
        names = ("since", "reason_code", "reason", "takeover")
        return {name: getattr(self, name) for name in names}

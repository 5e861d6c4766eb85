"""Projects that are put aside, so that CKAN runs without this extension.

core/retiring.py puts them aside and brings them back. Meanwhile what time
brings rests, and so does what waits to be done.
"""

from __future__ import annotations

import ckantoolkit as tk
import click
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from .ckan import model

#: Core lists packages in this state nowhere: not as drafts, not in the trash.
STATE = "retired"

#: Why a command does nothing.
WHY = "all projects are put aside. `ckan digifarm return` brings them back."


class Retired(tk.BaseModel):
    """What a package was before it was put aside.

    The key has no rule for a package that is purged: the database refuses
    that, also while the plugin is off.
    """

    __tablename__ = "digifarm_retired"

    package_id: Mapped[str] = mapped_column(
        sa.UnicodeText, sa.ForeignKey("package.id"), primary_key=True
    )
    # As core has them: they may be empty.
    type: Mapped[str | None] = mapped_column(sa.UnicodeText)
    state: Mapped[str | None] = mapped_column(sa.UnicodeText)
    private: Mapped[bool | None]


def are_any() -> bool:
    """Whether some projects are put aside."""
    return bool(model.Session.scalar(sa.select(sa.exists(sa.select(Retired)))))


def refuse() -> None:
    """Stop a command that has nothing to work on while some are.

    :raises ClickException: with what brings them back
    """
    if are_any():
        raise click.ClickException(f"Not now: {WHY}")

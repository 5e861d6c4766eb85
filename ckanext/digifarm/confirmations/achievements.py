"""What projects have achieved in a year, in a sentence of their people."""

from __future__ import annotations

import datetime

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column

from ..lib import clock, dates
from ..lib.ckan import model
from ..projects.public import is_public


class Achievement(tk.BaseModel):
    """A sentence on a year, for the report of that year; the last word counts.

    Who has written it is not stored.
    """

    __tablename__ = "digifarm_achievement"
    __table_args__ = (
        sa.Index(
            "digifarm_achievement_year",
            "year",
            sa.text("created DESC"),
            "project_id",
        ),
    )

    project_id: Mapped[str] = mapped_column(
        sa.UnicodeText,
        sa.ForeignKey("package.id", ondelete="CASCADE"),
        primary_key=True,
    )
    #: By the clock of the portal.
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(sa.UnicodeText)
    #: When it was written last.
    created: Mapped[datetime.datetime] = mapped_column(
        sa.DateTime, default=clock.now
    )


def this_year() -> int:
    """The year that people tell of now, by the clock of the portal."""
    return dates.local_day(clock.now()).year


def text_of(project_id: str) -> str:
    """What is told of a project this year; one SQL statement."""
    query = sa.select(Achievement.text).where(
        Achievement.project_id == project_id,
        Achievement.year == this_year(),
    )
    return model.Session.scalar(query) or ""


def keep(project_id: str, text: str) -> None:
    """Store what is told of a project this year; commits nothing.

    :param project_id: of a project that is locked
    :param text: in one line; "" takes back what was told
    """
    own = {"project_id": project_id, "year": this_year()}
    table = Achievement
    if not text:
        model.Session.execute(
            sa.delete(table).where(
                table.project_id == project_id, table.year == own["year"]
            )
        )
        return
    said = {"text": text, "created": clock.now()}
    insert = postgresql.insert(table).values(**own, **said)
    model.Session.execute(
        insert.on_conflict_do_update(index_elements=[*own], set_=said)
    )


def of_year(year: int) -> sa.Select[tuple[str, str, str]]:
    """A query for what public projects have told of a year, the last first.

    :param year: by the clock of the portal
    :returns: of the projects' names and titles, and what is told
    """
    package = model.Package
    return (
        sa.select(package.name, package.title, Achievement.text)
        .join(Achievement, package.id == Achievement.project_id)
        .where(Achievement.year == year, is_public(package))
        .order_by(Achievement.created.desc(), Achievement.project_id)
    )

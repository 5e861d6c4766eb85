"""What waits for whom: which steps somebody should take.

One table says it per user, so that a page asks one question. The engine
writes it with each step. Where roles change (owners, editors, who is active),
a job looks again; `run-due` does so once a day for what nobody has noticed,
such as another organisation of reviewers in the configuration.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from ckan import model

from .. import config
from . import clock, jobs

#: Name of the job that looks again, given the id of a package, or `ALL`.
JOB = "waiting"
ALL = "all"


class Waiting(tk.BaseModel):
    """A step that waits for a user."""

    __tablename__ = "digifarm_waiting"

    user_id: Mapped[str] = mapped_column(
        sa.UnicodeText,
        sa.ForeignKey("user.id", ondelete="CASCADE"),
        primary_key=True,
    )
    #: What it is about, and its id.
    subject: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True)
    subject_id: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True)
    #: The state that waits; which steps lead on from there, the tables say.
    state: Mapped[str] = mapped_column(sa.UnicodeText)
    since: Mapped[datetime.datetime] = mapped_column(
        sa.DateTime, default=clock.now
    )

    __table_args__ = (sa.Index("digifarm_waiting_subject", "subject_id"),)


def count(user_id: str) -> int:
    """How many things wait for a user. One SQL statement."""
    query = sa.select(sa.func.count()).select_from(Waiting)
    return model.Session.scalar(query.where(Waiting.user_id == user_id)) or 0


def write(
    subject: str, row: Any, user_ids: Iterable[str], *, is_new: bool
) -> None:
    """Say for whom something waits from now on; commits nothing.

    :param subject: what it is
    :param row: its row, with `id`, `state` and `modified`
    :param user_ids: ids of the users; nobody where nothing waits
    :param is_new: else who is there already has waited since then
    """
    wanted = {*user_ids}
    others = sa.delete(Waiting).where(
        Waiting.subject == subject, Waiting.subject_id == row.id
    )
    if not is_new:
        others = others.where(Waiting.user_id.not_in(wanted))
    model.Session.execute(others)
    if wanted:
        values = [
            {
                "user_id": user_id,
                "subject": subject,
                "subject_id": row.id,
                "state": row.state,
                "since": row.modified,
            }
            for user_id in sorted(wanted)
        ]
        model.Session.execute(
            insert(Waiting).values(values).on_conflict_do_nothing()
        )


def forget_gone(subject: str, ids: Collection[str]) -> None:
    """Forget what waits of a subject but for some rows; commits nothing.

    :param ids: of all that waits
    """
    model.Session.execute(
        sa.delete(Waiting).where(
            Waiting.subject == subject, Waiting.subject_id.not_in(ids)
        )
    )


@event.listens_for(model.Session, "before_flush")
def _notice_roles(session: Session, *_: Any) -> None:
    """Look again where roles change, whichever way they do."""
    for row in (*session.new, *session.deleted, *session.dirty):
        if key := _whose(row):
            jobs.later(JOB, key)


def _whose(row: Any) -> str:
    """What to look at again as a row changes: a package, `ALL`, or ""."""
    if isinstance(row, model.PackageMember):
        return str(row.package_id)
    if isinstance(row, model.Package) and row.type == config.PROJECT_TYPE:
        return str(row.id) if _differs(row, "owner_org", "state") else ""
    if isinstance(row, model.Member) and row.table_name == "user":
        return ALL
    if isinstance(row, model.User) and _differs(row, "state"):
        return ALL
    return ""


def _differs(row: Any, *names: str) -> bool:
    """Whether one of some attributes of a stored row is another one now."""
    state = sa.inspect(row)
    return state.persistent and any(
        state.attrs[name].history.has_changes() for name in names
    )

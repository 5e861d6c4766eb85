"""Pictures of forms that came back with mistakes, until they are sent again.

Nobody is asked for a picture twice. They lie in the database, none of them
among the files of the portal, and for a day; nothing there says whose they
are. Whoever has the token of the form sees the picture, and nobody else.
"""

from __future__ import annotations

import datetime

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ..lib import clock, tokens
from ..lib.ckan import make_uuid, model
from ..lib.errors import refuse
from ..lib.tokens import Purpose
from ..lib.uploads import UPLOAD_FIELD

#: So many are kept; the oldest give way.
MOST = 300

#: But none before it is so old: nobody pushes out what others have sent.
SAFE = datetime.timedelta(hours=1)


class KeptPicture(tk.BaseModel):
    """A picture as it would be stored, without what its file says besides."""

    __tablename__ = "digifarm_kept_picture"

    id: Mapped[str] = mapped_column(
        sa.UnicodeText, primary_key=True, default=make_uuid
    )
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)
    created: Mapped[datetime.datetime] = mapped_column(
        sa.DateTime, default=clock.now
    )


def keep(content: bytes) -> str:
    """Keep a picture; commits that and nothing else.

    What the session holds may be what was refused, and must not be stored.

    :param content: as `pictures.content` gave it
    :returns: the token of the picture
    :raises ValidationError: where too many were kept just now
    """
    table = KeptPicture.__table__
    newest = (
        sa.select(table.c.id).order_by(table.c.created.desc()).limit(MOST - 1)
    )
    row = {"id": make_uuid(), "content": content, "created": clock.now()}
    old = table.c.created < clock.now() - SAFE
    number = sa.select(sa.func.count()).select_from(table)
    with model.ensure_engine().begin() as connection:
        connection.execute(
            sa.delete(table).where(table.c.id.not_in(newest), old)
        )
        if (connection.scalar(number) or 0) >= MOST:
            refuse(UPLOAD_FIELD, lost())
        connection.execute(sa.insert(table).values(row))
    return tokens.make(Purpose.PICTURE, row["id"], "")


def lost() -> str:
    """What to say where a picture can't be kept."""
    return tk._("The picture could not be kept. Please choose it once more.")


def content(token: str) -> bytes | None:
    """A picture, or None where it is kept no longer."""
    return model.Session.scalar(
        sa.select(KeptPicture.content).where(KeptPicture.id == _id(token))
    )


def drop(token: str) -> None:
    """Keep a picture no longer; commits nothing."""
    model.Session.execute(
        sa.delete(KeptPicture).where(KeptPicture.id == _id(token))
    )


def drop_old() -> None:
    """Keep no longer what nobody sends any more; commits nothing."""
    before = clock.days_ago(tokens.PICTURE_DAYS)
    model.Session.execute(
        sa.delete(KeptPicture).where(KeptPicture.created < before)
    )


def _id(token: str) -> str:
    """The id that a token names, or "" where it is of no use."""
    try:
        return tokens.read(token, Purpose.PICTURE)[0]
    except tk.Invalid:
        return ""

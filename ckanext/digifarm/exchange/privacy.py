"""Tables that reviewers have uploaded, with whoever is named in them.

What became of rows is found as any other text of ours. The file itself may
name anybody, in any format; it is gone once it is imported or cancelled, and
after some days. Where somebody is to be forgotten before that, it goes as a
whole.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Collection, Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import undefer

from ..lib import clock, personal
from ..lib.ckan import model
from ..lib.words import Words
from .model import (
    KEPT_DAYS,
    UNCONFIRMED_DAYS,
    WAITING,
    Import,
    ImportRow,
    ImportState,
)

#: How the text of files may be encoded.
ENCODINGS = ("utf-8", "utf-16", "utf-16-le", "cp1252")

_WAITING = [state.value for state in WAITING]


def of(accounts: Collection[str]) -> list[Import]:
    """What some accounts have uploaded."""
    query = sa.select(Import).where(Import.user_id.in_(accounts))
    return list(model.Session.scalars(query.order_by(Import.created)))


def naming(words: Words) -> list[Import]:
    """The uploads whose files name somebody."""
    query = (
        sa.select(Import)
        .where(Import.state.in_(_WAITING))
        .options(undefer(Import.content))
        .order_by(Import.created, Import.id)
    )
    return [
        row
        for row in model.Session.scalars(query)
        if any(words.are_in(text) for text in _texts(row.content))
    ]


def erase(accounts: Collection[str]) -> int:
    """Forget what somebody has uploaded; commits nothing.

    :returns: how many uploads
    """
    return delete(of(accounts))


def delete(rows: Collection[Import]) -> int:
    """Delete uploads with all that became of their rows; commits nothing."""
    count = personal.delete(rows)
    model.Session.flush()
    return count


def delete_old() -> int:
    """Delete what nobody said yes to, and old results; commits nothing."""
    over = (ImportState.DONE.value, ImportState.CANCELLED.value)
    # What is being imported waits for a worker only.
    unsaid = (ImportState.UPLOADED.value, ImportState.CHECKED.value)
    old = sa.select(Import).where(
        (
            Import.state.in_(unsaid)
            & (Import.modified < clock.days_ago(UNCONFIRMED_DAYS))
        )
        | (
            Import.state.in_(over)
            & (Import.modified < clock.days_ago(KEPT_DAYS))
        )
    )
    rows = model.Session.scalars(old.order_by(Import.id).with_for_update())
    return delete(rows.all())


def export(row: Import) -> dict[str, Any]:
    """What is stored of an upload, in words."""
    counts = ImportRow.counts(row.id)
    return {
        "filename": row.filename,
        "state": row.state,
        "rows": row.num_rows,
        "done": counts["done"],
        "language": row.language,
        "created": row.created,
        "modified": row.modified,
    }


def _texts(content: bytes) -> Iterator[str]:
    """All that a file may say."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        yield from _decoded(content)
        return
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        for name in file.namelist():
            yield from _decoded(file.read(name))


def _decoded(content: bytes) -> Iterator[str]:
    for encoding in ENCODINGS:
        # What can't be read so is read as something else.
        yield content.decode(encoding, errors="replace")

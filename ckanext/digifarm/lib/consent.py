"""What people have agreed to: the words of a form, kept once per version."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable
from typing import Any, NamedTuple

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from . import clock
from .ckan import model
from .language import current, speaking


class Wording(NamedTuple):
    """What stands at a box that somebody ticks.

    :param form: the form, as it is called in the database
    :param label: what they agree to
    :param details: what is said of that
    """

    form: str
    label: str
    details: str = ""


class Consent(tk.BaseModel):
    """A version of what a form asks people to agree to."""

    __tablename__ = "digifarm_consent"

    #: Made of all that follows, so that other words are another version.
    version: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True)
    form: Mapped[str] = mapped_column(sa.UnicodeText)
    language: Mapped[str] = mapped_column(sa.UnicodeText)
    text: Mapped[str] = mapped_column(sa.UnicodeText)
    #: When somebody agreed to it for the first time.
    created: Mapped[datetime.datetime] = mapped_column(
        sa.DateTime, default=clock.now
    )


class Agreement:
    """Columns of what is stored with somebody's consent."""

    #: The version that they agreed to; None where none was asked for, or it
    #: was before versions were kept.
    consent: Mapped[str | None] = mapped_column(
        sa.UnicodeText, sa.ForeignKey("digifarm_consent.version")
    )


def agreed(wording: Callable[[], Wording]) -> str:
    """Keep what somebody agrees to now; commits nothing.

    :param wording: tells it in the language that they read
    :returns: the version
    """
    language = current()
    with speaking(language):
        said = wording()
    text = "\n\n".join(filter(None, (said.label, said.details)))
    key = "\n".join((said.form, language, text))
    version = hashlib.sha256(key.encode()).hexdigest()[:16]
    values = {
        "version": version,
        "form": said.form,
        "language": language,
        "text": text,
        "created": clock.now(),
    }
    model.Session.execute(
        insert(Consent).values(values).on_conflict_do_nothing()
    )
    return version


def export(row: Any) -> dict[str, Any] | None:
    """When somebody agreed that a row is stored, and to which words.

    `form` tells who has said so: `record` is that of a project's people.
    """
    if row.consented is None:
        return None
    found = model.Session.get(Consent, row.consent or "")
    return {
        "agreed": row.consented,
        "version": row.consent,
        "form": found.form if found else None,
        "text": found.text if found else None,
    }

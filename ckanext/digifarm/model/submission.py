from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column
from typing_extensions import Self

from ckan import model

from .. import tokens


class Submission:
    """Columns of what is sent by a form and followed by links."""

    #: The form that it was sent with, so that a double click counts once.
    submission: Mapped[str | None] = mapped_column(sa.UnicodeText, unique=True)
    #: See tokens.py.
    token_key: Mapped[str] = mapped_column(
        sa.UnicodeText, default=tokens.new_key
    )

    @classmethod
    def sent_with(cls, submission: str | None) -> Self | None:
        """The row that was sent with a form.

        :param submission: what the form is known by, if anything
        """
        if submission is None:
            return None
        query = sa.select(cls).where(cls.submission == submission)
        return model.Session.scalar(query)

"""How often pages of projects were read, where CKAN's tracking is on."""

from __future__ import annotations

import sqlalchemy as sa

from ..config import PROJECT_TYPE
from ..lib.ckan import model
from .groups import ALL
from .model import Counted, Figure
from .numbers import Number

#: CKAN creates it with or without the plugin that fills it.
_SUMMARY = sa.table(
    "tracking_summary",
    sa.column("url", sa.UnicodeText),
    sa.column("tracking_type", sa.UnicodeText),
    sa.column("count", sa.Integer),
    sa.column("tracking_date", sa.DateTime),
)


def book() -> None:
    """Write the views of all months anew; commits nothing.

    CKAN counts days when they are over, so they may come to any month. It
    knows pages by their addresses only, so they are of the whole portal.
    """
    model.Session.execute(
        sa.delete(Figure).where(
            Figure.is_of(ALL), Figure.number == Number.VIEWS.value
        )
    )
    row = _SUMMARY.c
    month = sa.cast(sa.func.date_trunc("month", row.tracking_date), sa.Date)
    query = (
        sa.select(month, sa.func.sum(row.count))
        .where(
            row.tracking_type == "page",
            (row.url == f"/{PROJECT_TYPE}")
            | row.url.startswith(f"/{PROJECT_TYPE}/", autoescape=True),
        )
        .group_by(month)
    )
    for month, amount in model.Session.execute(query).all():
        Figure.write(month, {Counted(Number.VIEWS, "", ALL): amount})

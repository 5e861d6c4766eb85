"""Support that is given until a day, and what becomes of it then."""

from __future__ import annotations

import sqlalchemy as sa

from ..lib import clock, lookups, partial_dates
from ..lib.ckan import Context, model
from ..projects import wanting
from .model import Support
from .running import is_running, running
from .workflow import WORKFLOW

#: The action of the transition that ends it.
RUN_OUT = "run_out"


def is_over() -> sa.ColumnElement[bool]:
    """Whether a support runs, though the day has passed until which it did."""
    today = clock.now().date()
    return is_running() & partial_dates.is_over(Support.until, today)


def to_run_out() -> list[str]:
    """Ids of supports of which it was settled that they end, and when."""
    query = sa.select(Support.id).where(is_over(), Support.ends)
    return list(model.Session.scalars(query.order_by(Support.until)))


def run_out(support_id: str) -> None:
    """End a support, as nobody goes on with it; commits nothing.

    The project looks for that help again, unless somebody else gives it.
    """
    support = model.Session.get(Support, support_id)
    # As others do: the project before what belongs to it.
    if support is None or not lookups.lock_by_id(
        model.Package, support.project_id
    ):
        return
    lookups.lock(support)
    query = sa.select(Support.id).where(Support.id == support_id, is_over())
    if model.Session.scalar(query) is None:
        return
    is_wanted = not _is_given(support)
    WORKFLOW.go_on(RUN_OUT, support, Context(), is_wanted=is_wanted)
    if is_wanted:
        wanting.want(support.project_id, support.area)


def _is_given(support: Support) -> bool:
    """Whether others give the same help."""
    found = running(support.project_id, support.area)
    return any(other.id != support.id for other in found)

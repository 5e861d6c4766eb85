"""Tells reviewers how far a file is that took a worker long.

They have left its page by then. The file isn't named: its name may be that of
somebody who is to be forgotten.
"""

from __future__ import annotations

import datetime

import ckantoolkit as tk
import sqlalchemy as sa

from ..lib import clock
from ..lib.ckan import model
from ..notices.kinds import Data, Kind, register
from ..notices.telling import tell
from .model import Import, ImportRow, ImportState
from .plan import Result

#: Who has waited for less is on the page still.
LONG = datetime.timedelta(minutes=2)


def _is_done(data: Data) -> bool:
    return data["state"] == ImportState.DONE.value


def _title(data: Data) -> str:
    num = data["num_rows"]
    said = (
        tk.ungettext(
            "Your file with {num} row was imported",
            "Your file with {num} rows was imported",
            num,
        )
        if _is_done(data)
        else tk.ungettext(
            "Your file with {num} row was looked at",
            "Your file with {num} rows was looked at",
            num,
        )
    )
    return said.format(num=num)


def _text(data: Data) -> list[str]:
    num, failed = data["num_to_write"], data["num_failed"]
    said = (
        tk.ungettext(
            "{num} project is saved.", "{num} projects are saved.", num
        )
        if _is_done(data)
        else tk.ungettext(
            "{num} project is saved once you say yes.",
            "{num} projects are saved once you say yes.",
            num,
        )
    )
    found = [said.format(num=num)]
    if failed:
        left_out = tk.ungettext(
            "{num} row has mistakes, which its page names.",
            "{num} rows have mistakes, which its page names.",
            failed,
        )
        found.append(left_out.format(num=failed))
    return found


def _steps(data: Data) -> list[tuple[str, str]]:
    address = tk.h.url_for(
        "digifarm_imports.read", id=data["id"], qualified=True
    )
    label = (
        tk._("See what has become of it")
        if _is_done(data)
        else tk._("See what would happen")
    )
    return [(label, address)]


def _left(found: list[Data]) -> list[Data | None]:
    """Those that are as far as was told, and no further."""
    query = sa.select(Import.id, Import.state).where(
        Import.id.in_([data["id"] for data in found])
    )
    states = {row.id: row.state for row in model.Session.execute(query)}
    return [
        data if states.get(data["id"]) == data["state"] else None
        for data in found
    ]


FAR = register(
    Kind(
        "import-far",
        label=lambda: tk._("Long imports (for the city’s team)"),
        title=_title,
        text=_text,
        steps=_steps,
        is_urgent=True,
        for_reviewers=True,
        left=_left,
    )
)


def tell_how_far(row: Import, since: datetime.datetime) -> None:
    """Tell whoever has uploaded a file how far it is; commits nothing.

    :param since: since when they have waited for that
    """
    user = model.User.get(row.user_id)
    if user is None or clock.now() - since < LONG:
        return
    counts = ImportRow.counts(row.id)
    data = {
        "id": row.id,
        "state": row.state,
        "num_rows": row.num_rows,
        "num_to_write": (
            counts[Result.CREATED.value] + counts[Result.UPDATED.value]
        ),
        "num_failed": counts[Result.FAILED.value],
    }
    tell(FAR, [user], f"{row.id} {row.state}", package_ids=[], data=data)

"""What everybody reads of a project's confirmation: fields of the project.

So lists, cards, the search and all who ask whether it looks for help know it
without asking here.
"""

from __future__ import annotations

from ..lib import index, lookups
from ..lib.ckan import SearchIndexError, model
from ..projects import fields, stages, wanting
from .model import Confirmation, ConfirmationState

#: When its people have last said that all is as it says.
CONFIRMED = "confirmed"


def publish(row: Confirmation) -> None:
    """Let a project say what is known of it now; commits nothing.

    :param row: about a project
    """
    project = lookups.lock_by_id(model.Package, row.project_id)
    if project is None:
        return
    said = of(row)
    extras = {
        name: value
        for name, value in (project.extras or {}).items()
        if name not in said or said[name]
    }
    extras |= {name: value for name, value in said.items() if value}
    _store(project, extras)


def show(row: Confirmation) -> None:
    """Bring a project's entry in the index up to date now; commits.

    Who has answered reads its page next. Where the search doesn't answer, the
    job does it that was noted.
    """
    try:
        index.reindex(row.project_id or "")
    except SearchIndexError:
        model.Session.rollback()
    else:
        model.Session.commit()


def of(row: Confirmation) -> dict[str, str]:
    """What the fields of a project say; "" where they say nothing.

    A city's schema file may lack some.
    """
    said = {
        CONFIRMED: row.confirmed,
        stages.SILENT: row.silent and row.asked,
        stages.SOUGHT: row.settled if is_sought(row) else None,
    }
    return {
        name: moment.date().isoformat() if moment else ""
        for name, moment in said.items()
        if fields.field(name) is not None
    }


def is_sought(row: Confirmation) -> bool:
    """Whether reviewers let somebody be looked for, and nobody has come.

    That goes on where people are asked again meanwhile.
    """
    return row.seeks or row.state == ConfirmationState.SEARCHING.value


def search_for_care(row: Confirmation) -> bool:
    """Let a project look for somebody who takes it on; commits nothing.

    :returns: whether it didn't before
    """
    return wanting.want(row.subject_id, stages.CARE)


def search_no_longer(row: Confirmation) -> None:
    """Take that back; commits nothing."""
    wanting.want(row.subject_id, stages.CARE, is_wanted=False)


def _store(project: model.Package, extras: dict[str, str]) -> None:
    """No edit of what its people say: it doesn't count as changed by them."""
    if extras != project.extras:
        project.extras = extras
        model.Session.flush()
        index.reindex_later(project.id)

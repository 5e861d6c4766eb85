"""Tells reviewers which projects were edited since one of them looked."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import array

from ..lib import activity, people, review_office
from ..lib.ckan import model
from ..notices import gathering, words
from ..notices.kinds import Data, Kind
from .model import Proposal
from .seen import Seen


def edited(_: sa.CTE) -> sa.Select[Any]:
    """Tell the reviewers, once until one of them has looked.

    What is edited has no event; what it said before is kept.
    """
    ids = Proposal.edited_ids().subquery()
    project = sa.alias(model.package_table)
    office = review_office.organization()
    office_id = office.id if office else None
    reviewers = people.editors().subquery()
    since = sa.func.greatest(Proposal.modified, Seen.seen)
    return (
        sa.select(
            reviewers.c.user_id,
            sa.func.concat(project.c.id, " ", since).label("key"),
            array([project.c.id]).label("package_ids"),
            sa.func.jsonb_build_object(
                "project", gathering.package(project)
            ).label("data"),
        )
        .select_from(Proposal)
        .join(ids, ids.c.id == Proposal.id)
        .join(project, project.c.id == Proposal.project_id)
        .outerjoin(Seen, Seen.project_id == project.c.id)
        .join(reviewers, reviewers.c.organization_id == office_id)
        .where(~activity.is_only_by(reviewers.c.user_id, project.c.id, since))
    )


def _title(data: Data) -> str:
    return words.of_project(data, [tk._("was edited after its approval")])


def _steps(data: Data) -> list[tuple[str, str]]:
    address = tk.h.url_for(
        "digifarm_reviews.index", part="edited", qualified=True
    )
    return [*words.see_project(data), (tk._("See what is new"), address)]


gathering.gather_by(
    Kind(
        "project-edited",
        lambda: tk._(
            "Approved projects that were edited (for the city’s team)"
        ),
        _title,
        steps=_steps,
        about=words.project_id,
        for_reviewers=True,
    ),
    edited,
)

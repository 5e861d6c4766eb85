from __future__ import annotations

from datetime import datetime
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa

from ..lib.ckan import Context, DataDict, model
from ..lib.context import user_id
from ..lib.events import Event, Subject
from ..links.model import Link
from ..projects import search
from . import duplicates, schema
from .actions import known_organizations, summary
from .model import OPEN_STATES, Proposal


@tk.side_effect_free
@tk.validate_action_data(schema.proposal_list)
def digifarm_proposal_list(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Proposals that are confirmed.

    You must be a reviewer; for your own ones, logged in.

    :param state: states that are wanted (optional, default: all)
    :type state: list of strings
    :param mine: only your own ones (optional, default: no)
    :type mine: bool
    :param edited: only those whose project was edited since a reviewer has
        seen it, the last edit first (optional, default: no)
    :type edited: bool
    :param limit: how many at most (optional, default: 20; no more than
        `ckan.search.rows_max`)
    :type limit: int
    :param offset: how many to leave out first (optional, default: 0)
    :type offset: int

    :returns: `count` (of more than 500 that follow the offset, 500 are
        counted) and `results`: first those that wait, the longest
        first, then those that are settled, the last first. Each with `id`,
        `state`, `created`, `modified`, `project` (`title`, `private`,
        `metadata_modified` and, once it is public, `id` and `name`),
        `license_status` and `num_links`; for reviewers also `proposer_name`,
        `proposer_email`, `user_id` and, while it waits, `num_duplicates` and
        `changed`: when its proposer last changed it since it waits, or ""
    :rtype: dictionary

    :raises NotAuthorized: where you ask for those of others and are no
        reviewer
    """
    tk.check_access("digifarm_proposal_list", context, data_dict)
    conditions: list[sa.ColumnElement[bool]] = []
    if data_dict["mine"]:
        conditions.append(Proposal.user_id == (user_id(context) or ""))
    if data_dict["state"]:
        conditions.append(Proposal.state.in_(data_dict["state"]))
    wanted = Proposal.edited if data_dict["edited"] else Proposal.confirmed
    count, rows = wanted(
        *conditions, limit=data_dict["limit"], offset=data_dict["offset"]
    )
    return {
        "count": count,
        "results": _listed(context, rows, is_mine=data_dict["mine"]),
    }


def _listed(
    context: Context,
    rows: list[tuple[Proposal, model.Package]],
    *,
    is_mine: bool,
) -> list[dict[str, Any]]:
    links = Link.dataset_counts([project.id for _, project in rows])
    waiting = {} if is_mine else _waiting(context, rows)
    return [
        {
            **summary(proposal),
            "project": _project(project, with_name=not is_mine),
            "license_status": search.license_status(project.extras).value,
            "num_links": links.get(project.id, 0),
            **({} if is_mine else _for_reviewers(proposal)),
            **waiting.get(proposal.id, {}),
        }
        for proposal, project in rows
    ]


def _project(project: model.Package, *, with_name: bool) -> dict[str, Any]:
    """What a list says of a project.

    :param with_name: even while it isn't public: to others its name may tell
        of another one that has the same title
    """
    name = with_name or not project.private
    return {
        "title": project.title or project.name,
        "private": project.private,
        "metadata_modified": project.metadata_modified.isoformat(),
        **({"id": project.id, "name": project.name} if name else {}),
    }


def _for_reviewers(proposal: Proposal) -> dict[str, Any]:
    return {
        "proposer_name": proposal.proposer_name,
        "proposer_email": proposal.proposer_email,
        "user_id": proposal.user_id,
    }


def _waiting(
    context: Context, rows: list[tuple[Proposal, model.Package]]
) -> dict[str, dict[str, Any]]:
    """What reviewers see of each that nobody has decided on.

    How many are likely the same, and since when it says something else.
    """
    waiting = [
        (proposal, project)
        for proposal, project in rows
        if proposal.state in [state.value for state in OPEN_STATES]
    ]
    likely = duplicates.likely_of_each(
        [
            duplicates.Asked(
                project.title or "",
                project.extras.get("source_url", ""),
                project.id,
            )
            for _, project in waiting
        ],
        private_of=known_organizations(context),
    )
    changes = Event.last_changes(
        Subject.PROPOSAL, [proposal.id for proposal, _ in waiting]
    )
    return {
        proposal.id: {
            "num_duplicates": len(found),
            "changed": _since(changes.get(proposal.id), proposal.modified),
        }
        for (proposal, _), found in zip(waiting, likely, strict=True)
    }


def _since(changed: datetime | None, waits: datetime) -> str:
    """When something was changed that waits, or ""."""
    return changed.isoformat() if changed and changed > waits else ""

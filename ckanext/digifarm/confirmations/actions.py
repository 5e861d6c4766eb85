from __future__ import annotations

from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa

from ..lib import schema as lib_schema
from ..lib.ckan import Context, DataDict, model
from ..lib.context import user_id
from ..lib.counting import ENOUGH, part_of
from ..projects.lookups import packages
from . import finding, kinds, reviewing, schema
from .model import Confirmation, ConfirmationState
from .workflow import DECIDE, WORKFLOW, askee_of


@tk.side_effect_free
@tk.validate_action_data(schema.confirmation_show)
def digifarm_confirmation_show(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """A question whether something is still as it says.

    You must have the link that was sent to you, or be somebody who may
    answer: of a project, its team.

    :param token: what the link ends with (or give `id`, or `project`)
    :type token: string
    :param id: id of the question
    :type id: string
    :param project: id or name of the project that it is about; it need not be
        asked now
    :type project: string

    :returns: `id` and `state` (`answered`, `asked`, `passed_on`, `undecided`
        or `searching`), None where nobody was asked yet; `subject` (such as
        `project`), `subject_id`, `answer`, the last one, `confirmed`,
        `asked` and `silent`, when that was, or None; `title`, `address`, a
        path, `question` and `lead`, words of the page; `known`, sentences on
        what the portal knows that may be wrong by now; `edit`, the address
        where you change what it says, or ""; and `answers`, that can be
        given: dictionaries with `name`, `label`, `text`, `thanks`, `address`,
        the path that it leads to, or "", `fields`, what goes with it,
        `besides`, fields that may stay empty, `values`, what these and those
        hold now, and `is_final`, whether a page should
        ask once more before
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such question, or no project
    :raises NotAuthorized: where you may not answer
    :raises ValidationError: where the link is of no use (any more)
    """
    row = finding.find(data_dict)
    tk.check_access(
        "digifarm_confirmation_show", context, finding.named(row, data_dict)
    )
    kind = kinds.of(row)
    return {
        **row.dictize(),
        **_words(row),
        "known": kind.known(row),
        "edit": kind.edit(row, askee_of(data_dict.get("token"))),
        "answers": [
            {
                "name": answer.name,
                "label": answer.label,
                "text": answer.text,
                "thanks": answer.thanks,
                "address": answer.address,
                "fields": [*answer.fields],
                "besides": [*answer.besides],
                "values": {**answer.values},
                "is_final": answer.is_final,
            }
            for answer in kind.answers(row)
        ],
    }


@tk.side_effect_free
@tk.validate_action_data(lib_schema.page)
def digifarm_confirmation_list(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Of what nobody has said for long whether it is still as it says.

    It waits for reviewers, who decide; then comes what they let somebody be
    looked for. You must be one.

    :param limit: how many at most (optional, default and most:
        `ckan.search.rows_max`)
    :type limit: int
    :param offset: how many to leave out first (optional, default: 0)
    :type offset: int

    :returns: `count` (of more than 500 that follow the offset, 500 are
        counted) and `results`, what waits for the longest first: as
        :py:func:`digifarm_confirmation_show`, without answers; `decisions`,
        that can be taken: `ask_again`, `search`, `end`; of the project its
        `name`, `organization` (`name` and `title`), `contact_name`,
        `contact_email`, and `can_update`, whether you may; `team`: who looks
        after it (`name`, `title` and, for sysadmins, `email`); `asks`: who
        was asked since somebody answered last (`whom`, and `when`); `decided`:
        what reviewers have decided last since then (`decision`, `when`, `by`,
        a name or "", and `reason`), or None; `addresses` and `repository` as
        :py:func:`digifarm_upkeep_show`; `supporters`, and `offers`, those
        that wait for an answer (`id`, `area` and `title`)
    :rtype: dictionary

    :raises NotAuthorized: where you are no reviewer
    """
    tk.check_access("digifarm_confirmation_list", context, data_dict)
    count, rows, projects = _part(Confirmation.for_reviewers(), data_dict)
    known = reviewing.about(context, rows, projects)
    return {
        "count": count,
        "results": [
            {**one, **known.get(one["id"], {})} for one in _listed(rows)
        ],
    }


@tk.side_effect_free
@tk.validate_action_data(lib_schema.page)
def digifarm_confirmation_mine(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """What waits for your answer whether it is still as it says.

    You must be logged in.

    :param limit: how many at most (optional, default and most:
        `ckan.search.rows_max`)
    :type limit: int
    :param offset: how many to leave out first (optional, default: 0)
    :type offset: int

    :returns: `count` (of more than 500 that follow the offset, 500 are
        counted) and `results`, what waits for the longest first: as
        :py:func:`digifarm_confirmation_show`, without answers, and
        `decisions`, those of reviewers
    :rtype: dictionary

    :raises NotAuthorized: where you are not logged in
    """
    tk.check_access("digifarm_confirmation_mine", context, data_dict)
    query = Confirmation.waiting_for(user_id(context) or "")
    count, rows, _projects = _part(query, data_dict)
    return {"count": count, "results": _listed(rows)}


def _part(
    query: sa.Select[Any], data_dict: DataDict
) -> tuple[int, list[Confirmation], list[model.Package]]:
    """A part of a list, the number of all, and the projects of that part.

    Two SQL statements. The session knows the projects by their keys as long
    as somebody has them.
    """
    limit, offset = data_dict["limit"], data_dict["offset"]
    count, rows = part_of(query, limit, offset, ENOUGH)
    projects = packages([row.project_id for row in rows if row.project_id])
    return count, rows, projects


def _listed(rows: list[Confirmation]) -> list[dict[str, Any]]:
    """What a list says of some questions."""
    return [
        {
            **row.dictize(),
            **_words(row),
            "decisions": [
                name
                for name in kinds.of(row).decisions
                if WORKFLOW.transition(
                    f"{DECIDE}_{name}", ConfirmationState(row.state)
                )
            ],
        }
        for row in rows
    ]


def _words(row: Confirmation) -> dict[str, Any]:
    words = kinds.of(row).words(row)
    return {
        name: words[name] for name in ("title", "address", "question", "lead")
    }

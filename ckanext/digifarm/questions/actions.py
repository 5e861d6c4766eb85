from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib import schema as lib_schema
from ..lib.ckan import Context, DataDict
from ..projects.lookups import open_project
from .workflow import WORKFLOW


@tk.side_effect_free
@tk.validate_action_data(lib_schema.token)
def digifarm_question_show(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """A question, for whoever has asked it.

    You must have the link that was sent to the address.

    :param token: what the link ends with
    :type token: string

    :returns: `id`, `state`, `message`, `name` and `email`, which are empty
        once it is sent, and `project`, a dictionary with `id`, `name`,
        `title` and `state`
    :rtype: dictionary

    :raises ObjectNotFound: where the project is gone
    :raises ValidationError: where the link is of no use (any more), or the
        project has been deleted
    """
    question = WORKFLOW.find(data_dict)
    asked = {**data_dict, "id": question.id}
    tk.check_access("digifarm_question_show", context, asked)
    project = open_project({"project": question.project_id})
    return {
        "id": question.id,
        "state": question.state,
        "message": question.message,
        "name": question.name,
        "email": question.email,
        "project": {
            key: getattr(project, key)
            for key in ("id", "name", "title", "state")
        },
    }

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..lib import people
from ..lib.ckan import Context, DataDict, model
from ..lib.context import commit, user_id
from ..lib.errors import refuse
from ..owners import membership
from ..projects import stage_notes, stages
from ..projects.lookups import open_project, package
from . import deletion, saying, schema
from .model import Ending


@tk.validate_action_data(schema.project_end)
def digifarm_project_end(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Say that a project is over: completed, or discontinued.

    It asks for nothing any more: open tasks are closed, and what was offered
    or asked for is settled. Its people, its supporters and those who have
    taken a task get a mail. Whoever sets the stage in another way says the
    same, without a reason. Of a project that is over already, what is said
    of it changes. You must be allowed to update the project.

    :param id: id or name of the project
    :type id: string
    :param stage: `completed` or `ended`, as far as the schema file has them
    :type stage: string
    :param stage_note: the note on the stage from now on (optional; what was
        said of the stage before goes)
    :type stage_note: string
    :param since: since when, such as `2021` or `2021-10` (optional, default:
        today; unknown of what is over already)
    :type since: string
    :param reason_code: why in short, a choice of the schema file: one of
        `reasons`, `stopping` (optional)
    :type reason_code: string
    :param reason: why, for everybody (optional)
    :type reason: string
    :param takeover: what others can take over, in Markdown (optional)
    :type takeover: string
    :param supports: what becomes of supports that are accepted: `end`, or
        `keep` (optional, default: `keep`)
    :type supports: string
    :param tasks: what becomes of tasks that somebody has taken: `end`, or
        `keep`: they may still be done (optional, default: `keep`)
    :type tasks: string

    :returns: `since`, `reason_code`, `reason` and `takeover`
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such project
    :raises NotAuthorized: where you may not update the project
    :raises ValidationError: with the names of the parameters; also where the
        project can't be saved
    """
    project = open_project({"project": data_dict["id"]})
    tk.check_access("digifarm_project_end", context, {"id": project.id})
    is_over = stages.is_over(project.extras.get("stage"))
    values = saying.of(data_dict, is_over=is_over)
    if project.extras.get("stage") == data_dict["stage"]:
        if stage_notes.NOTE in data_dict:
            _save(context, project.id, stage_notes.given(data_dict))
        with saying.said(values):
            ending = saying.still_over(project.id)
        saying.write_down(project, ending)
        commit(context)
    else:
        with saying.said(values):
            _set_stage(context, project.id, data_dict)
    ending = model.Session.get(Ending, project.id)
    assert ending  # noqa: S101 – it was written above
    return ending.dictize()


@tk.validate_action_data(schema.project_reopen)
def digifarm_project_reopen(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Let a project go on that was over.

    It asks again for the help that it looked for, and its closed tasks are
    open again. Support that has ended stays so. You must be allowed to update
    the project.

    :param id: id or name of the project
    :type id: string
    :param stage: its stage from now on; none of those that are over
    :type stage: string
    :param stage_note: the note on the stage from now on (optional; what was
        said of the stage before goes)
    :type stage_note: string

    :returns: `id`, `name` and `stage` of the project
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such project
    :raises NotAuthorized: where you may not update the project
    :raises ValidationError: where it is not over, or can't be saved
    """
    project = open_project({"project": data_dict["id"]})
    tk.check_access("digifarm_project_reopen", context, {"id": project.id})
    if not stages.is_over(project.extras.get("stage")):
        refuse("stage", tk._("This project is not over"))
    saved = _set_stage(context, project.id, data_dict)
    return {key: saved[key] for key in ("id", "name", "stage")}


@tk.side_effect_free
@tk.validate_action_data(schema.project)
def digifarm_project_ending(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Since when and why a project is over, and what others can take over.

    :param id: id or name of the project
    :type id: string

    :returns: `since`, `reason_code`, `reason` and `takeover`, each may be "";
        nothing of a project that is not over
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such project
    :raises NotAuthorized: where you may not read it
    """
    project = package({"project": data_dict["id"]}, "project")
    if project.type != PROJECT_TYPE:
        raise tk.ObjectNotFound(tk._("Civic project not found"))
    context = tk.fresh_context(context, package=project)
    tk.check_access("digifarm_project_ending", context, {"id": project.id})
    if not stages.is_over(project.extras.get("stage")):
        return {}
    ending = model.Session.get(Ending, project.id)
    return (ending or Ending.unknown()).dictize()


@tk.side_effect_free
@tk.validate_action_data(schema.project)
def digifarm_project_dependents(
    context: Context, data_dict: DataDict
) -> dict[str, int]:
    """What hangs on a project, and who hears of it where it is deleted.

    You must be allowed to update the project.

    :param id: id or name of the project
    :type id: string

    :returns: `supports`, how many run or wait for an answer; `tasks`, how
        many somebody has taken; `owners`, how many look after it besides you
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such project
    :raises NotAuthorized: where you may not update the project
    """
    project = package({"project": data_dict["id"]}, "project")
    tk.check_access("digifarm_project_dependents", context, {"id": project.id})
    own = user_id(context)
    owners = membership.owners(project.id) if people.collaborate() else []
    return {
        **deletion.dependents(project.id),
        "owners": sum(user.id != own for user in owners),
    }


def _set_stage(
    context: Context, id_: str, data_dict: DataDict
) -> dict[str, Any]:
    """Save a project with another stage, and what is said of that.

    :raises ValidationError: with the names of fields that are wrong by now
    """
    note = stage_notes.given(data_dict)
    return _save(context, id_, {"stage": data_dict["stage"], **note})


def _save(context: Context, id_: str, values: DataDict) -> dict[str, Any]:
    """Save a project; core commits."""
    return tk.get_action("package_patch")(
        tk.fresh_context(context), {**values, "id": id_}
    )

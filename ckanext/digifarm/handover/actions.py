from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..lib import clock, lookups
from ..lib.ckan import Context, DataDict, model
from ..lib.context import commit
from ..lib.counting import ENOUGH
from ..lib.errors import checked, refuse
from ..projects.lookups import package, readable
from . import entries, queries, schema
from .entries import Kind
from .model import Handover


@tk.side_effect_free
@tk.validate_action_data(schema.handover)
def digifarm_handover_show(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """The folder for handing over a project: who holds what, no secrets.

    You must belong to the team of the project, be a reviewer, or take care of
    the project by a support in the area `care` that runs.

    :param id: id or name of the project
    :type id: string

    :returns: `entries`, a list of dictionaries: `kind` (`domain`, `server`,
        `repository`, `app_store`, `data` or `money`), `unused` (whether the
        project has no such thing), `holder` (who holds it), `payer`,
        `paid_until`, `documented` (where), `could_follow` (who),
        `is_settled`, whether others could go on with it, and `is_paid`,
        whether that day has not passed; `is_complete`, whether all are
        settled; `modified`, when it was last changed, or ""; and
        `version`, for :py:func:`digifarm_handover_update`
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such project, or it has been
        deleted
    :raises NotAuthorized: where you may not
    """
    project = _project(data_dict["id"])
    tk.check_access("digifarm_handover_show", context, {"id": project.id})
    return _dictize(model.Session.get(Handover, project.id))


def digifarm_handover_update(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Write down who holds what a successor of a project needs.

    What isn't given stays. What looks like a password or a key is refused.
    You must belong to the team of the project.

    :param id: id or name of the project
    :type id: string
    :param version: what you have read, as :py:func:`digifarm_handover_show`
        names it; where it has changed since, nothing is saved (optional)
    :type version: string
    :param domain_holder: who holds the domain; of `server`, `repository`,
        `app_store`, `data` and `money` in the same way (optional)
    :type domain_holder: string
    :param domain_payer: who pays for it (optional)
    :type domain_payer: string
    :param domain_paid_until: until when, such as `2027` or `2027-03`
        (optional)
    :type domain_paid_until: string
    :param domain_documented: where it is written down how it works (optional)
    :type domain_documented: string
    :param domain_could_follow: who could take it on (optional)
    :type domain_could_follow: string
    :param domain_unused: whether the project has none, and needs none
        (optional)
    :type domain_unused: bool

    :returns: the folder, as :py:func:`digifarm_handover_show` gives it
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such project, or it has been
        deleted
    :raises NotAuthorized: where you may not update the project
    :raises ValidationError: with the names of the parameters; `version` where
        somebody has changed it meanwhile
    """
    asked, _ = checked(context, data_dict, schema.handover(), ["id"])
    project = _project(asked["id"])
    # What strangers send is not even looked at.
    tk.check_access("digifarm_handover_update", context, {"id": project.id})
    data_dict, complaints = checked(
        context, data_dict, schema.handover_update(), ["id"]
    )
    complaints.refuse()
    # A folder that isn't there yet can't be locked.
    lookups.lock(project)
    row = lookups.lock_by_id(Handover, project.id)
    said = entries.whole(row.entries if row else {})
    read = data_dict.get("version")
    if read and read != entries.version(said):
        refuse("version", _changed())
    row = row or Handover(project_id=project.id)
    row.write(entries.changed(said, data_dict))
    row.modified = clock.now()
    model.Session.add(row)
    model.Session.flush()
    commit(context)
    return _dictize(row)


@tk.side_effect_free
@tk.validate_action_data(schema.handover)
def digifarm_handover_prepared(context: Context, data_dict: DataDict) -> bool:
    """Whether a project could change hands: its folder is complete.

    :param id: id or name of the project
    :type id: string

    :rtype: bool

    :raises ObjectNotFound: where there is no such project, or it has been
        deleted
    :raises NotAuthorized: where you may not read it
    """
    project = _project(data_dict["id"])
    context = tk.fresh_context(context, package=project)
    tk.check_access("digifarm_handover_prepared", context, {"id": project.id})
    return queries.is_prepared(project.id)


@tk.side_effect_free
@tk.validate_action_data(schema.handover_list)
def digifarm_handover_list(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """How many projects could change hands tomorrow, and which could not.

    Public projects that are not over, and don't run elsewhere alone. You must
    be a reviewer.

    :param limit: how many at most (optional, default: 20; no more than
        `ckan.search.rows_max`)
    :type limit: int
    :param offset: how many to leave out first (optional, default: 0)
    :type offset: int

    :returns: `prepared`, how many could, and `total`, of how many; `count`,
        how many could not, and `results`: these, first what nobody has
        touched for the longest; package dictionaries with `missing`, the
        kinds of things that nobody else could go on with. Of more than 500,
        500 are counted
    :rtype: dictionary

    :raises NotAuthorized: where you are no reviewer
    """
    tk.check_access("digifarm_handover_list", context, data_dict)
    prepared = queries.num_prepared()
    count, ids = queries.unprepared(data_dict["limit"], data_dict["offset"])
    known = queries.of(ids)
    return {
        "prepared": prepared,
        # Of more, no more are counted.
        "total": min(prepared + count, ENOUGH),
        "count": count,
        "results": [
            {**project, "missing": _missing(known.get(project["id"]))}
            for project in readable(context, ids)
        ],
    }


def _project(reference: str) -> model.Package:
    """A project that goes on.

    :raises ObjectNotFound: where there is none
    """
    project = package({"project": reference}, "project")
    if project.type != PROJECT_TYPE or project.state == model.State.DELETED:
        raise tk.ObjectNotFound(tk._("Civic project not found"))
    return project


def _missing(row: Handover | None) -> list[str]:
    return entries.missing(entries.whole(row.entries if row else {}))


def _dictize(row: Handover | None) -> dict[str, Any]:
    said = entries.whole(row.entries if row else {})
    today = clock.now().date()
    return {
        "entries": [
            {
                "kind": kind.value,
                **said[kind.value],
                "is_settled": entries.is_settled(said[kind.value]),
                "is_paid": entries.is_paid(said[kind.value], today),
            }
            for kind in Kind
        ],
        "is_complete": not entries.missing(said),
        "modified": row.modified.isoformat() if row else "",
        "version": entries.version(said),
    }


def _changed() -> str:
    return tk._(
        "Somebody else has changed this folder meanwhile. What you have typed"
        " stands here still; what they have changed is marked. Saved once"
        " more, it is as it stands here."
    )

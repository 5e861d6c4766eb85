from __future__ import annotations

from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa

from .. import config
from ..config import PROJECT_TYPE
from ..lib import clock, permissions
from ..lib.ckan import Context, DataDict, model
from ..lib.context import commit
from ..lib.errors import refuse
from ..projects.lookups import open_project, package
from ..proposals.model import Proposal
from . import addresses, reading, schema, telling, when
from .addresses import Use
from .model import Check, Issue, Repository


@tk.side_effect_free
@tk.validate_action_data(schema.project)
def digifarm_upkeep_show(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Whether the addresses of a project answer, and when its code changed.

    :param project: id or name of the project
    :type project: string

    :returns: `addresses`: by the names of its fields, of each that was looked
        at in the last weeks `url`, `health` (`answers`, `failing`, `dead`,
        `moved`, `look` or `unknown`; see docs/upkeep.md), `problem` (why),
        `status` of HTTP or None, `since` (when that began), `checked` (both
        UTC) and `moved_to`; `tasks`: a list of the same of addresses of its
        tasks, with `task`, the id of the first that has it; `repository`:
        None, or of `source_url` its `forge`, `changed` (when the code was
        changed last, UTC), `archived` and `publiccode` (whether there is a
        publiccode.yml), each None where
        that isn't known, and `checked`
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such project
    :raises NotAuthorized: where you may not read it
    """
    project = package(data_dict, "project")
    if project.type != PROJECT_TYPE:
        raise tk.ObjectNotFound(tk._("Civic project not found"))
    context = tk.fresh_context(context, package=project)
    tk.check_access("digifarm_upkeep_show", context, {"project": project.id})
    return reading.of_project(project.id, addresses.values_of(project))


@tk.side_effect_free
@tk.validate_action_data(schema.upkeep_list)
def digifarm_upkeep_list(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Addresses of projects, tasks and partners, and whether they answer.

    You must be a reviewer.

    :param health: which are wanted, as :py:func:`digifarm_upkeep_show` names
        them (optional, default: `dead`, `look` and `moved`)
    :type health: list of strings
    :param sort: `health` (the worst first), `since` (the longest first),
        `checked` (what was looked at the longest ago first) or `address`
        (optional, default: `health`)
    :type sort: string
    :param limit: how many at most (optional, default: 20)
    :type limit: int
    :param offset: how many to leave out first (optional, default: 0)
    :type offset: int

    :returns: `count` (of more than 500 that follow the offset, 500 are
        counted); `counts`: of `dead`, `look`, `moved` and `unknown` how many
        there are, 500 of more; and `results`: as
        :py:func:`digifarm_upkeep_show` gives each (`checked` is None where
        nobody has looked yet), with `num_uses` and `uses`, the first five:
        `kind` (`project`, `task` or `partner`), `id`, `field`, `name` (of the
        project or partner), `title`, and `may_edit`, whether you may
    :rtype: dictionary

    :raises NotAuthorized: where you are no reviewer
    :raises ValidationError: with the name of the parameter
    """
    tk.check_access("digifarm_upkeep_list", context, data_dict)
    count, rows, uses = reading.listed(
        data_dict["health"],
        data_dict["sort"],
        data_dict["limit"],
        data_dict["offset"],
    )
    may = _editable(context, [use for found in uses.values() for use in found])
    return {
        "count": count,
        "counts": reading.counts(),
        "results": [
            {**row, **reading.shown_uses(uses.get(row["url"], []), may)}
            for row in rows
        ],
    }


def _editable(context: Context, uses: list[Use]) -> set[str]:
    """The ids of what a reviewer may edit, of what has some addresses.

    A constant number of SQL statements.
    """
    ids = {use.project_id for use in uses if use.project_id}
    package = model.package_table.c
    query = sa.select(package.id, package.owner_org).where(package.id.in_(ids))
    packages = [row._asdict() for row in model.Session.execute(query)]
    own = permissions.updatable(context, packages)
    # As core/auth.py says.
    kept = Proposal.kept_projects([*ids]) if ids else set()
    return {
        use.id
        for use in uses
        if use.kind == "partner"
        or use.project_id in own
        or (use.kind == "project" and use.project_id in kept)
    }


@tk.validate_action_data(schema.address)
def digifarm_upkeep_take_over(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Take over the new address of something that has moved for good.

    All fields of the project that have the old one get the new one. You must
    be allowed to update the project.

    :param project: id or name of the project
    :type project: string
    :param url: the old address
    :type url: string

    :returns: `name` of the project, `url` (the new address) and `fields`,
        the names of those that have it now
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such project
    :raises NotAuthorized: where you may not update it
    :raises ValidationError: where the project has no such address, it has no
        new one, or the project can't be saved
    """
    project = open_project(data_dict)
    tk.check_access(
        "digifarm_upkeep_take_over", context, {"project": project.id}
    )
    old = data_dict["url"]
    own = addresses.of_project(addresses.values_of(project))
    names = [name for name, url in own.items() if url == old]
    check = reading.is_moved(old)
    if check is None or not names:
        refuse("url", tk._("This address has no new one any more"))
    new = check.moved_to
    # Core commits.
    saved = tk.get_action("package_patch")(
        tk.fresh_context(context),
        {"id": project.id, **dict.fromkeys(names, new)},
    )
    return {"name": saved["name"], "url": new, "fields": names}


@tk.validate_action_data(schema.project)
def digifarm_upkeep_recheck(context: Context, data_dict: DataDict) -> None:
    """Let the addresses of a project and its tasks be looked at again soon.

    `ckan digifarm run-due` does so at its next call. You must be allowed to
    update the project.

    :param project: id or name of the project
    :type project: string

    :raises ObjectNotFound: where there is no such project
    :raises NotAuthorized: where you may not update it
    :raises ValidationError: where this portal looks at no addresses
    """
    project = open_project(data_dict)
    tk.check_access(
        "digifarm_upkeep_recheck", context, {"project": project.id}
    )
    _look_again(
        [
            *addresses.of_project(addresses.values_of(project)).values(),
            *model.Session.scalars(addresses.of_tasks(project.id)),
        ],
        "project",
    )
    commit(context)


@tk.validate_action_data(schema.url)
def digifarm_upkeep_recheck_address(
    context: Context, data_dict: DataDict
) -> None:
    """Let an address be looked at again soon, whatever has it.

    `ckan digifarm run-due` does so at its next call. You must be a reviewer.

    :param url: the address
    :type url: string

    :raises NotAuthorized: where you are no reviewer
    :raises ValidationError: where this portal looks at no addresses
    """
    tk.check_access("digifarm_upkeep_recheck_address", context, data_dict)
    _look_again([data_dict["url"]], "url")
    commit(context)


def _look_again(urls: list[str], field: str) -> None:
    """Let some addresses be due; nobody is asked all the time.

    :param field: what is wrong where the portal looks at none
    """
    if not config.upkeep_enabled():
        refuse(field, tk._("This portal doesn’t look at addresses now"))
    now = clock.now()
    for table in (Check, Repository):
        model.Session.execute(
            sa.update(table)
            .where(
                table.url.in_(urls),
                table.due > now,
                table.checked < now - when.LATER,
            )
            .values(due=now)
        )


@tk.validate_action_data(schema.url)
def digifarm_upkeep_remind(
    context: Context, data_dict: DataDict
) -> dict[str, int]:
    """Remind those who look after projects of an address to mend.

    By mail, once in a calendar week. You must be a reviewer.

    :param url: the address
    :type url: string

    :returns: `told`: how many people are reminded
    :rtype: dictionary

    :raises NotAuthorized: where you are no reviewer
    :raises ValidationError: where nothing is wrong with it (any more), no
        project that goes on has it, or all were reminded this week
    """
    tk.check_access("digifarm_upkeep_remind", context, data_dict)
    check = reading.to_do(data_dict["url"])
    if check is None:
        refuse("url", tk._("Nothing is wrong with this address any more"))
    told = telling.remind(check)
    if not told:
        refuse(
            "url",
            tk._(
                "Nobody is left to remind: this week they were already, or no"
                " project that goes on has this address"
            ),
        )
    commit(context)
    return {"told": told}


@tk.side_effect_free
@tk.validate_action_data(schema.project)
def digifarm_issue_list(
    context: Context, data_dict: DataDict
) -> list[dict[str, Any]]:
    """Open issues for beginners that could become tasks of a project.

    As the forge of its source code has them. You must be allowed to update
    the project.

    :param project: id or name of the project
    :type project: string

    :returns: the newest 20: `url`, `number` and `title`
    :rtype: list of dictionaries

    :raises ObjectNotFound: where there is no such project
    :raises NotAuthorized: where you may not update it
    """
    project = open_project(data_dict)
    tk.check_access("digifarm_issue_list", context, {"project": project.id})
    source = project.extras.get(addresses.SOURCE) or ""
    return reading.issues(project, source) if source else []


@tk.validate_action_data(schema.address)
def digifarm_issue_adopt(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Make a task of an issue; it is done when the issue is closed.

    You must be allowed to update the project.

    :param project: id or name of the project
    :type project: string
    :param url: the address of the issue, as
        :py:func:`digifarm_issue_list` gives it
    :type url: string

    :returns: the task, as :py:func:`digifarm_task_create` gives it
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such project
    :raises NotAuthorized: where you may not update it
    :raises ValidationError: where there is no such issue (any more), it is a
        task already, or the project is over
    """
    project = open_project(data_dict)
    tk.check_access("digifarm_issue_adopt", context, {"project": project.id})
    source = project.extras.get(addresses.SOURCE) or ""
    # Two clicks make one task.
    model.Session.get(Issue, (data_dict["url"], source), with_for_update=True)
    found = {issue["url"]: issue for issue in reading.issues(project, source)}
    issue = found.get(data_dict["url"])
    if issue is None:
        refuse("url", tk._("This issue is closed, or is a task already"))
    return tk.get_action("digifarm_task_create")(
        tk.fresh_context(context),
        {
            "project": project.id,
            "title": issue["title"],
            "url": issue["url"],
            "for_beginners": True,
        },
    )

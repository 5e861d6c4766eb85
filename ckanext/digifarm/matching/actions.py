from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..lib.ckan import Context, DataDict, model
from ..lib.errors import refuse
from ..partners.lookups import found
from ..partners.model import PartnerState
from ..projects import fields, stages
from ..projects.lookups import package
from . import queries, schema
from .match import Match, match


@tk.side_effect_free
@tk.validate_action_data(schema.match)
def digifarm_match(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Partners that could help a project, or projects that one could help.

    Those come first that have most action fields and competences in common. An
    area in which the partner supports the project already, was asked to, or
    one of both has declined, is no match, and a project that pauses or is
    over has none.

    :param project: id or name of a project
    :type project: string
    :param partner: id or name of a partner, where no project is given
    :type partner: string
    :param limit: how many at most (optional, default: 10; no more than
        `ckan.search.rows_max`)
    :type limit: int

    :returns: `count`, the number of all, and `results`: dictionaries with
        `partner` (without its contact) or `project` (a package dictionary),
        `areas` (those wanted that the partner could give), `competences` and
        `action_fields` (what both have in common), `supports` (how many
        public projects in action fields of the project the partner supports
        or supported) and `reasons` (the same in words; the first names the
        areas). Projects are those that you may read
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such project or partner, or it
        has been deleted
    :raises NotAuthorized: where you may not see it
    :raises ValidationError: where both are given, or none
    """
    if ("project" in data_dict) == ("partner" in data_dict):
        refuse("project", tk._("Give either a project or a partner"))
    if "project" in data_dict:
        side, find = "partner", _partners
    else:
        side, find = "project", _projects
    limit = min(data_dict["limit"], tk.config["ckan.search.rows_max"])
    count, matches = find(context, data_dict, limit)
    ranked = sorted((pair for pair in matches if pair[0].areas), key=_place)
    return {
        "count": count,
        "results": [
            {side: other, **common.dictize()}
            for common, other in ranked[:limit]
        ],
    }


def _place(pair: tuple[Match, dict[str, Any]]) -> tuple[Any, str]:
    """What the results are sorted by; the name tells equal titles apart."""
    common, other = pair
    return common.rank(other["title"] or other["name"]), other["name"]


def _partners(
    context: Context, data_dict: DataDict, limit: int
) -> tuple[int, list[tuple[Match, dict[str, Any]]]]:
    """Partners with what each has in common with a project."""
    project = package(data_dict, "project")
    context = tk.fresh_context(context, package=project)
    tk.check_access("digifarm_match", context, data_dict)
    if project.type != PROJECT_TYPE or project.state != model.State.ACTIVE:
        raise tk.ObjectNotFound(tk._("Civic project not found"))
    stored = project.extras
    values = {name: fields.values(name, stored[name]) for name in stored}
    wish = _wish({**values, "stage": stored.get("stage")})
    if not wish["help_wanted"]:
        return 0, []
    count, best = queries.best_partners(project.id, wish, limit)
    matches = []
    for partner, now, public in queries.histories(best):
        offer = partner.dictize(with_contact=False)
        given = _given(now, project.id)
        history = _action_fields(public)
        matches.append((match(offer, wish, given, history), offer))
    return count, matches


def _projects(
    context: Context, data_dict: DataDict, limit: int
) -> tuple[int, list[tuple[Match, dict[str, Any]]]]:
    """Projects with what each has in common with a partner."""
    partner = found(data_dict["partner"])
    tk.check_access("digifarm_match", context, {"partner": partner.id})
    if partner.state != PartnerState.ACTIVE.value:
        raise tk.ObjectNotFound(tk._("Partner not found"))
    areas = _known(partner.areas)
    if not areas:
        return 0, []
    offer = partner.dictize(with_contact=False)
    [(_, now, public)] = queries.histories([partner.id])
    history = _action_fields(public)
    result = tk.get_action("package_search")(
        tk.fresh_context(context),
        {
            **queries.best_projects(offer, areas, now, history),
            # Solr knows no bound for what was supported before.
            "rows": min(2 * limit + 10, tk.config["ckan.search.rows_max"]),
        },
    )
    matches = [
        (
            match(offer, _wish(project), _given(now, project["id"]), history),
            project,
        )
        for project in result["results"]
    ]
    return result["count"], matches


def _wish(project: Mapping[str, Any]) -> dict[str, list[str]]:
    """What of a project is compared; a city's own schema may lack a field."""
    wish = {
        name: project.get(name) or []
        for name in ("technologies", "action_fields")
    }
    return {**wish, "help_wanted": _known(stages.help_wanted(project))}


def _known(areas: list[str]) -> list[str]:
    """Those areas that the schema file knows (still), in its order."""
    choices = fields.choices("help_wanted")
    return [area["value"] for area in choices if area["value"] in areas]


def _given(now: list[list[str]], project_id: str) -> set[str]:
    """The areas in which a project is supported, of all that a partner does.

    :param now: pairs of project and area
    """
    return {area for id_, area in now if id_ == project_id}


def _action_fields(projects: Mapping[str, str | None]) -> list[list[str]]:
    """The action fields of each project, from what the database holds."""
    return [
        fields.values("action_fields", stored)
        for stored in projects.values()
        if stored
    ]

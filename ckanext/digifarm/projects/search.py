"""What goes into Solr, and what stays out of searches for datasets."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import ckantoolkit as tk
from luqum import tree
from luqum.exceptions import ParseError
from luqum.thread import parse

import ckan.plugins as p

from .. import config
from ..config import PROJECT_TYPE
from ..lib import clock, once
from . import fields, licences, lookups, stages

#: Filters by what core calls a group.
GROUPS = frozenset({"organization", "groups"})

#: How Solr knows the type of a package: both fields carry it.
TYPE_FIELDS = frozenset({"dataset_type", "type"})

#: Facets that are no field of the schema file.
LICENSE_STATUS = "license_status"
PARTNER = "partner"
CONFIRMED = "confirmed_lately"

#: So long a project counts as confirmed.
CONFIRMED_DAYS = 365

#: By which partners are compared with projects: technologies, all in the same
#: case.
TECHNOLOGIES = "technologies_folded"

#: The longest queries that are parsed, all of a search together, in
#: characters: parsing takes more than twice as long for twice the length.
MAX_PARSED = 5_000

#: Core's trash asks so for all that can be purged.
TRASH = "+state:deleted"


def hide_projects(search_params: dict[str, Any]) -> dict[str, Any]:
    """Keep projects out of a search unless it names their type positively.

    Whether the query mentions `dataset_type` at all is no sign: a filter such
    as `-dataset_type:harvest` still means datasets.

    :param search_params: parameters of `package_search`
    :returns: the parameters, with one more filter where projects must hide
    """
    filters = list(search_params.get("fq_list") or [])
    queries = [search_params.get("q"), search_params.get("fq"), *filters]
    if TRASH in queries:
        return search_params
    if not names_projects(*(str(query) for query in queries if query)):
        filters.append(f"-dataset_type:{PROJECT_TYPE}")
        search_params["fq_list"] = filters
    return search_params


def names_projects(*queries: str) -> bool:
    """Whether one of a search's queries names the type positively.

    :param queries: in Lucene's syntax; one that can't be read, or is nested
        too deeply, names nothing, and neither do very long ones
    """
    candidates = [query for query in queries if PROJECT_TYPE in query]
    if sum(map(len, candidates)) > MAX_PARSED:
        return False
    return any(_names_projects(query) for query in candidates)


def _names_projects(query: str) -> bool:
    try:
        return _names_type(parse(query), in_type_field=False)
    except (ParseError, RecursionError):
        return False


def _names_type(node: tree.Item, *, in_type_field: bool) -> bool:
    if isinstance(node, tree.Prohibit | tree.Not):
        return False
    if isinstance(node, tree.Term):
        return in_type_field and node.value.strip('"') == PROJECT_TYPE
    if isinstance(node, tree.SearchField):
        in_type_field = node.name in TYPE_FIELDS
    return any(
        _names_type(child, in_type_field=in_type_field)
        for child in node.children
    )


def index_project(pkg_dict: dict[str, Any]) -> dict[str, Any]:
    """Make facets and readable texts of a project's fields.

    Each facet becomes a field `vocab_<name>`. The text of a choice is its
    labels in all languages, so that people find it by the word they read.
    Core's plain copy of each field goes: Solr refuses one longer than 32 766
    bytes.

    :param pkg_dict: what core is about to send to Solr
    """
    if pkg_dict.get("type") != PROJECT_TYPE:
        return pkg_dict
    facets = _faceted()
    status = license_status(pkg_dict).value
    is_confirmed = _is_confirmed(pkg_dict)
    said = {
        name: pkg_dict.get(f"extras_{name}")
        for name in ("stage", stages.SILENT)
    }
    for field in fields.fields():
        name = field["field_name"]
        stored = pkg_dict.get(f"extras_{name}")
        if stored is None:
            continue
        pkg_dict.pop(name, None)
        values = fields.values(name, stored)
        if name == "help_wanted":
            values = stages.open_areas(said, values)
        if name in fields.flags():
            # Nobody looks for what isn't so.
            values = [value for value in values if value == fields.YES]
        pkg_dict[f"extras_{name}"] = " ".join(_words(field, values))
        if name in facets:
            pkg_dict[f"vocab_{name}"] = values
        if name == "technologies":
            folded = [value.casefold() for value in values]
            pkg_dict[f"vocab_{TECHNOLOGIES}"] = folded
    pkg_dict[f"vocab_{LICENSE_STATUS}"] = [status]
    pkg_dict[f"vocab_{CONFIRMED}"] = [fields.YES] * is_confirmed
    return pkg_dict


def _is_confirmed(pkg_dict: dict[str, Any]) -> bool:
    """Whether somebody has said within a year that all is as it says."""
    confirmed = str(pkg_dict.get("extras_confirmed") or "")
    year_ago = clock.days_ago(CONFIRMED_DAYS).date().isoformat()
    return confirmed > year_ago and not pkg_dict.get(f"extras_{stages.SILENT}")


def _faceted() -> set[str]:
    """The fields that can be filtered by.

    Our own searches ask for some of them, also where they are no facets.
    """
    return {
        *fields.facets("open"),
        *fields.facets("folded"),
        "help_wanted",
        "action_fields",
    }


def filters() -> set[str]:
    """By which fields of Solr the project list can be filtered.

    Other plugins may have facets of their own, and are asked for them.
    """
    return once.in_request("filters", _filters)


def _filters() -> set[str]:
    titles: OrderedDict[str, str] = OrderedDict()
    for plugin in p.PluginImplementations(p.IFacets):
        titles = plugin.dataset_facets(titles, PROJECT_TYPE)
    more = {CONFIRMED, LICENSE_STATUS, PARTNER}
    ours = {*_faceted(), *fields.CORE_FACETS, *more}
    return {*titles, *map(solr_field, ours), "groups"}


def filter_title(solr_name: str, otherwise: str = "") -> str:
    """What a filter is called in the language of the request.

    :param otherwise: where only another plugin knows it
    """
    of_core = {"organization": tk._("Organization"), "groups": tk._("Group")}
    titles = {**of_core, **facet_titles(of_core, PROJECT_TYPE)}
    name = solr_name.removeprefix("vocab_")
    return titles.get(solr_name) or otherwise or fields.label(name)


def filter_label(solr_name: str, value: str) -> str:
    """The word for a value of a filter in the language of the request."""
    name = solr_name.removeprefix("vocab_")
    if name == LICENSE_STATUS:
        return license_status_label(value)
    if name == CONFIRMED or name in fields.flags():
        return tk._("Yes") if value == fields.YES else value
    return fields.choice_label(name, value)


def filter_labels(solr_name: str, values: list[str]) -> list[str]:
    """The words for values of a filter in the language of the request."""
    if solr_name in GROUPS:
        return [*lookups.titles_of_groups(values).values()]
    return [filter_label(solr_name, value) for value in values]


def _words(field: dict[str, Any], values: list[str]) -> list[str]:
    name = field["field_name"]
    labels = {
        c["value"]: c.get("label", c["value"])
        for c in field.get("choices", [])
    }
    if name in fields.flags():
        labels = {fields.YES: field.get("label", name)}
    return [
        word
        for value in values
        for word in fields.all_languages(labels.get(value, value))
    ]


def license_status(project: dict[str, Any]) -> licences.LicenseStatus:
    """What can be said of a project's licence.

    :param project: a project as `package_show` or the index knows it
    """
    intended = project.get("open_source_intended")
    return licences.license_status(
        project.get("source_license"),
        intended is True or intended == "true",
        project.get("stage"),
        config.licenses_also_open(),
    )


def license_status_label(status: str) -> str:
    """The words for a licence status in the language of the request."""
    labels: dict[str, str] = {
        licences.LicenseStatus.OPEN: tk._("Open-source licence"),
        licences.LicenseStatus.ANNOUNCED: tk._("Open source announced"),
        licences.LicenseStatus.NOT_VERIFIED: tk._("Licence not verified"),
        licences.LicenseStatus.NOT_OPEN: tk._("Not an open-source licence"),
    }
    return labels.get(status, status)


def solr_field(facet: str) -> str:
    """The name in Solr of a facet of the schema file."""
    return facet if facet in fields.CORE_FACETS else f"vocab_{facet}"


def facet_titles(
    core_titles: dict[str, str], package_type: str
) -> dict[str, str]:
    """The facets of the project list with their titles, in order.

    :param core_titles: titles that core or other plugins have chosen
    :param package_type: type of the packages that are listed; the facets of
        other types stay what they are
    """
    if package_type != PROJECT_TYPE:
        return core_titles
    titles = {
        **core_titles,
        CONFIRMED: tk._("Confirmed within a year"),
        LICENSE_STATUS: tk._("Licence"),
        PARTNER: tk._("Supported by"),
        "tags": fields.label("tag_string"),
    }
    return {
        solr_field(name): titles.get(name) or fields.label(name)
        for name in (*fields.facets("open"), *fields.facets("folded"))
    }


def label_facets(search_results: dict[str, Any]) -> dict[str, Any]:
    """Name the values of our facets in the language of the request.

    Those of core have their titles, which the page may need once more.
    """
    for solr_name, facet in search_results.get("search_facets", {}).items():
        if solr_name in GROUPS:
            lookups.keep_titles(facet["items"])
        name = solr_name.removeprefix("vocab_")
        if name == solr_name:
            continue
        has_words = name in fields.flags() or fields.choices(name)
        if name in {CONFIRMED, LICENSE_STATUS} or has_words:
            for item in facet["items"]:
                item["display_name"] = filter_label(solr_name, item["name"])
    return search_results

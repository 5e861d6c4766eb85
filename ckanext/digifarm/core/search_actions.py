"""Core actions that ask Solr past the hooks of searches for datasets."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..lib.ckan import (
    Action,
    Context,
    DataDict,
    authz,
    default_autocomplete_schema,
    get_group_dataset_counts,
    get_permission_labels,
    model,
    search,
    solr_literal,
)


@tk.chained_action
@tk.side_effect_free
def package_autocomplete(
    next_: Action, context: Context, data_dict: DataDict
) -> list[dict[str, Any]]:
    """Suggest datasets only, as many as if there were no projects."""
    data_dict, errors = tk.navl_validate(
        data_dict, default_autocomplete_schema(), context
    )
    if errors:
        raise tk.ValidationError(errors)
    limit = data_dict.get("limit", 10)
    found = next_(context, {**data_dict, "limit": limit})
    datasets = _without_projects(found)
    if len(datasets) == len(found):
        return datasets
    # Some projects were in the way: so only datasets are asked for.
    names = _names_of_datasets(context, data_dict["q"], limit)
    known = {dataset["name"]: dataset for dataset in datasets}
    return [
        known.get(name) or _suggestion(name, title, data_dict["q"])
        for name, title in names
    ]


def _names_of_datasets(
    context: Context, query: str, limit: int
) -> list[tuple[str, str]]:
    """Names and titles of the datasets that core would suggest."""
    word = solr_literal(query)
    places = ("name_ngram", "title_ngram", "name", "title")
    found = search.query_for(model.Package).run(
        {
            "q": " OR ".join(f"{place}:{word}" for place in places),
            "fq": f"-dataset_type:{PROJECT_TYPE}",
            "fl": "name,title",
            "rows": limit,
        },
        permission_labels=_permission_labels(context),
    )
    return [(doc["name"], doc["title"]) for doc in found["results"]]


def _suggestion(name: str, title: str, query: str) -> dict[str, Any]:
    """A dataset as core suggests it."""
    in_name = query.lower() in name
    return {
        "name": name,
        "title": title,
        "match_field": "name" if in_name else "title",
        "match_displayed": name if in_name else f"{title} ({name})",
    }


def _without_projects(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = [package["name"] for package in found]
    projects = {
        row.name
        for row in model.Session.query(model.Package.name).filter(
            model.Package.name.in_(names), model.Package.type == PROJECT_TYPE
        )
    }
    return [package for package in found if package["name"] not in projects]


@tk.chained_action
@tk.side_effect_free
def tag_show(
    next_: Action, context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Show a tag with its datasets, without its projects."""
    tag = next_(context, data_dict)
    if "packages" in tag:
        tag["packages"] = [
            package
            for package in tag["packages"]
            if package["type"] != PROJECT_TYPE
        ]
    return tag


@tk.chained_action
@tk.side_effect_free
def organization_list(
    next_: Action, context: Context, data_dict: DataDict
) -> list[Any]:
    """Count an organisation's datasets without its projects."""
    result = next_(context, data_dict)
    return _uncount_projects(context, data_dict, result, "owner_org", "id")


@tk.chained_action
@tk.side_effect_free
def group_list(
    next_: Action, context: Context, data_dict: DataDict
) -> list[Any]:
    """Count a group's datasets without its projects."""
    result = next_(context, data_dict)
    return _uncount_projects(context, data_dict, result, "groups", "name")


def _uncount_projects(
    context: Context,
    data_dict: DataDict,
    groups: list[Any],
    facet: str,
    key: str,
) -> list[Any]:
    """Take the projects off the counts, which core asks of Solr directly."""
    if tk.asbool(data_dict.get("include_datasets")):
        # Then core searches for the datasets and counts what it finds.
        return groups
    counted = [
        group
        for group in groups
        if isinstance(group, dict) and group.get("package_count")
    ]
    if counted:
        projects = get_group_dataset_counts(
            fq=f"dataset_type:{PROJECT_TYPE}",
            permissions_labels=_permission_labels(context),
        )[facet]
        for group in counted:
            group["package_count"] -= projects.get(group[key], 0)
    return groups


def _permission_labels(context: Context) -> list[str] | None:
    user = context.get("auth_user_obj")
    if context.get("ignore_auth") or (user and authz.is_sysadmin(user.name)):
        return None
    labels = get_permission_labels()
    return labels.get_user_dataset_labels(user)  # pyright: ignore[reportArgumentType]

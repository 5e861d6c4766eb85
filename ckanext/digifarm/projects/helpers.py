"""What templates ask for; each helper calls one action at most."""

from __future__ import annotations

import datetime
from typing import Any

import ckantoolkit as tk
from babel.dates import format_date, format_skeleton

from .. import config
from ..config import PROJECT_TYPE
from ..lib import language, partial_dates, people
from . import (
    fields,
    licence_choices,
    licences,
    near,
    pictures,
    reasons,
    search,
    shown,
    stages,
)


def digifarm_form_groups() -> list[fields.FormGroup]:
    """The parts of the project form, with their fields."""
    return fields.form_groups()


def digifarm_form_labels(groups: list[fields.FormGroup]) -> dict[str, str]:
    """The labels of a form's fields, by their names.

    :param groups: the parts of the form
    """
    return {
        field["field_name"]: fields.text(
            field.get("label", field["field_name"])
        )
        for group in groups
        for field in group["fields"]
    }


def digifarm_text(words: dict[str, str] | str) -> str:
    """Words of the schema file in the language of the request."""
    return fields.text(words)


def digifarm_label(field: str) -> str:
    """The label of a project's field."""
    return fields.label(field)


def digifarm_choices(field: str) -> list[dict[str, Any]]:
    """The choices of a project's field, in order."""
    return fields.choices(field)


def digifarm_choice_label(field: str, value: str) -> str:
    """The word for a choice of a project's field."""
    return fields.choice_label(field, value)


def digifarm_choice_icon(field: str, value: str | None) -> str:
    """The icon of a choice of a project's field."""
    return fields.choice_icon(field, value)


def digifarm_reasons(step: str) -> list[dict[str, Any]]:
    """The short reasons for a step, in order; empty where it has none.

    :param step: end of the name of an action, such as `decline`
    """
    return reasons.of(reasons.STEPS.get(step, ""))


def digifarm_facets(titles: dict[str, str], kind: str) -> dict[str, str]:
    """Those facets of the project list that are `open`, or `folded`.

    :param titles: all facets with their titles
    """
    wanted = {search.solr_field(name) for name in fields.facets(kind)}
    return {name: title for name, title in titles.items() if name in wanted}


def digifarm_is_facet(field: str) -> bool:
    """Whether the project list can be filtered by a field."""
    return field in {*fields.facets("open"), *fields.facets("folded")}


def digifarm_can_accompany(project: dict[str, Any]) -> bool:
    """Whether the user may say that the city accompanies a project."""
    return fields.field("accompanied") is not None and tk.h.check_access(
        "digifarm_project_accompany", {"id": project["id"]}
    )


def digifarm_help_wanted(project: dict[str, Any]) -> list[dict[str, Any]]:
    """The areas in which a project looks for help now.

    :returns: the area's `value`, `label`, `icon` and `text`: what exactly is
        needed, as Markdown, or ""
    """
    wanted = stages.help_wanted(project)
    return [
        {
            "value": area["value"],
            "label": fields.text(area["label"]),
            "icon": area.get("icon", fields.DEFAULT_ICON),
            "text": project.get(f"{area['value']}_help") or "",
        }
        for area in fields.choices("help_wanted")
        if area["value"] in wanted
    ]


def digifarm_is_over(project: dict[str, Any]) -> bool:
    """Whether a project is completed, or has ended."""
    return stages.is_over(project.get("stage"))


def digifarm_is_usable(project: dict[str, Any]) -> bool:
    """Whether visitors can use a project here and now, as far as it says."""
    return project.get("stage") not in fields.NOT_USABLE


def digifarm_license(project: dict[str, Any]) -> dict[str, str]:
    """What the page says of a project's licence.

    :returns: its `name`, or "" where none is known; `status`, its `label`, and
        `url` of the licence's text, or ""
    """
    status = search.license_status(project).value
    name = project.get("source_license") or ""
    return {
        "name": "" if name == licences.UNKNOWN else name,
        "status": status,
        "label": search.license_status_label(status),
        "url": licences.license_url(project.get("source_license") or "") or "",
    }


def digifarm_license_choices() -> list[dict[str, Any]]:
    """What can be chosen as a licence: `value`, `label` and `help`, in order.

    What will have one only later can be said where the schema file has a field
    for it.
    """
    more: list[dict[str, Any]] = [
        {"value": licence_choices.OTHER, "label": tk._("Another licence")},
        {
            "value": licence_choices.UNKNOWN,
            "label": tk._("I don’t know"),
            "help": tk._(
                "It is often written in a file LICENSE beside the code. Else"
                " the city’s team looks for it together with you."
            ),
        },
    ]
    if fields.field("open_source_intended"):
        more.append(
            {
                "value": licence_choices.LATER,
                "label": tk._("None yet"),
                "help": tk._(
                    "The code will be published under an open-source licence."
                    " That is enough as long as the project is an idea or in"
                    " progress; please say so in “{stage}”."
                ).format(stage=fields.label("stage")),
            }
        )
    return [*fields.licenses(), *more]


def digifarm_license_chosen(data: dict[str, Any]) -> licence_choices.Chosen:
    """What a form shows as the licence that is chosen.

    :param data: what was entered, or is stored
    """
    return licence_choices.chosen(data)


def digifarm_picture(project: dict[str, Any]) -> str:
    """The address of a project's picture, or ""."""
    return pictures.address(project.get("image_url"))


def digifarm_picture_types() -> list[str]:
    """MIME types that a project's picture may have."""
    return config.picture_mimetypes()


def digifarm_has_passed(value: str | None) -> bool:
    """Whether a partial date is over, so that it is spoken of as past."""
    return partial_dates.has_passed(value)


def digifarm_partial_date(value: str) -> str:
    """A partial date in the language of the request: "October 2021"."""
    try:
        parts = [int(part) for part in value.split("-")]
        year, month, day = [*parts, 0, 0][:3]
        date = datetime.date(year, month or 1, day or 1)
    except ValueError:
        return value
    locale = language.locale_of(tk.h.lang())
    if not month:
        return str(year)
    if not day:
        return format_skeleton("yMMMM", date, locale=locale)
    return format_date(date, "long", locale=locale)


def digifarm_license_label(status: str) -> str:
    """The words for a licence status."""
    return search.license_status_label(status)


def digifarm_address(package: dict[str, Any]) -> str:
    """The page of a project or a dataset.

    A dataset's type need not have pages of its own.
    """
    is_project = package["type"] == PROJECT_TYPE
    route = f"{PROJECT_TYPE}.read" if is_project else "dataset.read"
    return tk.h.url_for(route, id=package["name"])


def digifarm_form_snippet(field: dict[str, Any]) -> str | None:
    """The template of a field in the form.

    One that names no folder is scheming's; none at all means a line of text.

    :returns: the template, or None for a field that the form doesn't show
    """
    if "form_snippet" not in field:
        return "digifarm/projects/form_fields/text.html"
    snippet = field["form_snippet"]
    if snippet and "/" not in snippet:
        return f"scheming/form_snippets/{snippet}"
    return snippet


def digifarm_organizations() -> list[dict[str, Any]]:
    """The organisations of the portal, by title: no more than core lists."""
    return [
        {
            "id": organization.id,
            "name": organization.name,
            "display_name": organization.display_name,
        }
        for organization in people.organizations()
    ]


def digifarm_other_fields(project: dict[str, Any]) -> list[dict[str, Any]]:
    """What a city's own fields say, for which no template of ours is made.

    :returns: the field as `field`, its `label` and its `value`
    """
    return [
        {
            "field": field,
            "label": fields.text(field.get("label", field["field_name"])),
            "value": project[field["field_name"]],
        }
        for field in fields.fields()
        if field["field_name"] not in shown.SHOWN
        and not field["field_name"].endswith("_help")
        and project.get(field["field_name"])
    ]


def digifarm_projects(fq: str, limit: int) -> dict[str, Any]:
    """Projects for a part of another page: the home page, an organisation.

    :param fq: a filter in Solr's syntax
    :param limit: how many at most
    :returns: `count` and `results`
    """
    try:
        return tk.get_action("package_search")(
            {},
            {
                "fq_list": [f"+dataset_type:{PROJECT_TYPE}", fq],
                "rows": limit,
                "sort": "metadata_modified desc",
                "include_private": True,
                "facet": "false",
            },
        )
    except (tk.ValidationError, tk.NotAuthorized):
        return {"count": 0, "results": []}


def digifarm_near_projects(
    query: str, filters: dict[str, list[str]]
) -> near.Near:
    """What comes close where no project matches; one search.

    :param query: what was typed
    :param filters: values by field of Solr
    """
    return near.misses(query, filters)


def digifarm_count_projects(query: str) -> int:
    """How many projects match some words; one search."""
    return near.count(query)


def digifarm_filter_label(solr_name: str, value: str) -> str:
    """The word for a value of a filter of the project list."""
    return search.filter_labels(solr_name, [value])[0]


def digifarm_filter_title(solr_name: str, otherwise: str = "") -> str:
    """What a filter of the project list is called.

    :param otherwise: where only another plugin knows it
    """
    return search.filter_title(solr_name, otherwise)


def digifarm_show_in_navigation() -> bool:
    """Whether the main navigation leads to the projects."""
    return config.show_in_navigation()


def digifarm_show_on_home() -> bool:
    """Whether the home page shows projects that look for help."""
    return config.show_on_home()


_PURPOSES = {
    "activity_record": lambda: tk._("project entry"),
    "add link": lambda: tk._("Add a civic project"),
    "breadcrumb": lambda: tk._("Civic projects"),
    "content tab": lambda: tk._("Civic projects"),
    "create label": lambda: tk._("Add a civic project"),
    "create title": lambda: tk._("Add a civic project"),
    "delete confirmation": lambda: tk._(
        "Do you want to delete this civic project?"
    ),
    "edit label": lambda: tk._("Edit the civic project"),
    "facet label": lambda: tk._("Civic projects"),
    "main nav": lambda: tk._("Civic projects"),
    "my label": lambda: tk._("My civic projects"),
    "no description": lambda: tk._("There is no description yet."),
    "page title": lambda: tk._("Civic projects"),
    "search placeholder": lambda: tk._("Search civic projects"),
    "search_placeholder": lambda: tk._("Search civic projects"),
    "update label": lambda: tk._("Save"),
    "view label": lambda: tk._("View the civic project"),
}


@tk.chained_helper
def humanize_entity_type(
    next_helper: Any, entity_type: str, object_type: str, purpose: str
) -> str | None:
    """Core's word for a type and a purpose; for projects, ours."""
    if (entity_type, object_type) != ("package", PROJECT_TYPE):
        return next_helper(entity_type, object_type, purpose)
    return _PURPOSES.get(purpose, lambda: tk._("Civic project"))()

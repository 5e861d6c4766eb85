"""What templates ask for; each helper calls one action at most."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

import ckantoolkit as tk
from babel.dates import format_date, format_skeleton

from . import care, config, fields, licences, pictures, search
from .fields import PROJECT_TYPE
from .lib.workflow import Actor
from .model import (
    CLAIMED,
    OPEN_STATES,
    REFUSED_STATES,
    Proposal,
    ProposalState,
    SupportState,
    TaskState,
)
from .partners import fields as partner_fields
from .proposals.workflow import WORKFLOW as PROPOSALS
from .support.workflow import WORKFLOW as SUPPORTS
from .tasks.workflow import WORKFLOW as TASKS

__all__ = [
    "digifarm_address",
    "digifarm_care_search",
    "digifarm_choice_icon",
    "digifarm_choice_label",
    "digifarm_choices",
    "digifarm_contact_email",
    "digifarm_count_links",
    "digifarm_errors",
    "digifarm_facets",
    "digifarm_form_groups",
    "digifarm_form_labels",
    "digifarm_form_snippet",
    "digifarm_help_wanted",
    "digifarm_is_proposal",
    "digifarm_is_refused",
    "digifarm_label",
    "digifarm_license",
    "digifarm_license_label",
    "digifarm_linked",
    "digifarm_organizations",
    "digifarm_other_fields",
    "digifarm_partial_date",
    "digifarm_partner_choice_label",
    "digifarm_partner_options",
    "digifarm_picture",
    "digifarm_picture_types",
    "digifarm_projects",
    "digifarm_proposal_picture",
    "digifarm_proposal_state",
    "digifarm_proposal_step",
    "digifarm_proposal_steps",
    "digifarm_show_in_navigation",
    "digifarm_show_on_home",
    "digifarm_show_propose_in_navigation",
    "digifarm_support_state",
    "digifarm_support_steps",
    "digifarm_supports",
    "digifarm_takes_proposals",
    "digifarm_task_effort",
    "digifarm_task_efforts",
    "digifarm_task_steps",
    "digifarm_tasks",
    "digifarm_text",
    "humanize_entity_type",
]


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


def digifarm_facets(titles: dict[str, str], kind: str) -> dict[str, str]:
    """Those facets of the project list that are `open`, or `folded`.

    :param titles: all facets with their titles
    """
    wanted = {search.solr_field(name) for name in fields.facets(kind)}
    return {name: title for name, title in titles.items() if name in wanted}


def digifarm_help_wanted(project: dict[str, Any]) -> list[dict[str, Any]]:
    """The areas in which a project looks for help.

    :returns: the area's `value`, `label`, `icon` and `text`: what exactly is
        needed, as Markdown, or ""
    """
    wanted = project.get("help_wanted") or []
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


def digifarm_license(project: dict[str, Any]) -> dict[str, str]:
    """What the page says of a project's licence.

    :returns: `status`, its `label`, and `url` of the licence's text, or ""
    """
    status = search.license_status(project).value
    return {
        "status": status,
        "label": search.license_status_label(status),
        "url": licences.license_url(project.get("source_license") or "") or "",
    }


def digifarm_partner_choice_label(field: str, value: str) -> str:
    """The word for a choice of a partner's field."""
    return partner_fields.choice_label(field, value)


def digifarm_partner_options(
    found: list[dict[str, Any]],
) -> list[dict[str, str]]:
    """Partners as the choices of a field.

    :param found: as :py:func:`digifarm_partner_search` gives them
    """
    return [
        {"value": partner["name"], "label": partner["title"]}
        for partner in found
    ]


def digifarm_picture(project: dict[str, Any]) -> str:
    """The address of a project's picture, or ""."""
    return pictures.address(project.get("image_url"))


def digifarm_proposal_picture(
    proposal: dict[str, Any], token: str = ""
) -> str:
    """The address of a proposal's picture, or "".

    :param proposal: as :py:func:`digifarm_proposal_show` gives it
    :param token: of the link that the reader has followed, if any
    """
    if address := digifarm_picture(proposal["project"]):
        return address
    if not proposal["has_picture"]:
        return ""
    if token:
        return tk.url_for("digifarm_proposals.picture_by_link", token=token)
    return tk.url_for("digifarm_proposals.picture", id=proposal["id"])


def digifarm_picture_types() -> list[str]:
    """MIME types that a project's picture may have."""
    return config.picture_mimetypes()


def digifarm_partial_date(value: str) -> str:
    """A partial date in the language of the request: "October 2021"."""
    try:
        parts = [int(part) for part in value.split("-")]
        year, month, day = [*parts, 0, 0][:3]
        date = datetime.date(year, month or 1, day or 1)
    except ValueError:
        return value
    locale = tk.h.lang().split("_")[0]
    if not month:
        return str(year)
    if not day:
        return format_skeleton("yMMMM", date, locale=locale)
    return format_date(date, "long", locale=locale)


def digifarm_linked(package: dict[str, Any]) -> dict[str, Any]:
    """The packages linked with this one that the reader may see.

    :param package: a project or a dataset, also an old version of it
    :returns: `count` and `results`; see :py:func:`digifarm_dataset_list`
    """
    try:
        if package["type"] == PROJECT_TYPE:
            return tk.get_action("digifarm_dataset_list")(
                {}, {"project": package["id"]}
            )
        return tk.get_action("digifarm_project_list")(
            {}, {"dataset": package["id"]}
        )
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return {"count": 0, "results": []}


def digifarm_supports(project: dict[str, Any]) -> list[dict[str, Any]]:
    """Who supports a project; see :py:func:`digifarm_support_list`.

    :param project: a project, also an old version of it
    """
    try:
        return tk.get_action("digifarm_support_list")(
            {}, {"project": project["id"]}
        )
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return []


def digifarm_care_search(
    project: dict[str, Any], supports: list[dict[str, Any]]
) -> str:
    """Why a project looks for somebody who looks after it.

    :param project: a project
    :param supports: as :py:func:`digifarm_supports` gives them
    :returns: `wanted` where its people say so, `nobody` where nobody is
        named, or ""
    """
    areas = {choice["value"] for choice in fields.choices("help_wanted")}
    if care.CARE not in areas or not care.may_search(project):
        return ""
    # Asked only where the answer isn't known yet.
    is_owned = (
        care.wants_care(project)
        or any(support["area"] == care.CARE for support in supports)
        or tk.get_action("digifarm_project_owned")({}, {"id": project["id"]})
    )
    found = care.search(project, is_owned=is_owned)
    return found.value if found else ""


def digifarm_support_state(state: str) -> str:
    """The word for the state of a support."""
    words = {
        SupportState.UNCONFIRMED: tk._("Not confirmed yet"),
        SupportState.OFFERED: tk._(
            "Offered, waiting for the project’s answer"
        ),
        SupportState.REQUESTED: tk._("Requested, waiting for an answer"),
        SupportState.ACCEPTED: tk._("Accepted"),
        SupportState.DECLINED: tk._("Declined"),
        SupportState.WITHDRAWN: tk._("Withdrawn"),
        SupportState.ENDED: tk._("Ended"),
    }
    return words[SupportState(state)]


def digifarm_support_steps(state: str, side: str) -> list[str]:
    """What a side of a support can do with it now, in order.

    :param side: `project` or `supporter`
    :returns: ends of names of actions, such as `accept`
    """
    found = SUPPORTS.steps(SupportState(state), Actor(side))
    steps = [action.removeprefix("digifarm_support_") for action in found]
    return [step for step in steps if step != "confirm"]


def digifarm_proposal_state(state: str) -> str:
    """What the state of a proposal means to its proposer."""
    words = {
        ProposalState.UNCONFIRMED: tk._("Please confirm your proposal first."),
        ProposalState.PENDING: tk._(
            "The city’s team looks at it. You get a mail when they have"
            " decided."
        ),
        ProposalState.CHANGES_REQUESTED: tk._(
            "Before the city’s team can decide, something should change."
            " Their words are below."
        ),
        ProposalState.APPROVED: tk._("Your project is public. Thank you!"),
        ProposalState.DECLINED: tk._(
            "The city’s team has declined the proposal. Their words are below."
        ),
        ProposalState.WITHDRAWN: tk._("The proposal was withdrawn."),
    }
    return words[ProposalState(state)]


def digifarm_is_proposal(project: dict[str, Any]) -> bool:
    """Whether a project is a proposal on which nobody has decided yet."""
    return bool(Proposal.of_project(project["id"], OPEN_STATES))


def digifarm_is_refused(project: dict[str, Any]) -> bool:
    """Whether a project is a proposal that was declined or withdrawn."""
    return bool(Proposal.of_project(project["id"], REFUSED_STATES))


def digifarm_proposal_step(state: str) -> str:
    """The word for a state of a proposal, or for the step that led there.

    :param state: of a proposal, or of an event
    """
    if state == CLAIMED:
        return tk._("Taken on")
    words = {
        ProposalState.UNCONFIRMED: tk._("Sent"),
        ProposalState.PENDING: tk._("Submitted"),
        ProposalState.CHANGES_REQUESTED: tk._("Changes requested"),
        ProposalState.APPROVED: tk._("Approved"),
        ProposalState.DECLINED: tk._("Declined"),
        ProposalState.WITHDRAWN: tk._("Withdrawn"),
    }
    return words[ProposalState(state)]


def digifarm_proposal_steps(state: str) -> list[str]:
    """What reviewers can do with a proposal now, in order.

    :returns: ends of names of actions: `approve`, `request_changes`, `decline`
    """
    found = {
        action.removeprefix("digifarm_proposal_")
        for action in PROPOSALS.steps(ProposalState(state), Actor.REVIEWER)
    }
    return [s for s in ("approve", "request_changes", "decline") if s in found]


def digifarm_license_label(status: str) -> str:
    """The words for a licence status."""
    return search.license_status_label(status)


def digifarm_takes_proposals() -> bool:
    """Whether the portal has somebody who reviews proposals."""
    return bool(config.review_organization())


def digifarm_tasks(project: dict[str, Any]) -> list[dict[str, Any]]:
    """The tasks of a project; see :py:func:`digifarm_task_list`.

    :param project: a project, also an old version of it
    """
    try:
        return tk.get_action("digifarm_task_list")(
            {}, {"project": project["id"]}
        )
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return []


def digifarm_task_steps(state: str) -> list[str]:
    """What a project can do with a task now, in order.

    :returns: ends of names of actions, such as `done`
    """
    return [
        action.removeprefix("digifarm_task_")
        for action in TASKS.steps(TaskState(state), Actor.PROJECT)
    ]


def digifarm_task_efforts() -> list[dict[str, Any]]:
    """How much work a task may be, in order."""
    return fields.task_efforts()


def digifarm_task_effort(value: str) -> str:
    """The word for how much work a task is."""
    return fields.choice_label_of(fields.task_efforts(), value)


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
        return "projects/form_fields/text.html"
    snippet = field["form_snippet"]
    if snippet and "/" not in snippet:
        return f"scheming/form_snippets/{snippet}"
    return snippet


def digifarm_organizations() -> list[dict[str, Any]]:
    """All organisations of the portal, by title."""
    found: list[dict[str, Any]] = []
    # Core gives no more than ckan.group_and_organization_list_all_fields_max.
    while page := tk.get_action("organization_list")(
        {},
        {
            "all_fields": True,
            "include_dataset_count": False,
            "sort": "title asc",
            "offset": len(found),
        },
    ):
        found += page
    return found


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
        if field["field_name"] not in fields.SHOWN
        and not field["field_name"].endswith("_help")
        and project.get(field["field_name"])
    ]


def digifarm_count_links(packages: list[dict[str, Any]]) -> None:
    """Note on listed packages how many public ones they are linked with.

    :param packages: package dicts; each gets its `num_links`
    """
    counts = tk.get_action("digifarm_link_counts")(
        {}, {"ids": [package.get("id", "") for package in packages]}
    )
    for package in packages:
        package["num_links"] = counts.get(package.get("id", ""), 0)


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


def digifarm_contact_email() -> str | None:
    """Address of the city's team for civic projects."""
    return config.contact_email()


def digifarm_show_in_navigation() -> bool:
    """Whether the main navigation leads to the projects."""
    return config.show_in_navigation()


def digifarm_show_propose_in_navigation() -> bool:
    """Whether the main navigation leads to the form for proposals."""
    return digifarm_takes_proposals() and config.show_propose_in_navigation()


def digifarm_show_on_home() -> bool:
    """Whether the home page shows projects that look for help."""
    return config.show_on_home()


def digifarm_errors(errors: dict[str, Any]) -> dict[str, list[str]]:
    """The messages of a ValidationError, by the field that shows them.

    :param errors: as the action raised them; nested ones become plain text
    """
    fields_of = {"tags": "tag_string", pictures.UPLOAD_FIELD: "image_url"}
    result: dict[str, list[str]] = {}
    for name, messages in errors.items():
        flat = list(dict.fromkeys(_messages(messages)))
        result.setdefault(fields_of.get(name, name), []).extend(flat)
    return result


def _messages(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        value = value.values()
    if isinstance(value, str):
        yield value
        return
    for item in value:
        yield from _messages(item)


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

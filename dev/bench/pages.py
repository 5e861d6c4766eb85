"""The pages that are measured: all of ours, and those of core we add to."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field

from flask import Flask

#: Blueprints of ours, and those that scheming makes for our type.
OURS = ("digifarm_", "civic_project")


@dataclass(frozen=True)
class Page:
    """A page.

    :param name: for people
    :param endpoint: Flask's name of it
    :param args: of its address; `{words}` stand for things, as content.py
        names them
    :param user: who looks at it; nobody is logged in by default
    """

    name: str
    endpoint: str
    args: dict[str, str] = field(default_factory=dict)
    user: str = ""


PROJECT = {"id": "{project}"}
PARTNER = {"id": "{partner}"}
TASK = {"id": "{task}"}
QUERY = {"q": "part"}
THIS_YEAR = str(datetime.datetime.now(datetime.timezone.utc).year)

PAGES = (
    # Core's, with what we add.
    Page("home", "home.index"),
    Page("dataset", "dataset.read", {"id": "{dataset}"}),
    Page("datasets", "dataset.search"),
    Page("organisation", "organization.read", {"id": "{organization}"}),
    Page("organisations", "organization.index"),
    Page("use of data", "digifarm_data_use.read", {"id": "{organization}"}),
    Page(
        "use of data, its editor",
        "digifarm_data_use.read",
        {"id": "{organization}", "sort": "newest"},
        "editor",
    ),
    Page(
        "use of data, searched",
        "digifarm_data_use.read",
        {
            "id": "{organization}",
            "q": "data",
            "used": "true",
            "sort": "title",
        },
    ),
    Page("numbers", "digifarm_statistics.read"),
    Page(
        "numbers, of some",
        "digifarm_statistics.read",
        {
            "organization": "office-1",
            "action_field": "mobility",
            "origin": "Event 1",
        },
    ),
    Page("report", "digifarm_statistics.report", {"year": THIS_YEAR}),
    Page(
        "report, a reviewer",
        "digifarm_statistics.report",
        {"year": THIS_YEAR},
        "reviewer",
    ),
    Page("user", "user.read", {"id": "owner"}, "editor"),
    Page(
        "deletion of a dataset", "dataset.delete", {"id": "{dataset}"}, "admin"
    ),
    Page(
        "suggested datasets",
        "api.action",
        {
            "ver": "3",
            "logic_function": "package_autocomplete",
            "q": "pro",
        },
    ),
    # Projects.
    Page("projects", "civic_project.search"),
    Page("projects, search", "civic_project.search", {"q": "project"}),
    Page(
        "projects, facets",
        "civic_project.search",
        {
            "vocab_help_wanted": "care",
            "vocab_action_fields": "mobility",
        },
    ),
    Page("project", "civic_project.read", PROJECT),
    Page("project, its editor", "civic_project.read", PROJECT, "editor"),
    Page("project, a reviewer", "civic_project.read", PROJECT, "reviewer"),
    Page("fact sheet", "digifarm_factsheets.read", PROJECT),
    Page("about", "digifarm_projects.about"),
    Page("new project", "digifarm_projects.new", user="editor"),
    Page("edit project", "digifarm_projects.edit", PROJECT, "editor"),
    Page("delete project", "digifarm_projects.delete", PROJECT, "admin"),
    Page("end project", "digifarm_endings.end", PROJECT, "editor"),
    Page(
        "datasets to pick",
        "digifarm_projects.datasets",
        {"q": "data"},
        "editor",
    ),
    Page(
        "links to pick",
        "digifarm_links.candidates",
        {**PROJECT, "q": "data"},
        "editor",
    ),
    Page(
        "what replaces a dataset",
        "digifarm_successors.edit",
        {"id": "{dataset}"},
        "admin",
    ),
    Page(
        "successors to pick",
        "digifarm_successors.candidates",
        {"id": "{dataset}", "q": "data"},
        "admin",
    ),
    Page("followers", "civic_project.followers", PROJECT, "admin"),
    Page(
        "collaborators", "civic_project.collaborators_read", PROJECT, "admin"
    ),
    # Partners.
    Page("partners", "digifarm_partners.search"),
    Page(
        "partners, filtered",
        "digifarm_partners.search",
        {
            "q": "green",
            "area": "care",
            "supporting": "true",
        },
    ),
    Page("partners to pick", "digifarm_partners.candidates", {"q": "green"}),
    Page("partner", "digifarm_partners.read", PARTNER),
    Page("partner, a reviewer", "digifarm_partners.read", PARTNER, "reviewer"),
    Page("deleted partners", "digifarm_partners.deleted", user="reviewer"),
    Page("new partner", "digifarm_partners.new", user="reviewer"),
    Page("edit partner", "digifarm_partners.edit", PARTNER, "reviewer"),
    Page("join partners", "digifarm_partners.merge", PARTNER, "reviewer"),
    Page("delete partner", "digifarm_partners.delete", PARTNER, "reviewer"),
    Page("register", "digifarm_registrations.new"),
    Page("registrations", "digifarm_registrations.review", user="reviewer"),
    Page(
        "partner, by link",
        "digifarm_contacts.by_link",
        {"token": "{partner_token}"},
    ),
    Page(
        "change partner, by link",
        "digifarm_contacts.edit_by_link",
        {"token": "{partner_token}"},
    ),
    Page(
        "own partner",
        "digifarm_contacts.read",
        {"id": "{own_partner}"},
        "owner",
    ),
    Page(
        "change own partner",
        "digifarm_contacts.edit",
        {"id": "{own_partner}"},
        "owner",
    ),
    # Support.
    Page("support dashboard", "digifarm_dashboard.support", user="editor"),
    Page(
        "support dashboard, supporter",
        "digifarm_dashboard.support",
        user="owner",
    ),
    Page("offer support", "digifarm_offers.new", PROJECT),
    Page(
        "offer support, as a partner",
        "digifarm_offers.new",
        {**PROJECT, "as": "{partner_token}"},
    ),
    Page(
        "support, its sides",
        "digifarm_offers.read",
        {"id": "{support}"},
        "editor",
    ),
    Page(
        "support, by link",
        "digifarm_offers.by_link",
        {"token": "{support_token}"},
    ),
    Page(
        "support in one's name",
        "digifarm_offers.named",
        {"token": "{named_token}"},
    ),
    Page(
        "confirm support",
        "digifarm_offers.confirm",
        {"token": "{confirm_token}"},
    ),
    Page("ask a partner", "digifarm_offers.request", PROJECT, "editor"),
    Page("project's support", "digifarm_support.project", PROJECT, "editor"),
    # Tasks.
    Page("help wanted", "digifarm_help.index"),
    Page(
        "help wanted, filtered",
        "digifarm_help.index",
        {"skill": "rare", "effort": "hour"},
    ),
    Page(
        "help wanted, by area and effort",
        "digifarm_help.index",
        {"area": "care", "effort": "hour"},
    ),
    Page(
        "help wanted, tasks",
        "digifarm_help.index",
        {"view": "tasks"},
    ),
    Page(
        "help wanted, tasks, filtered",
        "digifarm_help.index",
        {"view": "tasks", "skill": "rare", "area": "care"},
    ),
    Page("feed of projects", "digifarm_feeds.projects"),
    Page(
        "feed of projects, filtered",
        "digifarm_feeds.projects",
        {"q": "project", "vocab_help_wanted": "care"},
    ),
    Page("projects, in a frame", "digifarm_embeds.cards"),
    Page(
        "projects, in a frame, filtered",
        "digifarm_embeds.cards",
        {"q": "project", "vocab_help_wanted": "care"},
    ),
    Page("project, in a frame", "digifarm_embeds.card", PROJECT),
    Page(
        "project, by oEmbed",
        "digifarm_oembed.show",
        {"url": "{site}/civic_project/{project}"},
    ),
    Page("feed of help", "digifarm_feeds.help_wanted"),
    Page(
        "feed of help, filtered",
        "digifarm_feeds.help_wanted",
        {"area": "care", "effort": "hour"},
    ),
    Page("feed of tasks", "digifarm_feeds.tasks"),
    Page(
        "feed of tasks, filtered",
        "digifarm_feeds.tasks",
        {"skill": "rare", "area": "care"},
    ),
    Page("project's tasks", "digifarm_tasks.project", PROJECT, "editor"),
    Page("edit task", "digifarm_tasks.edit", TASK, "editor"),
    Page("take task", "digifarm_tasks.take", TASK),
    Page("task, by link", "digifarm_tasks.by_link", {"token": "{task_token}"}),
    Page("own task", "digifarm_own_tasks.read", {"id": "{own_task}"}, "owner"),
    Page(
        "thanks", "digifarm_own_tasks.thanks", {"id": "{done_task}"}, "owner"
    ),
    Page(
        "thanks, by link",
        "digifarm_own_tasks.thanks_by_link",
        {"token": "{thanks_token}"},
    ),
    Page(
        "confirm task",
        "digifarm_tasks.confirm",
        {"token": "{task_confirm_token}"},
    ),
    # Questions.
    Page("ask a team", "digifarm_questions.new", PROJECT),
    Page(
        "confirm a question",
        "digifarm_questions.confirm",
        {"token": "{question_token}"},
    ),
    # What is asked once a year.
    Page("is it still so", "digifarm_confirmations.mine", user="owner"),
    Page(
        "is it still so, by link",
        "digifarm_confirmations.by_link",
        {"token": "{asked_token}"},
    ),
    Page(
        "is it still so, it has ended",
        "digifarm_confirmations.by_link",
        {"token": "{asked_token}", "answer": "ended"},
    ),
    Page(
        "is a question still so",
        "digifarm_confirmations.read",
        {"id": "{asked}"},
        "owner",
    ),
    Page(
        "is a project still so",
        "digifarm_confirmations.project",
        PROJECT,
        "editor",
    ),
    Page(
        "end what nobody confirms",
        "digifarm_confirmations.end",
        {"id": "{undecided}"},
        "reviewer",
    ),
    # Owners.
    Page("team", "digifarm_team.index", PROJECT, "editor"),
    Page("handover folder", "digifarm_handover.read", PROJECT, "editor"),
    Page(
        "change a handover folder",
        "digifarm_handover.edit",
        PROJECT,
        "editor",
    ),
    Page("my projects, editor", "digifarm_owners.index", user="editor"),
    Page("my projects, owner", "digifarm_owners.index", user="owner"),
    # Notifications.
    Page("notifications", "digifarm_notifications.index", user="owner"),
    # Proposals.
    Page("licences to choose", "digifarm_projects.licenses", {"q": "gpl"}),
    Page("propose", "digifarm_proposals.new"),
    Page(
        "propose, filled in",
        "digifarm_proposals.new",
        {
            "title": "Project 7",
            "source_url": "https://git.example.org/7",
        },
    ),
    Page(
        "duplicates", "digifarm_proposals.duplicates", {"title": "Project 7"}
    ),
    Page("licence", "digifarm_proposals.license", {"source_license": "MIT"}),
    Page("datasets to propose", "digifarm_proposals.datasets", {"q": "data"}),
    Page(
        "proposal, by link",
        "digifarm_proposals.by_link",
        {"token": "{proposal_token}"},
    ),
    Page(
        "own proposal",
        "digifarm_proposals.read",
        {"id": "{own_proposal}"},
        "owner",
    ),
    Page(
        "change proposal",
        "digifarm_proposals.edit",
        {"id": "{changes}"},
        "owner",
    ),
    Page(
        "change proposal, by link",
        "digifarm_proposals.edit_by_link",
        {"token": "{changes_token}"},
    ),
    Page("review, pending", "digifarm_reviews.index", user="reviewer"),
    *(
        Page(
            f"review, {part}",
            "digifarm_reviews.index",
            {"part": part},
            "reviewer",
        )
        for part in (
            *("changes", "decided", "care", "edited", "handover"),
            "unconfirmed",
        )
    ),
    Page(
        "review of a proposal",
        "digifarm_reviews.read",
        {"id": "{proposal}"},
        "reviewer",
    ),
    # Upkeep.
    Page("addresses", "digifarm_checks.index", user="reviewer"),
    Page(
        "addresses, by address",
        "digifarm_checks.index",
        {"health": "dead", "sort": "address"},
        "reviewer",
    ),
    # Tables that a reviewer has uploaded.
    Page("import", "digifarm_imports.index", user="reviewer"),
    Page(
        "import, preview",
        "digifarm_imports.read",
        {"id": "{upload}"},
        "reviewer",
    ),
    Page(
        "import, how far it is",
        "digifarm_imports.read",
        {"id": "{running_upload}"},
        "reviewer",
    ),
    Page(
        "import, rows that change",
        "digifarm_imports.read",
        {"id": "{upload}", "result": "updated", "page": "2"},
        "reviewer",
    ),
    # Administration.
    Page("mails given up", "digifarm_mails.index", user="admin"),
)

_STATIC = "says the same words to everybody"
_ONE_ROW = "reads one row by its key"
_CORE = "core's page, to which we add nothing"
_WHOLE = "holds all there is, part by part"
_SAME = "the same as the page of numbers, without its words"
_DRAWN = "draws what its address says"
_NONE = "a project has no resources: not found"

#: Pages that aren't measured, and why.
LEFT_OUT = {
    "digifarm_data_use.export_csv": _WHOLE,
    "digifarm_data_use.export_json": _WHOLE,
    "digifarm_statistics.export_csv": _SAME,
    "digifarm_statistics.export_json": _SAME,
    "digifarm_previews.picture": _DRAWN,
    "digifarm_exchange.export_csv": _WHOLE,
    "digifarm_exchange.export_json": _WHOLE,
    "digifarm_imports.template": _STATIC,
    "digifarm_projects.no_resources": _NONE,
    "digifarm_checks.about": _STATIC,
    "digifarm_registrations.sent": _STATIC,
    "digifarm_registrations.confirm": _ONE_ROW,
    "digifarm_offers.sent": _STATIC,
    "digifarm_offers.done": _STATIC,
    "digifarm_tasks.sent": _STATIC,
    "digifarm_tasks.returned": _STATIC,
    "digifarm_questions.sent": _STATIC,
    "digifarm_questions.done": _STATIC,
    "digifarm_proposals.sent": _STATIC,
    "digifarm_contacts.delete": _ONE_ROW,
    "digifarm_contacts.delete_by_link": _ONE_ROW,
    "digifarm_proposals.confirm": _ONE_ROW,
    "digifarm_proposals.confirm_edit": _ONE_ROW,
    "digifarm_proposals.picture": _ONE_ROW,
    "digifarm_proposals.picture_by_link": _ONE_ROW,
    "digifarm_pictures.kept": _ONE_ROW,
    "digifarm_owners.claim": _ONE_ROW,
    "digifarm_notifications.by_link": _ONE_ROW,
    "digifarm_notifications_off.turn_off": _ONE_ROW,
    "civic_project.new": "ours stands before it",
    "civic_project.edit": "ours stands before it",
    "civic_project.delete": "ours stands before it",
    "civic_project.resources": _NONE,
    "civic_project.groups": _CORE,
    "civic_project.new_collaborator": _CORE,
    "civic_project.collaborator_delete": _CORE,
    **{
        f"civic_project_resource.{name}": _NONE
        for name in (
            "new",
            "read",
            "edit",
            "delete",
            "download",
            "views",
            "view",
            "edit_view",
        )
    },
}


def forgotten(app: Flask) -> list[str]:
    """Endpoints of ours that are neither measured nor left out."""
    known = {page.endpoint for page in PAGES} | LEFT_OUT.keys()
    return sorted(_pages_of_ours(app) - known)


def gone(app: Flask) -> list[str]:
    """What is left out, and isn't there."""
    return sorted(LEFT_OUT.keys() - _pages_of_ours(app))


def _pages_of_ours(app: Flask) -> set[str]:
    return {
        rule.endpoint
        for rule in _with_get(app)
        if rule.endpoint.startswith(OURS)
    }


def _with_get(app: Flask) -> Iterable:
    return (
        rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
    )

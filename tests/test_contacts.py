"""Contacts, messages and reasons reach the two sides of a support, no others.

Every page and every action that only reads is tried with all that there is.
"""

from __future__ import annotations

import contextlib
import json
from typing import Any

import ckantoolkit as tk
import pytest
from werkzeug.routing import BuildError

from ckan import model
from ckan.lib import search
from ckan.lib.search import SearchQueryError
from ckan.logic import get_action
from ckan.tests import factories
from ckanext.digifarm.logic.action import all_actions
from ckanext.digifarm.model import Mail

from .acting import as_portal, as_user
from .browsing import Browser

SECRETS = {
    "contact": "zaunkoenig@example.org",
    "message": "Nur unter uns gesagt",
    "reason": "Keine Zeit seit dem Umzug",
    "partner": "werkstatt-geheim@example.org",
}

#: Users, and the pages on which they may read a secret.
PAGES: dict[str, set[str]] = {
    "anonymous": set(),
    "other": set(),
    "offerer": {
        "digifarm_dashboard.support",
        "digifarm_offers.read",
        # These forms name the address of the account.
        "digifarm_offers.new",
        "digifarm_proposals.new",
        "digifarm_registrations.new",
    },
    "editor": {
        "digifarm_dashboard.support",
        "digifarm_offers.read",
        "digifarm_support.project",
    },
    "partner_editor": {"digifarm_partners.edit", "digifarm_partners.read"},
    "reviewer": {"digifarm_partners.edit", "digifarm_partners.read"},
    "sysadmin": {
        "digifarm_offers.read",
        "digifarm_partners.edit",
        "digifarm_partners.read",
        "digifarm_support.project",
    },
}

#: The same for actions.
ACTIONS: dict[str, set[str]] = {
    "anonymous": set(),
    "other": set(),
    "offerer": {"digifarm_support_inbox", "digifarm_support_show"},
    "editor": {
        "digifarm_support_inbox",
        "digifarm_support_list",
        "digifarm_support_show",
    },
    "partner_editor": {"digifarm_partner_show"},
    "reviewer": {"digifarm_partner_show"},
    "sysadmin": {
        "digifarm_partner_show",
        "digifarm_support_list",
        "digifarm_support_show",
    },
}

OURS = ("civic_project.", "digifarm_")

#: Core's pages that could tell of a package or of what happens to it.
CORES = {
    "activity.dashboard",
    "activity.organization_activity",
    "activity.package_activity",
    "dashboard.datasets",
    "dataset.read",
    "dataset.search",
    "feeds.general",
    "feeds.organization",
    "home.index",
    "organization.read",
}

REFUSALS = (
    SearchQueryError,
    tk.NotAuthorized,
    tk.ObjectNotFound,
    tk.ValidationError,
)

#: Core's actions that could tell of a package or of what happens to it.
CORE_ACTIONS = (
    "current_package_list_with_resources",
    "dashboard_activity_list",
    "organization_activity_list",
    "organization_show",
    "package_activity_list",
    "package_search",
    "package_show",
    "recently_changed_packages_activity_list",
    "user_activity_list",
    "user_show",
)


@pytest.fixture(scope="module")
def people(shared_portal) -> dict[str, Any]:
    users = {
        name: factories.User()
        for name in PAGES
        if name not in {"anonymous", "sysadmin"}
    }
    return {**users, "sysadmin": factories.Sysadmin()}


@pytest.fixture(scope="module")
def things(people) -> dict[str, str]:
    """A project with supports in all states, and their ids."""

    def organization(editor: str) -> dict[str, Any]:
        member = {"name": people[editor]["name"], "capacity": "editor"}
        return factories.Organization(users=[member])

    home, guild = organization("editor"), organization("partner_editor")
    project = as_portal(
        "package_create",
        type="civic_project",
        title="Baumblick",
        owner_org=home["id"],
        help_wanted=["content", "care"],
    )
    partner = as_portal(
        "digifarm_partner_create",
        title="Werkstatt",
        kind="association",
        areas=["care"],
        contact_email=SECRETS["partner"],
        organization_id=guild["id"],
    )
    supports = [
        _offer(people, project, area)["id"]
        # Not care: who is accepted there may see what editors see.
        for area in ("content", "technology", "sponsoring", "content")
    ]
    editor = people["editor"]["name"]
    _, accepted, declined, ended = supports
    for id_ in (accepted, ended):
        as_user(editor, "digifarm_support_accept", id=id_)
    for step, id_ in (("decline", declined), ("end", ended)):
        action = f"digifarm_support_{step}"
        as_user(editor, action, id=id_, reason=SECRETS["reason"])
    as_user(
        editor,
        "digifarm_support_request",
        project=project["id"],
        area="care",
        partner=partner["id"],
    )
    as_portal("package_patch", id=project["id"], notes="Geändert")
    return {
        "project": project["name"],
        "partner": partner["name"],
        "organization": home["name"],
        "user": people["offerer"]["name"],
        "support": supports[0],
    }


def _offer(
    people: dict[str, Any], project: dict[str, Any], area: str
) -> dict[str, Any]:
    offerer = model.User.get(people["offerer"]["id"])
    offerer.email = SECRETS["contact"]
    model.Session.commit()
    return as_user(
        offerer.name,
        "digifarm_support_offer",
        project=project["id"],
        area=area,
        contact_name="Zaunkönig",
        message=SECRETS["message"],
        consent=True,
    )


@pytest.fixture(autouse=True)
def _reviewers(things, people, ckan_config, monkeypatch):
    option = "ckanext.digifarm.review_organization"
    name = "stadtteam"
    if not model.Group.get(name):
        member = {"name": people["reviewer"]["name"], "capacity": "editor"}
        factories.Organization(name=name, users=[member])
    monkeypatch.setitem(ckan_config, option, name)


def reveals(text: str) -> bool:
    return any(secret in text for secret in SECRETS.values())


def addresses(app: Any, things: dict[str, str]) -> set[tuple[str, str]]:
    """Endpoint and address of every page, filled in with all that there is."""
    adapter = app.flask_app.url_map.bind("test.ckan.net")
    found = set()
    for rule in app.flask_app.url_map.iter_rules():
        names = sorted(rule.arguments - {"package_type"})
        is_tried = rule.endpoint.startswith(OURS) or rule.endpoint in CORES
        if not is_tried or "GET" not in rule.methods or len(names) > 1:
            continue
        for thing in things.values():
            # A page of something that it isn't is no page.
            with contextlib.suppress(BuildError, ValueError):
                address = adapter.build(
                    rule.endpoint, dict.fromkeys(names, thing)
                )
                found.add((rule.endpoint, address))
    return found


@pytest.mark.parametrize("who", PAGES)
def test_pages_show_secrets_to_the_two_sides_only(
    who, people, things, shared_app
):
    user = people.get(who)
    browser = Browser(shared_app, user["id"] if user else None)
    telling = set()
    for endpoint, address in addresses(shared_app, things):
        # Some of core's pages assert that what they are asked for exists.
        with contextlib.suppress(AssertionError):
            page = browser.get(address).get_data(as_text=True)
            if reveals(page):
                telling.add(endpoint)
    assert telling == PAGES[who]


@pytest.mark.parametrize("who", ACTIONS)
def test_actions_tell_secrets_to_the_two_sides_only(who, people, things):
    user = people.get(who, {}).get("name", "")
    ours = [
        name
        for name, action in all_actions().items()
        if name.startswith("digifarm_")
        and getattr(action, "side_effect_free", False)
    ]
    assert "digifarm_support_list" in ours
    queries = [
        {},
        {"q": "Zaunkönig"},
        *(
            {key: value, **more}
            for key in ("id", "project", "partner")
            for value in things.values()
            for more in (
                {},
                {"contacts": True},
                *(
                    {"state": s, "contacts": True}
                    for s in ("offered", "ended")
                ),
                {"include_private": True},
            )
        ),
    ]
    telling = set()
    for name in (*ours, *CORE_ACTIONS):
        for query in queries:
            if reveals(_answer(user, name, query)) and not (
                # There it is the account's own address.
                name == "user_show" and who in {"offerer", "sysadmin"}
            ):
                telling.add(name)
    assert telling == ACTIONS[who]


def _answer(user: str, action: str, query: dict[str, Any]) -> str:
    context = {"user": user, "ignore_auth": False, "auth_user_obj": None}
    try:
        result = get_action(action)(context, dict(query))
    except REFUSALS as e:
        model.Session.rollback()
        return str(e)
    return json.dumps(result, default=str, ensure_ascii=False)


def test_the_index_and_the_package_hold_no_secret(things):
    assert not reveals(json.dumps(search.show(things["project"])))
    package = as_portal("package_show", id=things["project"])
    assert not reveals(json.dumps(package))
    shown = as_portal("digifarm_project_show", id=things["project"])
    assert shown["supporters"]
    assert not reveals(json.dumps(shown))


def test_a_mail_to_one_side_holds_the_others_address_only_when_agreed(
    things, people
):
    editor = model.User.get(people["editor"]["id"]).email
    for mail in model.Session.query(Mail):
        is_agreed = (
            "settled" in mail.subject or "new supporter" in mail.subject
        )
        for secret, owner in (
            (SECRETS["contact"], SECRETS["contact"]),
            (editor, editor),
            (SECRETS["partner"], SECRETS["partner"]),
        ):
            if mail.recipient_email != owner and not is_agreed:
                assert secret not in mail.body
                assert secret not in mail.reply_to

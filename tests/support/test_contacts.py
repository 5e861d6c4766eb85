"""Contacts, messages and reasons reach the two sides of a support, no others.

Every page and every action that only reads is tried with all that there is.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from ckan import model
from ckan.lib import search
from ckan.tests import factories
from ckan.tests.helpers import changed_config
from ckanext.digifarm.lib.mail import Mail

from ..acting import as_portal, as_user
from ..browsing import Browser
from ..reading import (
    PROJECTS,
    Page,
    all_pages,
    answers,
    read_by_sysadmin,
    shown,
)

REVIEWERS = "stadtteam"

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
        "digifarm_questions.new",
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
        "digifarm_contacts.edit",
        "digifarm_contacts.read",
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
    "offerer": {
        "digifarm_support_inbox",
        "digifarm_support_show",
        # It is the address of the account.
        "user_show",
    },
    "editor": {
        "digifarm_support_inbox",
        "digifarm_support_list",
        "digifarm_support_show",
    },
    "partner_editor": {"digifarm_partner_show"},
    "reviewer": {"digifarm_partner_show"},
    "sysadmin": {
        "digifarm_partner_own_show",
        "digifarm_partner_show",
        "digifarm_support_list",
        "digifarm_support_show",
        "user_show",
    },
}


@pytest.fixture(scope="module")
def people(shared_portal) -> dict[str, Any]:
    users = {
        name: factories.User()
        for name in PAGES
        if name not in {"anonymous", "sysadmin"}
    }
    factories.Organization(
        name=REVIEWERS,
        users=[{"name": users["reviewer"]["name"], "capacity": "editor"}],
    )
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
def reviewers(people):
    with changed_config("ckanext.digifarm.review_organization", REVIEWERS):
        yield


def reveals(text: str) -> bool:
    return any(secret in text for secret in SECRETS.values())


@pytest.fixture(scope="module")
def pages(people, things, shared_app) -> dict[Page, str]:
    sysadmin = people["sysadmin"]["name"]
    with changed_config("ckanext.digifarm.review_organization", REVIEWERS):
        return all_pages(shared_app, list(things.values()), sysadmin)


@pytest.mark.parametrize("who", PAGES)
def test_pages_show_secrets_to_the_two_sides_only(
    who, people, pages, shared_app
):
    if who == "sysadmin":
        texts = read_by_sysadmin(pages)
    else:
        user = people.get(who)
        browser = Browser(shared_app, user["id"] if user else None)
        texts = shown(browser, pages)
    telling = {endpoint for endpoint, text in texts if reveals(text)}
    assert telling == PAGES[who]


@pytest.mark.parametrize("who", ACTIONS)
def test_actions_tell_secrets_to_the_two_sides_only(who, people, things):
    user = people.get(who, {}).get("name", "")
    queries = [
        {},
        {"q": "Zaunkönig"},
        {"q": PROJECTS},
        {"q": PROJECTS, "include_private": True},
        *(
            {key: value, **more}
            for key in ("id", "project", "partner")
            for value in things.values()
            for more in (
                {},
                {"include_private": True},
                {"contacts": True},
                {"contacts": True, "state": "offered"},
                {"contacts": True, "state": "ended"},
            )
        ),
    ]
    telling = {name for name, text in answers(user, queries) if reveals(text)}
    assert telling == ACTIONS[who]


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

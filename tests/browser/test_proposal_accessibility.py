"""No page about proposals violates WCAG 2.2 AA, as far as axe can tell."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from ckan.tests import factories
from ckan.tests.helpers import changed_config
from ckanext.digifarm.lib.tokens import Purpose

from ..acting import as_user
from ..proposing import confirm, pending, propose, token_of
from .axe import violations
from .content import (
    ORGANIZATION,
    create_dataset,
    create_person,
    create_project,
)
from .visiting import take_time

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("content")]

FULL = {
    "notes": "Eine *Karte*.\n\n- kühl\n- grün",
    "stage": "live",
    "url": "https://schatten.example.org",
    "help_wanted": ["content", "care"],
    "content_help": "Texte zu **Bäumen**",
    "technologies": "Python, PostgreSQL",
    "tag_string": "hitze, wege",
    "action_fields": ["environment"],
}

#: Pages, and who opens them; names in braces stand for ids and tokens.
PAGES = {
    "form": ("/civic_project/propose?datasets=hitzekarte", None),
    "form of a user": ("/civic_project/propose", "reader"),
    "form that is filled in": (
        (
            "/civic_project/propose?title=Trinkpause"
            "&source_license=CC-BY-NC-4.0&dataset_query=hitze"
        ),
        None,
    ),
    "sent": ("/civic_project/propose/sent", None),
    "to confirm": ("/civic_project/propose/confirm/{unconfirmed}", None),
    "to change before that": (
        "/civic_project/propose/confirm/{unconfirmed}/edit",
        None,
    ),
    "by its link": ("/civic_project/propose/link/{pending}", None),
    "to change while it waits": (
        "/civic_project/propose/link/{pending}/edit",
        None,
    ),
    "with changes requested": ("/civic_project/propose/link/{changes}", None),
    "confirmed": ("/civic_project/propose/confirm/{confirmed}", None),
    "to change": ("/civic_project/propose/link/{changes}/edit", None),
    "declined": ("/civic_project/propose/link/{declined}", None),
    "in the account": ("/civic_project/propose/read/{own}", "reader"),
    "queue": ("/civic_project/review", "reviewer"),
    "queue of decided ones": (
        "/civic_project/review?part=decided",
        "reviewer",
    ),
    "to decide": ("/civic_project/review/{own}", "reviewer"),
    "to claim": ("/dashboard/projects/claim/{claim}", None),
    "to claim with an account": (
        "/dashboard/projects/claim/{claim}",
        "reader",
    ),
    "German form": ("/de/civic_project/propose?datasets=hitzekarte", None),
    "German link": ("/de/civic_project/propose/link/{changes}", None),
    "German queue": ("/de/civic_project/review", "reviewer"),
    "German decision": ("/de/civic_project/review/{own}", "reviewer"),
}


@pytest.fixture(scope="module")
def content(portal, server) -> dict[str, str]:
    """Fill the portal.

    :returns: what stands for the names in braces in `PAGES`
    """
    create_person("reviewer")
    factories.Organization(
        name="pruefstelle",
        users=[{"name": "reviewer", "capacity": "editor"}],
    )
    create_dataset("Hitzekarte", name="hitzekarte")
    create_project("Trinkpause")
    with changed_config("ckanext.digifarm.review_organization", "pruefstelle"):
        own = pending("reader", project=FULL, datasets=["hitzekarte"])
        as_user(
            "reviewer",
            "digifarm_note_create",
            subject="proposal",
            subject_id=own.id,
            text="Mit dem Amt\nnoch klären",
        )
        changes = pending(project={"title": "Trinkpausen", **FULL})
        decide("request_changes", changes.id, reason="Bitte mehr\ndazu")
        declined = pending(project={"title": "Werbung"})
        decide("decline", declined.id, reason="Nur Werbung")
        approved = pending(project={"title": "Kühle Orte"})
        decide("approve", approved.id, organization=ORGANIZATION)
        waiting = confirm(propose(project={"title": "Wartet"}))
        unconfirmed = propose(datasets=["hitzekarte"])
    return {
        "own": own.id,
        "unconfirmed": token_of(unconfirmed, Purpose.PROPOSAL_CONFIRM),
        "confirmed": token_of(waiting, Purpose.PROPOSAL_CONFIRM),
        "pending": token_of(waiting),
        "changes": token_of(changes),
        "declined": token_of(declined),
        "claim": token_of(approved, Purpose.CLAIM),
    }


def decide(step: str, id_: str, **data: str) -> None:
    as_user("reviewer", f"digifarm_proposal_{step}", id=id_, **data)


@pytest.mark.parametrize(("path", "user"), PAGES.values(), ids=PAGES)
def test_page(path, user, content, visit):
    page = visit(path.format(**content), user)
    found = violations(page)
    for f in found:
        print(f)
    assert not found


def test_page_with_mistakes(visit):
    page = visit("/civic_project/propose")
    take_time(page)
    page.get_by_role("button", name="Send the proposal").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert not violations(page)

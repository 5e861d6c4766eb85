"""What owners and reviewers see where there is a lot of it."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from ckan import model
from ckan.model.types import make_uuid
from ckan.tests import factories
from ckan.tests.helpers import changed_config
from ckanext.digifarm.lib import clock
from ckanext.digifarm.notes.model import Note, Noted
from ckanext.digifarm.owners.model import Invitation
from ckanext.digifarm.partners.model import Partner
from ckanext.digifarm.proposals.model import Proposal
from ckanext.digifarm.support.model import Support
from ckanext.digifarm.tasks.model import Task, TaskAssignment

from .. import proposing
from ..acting import as_portal
from ..indexing import one_commit
from .axe import violations
from .content import ALL_FIELDS, count, create_project, know_addresses
from .test_list import LONG, TOO_WIDE
from .visiting import NARROW, SMALL

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("content")]

#: More than a page has.
MANY = 23

#: What makes the first partners of many look like the same one.
LIKE = dict(enumerate(("e. V.", "GmbH", "gGmbH")))

REVIEW = "/civic_project/review"

PAGES = {
    **{
        f"review, {part}": (f"{REVIEW}?part={part}", "admin")
        for part in (
            *("pending", "edited", "hidden", "care", "changes", "decided"),
        )
    },
    "review, German, last page": (f"/de{REVIEW}?part=edited&page=2", "admin"),
    "review of a proposal": (f"{REVIEW}/{{edited}}", "admin"),
    "German review of a proposal": (f"/de{REVIEW}/{{edited}}", "admin"),
    "registrations": ("/partner/review", "admin"),
    "German registrations": ("/de/partner/review?page=2", "admin"),
    "addresses": ("/civic_project/checks/list", "admin"),
    "German addresses": ("/de/civic_project/checks/list?page=2", "admin"),
    "tasks and issues": ("/de/civic_project/tasks/viel", "owner"),
    "deleted partners": ("/partner/deleted", "admin"),
    "German deleted partners": ("/de/partner/deleted?page=2", "admin"),
    "join partners": ("/de/partner/merge/viel", "admin"),
    "partner": ("/de/partner/viel", "admin"),
    "my projects": ("/dashboard/projects", "owner"),
    "German projects of mine": ("/de/dashboard/projects?page=2", "owner"),
    "team": ("/civic_project/team/viel", "owner"),
    "German team": ("/de/civic_project/team/viel", "editor"),
    "project": ("/civic_project/viel?notes=1", "admin"),
    "end": ("/de/civic_project/end/viel", "owner"),
    "delete": ("/de/civic_project/delete/viel", "owner"),
    "support": ("/de/civic_project/support/viel", "owner"),
    "numbers": ("/de/civic_project/statistics?since=2024-01", None),
    "report": ("/de/civic_project/statistics/2025", None),
}


@pytest.fixture(scope="module")
def content(portal) -> dict[str, str]:
    """Fill the portal.

    :returns: what stands for the names in braces in `PAGES`
    """
    proposing.empty_tables()
    factories.Organization(name="pruefstelle", title="Prüfstelle")
    with (
        changed_config("ckanext.digifarm.review_organization", "pruefstelle"),
        one_commit(),
    ):
        fill_queue()
        project = create_project(
            LONG,
            name="viel",
            help_wanted=["care", "technology"],
            **{
                name: value
                for name, value in ALL_FIELDS.items()
                if name.endswith("_url") or name == "url"
            },
        )["id"]
        for number in range(MANY):
            mine = create_project(f"Projekt {number}", help_wanted=["care"])
            own(mine["id"], "owner")
        gone = [create_project(f"Weg {n}")["id"] for n in range(MANY)]
    for id_ in gone:
        own(id_, "owner")
        as_portal("package_delete", id=id_)
    own(project, "owner")
    offer(project, "owner")
    for number in range(MANY):
        own(project, factories.User(fullname=f"{LONG[:40]} {number}")["name"])
    fill_project(project)
    know_addresses(MANY)
    count()
    fill_directory(project)
    edited = model.Session.scalars(
        sa.select(Proposal.id).where(Proposal.state == "approved")
    ).first()
    model.Session.commit()
    assert edited
    return {"edited": edited}


def fill_queue() -> None:
    """Proposals in each of their states, and some that changed since."""
    for state in ("pending", "changes_requested", "declined", "hidden"):
        for number in range(MANY):
            put(state, f"{LONG} {number % 3}")
    for number in range(MANY):
        proposal = put("approved", f"Geändert {number}")
        project = model.Package.get(proposal.project_id)
        project.private = False
        project.metadata_modified = clock.now()
        project.extras["notes"] = f"{LONG} " * 20
        note(Noted.PROPOSAL, proposal.id)
    model.Session.commit()


def put(state: str, title: str) -> Proposal:
    """A proposal that came into a state a while ago."""
    proposal = proposing.store_pending(project={"title": title})
    proposal.state = state
    proposal.modified = clock.now().replace(year=2025)
    return proposal


def note(subject: Noted, id_: str) -> None:
    model.Session.add(Note.on(subject, id_, f"{LONG}\nnoch klären"))


def own(project_id: str, name: str) -> None:
    user = model.User.get(name)
    assert user
    model.Session.add(
        model.PackageMember(
            package_id=project_id, user_id=user.id, capacity="editor"
        )
    )
    model.Session.commit()


def offer(project_id: str, name: str) -> None:
    """Offers of somebody, in each state that they can have."""
    user = model.User.get(name)
    assert user
    model.Session.add_all(
        Support(
            project_id=project_id,
            area="content",
            user_id=user.id,
            scope=LONG,
            state=state,
            contact_name="Kim",
            contact_email="kim@example.org",
            language="de",
            consented=clock.now(),
        )
        for state in ("offered", "declined", "withdrawn", "ended")
    )
    model.Session.commit()


def fill_project(project_id: str) -> None:
    """Who is invited, helps or is at a task."""
    for number in range(MANY):
        note(Noted.PROJECT, project_id)
        model.Session.add(
            Invitation(
                project_id=project_id,
                email=f"{LONG[:50].lower()}{number}@example.org",
                language="de",
                state="invited",
            )
        )
        task = Task(
            project_id=project_id,
            title=f"{LONG} {number}",
            state="taken",
        )
        model.Session.add(task)
        model.Session.flush()
        assignment: dict[str, Any] = {
            "task_id": task.id,
            "name": f"Helferin {number}",
            "email": "kim@example.org",
            "language": "de",
            "state": "taken",
            "consented": clock.now(),
        }
        model.Session.add(TaskAssignment(**assignment))
    model.Session.commit()


def fill_directory(project_id: str) -> None:
    """Partners that are there, twice, wait or are gone."""
    partner = as_portal(
        "digifarm_partner_create",
        title=LONG,
        name="viel",
        kind="association",
        description=LONG,
    )["id"]
    for number in range(MANY):
        note(Noted.PARTNER, partner)
        other = as_portal(
            "digifarm_partner_create",
            title=f"{LONG} {LIKE.get(number, number)}",
            name=f"viel-{number}",
            kind="association",
        )["id"]
        model.Session.add_all(
            Support(
                project_id=project_id,
                area="technology",
                partner_id=one,
                scope=LONG,
                state=state,
                consented=clock.now(),
            )
            for one, state in (
                (other, "accepted"),
                (other, "offered"),
                (partner, "ended"),
            )
        )
        for state in ("proposed", "deleted"):
            model.Session.add(
                Partner(
                    title=f"{LONG} GmbH",
                    name=make_uuid(),
                    kind="association",
                    description=LONG,
                    contact_name="Kim",
                    contact_email=f"{LONG[:50].lower()}@example.org",
                    state=state,
                )
            )
    model.Session.commit()


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_and_nothing_sticks_out(name, content, visit):
    path, user = PAGES[name]
    page = visit(path.format(**content), user)
    assert violations(page) == []
    for width in (NARROW, SMALL):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(TOO_WIDE) == []


def test_they_are_many(content, visit):
    """Else the test above would look at empty pages."""
    for name in ("review, pending", "registrations", "deleted partners"):
        path, user = PAGES[name]
        pages = visit(path, user).get_by_role("navigation", name="Pages")
        assert pages.get_by_role("link", name="Page 2").count() == 1

"""Whatever dies meanwhile, a step is whole, or it was never taken."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from ckan import model
from ckan.tests.helpers import changed_config
from ckanext.digifarm.lib import clock, tokens
from ckanext.digifarm.lib.jobs import Job
from ckanext.digifarm.lib.mail import Mail
from ckanext.digifarm.lib.tokens import Purpose
from ckanext.digifarm.owners import needs
from ckanext.digifarm.partners.model import Partner
from ckanext.digifarm.proposals.model import Proposal
from ckanext.digifarm.support.model import Support
from ckanext.digifarm.tasks.model import Task, TaskAssignment

from .. import proposing
from ..acting import as_user
from ..all_steps import ALL_STEPS
from ..crashes import COMMIT, killed_before, steps_of
from ..offering import get as get_support
from ..offering import token_of
from ..scenes import (
    Scene,
    Start,
    doubled_partner,
    events_of_steps,
    forget_all,
    partner,
    proposal,
    support,
    task,
)

GUEST = "geheim@example.org"


@pytest.fixture
def notes(tmp_path) -> Path:
    """A file for processes of their own."""
    return tmp_path / "steps"


@pytest.fixture(autouse=True)
def nobody_new(scene) -> Any:
    """Forget who was invited, and who owns what."""
    before = {
        _key(member) for member in model.Session.query(model.PackageMember)
    }
    yield
    _forget_people(before)


def _key(member: Any) -> tuple[str, str]:
    return member.package_id, member.user_id


def _forget_people(before: set[Any]) -> None:
    model.Session.rollback()
    for member in model.Session.query(model.PackageMember):
        if _key(member) not in before:
            model.Session.delete(member)
    model.Session.flush()
    for user in model.Session.query(model.User).filter_by(state="pending"):
        model.Session.delete(user)
    model.Session.commit()


def there() -> dict[str, Any]:
    """What is stored of all lives, in words that are the same each time."""
    model.Session.rollback()
    model.Session.expire_all()
    rows = {
        table.__tablename__: sorted(
            row.state for row in model.Session.query(table)
        )
        for table in (Support, Partner, Task, TaskAssignment, Proposal)
    }
    members = model.Session.query(model.User.email).join(
        model.PackageMember, model.PackageMember.user_id == model.User.id
    )
    accounts = model.Session.query(model.User.email).filter_by(state="pending")
    return {
        **rows,
        "partners": sorted(
            (row.title, row.state, len(row.name) == 36, row.contact_email)
            for row in model.Session.query(Partner)
        ),
        "supports of": sorted(
            str(
                model.Session.get(Partner, row.partner_id or "")
                and model.Session.get(Partner, row.partner_id).title
            )
            for row in model.Session.query(Support)
        ),
        "owners": sorted(email for (email,) in members),
        "invited": [email for (email,) in accounts],
        "events": sorted(
            (event.subject, event.target) for event in events_of_steps()
        ),
        "mails": sorted(
            (mail.recipient_email, mail.subject)
            for mail in model.Session.query(Mail)
        ),
        "jobs": sorted(job.kind for job in model.Session.query(Job)),
    }


def offer_of_care(scene: Scene) -> Start:
    """A partner that nobody knows yet offers to look after the project."""
    new = partner("unconfirmed", "Neuer Verein")(scene)
    row = Support(
        project_id=scene.project["id"],
        area=needs.CARE,
        partner_id=new.id,
        contact_name="Geheime Person",
        contact_email=GUEST,
        language="en",
        consented=clock.now(),
        state="offered",
        token_key=tokens.new_key(),
    )
    model.Session.add(row)
    model.Session.commit()
    return Start(row, token_of(row))


def doubled_supports(scene: Scene) -> Start:
    """Both partners support the project in the same area."""
    start = doubled_partner(scene)
    for partner_id, area in (
        (start.id, "technology"),
        (start.more["into"], "technology"),
        (start.id, "content"),
    ):
        model.Session.add(
            Support(
                project_id=scene.project["id"],
                area=area,
                partner_id=partner_id,
                state="accepted",
            )
        )
    model.Session.commit()
    return start


def to_claim(begin: Callable[[Scene], Start]) -> Callable[[Scene], Start]:
    """Something by whose link a project is claimed."""

    def claimed(scene: Scene) -> Start:
        start = begin(scene)
        row = model.Session.get(type(start.row), start.id)
        row.user_id = None
        model.Session.commit()
        make = token_of if isinstance(row, Support) else proposing.token_of
        token = make(row, Purpose.CLAIM)
        return Start(row, token)

    return claimed


def taking(name: str, role: str, source: str) -> Callable[..., Any]:
    """Take one of the steps that all subjects' tests know."""
    [case] = [
        case
        for case in ALL_STEPS
        if (case.name, case.role, case.source) == (name, role, source)
    ]
    return case.call


def claim(scene: Scene, start: Start) -> None:
    as_user(scene.named("other"), "digifarm_project_claim", token=start.token)


#: From where, what is done, and what must be so afterwards.
STEPS: dict[str, tuple[Callable[[Scene], Start], Callable[..., Any], Any]] = {
    "accepting care": (
        offer_of_care,
        taking("support_accept", "owner", "offered"),
        {
            "partners": [("Neuer Verein", "active", False, GUEST)],
            "events": [("partner", "active"), ("support", "accepted")],
            "jobs": ["reindex"],
        },
    ),
    "accepting care, with an invitation": (
        offer_of_care,
        taking("support_accept", "owner", "offered"),
        {
            "partners": [("Neuer Verein", "active", False, GUEST)],
            "invited": [GUEST],
            "owners": [GUEST, "owner@example.org"],
        },
    ),
    "declining": (
        support("offered"),
        taking("support_decline", "project_editor", "offered"),
        {"digifarm_support": ["declined"]},
    ),
    "ending": (
        support("accepted"),
        taking("support_end", "owner", "accepted"),
        {"digifarm_support": ["ended"], "jobs": ["reindex"]},
    ),
    "taking a task": (
        task("open"),
        taking("task_take", "offerer", "open"),
        {"digifarm_task": ["taken"], "digifarm_task_assignment": ["held"]},
    ),
    "confirming a task": (
        task("open", "unconfirmed"),
        taking("task_confirm", "link", "open"),
        {"digifarm_task": ["taken"], "digifarm_task_assignment": ["held"]},
    ),
    "returning a task": (
        task("taken", "held"),
        taking("task_return", "link", "taken"),
        {"digifarm_task": ["open"], "digifarm_task_assignment": ["over"]},
    ),
    "merging": (
        doubled_supports,
        taking("partner_merge", "reviewer", "active"),
        {
            "digifarm_support": ["accepted", "accepted", "ended"],
            "digifarm_partner": ["active", "deleted"],
            "jobs": ["reindex", "reindex-supported", "waiting"],
        },
    ),
    "accepting a partner": (
        partner("proposed"),
        taking("partner_accept", "reviewer", "proposed"),
        {"digifarm_partner": ["active"], "events": [("partner", "active")]},
    ),
    "claiming by a support": (
        to_claim(support("accepted")),
        claim,
        {
            "events": [("support", "claimed")],
            "owners": ["other@example.org", "owner@example.org"],
        },
    ),
    "claiming by a proposal": (
        to_claim(proposal("approved")),
        claim,
        {
            "events": [("proposal", "claimed")],
            "owners": ["other@example.org", "owner@example.org"],
        },
    ),
}


@pytest.mark.parametrize("what", STEPS)
def test_a_kill_at_any_moment_leaves_all_or_nothing(what, scene, notes):
    begin, call, expected = STEPS[what]
    people = {
        _key(member) for member in model.Session.query(model.PackageMember)
    }

    def again() -> Callable[[], Any]:
        _forget_people(people)
        forget_all()
        return partial(call, scene, begin(scene))

    may_register = "invitation" not in what
    with changed_config("ckan.auth.create_user_via_web", may_register):
        act = again()
        before = there()
        steps = steps_of(act)
        after = there()
        assert {key: after[key] for key in expected} == expected
        assert steps.count(COMMIT) == 1
        last = steps.index(COMMIT)
        assert last >= 2
        # What comes after the commit is for Redis alone.
        assert set(steps[last + 1 :]) <= {"Redis"}
        act = again()
        for step in range(last + 1):
            killed_before(step, act, notes)
            assert there() == before, f"before {steps[step]}"
        for step in range(last + 1, len(steps)):
            act = again()
            killed_before(step, act, notes)
            assert there() == after, f"before {steps[step]}"


def test_care_leads_to_a_link_or_an_invitation(scene):
    """What the two cases above differ in."""
    for may_register, mark in ((True, "/claim/"), (False, "/user/reset/")):
        forget_all()
        start = offer_of_care(scene)
        with changed_config("ckan.auth.create_user_via_web", may_register):
            taking("support_accept", "owner", "offered")(scene, start)
        assert get_support(start.id).state == "accepted"
        query = sa.select(Mail.body).where(Mail.recipient_email == GUEST)
        bodies = model.Session.scalars(query).all()
        assert [mark in body for body in bodies].count(True) == 1

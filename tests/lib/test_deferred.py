"""An action that is part of another one commits and breaks nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ckantoolkit as tk
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, InvalidRequestError

from ckan import model
from ckan.lib.jobs import get_queue
from ckan.tests.helpers import call_action
from ckanext.digifarm.confirmations.model import Confirmation
from ckanext.digifarm.exchange.model import Import
from ckanext.digifarm.lib import clock
from ckanext.digifarm.lib.events import Event
from ckanext.digifarm.lib.jobs import Job
from ckanext.digifarm.lib.mail import Mail
from ckanext.digifarm.lib.tokens import Purpose
from ckanext.digifarm.links.model import Link
from ckanext.digifarm.owners.model import Invitation
from ckanext.digifarm.partners.model import Partner
from ckanext.digifarm.proposals import packages, proposed
from ckanext.digifarm.proposals.model import Proposal
from ckanext.digifarm.support.model import Support
from ckanext.digifarm.tasks.model import Task, TaskAssignment

from .. import proposing
from ..all_steps import ALL_STEPS
from ..offering import OFFER, token_of
from ..proposing import CONDITIONS, PROJECT
from ..scenes import (
    KIM,
    PARTNER,
    Scene,
    partner,
    proposal,
    state_of,
    support,
    task,
)
from ..working import forget_jobs

TABLES = (
    Import,
    Confirmation,
    Invitation,
    Support,
    Partner,
    Task,
    TaskAssignment,
    Proposal,
    Event,
    Mail,
    Job,
    Link,
    model.PackageMember,
    model.Package,
    model.Member,
    model.User,
)


def _table(mapped: Any) -> sa.Table:
    return sa.inspect(mapped).local_table


def everything() -> dict[str, Any]:
    """All that is stored, in tables that steps may change."""
    model.Session.rollback()
    return {
        table.name: sorted(
            map(str, model.Session.execute(sa.select(table)).all())
        )
        for table in map(_table, TABLES)
    }


@dataclass(frozen=True)
class Beginning:
    """An action that brings something into being."""

    name: str
    role: str
    data: Callable[[Scene], dict[str, Any]]

    def __str__(self) -> str:
        return f"{self.name}-{self.role or 'anonymous'}"

    def call(self, scene: Scene, data: dict[str, Any], **more: Any) -> Any:
        """Let somebody begin it.

        :param more: what else the context says
        """
        context = {"user": scene.named(self.role), "ignore_auth": False}
        return call_action(
            f"digifarm_{self.name}", {**context, **more}, **data
        )


def _of_project(**more: Any) -> Callable[[Scene], dict[str, Any]]:
    return lambda scene: {"project": scene.project["id"], **more}


def _of_partner(scene: Scene) -> dict[str, Any]:
    return {
        "project": scene.project["id"],
        "area": "technology",
        "partner": partner("active")(scene).id,
    }


def _of_task(scene: Scene) -> dict[str, Any]:
    return {"id": task("open")(scene).id, **KIM}


def _of_proposal(scene: Scene) -> dict[str, Any]:
    return {
        "project": PROJECT,
        "conditions": CONDITIONS,
        "consent": True,
        **proposing.SECRETS,
    }


_NEW = {"partner_title": "Neuer Verein", "partner_kind": "association"}

BEGINNINGS = (
    Beginning("support_create", "owner", _of_partner),
    Beginning("support_request", "owner", _of_partner),
    Beginning("support_offer", "", _of_project(**OFFER)),
    Beginning("support_offer", "offerer", _of_project(**OFFER)),
    Beginning("support_offer", "other", _of_project(**OFFER, **_NEW)),
    Beginning("task_create", "owner", _of_project(title="Mehr")),
    Beginning("task_take", "", _of_task),
    Beginning("task_take", "other", _of_task),
    Beginning(
        "partner_create",
        "reviewer",
        lambda _: {"title": "Neuer Verein", "kind": "association"},
    ),
    Beginning("partner_register", "", lambda _: PARTNER),
    Beginning("partner_register", "other", lambda _: PARTNER),
    Beginning("proposal_submit", "", _of_proposal),
    Beginning("proposal_submit", "other", _of_proposal),
)


@pytest.mark.parametrize("case", ALL_STEPS, ids=str)
def test_of_a_step_nothing_stays_after_a_rollback(case, scene):
    start = case.begin(scene)
    before = everything()
    case.call(scene, start, defer_commit=True)
    model.Session.rollback()
    assert everything() == before
    assert get_queue().jobs == []
    case.call(scene, start, defer_commit=True)
    model.Session.commit()
    assert everything() != before


@pytest.mark.parametrize("beginning", BEGINNINGS, ids=str)
def test_of_a_beginning_nothing_stays_after_a_rollback(beginning, scene):
    data = beginning.data(scene)
    before = everything()
    beginning.call(scene, data, defer_commit=True)
    model.Session.rollback()
    assert everything() == before
    assert get_queue().jobs == []
    beginning.call(scene, data, defer_commit=True)
    model.Session.commit()
    assert everything() != before


@pytest.mark.parametrize("case", ALL_STEPS, ids=str)
def test_a_step_that_is_refused_leaves_what_came_before(case, scene):
    """Whoever is too late is told so, and goes on with what they do."""
    start = case.begin(scene)
    case.call(scene, start)
    if case.again is None:
        pytest.skip("it is no error to come too late")
    before = everything()
    other = task("open")(scene)
    other.row.title = "Noch nicht geschrieben"
    with pytest.raises(tk.ValidationError):
        case.call(scene, start, defer_commit=True)
    model.Session.commit()
    after = everything()
    assert "Noch nicht geschrieben" in str(after.pop("digifarm_task"))
    before.pop("digifarm_task")
    assert after == before


def note() -> None:
    """Something that the outer transaction has done so far."""
    [noted] = model.Session.query(Task)
    noted.title = "Noch nicht geschrieben"
    model.Session.flush()


def assert_noted() -> None:
    """It is there once the outer transaction is committed."""
    model.Session.commit()
    model.Session.expire_all()
    [noted] = model.Session.query(Task)
    assert noted.title == "Noch nicht geschrieben"


class TestAUniqueViolation:
    """Of the database's own, provoked for real."""

    @pytest.fixture(autouse=True)
    def noted(self, scene):
        task("open")(scene)

    def after(self, act: Callable[[], Any], before: dict[str, Any]) -> None:
        note()
        with pytest.raises(tk.ValidationError) as raised:
            act()
        assert isinstance(raised.value.__cause__, Exception)
        assert_noted()
        after = everything()
        for stored in (before, after):
            stored.pop("digifarm_task")
        assert after == before

    def test_of_a_recorded_support(self, scene):
        begin = BEGINNINGS[0]
        data = begin.data(scene)
        begin.call(scene, data)
        forget_jobs()
        before = everything()
        self.after(lambda: begin.call(scene, data, defer_commit=True), before)

    def test_of_a_support_that_is_accepted(self, scene):
        accepted = support("accepted")(scene)
        offered = support("offered")(scene)
        partner_id = partner("active")(scene).id
        for start in (accepted, offered):
            model.Session.get(Support, start.id).partner_id = partner_id
        model.Session.commit()
        before = everything()
        self.after(
            lambda: call_action(
                "digifarm_support_accept",
                {
                    "user": scene.named("owner"),
                    "ignore_auth": False,
                    "defer_commit": True,
                },
                id=offered.id,
            ),
            before,
        )


@pytest.mark.parametrize(
    # That an invitation is taken back is the last thing of its step.
    "case",
    [
        case
        for case in ALL_STEPS
        # Those of uploads write no mail, no event and no index.
        if not case.name.startswith(("owner", "import"))
    ],
    ids=str,
)
def test_an_error_within_leaves_what_came_before(case, scene, monkeypatch):
    """Here the last thing that a step does fails: its mail, or its index."""
    start = case.begin(scene)
    if not case.name.startswith("task"):
        task("open")(scene)
    before = everything()
    note()

    def fail(*args: Any, **kwargs: Any) -> None:
        # Where it is noted by a flush, there is nothing left to write.
        with contextlib.suppress(InvalidRequestError):
            model.Session.flush()
        raise ZeroDivisionError

    monkeypatch.setattr("ckanext.digifarm.lib.outbox.write", fail)
    monkeypatch.setattr("ckanext.digifarm.lib.jobs.later", fail)
    monkeypatch.setattr(Event, "record", fail)
    with pytest.raises(ZeroDivisionError):
        case.call(scene, start, defer_commit=True)
    monkeypatch.undo()
    assert_noted()
    after = everything()
    for stored in (before, after):
        stored.pop("digifarm_task")
    assert after == before
    case.call(scene, start)
    assert state_of(start) == case.target


@pytest.mark.parametrize("case", ALL_STEPS, ids=str)
def test_a_change_that_is_not_written_yet_stays(case, scene):
    """One of the very row that goes on."""
    start = case.begin(scene)
    name = {
        "support": "scope",
        "task": "description",
        "partner": "description",
        "proposal": "proposer_name",
        # All else is forgotten by this step.
        "question": "language",
        "project": "proposer_name",
        "owner": "language",
        "confirmation": "answer",
        "import": "filename",
    }[case.name.partition("_")[0]]
    value: Any = "Noch nicht geschrieben"
    if case.name in {"confirmation_answer", "confirmation_end"}:
        # They write what the answer was.
        name, value = "ticks", 3
    if case.name == "confirmation_ask_again":
        # It forgets that, and begins to count anew.
        name, value = "silent", clock.days_ago(1)
    row = model.Session.get(type(start.row), start.id)
    setattr(row, name, value)
    case.call(scene, start, defer_commit=True)
    model.Session.commit()
    model.Session.expire_all()
    assert (row.state, getattr(row, name)) == (case.target, value)


@pytest.mark.parametrize("table", [Support, Proposal])
def test_a_claim_is_part_of_the_outer_transaction(table, scene):
    begin = support("accepted") if table is Support else proposal("approved")
    start = begin(scene)
    row = model.Session.get(table, start.id)
    row.user_id = None
    model.Session.commit()
    make = token_of if table is Support else proposing.token_of
    token = make(row, Purpose.CLAIM)
    context = {
        "user": scene.named("other"),
        "ignore_auth": False,
        "defer_commit": True,
    }
    before = everything()
    call_action("digifarm_project_claim", {**context}, token=token)
    model.Session.rollback()
    assert everything() == before
    call_action("digifarm_project_claim", {**context}, token=token)
    model.Session.commit()
    user = model.User.get(scene.named("other"))
    assert model.Session.get(table, start.id).user_id == user.id


def test_a_proposal_that_would_be_refused_by_now_leaves_what_came_before(
    scene,
):
    """The fields of the schema file may be others than when it was sent."""
    task("open")(scene)
    start = proposal("unconfirmed")(scene)
    said = {**start.row.payload["project"], "stage": "of-before"}
    start.row.payload = {**start.row.payload, "project": said}
    model.Session.commit()
    note()
    with pytest.raises(tk.ValidationError, match="stage"):
        call_action(
            "digifarm_proposal_confirm",
            {"user": "", "ignore_auth": False, "defer_commit": True},
            token=start.token,
        )
    assert_noted()


def test_what_is_proposed_is_not_logged(scene, monkeypatch, caplog):
    """Errors of the database hold the values that it was given."""
    start = proposal("unconfirmed")(scene)
    create = proposed.create
    failing = iter([True])

    def fail_once(*args: Any) -> str:
        if next(failing, False):
            raise IntegrityError("INSERT", {"notes": "Geheim"}, Exception())
        return create(*args)

    monkeypatch.setattr(proposed, "create", fail_once)
    # CKAN's configuration of logging switches the loggers of before off.
    monkeypatch.setattr(packages.log, "disabled", False)
    caplog.set_level("DEBUG", "ckanext.digifarm")
    call_action("digifarm_proposal_confirm", {"user": ""}, token=start.token)
    assert "A project could not be made" in caplog.text
    assert "Geheim" not in caplog.text

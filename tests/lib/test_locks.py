"""Nobody locks what he may not change, and nobody who only reads waits."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import ckantoolkit as tk
import pytest
from sqlalchemy.exc import OperationalError

from ckan import model
from ckanext.digifarm.lib import tokens
from ckanext.digifarm.lib.tokens import Purpose
from ckanext.digifarm.proposals.model import Proposal
from ckanext.digifarm.support.model import Support
from ckanext.digifarm.tasks.model import TaskAssignment

from ..acting import as_user
from ..all_steps import ALL_STEPS, ONLY_BY_LINK, USED
from ..locks import held, impatient
from ..scenes import (
    Scene,
    Start,
    doubled_partner,
    partner,
    proposal,
    state_of,
    support,
    task,
    traces,
)
from ..working import forget_jobs

NOTHING = {"events": [], "mails": [], "jobs": []}

BY_ID = [case for case in ALL_STEPS if case.name not in ONLY_BY_LINK]

#: Who may do much, but not this.
STRANGERS = {
    "confirmation": ("anonymous", "other", "offerer", "project_member"),
    "support": ("anonymous", "other", "project_member"),
    "task": ("anonymous", "offerer", "partner_editor", "reviewer"),
    "partner": ("anonymous", "other", "owner", "offerer"),
    "proposal": ("anonymous", "other", "owner", "partner_editor"),
    "project": ("anonymous", "other", "owner", "project_editor"),
    "import": ("anonymous", "other", "owner", "project_editor"),
    "owner": ("anonymous", "other", "project_member", "offerer"),
}


@pytest.fixture
def hidden(scene) -> Iterator[None]:
    """Only its people see the project."""
    package = model.Package.get(scene.project["id"])
    package.private = True
    model.Session.commit()
    # That has asked for one.
    forget_jobs()
    yield
    model.Session.rollback()
    model.Package.get(scene.project["id"]).private = False
    model.Session.commit()


@pytest.mark.parametrize("case", BY_ID, ids=str)
@pytest.mark.usefixtures("hidden")
def test_who_may_not_is_refused_at_once(case, scene):
    start = case.begin(scene)
    state = state_of(start)
    with held(start.row), impatient():
        for role in STRANGERS[case.name.partition("_")[0]]:
            with pytest.raises(tk.NotAuthorized):
                case.call(scene, start, scene.named(role))
            model.Session.rollback()
    assert state_of(start) == state
    assert traces() == NOTHING


@pytest.mark.parametrize(
    "case", [case for case in ALL_STEPS if case.role == "link"], ids=str
)
def test_an_old_link_is_refused_at_once(case, scene):
    start = case.begin(scene)
    state = state_of(start)
    row = start.row
    if case.name.startswith("task"):
        row = model.Session.query(TaskAssignment).one()
    purposes = {
        "support_confirm": Purpose.SUPPORT_CONFIRM,
        "task_confirm": Purpose.TASK_CONFIRM,
        "partner_confirm": Purpose.PARTNER_CONFIRM,
        "proposal_confirm": Purpose.PROPOSAL_CONFIRM,
        "question_confirm": Purpose.QUESTION_CONFIRM,
    }
    purpose = (
        purposes.get(case.name)
        or {
            "confirmation": Purpose.CONFIRMATION,
            "support": Purpose.SUPPORT,
            "task": Purpose.TASK,
            "partner": Purpose.PARTNER,
            "proposal": Purpose.PROPOSAL,
        }[case.name.partition("_")[0]]
    )
    old = Start(start.row, tokens.make(purpose, row.id, tokens.new_key()))
    with held(start.row), impatient():
        with pytest.raises(tk.ValidationError) as raised:
            case.call(scene, old)
        assert raised.value.error_dict == USED
    assert state_of(start) == state


@pytest.mark.parametrize("case", ALL_STEPS, ids=str)
def test_who_may_waits_for_whoever_was_faster(case, scene):
    start = case.begin(scene)
    with held(start.row), impatient():
        with pytest.raises(OperationalError, match="lock timeout"):
            case.call(scene, start)
        model.Session.rollback()
    case.call(scene, start)
    assert state_of(start) == case.target


def test_a_merge_waits_for_both_partners(scene):
    start = doubled_partner(scene)
    [merge] = [case for case in ALL_STEPS if case.name == "partner_merge"]
    stays = model.Session.get(type(start.row), start.more["into"])
    with held(stays), impatient():
        with pytest.raises(OperationalError, match="lock timeout"):
            merge.call(scene, start)
        model.Session.rollback()
        with pytest.raises(tk.NotAuthorized):
            merge.call(scene, start, scene.named("partner_editor"))


PICTURE = b"\x89PNG\r\n\x1a\n"


class Read:
    """What was there to be read while all of it was held."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.support = support("accepted")(scene)
        self.offer = support("unconfirmed")(scene)
        self.partner = partner("active")(scene)
        self.task = task("taken", "held")(scene)
        self.proposal = proposal("pending")(scene)
        row = self.proposal.row
        row.picture = PICTURE
        model.Session.commit()
        key = row.token_key
        self.claim = tokens.make(Purpose.CLAIM, row.id, key)
        self.project_id = row.project_id
        self.rows = [
            *(
                start.row
                for start in (
                    self.support,
                    self.offer,
                    self.partner,
                    self.task,
                    self.proposal,
                )
            ),
            model.Session.query(TaskAssignment).one(),
            (model.Package, self.project_id),
            (model.Package, scene.project["id"]),
        ]

    def as_(self, role: str, action: str, **data: Any) -> Any:
        return as_user(self.scene.named(role), f"digifarm_{action}", **data)


@pytest.fixture
def read(scene) -> Iterator[Read]:
    """All that can be read, while somebody else changes all of it."""
    there = Read(scene)
    with held(*there.rows), impatient():
        yield there


READS = {
    "support by id": lambda read: (
        read.as_("owner", "support_show", id=read.support.id)["state"],
        "accepted",
    ),
    "support by link": lambda read: (
        read.as_("", "support_show", token=read.support.token)["state"],
        "accepted",
    ),
    "offer by link": lambda read: (
        read.as_("", "support_show", token=read.offer.token)["state"],
        "unconfirmed",
    ),
    "supports of a project": lambda read: (
        [
            found["id"]
            for found in read.as_(
                "owner",
                "support_list",
                project=read.scene.project["id"],
                contacts=True,
            )
        ],
        [read.support.id],
    ),
    "supports of a partner": lambda read: (
        read.as_("", "support_list", partner=read.partner.id),
        [],
    ),
    "inbox": lambda read: (
        [
            found["id"]
            for found in read.as_("offerer", "support_inbox")["supporter"]
        ],
        [read.support.id],
    ),
    "partner": lambda read: (
        read.as_("", "partner_show", id=read.partner.id)["title"],
        "Offene Werkstatt",
    ),
    "partner with its contact": lambda read: (
        read.as_("reviewer", "partner_show", id=read.partner.id)[
            "contact_email"
        ],
        "werkstatt@example.org",
    ),
    "partners": lambda read: (
        read.as_("", "partner_search")["count"],
        1,
    ),
    "partners that wait": lambda read: (
        read.as_("reviewer", "partner_proposed_list"),
        [],
    ),
    "task by id": lambda read: (
        read.as_("", "task_show", id=read.task.id)["state"],
        "taken",
    ),
    "task by link": lambda read: (
        read.as_("", "task_show", token=read.task.token)["taker"]["name"],
        "Kim",
    ),
    "tasks": lambda read: (
        [
            found["taker"]["name"]
            for found in read.as_(
                "owner",
                "task_list",
                project=read.scene.project["id"],
                takers=True,
            )
        ],
        ["Kim"],
    ),
    "proposal by id": lambda read: (
        read.as_("reviewer", "proposal_show", id=read.proposal.id)["state"],
        "pending",
    ),
    "proposal by link": lambda read: (
        read.as_("", "proposal_show", token=read.proposal.token)["state"],
        "pending",
    ),
    "picture by id": lambda read: (
        read.as_("reviewer", "proposal_picture", id=read.proposal.id)[
            "content"
        ],
        base64.b64encode(PICTURE).decode(),
    ),
    "picture by link": lambda read: (
        read.as_("", "proposal_picture", token=read.proposal.token)["content"],
        base64.b64encode(PICTURE).decode(),
    ),
    "proposals": lambda read: (
        read.as_("reviewer", "proposal_list")["count"],
        1,
    ),
    "what is claimed": lambda read: (
        read.as_("", "project_claim_show", token=read.claim)["title"],
        "Schattenwege",
    ),
    "whether it is owned": lambda read: (
        read.as_("", "project_owned", id=read.scene.project["id"]),
        True,
    ),
    "what needs care": lambda read: (
        read.as_("reviewer", "project_care_list")["count"],
        0,
    ),
    "my projects": lambda read: (
        read.as_("owner", "project_mine")["count"],
        1,
    ),
}


@pytest.mark.parametrize("what", READS)
def test_who_only_reads_does_not_wait(what, read):
    found, expected = READS[what](read)
    assert found == expected


@pytest.mark.parametrize("table", [Support, Proposal])
def test_a_claim_waits_only_with_the_link(table, scene):
    begin = support("accepted") if table is Support else proposal("approved")
    start = begin(scene)
    model.Session.refresh(start.row)
    token = tokens.make(Purpose.CLAIM, start.id, start.row.token_key)
    old = tokens.make(Purpose.CLAIM, start.id, tokens.new_key())
    with held(start.row), impatient():
        with pytest.raises(tk.ValidationError) as raised:
            as_user(scene.named("other"), "digifarm_project_claim", token=old)
        assert set(raised.value.error_dict) == {"token"}
        model.Session.rollback()
        with pytest.raises(tk.NotAuthorized):
            as_user("", "digifarm_project_claim", token=token)
        model.Session.rollback()
        with pytest.raises(OperationalError, match="lock timeout"):
            as_user(
                scene.named("other"), "digifarm_project_claim", token=token
            )

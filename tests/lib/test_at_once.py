"""Of two who take the same step at the same moment, one does."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from ckan import model
from ckanext.digifarm.lib.tokens import Purpose
from ckanext.digifarm.proposals.model import Proposal
from ckanext.digifarm.support.model import Support

from .. import proposing
from ..acting import as_user
from ..all_steps import ALL_STEPS
from ..locks import DONE, meeting
from ..offering import token_of
from ..scenes import (
    LINK,
    StepCase,
    doubled_partner,
    forget_all,
    proposal,
    state_of,
    support,
    task,
    traces,
)


@pytest.mark.parametrize("case", ALL_STEPS, ids=str)
def test_one_wins_and_the_other_is_told_why(case, scene, shared_app):
    alone = case.begin(scene)
    case.call(scene, alone)
    expected = traces()
    forget_all()
    start = case.begin(scene)

    def click() -> None:
        case.call(scene, start)

    results = meeting(shared_app, start.row, click, click)
    other = DONE if case.again is None else case.again
    assert sorted(results, key=str) == sorted([DONE, other], key=str)
    assert state_of(start) == case.target
    # What may be changed again and again is so twice.
    if case.source != case.target and case.name != "proposal_update":
        assert traces() == expected


def the(name: str, role: str, source: str = "") -> StepCase:
    """One of the steps."""
    [found] = [
        case
        for case in ALL_STEPS
        if (case.name, case.role) == (name, role)
        and source in {"", case.source}
    ]
    return found


#: Of two different steps from one state; what the slower one may be told.
PAIRS = (
    (the("support_accept", "owner"), the("support_withdraw", "offerer")),
    (the("support_accept", "owner"), the("support_decline", "project_editor")),
    (
        the("support_accept", "partner_editor"),
        the("support_withdraw", "owner"),
    ),
    (the("support_end", "owner"), the("support_end", "offerer")),
    (the("task_take", "offerer"), the("task_done", "owner", "open")),
    (the("task_done", "owner", "taken"), the("task_return", LINK, "taken")),
    (the("task_delete", "owner", "taken"), the("task_return", LINK, "taken")),
    (
        the("task_done", "owner", "reported"),
        the("task_return", LINK, "reported"),
    ),
    (the("task_resume", "owner"), the("task_done", "owner", "reported")),
    (
        the("partner_accept", "reviewer"),
        the("partner_withdraw", LINK, "proposed"),
    ),
    (the("partner_accept", "reviewer"), the("partner_decline", "reviewer")),
    (
        the("proposal_approve", "reviewer", "pending"),
        the("proposal_withdraw", LINK, "pending"),
    ),
    (
        the("proposal_approve", "reviewer", "pending"),
        the("proposal_request_changes", "reviewer"),
    ),
    (
        the("proposal_update", LINK),
        the("proposal_decline", "reviewer", "changes_requested"),
    ),
)

#: What may follow at once on what was done first.
FOLLOWS = {
    ("proposal_request_changes", "proposal_approve"),
    ("proposal_update", "proposal_decline"),
    ("task_resume", "task_done"),
    ("task_take", "task_done"),
    ("task_return", "task_done"),
    ("task_return", "task_delete"),
}


@pytest.mark.parametrize(
    "turns", PAIRS, ids=lambda turns: "+".join(map(str, turns))
)
def test_of_two_different_steps_none_is_lost(turns, scene, shared_app):
    """Either one is refused, or one follows on the other, with its event."""
    start = turns[0].begin(scene)
    results = meeting(
        shared_app,
        start.row,
        *(lambda case=case: case.call(scene, start) for case in turns),
    )
    done = [
        case
        for case, result in zip(turns, results, strict=True)
        if result == DONE
    ]
    if len(done) == 2:
        names = {
            (turns[0].name, turns[1].name),
            (turns[1].name, turns[0].name),
        }
        assert names & FOLLOWS
    else:
        assert [case.target for case in done] == [state_of(start)]
    events = [state for _, state in traces()["events"]]
    assert sorted(events) == sorted(case.target for case in done)


def test_one_of_two_people_takes_a_task(scene, shared_app):
    start = task("open")(scene)
    take = the("task_take", "offerer")
    results = meeting(
        shared_app,
        start.row,
        *(
            lambda role=role: take.call(scene, start, scene.named(role))
            for role in ("offerer", "other", "reviewer")
        ),
    )
    assert sorted(results, key=str) == sorted(
        [DONE, take.again, take.again], key=str
    )
    assert traces()["events"] == [("task", "taken")]
    assignments = model.Session.execute(
        sa.text("select count(*) from digifarm_task_assignment")
    )
    assert assignments.scalar_one() == 1


def test_two_merges_of_the_same_partners_end_in_no_deadlock(scene, shared_app):
    start = doubled_partner(scene)
    merge = the("partner_merge", "reviewer")
    ids = [start.id, start.more["into"]]
    results = meeting(
        shared_app,
        (type(start.row), min(ids)),
        *(
            lambda one=one, two=two: as_user(
                scene.named("reviewer"),
                "digifarm_partner_merge",
                id=one,
                into=two,
            )
            for one, two in (ids, ids[::-1])
        ),
    )
    assert sorted(results, key=str) == sorted([DONE, merge.again], key=str)


@pytest.mark.parametrize("table", [Support, Proposal])
@pytest.mark.parametrize("other", ["other", "offerer"])
def test_one_link_makes_one_owner(table, other, scene, shared_app):
    """A double click is fine, somebody else comes too late."""
    begin = support("accepted") if table is Support else proposal("approved")
    start = begin(scene)
    row = model.Session.get(table, start.id)
    row.user_id = None
    model.Session.commit()
    make = token_of if table is Support else proposing.token_of
    token = make(row, Purpose.CLAIM)
    roles = ["other", other]
    results = meeting(
        shared_app,
        row,
        *(
            lambda role=role: as_user(
                scene.named(role), "digifarm_project_claim", token=token
            )
            for role in roles
        ),
    )
    late = (
        DONE
        if other == "other"
        else {"token": ["This link has been used already"]}
    )
    assert sorted(results, key=str) == sorted([DONE, late], key=str)
    row = model.Session.get(table, start.id)
    owners = model.Session.query(model.PackageMember).filter(
        model.PackageMember.package_id == row.project_id,
        model.PackageMember.user_id.in_(
            [model.User.get(scene.named(role)).id for role in roles]
        ),
    )
    assert [owner.user_id for owner in owners] == [row.user_id]
    owners.delete()
    model.Session.commit()

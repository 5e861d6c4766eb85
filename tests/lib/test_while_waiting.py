"""What a person may do can change while he waits for a lock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from ckan import model
from ckan.model.types import make_uuid
from ckanext.digifarm.lib import tokens
from ckanext.digifarm.lib.tokens import Purpose
from ckanext.digifarm.proposals.model import Proposal
from ckanext.digifarm.support.model import Support
from ckanext.digifarm.tasks.model import TaskAssignment

from .. import proposing
from ..acting import as_user
from ..all_steps import ALL_STEPS, USED
from ..locks import NOT_FOUND, meeting
from ..offering import token_of
from ..scenes import (
    LINK,
    Scene,
    Start,
    proposal,
    state_of,
    support,
    task,
    traces,
)

NOTHING = {"events": [], "mails": [], "jobs": []}

REFUSALS = {
    "confirmation": "refused: You may not answer this",
    "support": "refused: You may not change this support",
    "task": "refused: You may not do this with a task",
    "partner": "refused: You may not edit this partner",
    "proposal": "refused: This proposal is not for you",
    "question": "refused: This question is not yours",
    "project": "refused: This proposal is not for you",
    "import": "refused: Only reviewers may see this, each their own uploads",
    "owner": "refused: You don’t look after this project",
}


def id_of(scene: Scene, role: str) -> str:
    return model.User.get(scene.named(role)).id


@pytest.fixture
def rights(scene) -> Iterator[None]:
    """All people may again what they could."""
    tables = [
        sa.inspect(table).local_table
        for table in (model.PackageMember, model.Member)
    ]
    before = [
        (
            table,
            [row._asdict() for row in model.Session.execute(table.select())],
        )
        for table in tables
    ]
    yield
    model.Session.rollback()
    for table, rows in before:
        model.Session.execute(table.delete())
        model.Session.execute(table.insert(), rows)
    model.Session.execute(
        sa.update(model.Package)
        .where(model.Package.id == scene.project["id"])
        .values(private=False, state="active")
    )
    model.Session.commit()


def withdraw(
    role: str, scene: Scene, start: Start
) -> Callable[[sa.Connection], Any]:
    """Take away what lets somebody take a step.

    :param role: theirs, or `LINK`
    """
    table = type(start.row)
    statements = {
        "owner": lambda: sa.delete(model.PackageMember).where(
            model.PackageMember.user_id == id_of(scene, "owner")
        ),
        "offerer": lambda: (
            sa.update(Support).values(user_id=None)
            if table is Support
            else sa.update(model.Package)
            .where(model.Package.id == scene.project["id"])
            .values(private=True)
        ),
        "other": lambda: sa.update(TaskAssignment).values(user_id=None),
        LINK: lambda: sa.update(
            TaskAssignment if table.__name__ == "Task" else table
        ).values(token_key=tokens.new_key()),
    }

    def of_organization() -> Any:
        return (
            sa.update(model.Member)
            .where(
                model.Member.table_id == id_of(scene, role),
                model.Member.table_name == "user",
            )
            .values(capacity="member")
        )

    statement = statements.get(role, of_organization)()
    return lambda connection: connection.execute(statement)


@pytest.mark.parametrize("case", ALL_STEPS, ids=str)
@pytest.mark.usefixtures("rights")
def test_who_loses_the_right_meanwhile_is_refused(case, scene, shared_app):
    start = case.begin(scene)
    state = state_of(start)
    results = meeting(
        shared_app,
        start.row,
        lambda: case.call(scene, start),
        meanwhile=withdraw(case.role, scene, start),
    )
    expected = REFUSALS[case.name.partition("_")[0]]
    assert results == [USED if case.role == LINK else expected]
    assert state_of(start) == state
    assert traces() == NOTHING


def hand_over(scene: Scene) -> Callable[[sa.Connection], Any]:
    """The task is given back, and somebody else takes it."""
    [claim] = model.Session.execute(sa.select(TaskAssignment.__table__))
    values = {
        **claim._asdict(),
        "id": make_uuid(),
        "user_id": id_of(scene, "offerer"),
        "token_key": tokens.new_key(),
    }

    def change(connection: sa.Connection) -> None:
        connection.execute(
            sa.update(TaskAssignment).values(
                state="over", token_key=tokens.new_key()
            )
        )
        connection.execute(sa.insert(TaskAssignment).values(values))

    return change


@pytest.mark.parametrize("way", ["account", "link"])
def test_who_gave_a_task_back_cannot_give_back_that_of_others(
    way, scene, shared_app
):
    start = task("taken", "held")(scene)
    which = {"token": start.token} if way == "link" else {"id": start.id}
    user = "" if way == "link" else scene.named("other")
    results = meeting(
        shared_app,
        start.row,
        lambda: as_user(user, "digifarm_task_return", **which),
        meanwhile=hand_over(scene),
    )
    assert results == [USED if way == "link" else REFUSALS["task"]]
    held = model.Session.query(TaskAssignment).filter_by(state="held")
    assert [row.user_id for row in held] == [id_of(scene, "offerer")]


@pytest.mark.parametrize(
    "case",
    [
        case
        for case in ALL_STEPS
        if case.name
        in {
            "question_confirm",
            "support_confirm",
            "support_accept",
            "task_take",
            "task_confirm",
        }
    ],
    ids=str,
)
@pytest.mark.usefixtures("rights")
def test_a_project_that_is_deleted_meanwhile_gets_no_help(
    case, scene, shared_app
):
    start = case.begin(scene)
    state = state_of(start)

    def delete(connection: sa.Connection) -> None:
        connection.execute(
            sa.update(model.Package)
            .where(model.Package.id == scene.project["id"])
            .values(state="deleted")
        )

    [result] = meeting(
        shared_app,
        start.row,
        lambda: case.call(scene, start),
        meanwhile=delete,
    )
    # Who can't read what is deleted may not even try.
    assert result in ({"project": ["Has been deleted"]}, *REFUSALS.values())
    assert state_of(start) == state
    assert traces() == NOTHING


@pytest.mark.parametrize("case", ALL_STEPS, ids=str)
def test_what_is_gone_meanwhile_is_not_found(case, scene, shared_app):
    """Somebody asked to be forgotten, and the row went with them."""
    start = case.begin(scene)
    table = type(start.row)

    def delete(connection: sa.Connection) -> None:
        connection.execute(sa.delete(table).where(table.id == start.id))

    results = meeting(
        shared_app,
        start.row,
        lambda: case.call(scene, start),
        meanwhile=delete,
    )
    assert results == [NOT_FOUND]
    assert traces() == NOTHING


@pytest.mark.parametrize("table", [Support, Proposal])
def test_a_claim_that_somebody_else_makes_meanwhile(table, scene, shared_app):
    begin = support("accepted") if table is Support else proposal("approved")
    start = begin(scene)
    row = model.Session.get(table, start.id)
    row.user_id = None
    model.Session.commit()
    make = token_of if table is Support else proposing.token_of
    token = make(row, Purpose.CLAIM)
    offerer = id_of(scene, "offerer")
    results = meeting(
        shared_app,
        row,
        lambda: as_user(
            scene.named("other"), "digifarm_project_claim", token=token
        ),
        meanwhile=lambda connection: connection.execute(
            sa.update(table).values(user_id=offerer)
        ),
    )
    assert results == [USED]
    members = model.Session.query(model.PackageMember).filter_by(
        user_id=id_of(scene, "other")
    )
    assert members.count() == 0

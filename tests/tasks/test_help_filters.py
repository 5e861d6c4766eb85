"""Each filter finds what one finds who looks at all there is, one by one."""

from __future__ import annotations

import itertools
import json
import random
from typing import Any

import pytest
import sqlalchemy as sa

from ckan import model
from ckanext.digifarm.projects import stages
from ckanext.digifarm.tasks import queries
from ckanext.digifarm.tasks.model import Task

from ..looking import sent_by, with_more

pytestmark = pytest.mark.usefixtures("shared_portal")

Rows = list[dict[str, Any]]

MOST = 50
FIELDS = {
    "area": ("help_wanted", ["care", "data", "sponsoring"]),
    "action_field": ("action_fields", ["mobility", "a b", "culture"]),
}
ASKED = [
    dict(zip(("area", "action_field", "skill", "effort"), one, strict=True))
    for one in itertools.product(
        ["", "care", "sponsoring"], ["", "a b"], ["", "PYTHON"], ["", "weeks"]
    )
]


def stored(rng: random.Random, values: list[str]) -> str:
    """A list of choices, or one as it was stored before it was a list."""
    chosen = rng.sample(values, rng.randint(0, len(values)))
    return json.dumps(chosen) if rng.random() < 0.8 else "".join(chosen[:1])


def projects(rng: random.Random) -> Rows:
    return [
        {
            "id": str(number),
            "name": str(number),
            "type": rng.choice(["civic_project"] * 6 + ["dataset"]),
            "state": rng.choice(["active"] * 6 + ["deleted"]),
            "private": rng.random() < 0.1,
            "extras": {
                "stage": rng.choice(["live", "idea", "ended"]),
                **{
                    field: stored(rng, values)
                    for field, values in FIELDS.values()
                    if rng.random() < 0.9
                },
            },
        }
        for number in range(rng.choice([1, 12, 25]))
    ]


def tasks(rng: random.Random, among: Rows) -> Rows:
    found = []
    for number in range(40):
        skills = rng.sample(["Python", "Vue"], rng.randint(0, 2))
        moment = sa.text(f"timestamp '2026-01-{rng.randint(10, 19)}'")
        found.append(
            {
                "id": f"{number:02}",
                "project_id": rng.choice(among)["id"],
                "title": "",
                "skills": skills,
                "folded_skills": [skill.lower() for skill in skills],
                "effort": rng.choice(["hour", "weeks"]),
                "position": 1,
                "state": rng.choice(["open"] * 5 + ["done"]),
                "created": moment,
                "modified": moment,
            }
        )
    return found


def is_about(project: dict[str, Any], asked: dict[str, str]) -> bool:
    texts = {
        name: project["extras"].get(field) or ""
        for name, (field, _) in FIELDS.items()
    }
    is_public = (
        project["type"] == "civic_project"
        and project["state"] == "active"
        and not project["private"]
    )
    return is_public and all(
        not (value := asked[name]) or value == text or f'"{value}"' in text
        for name, text in texts.items()
    )


def needs(task: dict[str, Any], asked: dict[str, str]) -> bool:
    skill, effort = asked["skill"].lower(), asked["effort"]
    return (
        task["state"] == "open"
        and (not skill or skill in task["folded_skills"])
        and effort in ("", task["effort"])
    )


def wanted(
    asked: dict[str, str], of: Rows, there: Rows, asking: set[str]
) -> list[str]:
    """The ids of tasks that pass, the newest first."""
    fitting = {one["id"] for one in of if is_about(one, asked)}
    newest = sorted(
        (task for task in there if needs(task, asked)), key=lambda t: t["id"]
    )
    newest.sort(key=lambda task: str(task["modified"]), reverse=True)
    is_asked = asked["area"] or asked["action_field"]
    if is_asked and len(fitting) <= queries.FEW:
        newest = [task for task in newest if task["project_id"] in fitting]
    return [
        task["id"]
        for task in newest[: queries.LOOKED_AT]
        if task["project_id"] in fitting & asking
    ][: min(MOST, queries.MOST)]


@pytest.mark.parametrize("seed", range(12))
def test_as_if_one_looked_at_all(seed, empty_portal, monkeypatch):
    rng = random.Random(seed)
    monkeypatch.setattr(queries, "FEW", rng.choice([0, 2, 8]))
    monkeypatch.setattr(queries, "LOOKED_AT", rng.choice([5, 20, 1000]))
    monkeypatch.setattr(queries, "MOST", rng.choice([3, 500]))
    of = projects(rng)
    there = tasks(rng, of)
    package = model.package_table
    statements = [
        sent_by(lambda asked=asked: queries.uncounted_part(asked, MOST, 0))
        for asked in ASKED
    ]
    with with_more() as connection:
        for table, rows in ((package, of), (Task.__table__, there)):
            for row in rows:
                connection.execute(sa.insert(table).values(row))
        asking = connection.scalars(
            sa.select(package.c.id).where(stages.asking(package.c.extras))
        )
        ids = {*asking}
        found = [
            [*connection.exec_driver_sql(*statement).scalars()]
            for statement in statements
        ]
    assert found == [wanted(asked, of, there, ids) for asked in ASKED]

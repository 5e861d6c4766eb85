"""How much is looked at where there are many open tasks and projects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from ckan import model
from ckanext.digifarm.tasks import queries

pytestmark = pytest.mark.usefixtures("shared_portal")

PROJECTS = sa.text(
    """
    INSERT INTO package (id, name, title, type, state, private, extras)
    SELECT n, n, n, 'civic_project', 'active', false, jsonb_build_object(
        'stage', 'live', 'help_wanted', '["care"]',
        'action_fields', '["mobility"]')
    FROM generate_series(1, 4000) AS n
    """
)

#: Each of another project; many of them at the same moment.
TASKS = sa.text(
    """
    INSERT INTO digifarm_task (id, project_id, title, description, skills,
        folded_skills, effort, url, position, state, created, modified)
    SELECT n, n, n, '', array['Python'], array['python'], 'hour', '', 1,
        'open', moment, moment
    FROM generate_series(1, 4000) AS n, LATERAL (SELECT timestamp
        '2026-01-01' + n / 100 * interval '1 minute' AS moment) AS its
    """
)

NOTHING: dict[str, str] = {}

Ask = Callable[[], object]


def sent_by(ask: Ask) -> tuple[str, Any]:
    """The first statement by which something is asked for."""
    sent = []

    def note(_: Any, cursor: Any, *statement: Any) -> None:
        sent.append(statement[:2])

    engine = model.ensure_engine()
    sa.event.listen(engine, "before_cursor_execute", note, once=True)
    ask()
    [one] = sent
    return one


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


@contextmanager
def with_many() -> Iterator[sa.Connection]:
    """A portal with many tasks and projects; nothing is ever committed."""
    with model.ensure_engine().connect() as connection:
        connection.execute(PROJECTS)
        connection.execute(TASKS)
        connection.execute(sa.text("ANALYZE package, digifarm_task"))
        yield connection


def read(ask: Ask) -> dict[str, int]:
    """How many rows of each table are looked at, where there are many."""
    statement, parameters = sent_by(ask)
    with with_many() as connection:
        explained = connection.exec_driver_sql(
            f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters
        )
        [found] = explained.scalar_one()
    numbers: dict[str, int] = {}
    for node in nodes(found["Plan"]):
        if table := node.get("Relation Name"):
            rows = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
            numbers[table] = numbers.get(table, 0) + (
                rows * node["Actual Loops"]
            )
    return numbers


@pytest.mark.parametrize(
    ("ask", "most"),
    [
        (lambda: queries.part(NOTHING, 20, 0), queries.MOST),
        (lambda: queries.part(NOTHING, 20, 480), queries.MOST),
        (lambda: queries.part({"area": "care"}, 20, 0), queries.MOST),
        (lambda: queries.part({"skill": "PYTHON"}, 20, 0), queries.MOST),
        (lambda: queries.part({"effort": "weeks"}, 20, 0), 0),
        # Nobody looks for it.
        (
            lambda: queries.part({"area": "sponsoring"}, 20, 0),
            queries.LOOKED_AT,
        ),
        (lambda: queries.count(NOTHING), queries.MOST),
        (lambda: queries.projects({"effort": "hour"}), queries.MOST),
        (lambda: queries.uncounted_part(NOTHING, 50, 0), 50),
        (lambda: queries.uncounted_part(NOTHING, 50, 100), 150),
        (
            lambda: queries.facets(NOTHING, of_projects=False),
            queries.MOST,
        ),
        (
            lambda: queries.facets({"area": "care"}, of_projects=True),
            queries.MOST,
        ),
    ],
)
def test_no_more_projects_are_looked_at_than_tasks(ask, most, empty_portal):
    """However many there are of both."""
    assert read(ask).get("package", 0) == most


@pytest.mark.parametrize(
    ("ask", "most"),
    [
        (lambda: queries.part(NOTHING, 20, 0), queries.MOST),
        (lambda: queries.uncounted_part(NOTHING, 50, 0), 50),
        (lambda: queries.count({"area": "sponsoring"}), queries.LOOKED_AT),
    ],
)
def test_the_newest_tasks_are_found_in_the_order_of_an_index(
    ask, most, empty_portal
):
    assert read(ask)["digifarm_task"] == most


@pytest.mark.parametrize("has_index", [True, False])
def test_tasks_of_the_same_moment_stay_in_their_places(
    has_index, empty_portal
):
    """Also where the database takes another way than the index."""
    asked = {
        part: sent_by(lambda part=part: queries.uncounted_part(NOTHING, *part))
        for part in ((30, 0), (30, 30), (30, 60), (90, 0))
    }
    with with_many() as connection:
        if not has_index:
            connection.execute(sa.text("SET LOCAL enable_indexscan = off"))
        found = {
            part: [*connection.exec_driver_sql(*statement).scalars()]
            for part, statement in asked.items()
        }
        wanted = connection.execute(
            sa.text(
                "SELECT id FROM digifarm_task ORDER BY modified DESC, id"
                " LIMIT 90"
            )
        )
        all_ = [*wanted.scalars()]
    whole = found.pop((90, 0))
    assert whole == all_
    assert [id_ for part in found.values() for id_ in part] == whole

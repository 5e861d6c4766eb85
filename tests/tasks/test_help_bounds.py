"""How much is looked at where there are many open tasks and projects."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from ckanext.digifarm.tasks import queries

from ..looking import looked_at, sent_by, with_more

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

MANY = (PROJECTS, TASKS, sa.text("ANALYZE package, digifarm_task"))

NOTHING: dict[str, str] = {}


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
    assert looked_at(ask, *MANY).get("package", 0) == most


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
    assert looked_at(ask, *MANY)["digifarm_task"] == most


@pytest.mark.parametrize("has_index", [True, False])
def test_tasks_of_the_same_moment_stay_in_their_places(
    has_index, empty_portal
):
    """Also where the database takes another way than the index."""
    asked = {
        part: sent_by(lambda part=part: queries.uncounted_part(NOTHING, *part))
        for part in ((30, 0), (30, 30), (30, 60), (90, 0))
    }
    with with_more(*MANY) as connection:
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

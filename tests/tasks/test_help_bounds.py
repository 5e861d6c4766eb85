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
        'stage', 'live', 'help_wanted', CASE WHEN n % 400 = 7
            THEN '["data", "technology"]' ELSE '["care"]' END,
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
        # To know that there are more than a few, and to choose the newest
        # where few would have given theirs, takes a look at one more each.
        (
            lambda: queries.part({"area": "care"}, 20, 0),
            queries.MOST + 1 + queries.FEW + 1,
        ),
        (lambda: queries.part({"skill": "PYTHON"}, 20, 0), queries.MOST),
        (lambda: queries.part({"effort": "weeks"}, 20, 0), 0),
        # Nobody looks for it.
        (lambda: queries.part({"area": "sponsoring"}, 20, 0), 0),
        # Ten projects do, and are found, and looked at once more.
        (lambda: queries.part({"area": "technology"}, 20, 0), 20),
        (
            lambda: queries.part(
                {"area": "technology", "action_field": "mobility"}, 20, 0
            ),
            20,
        ),
        # Nor do any on that.
        (lambda: queries.part({"action_field": "culture"}, 20, 0), 0),
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
        (lambda: queries.count({"area": "sponsoring"}), 0),
        (lambda: queries.count({"area": "technology"}), 10),
        (lambda: queries.count({"area": "care"}), queries.MOST + 1),
    ],
)
def test_the_newest_tasks_are_found_in_the_order_of_an_index(
    ask, most, empty_portal
):
    assert looked_at(ask, *MANY)["digifarm_task"] == most


@pytest.mark.parametrize("few", [0, queries.FEW])
def test_what_few_ask_for_is_found_however_old_it_is(
    few, empty_portal, monkeypatch
):
    monkeypatch.setattr(queries, "FEW", few)
    statement = sent_by(
        lambda: queries.uncounted_part({"area": "technology"}, 20, 0)
    )
    with with_more(*MANY) as connection:
        found = [*connection.exec_driver_sql(*statement).scalars()]
    wanted = [n for n in range(4000, 0, -1) if n % 400 == 7]
    if not few:
        wanted = [n for n in wanted if n > 4000 - queries.LOOKED_AT]
    assert found == [str(n) for n in wanted]


@pytest.mark.parametrize(
    ("stored", "asked", "is_found"),
    [
        ("bees", "bees", True),
        ('["hives", "bees"]', "bees", True),
        ('["öffentlich, [nah]"]', "öffentlich, [nah]", True),
        ('["hives, bees"]', "bees", False),
        ('["be es"]', "bees", False),
        ("", "bees", False),
    ],
)
def test_what_few_ask_for_is_found_however_it_is_stored(
    stored, asked, is_found, empty_portal
):
    statement = sent_by(
        lambda: queries.uncounted_part({"action_field": asked}, 20, 0)
    )
    other = sa.text(
        "UPDATE package SET extras = extras || jsonb_build_object("
        "'action_fields', CAST(:stored AS text)) WHERE id = '7'"
    ).bindparams(stored=stored)
    with with_more(PROJECTS, TASKS, other) as connection:
        found = [*connection.exec_driver_sql(*statement).scalars()]
    assert found == (["7"] if is_found else [])


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

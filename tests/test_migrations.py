"""Migrations and models make the same tables, and databases go on."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
import sqlalchemy as sa
from ckantoolkit import BaseModel

from ckan import model
from ckanext.digifarm.lib import review_office
from ckanext.digifarm.lib.due_work import Due
from ckanext.digifarm.partners import marks
from ckanext.digifarm.partners.model import Partner
from ckanext.digifarm.tasks.model import Task
from dev.paths import ROOT

CKAN = Path(sys.executable).parent / "ckan"

VERSION_TABLE = "digifarm_alembic_version"

#: What the tables of a schema are, without the order of their columns.
DEFINITIONS = sa.text(
    """
    SELECT table_name, column_name, concat_ws(
        ' ', data_type, udt_name, 'null:', is_nullable,
        'default:', column_default, 'identity:', identity_generation
    )
    FROM information_schema.columns
    WHERE table_schema = :schema AND table_name LIKE 'digifarm\\_%'
    UNION ALL
    SELECT relname, conname, pg_get_constraintdef(pg_constraint.oid)
    FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
    WHERE relnamespace = CAST(:schema AS regnamespace)
    AND relname LIKE 'digifarm\\_%'
    UNION ALL
    -- So that it names no schema, it is printed for people.
    SELECT relname, 'index', pg_get_indexdef(indexrelid, 0, true)
    FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
    WHERE relnamespace = CAST(:schema AS regnamespace)
    AND CAST(indexrelid AS regclass)::text LIKE '%digifarm\\_%'
    """
)

Definitions = set[tuple[str, str, str]]


def read(connection: sa.Connection, schema: str) -> Definitions:
    """The definitions of our columns, constraints and indexes."""
    rows = connection.execute(DEFINITIONS, {"schema": schema})
    return {tuple(row) for row in rows if row[0] != VERSION_TABLE}


def migrated() -> Definitions:
    """What migrations have made of the database."""
    with model.ensure_engine().connect() as connection:
        schema = connection.scalar(sa.text("SELECT current_schema()"))
        return read(connection, schema)


def created() -> Definitions:
    """What the models would make of an empty one."""
    ours = [
        table
        for name, table in BaseModel.metadata.tables.items()
        if name.startswith("digifarm_") or table is model.package_table
    ]
    with model.ensure_engine().connect() as connection:
        # Nothing is ever committed.
        connection.execute(sa.text("CREATE SCHEMA of_models"))
        path = "SELECT set_config('search_path', 'of_models,' || {}, true)"
        connection.execute(sa.text(path.format("current_schema()")))
        BaseModel.metadata.create_all(connection, ours, checkfirst=False)
        return read(connection, "of_models")


def stand_at(revision: str) -> None:
    """Let the database say that it stands at a revision."""
    update = sa.text(f"UPDATE {VERSION_TABLE} SET version_num = :revision")
    with model.ensure_engine().begin() as connection:
        connection.execute(update, {"revision": revision})


def ckan(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a command of CKAN in a process of its own."""
    return subprocess.run(
        [CKAN, "-c", ROOT / "test.ini", *command],
        env={**os.environ},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(autouse=True)
def own_tables(site, empty_db) -> None:
    """All tables; no session holds a lock on one of them."""
    site.app()
    empty_db()
    model.Session.remove()


@pytest.fixture
def migrate(own_tables, migrate_db_for):
    """Migrates to a revision; all are there again after the test."""

    def migrate(revision: str, *, forward: bool) -> Definitions:
        migrate_db_for("digifarm", revision, forward)
        return migrated()

    yield migrate
    migrate_db_for("digifarm")


@pytest.fixture
def stands_at_old_revision():
    """The database stands at a revision that has gone; restored afterwards."""
    query = sa.text(f"SELECT version_num FROM {VERSION_TABLE}")
    with model.ensure_engine().connect() as connection:
        head = connection.scalar(query)
    stand_at("005_offer_support")
    yield
    stand_at(head)


def test_models_and_migrations_define_the_same():
    of_migrations, of_models = migrated(), created()

    assert of_models - of_migrations == set()
    assert of_migrations - of_models == set()
    assert {table for table, _, _ in of_migrations} - {"package"} == {
        name for name in BaseModel.metadata.tables if "digifarm_" in name
    }


def test_ckan_finds_nothing_to_migrate():
    result = ckan("db", "check")

    assert result.returncode == 0, result.stdout + result.stderr
    assert "Database schema is up to date." in result.stdout


def test_downgrade_leaves_nothing_and_upgrade_makes_it_anew(migrate):
    before = migrated()
    model.Session.add(model.SystemInfo(review_office.KEY, "office/id"))
    model.Session.commit()

    assert migrate("base", forward=False) == set()
    assert migrate("head", forward=True) == before
    of_ours = model.SystemInfo.key.startswith("digifarm.")
    assert not model.Session.query(model.SystemInfo).filter(of_ours).count()


@pytest.mark.parametrize("revision", ["009_create_proposal", "010_create_job"])
def test_a_database_goes_on_from(revision, migrate):
    before = migrated()

    assert migrate(revision, forward=False) != set()
    assert migrate("head", forward=True) == before


def test_nobody_is_told_of_deletions_of_before(migrate):
    migrate("031_fields", forward=False)
    with model.ensure_engine().begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO digifarm_event (id, subject, subject_id, action,"
                " actor, data, reason, created) VALUES ('e', 'project', 'p',"
                " 'deleted', 'portal', '{}', '', now())"
            )
        )
    migrate("head", forward=True)
    [due] = model.Session.query(Due)
    assert (due.kind, due.key, due.done, due.due) == (
        "project-deleted",
        "e",
        None,
        None,
    )


def test_skills_are_folded_as_the_extension_folds_them(migrate):
    """PostgreSQL may know fewer letters than Python."""
    skills = ["ÖPNV", "Straße", "İstanbul", "ΔΈΛΤΑ"]
    migrate("016_index_words", forward=False)
    now = datetime.datetime(2026, 1, 1)  # noqa: DTZ001
    with model.ensure_engine().begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO package (id, name, type, state)"
                " VALUES ('p', 'p', 'civic_project', 'active')"
            )
        )
        connection.execute(
            sa.text(
                "INSERT INTO digifarm_task (id, project_id, title,"
                " description, skills, effort, url, position, state, created,"
                " modified) VALUES ('t', 'p', 'A', '', :skills, '', '', 0,"
                " 'open', :now, :now)"
            ),
            {"skills": skills, "now": now},
        )
    migrate("head", forward=True)
    task = model.Session.get(Task, "t")
    assert task
    assert task.folded_skills == [*map(str.lower, skills)]


def test_partners_that_were_joined_lead_to_the_other(migrate):
    """As far as the events tell it; and those there twice are found."""
    titles = {
        "stays": "Grüne Wege e. V.",
        "twice": "Zweimal",
        "twice-too": "Zweimal",
        "goes": "Gruene Wege",
        "de": "Wege Grün GmbH & Co. KG",
        "unclear": "Unklar",
        "forgotten": "Vergessen",
        "restored": "Wieder da",
    }
    merge = "digifarm_partner_merge"
    said = {
        "goes": (merge, "The same partner as “Grüne Wege e. V.”"),
        "de": (merge, "Derselbe Partner wie „Grüne Wege e. V.“"),
        "unclear": (merge, "The same partner as “Zweimal”"),
        "forgotten": (merge, ""),
        "restored": ("digifarm_partner_restore", "“Grüne Wege e. V.”"),
    }
    migrate("026_index_partners", forward=False)
    now = datetime.datetime(2026, 1, 1)  # noqa: DTZ001
    with model.ensure_engine().begin() as connection:
        for id_, title in titles.items():
            connection.execute(
                sa.text(
                    "INSERT INTO digifarm_partner (id, name, title, kind, url,"
                    " description, areas, competences, action_fields,"
                    " contact_name, contact_email, state, created, modified)"
                    " VALUES (:id, :id, :title, 'other', :url, '', '{}', '{}',"
                    " '{}', '', '', :state, :now, :now)"
                ),
                {
                    "id": id_,
                    "title": title,
                    "url": f"https://www.{id_}.example.org/a",
                    "state": "deleted" if id_ in said else "active",
                    "now": now,
                },
            )
        for id_, (action, reason) in said.items():
            connection.execute(
                sa.text(
                    "INSERT INTO digifarm_event (id, subject, subject_id,"
                    " action, target, actor, data, reason, created) VALUES"
                    " (:id, 'partner', :id, :action, 'deleted', 'reviewer',"
                    " '{}', :reason, :now)"
                ),
                {"id": id_, "action": action, "reason": reason, "now": now},
            )
    migrate("head", forward=True)
    found = {one.id: one for one in model.Session.query(Partner)}
    assert {id_: one.merged_into for id_, one in found.items()} == {
        **dict.fromkeys(titles),
        "goes": "stays",
        "de": "stays",
    }
    for one in found.values():
        assert one.marks == marks.of(one.title, one.url)


def test_a_database_from_before_the_first_migration_is_not_passed_over(
    stands_at_old_revision, migrate_db_for
):
    before = migrated()
    with pytest.raises(click.ClickException) as raised:
        migrate_db_for("digifarm")
    assert migrated() == before
    assert raised.value.message == (
        "The tables of digifarm stand at 005_offer_support, which this version"
        " doesn't know: bring them to a revision that it knows with the"
        " version that made them, or drop all tables digifarm_*, and run"
        " `ckan db upgrade -p digifarm` again."
    )

    # Which looks first what there is to do.
    result = ckan("db", "upgrade")

    assert result.returncode == 1
    assert result.stderr.endswith(f"Error: {raised.value.message}\n")

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from typing import Any

import ckantoolkit as tk
import factory
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from passlib.hash import pbkdf2_sha512
from pytest_factoryboy import register

from ckan import model
from ckan.config import environment
from ckan.tests import factories, helpers
from ckanext.activity import helpers as activity_helpers
from ckanext.digifarm.cli import digifarm
from dev.core_tests.session import has_tables

from . import indexing
from .acting import as_portal, organization_of
from .uses import forget_uses

pytest_plugins = ["dev.shortcuts", "dev.workers"]


class Header:
    """What stands on each page for somebody who is logged in.

    :param counts: whether it says how much is new on their dashboard: CKAN
        looks that up anew for each page, which takes as long as the rest of a
        small one
    """

    counts = False


class Site:
    """The portal of this process: kept until a test loads other plugins."""

    def __init__(self) -> None:
        self._updates = 0
        self._app: helpers.CKANTestApp | None = None
        self._made_at = -1

    def note_updates(self, patch: pytest.MonkeyPatch) -> None:
        """Count from now on how often CKAN brings itself up to date.

        It does so whenever plugins are loaded or unloaded.
        """
        update = environment.update_config

        def update_and_count() -> None:
            self._updates += 1
            update()

        patch.setattr(environment, "update_config", update_and_count)

    def app(self) -> helpers.CKANTestApp:
        """The web application, with the plugins that test.ini names."""
        if self._app is None or self._made_at != self._updates:
            self._app = helpers._get_test_app()
            self._made_at = self._updates
        return self._app


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Passwords are hashed with few rounds: tests make many users."""
    cheap = pbkdf2_sha512.using(rounds=1000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ckan.model.user.pbkdf2_sha512", cheap)
        yield


@pytest.fixture(scope="session", autouse=True)
def header() -> Iterator[Header]:
    """The header of pages says 0 to all but those tests that look at it."""
    header = Header()
    count = activity_helpers.new_activities

    # The plugin offers only functions that say they are its module's own.
    @functools.wraps(count)
    def new_activities() -> int | None:
        return count() if header.counts else 0

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(activity_helpers, "new_activities", new_activities)
        yield header


@pytest.fixture(scope="module")
def whole_header(header) -> Iterator[None]:
    """The header as it is on a portal, for tests of what pages cost or show.

    What it counts are activities, which name packages.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(header, "counts", True)
        yield


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """What modules share that don't load plugins of their own."""
    with pytest.MonkeyPatch.context() as patch:
        site = Site()
        site.note_updates(patch)
        yield site


@pytest.fixture(scope="session")
def empty_db(reset_db, migrate_db_for):
    """Callable that empties the database; all plugins have their tables."""

    def empty() -> None:
        forget_uses()
        if not (model.repo.tables_created_and_initialised and has_tables()):
            reset_db()
            migrate_db_for("activity")
            migrate_db_for("digifarm")
            # Migrating leaves an engine that connects anew for each query.
            model.init_model(sa.engine_from_config(dict(tk.config)))
        empty_tables()

    return empty


def empty_tables() -> None:
    """Delete all rows. Most tables have none: asking each takes its time."""
    model.Session.remove()
    names = [
        table.name
        for table in reversed(tk.BaseModel.metadata.sorted_tables)
        if not table.name.endswith("alembic_version")
    ]
    found = sa.inspect(model.ensure_engine()).get_table_names()
    statements = [f'DELETE FROM "{name}"' for name in names if name in found]
    model.Session.execute(sa.text(";".join(statements)))
    model.Session.commit()


@pytest.fixture
def clean_db(empty_db):
    """An empty database with the tables of all plugins."""
    empty_db()


@pytest.fixture
def empty_portal(site, empty_db, reset_index) -> None:
    """A portal without content, for tests that look at all there is."""
    site.app()
    empty_db()
    reset_index()


@pytest.fixture(scope="module")
def shared_portal(site, empty_db, reset_index):
    """A portal that all tests of a module share, empty before the first.

    For tests that leave alone what others of the module have made.
    """
    site.app()
    empty_db()
    reset_index()


@pytest.fixture(scope="module")
def shared_app(site, shared_portal):
    """The web application of the portal that a module's tests share."""
    return site.app()


@pytest.fixture(scope="module")
def no_commits(shared_portal) -> Iterator[None]:
    """Solr keeps what is saved to itself; see `indexing.py`.

    For modules that save much, and search for none of it.
    """
    with helpers.changed_config(indexing.OPTION, False):
        yield


@pytest.fixture
def commits(no_commits) -> Iterator[None]:
    """For the few tests of such a module that search."""
    with helpers.changed_config(indexing.OPTION, True):
        yield


@pytest.fixture(scope="module")
def people(shared_portal) -> dict[str, str]:
    """Names of users, by what they may do with `owned_project`."""
    roles = ("project_editor", "owner", "other")
    return {
        **{role: factories.User()["name"] for role in roles},
        "sysadmin": factories.Sysadmin()["name"],
        "anonymous": "",
    }


@pytest.fixture
def owned_project(people) -> dict[str, Any]:
    """A project of an organisation with an editor, and with an owner."""
    return create_owned_project(people)


def create_owned_project(people: dict[str, str]) -> dict[str, Any]:
    """Make an `owned_project` of the `people`."""
    project = ProjectFactory(
        title="Durstige Bäume",
        owner_org=organization_of(editor=[people["project_editor"]]),
    )
    as_portal(
        "package_collaborator_create",
        id=project["id"],
        user_id=people["owner"],
        capacity="editor",
    )
    return project


@register(_name="project")
class ProjectFactory(factories.Dataset):
    """A public civic project with few fields."""

    title = factory.Faker("sentence", nb_words=3)
    type = "civic_project"
    summary = "What it does, in a sentence"
    owner_org = factory.LazyFunction(organization_of)


@pytest.fixture
def run_import(tmp_path):
    """Runs the command on a text (a file's content) or a list of objects."""

    def run(content, *args, suffix=None):
        suffix = suffix or (".csv" if isinstance(content, str) else ".json")
        if not isinstance(content, str | bytes):
            content = json.dumps(content)
        if isinstance(content, str):
            content = content.encode()
        file = tmp_path / f"projects{suffix}"
        file.write_bytes(content)
        # In English, whatever the language of the console.
        runner = CliRunner(env={"LC_ALL": "C.UTF-8"})
        result = runner.invoke(digifarm, ["import", str(file), *args])
        if not isinstance(result.exception, SystemExit | None):
            raise result.exception
        return result

    return run


@pytest.fixture
def option(organization_factory):
    """The option that names an organisation of this portal."""
    return f"--organization={organization_factory()['name']}"

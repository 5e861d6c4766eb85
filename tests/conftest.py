from __future__ import annotations

import json

import factory
import pytest
from click.testing import CliRunner
from pytest_factoryboy import register

from ckan import plugins
from ckan.tests import factories, helpers
from ckanext.digifarm.cli import digifarm
from dev.core_tests.session import has_tables

PLUGINS = "activity digifarm scheming_datasets"


@pytest.fixture(scope="session")
def empty_db(reset_db, migrate_db_for):
    """Callable that empties the database; all plugins have their tables."""

    def empty() -> None:
        reset_db()
        # Tables stay from test to test, and a migration takes its time.
        if not has_tables():
            migrate_db_for("activity")
            migrate_db_for("digifarm")

    return empty


@pytest.fixture
def clean_db(empty_db):
    """An empty database with the tables of all plugins."""
    empty_db()


@pytest.fixture(scope="module")
def shared_portal(empty_db, reset_index):
    """A portal that all tests of a module share, empty before the first.

    For tests that leave alone what others of the module have made.
    """
    plugins.load_all()
    empty_db()
    reset_index()
    yield
    plugins.unload_all()


@pytest.fixture(scope="module")
def shared_app(shared_portal):
    """The web application of the portal that a module's tests share."""
    return helpers._get_test_app()


@register(_name="project")
class ProjectFactory(factories.Dataset):
    """A public civic project of a new organisation, with few fields."""

    title = factory.Faker("sentence", nb_words=3)
    type = "civic_project"
    summary = "What it does, in a sentence"
    owner_org = factory.LazyFunction(lambda: factories.Organization()["id"])


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
        result = CliRunner().invoke(digifarm, ["import", str(file), *args])
        if not isinstance(result.exception, SystemExit | None):
            raise result.exception
        return result

    return run


@pytest.fixture
def option(organization_factory):
    """The option that names an organisation of this portal."""
    return f"--organization={organization_factory()['name']}"

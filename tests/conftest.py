from __future__ import annotations

import factory
import pytest
from pytest_factoryboy import register

from ckan import plugins
from ckan.tests import factories, helpers
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

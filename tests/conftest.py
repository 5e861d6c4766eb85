from __future__ import annotations

import json
from typing import Any

import factory
import pytest
from click.testing import CliRunner
from pytest_factoryboy import register

from ckan import plugins
from ckan.tests import factories, helpers
from ckanext.digifarm.cli import digifarm
from dev.core_tests.session import has_tables

from .acting import as_portal

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
def owned_project(project_factory, people) -> dict[str, Any]:
    """A project of an organisation with an editor, and with an owner."""
    editor = {"name": people["project_editor"], "capacity": "editor"}
    organization = factories.Organization(users=[editor])
    project = project_factory(
        title="Durstige Bäume", owner_org=organization["id"]
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

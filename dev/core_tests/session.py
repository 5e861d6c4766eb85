"""A pytest plugin: what the runs with and without digifarm have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from ckan import model, plugins
from ckan.plugins.toolkit import BaseModel
from dev.core_tests.outcomes import PROPERTY

if TYPE_CHECKING:
    from collections.abc import Generator

    from ckan import types


@pytest.fixture(scope="session", autouse=True)
def fresh(
    reset_db: types.FixtureResetDb,
    reset_index: types.FixtureResetIndex,
    reset_redis: types.FixtureResetRedis,
) -> None:
    """Start with nothing that other tests have left behind."""
    reset_db()
    reset_index()
    reset_redis()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None]:
    """Record at the end of each set-up whether digifarm is on."""
    yield
    item.user_properties.append((PROPERTY, digifarm_is_on()))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Succeed where tests fail: what counts is the comparison."""
    if session.exitstatus == pytest.ExitCode.TESTS_FAILED:
        session.exitstatus = pytest.ExitCode.OK


def digifarm_is_on() -> bool:
    """Whether digifarm and its dataset type are loaded and it is migrated."""
    return (
        plugins.plugin_loaded("digifarm")
        and plugins.plugin_loaded("scheming_datasets")
        and has_tables()
    )


def has_tables() -> bool:
    """Whether the database has digifarm's tables, as far as it is loaded."""
    known = BaseModel.metadata.tables
    ours = {name for name in known if name.startswith("digifarm_")}
    return ours <= {*sa.inspect(model.ensure_engine()).get_table_names()}

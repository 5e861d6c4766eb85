"""A pytest plugin: digifarm is on, and migrated, in every test of CKAN.

Naming it in the configuration is not enough. CKAN unloads all plugins before
the first test, and after each that asked for some; many tests name their own;
and a database that they clean has no tables but core's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ckan import model, plugins
from ckan.common import aslist, config
from dev.core_tests.session import has_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

#: What `ckan.plugins` ends with on a portal that has digifarm.
PLUGINS = ("digifarm", "scheming_datasets")


def pytest_configure() -> None:
    """Load digifarm after whichever plugins the configuration names."""
    load_all = plugins.load_all

    def load_all_and_digifarm(**options: Any) -> None:
        named = aslist(config.get("ckan.plugins"))
        others = [name for name in named if name not in PLUGINS]
        config["ckan.plugins"] = [*others, *PLUGINS]
        _unload_all()
        load_all(**options)

    plugins.load_all = load_all_and_digifarm


def _unload_all() -> None:
    """Unload all plugins before others are loaded.

    CKAN brings itself up to date for those, and needs not do so in between:
    each application that a test makes would wait for it.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plugins.core, "plugins_update", lambda: None)
        plugins.unload_all()


@pytest.fixture(scope="session", autouse=True)
def migrated(migrate_db_for: Callable[[str], None]) -> Generator[None]:
    """Create digifarm's tables whenever CKAN creates its own."""
    init_db = model.repo.init_db

    def init_db_and_migrate() -> None:
        init_db()
        if plugins.plugin_loaded("digifarm") and not has_tables():
            migrate_db_for("digifarm")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model.repo, "init_db", init_db_and_migrate)
        yield


@pytest.fixture(autouse=True)
def on(migrated: None) -> None:
    """Have digifarm on before anything else that a test sets up."""
    if not plugins.plugin_loaded("digifarm"):
        plugins.load(*PLUGINS)
    model.repo.init_db()

"""A pytest plugin: several processes run the tests, each with its own portal.

A test module empties the whole portal, so each process has its own database,
Solr core and Redis number.
"""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest
from xdist.scheduler import LoadScopeScheduling

from dev import create_database, paths, postgres, processes, redis, solr
from dev.servers import Servers

if TYPE_CHECKING:
    from pathlib import Path

#: Directories whose tests share a portal: one process runs all of them.
TOGETHER = ("tests/browser", "tests/isolation")

#: What a worker is told by the process that started it.
SERVERS = "digifarm_servers"

#: So many new objects wake the garbage collector; by default 700.
OBJECTS = 100_000

ALL_SERVERS = pytest.StashKey[list[Servers]]()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Decide how many processes run the tests; 0 is this one alone."""
    found = all_servers(_wanted(config))
    config.stash[ALL_SERVERS] = found
    return len(found) if len(found) > 1 else 0


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker which servers are its own."""
    number = int(node.gateway.id.removeprefix("gw"))
    stash = node.config.stash
    if ALL_SERVERS not in stash:
        # Somebody has said how many.
        stash[ALL_SERVERS] = all_servers(node.config.option.numprocesses)
    if number >= len(stash[ALL_SERVERS]):
        pytest.exit("There are no servers for so many processes.", 1)
    node.workerinput[SERVERS] = stash[ALL_SERVERS][number].environment()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(
    config: pytest.Config, log: Any
) -> LoadScopeScheduling:
    """Give each process whole files: their tests share a portal."""
    return _ByFile(config, log)


def pytest_configure(config: pytest.Config) -> None:
    """Use the worker's own servers, before CKAN reads its configuration."""
    told = getattr(config, "workerinput", None)
    if told:
        os.environ.update(told[SERVERS])
        config.option.ckan_ini = str(_write_ini(told["workerid"]))


def pytest_collection_finish() -> None:
    """Spare the garbage collector what stays until the end anyway."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS, 20, 50)


class _ByFile(LoadScopeScheduling):
    """Whole files, the directories whose tests belong together at first."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((d for d in TOGETHER if file.startswith(d)), file)


def _wanted(config: pytest.Config) -> int:
    """As many as there are processors, but none without a file to run."""
    files = {argument.partition("::")[0] for argument in config.args}
    most = os.cpu_count() or 1
    if config.option.capture == "no" or config.option.collectonly:
        return 1
    return min(most, len(files)) if all(map(os.path.isfile, files)) else most


def all_servers(wanted: int) -> list[Servers]:
    """Give the servers of each process: as many as can be had.

    One process alone uses what the environment names. Others exist only
    beside the private servers: tests look at all that is in a Solr core.
    """
    names = Servers("", "", "").environment()
    first = Servers(*(os.environ.get(name, "") for name in names))
    is_private = processes.is_running(solr.NAME) and first.solr == solr.url(
        solr.TEST_CORES[0]
    )
    most = min(wanted, len(solr.TEST_CORES)) if is_private else 1
    found = [first]
    while len(found) < most and (more := _beside(len(found))):
        found.append(more)
    return found


def _beside(number: int) -> Servers | None:
    """Give the servers of one more process; None if it can't have a database.

    :param number: counts the processes beside the first
    """
    core = solr.TEST_CORES[number]
    try:
        create_database.create(postgres.url(solr.TEST_CORES[0]), core)
    except psycopg2.Error as error:
        print(f"Fewer processes, until make clean: {error}")
        return None
    return Servers(
        postgres.url(core),
        solr.url(core),
        redis.url(redis.FOR_TESTS + number),
    )


def _write_ini(worker: str) -> Path:
    """Write the configuration of a worker: compiled assets of its own."""
    ini = paths.STATE / "tests" / f"{worker}.ini"
    paths.replace(
        ini,
        "[app:main]\n"
        f"use = config:{paths.ROOT / 'test.ini'}\n"
        f"ckan.webassets.path = {ini.with_suffix('')}\n",
    )
    return ini

"""A pytest plugin: several processes run the tests, each with its own portal.

A test module empties the whole portal, so processes share neither a database
nor a Redis number. In Solr each has a core of its own, or a site id where
somebody else runs Solr.
"""

from __future__ import annotations

import itertools
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import psycopg2
import pytest
from redis import Redis, RedisError
from xdist.scheduler import LoadScopeScheduling

from dev import create_database, paths, processes, redis, solr
from dev.servers import Servers

if TYPE_CHECKING:
    from pathlib import Path

#: Directories whose tests share a portal: one process runs all of them.
TOGETHER = ("tests/browser", "tests/isolation")

#: The worker that uses what one process alone would use.
FIRST = "gw0"

#: What a worker is told by the process that started it.
SERVERS = "digifarm_servers"

#: Redis has so many databases unless it was told otherwise.
REDIS_NUMBERS = 16

#: Of test.ini; keeps portals apart that share Solr.
SITE_ID = "test.ckan.net"

Variables = dict[str, str]
ALL_SERVERS = pytest.StashKey[list[Variables]]()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Decide how many processes run the tests; 0 is this one alone."""
    first = _first()
    if first is None:
        return 0
    wanted = _wanted(config)
    others = (_beside(first, number) for number in range(1, wanted))
    found = [first.environment(), *itertools.takewhile(bool, others)]
    config.stash[ALL_SERVERS] = found
    return len(found) if len(found) > 1 else 0


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker which servers are its own."""
    number = int(node.gateway.id.removeprefix("gw"))
    node.workerinput[SERVERS] = node.config.stash[ALL_SERVERS][number]


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


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing behind in a Redis number that was empty."""
    told = getattr(config, "workerinput", None)
    if told and told["workerid"] != FIRST:
        with Redis.from_url(told[SERVERS]["CKAN_REDIS_URL"]) as server:
            server.flushdb()


class _ByFile(LoadScopeScheduling):
    """Whole files, the directories whose tests belong together at first."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((d for d in TOGETHER if file.startswith(d)), file)


def _wanted(config: pytest.Config) -> int:
    """As many as there are processors, but none without a file to run."""
    files = {argument.partition("::")[0] for argument in config.args}
    most = min(os.cpu_count() or 1, len(solr.TEST_CORES))
    if config.option.capture == "no" or config.option.collectonly:
        return 1
    return min(most, len(files)) if all(map(os.path.isfile, files)) else most


def _first() -> Servers | None:
    """Give the servers that the environment names; None for a run by hand."""
    names = Servers("", "", "").environment()
    found = [os.environ.get(name, "") for name in names]
    return Servers(*found) if all(found) else None


def _beside(first: Servers, number: int) -> Variables | None:
    """Give servers beside the first ones, or None.

    :param first: those that one process alone would use
    :param number: counts the others, from 1
    """
    parts = urlsplit(first.database)
    name = f"{parts.path.lstrip('/')}_{number}"
    if not _create(first.database, name):
        return None
    database = parts._replace(path=f"/{name}").geturl()
    if _are_private(first):
        core = solr.url(solr.TEST_CORES[number])
        own = Servers(database, core, redis.url(redis.FOR_TESTS + number))
        return own.environment()
    empty = _empty_number(first.redis, number)
    if empty is None:
        return None
    own = Servers(database, first.solr, empty)
    return own.environment() | {"CKAN_SITE_ID": f"{SITE_ID}.{number}"}


def _are_private(servers: Servers) -> bool:
    running = processes.is_running(solr.NAME)
    return running and servers.solr == solr.url(solr.TEST_CORES[0])


def _create(url: str, name: str) -> bool:
    try:
        create_database.create(url, name)
    except psycopg2.Error as error:
        # Before pytest says what it does.
        print(f"Fewer processes, as there is no database {name}: {error}")
        return False
    return True


def _empty_number(url: str, number: int) -> str | None:
    """Give the address of a Redis database that nobody uses, or None.

    :param url: of the one that is known
    :param number: which of the empty ones beside it, from 1
    """
    parts = urlsplit(url)
    known = int(parts.path.strip("/") or 0)
    addresses = (
        parts._replace(path=f"/{other}").geturl()
        for other in range(REDIS_NUMBERS)
        if other != known
    )
    empty = filter(_is_empty, addresses)
    return next(itertools.islice(empty, number - 1, None), None)


def _is_empty(url: str) -> bool:
    with Redis.from_url(url) as server:
        try:
            return not server.dbsize()
        except RedisError:
            return False


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

"""A portal whose tables are missing, or old, and what works all the same."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import ckantoolkit as tk
import pytest
import sqlalchemy as sa

from ckan import model
from dev import paths, ports, probes

#: A schema of the tests' database, for an empty portal.
SCHEMA = "portal_without_tables"

CKAN = paths.BIN / "ckan"

WORKER = ("jobs", "worker", "--burst")

#: What a WSGI server does.
WSGI = (
    "-c",
    "from dev.wsgi import application",
)

LINE = "Type: ckan db upgrade -p digifarm"

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def environment(tmp_path) -> Iterator[dict[str, str]]:
    """That of a portal with an empty database, which is no test's."""
    ini = tmp_path / "portal.ini"
    ini.write_text(
        "[app:main]\n"
        f"use = config:{paths.ROOT / 'test.ini'}\n"
        "testing = false\n"
        f"ckan.webassets.path = {tmp_path}\n"
        f"ckan.storage_path = {tmp_path}\n"
    )
    execute(
        f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE", f"CREATE SCHEMA {SCHEMA}"
    )
    yield {
        **os.environ,
        "CKAN_INI": str(ini),
        "PGOPTIONS": f"-c search_path={SCHEMA}",
        "CKAN_SQLALCHEMY_URL": tk.config["sqlalchemy.url"],
        "CKAN_SOLR_URL": tk.config["solr_url"],
        "CKAN_REDIS_URL": tk.config["ckan.redis.url"],
        "CKAN_SITE_ID": SCHEMA,
    }
    execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")


def execute(*statements: str) -> None:
    with model.ensure_engine().begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


@pytest.fixture
def run(environment) -> Run:
    """Runs a command of CKAN, or a program of Python."""

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        program = [CKAN, "-c", environment["CKAN_INI"], *command]
        if command == WSGI:
            program = [sys.executable, *command]
        return subprocess.run(
            program,
            env=environment,
            cwd=paths.ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def refused(run: Run, sentence: str, *command: str) -> None:
    """A command that serves stops with a sentence."""
    done = run(*command)
    assert done.returncode != 0
    said = done.stderr.strip().removesuffix("Aborted!").strip()
    assert said.endswith(sentence), done.stderr


def test_who_has_forgotten_the_tables_is_told_what_to_type(run, environment):
    refused(run, "no tables. Type: ckan db upgrade", *WORKER)
    assert run("db", "upgrade", "--skip-plugins").returncode == 0
    missing = f"The tables of the plugin digifarm are missing. {LINE}"
    web = ("run", "--disable-reloader", "--port", str(free_port()))
    for command in (WORKER, WSGI, web):
        refused(run, missing, *command)
    check = run("digifarm", "check")
    assert check.returncode == 1
    assert check.stdout == f"{missing}\n"

    assert run("db", "upgrade", "-p", "digifarm").returncode == 0

    assert run(*WSGI).returncode == 0
    assert serves(environment)


def test_who_has_not_migrated_after_an_upgrade_is_told_so(run):
    assert run("db", "upgrade").returncode == 0
    assert run(*WORKER).returncode == 0
    stand_at("016_index_words")
    refused(run, LINE, *WORKER)

    stand_at("999_of_tomorrow")
    refused(run, "the version that has made them, or a newer one.", *WORKER)


def stand_at(revision: str) -> None:
    table = f"{SCHEMA}.digifarm_alembic_version"
    execute(f"UPDATE {table} SET version_num = '{revision}'")


def serves(environment: dict[str, str]) -> bool:
    """Whether CKAN's own server answers."""
    port = free_port()
    command = [CKAN, "run", "--disable-reloader", "--port"]
    with subprocess.Popen(
        [*command, str(port)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            return answers(f"http://127.0.0.1:{port}/civic_project/", server)
        finally:
            server.terminate()


def free_port() -> int:
    return next(port for port in range(29000, 32000) if ports.is_free(port))


def answers(page: str, server: subprocess.Popen) -> bool:
    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        if probes.web_page(page):
            return True
        time.sleep(0.2)
    return False

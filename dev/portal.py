"""The demo portal: CKAN with this extension and content to look at."""

from __future__ import annotations

import re
import secrets
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dev import commands, mail, paths, ports, probes, processes
from dev.progress import SetupError

if TYPE_CHECKING:
    from dev.servers import Servers

TEMPLATE = paths.SOURCES / "ckan.ini"
LOADER = paths.SOURCES / "demo" / "load.py"

# What helps where the demo's database stands at a migration that there is no
# longer: before a release they are put in line anew.
ANEW = (
    "If the demo was made by a much older version: make clean removes all that"
    " was made here, with its data, and make demo makes it anew. (A database"
    " that CKAN_SQLALCHEMY_URL names has to be emptied by hand.)"
)

WEB = "web"
WORKER = "worker"


def check_port(asked: str) -> int:
    """Give the number of the port that somebody asked for.

    :param asked: what they wrote
    :raises SetupError: it is no port, or another program has it
    """
    if not asked.isdecimal() or not 0 < int(asked) <= ports.HIGHEST:
        raise SetupError(
            f"PORT is {asked}: it must be from 1 to {ports.HIGHEST}."
        )
    port = int(asked)
    ours = processes.is_running(WEB) and ports.of(WEB) == port
    if not ours and not ports.is_free(port):
        raise SetupError(
            f"Port {port} is taken by another program: end that one, or name"
            f" another port, such as make demo PORT={port + 1}."
        )
    return port


def start(servers: Servers, port: int) -> None:
    """Create the portal if it isn't there, bring it up to date, serve it.

    :param servers: what it uses
    :param port: where it is served
    :raises SetupError: a step of it fails
    """
    mail.start()
    _configure(servers, port)
    _create_tables()
    _load_content()
    stop()
    ports.remember(WEB, port)
    processes.start(_worker())
    processes.start(_web(port))
    if not processes.is_running(WORKER):
        raise SetupError("The job worker ended.", commands.log_of(WORKER))


def stop() -> None:
    """Stop web server and job worker."""
    processes.stop(WEB)
    processes.stop(WORKER)


def apart_from_demo(given: Servers) -> Servers:
    """Give the servers of the environment for tests, which empty a database.

    Where the demo lives in the named database, the tests have one of their
    own beside it. Solr and Redis keep portals apart by ckan.site_id.

    :param given: the servers that the environment names
    :raises SetupError: there is no database beside the demo's
    """
    if not _lives_in(given.database):
        return given
    parts = urlsplit(given.database)
    name = f"{parts.path.lstrip('/')}_test"
    commands.run(
        "test-database",
        f"Database {name}",
        [
            *(paths.BIN / "python", paths.SOURCES / "create_database.py"),
            *(given.database, name),
        ],
        "The tests empty their database and the demo lives in the one that"
        f" CKAN_SQLALCHEMY_URL names: create {name} beside it, and run make"
        " again.",
    )
    return replace(given, database=parts._replace(path=f"/{name}").geturl())


def accounts() -> str:
    """Give the accounts of the demo as text for people."""
    told = subprocess.run(
        [paths.BIN / "python", LOADER, "-c", paths.CKAN_INI, "--accounts"],
        env=commands.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout


def _lives_in(database: str) -> bool:
    """Tell whether the portal's data is in a database.

    :param database: the url of the database
    """
    line = f"sqlalchemy.url = {_escaped(database)}"
    return (
        paths.CKAN_INI.exists()
        and line in paths.CKAN_INI.read_text(encoding="utf-8").splitlines()
    )


def _configure(servers: Servers, port: int) -> None:
    """Write .dev/ckan.ini, or only what may have changed since."""
    options = {
        "sqlalchemy.url": servers.database,
        "solr_url": servers.solr,
        "ckan.redis.url": servers.redis,
        "smtp.server": mail.address(),
        "ckan.site_url": f"http://127.0.0.1:{port}",
    }
    if paths.CKAN_INI.exists():
        text = paths.CKAN_INI.read_text(encoding="utf-8")
    else:
        text = TEMPLATE.read_text(encoding="utf-8")
        options["SECRET_KEY"] = secrets.token_urlsafe(32)
    for name, value in options.items():
        line = f"{name} = {_escaped(value)}"
        pattern = rf"^{re.escape(name)}\s*=.*$"
        text = re.sub(pattern, lambda _, to=line: to, text, flags=re.MULTILINE)
    paths.replace(paths.CKAN_INI, text, mode=0o600)


def _escaped(value: str) -> str:
    # A percent sign alone would begin the name of another option.
    return value.replace("%", "%%")


def _create_tables() -> None:
    """Create the tables of CKAN and its plugins, or bring them up to date."""
    commands.run(
        "tables",
        "Database tables",
        [paths.BIN / "ckan", "-c", paths.CKAN_INI, "db", "upgrade"],
        "The database tables could not be created or brought up to date."
        f" {ANEW}",
        env=commands.environment(),
    )


def _load_content() -> None:
    commands.run(
        "demo",
        "Demo content",
        [paths.BIN / "python", LOADER, "-c", paths.CKAN_INI],
        f"The demo content could not be loaded. {ANEW}",
        env=commands.environment(),
    )


def _worker() -> processes.Server:
    return processes.Server(
        name=WORKER,
        title="Job worker",
        command=[paths.BIN / "ckan", "-c", paths.CKAN_INI, "jobs", "worker"],
        directory=paths.STATE,
        answers=lambda: True,
        env=commands.environment(),
    )


def _web(port: int) -> processes.Server:
    page = f"http://127.0.0.1:{port}/api/action/status_show"
    return processes.Server(
        name=WEB,
        title="Web server",
        command=[
            paths.BIN / "gunicorn",
            *("--chdir", paths.ROOT),
            *("--bind", f"127.0.0.1:{port}"),
            *("--workers", "2"),
            *("--threads", "4"),
            *("--timeout", "120"),
            # It would lie outside the checkout.
            "--no-control-socket",
            "dev.wsgi:application",
        ],
        directory=paths.STATE,
        answers=lambda: probes.web_page(page),
        env=commands.environment(CKAN_INI=str(paths.CKAN_INI)),
    )

"""A portal on a real server, and real browsers that visit it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from aiosmtpd import handlers
from aiosmtpd.controller import Controller
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    expect,
    sync_playwright,
)

from ckan.lib.jobs import get_queue
from ckan.tests import factories
from dev.paths import ROOT
from dev.system import BROWSER

from .content import ORGANIZATION, ORGANIZATION_TITLE
from .visiting import PASSWORD, WIDE, Mailbox, log_in

INI = Path(__file__).with_name("portal.ini")

CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--no-first-run",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # What pages name outside this machine is not asked for.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]

START_UP = 60  # seconds
PATIENCE = 15_000  # milliseconds: a busy machine is slow

expect.set_options(timeout=PATIENCE)

#: Opens a page: path, name of the user, and options of a browser context.
Visit = Callable[..., Page]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """A Chromium without windows."""
    program = shutil.which(BROWSER)
    if not program:
        give_up = pytest.fail if os.environ.get("CI") else pytest.skip
        give_up(f"There is no {BROWSER}: install Debian's package.")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=program, args=CHROMIUM_OPTIONS
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def mailbox(tmp_path_factory) -> Iterator[Mailbox]:
    """What the portal has sent, caught by a real mail server."""
    folder = tmp_path_factory.mktemp("mail") / "box"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(
        handlers.Mailbox(folder), hostname="127.0.0.1", port=port
    )
    controller.start()
    yield Mailbox(folder, port)
    controller.stop()


@pytest.fixture(scope="package")
def environment(mailbox, tmp_path_factory) -> dict[str, str]:
    """What the processes of the portal find in their environment."""
    return {
        **os.environ,
        "CKAN_INI": str(INI),
        "CKAN_STORAGE_PATH": str(tmp_path_factory.mktemp("portal")),
        "CKAN_SMTP_SERVER": f"127.0.0.1:{mailbox.port}",
    }


@pytest.fixture(scope="package")
def server(environment) -> Iterator[str]:
    """The address of a web server with the portal.

    A process of its own, as each test sets back the configuration of this one.
    """
    log = Path(environment["CKAN_STORAGE_PATH"]) / "log"
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    command = [
        *(sys.executable, "-m", "gunicorn", "dev.wsgi:application"),
        *("--bind", f"fd://{listener.fileno()}"),
        *("--threads", "4", "--no-control-socket"),
    ]
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command,
            cwd=ROOT,
            env={**environment, "CKAN_SITE_URL": address},
            pass_fds=[listener.fileno()],
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        # From now on the server alone listens, or nobody if it has ended.
        listener.close()
        try:
            urlopen(f"{address}/api/action/status_show", timeout=START_UP)
        except OSError as error:
            pytest.fail(f"The web server: {error}\n{log.read_text()}")
        else:
            yield address
        finally:
            process.terminate()


@pytest.fixture(scope="package")
def worker(server, environment) -> Iterator[None]:
    """A real worker, which sends mails and brings the index up to date."""
    # What other tests have left would be done first.
    get_queue().empty()
    ckan = Path(sys.executable).with_name("ckan")
    log = Path(environment["CKAN_STORAGE_PATH"]) / "log-of-worker"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [ckan, "-c", INI, "jobs", "worker"],
            cwd=ROOT,
            env={**environment, "CKAN_SITE_URL": server},
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        yield
        process.terminate()


@pytest.fixture(scope="module")
def portal(shared_portal) -> None:
    """The people of the portal and their organisation."""
    for name in ("editor", "owner", "reader"):
        factories.User(name=name, fullname=name, password=PASSWORD)
    factories.Sysadmin(name="admin", fullname="admin", password=PASSWORD)
    factories.Organization(
        name=ORGANIZATION,
        title=ORGANIZATION_TITLE,
        users=[
            {"name": "editor", "capacity": "editor"},
            {"name": "reader", "capacity": "member"},
        ],
    )


@pytest.fixture(scope="module")
def logins(portal) -> dict[str, Any]:
    """The cookies of those who have logged in."""
    return {}


@pytest.fixture
def visit(chromium, server, logins) -> Iterator[Visit]:
    """Opens a page in a new browser, for a user or for nobody.

    Afterwards no page may have had an error in the server or in a script.
    """
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def new_page(**options: Any) -> Page:
        context = chromium.new_context(
            base_url=server, reduced_motion="reduce", **options
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        context.on("weberror", lambda error: problems.append(str(error.error)))
        context.on(
            "response",
            lambda response: (
                response.status >= 500
                and problems.append(f"{response.status} {response.url}")
            ),
        )
        return context.new_page()

    def cookies(user: str) -> Any:
        if user not in logins:
            page = new_page()
            log_in(page, user)
            logins[user] = page.context.storage_state()
        return logins[user]

    def visit(
        path: str, user: str | None = None, width: int = WIDE, **options: Any
    ) -> Page:
        if user:
            options["storage_state"] = cookies(user)
        page = new_page(viewport={"width": width, "height": 900}, **options)
        response = page.goto(path)
        assert response
        assert response.ok, f"{response.status} {path}"
        return page

    yield visit
    for context in contexts:
        context.close()
    assert not problems

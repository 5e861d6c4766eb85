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
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Response,
    WebError,
    expect,
    sync_playwright,
)

from ckan.lib.jobs import get_queue
from ckan.tests import factories
from dev.paths import ROOT
from dev.system import BROWSER

from ..mail_server import MailServer
from .content import ORGANIZATION, ORGANIZATION_TITLE, create_person
from .visiting import WIDE, Mailbox, log_in

INI = Path(__file__).with_name("portal.ini")

#: The names of this machine, each a site of its own.
HERE = ", EXCLUDE 127.0.0.1 , EXCLUDE localhost"

CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--no-first-run",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A new page takes the process that others of its browser have.
    "--renderer-process-limit=1",
    # What pages name outside this machine is not asked for.
    f"--host-resolver-rules=MAP * ~NOTFOUND {HERE}",
]

START_UP = 60  # seconds
PATIENCE = 15_000  # milliseconds: a busy machine is slow

expect.set_options(timeout=PATIENCE)

#: Opens a page: path, name of the user, and options of a browser context.
Visit = Callable[..., Page]


class Browsers:
    """Browsers that forget who used them, but keep what they have loaded.

    :param chromium: what they are windows of
    :param address: of the portal
    """

    def __init__(self, chromium: Browser, address: str) -> None:
        self._chromium = chromium
        self._address = address
        self._used: list[tuple[Any, BrowserContext]] = []
        self._free: dict[Any, list[BrowserContext]] = {}
        self._problems: list[str] = []

    def open(self, cookies: Any = (), **options: Any) -> Page:
        """Give an empty page of a browser that nobody else uses.

        :param cookies: what the browser sends
        :param options: of a browser context
        """
        kind = frozenset(options.items())
        free = self._free.setdefault(kind, [])
        context = free.pop() if free else self._start(**options)
        self._used.append((kind, context))
        if cookies:
            context.add_cookies(cookies)
        return context.new_page()

    def leave(self) -> list[str]:
        """Close all pages.

        :returns: errors in the server and in scripts since the last time
        """
        for kind, context in self._used:
            first, *others = context.pages
            for page in others:
                page.close()
            self._forget(first)
            context.clear_cookies()
            self._free[kind].append(context)
        self._used.clear()
        problems = self._problems[:]
        self._problems.clear()
        return problems

    def _forget(self, page: Page) -> None:
        """Empty what scripts have kept, but not the cache."""
        origin = {"origin": self._address, "storageTypes": "local_storage"}
        session = page.context.new_cdp_session(page)
        session.send("Storage.clearDataForOrigin", origin)

    def _start(self, **options: Any) -> BrowserContext:
        context = self._chromium.new_context(
            base_url=self._address, reduced_motion="reduce", **options
        )
        context.set_default_timeout(PATIENCE)
        context.on("weberror", self._note_error)
        context.on("response", self._note_status)
        # Stays open, and with it the process that shows all others.
        context.new_page().goto("/base/images/ckan-logo.png")
        return context

    def _note_error(self, error: WebError) -> None:
        self._problems.append(str(error.error))

    def _note_status(self, response: Response) -> None:
        if response.status >= 500:
            self._problems.append(f"{response.status} {response.url}")


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
def mail_server() -> Iterator[MailServer]:
    """A real mail server."""
    server = MailServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="package")
def mailbox(mail_server) -> Mailbox:
    """What the portal has sent."""
    return Mailbox(mail_server)


@pytest.fixture(scope="package")
def environment(mail_server, tmp_path_factory) -> dict[str, str]:
    """What the processes of the portal find in their environment."""
    return {
        **os.environ,
        "CKAN_INI": str(INI),
        "CKAN_STORAGE_PATH": str(tmp_path_factory.mktemp("portal")),
        "CKAN_SMTP_SERVER": mail_server.address,
    }


@pytest.fixture(scope="package")
def server(environment, site, empty_db) -> Iterator[str]:
    """The address of a web server with the portal.

    A process of its own, as each test sets back the configuration of this one.
    """
    # It starts only where there are tables.
    site.app()
    empty_db()
    log = Path(environment["CKAN_STORAGE_PATH"]) / "log"
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    command = [
        *(sys.executable, "-m", "gunicorn"),
        "tests.browser.portal:application",
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


@pytest.fixture(scope="module")
def worker(server, environment) -> Iterator[None]:
    """A real worker, which sends mails and brings the index up to date.

    It ends with the module: others don't wait for what it does, and it must
    not write anything while the portal is emptied.
    """
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
        create_person(name)
    create_person("admin", sysadmin=True)
    factories.Organization(
        name=ORGANIZATION,
        title=ORGANIZATION_TITLE,
        users=[
            {"name": "editor", "capacity": "editor"},
            {"name": "reader", "capacity": "member"},
        ],
    )


@pytest.fixture(scope="package")
def logins() -> dict[str, Any]:
    """The cookies of those who have logged in, by name."""
    return {}


@pytest.fixture(scope="package")
def browsers(chromium, server) -> Browsers:
    """The browsers of all tests."""
    return Browsers(chromium, server)


@pytest.fixture
def visit(browsers, logins, portal) -> Iterator[Visit]:
    """Opens a page in a browser of its own, for a user or for nobody.

    Afterwards no page may have had an error in the server or in a script.
    """

    def cookies(user: str) -> Any:
        if user not in logins:
            page = browsers.open()
            log_in(page, user)
            logins[user] = page.context.cookies()
        return logins[user]

    def visit(
        path: str, user: str | None = None, width: int = WIDE, **options: Any
    ) -> Page:
        page = browsers.open(cookies(user) if user else [], **options)
        page.set_viewport_size({"width": width, "height": 900})
        response = page.goto(path)
        assert response
        assert response.ok, f"{response.status} {path}"
        return page

    yield visit
    problems = browsers.leave()
    assert not problems

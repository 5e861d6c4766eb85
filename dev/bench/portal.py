"""A portal of the benchmark, in a process of its own."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection

import ckantoolkit as tk

from ckan import plugins
from ckan.cli import load_config
from ckan.config.middleware import make_app
from ckan.lib import search
from ckan.tests.helpers import CKANTestApp, reset_db
from dev import paths
from dev.counting import counting

from . import content, pages
from .sizes import Sizes

OK = 200


@dataclass(frozen=True)
class Visit:
    """What a page has cost once.

    :param seconds: how long it took
    :param sql: number of statements
    :param solr: number of requests
    :param rows: number of rows that the database gave
    :param packages: number of documents that Solr gave
    """

    seconds: float
    sql: int
    solr: int
    rows: int
    packages: int


class Portal:
    """Answers with what a page costs."""

    def __init__(self, app: CKANTestApp) -> None:
        self._app = app
        with app.flask_app.test_request_context("/"):
            things = content.things()
            self._headers = {
                user: content.log_in(user) for user in ("", *content.USERS)
            }
            self._addresses = {
                page.name: tk.url_for(
                    page.endpoint,
                    **{
                        key: value.format(**things)
                        for key, value in page.args.items()
                    },
                )
                for page in pages.PAGES
            }

    def visit(self, page: pages.Page) -> Visit:
        """Ask for a page.

        :raises ValueError: it isn't there
        """
        with counting() as cost:
            started = time.perf_counter()
            self.read(page)
            seconds = time.perf_counter() - started
        return Visit(
            seconds, len(cost.sql), len(cost.solr), cost.rows, cost.packages
        )

    def read(self, page: pages.Page) -> str:
        """What a page shows, as HTML.

        :raises ValueError: it isn't there
        """
        address = self._addresses[page.name]
        response = self._app.get(
            address, headers=self._headers[page.user], follow_redirects=False
        )
        if response.status_code != OK:
            raise ValueError(f"{page.name}: {response.status} ({address})")
        return response.get_data(as_text=True)


def fill(servers: dict[str, str], name: str, sizes: Sizes) -> None:
    """Fill an empty portal.

    In a process that ends: all that was in its memory would slow down the
    pages of a large portal.

    :param servers: the environment that names them
    :param name: of the portal
    """
    app(servers, name)
    _empty()
    content.fill(sizes)


def serve(connection: Connection, servers: dict[str, str], name: str) -> None:
    """Measure pages as long as somebody asks.

    :param connection: gives numbers of pages in PAGES, None at the end; gets
        what was left out when the portal is there, then a visit for each
    :param servers: the environment that names them
    :param name: of the portal
    """
    site = app(servers, name)
    portal = Portal(site)
    connection.send(pages.forgotten(site.flask_app))
    while (number := connection.recv()) is not None:
        try:
            connection.send(portal.visit(pages.PAGES[number]))
        except ValueError as error:  # noqa: PERF203 – tells which page it is
            connection.send(str(error))


def empty(servers: dict[str, str]) -> None:
    """Let a portal be empty."""
    app(servers, "empty")
    _empty()


def app(servers: dict[str, str], name: str) -> CKANTestApp:
    """A portal of this process.

    :param servers: the environment that names its servers
    """
    os.environ.update(servers)
    config = load_config("test.ini")
    config["ckan.search.solr_commit"] = "false"
    config["ckan.webassets.path"] = str(paths.STATE / "bench" / name)
    config["ckanext.digifarm.review_organization"] = "team"
    is_on = "true" if name == "checks" else "false"
    config["ckanext.digifarm.upkeep.enabled"] = is_on
    return CKANTestApp(make_app(config))


def _empty() -> None:
    from ckan.cli.db import _run_migrations  # noqa: PLC0415

    reset_db()
    for plugin in ("activity", "digifarm"):
        if plugins.plugin_loaded(plugin):
            _run_migrations(plugin, "head", True)
    search.clear_all()

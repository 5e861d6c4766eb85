from __future__ import annotations

import datetime
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from freezegun import freeze_time

from ckan import model
from ckan.tests.helpers import changed_config
from ckanext.digifarm.lib import clock
from ckanext.digifarm.lib.due_work import Due
from ckanext.digifarm.lib.mail import Mail
from ckanext.digifarm.notices.model import Notice, NoticeSettings
from ckanext.digifarm.owners.edit_notices import EDITED
from ckanext.digifarm.tasks.model import Task
from ckanext.digifarm.upkeep import checking, visiting
from ckanext.digifarm.upkeep.model import Check, Host, Issue, Repository
from dev.web import Web, serving

from ..acting import as_portal
from ..working import run_due


@pytest.fixture(scope="module")
def module_web(tmp_path_factory) -> Iterator[Web]:
    with serving(tmp_path_factory.mktemp("web")) as web:
        yield web


@pytest.fixture
def web(module_web, monkeypatch) -> Web:
    """A web whose hosts are all well; names lead there alone."""
    for part in (
        module_web.hosts,
        module_web.names,
        module_web.own_robots,
        module_web.asked,
        module_web.agents,
        module_web.most,
    ):
        part.clear()
    monkeypatch.setattr(socket, "getaddrinfo", module_web.look_up)
    return module_web


@pytest.fixture
def portal(web, shared_portal, monkeypatch) -> Iterator[Web]:
    """A portal that looks at addresses, and has none yet."""
    model.Session.rollback()
    for table in (
        Check,
        Host,
        Issue,
        Repository,
        Task,
        Notice,
        NoticeSettings,
        Mail,
        Due,
    ):
        model.Session.query(table).delete()
    projects = model.Session.query(model.Package).filter_by(
        type="civic_project"
    )
    projects.update({"private": True})
    model.Session.commit()
    monkeypatch.setattr(checking, "ALLOW_LOOPBACK", True)
    monkeypatch.setattr(visiting, "PAUSE", 0.0)
    with changed_config("ckanext.digifarm.upkeep.enabled", True):
        yield web


@pytest.fixture
def project(portal, owned_project) -> Callable[..., dict[str, Any]]:
    """Gives the project with owners some addresses."""

    def change(**fields: Any) -> dict[str, Any]:
        found = as_portal(
            "package_patch", id=owned_project["id"], private=False, **fields
        )
        # That others edit it is told, too, and none of this.
        model.Session.query(Notice).filter_by(kind=EDITED.name).delete()
        model.Session.commit()
        return found

    return change


def run(days: float = 0) -> None:
    """Let `run-due` look, after so many days from now."""
    with freeze_time(clock.now() + datetime.timedelta(days=days), ignore=IDLE):
        run_due("checks")
        run_due("urgent-notices")
    model.Session.rollback()


#: Whose clock goes on: they wait for what happens elsewhere.
IDLE = [
    "http",
    "urllib3",
    "requests",
    "concurrent",
    "dev.web",
    "ckanext.digifarm.lib.stopwatch",
]


def check_of(url: str) -> Check:
    model.Session.rollback()
    found = model.Session.get(Check, url)
    assert found, f"nothing is known of {url}"
    return found


def is_offline(web: Web) -> Callable[..., Any]:
    """Looks up names when there is no way out."""

    def look_up(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    return look_up


def connects_nowhere_else(patch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that are connected with, which isn't this machine."""
    others: list[str] = []
    connect = socket.socket.connect

    def watched(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and address[0] != "127.0.0.1":
            others.append(str(address[0]))
            raise OSError("Nothing else must be asked")
        connect(self, address)

    patch.setattr(socket.socket, "connect", watched)
    return others

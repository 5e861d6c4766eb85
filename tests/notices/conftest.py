from __future__ import annotations

from collections.abc import Iterator

import pytest

from ckan import model
from ckan.tests.helpers import changed_config
from ckanext.digifarm.lib.due_work import Due
from ckanext.digifarm.lib.events import Reader
from ckanext.digifarm.lib.mail import Mail
from ckanext.digifarm.links.model import Link
from ckanext.digifarm.notices.model import Notice, NoticeSettings

from ..mail_server import MailServer
from .gathered import Portal, gather


@pytest.fixture
def nothing(shared_portal) -> None:
    """Nobody has been told anything."""
    model.Session.rollback()
    for table in (Notice, NoticeSettings, Mail, Due, Reader):
        model.Session.query(table).delete()
    model.Session.commit()


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A mail server that keeps what it gets."""
    server = MailServer()
    server.start()
    with changed_config("smtp.server", server.address):
        yield server
    server.stop()


@pytest.fixture
def begun(nothing) -> None:
    """What happens from now on is told."""
    gather()


@pytest.fixture(scope="module")
def shared(shared_app) -> Portal:
    return Portal()


@pytest.fixture
def portal(shared) -> Portal:
    model.Session.query(Link).delete()
    model.Session.commit()
    package = model.Package.get(shared.project["id"])
    package.private, package.state = False, "active"
    model.Session.commit()
    gather()
    model.Session.query(Notice).delete()
    model.Session.commit()
    return shared

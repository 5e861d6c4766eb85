from __future__ import annotations

from collections.abc import Iterator

import pytest

from ckan import model
from ckan.tests.helpers import changed_config
from ckanext.digifarm.lib.due_work import Due
from ckanext.digifarm.lib.events import Reader
from ckanext.digifarm.lib.mail import Mail
from ckanext.digifarm.notices.model import Notice, NoticeSettings

from ..mail_server import MailServer


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

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ckan.tests.helpers import changed_config

from ..mail_server import MailServer
from ..offering import REVIEWERS
from ..scenes import Scene, create_scene, forget_all


@pytest.fixture(scope="module")
def portal(shared_app) -> Iterator[Scene]:
    """People and a project that the tests of a module share."""
    yield create_scene()
    forget_all()


@pytest.fixture
def scene(portal) -> Iterator[Scene]:
    """The same, where nothing has happened yet."""
    with changed_config("ckanext.digifarm.review_organization", REVIEWERS):
        forget_all()
        yield portal


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A mail server that keeps what it gets."""
    server = MailServer()
    server.start()
    with changed_config("smtp.server", server.address):
        yield server
    server.stop()

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from ckan import model
from ckan.tests.helpers import changed_config
from ckanext.digifarm.confirmations.model import Confirmation
from ckanext.digifarm.lib.due_work import Due
from ckanext.digifarm.lib.events import Event
from ckanext.digifarm.lib.mail import Mail
from ckanext.digifarm.lib.waiting import Waiting
from ckanext.digifarm.support.model import Support
from ckanext.digifarm.tasks.model import Task

from ..keeping import Kept
from ..mail_server import MailServer
from ..offering import REVIEWERS, create_people, create_project
from ..working import forget_jobs
from .calendar import Calendar

TABLES = (Confirmation, Waiting, Support, Task, Due, Event, Mail)


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture(scope="module")
def kept(people) -> Kept:
    return Kept(
        lambda: create_project(
            people,
            help_wanted=["technology"],
            technology_help="Ein Server",
            stage="live",
        )
    )


@pytest.fixture
def project(kept) -> dict[str, Any]:
    """A project that looks for help, the only one that there is."""
    found = kept.get()
    package = model.package_table
    model.Session.execute(
        sa.update(package)
        .where(package.c.id != found["id"])
        .values(state="deleted")
    )
    model.Session.query(Event).delete()
    model.Session.commit()
    return found


@pytest.fixture
def calendar(monkeypatch) -> Calendar:
    """The clock of the code, which tests move."""
    return Calendar(monkeypatch)


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A mail server that keeps what it gets."""
    server = MailServer()
    server.start()
    with changed_config("smtp.server", server.address):
        yield server
    server.stop()


@pytest.fixture(autouse=True)
def city(people) -> Iterator[None]:
    """Who reviews, and nothing that has happened."""
    with changed_config("ckanext.digifarm.review_organization", REVIEWERS):
        model.Session.rollback()
        for table in TABLES:
            model.Session.query(table).delete()
        forget_jobs()
        yield

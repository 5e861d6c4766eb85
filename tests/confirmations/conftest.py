from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ckan import model
from ckan.tests.helpers import changed_config
from ckanext.digifarm.confirmations.model import Confirmation
from ckanext.digifarm.lib.due_work import Due
from ckanext.digifarm.lib.events import Event
from ckanext.digifarm.lib.mail import Mail

from ..offering import REVIEWERS, create_people, create_project
from ..working import forget_jobs
from .calendar import Calendar


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture(scope="module")
def kept(people) -> dict[str, Any]:
    return create_project(people, help_wanted=["technology"], stage="live")


@pytest.fixture
def calendar(monkeypatch) -> Calendar:
    """The clock of the code, which tests move."""
    return Calendar(monkeypatch)


@pytest.fixture(autouse=True)
def city(people) -> Iterator[None]:
    """Who reviews, and nothing that has happened."""
    with changed_config("ckanext.digifarm.review_organization", REVIEWERS):
        model.Session.rollback()
        for table in (Confirmation, Due, Event, Mail):
            model.Session.query(table).delete()
        forget_jobs()
        yield

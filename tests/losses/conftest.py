"""A project with owners, and datasets of others that it is linked with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from freezegun import freeze_time

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action
from ckanext.digifarm.lib import clock
from ckanext.digifarm.lib.due_work import Due
from ckanext.digifarm.lib.events import Event
from ckanext.digifarm.lib.mail import Mail
from ckanext.digifarm.links.model import Link
from ckanext.digifarm.losses.model import LinkedDataset
from ckanext.digifarm.notices.model import Notice, NoticeSettings

from ..outbox import waiting_mails
from ..working import run_due


@pytest.fixture
def nothing(shared_portal) -> None:
    model.Session.rollback()
    for table in (
        LinkedDataset,
        Link,
        Notice,
        NoticeSettings,
        Event,
        Mail,
        Due,
    ):
        model.Session.query(table).delete()
    model.Session.commit()


def link(
    project: dict[str, Any], *datasets: dict[str, Any], **values: Any
) -> None:
    """Link a project with datasets, and let them be seen."""
    for dataset in datasets:
        call_action(
            "digifarm_link_create",
            project=project["id"],
            dataset=dataset["id"],
            **values,
        )
    look()


def look(minutes: float = 0) -> None:
    """Let `run-due` look after so many minutes from now."""
    with freeze_time(clock.now() + timedelta(minutes=minutes)):
        run_due("linked-datasets")
        run_due("dataset-lost")
        run_due("dataset-returned")
        run_due("urgent-notices")
    model.Session.rollback()


def look_twice() -> None:
    """Look, and look again when it is time to tell."""
    look()
    look(16)


def deliver() -> None:
    """Let all mails that wait have been sent."""
    for mail in waiting_mails():
        model.Session.execute(
            sa.update(Notice)
            .where(Notice.mail_id == mail.id)
            .values(sent=clock.now(), mail_id=None)
        )
        model.Session.delete(mail)
    model.Session.commit()


def seen(dataset: dict[str, Any]) -> LinkedDataset | None:
    model.Session.rollback()
    return model.Session.get(LinkedDataset, dataset["id"])


def told() -> dict[str, list[str]]:
    """The subjects of the mails that wait, by whom they go to."""
    found: dict[str, list[str]] = {}
    for mail in waiting_mails():
        found.setdefault(mail.recipient_email, []).append(mail.subject)
    return found


def address_of(user: str) -> str:
    found = model.User.get(user)
    assert found
    assert found.email
    return found.email


@pytest.fixture
def owner(people) -> str:
    """The address of the project's owner."""
    return address_of(people["owner"])


@pytest.fixture
def publisher(shared_portal) -> dict[str, Any]:
    """An organisation that publishes datasets, and nobody else's."""
    return factories.Organization(title="Grünflächenamt")


@pytest.fixture
def create(publisher) -> Callable[..., dict[str, Any]]:
    """Creates datasets of the publisher."""

    def create(*formats: str, **fields: Any) -> dict[str, Any]:
        return factories.Dataset(
            **{
                "title": "Baumkataster",
                "owner_org": publisher["id"],
                "url": "",
                "resources": [
                    {"url": f"https://example.org/{n}", "format": format_}
                    for n, format_ in enumerate(formats)
                ],
                **fields,
            }
        )

    return create


@pytest.fixture
def dataset(create, owned_project, nothing) -> dict[str, Any]:
    """A dataset that the project uses, and that was seen."""
    found = create("CSV", "GeoJSON", " csv")
    link(owned_project, found)
    return found

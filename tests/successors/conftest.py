from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ckan import model
from ckan.tests import factories
from ckanext.digifarm.lib.events import Event
from ckanext.digifarm.lib.mail import Mail
from ckanext.digifarm.links.model import Link
from ckanext.digifarm.notices.model import Notice
from ckanext.digifarm.successors.model import Successor

from ..acting import as_portal, copy_of
from ..conftest import ProjectFactory
from ..working import forget_jobs

Make = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    """Names of users: what they edit, read, own, or none of it."""
    roles = (
        "publisher",
        "reader",
        "project_editor",
        "owner",
        "second_owner",
        "other",
    )
    names = {
        role: factories.User(email=f"{role}@example.org")["name"]
        for role in roles
    }
    return {
        **names,
        "sysadmin": factories.Sysadmin()["name"],
        "anonymous": "",
    }


@pytest.fixture(scope="module")
def office(people) -> dict[str, Any]:
    """The organisation of the datasets."""
    return factories.Organization(
        users=[
            {"name": people["publisher"], "capacity": "editor"},
            {"name": people["reader"], "capacity": "member"},
        ]
    )


@pytest.fixture(scope="module")
def kept_dataset(office) -> dict[str, Any]:
    return factories.Dataset(title="Haushalt", owner_org=office["id"])


@pytest.fixture(scope="module")
def kept_project(people) -> dict[str, Any]:
    editor = {"name": people["project_editor"], "capacity": "editor"}
    organization = factories.Organization(users=[editor])
    return ProjectFactory(
        title="Haushalt in Bildern", owner_org=organization["id"]
    )


@pytest.fixture(autouse=True)
def nothing_left(shared_app) -> Iterator[None]:
    model.Session.rollback()
    for table in (Successor, Link, Event, Mail, Notice):
        model.Session.query(table).delete()
    model.Session.commit()
    forget_jobs()
    yield
    model.Session.rollback()


@pytest.fixture
def dataset(kept_dataset) -> Make:
    """Makes datasets, which no search finds."""

    def make(title: str = "Haushalt", **columns: Any) -> dict[str, Any]:
        return copy_of(kept_dataset, title=title, **columns)

    return make


@pytest.fixture
def project(kept_project, people) -> dict[str, Any]:
    """A project with an owner, which no search finds."""
    return owned(kept_project, people["owner"])


@pytest.fixture
def other_project(kept_project, people) -> dict[str, Any]:
    return owned(kept_project, people["owner"])


def owned(kept: dict[str, Any], *owners: str) -> dict[str, Any]:
    project = copy_of(kept)
    for owner in owners:
        as_portal(
            "package_collaborator_create",
            id=project["id"],
            user_id=owner,
            capacity="editor",
        )
    model.Session.query(Event).delete()
    model.Session.query(Mail).delete()
    model.Session.commit()
    forget_jobs()
    return project


def change(package: dict[str, Any], **columns: Any) -> None:
    """Change a row, as nothing but the row matters."""
    model.Session.query(model.Package).filter_by(id=package["id"]).update(
        columns
    )
    model.Session.commit()


def link(
    project: dict[str, Any], dataset: dict[str, Any], **data: str
) -> None:
    as_portal(
        "digifarm_link_create",
        project=project["id"],
        dataset=dataset["id"],
        **data,
    )


def replace(old: dict[str, Any], new: dict[str, Any], **data: Any) -> Any:
    return as_portal(
        "digifarm_successor_set",
        dataset=old["id"],
        successor=new["id"],
        **data,
    )


def linked(project: dict[str, Any]) -> list[str]:
    """Ids of the datasets that a project is linked with."""
    model.Session.expire_all()
    found = model.Session.query(Link).filter_by(project_id=project["id"])
    return sorted(row.dataset_id for row in found)

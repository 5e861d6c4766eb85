"""Who looks after projects."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.tests import factories
from ckanext.digifarm.lib import people
from dev.counting import counting

from ..acting import as_portal
from ..conftest import ProjectFactory

pytestmark = pytest.mark.usefixtures("empty_portal")


@pytest.fixture
def users() -> list[dict[str, Any]]:
    return [factories.User(name=name) for name in ("ada", "ben", "eva", "udo")]


@pytest.fixture
def office(users) -> str:
    """An organisation for which two people edit."""
    members = [
        {"name": user["name"], "capacity": capacity}
        for user, capacity in zip(
            users[:3], ("admin", "editor", "member"), strict=True
        )
    ]
    return factories.Organization(users=members)["id"]


def test_of_many_projects_each_person_is_loaded_once(users, office):
    projects = ProjectFactory.create_batch(5, owner_org=office)
    owned, left, shared = (project["id"] for project in projects[:3])
    for project, user in ((owned, 3), (left, 2), (shared, 3), (shared, 0)):
        as_portal(
            "package_collaborator_create",
            id=project,
            user_id=users[user]["id"],
            capacity="editor",
        )
    as_portal("user_delete", id=users[2]["id"])
    ids = [project["id"] for project in projects]
    with counting() as cost:
        found = people.of_projects(ids)
    assert len(cost.sql) == 1
    assert cost.rows == 4
    names = {id_: [user.name for user in team] for id_, team in found.items()}
    # Whoever has made the organisation is one, too: the portal.
    office_team = ["ada", "ben", tk.config["ckan.site_id"]]
    assert names == {
        **dict.fromkeys(ids, office_team),
        owned: ["udo"],
        shared: ["ada", "udo"],
    }
    for id_ in ids:
        project = model.Package.get(id_)
        assert project is not None
        assert people.of_project(project) == found[id_]

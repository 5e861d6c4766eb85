"""What core does with packages, it does with projects."""

from __future__ import annotations

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ..acting import as_portal, as_user

pytestmark = pytest.mark.usefixtures("shared_portal")


@pytest.mark.parametrize(
    ("action", "field", "value"),
    [
        ("bulk_update_private", "private", True),
        ("bulk_update_public", "private", False),
        ("bulk_update_delete", "state", "deleted"),
    ],
)
def test_bulk_updates_reach_projects_and_datasets(
    action, field, value, project_factory
):
    project = project_factory(private=not value)
    organization = project["owner_org"]
    dataset = factories.Dataset(owner_org=organization, private=not value)
    ids = [project["id"], dataset["id"]]
    as_portal(action, org_id=organization, datasets=ids)
    for id_ in ids:
        assert call_action("package_show", id=id_)[field] == value


class TestPurge:
    @pytest.fixture
    def project(self, project_factory):
        project = project_factory()
        owner = factories.User()
        as_portal(
            "package_collaborator_create",
            id=project["id"],
            user_id=owner["id"],
            capacity="editor",
        )
        return {**project, "owner": owner["name"]}

    def test_takes_a_project_with_owners(self, project):
        as_portal("dataset_purge", id=project["id"])
        assert model.Package.get(project["id"]) is None

    def test_is_not_for_owners_and_then_changes_nothing(self, project):
        with pytest.raises(tk.NotAuthorized):
            as_user(project["owner"], "dataset_purge", id=project["id"])
        owners = call_action("package_collaborator_list", id=project["id"])
        assert len(owners) == 1

"""Core's bulk updates, which editors use on their organisation's page."""

from __future__ import annotations

import pytest

from ckan.tests import factories
from ckan.tests.helpers import call_action

from .acting import as_portal


@pytest.mark.parametrize(
    ("action", "field", "value"),
    [
        ("bulk_update_private", "private", True),
        ("bulk_update_public", "private", False),
        ("bulk_update_delete", "state", "deleted"),
    ],
)
def test_reaches_projects_and_datasets(
    action, field, value, project_factory, shared_portal
):
    project = project_factory(private=not value)
    organization = project["owner_org"]
    dataset = factories.Dataset(owner_org=organization, private=not value)
    ids = [project["id"], dataset["id"]]
    as_portal(action, org_id=organization, datasets=ids)
    for id_ in ids:
        assert call_action("package_show", id=id_)[field] == value

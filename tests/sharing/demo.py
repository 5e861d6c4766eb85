"""The projects of the demo, in a portal of tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import yaml

from ckan.tests import factories
from dev.paths import ROOT

from ..acting import as_portal
from ..indexing import one_commit

#: What is no field of a project there.
OTHER_KEYS = {
    *("datasets", "ending", "handover", "is_confirmed", "owner_org"),
    *("picture", "tags", "tasks"),
}


@contextmanager
def projects() -> Iterator[list[dict[str, Any]]]:
    """The projects with their tasks, as long as the block runs."""
    file = ROOT / "dev" / "demo" / "projects.yaml"
    organization = factories.Organization()["id"]
    found = []
    with one_commit():
        for entry in yaml.safe_load(file.read_text(encoding="utf-8")):
            data = {
                key: value
                for key, value in entry.items()
                if key not in OTHER_KEYS
            }
            project = as_portal(
                "package_create",
                **data,
                type="civic_project",
                owner_org=organization,
                tag_string=", ".join(entry.get("tags", [])),
            )
            for task in entry.get("tasks", []):
                as_portal(
                    "digifarm_task_create", project=project["id"], **task
                )
            found.append(project)
    yield found
    with one_commit():
        for project in found:
            as_portal("dataset_purge", id=project["id"])

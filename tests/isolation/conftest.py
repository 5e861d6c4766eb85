"""One portal for all tests of this directory, which only read it.

Public datasets and public projects share an organisation, a group, a tag, a
creator and a word of their titles, so that whatever lists the datasets could
list the projects as well. Hidden ones are linked with public ones of the
other kind, so that whatever shows a link could betray them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup

from ckan import model
from ckan.tests import factories, helpers
from ckan.tests.helpers import call_action
from ckanext.digifarm.links.model import Link

PUBLIC_DATASETS = {"bee-counts", "flower-strips"}
PRIVATE_DATASETS = {"hive-registry", "honey-prices"}
DRAFT_DATASET = "nectar-sketch"
DELETED_DATASET = "wasp-archive"

PUBLIC_PROJECTS = {"meadow-quiz", "pollen-alarm"}
PRIVATE_PROJECTS = {"queen-tracker", "moth-diary"}
DRAFT_PROJECT = "drone-planner"
DELETED_PROJECT = "swarm-radio"

#: These became private when they were linked already.
ONCE_PUBLIC = {"honey-prices", "moth-diary"}

DATASETS = {
    *PUBLIC_DATASETS,
    *PRIVATE_DATASETS,
    DRAFT_DATASET,
    DELETED_DATASET,
}
PROJECTS = {
    *PUBLIC_PROJECTS,
    *PRIVATE_PROJECTS,
    DRAFT_PROJECT,
    DELETED_PROJECT,
}

#: Who is what in their organisation.
CAPACITIES = {"maker": "admin", "editor": "editor", "member": "member"}

#: A dataset of another organisation, linked with a private project of ours;
#: "outsider" is that organisation's editor.
FOREIGN_DATASET = "orchard-list"

#: Of the hidden ones, the collaborator may read (and edit) this one only.
COLLABORATORS_PROJECT = "queen-tracker"


@dataclass
class Portal:
    """The portal as its readers see it."""

    app: helpers.CKANTestApp
    ids: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def get(self, address: str, reader: str = "anonymous") -> Any:
        """What a reader gets at an address."""
        return self.app.get(address, headers=self._headers(reader))

    def page(self, address: str, reader: str = "anonymous") -> str:
        """The text of a page that there is for a reader."""
        response = self.get(address, reader)
        assert response.status_code == 200, response.text
        return response.text

    def call(self, action: str, reader: str = "anonymous", **data: Any) -> Any:
        """The response to a call of an action by the API."""
        return self.app.post(
            f"/api/3/action/{action}", json=data, headers=self._headers(reader)
        )

    def result(
        self, action: str, reader: str = "anonymous", **data: Any
    ) -> Any:
        """What an action returns to a reader who may call it."""
        response = self.call(action, reader, **data)
        assert response.status_code == 200, response.text
        return response.json["result"]

    def named_in(self, text: str) -> set[str]:
        """Names of the packages whose name or id stands in a text."""
        return {
            name
            for name, id_ in self.ids.items()
            if name in text or id_ in text
        }

    def _headers(self, reader: str) -> dict[str, str]:
        token = self.tokens.get(reader)
        return {"Authorization": token} if token else {}


def without_gaps(page: str) -> str:
    """A page without what only those see who mend a project's links."""
    if 'id="gaps"' not in page:
        return page
    tree = BeautifulSoup(page, "html.parser")
    for gaps in tree.select("#gaps"):
        gaps.decompose()
    return str(tree)


def parts(page: str) -> tuple[str, str]:
    """A page without our parts of it, and those parts.

    :param page: what stands at an address; only HTML may have our parts
    """
    if "digifarm-part" not in page:
        return page, ""
    tree = BeautifulSoup(page, "html.parser")
    ours = tree.select(".digifarm-part")
    for part in ours:
        part.extract()
    return str(tree), "".join(str(part) for part in ours)


def number_in(page: str, selector: str) -> int:
    """The first number in an element of a page."""
    element = BeautifulSoup(page, "html.parser").select_one(selector)
    found = re.search(r"\d+", element.text if element else "")
    assert found, f"no number in {selector}: {element}"
    return int(found[0])


@pytest.fixture(scope="module", autouse=True)
def header_as_on_a_portal(whole_header: None) -> None:
    """What the header counts could tell of hidden packages, too."""


@pytest.fixture(scope="package")
def portal(site: Any, empty_db: Any, reset_index: Any) -> Portal:
    """The portal of this directory."""
    portal = Portal(site.app())
    empty_db()
    reset_index()
    _create_readers(portal)
    _create_packages(portal)
    _link(PROJECTS, {"bee-counts"})
    _link({"meadow-quiz"}, DATASETS)
    _link({COLLABORATORS_PROJECT}, {FOREIGN_DATASET})
    _hide()
    call_action(
        "package_collaborator_create",
        id=COLLABORATORS_PROJECT,
        user_id="collaborator",
        capacity="editor",
    )
    call_action("follow_dataset", {"user": "reader"}, id="meadow-quiz")
    return portal


def _create_readers(portal: Portal) -> None:
    for name in ("reader", "outsider", "collaborator", *CAPACITIES):
        portal.tokens[name] = factories.UserWithToken(name=name)["token"]
    portal.tokens["sysadmin"] = factories.SysadminWithToken()["token"]
    users = [{"name": n, "capacity": c} for n, c in CAPACITIES.items()]
    factories.Organization(name="gardens", users=users)
    factories.Organization(
        name="orchards", users=[{"name": "outsider", "capacity": "editor"}]
    )
    factories.Group(name="nature")


def _create_packages(portal: Portal) -> None:
    private = (PRIVATE_DATASETS | PRIVATE_PROJECTS) - ONCE_PUBLIC
    drafts = {DRAFT_DATASET, DRAFT_PROJECT}
    dataset = {"type": "dataset"}
    project = {"type": "civic_project", "help_wanted": ["care"]}
    packages = [
        *((name, "measured", dataset) for name in sorted(DATASETS)),
        *((name, "programmed", project) for name in sorted(PROJECTS)),
    ]
    for name, tag, values in packages:
        package = call_action(
            "package_create",
            {"user": "maker"},
            name=name,
            title=f"Honey {name}",
            notes=f"All about {name}",
            owner_org="gardens",
            groups=[{"name": "nature"}],
            tags=[{"name": t} for t in ("bees", tag, f"tag-{name}")],
            private=name in private,
            state="draft" if name in drafts else "active",
            **values,
        )
        portal.ids[name] = package["id"]
    foreign = call_action(
        "package_create",
        {"user": "outsider"},
        name=FOREIGN_DATASET,
        owner_org="orchards",
    )
    portal.ids[FOREIGN_DATASET] = foreign["id"]


def _link(projects: Collection[str], datasets: Collection[str]) -> None:
    for project in sorted(projects):
        for dataset in sorted(datasets):
            call_action(
                "digifarm_link_create",
                {"user": "maker"},
                project=project,
                dataset=dataset,
                note="Bumblebees rely on it",
            )


def _hide() -> None:
    for name in sorted(ONCE_PUBLIC):
        call_action("package_patch", {"user": "maker"}, id=name, private=True)
    for name in (DELETED_DATASET, DELETED_PROJECT):
        call_action("package_delete", {"user": "maker"}, id=name)


@pytest.fixture
def no_links(portal: Portal) -> Iterator[None]:
    """Without links during a test: what is linked is no candidate."""
    links = model.Session.execute(sa.select(Link.__table__)).mappings().all()
    model.Session.query(Link).delete()
    model.Session.commit()
    yield
    model.Session.execute(sa.insert(Link), [dict(link) for link in links])
    model.Session.commit()

"""How much data is used is counted before pages ask for it."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from ckan import model
from ckan.tests import factories
from ckanext.digifarm.lib import jobs
from ckanext.digifarm.lib.due_work import ALL
from ckanext.digifarm.links import due, use_counts
from ckanext.digifarm.links.model import Link
from ckanext.digifarm.links.use_counts import DatasetUse, OrganizationUse

from ..acting import as_portal
from ..conftest import ProjectFactory

pytestmark = pytest.mark.usefixtures("shared_portal")

[KIND] = due.KINDS


class Office:
    """An organisation with a public and a private dataset."""

    def __init__(self) -> None:
        self.id = factories.Organization()["id"]
        self.trees = self.dataset()
        self.hidden = self.dataset(private=True)

    def dataset(self, **fields: Any) -> str:
        return factories.Dataset(owner_org=self.id, **fields)["id"]

    def project(self, *datasets: str, **fields: Any) -> str:
        id_ = ProjectFactory(owner_org=self.id, **fields)["id"]
        for dataset in datasets:
            as_portal("digifarm_link_create", project=id_, dataset=dataset)
        return id_


@pytest.fixture
def office() -> Office:
    model.Session.rollback()
    jobs.run()
    return Office()


def numbers(*datasets: str) -> list[int]:
    """How many projects each has, as it was counted."""
    model.Session.rollback()
    query = sa.select(DatasetUse.dataset_id, DatasetUse.num_projects)
    found = dict(model.Session.execute(query).all())
    return [found.get(id_, 0) for id_ in datasets]


def of_organization(id_: str) -> tuple[int, int]:
    model.Session.rollback()
    row = model.Session.get(OrganizationUse, id_)
    return (row.of_public, row.of_all) if row else (0, 0)


def run_due() -> None:
    [key] = KIND.keys()
    KIND.do(key)
    model.Session.commit()


def work() -> int:
    """Do what waits, and tell how often it was to be counted."""
    model.Session.rollback()
    return jobs.run(kinds=[use_counts.JOB])["done"]


class TestWhatIsCounted:
    def test_public_projects_of_each_dataset(self, office):
        office.project(office.trees, office.hidden)
        office.project(office.trees)
        office.project(office.hidden)
        office.project(office.trees, private=True)
        work()
        assert numbers(office.trees, office.hidden) == [2, 2]
        # One has both.
        assert of_organization(office.id) == (2, 3)

    def test_when_the_first_and_the_newest_was_linked(self, office):
        for _ in range(3):
            office.project(office.trees)
        work()
        created = model.Session.scalars(
            sa.select(Link.created)
            .where(Link.dataset_id == office.trees)
            .order_by(Link.created)
        ).all()
        row = model.Session.get_one(DatasetUse, office.trees)
        assert (row.since, row.newest) == (created[0], created[-1])


class TestWhen:
    """Each once, as it happens, whoever does it."""

    def test_a_link_is_made_and_removed(self, office):
        project = office.project(office.trees)
        assert work() == 1
        assert numbers(office.trees) == [1]
        as_portal(
            "digifarm_link_delete", project=project, dataset=office.trees
        )
        assert work() == 1
        assert numbers(office.trees) == [0]
        assert of_organization(office.id) == (0, 0)

    def test_a_project_is_hidden_and_shown(self, office):
        project = office.project(office.trees)
        for private in (True, False):
            work()
            as_portal("package_patch", id=project, private=private)
            assert work() == 1
            assert numbers(office.trees) == [0 if private else 1]

    @pytest.mark.parametrize("action", ["package_delete", "dataset_purge"])
    def test_a_project_goes(self, action, office):
        project = office.project(office.trees)
        work()
        as_portal(action, id=project)
        assert work() == 1
        assert numbers(office.trees) == [0]

    def test_nothing_is_counted_for_other_changes(self, office):
        project = office.project(office.trees)
        work()
        as_portal("package_patch", id=project, notes="New words")
        as_portal("package_patch", id=office.trees, notes="New words")
        assert work() == 0


class TestRunDue:
    """What datasets become, and what SQL has changed."""

    @pytest.mark.parametrize("action", ["package_delete", "dataset_purge"])
    def test_a_dataset_goes(self, action, office):
        office.project(office.trees)
        work()
        as_portal(action, id=office.trees)
        run_due()
        assert of_organization(office.id) == (0, 0)

    def test_a_dataset_is_hidden(self, office):
        office.project(office.trees)
        work()
        as_portal("package_patch", id=office.trees, private=True)
        run_due()
        assert of_organization(office.id) == (0, 1)

    def test_a_dataset_moves(self, office):
        office.project(office.trees)
        other = factories.Organization()["id"]
        work()
        as_portal(
            "package_owner_org_update", id=office.trees, organization_id=other
        )
        run_due()
        assert of_organization(office.id) == (0, 0)
        assert of_organization(other) == (1, 1)

    def test_a_project_goes_by_sql(self, office):
        project = office.project(office.trees)
        work()
        model.Session.execute(
            sa.update(model.package_table)
            .where(model.package_table.c.id == project)
            .values(state="deleted")
        )
        model.Session.commit()
        run_due()
        assert numbers(office.trees) == [0]


def test_rows_that_say_so_already_are_not_written(office):
    """Else each would be a dead row for each link that anybody makes."""
    office.project(office.trees)
    work()
    version = sa.select(sa.literal_column("xmin::text")).select_from(
        DatasetUse
    )
    before = model.Session.scalars(version.order_by(DatasetUse.dataset_id))
    before = before.all()
    use_counts.recount(ALL)
    after = model.Session.scalars(version.order_by(DatasetUse.dataset_id))
    assert after.all() == before

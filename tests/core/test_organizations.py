"""Projects are found by their organisation as it is now."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import ckantoolkit as tk
import pytest
import sqlalchemy as sa

from ckan import model
from ckan.cli.cli import ckan
from ckan.lib.search.common import make_connection
from ckan.tests import factories
from ckan.tests.helpers import call_action, changed_config
from ckanext.digifarm.core import index_check
from ckanext.digifarm.lib import index, people, review_office
from ckanext.digifarm.lib.jobs import Job

from ..acting import as_portal, as_user
from ..browsing import Browser, html, read_form
from ..working import forget_jobs, work_here


@pytest.fixture(autouse=True)
def nothing(shared_app) -> None:
    forget_jobs()


@pytest.fixture
def organization() -> dict[str, Any]:
    return factories.Organization(title="Amt für Grün")


@pytest.fixture
def projects(project_factory, organization) -> list[str]:
    """Ids of an organisation's projects, a hidden one among them."""
    ids = [
        project_factory(owner_org=organization["id"], private=private)["id"]
        for private in (False, True)
    ]
    project_factory()
    forget_jobs()
    return ids


def indexed(id_: str) -> dict[str, Any]:
    """What Solr has of a project."""
    [found] = make_connection().search(f"id:{id_}", fl="*").docs
    return found


def organization_in_results(id_: str) -> dict[str, Any]:
    """What lists and cards say of a project's organisation."""
    return json.loads(indexed(id_)["validated_data_dict"])["organization"]


def jobs() -> list[str]:
    """What waits to be indexed, by the ids of what it is about."""
    kinds = (index.REINDEX, index.REINDEX_PUBLISHED)
    return [
        *model.Session.scalars(sa.select(Job.key).where(Job.kind.in_(kinds)))
    ]


def may_find(id_: str, organization: dict[str, Any]) -> bool:
    """Whether the members of an organisation find a hidden project."""
    label = f'permission_labels:"member-{organization["id"]}"'
    return make_connection().search(f"id:{id_}", fq=label).hits == 1


OPTION = "ckanext.digifarm.review_organization"

NEW = {"name": "gruenamt", "title": "Grünamt"}


def by_update(organization: dict[str, Any]) -> None:
    as_portal("organization_update", **{**organization, **NEW})


def by_patch(organization: dict[str, Any]) -> None:
    as_portal("organization_patch", id=organization["id"], **NEW)


def as_a_group(organization: dict[str, Any]) -> None:
    as_portal("group_update", **{**organization, **NEW})


@pytest.mark.parametrize("rename", [by_update, by_patch, as_a_group])
def test_a_renamed_organisation_has_its_new_name_everywhere(
    rename, organization, projects
):
    rename(organization)
    assert jobs() == [organization["id"]]
    work_here()

    for id_ in projects:
        assert indexed(id_)["organization"] == NEW["name"]
        assert organization_in_results(id_)["title"] == NEW["title"]
    assert index_check.differences() == []
    # The next one is called so, too.
    as_portal("organization_patch", id=organization["id"], name=projects[0])
    work_here()


class TestReviewers:
    @pytest.fixture
    def reviewer(self, ckan_config) -> Iterator[dict[str, Any]]:
        """Of an organisation that the configuration names."""
        user = factories.User()
        self.office = factories.Organization(
            users=[{"name": user["name"], "capacity": "editor"}]
        )
        with changed_config(OPTION, self.office["name"]):
            yield user
        # The next one may be called so, too.
        for group in model.Session.query(model.Group):
            group.name = group.id
        model.Session.query(model.SystemInfo).filter_by(
            key=review_office.KEY
        ).delete()
        model.Session.commit()

    @pytest.mark.parametrize("rename", [by_update, by_patch, as_a_group])
    def test_stay_so_where_theirs_is_renamed(self, rename, reviewer):
        rename({**self.office, "users": [reviewer_of(reviewer)]})
        assert may_review(reviewer)
        assert reviewer["id"] in {user.id for user in people.reviewers()}
        # Once more: what is configured is the first name.
        as_portal("organization_patch", id=self.office["id"], name="drittes")
        assert may_review(reviewer)

    def test_are_not_those_of_who_takes_the_old_name(self, reviewer):
        by_patch(self.office)
        other = factories.User()
        factories.Organization(
            name=self.office["name"],
            users=[{"name": other["name"], "capacity": "admin"}],
        )
        assert may_review(reviewer)
        assert not may_review(other)

    @pytest.mark.parametrize("named", ["id", "name"])
    def test_are_those_of_the_one_that_is_configured_now(
        self, named, reviewer, cli
    ):
        by_patch(self.office)
        checked = cli.invoke(ckan, ["digifarm", "check"])
        assert f"is called {NEW['name']!r} now" in checked.output
        renamed = {**self.office, **NEW}
        with changed_config(OPTION, renamed[named]):
            assert may_review(reviewer)
            checked = cli.invoke(ckan, ["digifarm", "check"])
            assert "now; its editors" not in checked.output
        other = factories.User()
        second = factories.Organization(
            users=[{"name": other["name"], "capacity": "editor"}]
        )
        with changed_config(OPTION, second["name"]):
            assert may_review(other)
            assert not may_review(reviewer)

    def test_are_none_once_theirs_is_deleted(self, reviewer):
        by_patch(self.office)
        as_portal("organization_delete", id=self.office["id"])
        assert not may_review(reviewer)
        assert people.reviewers() == []

    def test_are_not_changed_by_who_may_not(self, reviewer):
        with pytest.raises(tk.NotAuthorized):
            as_user(
                factories.User()["name"],
                "organization_patch",
                id=self.office["id"],
                name="meins",
            )
        model.Session.commit()
        assert (
            not model.Session.query(model.SystemInfo)
            .filter_by(key=review_office.KEY)
            .count()
        )


def reviewer_of(user: dict[str, Any]) -> dict[str, str]:
    return {"name": user["name"], "capacity": "editor"}


def may_review(user: dict[str, Any]) -> bool:
    try:
        as_user(user["name"], "digifarm_partner_deleted_list")
    except tk.NotAuthorized:
        return False
    return True


def test_by_the_form_too(shared_app, organization, projects):
    browser = Browser(shared_app, factories.Sysadmin()["id"])
    page = f"/organization/edit/{organization['name']}"
    form = read_form(browser.get(page), "#organization-edit-form")

    browser.send(form.with_values(title="Grünamt", save="save"))
    work_here()

    assert organization_in_results(projects[0])["title"] == NEW["title"]
    listed = html(browser.get("/civic_project/"))
    assert "Grünamt" in listed.get_text()


def test_a_project_that_is_given_away_is_found_by_whom_it_belongs_to(
    organization, projects
):
    reader = factories.User()
    other = factories.Organization(
        users=[{"name": reader["name"], "capacity": "member"}]
    )
    _, hidden = projects
    as_portal(
        "package_owner_org_update", id=hidden, organization_id=other["name"]
    )
    assert jobs() == [hidden]
    work_here()

    entry = indexed(hidden)
    assert entry["organization"] == other["name"]
    assert may_find(hidden, other)
    assert not may_find(hidden, organization)
    found = call_action(
        "package_search",
        {"user": reader["name"], "ignore_auth": False},
        fq=f"dataset_type:civic_project organization:{other['name']}",
        include_private=True,
    )
    assert [one["id"] for one in found["results"]] == [hidden]


def test_a_project_without_an_organisation_is_no_longer_found_by_one(
    projects,
):
    as_portal("package_owner_org_update", id=projects[0], organization_id=None)
    work_here()

    assert "organization" not in indexed(projects[0])


def test_who_stays_is_not_indexed_again(organization, projects):
    as_portal(
        "package_owner_org_update",
        id=projects[0],
        organization_id=organization["id"],
    )
    as_portal("package_patch", id=projects[0], title="Another title")
    assert jobs() == []


def test_other_groups_are_no_matter(projects):
    group = factories.Group()
    as_portal("group_patch", id=group["id"], title="Another one")
    assert jobs() == []

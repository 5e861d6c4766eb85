"""The promises about speed, as counts: they hold on any machine.

Each page is measured for an anonymous reader who comes the second time, with
1 and with 20 items, against the same page of a portal without the extension.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest

from ckan import model, plugins
from ckan.tests import factories, helpers
from ckan.tests.helpers import call_action
from ckanext.digifarm.core.auth import package_show
from ckanext.digifarm.successors.model import Successor
from dev.counting import Cost, counting

from .acting import as_portal
from .browsing import Browser, html
from .indexing import one_commit

MANY = 20

FEED = 'link[type="application/atom+xml"]'


def cost_of(app: helpers.CKANTestApp, path: str) -> Cost:
    app.get(path)
    with counting() as cost:
        assert app.get(path).status_code == 200
    return cost


@dataclass
class Portal:
    """An organisation with datasets; core's costs of its pages."""

    organization: dict[str, Any]
    datasets: list[dict[str, Any]]
    core: dict[str, Cost]

    @property
    def dataset_path(self) -> str:
        return f"/dataset/{self.datasets[0]['name']}"

    @property
    def organization_path(self) -> str:
        return f"/organization/{self.organization['name']}"


@pytest.fixture(scope="module")
def portal(shared_portal) -> Portal:
    organization = factories.Organization()
    with one_commit():
        datasets = factories.Dataset.create_batch(
            MANY, owner_org=organization["id"]
        )
    portal = Portal(organization, datasets, {})
    paths = "/", "/dataset/", portal.dataset_path, portal.organization_path
    with helpers.changed_config("ckan.plugins", "activity"):
        core = helpers._get_test_app()
        portal.core = {path: cost_of(core, path) for path in paths}
    plugins.load_all()
    return portal


@pytest.fixture
def app(portal, site) -> helpers.CKANTestApp:
    return site.app()


@pytest.fixture(autouse=True)
def no_projects(portal) -> Iterator[None]:
    """Leave the datasets, which the tests share, without projects."""
    yield
    projects = model.Session.query(model.Package.id).filter_by(
        type="civic_project"
    )
    with one_commit():
        for (id_,) in projects.all():
            as_portal("dataset_purge", id=id_)


@pytest.fixture
def linked(app, portal, project_factory):
    """Link some projects with the first dataset of the portal."""

    def link(count: int) -> list[dict[str, Any]]:
        with one_commit():
            projects = project_factory.create_batch(
                count,
                owner_org=portal.organization["id"],
                help_wanted=["care"],
            )
            for project in projects:
                call_action(
                    "digifarm_link_create",
                    project=project["id"],
                    dataset=portal.datasets[0]["id"],
                )
        return projects

    return link


def assert_costs(
    cost: Cost, core: Cost, *, searches: int, statements: int
) -> None:
    """Compare with core's page: so many more searches and statements."""
    assert len(cost.solr) <= len(core.solr) + searches, cost.solr
    assert len(cost.sql) <= len(core.sql) + statements, cost.sql


@pytest.mark.parametrize("count", [1, MANY])
def test_pages_cost_what_is_promised(count, app, portal, linked):
    project, *_ = linked(count)
    for dataset in portal.datasets[1:count]:
        call_action(
            "digifarm_link_create",
            project=project["id"],
            dataset=dataset["id"],
        )
    for number in range(count):
        call_action(
            "digifarm_task_create",
            project=project["id"],
            title=f"Aufgabe {number}",
        )
    core = portal.core
    project_path = f"/civic_project/{project['name']}"

    # The lists: one statement for the numbers of links.
    cost = cost_of(app, "/civic_project/")
    assert_costs(cost, core["/dataset/"], searches=0, statements=1)
    cost = cost_of(app, "/dataset/")
    assert_costs(cost, core["/dataset/"], searches=0, statements=1)

    # The pages: one statement for the links, one search for what is linked; of
    # a project also one for its addresses, and one for its folder.
    for path, statements in ((project_path, 3), (portal.dataset_path, 1)):
        cost = cost_of(app, path)
        like = core[portal.dataset_path]
        assert_costs(cost, like, searches=1, statements=statements)

    # The blocks on core's pages: one search each, and the numbers.
    cost = cost_of(app, "/")
    assert_costs(cost, core["/"], searches=1, statements=3)
    cost = cost_of(app, portal.organization_path)
    assert_costs(
        cost, core[portal.organization_path], searches=1, statements=4
    )


@pytest.fixture
def grouped(linked) -> Iterator[dict[str, str]]:
    """Projects of an organisation and a group that are called otherwise."""
    projects = linked(MANY)
    owner = projects[0]["organization"]
    group = factories.Group(title="Stadtgrün")
    with one_commit():
        for project in projects:
            as_portal(
                "package_patch",
                id=project["id"],
                groups=[{"name": group["name"]}],
            )
    yield {"organization": owner["name"], "groups": group["name"]}
    as_portal("group_purge", id=group["id"])


@pytest.mark.parametrize(
    ("kind", "word", "statements"),
    [("organization", "Organization", 0), ("groups", "Group", 1)],
)
def test_filters_by_who_has_a_project_are_named_by_their_titles(
    kind, word, statements, app, portal, grouped
):
    """Those of organisations are found anyway; groups are no facet."""
    whole = cost_of(app, "/civic_project/")
    path = f"/civic_project/?{kind}={grouped[kind]}"
    filtered = cost_of(app, path)
    assert len(filtered.sql) == len(whole.sql) + statements
    assert len(filtered.solr) == len(whole.solr)
    page = html(app.get(path))
    title = model.Group.by_name(grouped[kind]).title
    shown = page.select_one(".digifarm-filters a").get_text().strip()
    assert shown.startswith(word)
    assert f": {title}" in shown
    assert page.select_one(FEED)["title"].endswith(f"{word}: {title}")


@pytest.fixture
def replaced(portal) -> Iterator[None]:
    """Each dataset of the portal is replaced by the next one."""
    with one_commit():
        for old, new in pairwise(portal.datasets):
            as_portal(
                "digifarm_successor_set",
                dataset=old["id"],
                successor=new["id"],
            )
    yield
    model.Session.query(Successor).delete()
    model.Session.commit()


@pytest.mark.parametrize("count", [1, MANY])
def test_what_replaces_datasets_costs_nothing_more(
    count, app, portal, linked, replaced
):
    """Neither beside the datasets of a project, nor on their own pages."""
    project, *_ = linked(count)
    for dataset in portal.datasets[1:count]:
        call_action(
            "digifarm_link_create",
            project=project["id"],
            dataset=dataset["id"],
        )
    core = portal.core[portal.dataset_path]
    last = portal.datasets[-1]["title"]
    project_path = f"/civic_project/{project['name']}"
    middle = f"/dataset/{portal.datasets[MANY // 2]['name']}"
    for path in (project_path, portal.dataset_path, middle):
        cost = cost_of(app, path)
        assert_costs(cost, core, searches=1, statements=1)
        assert last in app.get(path).body


def test_dataset_page_without_links_gains_no_search(app, portal):
    cost = cost_of(app, portal.dataset_path)
    assert_costs(
        cost, portal.core[portal.dataset_path], searches=0, statements=1
    )


def test_project_page_that_asks_for_an_owner_costs_the_same(
    app, portal, project_factory
):
    project = project_factory(owner_org=portal.organization["id"])
    call_action(
        "digifarm_link_create",
        project=project["id"],
        dataset=portal.datasets[0]["id"],
    )
    path = f"/civic_project/{project['name']}"
    cost = cost_of(app, path)
    core = portal.core[portal.dataset_path]
    # One of ours is of its addresses, one of its folder.
    assert_costs(cost, core, searches=1, statements=2)


def test_what_is_known_of_addresses_costs_one_statement(
    app, portal, project_factory
):
    """However many there are; a list says nothing of them."""
    org = portal.organization["id"]
    none = project_factory(owner_org=org)
    before = cost_of(app, f"/civic_project/{none['name']}")
    as_portal("dataset_purge", id=none["id"])
    urls = {
        name: f"https://{name.replace('_', '-')}.example.org"
        for name in ("url", "source_url", "info_url", "origin_url")
    }
    project = project_factory(owner_org=org, **urls)
    after = cost_of(app, f"/civic_project/{project['name']}")
    assert len(after.sql) == len(before.sql)
    assert len(after.solr) == len(before.solr)
    ours = [one for one in after.sql if "digifarm_check" in one]
    assert len(ours) == 1
    listed = cost_of(app, "/civic_project/")
    assert not [one for one in listed.sql if "digifarm_check" in one]


def test_a_page_asks_once_for_all_its_parts_who_may_read(
    portal, site, people, owned_project
):
    """However many parts it has: those without an account are no different."""
    browser = Browser(site.app(), model.User.get(people["owner"]).id)
    path = f"/civic_project/{owned_project['name']}"
    browser.get(path)
    with counting() as cost:
        assert browser.get(path).status_code == 200
    asked = [one for one in cost.sql if "FROM package_member" in one]
    own = [one for one in asked if "digifarm" not in one]
    # Core's searches for the page ask, too.
    assert len([one for one in own if "capacity IN" not in one]) <= 4


def test_other_plugins_have_their_say(people, owned_project):
    """What everybody may read isn't shown where another one forbids it."""

    def forbid(context: Any, data_dict: Any) -> dict[str, Any]:
        return {"success": False}

    for user in ("", people["owner"]):
        answer = package_show(
            forbid, {"user": user}, {"id": owned_project["id"]}
        )
        assert answer["success"] is False

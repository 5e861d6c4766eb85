"""A command finds and mends what the index says wrongly."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from ckan import model
from ckan.lib.search import clear, clear_all, rebuild
from ckan.lib.search.common import make_connection
from ckan.tests import factories
from ckan.tests.helpers import call_action, changed_config
from ckanext.digifarm.cli import digifarm
from ckanext.digifarm.core import index_check
from ckanext.digifarm.lib.events import Event
from ckanext.digifarm.lib.mail import Mail
from ckanext.digifarm.partners.model import Partner
from ckanext.digifarm.support.model import Support
from dev.counting import counting
from dev.paths import ROOT

from ..acting import as_portal, as_user
from ..working import forget_jobs

pytestmark = pytest.mark.usefixtures("shared_portal")

CKAN = Path(sys.executable).parent / "ckan"


@pytest.fixture(autouse=True)
def _empty(shared_portal) -> None:
    model.Session.rollback()
    for table in (Support, Partner, Event, Mail):
        model.Session.query(table).delete()
    model.Session.execute(sa.delete(model.PackageMember))
    model.Session.execute(sa.delete(model.Package))
    model.Session.commit()
    clear_all()
    forget_jobs()


@pytest.fixture(scope="module")
def organization(shared_portal) -> dict[str, Any]:
    return factories.Organization(name="green-office")


@pytest.fixture
def project(project_factory, organization) -> dict[str, Any]:
    return project_factory(name="baeume", owner_org=organization["id"])


@pytest.fixture
def partner(project) -> dict[str, Any]:
    """A partner that supports the project; the index knows it."""
    created = call_action(
        "digifarm_partner_create",
        title="Radclub",
        kind="association",
        contact_name="Kim",
        contact_email="kim@example.org",
    )
    call_action(
        "digifarm_support_create",
        project=project["id"],
        area="technology",
        partner=created["id"],
    )
    rebuild(project["id"])
    forget_jobs()
    return created


def check(*args: str) -> Result:
    # What a process of its own would not have in memory.
    model.Session.remove()
    return CliRunner().invoke(digifarm, ["check", *args])


def change(project: dict[str, Any], **columns: Any) -> None:
    """Change a project in the database, and nowhere else."""
    package = model.package_table
    model.Session.execute(
        sa.update(package)
        .where(package.c.id == project["id"])
        .values(**columns)
    )
    model.Session.commit()


def indexed(project: dict[str, Any]) -> list[dict[str, Any]]:
    """What Solr has of a project."""
    solr = make_connection(decode_dates=False)
    return solr.search(f"id:{project['id']}", fl="*").docs


def assert_repaired(line: str) -> None:
    """The check finds one thing, which the repair mends."""
    for _ in range(2):
        result = check()
        assert result.output.splitlines() == [line, "1 differences, 1 left"]
        assert result.exit_code == 1
    result = check("--repair")
    assert result.output.splitlines() == [line, "1 differences, 0 left"]
    assert result.exit_code == 0
    assert_nothing_is_found()


def assert_nothing_is_found() -> None:
    for args in ((), ("--repair",)):
        result = check(*args)
        assert result.output == "0 differences, 0 left\n"
        assert result.exit_code == 0


def test_finds_nothing_where_there_is_nothing():
    assert_nothing_is_found()


def test_finds_nothing_where_all_is_well(
    project, partner, project_factory, organization
):
    project_factory(private=True, owner_org=organization["id"])
    lonely = project_factory()
    change(lonely, owner_org=None)
    rebuild(lonely["id"])
    deleted = project_factory()
    as_portal("package_delete", id=deleted["id"])
    factories.Dataset()
    assert_nothing_is_found()


def test_a_project_that_is_missing(project):
    clear(project["id"])
    assert_repaired(f"baeume ({project['id']}): missing in Solr")
    assert len(indexed(project)) == 1


def test_a_project_that_is_left_over(project):
    package = model.package_table
    model.Session.execute(
        sa.delete(package).where(package.c.id == project["id"])
    )
    model.Session.commit()
    assert_repaired(f"baeume ({project['id']}): left over in Solr")
    assert indexed(project) == []


def test_a_project_that_was_deleted(project):
    change(project, state="deleted")
    assert_repaired(f"baeume ({project['id']}): left over in Solr")
    assert indexed(project) == []


def test_deleted_projects_where_the_index_keeps_them(project):
    option = ("ckan.search.remove_deleted_packages", False)
    with changed_config(*option):
        as_portal("package_delete", id=project["id"])
        assert_nothing_is_found()
        change(project, state="active")
        assert_repaired(f"baeume ({project['id']}): differs in state")


@pytest.mark.parametrize("private", [True, False])
def test_a_project_whose_visibility_was_changed(project, private):
    as_portal("package_patch", id=project["id"], private=not private)
    change(project, private=private)
    assert_repaired(f"baeume ({project['id']}): differs in private")
    found = as_user("", "package_search", fq="dataset_type:civic_project")
    assert found["count"] == (0 if private else 1)


def test_a_project_of_another_organisation(project):
    other = factories.Organization()
    change(project, owner_org=other["id"])
    assert_repaired(f"baeume ({project['id']}): differs in organization")
    [document] = indexed(project)
    assert document["organization"] == other["name"]


def test_a_project_that_was_changed_within_a_second(project):
    package = model.package_table.c
    modified = package.metadata_modified + sa.text("interval '2 ms'")
    change(project, metadata_modified=modified)
    assert_repaired(f"baeume ({project['id']}): differs in modified")


def test_a_project_with_another_name(project):
    change(project, name="buesche")
    assert_repaired(f"buesche ({project['id']}): differs in name")


def test_a_project_that_differs_in_several_ways(project):
    change(project, name="buesche", private=True)
    assert_repaired(f"buesche ({project['id']}): differs in name, private")


def test_a_partner_whose_name_was_changed(project, partner):
    call_action("digifarm_partner_update", id=partner["id"], title="Radverein")
    forget_jobs()
    assert_repaired(f"baeume ({project['id']}): differs in partners")
    [document] = indexed(project)
    assert document["vocab_partner"] == ["Radverein"]


def test_a_support_that_has_ended(project, partner):
    [support] = call_action("digifarm_support_list", project=project["id"])
    call_action("digifarm_support_end", id=support["id"])
    forget_jobs()
    assert_repaired(f"baeume ({project['id']}): differs in partners")
    [document] = indexed(project)
    assert "vocab_partner" not in document


def test_datasets_and_other_portals_are_left_alone(project):
    dataset = factories.Dataset()
    change(dataset, private=True)
    [document] = indexed(project)
    # Only a core with a log gives versions; the copy must have none.
    document.pop("_version_", None)
    document |= {"index_id": "theirs", "id": "theirs", "site_id": "other"}
    make_connection().add([document], commit=True)
    try:
        assert_nothing_is_found()
        assert make_connection().search("id:theirs").hits == 1
    finally:
        make_connection().delete(id="theirs", commit=True)


def test_one_that_cannot_be_repaired_does_not_stop_the_others(
    project_factory,
):
    names = ["first", "second", "third"]
    first, second, third = [project_factory(name=name) for name in names]
    for broken in (first, third):
        change(broken, private=True)
    # Solr takes no word that is longer.
    change(second, extras={"unknown": "x" * 40_000}, private=True)
    result = check("--repair")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        f"first ({first['id']}): differs in private",
        f"second ({second['id']}): differs in private",
        f"third ({third['id']}): differs in private",
        "3 differences, 1 left",
    ]
    complaint, still = result.stderr.splitlines()
    assert complaint.startswith("second can't be repaired: SearchIndexError")
    assert still == f"still: second ({second['id']}): differs in private"
    assert [indexed(p)[0]["capacity"] for p in (first, third)] == [
        "private",
        "private",
    ]


def test_asks_in_pages_and_never_for_each_project(
    project, partner, project_factory, monkeypatch
):
    def cost():
        model.Session.rollback()
        with counting() as cost:
            assert index_check.differences() == []
        return len(cost.solr), len(cost.sql)

    monkeypatch.setattr(index_check, "PAGE", 2)
    # The request that gets the last page doesn't know that it is the last.
    assert cost() == (2, 1)
    for _ in range(4):
        project_factory()
    assert cost() == (4, 1)


def test_names_that_are_pages_now(project, partner):
    advice = "its address is that of another page; give it another short name:"
    call_action("digifarm_partner_update", id=partner["id"], name="radclub")
    as_portal("package_patch", id=project["id"], name="baum")
    change(project, name="statistics")
    model.Session.get(Partner, partner["id"]).name = "support"
    model.Session.commit()
    forget_jobs()
    check("--repair")
    forms = (
        f"http://test.ckan.net/civic_project/edit/{project['id']}",
        f"http://test.ckan.net/partner/edit/{partner['id']}",
    )
    for _ in range(2):
        result = check("--repair")
        assert result.output.splitlines() == [
            f"statistics ({project['id']}): {advice} {forms[0]}",
            f"support ({partner['id']}): {advice} {forms[1]}",
            "0 differences, 0 left",
        ]
        assert result.exit_code == 1
    as_portal("package_patch", id=project["id"], name="statistik")
    call_action("digifarm_partner_update", id=partner["id"], name="verein")
    assert_nothing_is_found()


def test_names_of_datasets_and_of_what_is_deleted_are_no_pages(
    project, partner
):
    factories.Dataset(name="review")
    as_portal("package_delete", id=project["id"])
    change(project, name="statistics")
    call_action("digifarm_partner_delete", id=partner["id"])
    stored = model.Session.get(Partner, partner["id"])
    assert stored.state == "deleted"
    stored.name = "support"
    model.Session.commit()
    forget_jobs()
    assert_nothing_is_found()


@pytest.mark.usefixtures("project")
class TestWithoutSolr:
    @pytest.fixture(params=["closed", "hangs up"])
    def url(self, request):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            if request.param == "closed":
                server.close()
            yield f"http://127.0.0.1:{port}/solr/ckan"

    @pytest.mark.parametrize("args", [(), ("--repair",)])
    def test_it_says_so(self, url, args):
        with (
            changed_config("solr_url", url),
            changed_config("solr_timeout", 0.2),
        ):
            result = check(*args)
        assert result.exit_code == 2
        assert result.stdout == ""
        assert result.stderr == "Solr doesn't answer as it should.\n"

    def test_on_the_command_line(self):
        result = subprocess.run(
            [CKAN, "-c", "test.ini", "digifarm", "check"],
            cwd=ROOT,
            env={**os.environ, "CKAN_SOLR_URL": "http://127.0.0.1:1/solr/x"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 2
        assert result.stdout == ""
        last = result.stderr.splitlines()[-1]
        assert last == "Solr doesn't answer as it should."

"""CKAN runs without this extension, and what it had comes back as it was."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from sqlalchemy.exc import IntegrityError

from ckan import model
from ckan.lib.search.common import make_connection
from ckan.tests import factories
from ckan.tests.helpers import call_action, changed_config
from ckanext.digifarm.cli import digifarm
from ckanext.digifarm.core import retiring
from ckanext.digifarm.lib import jobs, outbox, retired
from ckanext.digifarm.lib.mail import Mail
from ckanext.digifarm.projects import web_pictures
from dev.paths import ROOT

from ..acting import as_portal
from ..working import work_here
from .without import CKAN, PlainPortal, plain_portal

#: What a portal may have for its own datasets.
DATASETS = (ROOT / "tests" / "isolation" / "dataset.yaml").as_uri()

#: Names of the projects, which nothing else has in its name.
PUBLIC = ("meadow-quiz", "pollen-alarm", "honey-map")
PRIVATE, DRAFT, DELETED = "queen-tracker", "drone-planner", "swarm-radio"
#: It is gone, but activities tell of it.
PURGED = "wasp-watch"
PROJECTS = (*PUBLIC, PRIVATE, DRAFT, DELETED, PURGED)

ANONYMOUS = "anonymous"
#: Who is logged in: "reader" follows a project, "owner" owns one, and
#: "maker" is of the
#: organisation.
USERS = ("reader", "owner", "maker", "sysadmin")
EVERYBODY = (ANONYMOUS, *USERS)
READERS = (ANONYMOUS, "reader", "maker", "sysadmin")

#: What everybody may read.
PLACES = (
    "/",
    "/dataset/",
    "/dataset/?q=honey",
    "/dataset/bee-counts",
    "/dataset/activity/bee-counts",
    "/organization/",
    "/organization/gardens",
    "/organization/gardens?q=honey",
    "/organization/about/gardens",
    "/organization/activity/gardens",
    "/group/",
    "/group/nature",
    "/group/about/nature",
    "/group/activity/nature",
    "/user/maker",
    "/user/activity/maker",
    "/feeds/dataset.atom",
    "/feeds/organization/gardens.atom",
    "/feeds/group/nature.atom",
    "/api/3/action/package_list",
    "/api/3/action/package_search",
    "/api/3/action/package_search?include_private=true&include_drafts=true",
    "/api/3/action/package_search?fq=%2Bstate:*&include_private=true",
    "/api/3/action/package_autocomplete?q=honey",
    "/api/3/action/current_package_list_with_resources",
    "/api/3/action/recently_changed_packages_activity_list",
    "/api/3/action/organization_show?id=gardens&include_datasets=true",
    "/api/3/action/organization_activity_list?id=gardens",
    "/api/3/action/group_show?id=nature&include_datasets=true",
    "/api/3/action/group_activity_list?id=nature",
    "/api/3/action/user_show?id=maker&include_datasets=true",
    "/api/3/action/user_activity_list?id=maker",
    "/api/3/action/tag_show?id=bees&include_datasets=true",
    "/api/3/action/status_show",
)

#: Where those might find something whom a project names as its owners.
OWNERS_PLACES = (
    "/",
    "/dataset/",
    "/organization/gardens",
    "/api/3/action/package_search?include_private=true&include_drafts=true",
)

DASHBOARDS = (
    "/dashboard/",
    "/dashboard/datasets",
    "/dashboard/organizations",
    "/dashboard/groups",
    "/user/",
)

#: Addresses with those who read them.
READ = (
    *((place, reader) for place in PLACES for reader in READERS),
    *((place, "owner") for place in OWNERS_PLACES),
    *((place, user) for place in DASHBOARDS for user in USERS),
    ("/organization/bulk_process/gardens", "maker"),
    ("/organization/bulk_process/gardens", "sysadmin"),
    ("/organization/members/gardens", "sysadmin"),
    ("/ckan-admin/trash", "sysadmin"),
)

#: Sysadmins may see all, and streams show it to them.
STREAMS = ("activity", "/dashboard/")

#: Who asks for it by name finds what they may read.
BY_STATE = "fq=%2Bstate:*"

#: Tables and columns that reading pages changes, or the return itself.
LEFT_OUT = {"api_token", "dashboard", "digifarm_job"}
COLUMNS_LEFT_OUT = {"last_active"}

#: Fields of Solr that say when an entry was written.
WRITTEN = ("_version_", "indexed_ts")

Rows = dict[str, list[str]]


class Portal:
    """What all tests share."""

    def __init__(self) -> None:
        self.ids: dict[str, str] = {}
        self.tokens: dict[str, str] = {ANONYMOUS: ""}


@pytest.fixture(scope="module")
def portal(shared_portal: Any) -> Portal:
    """A portal with projects, and all that belongs to them."""
    portal = Portal()
    for name in ("reader", "owner", "maker"):
        user = factories.UserWithToken(name=name)
        portal.tokens[name] = user["token"]
    portal.tokens["sysadmin"] = factories.SysadminWithToken()["token"]
    users = [{"name": "maker", "capacity": "admin"}]
    factories.Organization(name="gardens", users=users)
    factories.Group(name="nature", users=users)
    for name in PROJECTS:
        portal.ids[name] = _project(name)
    _lives(portal)
    work_here()
    return portal


def _project(name: str) -> str:
    return call_action(
        "package_create",
        {"user": "maker"},
        type="civic_project",
        name=name,
        title=f"Honey {name}",
        notes='It says "type": "civic_project" of itself.',
        help_wanted=["care", "technology"],
        owner_org="gardens",
        groups=[{"name": "nature"}],
        tags=[{"name": "bees"}],
        private=name == PRIVATE,
        state="draft" if name == DRAFT else "active",
    )["id"]


def _lives(portal: Portal) -> None:
    """What happens to projects and datasets."""
    for name in ("bee-counts", "wasp-archive"):
        call_action(
            "package_create",
            {"user": "maker"},
            name=name,
            title=f"Honey of {name}",
            owner_org="gardens",
            groups=[{"name": "nature"}],
            tags=[{"name": "bees"}],
        )
    call_action("package_delete", {"user": "maker"}, id="wasp-archive")
    for project in (PUBLIC[0], PRIVATE):
        call_action(
            "digifarm_link_create",
            {"user": "maker"},
            project=project,
            dataset="bee-counts",
        )
    call_action("package_patch", {"user": "maker"}, id=PUBLIC[0], notes="So")
    partner = as_portal(
        "digifarm_partner_create", title="Beekeepers", kind="company"
    )
    for name in (PUBLIC[0], PUBLIC[1]):
        as_portal(
            "digifarm_support_create",
            project=name,
            partner=partner["id"],
            area="technology",
        )
    as_portal("digifarm_task_create", project=PUBLIC[0], title="Draw a bee")
    as_portal(
        "package_collaborator_create",
        id=PUBLIC[0],
        user_id="owner",
        capacity="editor",
    )
    call_action("follow_dataset", {"user": "reader"}, id=PUBLIC[0])
    call_action("package_delete", {"user": "maker"}, id=DELETED)
    as_portal("package_delete", id=PURGED)
    as_portal("dataset_purge", id=PURGED)


@pytest.fixture
def retire(portal: Portal) -> Iterator[Callable[[], int]]:
    """Puts all projects aside; they are back after the test."""

    def put_aside() -> int:
        model.Session.rollback()
        return retiring.retire()

    yield put_aside
    model.Session.rollback()
    retiring.bring_back()
    work_here()


@pytest.fixture(scope="module")
def plain(portal: Portal, tmp_path_factory: Any) -> Iterator[PlainPortal]:
    """The same portal without our plugin, with a schema of its own."""
    with plain_portal(
        tmp_path_factory.mktemp("plain"),
        ckan__plugins="activity scheming_datasets",
        scheming__dataset_schemas=DATASETS,
    ) as plain:
        yield plain


def tables() -> Rows:
    """What stands in all tables."""
    model.Session.rollback()
    with model.ensure_engine().connect() as connection:
        names = sa.inspect(connection).get_table_names()
        return {
            name: _rows(connection, name)
            for name in names
            if name not in LEFT_OUT
        }


def _rows(connection: sa.Connection, table: str) -> list[str]:
    rows = connection.execute(sa.text(f'SELECT * FROM "{table}"')).mappings()
    return sorted(
        str({k: v for k, v in row.items() if k not in COLUMNS_LEFT_OUT})
        for row in rows
    )


def index() -> list[dict[str, Any]]:
    """What Solr has of projects, but for when it was written."""
    documents = make_connection().search(
        "dataset_type:civic_project", rows=1000, sort="id asc"
    )
    return [
        {
            **{k: v for k, v in one.items() if k not in WRITTEN},
            "data_dict": _in_order(json.loads(one["data_dict"])),
        }
        for one in documents
    ]


def _in_order(package: dict[str, Any]) -> dict[str, Any]:
    """A package as core shows it; it has extras in any order."""
    extras = sorted(package["extras"], key=lambda extra: extra["key"])
    return {**package, "extras": extras}


def named_in(text: str) -> set[str]:
    """The projects that a page names."""
    return {name for name in PROJECTS if name in text}


def wrong(
    portal: Portal, plain: PlainPortal, *readers: str
) -> set[tuple[str, str, str]]:
    """Addresses without a page, or that name projects; with who has asked.

    :param readers: who asks (default: everybody)
    """
    found = set()
    for place, who in READ:
        if who not in (readers or EVERYBODY):
            continue
        answer = plain.get(place, portal.tokens[who])
        if answer.status != 200:
            found.add((place, who, str(answer.status)))
        if not _may_name_them(place, who):
            found |= {(place, who, name) for name in named_in(answer.text)}
    return found


def _may_name_them(place: str, who: str) -> bool:
    if BY_STATE in place:
        return who not in (ANONYMOUS, "reader")
    return who == "sysadmin" and any(part in place for part in STREAMS)


def run(*command: str) -> Result:
    """Run a command of ours."""
    model.Session.rollback()
    return CliRunner().invoke(digifarm, command)


@pytest.mark.parametrize(
    ("place", "who"),
    [
        ("/", ANONYMOUS),
        ("/dataset/", ANONYMOUS),
        ("/organization/gardens", ANONYMOUS),
        ("/organization/activity/gardens", ANONYMOUS),
        ("/user/activity/maker", ANONYMOUS),
        ("/dashboard/", "reader"),
        ("/organization/bulk_process/gardens", "maker"),
        ("/ckan-admin/trash", "sysadmin"),
    ],
)
def test_without_it_a_page_that_names_a_project_is_an_error(
    portal, plain, place, who
):
    assert plain.get(place, portal.tokens[who]).status == 500


def test_once_retired_every_page_is_there_without_the_projects(
    portal, plain, retire
):
    assert retire() == len(PROJECTS) - 1
    assert wrong(portal, plain, ANONYMOUS, "sysadmin") == set()
    rebuilt = plain.run("search-index", "rebuild")
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert wrong(portal, plain) == set()


def test_those_of_the_organisation_may_open_it_by_its_address(
    portal, plain, retire
):
    retire()
    pages = ("/dataset/", "/dataset/activity/", "/dataset/edit/")
    for name in (PUBLIC[0], DRAFT, DELETED):
        for page, who in itertools.product(pages, EVERYBODY):
            is_owner = (who, name) == ("owner", PUBLIC[0])
            may = is_owner or who in ("maker", "sysadmin")
            answer = plain.get(f"{page}{name}", portal.tokens[who])
            # Who isn't logged in is asked to do so.
            expected = {200} if may else {302, 403, 404}
            assert answer.status in expected, (page, who, name)
            assert may or f"Honey {name}" not in answer.text


def test_what_comes_back_is_as_it_was(portal, plain, retire):
    stored, indexed = tables(), index()
    retire()
    now = tables()
    assert {name for name in now if now[name] != stored[name]} == {
        "activity",
        "digifarm_retired",
        "package",
    }
    plain.run("search-index", "rebuild")
    plain.get("/dataset/", portal.tokens["maker"])
    assert retiring.bring_back() == len(PROJECTS) - 1
    work_here()
    assert tables() == stored
    assert index() == indexed
    assert model.Session.query(jobs.Job).all() == []


def test_commands_may_be_run_twice(portal, retire):
    stored = tables()
    assert run("retire").stdout.startswith("6 projects put aside. Now take")
    aside = tables()
    again = run("retire")
    assert again.stdout.startswith("0 projects put aside")
    assert tables() == aside
    first = run("return")
    assert first.exit_code == 0
    assert first.stdout == "6 projects brought back. Now they are indexed.\n"
    assert tables() == stored
    assert run("return").stdout.startswith("0 projects brought back.")
    assert tables() == stored


class Killed(Exception):  # noqa: N818 – it is no error of the program
    """Somebody has ended the process."""


@pytest.mark.parametrize("command", ["retire", "return"])
@pytest.mark.parametrize("commits", [1, 2, 4, 5])
def test_what_was_interrupted_is_finished_by_another_run(
    portal, retire, monkeypatch, command, commits
):
    monkeypatch.setattr(retiring, "BATCH", 2)
    stored, indexed = tables(), index()
    if command == "return":
        retire()
    commit, left = model.Session.commit, [commits]

    def die() -> None:
        if not left[0]:
            raise Killed
        left[0] -= 1
        commit()

    with monkeypatch.context() as patch:
        patch.setattr(model.Session, "commit", die)
        assert isinstance(run(command).exception, Killed)
    assert tables() != stored
    if command == "retire":
        assert run("retire").exit_code == 0
        assert model.Session.query(retired.Retired).count() == 6
    assert run("return").exit_code == 0
    assert tables() == stored
    assert index() == indexed


def test_where_solr_is_away_another_run_empties_the_index(portal, retire):
    with changed_config("solr_url", "http://127.0.0.1:9/solr/ckan"):
        result = run("retire")
    assert result.exit_code == 2
    assert result.stderr == "Solr doesn't answer: run this again.\n"
    query = "dataset_type:civic_project"
    assert make_connection().search(query).hits
    assert run("retire").exit_code == 0
    assert not make_connection().search(query).hits


def test_the_database_lets_nobody_purge_them(portal, retire):
    retire()
    for name in (PUBLIC[0], DELETED):
        with pytest.raises(IntegrityError):
            as_portal("dataset_purge", id=portal.ids[name])
        model.Session.rollback()
        assert model.Package.get(name)


def test_what_was_deleted_or_added_meanwhile_is_kept(portal, retire):
    retire()
    as_portal("package_delete", id=portal.ids[PUBLIC[1]])
    as_portal("package_patch", id=portal.ids[PUBLIC[2]], notes="Another")
    added = as_portal(
        "package_create",
        type="civic_project",
        name="late-project",
        title="Late",
        owner_org="gardens",
    )
    run("return")
    expected = {
        PUBLIC[0]: ("active", False),
        PUBLIC[1]: ("deleted", False),
        PUBLIC[2]: ("active", False),
        added["name"]: ("active", False),
    }
    for name, (state, private) in expected.items():
        project = as_portal("package_show", id=name)
        assert project["type"] == "civic_project"
        assert (project["state"], project["private"]) == (state, private)
    assert as_portal("package_show", id=PUBLIC[2])["notes"] == "Another"
    as_portal("package_patch", id=portal.ids[PUBLIC[1]], state="active")
    as_portal("dataset_purge", id=added["id"])


@pytest.mark.parametrize("who", [ANONYMOUS, "owner", "maker", "sysadmin"])
def test_with_the_plugin_still_on_its_pages_are_empty(
    portal, retire, shared_app, who
):
    retire()
    pages = ["/", "/civic_project/", "/civic_project/help-wanted", "/partner/"]
    if who != ANONYMOUS:
        pages += ["/dashboard/projects", "/dashboard/support"]
    for page in (*pages, "/dataset/bee-counts", "/partner/beekeepers"):
        headers = {"Authorization": portal.tokens[who]}
        response = shared_app.get(page, headers=headers)
        assert response.status_code == 200, page
        assert named_in(response.text) == set(), page


def test_what_waits_rests(portal, retire):
    jobs.later(web_pictures.LOAD, portal.ids[PUBLIC[0]])
    mail = Mail(
        recipient_name="Kim",
        recipient_email="kim@example.org",
        language="en",
        subject="Hello",
        body="Hello",
        body_html="",
    )
    model.Session.add(mail)
    model.Session.commit()
    retire()
    waiting = tables()["digifarm_mail"]
    jobs.do_jobs()
    outbox.send_mails()
    result = run("run-due")
    assert result.exit_code == 0
    assert result.stdout == (
        "Nothing is done: all projects are put aside. `ckan digifarm return`"
        " brings them back.\n"
    )
    assert jobs.waiting(web_pictures.LOAD) == {portal.ids[PUBLIC[0]]}
    assert tables()["digifarm_mail"] == waiting
    run("return")
    jobs.do_jobs()
    assert jobs.waiting(web_pictures.LOAD) == set()
    model.Session.query(Mail).delete()
    model.Session.commit()


@pytest.mark.parametrize(
    "command",
    [
        ("import", str(ROOT / "README.md")),
        ("privacy", "erase", "kim@example.org", "--yes"),
        ("privacy", "purge"),
    ],
    ids=" ".join,
)
def test_other_commands_wait_for_the_return(portal, retire, command):
    retire()
    stored = tables()
    result = run(*command)
    assert result.exit_code == 1
    assert result.stderr == (
        "Error: Not now: all projects are put aside. `ckan digifarm return`"
        " brings them back.\n"
    )
    assert tables() == stored


def test_tables_that_hold_projects_are_not_dropped(portal, retire):
    retire()
    stored = tables()
    result = subprocess.run(
        [CKAN, "-c", ROOT / "test.ini", "db", "downgrade", "-p", "digifarm"],
        env={**os.environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert "6 projects are put aside" in result.stderr
    assert tables() == stored


def test_the_statements_in_the_docs_do_the_same(portal, plain, retire):
    """For those who can't put the plugin back."""
    before = tables()
    retire()
    retired_now = tables()
    retiring.bring_back()
    assert tables() == before
    docs = (ROOT / "docs" / "removing.md").read_text(encoding="utf-8")
    [statements] = re.findall(r"```sql\n(.*?)```", docs, re.DOTALL)
    with model.ensure_engine().begin() as connection:
        connection.execute(sa.text(statements.replace(":", r"\:")))
    assert tables() == retired_now
    assert plain.run("search-index", "rebuild").returncode == 0
    assert wrong(portal, plain, ANONYMOUS) == set()


def test_without_it_ckan_names_what_the_docs_say(plain):
    result = plain.run("db", "check")
    named = set(re.findall(r"digifarm_\w+", result.stdout + result.stderr))
    assert named >= {
        "digifarm_package_modified",
        "digifarm_package_source",
        "digifarm_package_title",
        "digifarm_retired",
    }

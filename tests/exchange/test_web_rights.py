"""Nobody does by a table what they may not do by hand."""

from __future__ import annotations

from collections.abc import Iterator

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import changed_config
from ckanext.digifarm.exchange.model import Import, ImportRow
from ckanext.digifarm.links.model import Link
from ckanext.digifarm.partners.model import Partner
from ckanext.digifarm.support.model import Support
from ckanext.digifarm.tasks.model import Task

from .. import proposing
from ..acting import as_portal, as_user
from .uploading import checked, file, forget, results, rows, show, upload, work

TABLE = [["Titel", "Kurzbeschreibung", "Stand"], ["Neu", "Text", "live"]]

OTHERS = (
    "anonymous",
    "other",
    "review_member",
    "project_editor",
    "project_owner",
)

NOT_FOR_YOU = "Only reviewers may see this, each their own uploads"


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    people = proposing.create_people()
    people["project_owner"] = factories.User()["name"]
    factories.Organization(
        name="tree-office",
        title="Baumamt",
        users=[
            {"name": people["reviewer"], "capacity": "editor"},
            {"name": people["other"], "capacity": "editor"},
        ],
    )
    factories.Organization(
        name="member-office",
        users=[{"name": people["reviewer"], "capacity": "member"}],
    )
    return people


@pytest.fixture(autouse=True)
def settings(people) -> Iterator[None]:
    proposing.delete_packages()
    for table in (Support, Task, Partner, Link):
        model.Session.query(table).delete()
    model.Session.commit()
    forget()
    with changed_config(
        "ckanext.digifarm.review_organization", proposing.REVIEWERS
    ):
        yield


@pytest.fixture
def me(people) -> str:
    return people["reviewer"]


def project(name: str, organization: str, **fields) -> str:
    return factories.Dataset(
        **{
            "type": "civic_project",
            "name": name,
            "title": name.title(),
            "summary": "Text",
            "stage": "live",
            "owner_org": organization,
            **fields,
        }
    )["id"]


def complaints(user: str, table: list[list[str]], **data: str) -> list[str]:
    """What is wrong with the only row of a table."""
    id_ = checked(user, table, **data)
    [row] = rows(user, id_)
    assert (row["result"] == "failed") == bool(row["complaints"])
    as_user(user, "digifarm_import_cancel", id=id_)
    return row["complaints"]


class TestWho:
    @pytest.mark.parametrize("role", OTHERS)
    def test_others_upload_nothing(self, role, people):
        with pytest.raises(tk.NotAuthorized):
            upload(people[role], TABLE)
        with pytest.raises(tk.NotAuthorized):
            as_user(people[role], "digifarm_import_list")
        assert model.Session.query(Import).count() == 0

    @pytest.mark.parametrize("role", [*OTHERS, "other_reviewer"])
    @pytest.mark.parametrize("step", ["show", "row_list", "confirm", "cancel"])
    def test_an_upload_is_for_its_reviewer(self, step, role, me, people):
        id_ = checked(me, TABLE)
        with pytest.raises(tk.NotAuthorized) as raised:
            as_user(people[role], f"digifarm_import_{step}", id=id_)
        if role != "anonymous":
            assert NOT_FOR_YOU in str(raised.value)
        assert show(me, id_)["state"] == "checked"

    def test_the_list_holds_ones_own(self, me, people):
        id_ = upload(me, TABLE)
        other = people["other_reviewer"]
        assert as_user(other, "digifarm_import_list") == {
            "count": 0,
            "results": [],
        }
        [found] = as_user(me, "digifarm_import_list")["results"]
        assert found["id"] == id_

    def test_not_by_who_was_a_reviewer(self, me, people):
        id_ = checked(me, TABLE, organization="tree-office")
        as_user(me, "digifarm_import_confirm", id=id_)
        member = {"id": proposing.REVIEWERS, "username": me}
        as_portal("organization_member_create", **member, role="member")
        try:
            work()
            [row] = model.Session.query(ImportRow)
            assert row.complaints == ["portal: You may not import any more"]
            assert model.Package.get("neu") is None
            with pytest.raises(tk.NotAuthorized):
                show(me, id_)
        finally:
            as_portal("organization_member_create", **member, role="editor")

    def test_a_file_of_nobody_is_not_even_read(self, people):
        sent = file(b"x")
        with pytest.raises(tk.NotAuthorized):
            as_user(people["other"], "digifarm_import_create", upload=sent)
        assert sent.stream.tell() == 0


class TestProjects:
    @pytest.mark.parametrize("name", ["green-office", "member-office"])
    def test_are_added_to_ones_own_organizations(self, name, me):
        [said] = complaints(me, TABLE, organization=name)
        assert said == (
            "Responsible organisation: You may not add anything to this"
            " organisation; please choose another one"
        )
        assert not complaints(me, TABLE, organization="tree-office")

    def test_of_others_stay_as_they_are(self, me):
        project("fremd", "green-office")
        table = [["name", "Kurzbeschreibung"], ["fremd", "Anders"]]
        assert complaints(me, table) == [
            "A2 (name): You may not edit this civic project"
        ]

    def test_of_others_that_a_file_leaves_as_they_are_are_fine(
        self, me, shared_app
    ):
        project("fremd", "green-office", help_wanted=["content"])
        task = {"project": "fremd", "title": "Lesen"}
        as_portal("digifarm_task_create", **task)
        exported = shared_app.get("/civic_project/export.csv").body
        id_ = checked(me, exported.encode())
        [row] = rows(me, id_)
        found = (row["result"], row["project"], row["reports"])
        assert found == ("unchanged", "fremd", [])

    @pytest.mark.parametrize(
        ("column", "value"),
        [
            ("Beschreibung", "Anders"),
            ("supporters_content", "Grünamt | department"),
            ("tasks", "Schreiben"),
            ("datasets", "baeume"),
        ],
    )
    def test_of_others_are_refused_once_where_a_row_changes_them(
        self, column, value, me
    ):
        project("fremd", "green-office")
        factories.Dataset(name="baeume")
        id_ = checked(
            me,
            [
                ["name", "title", "summary", "stage", "owner_org", column],
                ["fremd", "", "", "", "", value],
                ["neu", "Neu", "Text", "live", "tree-office", value],
            ],
        )
        first, second = rows(me, id_)
        assert first["complaints"] == [
            "A2 (name): You may not edit this civic project"
        ]
        assert first["reports"] == []
        assert second["result"] == "created"
        # The first row has left no partner behind that the second counts on.
        news = ["new in the directory" in said for said in second["reports"]]
        assert news == [True] * column.startswith("supporters")

    def test_of_others_that_are_private_are_not_compared(self, me):
        project("geheim", "green-office", private=True)
        table = [["name", "Kurzbeschreibung"], ["geheim", "Text"]]
        assert complaints(me, table) == [
            "A2 (name): You may not edit this civic project"
        ]

    def test_go_to_ones_own_organizations_only(self, me):
        project("eins", "tree-office")
        table = [["name", "owner_org"], ["eins", "green-office"]]
        [said] = complaints(me, table)
        assert said.startswith("B2 (owner_org): ")

    def test_rights_that_went_since_the_preview_count(self, me):
        project("eins", "tree-office")
        table = [["name", "Kurzbeschreibung"], ["eins", "Anders"]]
        id_ = checked(me, table)
        package = model.Package.get("eins")
        package.owner_org = model.Group.get("green-office").id
        model.Session.commit()
        as_user(me, "digifarm_import_confirm", id=id_)
        work()
        assert results(me, id_) == ["failed"]
        assert as_portal("package_show", id="eins")["summary"] == "Text"


class TestParts:
    """What came through reviewers they may mend, and no more."""

    def test_datasets_that_one_may_not_read_are_not_there(self, me):
        factories.Dataset(name="offen", owner_org="green-office")
        factories.Dataset(
            name="verborgen",
            title="Liste",
            owner_org="green-office",
            private=True,
        )
        head, row = TABLE

        def said(dataset: str) -> list[str]:
            table = [[*head, "datasets"], [*row, dataset]]
            return complaints(me, table, organization="tree-office")

        assert said("offen") == []
        hidden, missing = said("verborgen"), said("nirgends")
        assert hidden[0].replace("verborgen", "nirgends") == missing[0]
        # Not by its title either, nor is it one of several.
        assert said("Liste")[0].replace("Liste", "nirgends") == missing[0]
        factories.Dataset(name="andere", title="Liste", owner_org=None)
        assert said("Liste") == []

    def test_team_things_are_for_the_team(self, me, monkeypatch):
        project("eins", "green-office")
        factories.Dataset(name="offen", owner_org="green-office")
        # As a reviewer may edit what came through them.
        monkeypatch.setattr(
            "ckanext.digifarm.core.auth.Proposal.kept_projects",
            lambda ids: ids,
        )
        head = ["name", "Kurzbeschreibung", "datasets", "tasks"]
        head.append("supporters_care")

        def said(*cells: str) -> list[str]:
            row = ["eins", *cells, *[""] * (4 - len(cells))]
            return complaints(me, [head, row])

        assert said("Anders") == []
        only = "Only the project’s team may change this"
        assert said(
            "Anders", "offen", "Gießen|hour", "Verein|association"
        ) == [
            f"C2 (datasets): {only}",
            f"D2 (tasks): {only}",
            f"E2 (supporters_care): {only}",
        ]

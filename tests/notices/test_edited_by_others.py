"""Who looks after a project is told what others have changed of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import ckantoolkit as tk
import pytest
from click.testing import CliRunner
from freezegun import freeze_time

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import changed_config
from ckanext.digifarm.cli import digifarm
from ckanext.digifarm.exchange.model import Import
from ckanext.digifarm.lib import clock, outbox
from ckanext.digifarm.lib.language import speaking
from ckanext.digifarm.notices import digests
from ckanext.digifarm.notices.model import Notice
from ckanext.digifarm.proposals.model import Proposal

from ..acting import as_portal, as_user, organization_of
from ..exchange import uploading
from ..mail_server import MailServer
from .gathered import Portal, gather, told
from .news import notices, user

pytestmark = pytest.mark.usefixtures("shared_app", "no_commits", "begun")

KIND = "edited-by-others"
BY_OTHERS = "“Baumblick”: others have changed"


@pytest.fixture
def portal(shared, begun) -> Iterator[Portal]:
    """A project, with its owner, of which nothing is new."""
    edit(shared, as_portal, summary="", stage="live", private=False)
    gather()
    model.Session.query(Notice).delete()
    model.Session.commit()
    yield shared
    model.Session.rollback()


def edit(portal: Portal, act: Any = None, **fields: Any) -> None:
    """Let somebody edit the project: default: its organisation's editor."""
    values = {"id": portal.project["id"], **fields}
    if act:
        act("package_patch", **values)
    else:
        as_user(portal.editor, "package_patch", **values)


class TestEdits:
    def test_by_others_are_told_to_owners(self, portal):
        edit(portal, summary="Mehr", stage="idea")
        gather()
        said = f"{BY_OTHERS} “Summary”, “Stage”"
        assert told(KIND) == {portal.owner: [said]}

    def test_are_told_in_german(self, portal):
        edit(portal, summary="Mehr", private=True)
        gather()
        with speaking("de"):
            [line] = told(KIND)[portal.owner]
        assert "„Kurzbeschreibung“" in line
        assert "„Privat“" in line

    def test_of_tags_are_told(self, portal):
        edit(portal, tags=[{"name": "baum"}])
        gather()
        assert told(KIND) == {portal.owner: [f"{BY_OTHERS} “Tags”"]}
        edit(portal, tags=[])

    def test_by_owners_themselves_are_not(self, portal):
        as_user(
            portal.owner,
            "package_patch",
            id=portal.project["id"],
            summary="Mehr",
        )
        gather()
        assert notices() == []

    def test_by_another_owner_are_not(self, portal):
        other = user().name
        values = {"id": portal.project["id"], "user_id": other}
        as_portal("package_collaborator_create", capacity="editor", **values)
        as_user(
            other, "package_patch", id=portal.project["id"], summary="Mehr"
        )
        gather()
        as_portal("package_collaborator_delete", **values)
        assert told(KIND) == {}

    def test_are_told_to_the_organisation_where_there_is_no_owner(
        self, portal
    ):
        with changed_config("ckan.auth.allow_dataset_collaborators", False):
            edit(portal, summary="Von Kolleg*innen")
            gather()
            assert told(KIND) == {}
            edit(portal, as_portal, summary="Vom Portal")
            gather()
        assert told(KIND) == {portal.editor: [f"{BY_OTHERS} “Summary”"]}

    @pytest.mark.parametrize(
        ("action", "field"),
        [
            ("package_patch", "owner_org"),
            ("package_owner_org_update", "organization_id"),
        ],
    )
    def test_of_the_organisation_are_told(self, action, field, portal):
        id_, own = portal.project["id"], portal.project["owner_org"]
        other = factories.Organization(
            users=[{"name": user().name, "capacity": "editor"}]
        )["id"]
        as_portal(action, id=id_, **{field: other})
        line = f"{BY_OTHERS} “Responsible organisation”"
        assert told(KIND) == {portal.owner: [line]}
        model.Session.query(Notice).delete()
        as_portal("package_patch", id=id_, owner_org=own)
        model.Session.query(Notice).delete()
        # Who gets it has a mail; who had it has none.
        with changed_config("ckan.auth.allow_dataset_collaborators", False):
            as_portal(action, id=id_, **{field: other})
        assert told(KIND) == {portal.editor: [line]}
        as_portal("package_patch", id=id_, owner_org=own)

    def test_that_change_nothing_are_not_told(self, portal):
        edit(portal, summary="")
        assert notices() == []

    def test_that_are_refused_are_not_told(self, portal):
        with pytest.raises(tk.ValidationError):
            edit(portal, summary="Mehr", stage="running")
        edit(portal, as_portal, stage="idea")
        assert told(KIND) == {portal.owner: [f"{BY_OTHERS} “Stage”"]}

    def test_that_are_many_are_one_line(self, portal):
        for number in range(4):
            edit(portal, summary=f"Nr. {number}")
        # Of the same in one hour, or two where one has just begun.
        assert len(notices()) in {1, 2}
        edit(portal, title="Baumblick!", stage="idea", public_value="Viel")
        line = "“Title”, “Summary”, “What residents gain” and 1 more"
        assert told(KIND) == {portal.owner: [f"{BY_OTHERS} {line}"]}
        edit(portal, title="Baumblick")

    def test_of_a_proposal_that_waits_are_not_told(self, portal):
        project = portal.project["id"]
        row = Proposal(
            project_id=project,
            proposer_name="Kim",
            proposer_email="kim@example.org",
            language="de",
            consented=clock.now(),
            state="pending",
        )
        model.Session.add(row)
        model.Package.get(project).private = True
        model.Session.commit()
        try:
            edit(portal, as_portal, summary="Mehr", private=True)
            assert told(KIND) == {}
        finally:
            model.Session.rollback()
            model.Session.query(Proposal).delete()
            model.Session.commit()

    def test_of_a_deleted_project_are_not_told(self, portal, server):
        edit(portal, summary="Mehr")
        gather()
        as_portal("package_patch", id=portal.project["id"], state="deleted")
        assert "Baumblick" not in sent(server, portal.owner)
        as_portal("package_patch", id=portal.project["id"], state="active")


class TestImports:
    def test_of_the_command_are_told_in_one_line_of_one_mail(
        self,
        portal,
        server,
        tmp_path: Path,
    ):
        table = tmp_path / "table.csv"
        name = portal.project["name"]
        table.write_text(f"name,stage,summary\n{name},idea,Neu\n")
        result = CliRunner().invoke(digifarm, ["import", str(table)])
        assert result.exit_code == 0, result.output
        gather()
        line = f"{BY_OTHERS} “Summary”, “Stage”"
        assert told(KIND) == {portal.owner: [line]}
        text = sent(server, portal.owner)
        assert text.count("Baumblick") == 1
        assert line in text
        assert f"/civic_project/{name}" in text
        # Core's stream shows nothing that the portal's account has done.
        assert "/activity/" not in text

    def test_of_the_command_tell_of_links_too(self, portal, tmp_path: Path):
        dataset = portal.dataset("Straßenbäume")
        table = tmp_path / "table.csv"
        name = portal.project["name"]
        table.write_text(f"name,datasets\n{name},{dataset['name']}\n")
        result = CliRunner().invoke(digifarm, ["import", str(table)])
        assert result.exit_code == 0, result.output
        gather()
        line = "“Baumblick”: linked with the dataset “Straßenbäume”"
        assert told("links-of-projects") == {portal.owner: [line]}
        assert told(KIND) == {}

    def test_by_the_web_are_told_to_owners_but_not_to_who_imports(
        self, portal, server
    ):
        office = model.Group.get(organization_of(editor=[portal.editor])).name
        table = [["name", "Stand"], [portal.project["name"], "Idee"]]
        option = "ckanext.digifarm.review_organization"
        with changed_config(option, office):
            id_ = uploading.checked(portal.editor, table)
            as_user(portal.editor, "digifarm_import_confirm", id=id_)
            uploading.work()
        gather()
        assert told(KIND) == {portal.owner: [f"{BY_OTHERS} “Stage”"]}
        text = sent(server, portal.owner)
        assert f"/dataset/activity/{portal.project['name']}" in text
        model.Session.query(Import).delete()
        model.Session.commit()


def sent(server: MailServer, reader: str) -> str:
    """What the digest of a week later says to somebody, or ""."""
    with freeze_time(clock.now() + timedelta(days=8)):
        digests.write_digests()
    model.Session.commit()
    outbox.send_due()
    address = model.User.by_name(reader).email
    texts = [
        message.get_body(("plain",)).get_content()
        for message in server.messages
        if address in message["To"]
    ]
    return " ".join("".join(texts).split())

"""Who is named in a folder is found and forgotten, as is the folder."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner

from ckan import model
from ckan.tests import factories
from ckanext.digifarm import privacy
from ckanext.digifarm.cli import digifarm
from ckanext.digifarm.handover.model import Handover
from ckanext.digifarm.lib import clock
from ckanext.digifarm.lib.events import Event

from ..acting import as_portal, as_user
from .folders import COMPLETE

pytestmark = pytest.mark.usefixtures("shared_app")

KIM = "kim@example.org"
UPDATE = "digifarm_handover_update"
PREPARED = "digifarm_handover_prepared"


@pytest.fixture
def project() -> dict[str, Any]:
    model.Session.rollback()
    for table in (Handover, Event):
        model.Session.query(table).delete()
    model.Session.commit()
    organization = factories.Organization()
    return factories.Dataset(
        type="civic_project", title="Schatten", owner_org=organization["id"]
    )


def folder(project: dict[str, Any]) -> dict[str, Any]:
    model.Session.rollback()
    return model.Session.get(Handover, project["id"]).entries


class TestNames:
    def test_are_told(self, project):
        as_portal(
            UPDATE,
            id=project["id"],
            domain_holder=f"Kim, {KIM}",
            money_could_follow=f"fragen: {KIM}",
        )
        [mention] = privacy.export(KIM)["mention"]
        assert mention["where"] == (
            "Handover folder of “Schatten”: domain, money"
        )
        assert mention["address"].endswith(
            f"/civic_project/handover/{project['name']}"
        )

    def test_addresses_are_covered_and_what_is_missing_then_shows(
        self, project
    ):
        as_portal(
            UPDATE, id=project["id"], **{**COMPLETE, "domain_holder": KIM}
        )
        assert as_user("", PREPARED, id=project["id"])
        outcome = privacy.erase(KIM)
        assert [place.what for place in outcome.covered] == [
            "Handover folder of “Schatten”: domain"
        ]
        assert folder(project)["domain"]["holder"] == ""
        assert not as_user("", PREPARED, id=project["id"])

    def test_are_left_to_somebody_or_covered_if_wanted(self, project):
        as_portal(
            UPDATE,
            id=project["id"],
            **{
                **COMPLETE,
                "server_holder": "Kim Beispiel",
                "server_documented": "Fragen Sie Kim Beispiel",
            },
        )
        outcome = privacy.erase(KIM, names=["Kim Beispiel"])
        assert [place.what for place in outcome.left] == [
            "Handover folder of “Schatten”: server"
        ]
        assert as_user("", PREPARED, id=project["id"])
        privacy.erase(KIM, names=["Kim Beispiel"], cover_names=True)
        server = folder(project)["server"]
        assert (server["holder"], server["documented"]) == (
            "",
            "Fragen Sie …",
        )
        assert not as_user("", PREPARED, id=project["id"])

    def test_a_dry_run_changes_nothing(self, project):
        as_portal(UPDATE, id=project["id"], domain_holder=KIM)
        privacy.erase(KIM, dry_run=True)
        assert folder(project)["domain"]["holder"] == KIM

    def test_it_says_nothing_of_who_has_written_it(self, project):
        user = factories.Sysadmin()
        as_user(user["name"], UPDATE, id=project["id"], domain_holder="A")
        model.Session.rollback()
        columns = Handover.__table__.columns
        row = model.Session.query(*columns).one()
        assert user["id"] not in str(row)
        assert user["name"] not in str(row)


class TestGone:
    def test_with_its_project(self, project):
        as_portal(UPDATE, id=project["id"], domain_holder="A")
        as_portal("dataset_purge", id=project["id"])
        assert model.Session.query(Handover).count() == 0

    def test_some_time_after_that_was_deleted(self, project, monkeypatch):
        as_portal(UPDATE, id=project["id"], domain_holder="A")
        as_portal("package_delete", id=project["id"])
        now = clock.now()
        for days, count in ((179, 0), (181, 1)):
            later = now + privacy.purging.DAY * days
            monkeypatch.setattr(clock, "now", lambda later=later: later)
            assert privacy.purge()["handovers"] == count
        assert model.Session.query(Handover).count() == 0

    def test_not_while_it_goes_on(self, project, monkeypatch):
        as_portal(UPDATE, id=project["id"], domain_holder="A")
        later = clock.now() + privacy.purging.DAY * 1000
        monkeypatch.setattr(clock, "now", lambda: later)
        assert privacy.purge()["handovers"] == 0
        assert folder(project)["domain"]["holder"] == "A"

    def test_comes_back_with_a_project_that_is_restored(self, project):
        as_portal(UPDATE, id=project["id"], domain_holder="A")
        as_portal("package_delete", id=project["id"])
        as_portal("package_patch", id=project["id"], state="active")
        said = as_portal("digifarm_handover_show", id=project["id"])
        assert said["entries"][0]["holder"] == "A"

    def test_the_command_says_how_many(self, project):
        done = CliRunner().invoke(digifarm, ["privacy", "purge", "--dry-run"])
        assert "handovers: 0" in done.output

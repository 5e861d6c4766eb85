"""What comes back soon alarms nobody; each loss is told once, and together."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from freezegun import freeze_time

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action
from ckanext.digifarm.lib import clock
from ckanext.digifarm.links.model import Link
from ckanext.digifarm.losses import telling
from ckanext.digifarm.losses.model import LinkedDataset
from ckanext.digifarm.notices.model import Notice
from dev.counting import counting

from ..acting import as_portal, copy_of
from ..conftest import ProjectFactory
from ..outbox import empty_outbox, waiting_mails
from .conftest import address_of, deliver, link, look, look_twice, seen, told
from .test_ways import DELETED, PRIVATE, by_purge, without_format

pytestmark = pytest.mark.usefixtures("shared_portal", "no_commits", "nothing")

Package = dict[str, Any]


def without_csv(dataset: Package) -> None:
    rest = [
        resource
        for resource in dataset["resources"]
        if resource["format"] == "GeoJSON"
    ]
    as_portal("package_patch", id=dataset["id"], resources=rest)


def with_all(dataset: Package) -> None:
    as_portal(
        "package_patch", id=dataset["id"], resources=dataset["resources"]
    )


def delete(dataset: Package) -> None:
    as_portal("package_delete", id=dataset["id"])


def restore(dataset: Package) -> None:
    as_portal("package_patch", id=dataset["id"], state="active")


def hide(dataset: Package) -> None:
    as_portal("package_patch", id=dataset["id"], private=True)


def publish(dataset: Package) -> None:
    as_portal("package_patch", id=dataset["id"], private=False)


def move(dataset: Package) -> None:
    other = factories.Organization(title="Stadtwerke")
    as_portal("package_patch", id=dataset["id"], owner_org=other["id"])


def move_back(dataset: Package) -> None:
    as_portal(
        "package_patch", id=dataset["id"], owner_org=dataset["owner_org"]
    )


@pytest.mark.parametrize(
    ("take", "give_back"),
    [
        (without_csv, with_all),
        (delete, restore),
        (hide, publish),
        (move, move_back),
    ],
)
def test_what_is_put_back_alarms_nobody(take, give_back, dataset):
    take(dataset)
    look()
    look(10)
    row = seen(dataset)
    assert row
    assert row.missing
    give_back(dataset)
    look(16)
    look(60)
    row = seen(dataset)
    assert row
    assert row.missing == {}
    assert told() == {}
    assert model.Session.query(Notice).count() == 0


@pytest.mark.parametrize("take", [without_csv, delete, hide, move])
def test_nobody_is_told_before_the_second_look(take, dataset, owner):
    take(dataset)
    look()
    for minutes in (5, 10, 14.9):
        look(minutes)
        assert told() == {}
    look(15.1)
    assert [*told()] == [owner]


def test_the_time_begins_anew_where_it_was_back(dataset, owner):
    without_csv(dataset)
    look()
    with_all(dataset)
    look(5)
    without_csv(dataset)
    look(10)
    look(20)
    assert told() == {}
    look(26)
    assert told() == {owner: [without_format("CSV")]}


def test_it_is_looked_once_more_before_it_is_told(dataset):
    """It may be back since the look of the same run."""
    without_csv(dataset)
    look()
    with_all(dataset)
    row = seen(dataset)
    assert row
    row.missing = {"format csv": "2026-01-01T00:00:00"}
    model.Session.commit()
    telling.second_look(dataset["id"])
    model.Session.commit()
    assert told() == {}
    row = seen(dataset)
    assert row
    assert row.missing == {}


@pytest.mark.parametrize(
    ("take", "give", "what"),
    [
        (delete, restore, DELETED),
        (
            without_csv,
            with_all,
            without_format("CSV"),
        ),
    ],
)
class TestGoneAgain:
    def test_after_minutes_it_is_the_same_loss(
        self, take, give, what, dataset, owner
    ):
        """Nobody was told that it is there again."""
        take(dataset)
        look_twice()
        give(dataset)
        look(20)
        row = seen(dataset)
        assert row
        assert row.formats == ["csv", "geojson"]
        take(dataset)
        look(25)
        look(41)
        assert told() == {owner: [what]}

    def test_after_it_was_told_to_be_back_it_is_another_one(
        self, take, give, what, dataset, owner
    ):
        take(dataset)
        look_twice()
        deliver()
        give(dataset)
        look(20)
        look(36)
        take(dataset)
        look(40)
        look(56)
        # The first mail has gone out; then one said that it is back.
        [(reader, [_, again])] = told().items()
        assert (reader, again) == (owner, what)
        lost = model.Session.query(Notice).filter_by(kind="data-lost")
        assert lost.count() == 2


def test_another_loss_is_told_besides(dataset, owner):
    without_csv(dataset)
    look_twice()
    with_all(dataset)
    look(20)
    delete(dataset)
    look(25)
    look(41)
    assert told() == {owner: [without_format("CSV"), DELETED]}


def test_two_losses_at_once_are_one_notice(dataset, owner):
    hide(dataset)
    without_csv(dataset)
    look_twice()
    look(60)
    assert told() == {owner: [PRIVATE]}


def test_a_loss_waits_a_little_for_others(dataset, owner):
    move(dataset)
    look()
    without_csv(dataset)
    look(5)
    look(16)
    assert told() == {}
    look(20.1)
    [[subject]] = told().values()
    assert "has left its organization" in subject
    [mail] = waiting_mails()
    assert "It is no longer there as CSV." in mail.body
    look(60)
    assert len(waiting_mails()) == 1


def test_a_loss_waits_for_others_no_longer(dataset, owner):
    move(dataset)
    look()
    without_csv(dataset)
    look(10)
    look(20)
    [[subject]] = told().values()
    assert "has left its organization" in subject
    look(26)
    assert told()[owner][1:] == [without_format("CSV")]
    look(60)
    assert len(told()[owner]) == 2


def test_a_new_format_that_goes_meanwhile_is_a_loss_too(dataset, owner):
    without_csv(dataset)
    look()
    as_portal(
        "resource_create",
        package_id=dataset["id"],
        url="https://example.org/x",
        format="XLSX",
    )
    look(5)
    row = seen(dataset)
    assert row
    assert row.formats == ["csv", "geojson", "xlsx"]


def test_deleted_and_then_purged_is_one_loss(dataset, owner):
    delete(dataset)
    look()
    by_purge(dataset)
    look(10)
    look(16)
    look(60)
    assert told() == {owner: [DELETED]}


def test_purged_after_it_was_told_is_no_news(dataset, owner):
    delete(dataset)
    look_twice()
    by_purge(dataset)
    look(20)
    look(40)
    assert told() == {owner: [DELETED]}
    assert seen(dataset) is None


class TestLinks:
    def test_new_ones_alarm_nobody(self, create, owned_project, nothing):
        dataset = create("CSV")
        hide(dataset)
        link(owned_project, dataset)
        look_twice()
        assert told() == {}
        row = seen(dataset)
        assert row
        assert (row.private, row.projects) == (
            True,
            {owned_project["id"]: "uses"},
        )

    def test_new_ones_are_known_at_once(
        self, create, owned_project, owner, nothing
    ):
        """It may be gone before the first look."""
        dataset = create("CSV")
        call_action(
            "digifarm_link_create",
            project=owned_project["id"],
            dataset=dataset["id"],
        )
        by_purge(dataset)
        look_twice()
        assert told() == {owner: [DELETED]}

    def test_a_new_one_puts_off_nothing(self, dataset, owner):
        hide(dataset)
        look()
        call_action(
            "digifarm_link_create",
            project=ProjectFactory()["id"],
            dataset=dataset["id"],
        )
        look(16)
        assert told() == {owner: [PRIVATE]}

    def test_removed_ones_are_forgotten(self, dataset, owned_project):
        delete(dataset)
        look()
        call_action(
            "digifarm_link_delete",
            project=owned_project["id"],
            dataset=dataset["id"],
        )
        look(16)
        look(32)
        assert told() == {}
        assert seen(dataset) is None

    def test_who_links_meanwhile_knows_it(self, dataset, owner):
        other = ProjectFactory(title="Kühle Wege")
        hide(dataset)
        look()
        link(other, dataset)
        look(16)
        assert told() == {owner: [PRIVATE]}
        row = seen(dataset)
        assert row
        assert other["id"] in row.projects

    def test_another_relation_is_no_news(self, dataset, owned_project):
        link(owned_project, dataset, relation="provides")
        look_twice()
        assert told() == {}
        row = seen(dataset)
        assert row
        assert row.projects == {owned_project["id"]: "provides"}

    def test_of_a_purged_project_are_removed(self, dataset, owned_project):
        by_purge(owned_project)
        look()
        assert seen(dataset) is None
        by_purge(dataset)
        look_twice()
        assert told() == {}


class TestWhom:
    def test_each_of_a_project_and_all_projects(
        self, dataset, people, owner, owned_project
    ):
        """Its owners, and where there are none, the organisation's editors."""
        other = ProjectFactory(
            title="Kühle Wege", owner_org=owned_project["owner_org"]
        )
        ProjectFactory(
            title="Ohne Verknüpfung", owner_org=owned_project["owner_org"]
        )
        link(other, dataset)
        by_purge(dataset)
        look_twice()
        assert told() == {
            owner: [DELETED],
            address_of(people["project_editor"]): [
                DELETED.replace("Durstige Bäume", "Kühle Wege")
            ],
        }

    @pytest.mark.parametrize("stage", ["completed", "ended"])
    def test_nobody_of_a_project_that_is_over(
        self, stage, dataset, owned_project
    ):
        as_portal("package_patch", id=owned_project["id"], stage=stage)
        empty_outbox()
        by_purge(dataset)
        look_twice()
        assert told() == {}

    def test_those_of_a_project_that_pauses(
        self, dataset, owned_project, owner
    ):
        as_portal("package_patch", id=owned_project["id"], stage="paused")
        empty_outbox()
        by_purge(dataset)
        look_twice()
        assert told() == {owner: [DELETED]}

    def test_nobody_of_a_deleted_project(self, dataset, owned_project):
        as_portal("package_delete", id=owned_project["id"])
        by_purge(dataset)
        look_twice()
        assert told() == {}

    def test_the_notice_needs_the_project_to_be_read(
        self, dataset, owned_project
    ):
        delete(dataset)
        look_twice()
        [notice] = model.Session.query(Notice)
        assert notice.kind == "data-lost"
        assert notice.package_ids == [owned_project["id"]]

    def test_the_mail_says_what_to_do(self, dataset, owned_project, publisher):
        """By names, as people can read them."""
        delete(dataset)
        look_twice()
        [mail] = waiting_mails()
        words = " ".join(mail.body.split())
        assert "We noticed it on " in words
        site = "http://test.ckan.net"
        publisher_page = f"{site}/organization/{publisher['name']}"
        for step in (
            f"{site}/civic_project/{owned_project['name']}#links",
            f"Look for another dataset: {site}/dataset/?q=Baumkataster",
            f"Ask “Grünflächenamt”, who published it: {publisher_page}",
        ):
            assert step in words
        assert "/civic_project/" + owned_project["id"] not in words


class TestSecrets:
    def test_who_could_not_read_it_learns_nothing(
        self, create, owned_project, nothing
    ):
        secret = create("CSV", title="Geheimes", private=True)
        link(owned_project, secret)
        without_csv(secret)
        look_twice()
        by_purge(secret)
        look_twice()
        assert told() == {}
        assert model.Session.query(Notice).count() == 0

    def test_who_could_read_it_does(
        self, create, owned_project, people, owner, publisher, nothing
    ):
        as_portal(
            "organization_member_create",
            id=publisher["id"],
            username=people["owner"],
            role="member",
        )
        secret = create("CSV", private=True)
        link(owned_project, secret)
        by_purge(secret)
        look_twice()
        assert told() == {owner: [DELETED]}

    def test_its_collaborators_do(
        self, create, owned_project, people, owner, nothing
    ):
        """As long as it is there: with it, CKAN deletes who they were."""
        secret = create("CSV", private=True)
        as_portal(
            "package_collaborator_create",
            id=secret["id"],
            user_id=people["owner"],
            capacity="member",
        )
        link(owned_project, secret)
        as_portal("package_patch", id=secret["id"], resources=[])
        look_twice()
        assert told() == {owner: [without_format("CSV")]}

    def test_what_it_is_called_once_it_is_private_is_not_told(
        self, dataset, owner
    ):
        as_portal(
            "package_patch",
            id=dataset["id"],
            private=True,
            title="Geheimes",
            name="geheimes-register",
            resources=[],
            owner_org=factories.Organization(title="Geheimdienst")["id"],
        )
        look_twice()
        as_portal("package_patch", id=dataset["id"], state="deleted")
        look(20)
        look(36)
        assert told() == {owner: [PRIVATE]}
        [mail] = waiting_mails()
        for word in ("Geheim", "geheim", "CSV", "organization of"):
            assert word not in mail.body
        notices = [str(n.data) for n in model.Session.query(Notice)]
        assert "Geheim" not in "".join(notices)


class TestCosts:
    @staticmethod
    def cost(what: Any) -> int:
        with counting() as counted:
            what()
        return len(counted.sql)

    def test_looking_costs_the_same_for_3_and_300(
        self, create, owned_project, publisher, nothing
    ):
        costs = []
        kept = create("CSV", "PDF")
        for many in (3, 300):
            model.Session.query(LinkedDataset).delete()
            copies = [copy_of(kept) for _ in range(many)]
            self._link(owned_project, copies)
            first = self.cost(look)
            nothing_new = self.cost(look)
            self._hide(copies)
            lost = self.cost(look)
            assert (
                model.Session.query(LinkedDataset)
                .filter(LinkedDataset.missing.has_key("private"))
                .count()
            ) == many
            costs.append((first, nothing_new, lost))
        assert costs[0] == costs[1]

    def test_telling_costs_the_same_for_each(
        self, create, owned_project, nothing
    ):
        kept = create("CSV")
        costs = []
        for many in (1, 5):
            copies = [copy_of(kept) for _ in range(many)]
            self._link(owned_project, copies)
            look()
            self._hide(copies)
            look()
            costs.append(self.cost(lambda: look(16)))
            look(60)
        each = costs[1] - costs[0]
        assert each % 4 == 0
        assert each // 4 < 40

    def test_a_dataset_costs_the_same_for_2_and_200_projects(
        self, dataset, owned_project, nothing
    ):
        as_portal(
            "organization_member_create",
            id=owned_project["owner_org"],
            username=factories.User()["name"],
            role="editor",
        )
        costs = []
        for many in (2, 200):
            projects = [copy_of(owned_project) for _ in range(many)]
            for project in projects:
                self._link(project, [dataset])
            look()
            delete(dataset)
            look()
            costs.append(self.cost(lambda: self._second_look(dataset)))
            project_ids = [project["id"] for project in projects]
            told = model.Session.query(Notice.data["project"].astext)
            assert {id_ for (id_,) in told} >= {*project_ids}
            restore(dataset)
            look()
            model.Session.query(Link).delete()
            model.Session.commit()
        assert costs[0] == costs[1]

    @staticmethod
    def _second_look(dataset: Package) -> None:
        with freeze_time(clock.now() + timedelta(minutes=16)):
            telling.second_look(dataset["id"])
        model.Session.commit()

    def _link(self, project: Package, datasets: list[Package]) -> None:
        model.Session.execute(
            Link.__table__.insert(),
            [
                {"project_id": project["id"], "dataset_id": dataset["id"]}
                for dataset in datasets
            ],
        )
        model.Session.commit()

    def _hide(self, datasets: list[Package]) -> None:
        table = model.package_table
        model.Session.execute(
            table.update()
            .where(table.c.id.in_([dataset["id"] for dataset in datasets]))
            .values(private=True)
        )
        model.Session.commit()

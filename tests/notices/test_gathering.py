"""What happens is told to whom it concerns, by one statement per kind."""

from __future__ import annotations

import time
from typing import Any

import ckantoolkit as tk
import pytest
import sqlalchemy as sa

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import changed_config
from ckanext.digifarm.lib import events, people
from ckanext.digifarm.lib.events import Change, Event, Reader, Subject
from ckanext.digifarm.links.model import Link
from ckanext.digifarm.notices import due, gathering
from ckanext.digifarm.notices.kinds import KINDS
from ckanext.digifarm.notices.model import Notice, NoticeSettings
from dev.counting import counting

from ..acting import as_portal, as_user, in_two_threads, organization_of
from .gathered import Portal, gather, settle, told
from .news import notices, user

pytestmark = pytest.mark.usefixtures("shared_app", "no_commits", "begun")

DATASETS, PROJECTS = "links-of-datasets", "links-of-projects"


class TestLinks:
    def test_are_told_to_the_other_side(self, portal):
        portal.link(portal.dataset())
        gather()
        said = ["“Baumblick”: linked with the dataset “Bäume”"]
        assert told(DATASETS) == {
            portal.publisher: said,
            portal.colleague: said,
        }

    def test_are_told_to_owners_but_not_of_what_they_did(self, portal):
        portal.link(portal.dataset(), by=portal.owner)
        gather()
        assert told(PROJECTS) == {}
        portal.link(portal.dataset("Parks"), by=portal.publisher)
        gather()
        assert told(PROJECTS) == {
            portal.owner: ["“Baumblick”: linked with the dataset “Parks”"]
        }
        both = "linked with 2 datasets: “Bäume”, “Parks”"
        assert told(DATASETS) == {
            portal.publisher: ["“Baumblick”: linked with the dataset “Bäume”"],
            portal.colleague: [f"“Baumblick”: {both}"],
        }

    def test_are_told_to_the_organisation_where_there_is_no_owner(
        self, portal
    ):
        with changed_config("ckan.auth.allow_dataset_collaborators", False):
            portal.link(portal.dataset(), by=portal.publisher)
            gather()
        assert [*told(PROJECTS)] == [portal.editor]

    def test_are_told_once_to_who_is_on_both_sides(self, portal):
        dataset = factories.Dataset(
            title="Wege",
            owner_org=organization_of(
                editor=[portal.publisher], member=[portal.owner]
            ),
        )
        as_portal(
            "package_collaborator_create",
            id=portal.project["id"],
            user_id=portal.publisher,
            capacity="editor",
        )
        try:
            portal.link(dataset)
            gather()
        finally:
            as_portal(
                "package_collaborator_delete",
                id=portal.project["id"],
                user_id=portal.publisher,
            )
        assert [*told(PROJECTS)] == [portal.publisher]
        assert told(DATASETS) == {}

    def test_that_are_many_are_one_line(self, portal):
        datasets = [portal.dataset(f"Nr. {n}") for n in range(5)]
        for dataset in datasets[:2]:
            portal.link(dataset)
        gather()
        model.Session.query(Notice).delete()
        model.Session.commit()
        portal.unlink(datasets[0])
        for dataset in datasets[2:]:
            portal.link(dataset)
        gather()
        [line] = told(DATASETS)[portal.publisher]
        assert line == (
            "“Baumblick”: linked with 3 datasets: “Nr. 2”, “Nr. 3”, “Nr. 4”;"
            " no longer linked with the dataset “Nr. 0”"
        )

    def test_that_change_200_times_are_one_line(self, portal):
        dataset = portal.dataset()
        project = model.Package.get(portal.project["id"])
        model.Session.add(
            Link(project_id=project.id, dataset_id=dataset["id"])
        )
        for number in range(200):
            change = Change.REMOVED if number % 2 else Change.CREATED
            Event.record(
                Subject.LINK,
                f"{project.id} {number}",
                change,
                None,
                "uses",
                project=project,
                data={"dataset": dataset["id"]},
            )
        model.Session.commit()
        gather()
        assert {len(lines) for lines in told(DATASETS).values()} <= {1}

    def test_that_are_made_and_removed_again_are_nothing(self, portal):
        dataset = portal.dataset()
        portal.link(dataset)
        portal.unlink(dataset)
        gather()
        assert notices() == []

    @pytest.mark.parametrize("side", ["project", "dataset"])
    @pytest.mark.parametrize("what", ["private", "deleted"])
    def test_with_what_nobody_may_read_are_not_told(self, side, what, portal):
        dataset = portal.dataset()
        portal.link(dataset)
        hidden = portal.project if side == "project" else dataset
        row = model.Package.get(hidden["id"])
        if what == "private":
            row.private = True
        else:
            row.state = "deleted"
        model.Session.commit()
        gather()
        assert PROJECTS not in {one.kind for one in notices()}
        if (side, what) != ("dataset", "private"):
            assert told(DATASETS) == {}

    def test_are_told_once_everybody_may_read_the_project(self, portal):
        model.Package.get(portal.project["id"]).private = True
        model.Session.commit()
        portal.link(portal.dataset())
        gather()
        assert told(DATASETS) == {}
        model.Package.get(portal.project["id"]).private = False
        model.Session.commit()
        gather()
        assert portal.publisher in told(DATASETS)

    @pytest.mark.parametrize(
        "change",
        [{"state": "deleted"}, {"state": "pending"}, {"email": None}],
        ids=str,
    )
    def test_are_not_told_to_who_is_not_there(self, change, portal):
        reader = model.User.get(portal.publisher)
        before = {name: getattr(reader, name) for name in change}
        for name, value in change.items():
            setattr(reader, name, value)
        model.Session.commit()
        try:
            portal.link(portal.dataset())
            gather()
            assert [*told(DATASETS)] == [portal.colleague]
        finally:
            for name, value in before.items():
                setattr(model.User.get(reader.id), name, value)
            model.Session.commit()

    def test_are_on_the_page_of_who_wants_no_mails(self, portal):
        reader = model.User.get(portal.publisher)
        NoticeSettings.change(reader.id, {"off": [DATASETS]})
        model.Session.commit()
        portal.link(portal.dataset())
        gather()
        assert {*told(DATASETS)} == {portal.publisher, portal.colleague}

    def test_that_are_undone_later_are_nothing(self, portal):
        """Though each was gathered by itself."""
        datasets = portal.dataset("A"), portal.dataset("B")
        for dataset in datasets:
            portal.link(dataset)
        gather()
        portal.unlink(datasets[0])
        gather()
        said = ["“Baumblick”: linked with the dataset “B”"]
        assert told(DATASETS)[portal.publisher] == said
        portal.link(datasets[0])
        gather()
        portal.unlink(datasets[1])
        gather()
        said = ["“Baumblick”: linked with the dataset “A”"]
        assert told(DATASETS)[portal.publisher] == said

    def test_that_a_publisher_removes_are_told_at_once_and_no_more(
        self, portal
    ):
        dataset = portal.dataset()
        portal.link(dataset)
        model.Session.query(Notice).delete()
        gather()
        model.Session.query(Notice).delete()
        model.Session.commit()
        as_user(
            portal.publisher,
            "digifarm_link_delete",
            project=portal.project["id"],
            dataset=dataset["id"],
        )
        gather()
        assert [*told("link-removed")] == [portal.owner]
        assert told(PROJECTS) == {}

    def test_may_only_be_read_with_both_sides(self, portal):
        dataset = portal.dataset()
        portal.link(dataset)
        gather()
        assert {frozenset(one.package_ids) for one in notices()} == {
            frozenset({portal.project["id"], dataset["id"]})
        }


@pytest.mark.parametrize("owner", ["active", "deleted", "none"])
def test_a_statement_knows_who_looks_after_a_project(owner, portal):
    """As `of_project` does."""
    project = model.Package.get(portal.project["id"])
    row = model.User.get(portal.owner)
    row.state = "deleted" if owner == "deleted" else "active"
    model.Session.flush()
    allowed = owner != "none"
    with changed_config("ckan.auth.allow_dataset_collaborators", allowed):
        found = people.teams(sa.select(sa.literal(project.id))).subquery()
        ids = model.Session.scalars(sa.select(found.c.user_id)).all()
        team = people.of_project(project)
    model.Session.rollback()
    assert sorted(ids) == sorted(user.id for user in team)
    expected = portal.owner if owner == "active" else portal.editor
    # The portal itself may be an editor, too.
    rest = {user.name for user in team} - {tk.config["ckan.site_id"]}
    assert rest == {expected}


class TestTogether:
    def test_lines_of_a_project_add_up(self):
        kind = KINDS[DATASETS]

        def data(number: int, title: str, is_made: bool = True) -> Any:
            return {
                "project": {"id": "a", "name": "a", "title": "Baumblick"},
                "dataset": {"id": title, "name": title, "title": title},
                "is_made": is_made,
                "number": number,
            }

        found = [data(number, title) for number, title in enumerate("ABCDEF")]
        assert kind.about(found[0]) == "a"
        assert kind.line(found) == (
            "“Baumblick”: linked with 6 datasets: “A”, “B”, “C” and 3 more"
        )
        assert kind.line([data(1, "A"), data(2, "A", False)]) == ""


class TestFollowed:
    KIND = "followed-help"

    def follow(self, portal: Portal, what: str = "project") -> str:
        follower = user().name
        if what == "project":
            as_user(follower, "follow_dataset", id=portal.project["id"])
        else:
            as_user(follower, "follow_group", id=portal.project["owner_org"])
        return follower

    def task(self, portal: Portal, title: str = "Fotos") -> dict[str, Any]:
        return as_user(
            portal.owner,
            "digifarm_task_create",
            project=portal.project["id"],
            title=title,
            description="Bitte",
            effort="hour",
        )

    @pytest.mark.parametrize("what", ["project", "organization"])
    def test_tells_of_new_tasks(self, what, portal):
        follower = self.follow(portal, what)
        self.task(portal)
        gather()
        assert told(self.KIND)[follower] == ["“Baumblick”: new task “Fotos”"]
        assert portal.owner not in told(self.KIND)

    def test_tells_in_a_group(self, portal):
        follower = user().name
        group = factories.Group()
        as_portal(
            "member_create",
            id=group["id"],
            object=portal.project["id"],
            object_type="package",
            capacity="public",
        )
        as_user(follower, "follow_group", id=group["id"])
        self.task(portal)
        gather()
        assert follower in told(self.KIND)

    def test_tells_nobody_of_what_they_did(self, portal):
        as_user(portal.owner, "follow_dataset", id=portal.project["id"])
        try:
            self.task(portal)
            gather()
            assert portal.owner not in told(self.KIND)
        finally:
            as_user(portal.owner, "unfollow_dataset", id=portal.project["id"])

    def test_tells_of_no_task_that_is_gone(self, portal):
        self.follow(portal)
        task = self.task(portal)
        as_user(portal.owner, "digifarm_task_delete", id=task["id"])
        gather()
        assert told(self.KIND) == {}

    def want(self, portal: Portal, *areas: str) -> None:
        as_portal(
            "package_patch", id=portal.project["id"], help_wanted=[*areas]
        )

    @pytest.mark.parametrize("is_on", [True, False])
    @pytest.mark.parametrize("wants", [True, False])
    def test_tells_of_help_unless_core_does(self, is_on, wants, portal):
        self.want(portal)
        gather()
        follower = self.follow(portal)
        row = model.User.get(follower)
        row.activity_streams_email_notifications = wants
        model.Session.commit()
        self.want(portal, "care", "technology")
        with changed_config(
            "ckan.activity_streams_email_notifications", is_on
        ):
            gather()
        assert (follower in told(self.KIND)) is not (is_on and wants)

    def test_says_which_help(self, portal):
        self.want(portal)
        gather()
        follower = self.follow(portal)
        self.want(portal, "technology")
        gather()
        assert told(self.KIND)[follower] == [
            "“Baumblick”: looks for help: Technical help"
        ]


class TestPosition:
    def test_what_was_before_is_not_told(self, portal):
        portal.link(portal.dataset())
        model.Session.query(Reader).delete()
        model.Session.commit()
        gather()
        gather()
        assert notices() == []

    def test_nothing_is_told_twice(self, portal):
        portal.link(portal.dataset())
        gather()
        before = len(notices())
        gather()
        assert len(notices()) == before

    def test_nothing_is_lost_that_fails(self, portal, monkeypatch):
        portal.link(portal.dataset())
        with monkeypatch.context() as patch:
            patch.setattr(gathering, "statement", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                gathering.gather()
        model.Session.rollback()
        gather()
        assert notices()

    def test_what_is_committed_late_is_told(self, portal):
        early, late = portal.dataset("Früh"), portal.dataset("Spät")
        engine = model.ensure_engine()
        with engine.connect() as slow:
            # It has begun, and has its place in the order.
            slow.execute(
                sa.insert(Event).values(
                    id="late",
                    subject="link",
                    subject_id="late",
                    action="created",
                    target="uses",
                    project_id=portal.project["id"],
                    actor="project",
                    data={"dataset": late["id"]},
                    reason="",
                )
            )
            portal.link(early)
            gather(is_settled=False)
            assert told(DATASETS) == {}
            slow.commit()
        gather()
        [lines] = {tuple(lines) for lines in told(DATASETS).values()}
        assert lines == (
            "“Baumblick”: linked with 2 datasets: “Spät”, “Früh”",
        )

    def test_reads_what_since_reads(self, portal):
        position = events.Position(
            *model.Session.execute(sa.select(Reader.xact, Reader.number)).one()
        )
        for _ in "123":
            portal.link(portal.dataset())
        found, after = events.since(position)
        unread = events.unread(gathering.READER)
        same = model.Session.scalars(
            unread.order_by(Event.xact, Event.number)
        ).all()
        assert [event.id for event in same] == [event.id for event in found]
        row = model.Session.get(Reader, gathering.READER)
        assert row
        assert (row.xact, row.number) == after
        again = events.unread(gathering.READER)
        assert model.Session.scalars(again).all() == []

    def test_two_at_once_tell_it_once(self, portal, shared_app):
        portal.link(portal.dataset())
        [kind] = [kind for kind in due.KINDS if kind.name == "notices"]
        settle()
        model.Session.remove()
        counts = in_two_threads(shared_app, kind.run, kind.run)
        assert sorted(map(len, told(DATASETS).values())) == [1, 1]
        assert {"failed": 1} not in counts


def crowd(number: int) -> list[str]:
    """Ids of many new users."""
    prefix = f"crowd-{time.monotonic_ns()}"
    rows = [
        {
            "id": f"{prefix}-{n:05}",
            "name": f"{prefix}-{n:05}",
            "email": f"{prefix}-{n:05}@example.org",
            "state": "active",
        }
        for n in range(number)
    ]
    model.Session.execute(sa.insert(model.user_table), rows)
    model.Session.commit()
    return [row["id"] for row in rows]


def join(users: list[str], organization: str) -> None:
    rows = [
        {
            "id": f"member-{id_}",
            "group_id": organization,
            "table_id": id_,
            "table_name": "user",
            "capacity": "editor",
            "state": "active",
        }
        for id_ in users
    ]
    model.Session.execute(sa.insert(model.Member.__table__), rows)
    model.Session.commit()


def test_many_readers_cost_no_more(portal):
    def cost(readers: int) -> int:
        organization = factories.Organization()["id"]
        join(crowd(readers), organization)
        dataset = factories.Dataset(owner_org=organization)
        portal.link(dataset)
        model.Session.query(Notice).delete()
        settle()
        with counting() as counted:
            gather(is_settled=False)
        assert len(notices()) == readers
        return len(counted.sql)

    assert cost(50) == cost(1)

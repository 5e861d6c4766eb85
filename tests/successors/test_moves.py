"""Links go to the newer dataset: by a click, or all at once."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.tests.helpers import call_action
from ckanext.digifarm.lib import clock, jobs, outbox
from ckanext.digifarm.lib.events import Event
from ckanext.digifarm.lib.mail import Mail
from ckanext.digifarm.links.model import Link
from ckanext.digifarm.notices.model import Notice
from ckanext.digifarm.successors.model import Successor
from ckanext.digifarm.successors.telling import NAMED

from ..acting import as_portal, as_user
from ..locks import DONE, NOT_FOUND, meeting
from ..working import run_due, work_here
from .conftest import change, link, linked, owned, replace

MOVERS = ["owner", "project_editor", "sysadmin"]
OTHERS = ["publisher", "reader", "other", "anonymous"]


def move(user: str, project: dict[str, Any], dataset, **data: str) -> Any:
    return as_user(
        user,
        "digifarm_link_move",
        project=project["name"],
        dataset=dataset["name"],
        **data,
    )


def link_events() -> list[tuple[str, str, str, str | None]]:
    """What happened to links, since they were made."""
    rows = model.Session.query(Event).filter_by(subject="link")
    return [
        (row.action, row.data["dataset"], row.actor, row.created_by)
        for row in rows.order_by(Event.number)
    ]


def forget_events() -> None:
    model.Session.query(Event).filter_by(subject="link").delete()
    model.Session.commit()


def mails() -> list[Mail]:
    work_here()
    run_due("urgent-notices")
    model.Session.rollback()
    query = model.Session.query(Mail)
    return query.order_by(Mail.recipient_email, Mail.subject_id).all()


def told() -> list[str]:
    return [mail.recipient_email for mail in mails()]


class TestClick:
    @pytest.mark.parametrize("role", MOVERS)
    def test_the_projects_people_move_a_link(
        self, role, people, dataset, project
    ):
        old, new, newest = dataset(), dataset(), dataset()
        link(project, old, relation="provides", note="Auf der Startseite")
        before = Link.get(project["id"], old["id"])
        made = before.created, before.linked_from
        replace(old, new)
        replace(new, newest)
        forget_events()
        result = move(people[role], project, old)
        assert linked(project) == [newest["id"]]
        assert result["dataset_id"] == newest["id"]
        assert result["relation"] == "provides"
        assert result["note"] == "Auf der Startseite"
        after = Link.get(project["id"], newest["id"])
        assert (after.created, after.linked_from) == made
        user = model.User.get(people[role]).id
        assert sorted(link_events()) == sorted(
            [
                ("created", newest["id"], "project", user),
                ("removed", old["id"], "project", user),
            ]
        )

    @pytest.mark.parametrize("role", OTHERS)
    def test_others_may_not(self, role, people, dataset, project):
        old, new = dataset(), dataset()
        link(project, old)
        replace(old, new)
        with pytest.raises(tk.NotAuthorized):
            move(people[role], project, old)
        with pytest.raises(tk.NotAuthorized):
            as_user(
                people[role], "digifarm_link_suggest", project=project["id"]
            )
        assert linked(project) == [old["id"]]

    def test_twice(self, people, dataset, project):
        old, new = dataset(), dataset()
        link(project, old)
        replace(old, new)
        move(people["owner"], project, old)
        with pytest.raises(tk.ObjectNotFound):
            move(people["owner"], project, old)
        assert linked(project) == [new["id"]]

    def test_two_at_once(self, people, dataset, project, shared_app):
        old, new = dataset(), dataset()
        link(project, old, note="Wichtig")
        replace(old, new)
        forget_events()
        results = meeting(
            shared_app,
            (Link, (project["id"], old["id"])),
            lambda: move(people["owner"], project, old),
            lambda: move(people["project_editor"], project, old),
        )
        assert sorted(results) == sorted([DONE, NOT_FOUND])
        assert linked(project) == [new["id"]]
        assert Link.get(project["id"], new["id"]).note == "Wichtig"
        assert sorted(row[0] for row in link_events()) == [
            "created",
            "removed",
        ]

    def test_two_links_to_the_same_place_at_once(
        self, people, dataset, project, shared_app
    ):
        one, two, new = dataset(), dataset(), dataset()
        for old in (one, two):
            link(project, old)
            replace(old, new)
        results = meeting(
            shared_app,
            (model.Package, new["id"]),
            lambda: move(people["owner"], project, one),
            lambda: move(people["owner"], project, two),
        )
        assert results == [DONE, DONE]
        assert linked(project) == [new["id"]]

    @pytest.mark.parametrize("note", ["", "Eigene"])
    def test_a_link_that_is_there_stays(self, note, people, dataset, project):
        old, new = dataset(), dataset()
        link(project, old, relation="provides", note="Alte")
        link(project, new, relation="uses", note=note)
        replace(old, new)
        forget_events()
        moved = move(people["owner"], project, old)
        assert linked(project) == [new["id"]]
        assert moved["relation"] == "uses"
        assert moved["note"] == (note or "Alte")
        changed = [] if note else ["changed"]
        assert [row[0] for row in link_events()] == [*changed, "removed"]

    def test_nothing_is_newer(self, people, dataset, project):
        old = dataset()
        link(project, old)
        with pytest.raises(tk.ValidationError) as error:
            move(people["owner"], project, old)
        assert [*error.value.error_dict] == ["dataset"]

    def test_not_where_they_may_not_read(self, people, dataset, project):
        old, new = dataset(), dataset(private=True)
        link(project, old)
        replace(old, new)
        with pytest.raises(tk.ValidationError):
            move(people["owner"], project, old)
        with pytest.raises(tk.NotAuthorized):
            move(people["owner"], project, old, successor=new["id"])
        assert linked(project) == [old["id"]]

    def test_of_a_deleted_dataset_to_one_of_their_choice(
        self, people, dataset, project
    ):
        old, new = dataset(), dataset()
        link(project, old)
        change(old, state="deleted")
        move(people["owner"], project, old, successor=new["name"])
        assert linked(project) == [new["id"]]

    def test_not_to_a_project_nor_to_itself(
        self, people, dataset, project, other_project
    ):
        old = dataset()
        link(project, old)
        for wrong in (other_project, old):
            with pytest.raises(tk.ValidationError) as error:
                move(people["owner"], project, old, successor=wrong["id"])
            assert [*error.value.error_dict] == ["successor"]

    def test_a_project_that_is_deleted(self, people, dataset, project):
        old, new = dataset(), dataset()
        link(project, old)
        replace(old, new)
        change(project, state="deleted")
        with pytest.raises(tk.ValidationError):
            move(people["sysadmin"], project, old)

    def test_one_commit(self, people, dataset, project):
        old, new = dataset(), dataset()
        link(project, old)
        replace(old, new)
        call_action(
            "digifarm_link_move",
            {"user": people["owner"], "defer_commit": True},
            project=project["id"],
            dataset=old["id"],
        )
        model.Session.rollback()
        assert linked(project) == [old["id"]]


class TestMails:
    def test_its_owners_are_told_and_who_did_it_is_not(
        self, people, dataset, kept_project
    ):
        people_of = people["owner"], people["second_owner"]
        project = owned(kept_project, *people_of, people["publisher"])
        old, new = dataset("Haushalt 2025"), dataset("Haushalt 2026")
        link(project, old)
        as_user(
            people["publisher"],
            "digifarm_successor_set",
            dataset=old["id"],
            successor=new["id"],
        )
        found = mails()
        assert [mail.recipient_email for mail in found] == [
            "owner@example.org",
            "second_owner@example.org",
        ]
        for mail in found:
            assert mail.subject == (
                "Newer data for “Haushalt in Bildern”: “Haushalt 2026”"
            )
            assert "“Haushalt 2025” was replaced by “Haushalt 2026”" in (
                mail.body
            )
            assert f"/dataset/{new['name']}" in mail.body
            assert f"/civic_project/{project['name']}" in mail.body
            assert people["publisher"] not in mail.body
            assert "moved" not in mail.body
        assert linked(project) == [old["id"]]

    def test_editors_where_a_project_has_no_owner(self, dataset, kept_project):
        project = owned(kept_project)
        old, new = dataset(), dataset()
        link(project, old)
        replace(old, new)
        assert told() == ["project_editor@example.org"]

    def test_one_mail_for_a_project_however_many(
        self, dataset, project, other_project
    ):
        pairs = [(dataset(f"Alt {n}"), dataset(f"Neu {n}")) for n in range(3)]
        for old, new in pairs:
            link(project, old)
            link(other_project, old)
            replace(old, new)
        found = mails()
        # One person looks after both.
        [mail] = found
        for one in (project, other_project):
            assert mail.body.count(f"/{one['name']}#links") == 1
        for number in range(3):
            assert mail.body.count(f" by “Neu {number}”") == 2

    def test_who_changes_their_mind_tells_nobody_twice(self, dataset, project):
        old, new = dataset(), dataset()
        link(project, old)
        replace(old, new)
        assert len(mails()) == 1
        as_portal("digifarm_successor_remove", dataset=old["id"])
        replace(old, new)
        assert len(mails()) == 1

    def test_what_was_taken_back_is_not_told(self, dataset, project):
        old, new = dataset(), dataset()
        link(project, old)
        replace(old, new)
        as_portal("digifarm_successor_remove", dataset=old["id"])
        assert told() == []

    def test_those_who_may_not_read_it_are_not_told(
        self, people, dataset, kept_project
    ):
        project = owned(kept_project, people["owner"], people["reader"])
        old, new = dataset(), dataset("Geheim", private=True)
        link(project, old)
        replace(old, new)
        assert told() == ["reader@example.org"]

    def test_what_was_replaced_is_named_to_its_readers_only(
        self, people, dataset, kept_project
    ):
        project = owned(kept_project, people["owner"], people["reader"])
        old, new = dataset("Geheim"), dataset("Offen")
        link(project, old)
        change(old, private=True)
        replace(old, new)
        owner, reader = mails()
        assert "Geheim" not in owner.body
        assert "A dataset was replaced by “Offen”" in owner.body
        assert "“Geheim” was replaced by “Offen”" in reader.body

    @pytest.mark.parametrize("state", ["deleted", "draft"])
    def test_projects_that_are_none(self, state, dataset, project):
        old, new = dataset(), dataset()
        link(project, old)
        change(project, state=state)
        replace(old, new, unchanged=True)
        assert told() == []
        assert linked(project) == [old["id"]]


def send() -> None:
    """Let all mails that wait count as sent."""
    mails()
    model.Session.query(Notice).update({"sent": clock.now(), "mail_id": None})
    model.Session.query(Mail).delete()
    model.Session.commit()


class TestTakenBack:
    def test_links_that_were_moved_come_back(
        self, dataset, project, other_project
    ):
        old, new = dataset("Alt"), dataset("Neu")
        link(project, old, note="Wichtig", relation="provides")
        link(other_project, new)
        replace(old, new, unchanged=True)
        send()
        assert linked(project) == [new["id"]]
        as_portal("digifarm_successor_remove", dataset=old["id"])
        [mail] = mails()
        assert linked(project) == [old["id"]]
        back = Link.get(project["id"], old["id"])
        assert (back.note, back.relation) == ("Wichtig", "provides")
        assert back.moved_from is None
        assert mail.subject == "“Alt” is not replaced after all"
        assert "is linked with it again" in mail.body
        assert mail.body.count("#links") == 1
        # What was linked with the other one before stays.
        assert linked(other_project) == [new["id"]]

    def test_links_that_people_moved_stay(self, people, dataset, project):
        old, new = dataset("Alt"), dataset("Neu")
        link(project, old)
        replace(old, new)
        send()
        move(people["owner"], project, old)
        as_portal("digifarm_successor_remove", dataset=old["id"])
        assert mails() == []
        assert linked(project) == [new["id"]]

    def test_links_that_people_moved_on_stay(self, people, dataset, project):
        old, new, newest = dataset(), dataset(), dataset()
        link(project, old)
        replace(old, new, unchanged=True)
        mails()
        replace(new, newest)
        move(people["owner"], project, new)
        as_portal("digifarm_successor_remove", dataset=old["id"])
        mails()
        assert linked(project) == [newest["id"]]

    def test_who_was_told_is_told(self, dataset, project):
        old, new = dataset("Alt"), dataset("Neu")
        link(project, old)
        replace(old, new)
        send()
        as_portal("digifarm_successor_remove", dataset=old["id"])
        [mail] = mails()
        assert mail.subject == "“Alt” is not replaced after all"
        assert "is linked with it again" not in mail.body

    def test_what_no_mail_has_told_is_forgotten(self, dataset, project):
        old, new = dataset(), dataset()
        link(project, old)
        replace(old, new)
        work_here()
        as_portal("digifarm_successor_remove", dataset=old["id"])
        assert mails() == []
        assert model.Session.query(Notice).count() == 0

    def test_of_several_that_were_told_together(self, dataset, project):
        pairs = [(dataset(f"Alt {n}"), dataset(f"Neu {n}")) for n in range(2)]
        for old, new in pairs:
            link(project, old)
            replace(old, new)
        work_here()
        as_portal("digifarm_successor_remove", dataset=pairs[0][0]["id"])
        [mail] = mails()
        assert "Neu 1" in mail.body
        assert "Neu 0" not in mail.body

    def test_while_the_mail_waits(self, dataset, project):
        old, new = dataset(), dataset()
        link(project, old)
        replace(old, new)
        assert len(mails()) == 1
        model.Session.query(Successor).delete()
        model.Session.commit()
        assert outbox.send_due() == {"done": 1}
        assert mails() == []

    def test_for_another_one_instead(self, dataset, project):
        old, wrong, right = dataset("Alt"), dataset("Falsch"), dataset("Neu")
        link(project, old)
        replace(old, wrong, unchanged=True)
        send()
        replace(old, right)
        [mail] = mails()
        assert linked(project) == [old["id"]]
        assert "“Alt” was replaced by “Neu”" in mail.body
        assert "Use the new one" in mail.body

    def test_for_another_one_that_changes_nothing(self, dataset, project):
        old, wrong, right = dataset("Alt"), dataset("Falsch"), dataset("Neu")
        link(project, old)
        replace(old, wrong, unchanged=True)
        send()
        replace(old, right, unchanged=True)
        mails()
        assert linked(project) == [right["id"]]
        assert Link.get(project["id"], right["id"]).moved_from == old["id"]

    def test_that_nothing_else_has_changed(self, dataset, project):
        old, new = dataset("Alt"), dataset("Neu")
        link(project, old)
        replace(old, new, unchanged=True)
        send()
        replace(old, new, unchanged=False)
        [mail] = mails()
        assert linked(project) == [old["id"]]
        assert "Use the new one" in mail.body

    def test_the_first_of_a_chain(self, dataset, project):
        one, two, three = (dataset(f"Nr. {n}") for n in range(3))
        link(project, one)
        replace(one, two, unchanged=True)
        mails()
        replace(two, three, unchanged=True)
        send()
        assert linked(project) == [three["id"]]
        as_portal("digifarm_successor_remove", dataset=one["id"])
        [mail] = mails()
        assert linked(project) == [one["id"]]
        assert mail.subject == "“Nr. 0” is not replaced after all"

    def test_the_second_of_a_chain(self, dataset, project):
        one, two, three = (dataset(f"Nr. {n}") for n in range(3))
        link(project, one)
        replace(one, two, unchanged=True)
        mails()
        replace(two, three, unchanged=True)
        send()
        as_portal("digifarm_successor_remove", dataset=two["id"])
        mails()
        assert linked(project) == [two["id"]]
        assert Link.get(project["id"], two["id"]).moved_from == one["id"]

    def test_where_the_old_one_is_gone(self, dataset, project):
        old, new = dataset(), dataset()
        link(project, old)
        replace(old, new, unchanged=True)
        send()
        change(old, state="deleted")
        as_portal("digifarm_successor_remove", dataset=old["id"])
        assert mails() == []
        assert linked(project) == [new["id"]]


class TestUnchanged:
    def test_all_links_move(self, dataset, project, other_project):
        old, new = dataset("Haushalt 2025"), dataset("Haushalt 2026")
        link(project, old, note="Wichtig", relation="provides")
        link(other_project, old)
        forget_events()
        replace(old, new, unchanged=True)
        assert linked(project) == [old["id"]]
        found = mails()
        for one in (project, other_project):
            assert linked(one) == [new["id"]]
        moved = Link.get(project["id"], new["id"])
        assert (moved.note, moved.relation) == ("Wichtig", "provides")
        [mail] = found
        assert mail.body.count("nothing else has changed") == 2
        assert "Use the new one" not in mail.body
        # Whoever has said so need not be told.
        by = model.Session.get(Successor, old["id"]).created_by
        assert sorted(link_events(), key=str) == sorted(
            [
                ("created", new["id"], "portal", by),
                ("removed", old["id"], "portal", by),
            ]
            * 2,
            key=str,
        )
        assert len(mails()) == 1

    def test_said_later(self, dataset, project):
        old, new = dataset(), dataset()
        link(project, old)
        replace(old, new)
        assert len(mails()) == 1
        replace(old, new, unchanged=True)
        assert len(mails()) == 2
        assert linked(project) == [new["id"]]

    def test_as_far_as_nothing_changes(self, dataset, project):
        one, two, three, four = (dataset() for _ in range(4))
        link(project, one)
        replace(two, three, unchanged=True)
        replace(three, four)
        replace(one, two, unchanged=True)
        work_here()
        assert linked(project) == [three["id"]]

    def test_not_to_a_private_one(self, people, dataset, kept_project):
        project = owned(kept_project, people["owner"], people["reader"])
        old, new = dataset(), dataset(private=True)
        link(project, old)
        replace(old, new, unchanged=True)
        [mail] = mails()
        assert mail.recipient_email == "reader@example.org"
        assert "Use the new one" in mail.body
        assert linked(project) == [old["id"]]

    def test_each_project_is_a_job(self, dataset, project, other_project):
        old, new = dataset(), dataset()
        link(project, old)
        link(other_project, old)
        replace(old, new, unchanged=True)
        keys = jobs.waiting(NAMED)
        assert keys == {
            f"{one['id']} {old['id']}" for one in (project, other_project)
        }

    def test_a_move_by_hand_meanwhile(
        self, people, dataset, project, shared_app
    ):
        old, new = dataset(), dataset()
        link(project, old, note="Wichtig")
        replace(old, new, unchanged=True)
        results = meeting(
            shared_app,
            (Link, (project["id"], old["id"])),
            lambda: move(people["owner"], project, old),
            work_here,
        )
        assert results in ([DONE, DONE], [NOT_FOUND, DONE])
        assert linked(project) == [new["id"]]
        assert Link.get(project["id"], new["id"]).note == "Wichtig"

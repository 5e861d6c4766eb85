"""Once a year, the people of a project are asked whether it still is so."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
import pytest
import sqlalchemy as sa

from ckan import model
from ckan.tests.helpers import changed_config
from ckanext.digifarm.confirmations import kinds
from ckanext.digifarm.confirmations.mails import CHECKS
from ckanext.digifarm.confirmations.model import Confirmation
from ckanext.digifarm.lib import clock, index, tokens
from ckanext.digifarm.lib.ckan import SearchIndexError
from ckanext.digifarm.lib.events import Event, Subject
from ckanext.digifarm.lib.tokens import Purpose
from ckanext.digifarm.lib.waiting import Waiting
from ckanext.digifarm.projects import fields
from ckanext.digifarm.projects.order import SORT
from ckanext.digifarm.tasks.model import Task

from ..acting import as_portal, as_user, copy_of, in_two_threads
from ..outbox import empty_outbox, token_in, waiting_mails
from ..working import work_here
from .asking import (
    ANSWER,
    EDITOR,
    OWNER,
    REVIEWER,
    answer,
    askee_token,
    events,
    found,
    helps,
    row_of,
    shown,
    token_of,
    told,
)

USED = {"token": ["This link has been used already"]}

DAY = clock.now().date().isoformat


@pytest.fixture
def asked(project, calendar) -> Confirmation:
    """What its owner was asked, a year after the project came."""
    calendar.go_on(366)
    return row_of(project)


@pytest.fixture
def token(asked, people) -> str:
    """What the link of the owner ends with."""
    return token_of(asked, people["owner"])


@pytest.fixture
def silent(asked, project, calendar) -> Confirmation:
    """What nobody has answered for 90 days."""
    for days in (15, 28, 14, 14, 20):
        calendar.go_on(days)
    empty_outbox()
    return row_of(project)


class TestClock:
    def test_nobody_is_asked_in_the_first_year(self, project, calendar):
        calendar.go_on(364)
        assert told() == []
        assert Confirmation.of("project", project["id"]) is None

    def test_all_are_asked_in_turn(self, asked, project, calendar):
        title = project["title"]
        assert told() == [
            (OWNER, f"Is “{title}” still as its page says?"),
        ]
        assert asked.state == "asked"
        calendar.go_on(13)
        assert told() == []
        again = (OWNER, f"Once more: Is “{title}” still as its page says?")
        calendar.go_on(2)
        assert told() == [again]
        calendar.go_on(26)
        assert told() == []
        calendar.go_on(2)
        assert told() == [again]
        calendar.go_on(14)
        assert told() == [(EDITOR, f"Do you know how “{title}” is doing?")]
        assert row_of(project).state == "passed_on"
        calendar.go_on(14)
        assert told() == [(REVIEWER, f"Nobody knows how “{title}” is doing")]
        assert row_of(project).state == "undecided"
        assert row_of(project).silent is None
        calendar.go_on(18)
        assert told() == []
        calendar.go_on(2)
        assert told() == [(OWNER, f"“{title}” counts as not confirmed")]
        assert row_of(project).silent
        calendar.go_on(400)
        assert told() == []
        assert [event[:3] for event in events()] == [
            ("ask", "asked", "portal"),
            ("ask_again", "asked", "portal"),
            ("ask_again", "asked", "portal"),
            ("pass_on", "passed_on", "portal"),
            ("refer", "undecided", "portal"),
            ("fall_silent", "undecided", "portal"),
        ]

    def test_is_passed_on_to_nobody_where_there_is_nobody_else(
        self, asked, project, calendar, monkeypatch
    ):
        told()
        monkeypatch.setattr(kinds.of(asked), "others", lambda _: [])
        calendar.go_on(57)
        assert told() == []
        assert row_of(project).state == "asked"
        calendar.go_on(14)
        assert [to for to, _ in told()] == [REVIEWER]
        assert row_of(project).state == "undecided"
        # Reviewers read who was asked.
        assert "pass_on" not in {event[0] for event in events()}

    def test_what_was_overlooked_for_long_is_done_once(
        self, asked, project, calendar
    ):
        told()
        calendar.go_on(60)
        assert [to for to, _ in told()] == [EDITOR]
        assert row_of(project).state == "passed_on"

    def test_the_time_counts_from_the_approval(self, project, calendar):
        calendar.go_on(200)
        Event.record(
            *(Subject.PROJECT, project["id"], "approved", None, "approved"),
            project=model.Package.get(project["id"]),
        )
        model.Session.flush()
        event = model.Session.query(Event).filter_by(action="approved").one()
        event.created = clock.now()
        model.Session.commit()
        calendar.go_on(200)
        assert told() == []
        calendar.go_on(200)
        assert len(told()) == 1

    @pytest.mark.parametrize(
        "change",
        [
            {"private": True},
            {"state": "deleted"},
            {"stage": "ended"},
            {"stage": "completed"},
        ],
        ids=str,
    )
    def test_nobody_is_asked_about_what_is_not_there(
        self, change, asked, project, calendar
    ):
        told()
        as_portal("package_patch", id=project["id"], **change)
        calendar.go_on(15)
        assert told() == []
        row = row_of(project)
        assert row.state == "answered"
        assert (row.confirmed, row.answer) == (None, "")
        assert model.Session.query(Waiting).count() == 0

    def test_a_mail_goes_out_only_if_nobody_has_answered(self, token, asked):
        [mail] = waiting_mails()
        assert CHECKS["confirmation_asked"].may_go(mail)
        answer(token)
        assert not CHECKS["confirmation_asked"].may_go(mail)

    def test_no_mail_goes_to_who_left(self, asked, project, people):
        [mail] = waiting_mails()
        as_portal(
            "package_collaborator_delete",
            id=project["id"],
            user_id=people["owner"],
        )
        assert not CHECKS["confirmation_asked"].may_go(mail)

    def test_it_is_off_by_option(self, project, calendar):
        with changed_config("ckanext.digifarm.confirmations.months", 0):
            calendar.go_on(1000)
        assert told() == []

    def test_it_is_asked_more_often_by_option(self, project, calendar):
        with changed_config("ckanext.digifarm.confirmations.months", 6):
            calendar.go_on(180)
            assert told() == []
            calendar.go_on(6)
            assert len(told()) == 1

    def test_not_all_are_asked_on_one_day(self, project, calendar):
        for number in range(4):
            created = clock.now() - _days(10 + number)
            copy_of(project, metadata_created=created, title=f"Nr. {number}")
        with changed_config("ckanext.digifarm.confirmations.per_day", 2):
            calendar.go_on(366)
            titles = {mail.subject for mail in waiting_mails()}
            # What waits for the longest comes first.
            assert titles == {
                f"Is “Nr. {number}” still as its page says?"
                for number in (3, 2)
            }
            calendar.run()
            calendar.go_on(0.5)
            assert len(waiting_mails()) == 2
            calendar.go_on(1)
            assert len(waiting_mails()) == 4

    def test_who_has_no_owner_is_asked_by_its_editors(
        self, project, people, calendar
    ):
        as_portal(
            "package_collaborator_delete",
            id=project["id"],
            user_id=people["owner"],
        )
        empty_outbox()
        calendar.go_on(366)
        assert [to for to, _ in told()] == [EDITOR]

    def test_each_mail_says_what_comes_of_silence(
        self, asked, project, calendar
    ):
        assert asked.asked
        day = asked.asked + _days(90)
        words = f"{day:%B} {day.day}, {day.year}"
        for days in (0, 15, 28, 14):
            calendar.go_on(days)
            [mail] = waiting_mails()
            empty_outbox()
            assert f"the page says from {words} on that nobody" in mail.body
        calendar.go_on(14)
        [mail] = waiting_mails()
        assert "Please log in and decide" in mail.body

    @pytest.mark.parametrize(
        ("has_address", "words"),
        [(True, "you need not log in"), (False, "Please log in and click")],
    )
    def test_says_who_has_to_log_in(
        self, has_address, words, project, people, calendar
    ):
        model.User.get(people["owner"]).email = OWNER if has_address else ""
        model.Session.commit()
        try:
            with changed_config(
                "ckanext.digifarm.contact_email", "stadt@example.org"
            ):
                calendar.go_on(366)
            [mail] = waiting_mails()
        finally:
            model.User.get(people["owner"]).email = OWNER
            model.Session.commit()
        assert (mail.recipient_email == OWNER) == has_address
        assert words in mail.body
        assert ("/link/" in mail.body) == has_address


class TestConfirmed:
    def test_by_the_link(self, token, asked, project):
        [mail] = waiting_mails()
        [of_mail, same] = [
            tokens.read(one, Purpose.CONFIRMATION)
            for one in (token_in(mail), token)
        ]
        assert of_mail == same
        assert answer(token) == {
            "id": asked.id,
            "state": "answered",
            "answer": "confirmed",
        }
        row = row_of(project)
        assert row.confirmed
        assert (row.asked, row.silent) == (None, None)
        project = shown(project)
        assert project["confirmed"] == row.confirmed.date().isoformat()
        assert "silent_since" not in project
        assert events()[-1] == (
            ANSWER,
            "answered",
            "asked",
            {
                **events()[-1][3],
                "about": "project",
                "answer": "confirmed",
                "silent": False,
            },
        )

    def test_who_has_answered_is_written_down(self, token, people):
        answer(token)
        model.Session.flush()
        event = model.Session.query(Event).filter_by(action=ANSWER).one()
        assert event.created_by == model.User.get(people["owner"]).id

    def test_is_asked_again_a_year_later(self, token, calendar):
        answer(token)
        empty_outbox()
        calendar.go_on(364)
        assert told() == []
        calendar.go_on(3)
        assert len(told()) == 1

    def test_a_second_click_changes_nothing(self, token, asked, people):
        answer(token)
        with pytest.raises(tk.ValidationError) as raised:
            answer(token)
        assert raised.value.error_dict == USED
        before = events()
        as_user(people["owner"], ANSWER, id=asked.id, answer="confirmed")
        assert events() == before

    def test_by_account_before_anybody_was_asked(
        self, project, people, calendar
    ):
        calendar.go_on(300)
        for _ in range(2):
            as_user(
                people["owner"],
                ANSWER,
                project=project["name"],
                answer="confirmed",
            )
        assert row_of(project).state == "answered"
        assert [event[0] for event in events()] == [ANSWER]
        calendar.go_on(300)
        assert told() == []

    def test_two_at_once_count_once(self, shared_app, project, people):
        def click() -> Any:
            return as_user(
                people["owner"],
                ANSWER,
                project=project["id"],
                answer="confirmed",
            )

        results = in_two_threads(shared_app, *[click] * 3)
        assert results == [results[0]] * 3
        assert [event[0] for event in events()] == [ANSWER]

    def test_two_by_one_link_at_once(self, shared_app, token):
        results = in_two_threads(
            shared_app, *[lambda: answer(token)["state"]] * 2
        )
        assert sorted(results, key=str) == ["answered", {"token"}]


class TestWho:
    @pytest.mark.parametrize(
        "role", ["anonymous", "other", "reviewer", "project_member"]
    )
    def test_strangers_may_not(self, role, asked, project, people):
        for named in ({"id": asked.id}, {"project": project["id"]}):
            with pytest.raises(tk.NotAuthorized):
                as_user(people[role], ANSWER, **named, answer="confirmed")
        assert row_of(project).state == "asked"

    @pytest.mark.parametrize("role", ["owner", "project_editor", "sysadmin"])
    def test_the_team_may(self, role, asked, people):
        as_user(people[role], ANSWER, id=asked.id, answer="confirmed")
        assert row_of({"id": asked.subject_id}).state == "answered"

    def test_the_link_of_who_left_is_of_no_use(
        self, token, asked, project, people
    ):
        as_portal(
            "package_collaborator_delete",
            id=project["id"],
            user_id=people["owner"],
        )
        with pytest.raises(tk.ValidationError) as raised:
            answer(token)
        assert raised.value.error_dict == {
            "token": ["This link was for somebody who is not asked any more"]
        }

    @pytest.mark.parametrize("role", ["other", "reviewer", "project_member"])
    def test_nobody_makes_a_link_for_others(self, role, asked):
        with pytest.raises(tk.ValidationError):
            answer(askee_token(asked, f"{role}@example.org"))

    def test_a_link_of_another_project_is_of_no_use(
        self, token, asked, project, people
    ):
        with pytest.raises(tk.ValidationError):
            as_user("", ANSWER, token=token, id="another", answer="confirmed")
        assert row_of(project).state == "asked"

    def test_an_old_link_is_of_no_use(self, token, asked, project):
        asked.token_key = "another"
        model.Session.commit()
        with pytest.raises(tk.ValidationError) as raised:
            answer(token)
        assert raised.value.error_dict == USED

    def test_an_expired_link_is_of_no_use(self, token, monkeypatch):
        monkeypatch.setattr("ckanext.digifarm.lib.tokens.FOLLOW_DAYS", -1)
        with pytest.raises(tk.ValidationError) as raised:
            answer(token)
        assert raised.value.error_dict == {"token": ["This link has expired"]}

    def test_editors_have_a_link_where_owners_are_silent(
        self, asked, project, calendar
    ):
        for days in (15, 28, 14):
            calendar.go_on(days)
        mail = waiting_mails(EDITOR)[-1]
        answer(token_in(mail))
        assert row_of(project).state == "answered"

    def test_it_waits_for_whom_it_asks(self, asked, people, calendar):
        assert _waits_for() == {people["owner"]}
        for days in (15, 28, 14):
            calendar.go_on(days)
        assert _waits_for() == {people["owner"], people["project_editor"]}
        calendar.go_on(14)
        # Whoever was asked may still answer.
        roles = ("owner", "project_editor", "reviewer")
        assert _waits_for() == {people[role] for role in roles}
        as_user(people["owner"], ANSWER, id=asked.id, answer="confirmed")
        assert _waits_for() == set()

    def test_who_is_asked_sees_it(self, asked, people, project):
        for role, count in (("owner", 1), ("project_editor", 0)):
            listed = as_user(people[role], "digifarm_confirmation_mine")
            assert listed["count"] == count
            assert [one["id"] for one in listed["results"]] == (
                [asked.id] * count
            )
        with pytest.raises(tk.NotAuthorized):
            as_user("", "digifarm_confirmation_mine")


class TestOtherAnswers:
    def test_help(self, token, project):
        answer(
            token,
            "help",
            help_wanted=["content", "sponsoring"],
            content_help="Texte",
        )
        project = shown(project)
        assert project["help_wanted"] == ["content", "sponsoring"]
        assert project["content_help"] == "Texte"
        assert project["technology_help"] == "Ein Server"
        assert project["confirmed"]
        assert row_of(project).answer == "help"

    def test_help_needs_an_area(self, token, project):
        with pytest.raises(tk.ValidationError) as raised:
            answer(token, "help", content_help="Texte")
        assert raised.value.error_dict == {
            "help_wanted": ["Please choose at least one"]
        }
        with pytest.raises(tk.ValidationError) as raised:
            answer(token, "help", help_wanted=["money"])
        assert {*raised.value.error_dict} == {"help_wanted"}
        assert row_of(project).state == "asked"

    def test_takeover(self, token, project):
        answer(token, "takeover", care_help="Einmal im Monat hinsehen")
        project = shown(project)
        assert project["help_wanted"] == ["technology", "care"]
        assert project["care_help"] == "Einmal im Monat hinsehen"
        assert row_of(project).answer == "takeover"

    def test_ended(self, token, project, people):
        answer(
            token,
            "ended",
            stage="ended",
            reason_code="no_money",
            reason="Der Server war zu teuer",
            supports="end",
            tasks="end",
        )
        project = shown(project)
        assert project["stage"] == "ended"
        assert "confirmed" not in project
        ending = as_user("", "digifarm_project_ending", id=project["id"])
        assert ending["reason"] == "Der Server war zu teuer"
        assert row_of(project).answer == "ended"

    def test_ended_needs_a_stage(self, token, project):
        with pytest.raises(tk.ValidationError) as raised:
            answer(token, "ended", reason="Genug")
        assert {*raised.value.error_dict} == {"stage"}
        assert row_of(project).state == "asked"

    def test_no_other_field_is_changed(self, token, project):
        answer(
            token,
            "takeover",
            care_help="",
            title="Gekapert",
            private=True,
            owner_org="",
        )
        after = shown(project)
        assert (after["title"], after["private"]) == (
            project["title"],
            False,
        )

    @pytest.mark.parametrize("name", ["", "arrived", "deleted"])
    def test_there_are_no_others(self, name, token):
        with pytest.raises(tk.ValidationError) as raised:
            answer(token, name)
        assert {*raised.value.error_dict} == {"answer"}


class TestWantedHere:
    @pytest.fixture
    def project(self, project) -> dict[str, Any]:
        return as_portal(
            "package_patch",
            id=project["id"],
            stage="wanted_here",
            stage_note="Läuft in Köln",
        )

    def test_is_asked_whether_it_is_still_wanted(self, asked, project):
        title = project["title"]
        assert told() == [(OWNER, f"Is “{title}” still wanted here?")]

    def test_it_is(self, token, project):
        answer(token)
        project = shown(project)
        assert project["stage"] == "wanted_here"
        assert project["confirmed"]

    def test_it_is_here(self, token, project):
        answer(token, "arrived")
        assert shown(project)["stage"] == "live"
        # What was written while it was wanted isn't so any more.
        assert not shown(project).get("stage_note")

    def test_it_is_here_with_a_note(self, token, project):
        asked = as_user("", "digifarm_confirmation_show", token=token)
        [arrived] = [a for a in asked["answers"] if a["name"] == "arrived"]
        [note] = arrived["fields"]
        assert note["field_name"] == "stage_note"
        assert "Läuft in Köln" in note["help_text"]
        assert arrived["values"] == {"achieved": ""}
        answer(token, "arrived", stage_note="Seit Mai im Rathaus")
        assert shown(project)["stage_note"] == "Seit Mai im Rathaus"

    def test_it_is_not(self, token, project):
        answer(token, "ended", stage="ended")
        assert shown(project)["stage"] == "ended"

    def test_it_has_no_other_answers(self, token):
        with pytest.raises(tk.ValidationError):
            answer(token, "help", help_wanted=["content"])


class TestSilence:
    def test_closes_what_is_wanted(self, silent, project):
        project = shown(project)
        assert project["silent_since"] == silent.asked.date().isoformat()
        assert project["help_wanted"] == ["technology"]
        assert helps(project) == [("help_closed", "technology")]
        assert found(project, fq="vocab_help_wanted:technology") == []
        assert found(project, fq="vocab_help_wanted:*") == []

    def test_one_click_undoes_it(self, silent, project, people):
        token = token_of(silent, people["owner"])
        answer(token)
        after = shown(project)
        assert "silent_since" not in after
        assert after["help_wanted"] == ["technology"]
        assert helps(project) == [
            ("help_closed", "technology"),
            ("help_opened", "technology"),
        ]
        assert found(project, fq="vocab_help_wanted:technology") == [
            project["name"]
        ]

    def test_closes_tasks(self, project, people, asked, calendar):
        task = as_user(
            people["owner"],
            "digifarm_task_create",
            project=project["id"],
            title="Texte schreiben",
        )
        assert _open_tasks() == [task["id"]]
        calendar.go_on(100)
        assert _open_tasks() == []
        with pytest.raises(tk.ValidationError) as raised:
            as_user(people["other"], "digifarm_task_take", **_kim(task))
        [why] = raised.value.error_dict["project"]
        assert why.startswith("Nobody has confirmed this project for long. ")
        assert model.Session.get(Task, task["id"]).state == "open"
        listed = as_user("", "digifarm_task_list", project=project["id"])
        assert [one["id"] for one in listed] == [task["id"]]
        as_user(people["owner"], ANSWER, id=asked.id, answer="confirmed")
        assert _open_tasks() == [task["id"]]
        as_user(people["other"], "digifarm_task_take", **_kim(task))

    @pytest.mark.parametrize(
        ("area", "is_taken"), [("technology", False), ("care", True)]
    )
    def test_takes_nobody_but_who_looks_after_it(
        self, area, is_taken, silent, project, people
    ):
        offer = {
            "project": project["id"],
            "area": area,
            "contact_name": "Kim",
            "consent": True,
        }
        if is_taken:
            as_user(people["offerer"], "digifarm_support_offer", **offer)
            return
        with pytest.raises(tk.ValidationError) as raised:
            as_user(people["offerer"], "digifarm_support_offer", **offer)
        assert {*raised.value.error_dict} == {"project"}

    def test_nothing_is_deleted(self, silent, project, calendar):
        before = shown(project)
        calendar.go_on(1000)
        assert shown(project) == before
        assert before["state"] == "active"

    def test_moves_it_down_the_list(self, silent, project, people):
        copy = as_portal(
            "package_create",
            type="civic_project",
            name="anderes-projekt",
            title="Anderes Projekt",
            stage="idea",
            owner_org=project["owner_org"],
        )

        def names() -> list[str]:
            return found(copy, project, sort=SORT)

        assert names() == [copy["name"], project["name"]]
        as_user(people["owner"], ANSWER, id=silent.id, answer="confirmed")
        assert names() == [project["name"], copy["name"]]

    def test_who_saves_the_project_does_not_undo_it(
        self, silent, project, people
    ):
        as_user(
            people["owner"], "package_patch", id=project["id"], summary="Neu"
        )
        whole = {**shown(project), "summary": "Neuer"}
        for name in ("silent_since", "confirmed"):
            whole.pop(name, None)
        as_user(people["owner"], "package_update", **whole)
        assert shown(project)["silent_since"]

    def test_nobody_says_so_by_the_api(self, project, people):
        as_user(
            people["owner"],
            "package_patch",
            id=project["id"],
            silent_since="2020-01-01",
            confirmed="2026-01-01",
        )
        after = shown(project)
        assert not {"silent_since", "confirmed"} & {*after}

    def test_what_somebody_overwrites_is_mended(
        self, silent, project, calendar
    ):
        package = model.Package.get(project["id"])
        package.extras = {
            name: value
            for name, value in package.extras.items()
            if name != "silent_since"
        }
        model.Session.commit()
        assert calendar.run()["shown"] == 1
        assert shown(project)["silent_since"]


class TestConfirmedLately:
    FACET = "vocab_confirmed_lately:true"

    def test_is_found_for_a_year(self, token, project, calendar):
        with changed_config("ckanext.digifarm.confirmations.months", 0):
            assert found(project, fq=self.FACET) == []
            answer(token)
            assert found(project, fq=self.FACET) == [project["name"]]
            calendar.go_on(360)
            assert found(project, fq=self.FACET) == [project["name"]]
            calendar.go_on(10)
            assert found(project, fq=self.FACET) == []


class TestGone:
    def test_a_project_that_is_purged(self, asked, project, calendar):
        as_portal("dataset_purge", id=project["id"])
        model.Session.rollback()
        assert model.Session.query(Confirmation).count() == 0
        assert model.Session.query(Waiting).count() == 0
        told()
        calendar.go_on(15)
        assert told() == []

    def test_of_an_unknown_kind_nobody_is_asked(
        self, asked, project, people, calendar
    ):
        asked.subject = "unknown"
        model.Session.commit()
        told()
        calendar.go_on(15)
        assert [to for to, _ in told()] == [OWNER]  # anew, of the project
        with pytest.raises(tk.ValidationError):
            as_user(people["owner"], ANSWER, id=asked.id, answer="confirmed")

    def test_without_the_search_it_is_shown_later(
        self, token, project, monkeypatch
    ):
        def fail(project_id: str) -> None:
            raise SearchIndexError

        monkeypatch.setattr(index, "reindex", fail)
        answer(token)
        monkeypatch.undo()
        assert row_of(project).state == "answered"
        assert shown(project)["confirmed"]

    def test_a_schema_file_without_the_fields(
        self, asked, project, calendar, monkeypatch
    ):
        known = fields.field
        ours = {"confirmed", "silent_since"}
        monkeypatch.setattr(
            fields, "field", lambda name: None if name in ours else known(name)
        )
        calendar.go_on(100)
        assert row_of(project).silent
        assert "silent_since" not in shown(project)


class TestReviewers:
    @pytest.fixture
    def undecided(self, asked, project, calendar) -> Confirmation:
        for days in (15, 28, 14, 14):
            calendar.go_on(days)
        empty_outbox()
        return row_of(project)

    def test_see_what_waits(self, undecided, project, people):
        listed = as_user(people["reviewer"], "digifarm_confirmation_list")
        [one] = listed["results"]
        assert listed["count"] == 1
        assert one["id"] == undecided.id
        assert one["title"] == project["title"]
        assert one["decisions"] == ["ask_again", "search", "end"]
        counts = as_user(people["reviewer"], "digifarm_review_counts")
        assert counts["unconfirmed"] == 1

    @pytest.mark.parametrize("role", ["anonymous", "owner", "other"])
    def test_others_see_nothing(self, role, people):
        with pytest.raises(tk.NotAuthorized):
            as_user(people[role], "digifarm_confirmation_list")

    @pytest.mark.parametrize(
        "role", ["anonymous", "owner", "other", "project_editor"]
    )
    @pytest.mark.parametrize("step", ["ask_again", "search", "end"])
    def test_others_may_not_decide(self, step, role, undecided, people):
        with pytest.raises(tk.NotAuthorized):
            _decide(people[role], step, undecided)
        assert row_of({"id": undecided.subject_id}).state == "undecided"

    @pytest.mark.parametrize("step", ["ask_again", "search", "end"])
    def test_decide_nothing_that_does_not_wait(self, step, asked, people):
        with pytest.raises(tk.ValidationError) as raised:
            _decide(people["reviewer"], step, asked)
        assert {*raised.value.error_dict} == {"id"}

    def test_ask_again(self, undecided, project, people, calendar):
        _decide(people["reviewer"], "ask_again", undecided)
        assert [to for to, _ in told()] == [OWNER]
        assert row_of(project).state == "asked"
        # It is silence all the same.
        calendar.go_on(20)
        assert row_of(project).silent
        for days in (24, 14, 14):
            calendar.go_on(days)
        assert row_of(project).state == "undecided"

    def test_search(self, undecided, project, people, calendar):
        _decide(people["reviewer"], "search", undecided)
        assert shown(project)["help_wanted"] == ["technology", "care"]
        calendar.go_on(20)
        # Nobody is needed but who takes it on.
        assert shown(project)["silent_since"]
        assert found(project, fq="vocab_help_wanted:care") == [project["name"]]
        assert found(project, fq="vocab_help_wanted:technology") == []
        calendar.go_on(300)
        empty_outbox()
        calendar.go_on(70)
        assert [to for to, _ in told()] == [OWNER]

    def test_who_is_silent_hears_of_it_although_somebody_is_searched(
        self, undecided, people, calendar
    ):
        _decide(people["reviewer"], "search", undecided)
        told()
        calendar.go_on(25)
        assert OWNER in {to for to, _ in told()}

    def test_what_they_search_ends_with_a_click(
        self, undecided, project, people
    ):
        _decide(people["reviewer"], "search", undecided)
        as_user(people["owner"], ANSWER, id=undecided.id, answer="confirmed")
        assert shown(project)["help_wanted"] == ["technology"]

    def test_what_others_search_goes_on(self, undecided, project, people):
        as_portal(
            "package_patch",
            id=project["id"],
            help_wanted=["technology", "care"],
        )
        _decide(people["reviewer"], "search", undecided)
        as_user(people["owner"], ANSWER, id=undecided.id, answer="confirmed")
        assert shown(project)["help_wanted"] == ["technology", "care"]

    def test_end(self, undecided, project, people):
        with pytest.raises(tk.ValidationError) as raised:
            as_user(
                people["reviewer"],
                "digifarm_confirmation_end",
                id=undecided.id,
            )
        assert {*raised.value.error_dict} == {"stage"}
        _decide(people["reviewer"], "end", undecided)
        after = shown(project)
        assert after["stage"] == "ended"
        assert row_of(project).state == "answered"
        assert OWNER in {to for to, _ in told()}
        assert events()[-1][:3] == (
            "digifarm_confirmation_end",
            "answered",
            "reviewer",
        )


def _decide(user: str, step: str, row: Confirmation) -> Any:
    more = {"stage": "ended", "reason_code": "nobody"} if step == "end" else {}
    action = f"digifarm_confirmation_{step}"
    return as_user(user, action, id=row.id, **more)


def _waits_for() -> set[str]:
    model.Session.rollback()
    work_here()
    query = sa.select(model.User.name).join(
        Waiting, Waiting.user_id == model.User.id
    )
    return {*model.Session.scalars(query)}


def _open_tasks() -> list[str]:
    found = as_user("", "digifarm_help_list", view="tasks")
    return [task["id"] for task in found["results"]]


def _kim(task: dict[str, Any]) -> dict[str, Any]:
    return {"id": task["id"], "name": "Kim", "consent": True}


def _days(number: float) -> Any:
    return clock.now() - clock.days_ago(number)

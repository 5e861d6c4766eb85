"""Projects are over, and go on again; whoever it concerns is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.tests.helpers import call_action, changed_config
from ckanext.digifarm import privacy
from ckanext.digifarm.endings.model import Ending
from ckanext.digifarm.lib import clock
from ckanext.digifarm.lib.events import Event
from ckanext.digifarm.lib.mail import Mail
from ckanext.digifarm.projects import reasons
from ckanext.digifarm.support.model import Support, SupportState
from ckanext.digifarm.tasks.model import Task, TaskAssignment
from dev.counting import counting

from ..acting import as_portal, as_user, copy_of
from ..browsing import Browser, html, text_of
from ..offering import (
    REVIEWERS,
    create_people,
    create_project,
    empty_tables,
    store_offer,
)
from ..working import forget_jobs, work_here

KIM = {"name": "Kim", "email": "kim@example.org", "consent": True}

END = {
    "stage": "ended",
    "since": "2025-05",
    "reason_code": "no_money",
    "reason": "Der Server war zu teuer",
    "takeover": "Der *Code* und die Texte",
}

OWNER, OFFERER, TAKER = (
    "owner@example.org",
    "offerer@example.org",
    "other@example.org",
)


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture(scope="module")
def kept(people) -> dict[str, Any]:
    return create_project(people, help_wanted=["technology"], stage="live")


@pytest.fixture(autouse=True)
def settings(people) -> Iterator[None]:
    empty_tables()
    forget_jobs()
    with changed_config("ckanext.digifarm.review_organization", REVIEWERS):
        yield


@pytest.fixture
def project(kept, people) -> dict[str, Any]:
    """One of its own for each test, with its owner."""
    project = copy_of(kept)
    as_portal(
        "package_collaborator_create",
        id=project["id"],
        user_id=people["owner"],
        capacity="editor",
    )
    forget_jobs()
    model.Session.query(Event).delete()
    model.Session.commit()
    return project


@pytest.fixture
def given(project, people) -> dict[str, str]:
    """Ids of what others give the project, by what it is."""
    ids = {
        "support": store_offer(
            people["offerer"],
            SupportState.ACCEPTED,
            project=project["id"],
        ).id,
        "offer": store_offer(
            people["partner_editor"], project=project["id"]
        ).id,
    }
    for title in ("open", "taken", "done"):
        ids[title] = call_action(
            "digifarm_task_create", project=project["id"], title=title
        )["id"]
    as_user(people["other"], "digifarm_task_take", id=ids["taken"], **KIM)
    call_action("digifarm_task_done", id=ids["done"])
    model.Session.query(Mail).delete()
    model.Session.query(Event).delete()
    model.Session.commit()
    return ids


def states(given: dict[str, str]) -> dict[str, str]:
    """The states of what others give, by what it is."""
    model.Session.rollback()
    model.Session.expire_all()
    return {
        name: (
            model.Session.get(Support, id_) or model.Session.get(Task, id_)
        ).state
        for name, id_ in given.items()
    }


def mails() -> dict[str, str]:
    """The words of the mails that wait, by whom they are for."""
    model.Session.rollback()
    found: dict[str, str] = {}
    for mail in model.Session.query(Mail):
        assert mail.recipient_email not in found
        found[mail.recipient_email] = f"{mail.subject}\n{mail.body}"
    return found


def events() -> list[tuple[str, str, str | None, str | None]]:
    model.Session.rollback()
    return [
        (event.subject, event.action, event.source, event.target)
        for event in model.Session.query(Event).order_by(Event.number)
    ]


def end(user: str, project: dict[str, Any], **data: Any) -> dict[str, Any]:
    return as_user(
        user, "digifarm_project_end", id=project["id"], **{**END, **data}
    )


def stage_of(project: dict[str, Any]) -> str:
    model.Session.rollback()
    return as_portal("package_show", id=project["id"])["stage"]


class TestEnd:
    def test_says_since_when_and_why(self, project, people):
        said = {name: END[name] for name in END if name != "stage"}
        assert end(people["owner"], project) == said
        assert stage_of(project) == "ended"
        for user in ("", people["owner"]):
            shown = as_user(user, "digifarm_project_ending", id=project["id"])
            assert shown == said
        shown = as_user("", "digifarm_project_show", id=project["id"])
        assert shown["ending"] == said

    def test_is_written_down_with_its_reason(self, project, people):
        end(people["owner"], project)
        assert events() == [
            ("project", "ended", "live", "ended"),
            ("project", "help_closed", "open", None),
        ]
        event, _ = model.Session.query(Event).order_by(Event.number)
        assert event.actor == "project"
        assert event.created_by == model.User.get(people["owner"]).id
        assert event.reason == END["reason"]
        assert event.data["reason_code"] == "no_money"

    def test_needs_nothing_but_the_stage(self, project, people):
        ending = as_user(
            people["owner"],
            "digifarm_project_end",
            id=project["id"],
            stage="completed",
        )
        today = clock.now().date().isoformat()
        assert ending == {
            "since": today,
            "reason_code": "",
            "reason": "",
            "takeover": "",
        }
        assert events()[0] == ("project", "completed", "live", "completed")

    @pytest.mark.parametrize("user", ["", "other", "project_member"])
    def test_is_not_for_everybody(self, user, project, people):
        name = people.get(user, "")
        with pytest.raises(tk.NotAuthorized):
            end(name, project)
        with pytest.raises(tk.NotAuthorized):
            as_user(
                name,
                "digifarm_project_reopen",
                id=project["id"],
                stage="live",
            )
        model.Session.rollback()
        assert stage_of(project) == "live"
        assert model.Session.get(Ending, project["id"]) is None

    @pytest.mark.parametrize("user", ["owner", "project_editor", "sysadmin"])
    def test_is_for_its_people(self, user, project, people):
        end(people[user], project)
        assert stage_of(project) == "ended"

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("stage", "live"),
            ("stage", ""),
            ("since", "gestern"),
            ("reason_code", "no_fun"),
            ("reason", "a" * 1001),
            ("takeover", "a" * 5001),
            ("supports", "sell"),
            ("tasks", ["end"]),
        ],
    )
    def test_refuses_what_is_wrong_by_name(
        self, field, value, project, people
    ):
        with pytest.raises(tk.ValidationError) as raised:
            end(people["owner"], project, **{field: value})
        assert {*raised.value.error_dict} == {field}
        assert stage_of(project) == "live"

    def test_is_said_only_of_projects_that_are_there(self, project, people):
        with pytest.raises(tk.ObjectNotFound):
            end(people["owner"], {"id": "nothing"})
        as_portal("package_delete", id=project["name"])
        with pytest.raises(tk.ValidationError):
            end(people["owner"], project)

    def test_leaves_nothing_where_the_project_cant_be_saved(
        self, project, people
    ):
        package = model.Package.get(project["id"])
        package.title = ""
        model.Session.commit()
        with pytest.raises(tk.ValidationError) as raised:
            end(people["owner"], project)
        assert {*raised.value.error_dict} == {"title"}
        model.Session.rollback()
        assert model.Session.get(Ending, project["id"]) is None
        work_here()
        assert mails() == {}

    def test_changes_what_is_said_later(self, project, given, people):
        as_portal("package_patch", id=project["id"], stage="ended")
        work_here()
        model.Session.query(Mail).delete()
        model.Session.commit()
        said = end(people["owner"], project)
        assert said["reason"] == END["reason"]
        work_here()
        # They know it already.
        assert mails() == {}
        end(people["owner"], project, supports="end")
        work_here()
        assert {*mails()} == {OFFERER}
        assert states(given)["support"] == "ended"

    def test_tells_nobody_of_what_has_long_been_so(
        self, project, given, people
    ):
        package = model.Package.get(project["id"])
        package.extras = {**package.extras, "stage": "ended"}
        model.Session.commit()
        # As it was before there was anything to say of it.
        model.Session.query(Ending).delete()
        forget_jobs()
        end(people["owner"], project)
        work_here()
        assert {*mails()} == {"partner_editor@example.org"}
        assert states(given)["offer"] == "declined"

    def test_can_turn_out_to_be_another_one(self, project, people):
        end(people["owner"], project)
        work_here()
        count = len(mails())
        said = end(people["owner"], project, stage="completed")
        assert said["since"] == END["since"]
        work_here()
        assert len(mails()) == count
        assert ("project", "completed", "ended", "completed") in events()

    def test_changes_are_written_down(self, project, people):
        end(people["owner"], project)
        end(people["owner"], project, reason="Niemand hatte Zeit")
        last = model.Session.query(Event).order_by(Event.number).all()[-1]
        assert (last.action, last.source, last.target, last.reason) == (
            "ended",
            "ended",
            "ended",
            "Niemand hatte Zeit",
        )

    def test_says_no_date_where_none_is_known(self, project, people):
        as_portal("package_patch", id=project["id"], stage="ended")
        model.Session.query(Ending).delete()
        model.Session.commit()
        said = as_user(
            people["owner"],
            "digifarm_project_end",
            id=project["id"],
            stage="ended",
            reason="Umzug",
        )
        assert (said["since"], said["reason"]) == ("", "Umzug")

    def test_needs_no_reasons_of_the_schema_file(
        self, project, people, monkeypatch
    ):
        monkeypatch.setattr(reasons, "of", lambda _: [])
        with pytest.raises(tk.ValidationError):
            end(people["owner"], project)
        end(people["owner"], project, reason_code="")


def by_patch(project: dict[str, Any], stage: str, user: str) -> None:
    as_user(user, "package_patch", id=project["id"], stage=stage)


def by_update(project: dict[str, Any], stage: str, user: str) -> None:
    shown = as_user(user, "package_show", id=project["id"])
    as_user(user, "package_update", **{**shown, "stage": stage})


def by_form(project: dict[str, Any], stage: str, user: str) -> None:
    browser = Browser(APP[0], user)
    form = browser.form(f"/civic_project/edit/{project['name']}")
    response = browser.send(form.with_values(stage=stage))
    # Whoever does so is asked why first.
    assert response.request.path == f"/civic_project/end/{project['name']}"
    assert stage_of(project) == "live"
    form = browser.form(f"{response.request.path}?stage={stage}")
    assert form["stage"] == stage
    browser.send(form.with_values(supports="keep", tasks="keep"))


def by_the_action(project: dict[str, Any], stage: str, user: str) -> None:
    as_user(user, "digifarm_project_end", id=project["id"], stage=stage)


APP: list[Any] = []

WAYS: list[Callable[..., None]] = [
    by_patch,
    by_update,
    by_form,
    by_the_action,
]


class TestWhatFollows:
    @pytest.fixture(autouse=True)
    def _app(self, shared_app) -> None:
        APP[:] = [shared_app]

    @pytest.mark.parametrize("stage", ["completed", "ended"])
    @pytest.mark.parametrize("way", WAYS)
    def test_is_the_same_whichever_way_it_is_over(
        self, way, stage, project, given, people
    ):
        way(project, stage, people["owner"])
        work_here()
        assert states(given) == {
            "support": "accepted",
            "offer": "declined",
            "open": "closed",
            "taken": "taken",
            "done": "done",
        }
        words = "completed" if stage == "completed" else "discontinued"
        told = mails()
        assert {*told} == {OWNER, OFFERER, TAKER, "partner_editor@example.org"}
        for mail in told.values():
            assert f"is {words}" in mail
        assert "stays as it is" in told[OFFERER]
        assert "taken – this stays" in told[TAKER]
        assert "is over, too" in told["partner_editor@example.org"]
        assert [event for event in events() if event[0] == "project"] == [
            ("project", stage, "live", stage),
            ("project", "help_closed", "open", None),
        ]
        assert {event for event in events() if event[0] != "project"} == {
            ("support", "project_over", "offered", "declined"),
            ("task", "project_over", "open", "closed"),
        }

    def test_ends_what_is_to_end(self, project, given, people):
        end(people["owner"], project, supports="end", tasks="end")
        work_here()
        assert states(given) == {
            "support": "ended",
            "offer": "declined",
            "open": "closed",
            "taken": "closed",
            "done": "done",
        }
        told = mails()
        for address in (OFFERER, TAKER):
            assert "is over, too" in told[address]
            assert "stays as it is" not in told[address]
            for words in (
                "There is no more money for it",
                "> Der Server war zu teuer",
                "> Der *Code* und die Texte",
                "May 2025",
            ):
                assert words in told[address]
        # Who has a task that is over may be forgotten.
        [assignment] = model.Session.query(TaskAssignment).filter_by(
            task_id=given["taken"]
        )
        assert assignment.state == "over"

    def test_leaves_what_is_reported_to_be_confirmed(
        self, project, given, people
    ):
        as_user(people["other"], "digifarm_task_report", id=given["taken"])
        model.Session.query(Mail).delete()
        model.Session.commit()
        end(people["owner"], project, supports="end", tasks="end")
        work_here()
        assert states(given)["taken"] == "reported"
        assert "stays" in mails()[TAKER]
        as_user(people["owner"], "digifarm_task_done", id=given["taken"])
        assert states(given)["taken"] == "done"

    def test_closes_what_is_given_back_later(self, project, given, people):
        end(people["owner"], project)
        work_here()
        model.Session.query(Mail).delete()
        model.Session.commit()
        as_user(people["other"], "digifarm_task_return", id=given["taken"])
        assert states(given)["taken"] == "closed"
        assert "somebody else can take it" not in mails()[OWNER]
        assert events()[-2:] == [
            ("task", "digifarm_task_return", "taken", "open"),
            ("task", "project_over", "open", "closed"),
        ]

    def test_does_what_is_said_when_it_turns_out_otherwise(
        self, project, given, people
    ):
        end(people["owner"], project)
        work_here()
        end(people["owner"], project, stage="completed", tasks="end")
        work_here()
        assert states(given)["taken"] == "closed"

    def test_is_not_told_to_a_full_mailbox_again_and_again(
        self, project, given, people
    ):
        with changed_config("ckanext.digifarm.limits.email", "2 per hour"):
            for _ in range(3):
                end(people["owner"], project)
                work_here()
                as_portal("package_patch", id=project["id"], stage="live")
                work_here()
        model.Session.rollback()
        states_of = {
            address: sorted(
                mail.state
                for mail in model.Session.query(Mail)
                if mail.recipient_email == address
            )
            for address in (TAKER, OWNER)
        }
        assert states_of[TAKER] == ["held"] * 4 + ["waiting"] * 2
        assert {*states_of[OWNER]} == {"waiting"}

    def test_happens_once(self, project, given, people):
        end(people["owner"], project)
        work_here()
        count = len(mails())
        as_portal("package_patch", id=project["id"], summary="Anders")
        as_portal("package_patch", id=project["id"], stage="ended")
        work_here()
        assert len(mails()) == count
        assert len([e for e in events() if e[1] == "ended"]) == 1

    def test_tells_nobody_of_a_mistake_that_is_taken_back(
        self, project, given, people
    ):
        end(people["owner"], project)
        as_portal("package_patch", id=project["id"], stage="live")
        work_here()
        assert mails() == {}
        assert states(given)["open"] == "open"
        assert model.Session.get(Ending, project["id"]) is None

    def test_is_nothing_for_what_is_deleted(self, project, given, people):
        end(people["owner"], project)
        as_portal("package_delete", id=project["name"])
        work_here()
        assert mails() == {}

    def test_gives_nobody_the_address_of_others(self, project, given, people):
        end(people["owner"], project, supports="end", tasks="end")
        work_here()
        told = mails()
        for address, words in told.items():
            for other in told.keys() - {address}:
                assert other not in words

    def test_is_written_one_mail_to_one_person(self, project, given, people):
        as_user(
            people["offerer"], "digifarm_task_take", id=given["open"], **KIM
        )
        model.Session.query(Mail).delete()
        model.Session.commit()
        end(people["owner"], project, supports="end", tasks="end")
        work_here()
        mail = mails()[OFFERER]
        assert "Technical help – this is over, too" in mail
        assert "open – this is over, too" in mail

    @pytest.mark.parametrize("stage", ["paused", "broken", "testing"])
    def test_is_nothing_where_it_is_not_over(
        self, stage, project, given, people
    ):
        as_portal("package_patch", id=project["id"], stage=stage)
        work_here()
        assert mails() == {}
        assert states(given)["open"] == "open"
        assert as_user("", "digifarm_project_ending", id=project["id"]) == {}

    def test_is_asked_of_an_import_too(self, run_import, people):
        text = "title,stage,contact_email\nBaum,{},baum@example.org"
        option = f"--organization={REVIEWERS}"
        for stage in ("live", "ended"):
            result = run_import(text.format(stage), option)
            assert result.exit_code == 0, result.output
        work_here()
        assert {*mails()} == {"reviewer@example.org"}
        shown = as_user("", "digifarm_project_ending", id="baum")
        assert shown["since"] == clock.now().date().isoformat()
        as_portal("dataset_purge", id="baum")


class TestReopening:
    def test_opens_tasks_and_asks_for_help_again(self, project, given, people):
        end(people["owner"], project)
        work_here()
        model.Session.query(Mail).delete()
        model.Session.query(Event).delete()
        model.Session.commit()
        reopened = as_user(
            people["owner"],
            "digifarm_project_reopen",
            id=project["id"],
            stage="testing",
        )
        assert reopened == {
            "id": project["id"],
            "name": project["name"],
            "stage": "testing",
        }
        work_here()
        assert states(given) == {
            "support": "accepted",
            "offer": "declined",
            "open": "open",
            "taken": "taken",
            "done": "done",
        }
        told = mails()
        assert {*told} == {OWNER, OFFERER, TAKER}
        for mail in told.values():
            assert "was over, and goes on now" in mail
        assert events() == [
            ("project", "reopened", "ended", "testing"),
            ("project", "help_opened", None, "open"),
            ("task", "project_resumed", "closed", "open"),
        ]
        assert model.Session.get(Ending, project["id"]) is None
        shown = as_user("", "digifarm_project_show", id=project["id"])
        assert shown["ending"] == {}

    @pytest.mark.parametrize("stage", ["ended", "", "nothing"])
    def test_needs_a_stage_that_is_not_over(self, stage, project, people):
        end(people["owner"], project)
        with pytest.raises(tk.ValidationError) as raised:
            as_user(
                people["owner"],
                "digifarm_project_reopen",
                id=project["id"],
                stage=stage,
            )
        assert {*raised.value.error_dict} == {"stage"}

    def test_needs_one_that_is_over(self, project, people):
        with pytest.raises(tk.ValidationError, match="not over"):
            as_user(
                people["owner"],
                "digifarm_project_reopen",
                id=project["id"],
                stage="testing",
            )

    def test_says_nothing_of_the_time_before(self, project, people):
        end(people["owner"], project)
        as_portal("package_patch", id=project["id"], stage="live")
        as_portal("package_patch", id=project["id"], stage="completed")
        shown = as_user("", "digifarm_project_ending", id=project["id"])
        assert shown["reason"] == shown["takeover"] == ""
        assert shown["since"] == clock.now().date().isoformat()


class TestNote:
    """What was said of a stage isn't said of the next one."""

    OLD, NEW = "Läuft seit Mai", "Das Ziel ist erreicht"

    @pytest.fixture
    def noted(self, project) -> dict[str, Any]:
        return as_portal(
            "package_patch", id=project["id"], stage_note=self.OLD
        )

    def note(self, project: dict[str, Any]) -> str:
        model.Session.rollback()
        found = as_portal("package_show", id=project["id"])
        return found.get("stage_note") or ""

    def test_goes_or_is_another_one(self, noted, people):
        end(people["owner"], noted)
        assert self.note(noted) == ""
        end(people["owner"], noted, stage="completed", stage_note=self.NEW)
        assert self.note(noted) == self.NEW
        # Who says something else of the same end leaves it.
        end(people["owner"], noted, stage="completed")
        assert self.note(noted) == self.NEW
        end(people["owner"], noted, stage="completed", stage_note="")
        assert self.note(noted) == ""

    def test_goes_as_it_goes_on(self, noted, people):
        reopen = "digifarm_project_reopen"
        given = {"id": noted["id"], "stage": "testing"}
        for more, said in (({}, ""), ({"stage_note": self.NEW}, self.NEW)):
            end(people["owner"], noted, stage_note=self.OLD)
            as_user(people["owner"], reopen, **given, **more)
            assert self.note(noted) == said

    def test_is_asked_for(self, noted, people, shared_app):
        editor = Browser(shared_app, people["owner"])
        path = f"/civic_project/end/{noted['name']}"
        form = editor.form(path, "form.digifarm-form")
        assert form["stage_note"] == ""
        assert f"So far it says: “{self.OLD}”" in editor.get(path).body
        editor.send(form.with_values(stage="completed", stage_note=self.NEW))
        assert self.note(noted) == self.NEW
        assert editor.form(path, "form.digifarm-form")["stage_note"] == (
            self.NEW
        )
        form = editor.form(path, "form[action*='/reopen/']")
        assert form["stage_note"] == ""
        editor.send(form.with_values(stage="testing", stage_note="Neu hier"))
        assert self.note(noted) == "Neu hier"
        # A field that is empty means that there is none.
        editor.send(
            editor.form(path, "form.digifarm-form").with_values(stage="ended")
        )
        assert self.note(noted) == ""

    def test_stays_where_the_form_has_no_such_field(
        self, noted, people, shared_app
    ):
        end(people["owner"], noted, stage_note=self.NEW)
        editor = Browser(shared_app, people["owner"])
        path = f"/civic_project/end/{noted['name']}"
        form = editor.form(path, "form.digifarm-form")
        editor.send(form.with_values(stage_note=None, reason="Kein Geld"))
        assert self.note(noted) == self.NEW

    def test_of_what_is_too_long_nothing_is_saved(self, noted, people):
        with pytest.raises(tk.ValidationError) as raised:
            end(people["owner"], noted, stage_note="x" * 301)
        assert {*raised.value.error_dict} == {"stage_note"}
        assert stage_of(noted) == "live"


class TestPages:
    @pytest.mark.parametrize("has", [{"support"}, {"taken"}, set()], ids=str)
    def test_ask_only_for_what_there_is(self, has, editor, project, given):
        for name in {"support", "taken"} - has:
            row = model.Session.get(
                Support if name == "support" else Task, given[name]
            )
            row.state = "ended" if name == "support" else "done"
        model.Session.commit()
        form = editor.form(self.path(project), "form.digifarm-form")
        asked = {"supports": "support", "tasks": "taken"}
        assert {asked[name] for name in asked if name in form.values} == has
        editor.send(form.with_values(**END))
        assert stage_of(project) == "ended"

    def test_say_what_ends_with_the_care(self, editor, project, people):
        words = "can then no longer change its entry"
        assert words not in editor.get(self.path(project)).body
        care = store_offer(
            people["offerer"], project=project["id"], area="care"
        )
        as_user(people["owner"], "digifarm_support_accept", id=care.id)
        assert words in editor.get(self.path(project)).body

    @pytest.fixture
    def editor(self, shared_app, people) -> Browser:
        return Browser(shared_app, people["owner"])

    def path(self, project: dict[str, Any]) -> str:
        return f"/civic_project/end/{project['name']}"

    def test_ask_and_show_on_the_project_page(
        self, editor, shared_app, project, given
    ):
        edit = html(editor.get(f"/civic_project/edit/{project['name']}"))
        assert edit.select(f"a[href='{self.path(project)}']")
        form = editor.form(self.path(project), "form.digifarm-form")
        # As the example beside the field is written.
        assert form["since"] == f"{clock.now():%d.%m.%Y}"
        assert form["supports"] == form["tasks"] == "end"
        response = editor.send(
            form.with_values(**{**END, "supports": "end", "tasks": "end"})
        )
        assert response.request.path == f"/civic_project/{project['name']}"
        work_here()
        assert states(given)["support"] == "ended"
        page = html(Browser(shared_app).get(response.request.path))
        [part] = page.select("#over")
        said = text_of(part)
        for words in (
            "Discontinued since May 2025",
            "There is no more money for it",
            "Der Server war zu teuer",
            "What others can take over",
            "Der Code und die Texte",
        ):
            assert words in said
        assert not part.select("a[href*='/end/']")
        assert "Go to the project" not in page.text or project["url"]

    def test_let_it_go_on(self, editor, project, people):
        end(people["owner"], project)
        form = editor.form(self.path(project), "form[action*='/reopen/']")
        response = editor.send(form.with_values(stage="testing"))
        assert "The project goes on" in response.body
        assert stage_of(project) == "testing"

    def test_show_what_is_said_so_far(self, editor, project, people):
        end(people["owner"], project)
        form = editor.form(self.path(project), "form.digifarm-form")
        for name in ("stage", "since", "reason_code", "reason", "takeover"):
            assert form[name] == END[name]
        # What becomes of help was settled then, and is asked no more.
        assert not {"supports", "tasks"} & set(form.values)
        page = html(editor.get(f"/civic_project/{project['name']}"))
        assert page.select(f"#over a[href='{self.path(project)}']")

    def test_keep_what_was_typed_where_something_is_wrong(
        self, editor, project
    ):
        form = editor.form(self.path(project), "form.digifarm-form")
        typed = {**END, "since": "irgendwann"}
        response = editor.send(form.with_values(**typed))
        page = html(response)
        assert page.select("#errors a[href='#field-since']")
        assert page.select("#field-since-error")
        assert "Der Server war zu teuer" in response.body
        assert stage_of(project) == "live"

    @pytest.mark.parametrize("user", ["", "other", "project_member"])
    def test_are_not_for_everybody(self, user, shared_app, project, people):
        browser = Browser(shared_app, people.get(user) or None)
        for path in (
            self.path(project),
            self.path(project).replace("/end/", "/reopen/"),
        ):
            response = browser.post(
                path,
                data={"_csrf_token": browser.token(), "stage": "ended"},
            )
            is_login = response.request.path == "/user/login"
            assert is_login or response.status_code == 403
        assert stage_of(project) == "live"

    def test_are_not_for_what_is_gone(self, editor, project):
        assert editor.get("/civic_project/end/nothing").status_code == 404
        as_portal("package_delete", id=project["name"])
        assert editor.get(self.path(project)).status_code == 404

    def test_escape_what_is_said(self, editor, shared_app, project, people):
        script = "<script>alert(1)</script>"
        end(people["owner"], project, reason=script, takeover=script)
        for browser in (editor, Browser(shared_app)):
            body = browser.get(f"/civic_project/{project['name']}").body
            assert script not in body
        assert script not in editor.get(self.path(project)).body

    def test_speak_german(self, editor, shared_app, project, people):
        end(people["owner"], project)
        page = html(
            Browser(shared_app).get(f"/de/civic_project/{project['name']}")
        )
        assert "Eingestellt" in page.text
        assert "Dafür ist kein Geld mehr da" in page.text

    def test_ask_the_database_only_where_it_is_over(
        self, shared_app, project, people
    ):
        visitor = Browser(shared_app)
        path = f"/civic_project/{project['name']}"
        visitor.get(path)
        with counting() as cost:
            visitor.get(path)
        assert not [sql for sql in cost.sql if "digifarm_ending" in sql]
        end(people["owner"], project)
        visitor.get(path)
        with counting() as cost:
            visitor.get(path)
        asked = [sql for sql in cost.sql if "digifarm_ending" in sql]
        assert len(asked) == 1


def test_who_is_forgotten_is_covered_in_what_is_said(project, people):
    end(
        people["owner"],
        project,
        reason="Fragen an kim@example.org",
        takeover="Alles von kim@example.org",
    )
    privacy.erase("kim@example.org")
    model.Session.commit()
    model.Session.expire_all()
    ending = model.Session.get(Ending, project["id"])
    assert "kim@" not in str(ending.dictize())
    assert ending.takeover.startswith("Alles von")


def test_an_end_goes_with_its_project(project, people):
    end(people["owner"], project)
    as_portal("dataset_purge", id=project["id"])
    work_here()
    assert model.Session.get(Ending, project["id"]) is None

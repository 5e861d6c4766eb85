"""Reviewers upload tables, see what would happen, and say yes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ckantoolkit as tk
import pysolr
import pytest
from rq.timeouts import JobTimeoutException

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action, changed_config
from ckanext.activity.model import Activity
from ckanext.digifarm.exchange import import_actions, uploads, working
from ckanext.digifarm.exchange.model import Import, ImportRow
from ckanext.digifarm.lib import index
from ckanext.digifarm.lib.events import Event
from ckanext.digifarm.lib.language import speaking
from ckanext.digifarm.lib.mail import Mail
from ckanext.digifarm.links.model import Link
from ckanext.digifarm.partners.model import Partner
from ckanext.digifarm.support.model import Support
from ckanext.digifarm.tasks.model import Task
from dev.counting import counting

from .. import proposing
from ..acting import as_portal, as_user, in_two_threads
from ..crashes import killed_before, steps_of
from ..locks import DONE, meeting
from ..uses import forget_uses
from ..working import run_due
from .uploading import (
    alive,
    as_xlsx,
    checked,
    create_people,
    file,
    forget,
    results,
    rows,
    show,
    upload,
    work,
)

HEAD = ["Titel", "Kurzbeschreibung", "Stand"]


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture(autouse=True)
def settings(people) -> Iterator[None]:
    proposing.delete_packages()
    for table in (Support, Task, Partner, Link, Event, Mail):
        model.Session.query(table).delete()
    model.Session.commit()
    forget()
    forget_uses()
    with changed_config(
        "ckanext.digifarm.review_organization", proposing.REVIEWERS
    ):
        yield


@pytest.fixture
def me(people) -> str:
    return people["reviewer"]


def project(name: str, **fields: Any) -> dict[str, Any]:
    return factories.Dataset(
        **{
            "type": "civic_project",
            "name": name,
            "title": name.title(),
            "summary": "Gibt es schon",
            "owner_org": "tree-office",
            **fields,
        }
    )


def names() -> set[str]:
    """The projects that there are."""
    model.Session.rollback()
    return {
        name
        for (name,) in model.Session.query(model.Package.name).filter_by(
            type="civic_project", state="active"
        )
    }


def summary(name: str) -> str:
    return as_portal("package_show", id=name)["summary"]


def confirm(user: str, id_: str) -> str:
    return as_user(user, "digifarm_import_confirm", id=id_)["state"]


class TestPreview:
    def test_tells_the_fate_of_each_row_and_writes_nothing(self, me):
        project("alt")
        project("gleich", summary="Bleibt", stage="live")
        id_ = checked(
            me,
            [
                ["name", *HEAD, "owner_org"],
                ["", "Neu", "Ganz neu", "live", "Baumamt"],
                ["alt", "Alt", "Anders", "", ""],
                ["gleich", "Gleich", "Bleibt", "", ""],
                ["", "Falsch", "x" * 400, "gibt es nicht", "Niemand"],
            ],
        )
        found = show(me, id_)
        assert found["state"] == "checked"
        assert found["counts"] == {
            "created": 1,
            "updated": 1,
            "unchanged": 1,
            "failed": 1,
            "done": 0,
        }
        new, old, same, wrong = rows(me, id_)
        assert (new["result"], new["project"]) == ("created", "neu")
        assert (old["result"], old["changed"]) == ("updated", ["summary"])
        assert (same["result"], same["changed"]) == ("unchanged", [])
        assert wrong["result"] == "failed"
        cells = {one.partition(" ")[0] for one in wrong["complaints"]}
        assert cells == {"C5", "D5", "E5"}
        assert names() == {"alt", "gleich"}
        assert summary("alt") == "Gibt es schon"
        assert (
            model.Session.query(Event).filter_by(action="changed").all() == []
        )

    def test_of_a_file_of_excel(self, me):
        content = as_xlsx([HEAD, ["Neu", "Ganz neu", "live"]])
        id_ = checked(
            me, content, name="liste.XLSX", organization="tree-office"
        )
        assert results(me, id_) == ["created"]
        assert show(me, id_)["filename"] == "liste.XLSX"

    def test_in_the_language_of_the_reader(self, me, shared_app):
        with speaking("de"):
            id_ = upload(
                me,
                [HEAD, ["Neu", "x" * 400, "live"]],
                organization="tree-office",
            )
        work()
        [row] = rows(me, id_)
        [said] = row["complaints"]
        assert said.startswith(
            "B2 (Kurzbeschreibung): Bitte höchstens 220 Zeichen"
        )

    @pytest.mark.parametrize("odd", ["\\u0000", "\\ud800", "\\u202e"])
    def test_of_what_no_database_holds(self, odd, me):
        text = (
            f'[{{"Name": "A{odd}b", "Status": "{odd}", "X{odd}": "{odd}"}},'
            ' {"Name": "Neu", "Kurzbeschreibung": "Text", "Status": "aktiv"}]'
        )
        id_ = checked(me, text.encode(), name=f"a{odd}.json")
        assert show(me, id_)["state"] == "checked"
        assert len(rows(me, id_)) == 2

    def test_goes_on_where_time_was_over(self, me, monkeypatch):
        table = [HEAD, *([f"Neu {n}", "Text", "live"] for n in range(3))]
        table.append(["Neu 0", "Noch einmal", "live"])
        id_ = upload(me, table, organization="tree-office")
        for done in range(4):
            monkeypatch.setattr(working, "SECONDS", 0)
            assert len(rows(me, id_)) == done
            one_row(monkeypatch)
            working.run(60)
        monkeypatch.undo()
        work()
        assert show(me, id_)["state"] == "checked"
        # Of the first row it is known still.
        assert results(me, id_) == ["created"] * 3 + ["failed"]

    def test_of_some_rows_only(self, me):
        table = [HEAD, ["Neu", "Text", "live"], ["", "Text", "live"]]
        id_ = checked(me, table, organization="tree-office")
        [row] = rows(me, id_, result="failed")
        assert row["number"] == 1
        [row] = rows(me, id_, limit=1, offset=1)
        assert row["number"] == 1

    def test_costs_the_same_wherever_it_goes_on(self, me, monkeypatch):
        """Else a long file would spend all its time on what is done."""
        table = [HEAD]
        for n in range(6):
            table += [[f"Neu {n}", "Text", "live"], [f"Nein {n}", "", "lebt"]]
        id_ = upload(me, table, organization="tree-office")
        costs = []
        for done in range(12):
            one_row(monkeypatch)
            with counting() as cost:
                working.run(60)
            assert len(rows(me, id_)) == done + 1
            costs.append(len(cost.sql))
        new, wrong = costs[2:11:2], costs[3:11:2]
        assert {*new} == {new[0]}
        assert {*wrong} == {wrong[0]}

    def test_names_of_rows_that_failed_are_known_still(self, me, monkeypatch):
        table = [HEAD, ["Neu", "Text", "lebt"], ["Neu", "Text", "live"]]
        id_ = upload(me, table, organization="tree-office")
        one_row(monkeypatch)
        working.run(60)
        [failed] = rows(me, id_)
        assert (failed["result"], failed["project"]) == ("failed", "")
        monkeypatch.undo()
        work()
        assert results(me, id_) == ["failed", "failed"]
        [said] = rows(me, id_)[1]["complaints"]
        assert "neu is the name of row 2 “Neu” too" in said


def one_row(monkeypatch) -> None:
    """Let time be over after a row."""
    ticks = iter([0.0, 0.0, *[100.0] * 99])
    monkeypatch.setattr(working.time, "monotonic", lambda: next(ticks))


class TestYes:
    def test_writes_what_was_seen(self, me):
        project("alt")
        id_ = checked(
            me,
            [
                ["name", *HEAD, "tasks"],
                ["", "Neu", "Ganz neu", "live", "Gießen|hour"],
                ["alt", "Alt", "Anders", "", ""],
                ["", "Falsch", "x" * 400, "", ""],
            ],
            organization="tree-office",
        )
        assert confirm(me, id_) == "running"
        assert names() == {"alt"}
        work()
        found = show(me, id_)
        assert found["state"] == "done"
        assert found["counts"]["done"] == 2
        assert results(me, id_) == ["created", "updated", "failed"]
        assert names() == {"alt", "neu"}
        assert summary("alt") == "Anders"

    def test_names_who_did_it(self, me):
        id_ = checked(
            me, [HEAD, ["Neu", "Text", "live"]], organization="tree-office"
        )
        confirm(me, id_)
        work()
        package = model.Package.get("neu")
        user = model.User.get(me)
        assert package.creator_user_id == user.id
        [event] = model.Session.query(Event).filter_by(action="created")
        assert (event.created_by, event.actor) == (user.id, "project")
        activities = model.Session.query(Activity).filter_by(
            object_id=package.id
        )
        assert {one.user_id for one in activities} == {user.id}

    def test_is_not_limited_as_forms_are(self, me):
        as_portal(
            "digifarm_partner_create",
            title="Lesefreunde",
            kind="association",
            contact_email="lesen@example.org",
        )
        table = [
            [*HEAD, "supporters_care"],
            *([f"Neu {n}", "Text", "live", "Lesefreunde"] for n in "abc"),
        ]
        id_ = checked(me, table, organization="tree-office")
        confirm(me, id_)
        with (
            changed_config("ckanext.digifarm.limits.address", "1 per hour"),
            changed_config("ckanext.digifarm.limits.email", "1 per hour"),
        ):
            work()
        assert results(me, id_) == ["created"] * 3
        assert model.Session.query(Support).count() == 3
        # The mailbox is not flooded all the same: it gets the first one, and
        # what was written before that it stands in the directory.
        mails = model.Session.query(Mail).filter_by(
            recipient_email="lesen@example.org"
        )
        states = sorted(mail.state for mail in mails)
        assert states == ["held", "held", "waiting", "waiting"]

    def test_once_more_changes_nothing(self, me):
        id_ = checked(
            me, [HEAD, ["Neu", "Text", "live"]], organization="tree-office"
        )
        assert [confirm(me, id_), confirm(me, id_)] == ["running"] * 2
        work()
        modified = model.Package.get("neu").metadata_modified
        with pytest.raises(tk.ValidationError) as raised:
            confirm(me, id_)
        assert raised.value.error_dict == {
            "id": ["The file has been imported already"]
        }
        work()
        model.Session.rollback()
        assert model.Package.get("neu").metadata_modified == modified

    def test_forgets_the_file(self, me):
        id_ = checked(
            me, [HEAD, ["Neu", "Text", "live"]], organization="tree-office"
        )
        assert model.Session.get(Import, id_).content
        confirm(me, id_)
        work()
        model.Session.expire_all()
        assert model.Session.get(Import, id_).content == b""

    def test_not_while_rows_are_looked_at(self, me):
        id_ = upload(me, [HEAD, ["Neu", "Text", "live"]])
        with pytest.raises(tk.ValidationError) as raised:
            confirm(me, id_)
        assert raised.value.error_dict == {
            "id": ["The file is still being looked at"]
        }

    def test_does_not_take_over_what_came_since(self, me):
        id_ = checked(
            me, [HEAD, ["Neu", "Text", "live"]], organization="tree-office"
        )
        project("neu", summary="Von anderen")
        confirm(me, id_)
        work()
        [row] = rows(me, id_)
        assert row["result"] == "failed"
        [said] = row["complaints"]
        assert said.startswith("A2 (Titel): Somebody has created this")
        assert summary("neu") == "Von anderen"

    def test_does_not_bring_back_what_has_gone_since(self, me):
        project("alt")
        id_ = checked(
            me,
            [["name", *HEAD], ["alt", "Alt", "Anders", "live"]],
            organization="tree-office",
        )
        proposing.delete_packages()
        confirm(me, id_)
        work()
        [row] = rows(me, id_)
        assert row["result"] == "failed"
        assert "This project has gone since" in row["complaints"][0]
        assert names() == set()

    def test_of_a_mended_file_changes_only_the_rest(self, me):
        first = [HEAD, ["Neu", "Text", "live"], ["Falsch", "Text", "lebt"]]
        id_ = checked(me, first, organization="tree-office")
        confirm(me, id_)
        work()
        first[2][2] = "live"
        again = checked(me, first, organization="tree-office")
        assert results(me, again) == ["unchanged", "created"]

    def test_is_done_by_run_due_where_no_worker_is(self, me):
        id_ = upload(
            me, [HEAD, ["Neu", "Text", "live"]], organization="tree-office"
        )
        assert run_due("imports") == {"done": 1}
        confirm(me, id_)
        assert run_due("imports") == {"done": 1}
        assert names() == {"neu"}
        assert working.count() == 0


class TestCancel:
    def test_forgets_file_and_rows(self, me):
        id_ = checked(me, [HEAD, ["Neu", "Text", "live"]])
        as_user(me, "digifarm_import_cancel", id=id_)
        assert rows(me, id_) == []
        assert model.Session.get(Import, id_).content == b""
        work()
        assert names() == set()

    def test_stops_what_goes_on(self, me, monkeypatch):
        table = [HEAD, *([f"Neu {n}", "Text", "live"] for n in range(3))]
        id_ = checked(me, table, organization="tree-office")
        confirm(me, id_)
        run = working.PersonImporter.run

        def run_and_cancel(importer, record):
            outcome = run(importer, record)
            as_user(me, "digifarm_import_cancel", id=id_)
            return outcome

        monkeypatch.setattr(working.PersonImporter, "run", run_and_cancel)
        work()
        assert names() == {"neu-0"}
        found = show(me, id_)
        assert (found["state"], found["counts"]["done"]) == ("cancelled", 1)
        [row] = rows(me, id_)
        assert (row["project"], row["is_done"]) == ("neu-0", True)


def test_the_index_is_opened_anew_now_and_then(me, monkeypatch):
    table = [HEAD, *([f"Neu {n}", "Text", "live"] for n in range(5))]
    id_ = checked(me, table, organization="tree-office")
    as_user(me, "digifarm_import_confirm", id=id_)
    monkeypatch.setattr(index, "TOGETHER", 3)
    with counting() as cost:
        work()
    assert show(me, id_)["state"] == "done"
    # After three of them, and at the end.
    assert sum("commit=true" in path for path in cost.solr) == 2
    found = call_action("package_search", fq="dataset_type:civic_project")
    assert found["count"] == 5


def test_a_worker_whose_time_is_over_stops_as_the_index_is_opened(
    me, monkeypatch
):
    """Core takes that for a failure of Solr's, and would let it go on."""
    table = [HEAD, *([f"Neu {n}", "Text", "live"] for n in range(5))]
    id_ = checked(me, table, organization="tree-office")
    as_user(me, "digifarm_import_confirm", id=id_)
    monkeypatch.setattr(index, "TOGETHER", 3)
    times = []

    def commit(*args, **options):
        times.append(1)
        if len(times) == 1:
            raise JobTimeoutException

    with monkeypatch.context() as patch:
        patch.setattr(pysolr.Solr, "commit", commit)
        with pytest.raises(JobTimeoutException):
            work()
    model.Session.rollback()
    assert show(me, id_)["counts"]["done"] == 3
    assert tk.config[index.COMMITS] is True
    work()
    assert show(me, id_)["state"] == "done"


def test_memory_is_flat(me, monkeypatch):
    """What is left of a dozen rows is what is left of a few."""
    table = [HEAD, *([f"Neu {n}", "Text", "live"] for n in range(12))]
    id_ = upload(me, table, organization="tree-office")
    found = []
    note = working._note

    def note_and_count(row, outcome):
        note(row, outcome)
        if row.number in {4, 11}:
            found.append(alive())

    monkeypatch.setattr(working, "_note", note_and_count)
    work()
    as_user(me, "digifarm_import_confirm", id=id_)
    work()
    assert results(me, id_) == ["created"] * 12
    checked_few, checked_many, written_few, written_many = found
    assert checked_many == checked_few
    assert written_many == written_few


class TestCrash:
    """A worker dies in the middle; the next one goes on."""

    @pytest.fixture
    def running(self, me) -> str:
        table = [
            [*HEAD, "datasets"],
            *([f"Neu {n}", "Text", "live", "baeume"] for n in range(3)),
        ]
        factories.Dataset(name="baeume", owner_org="tree-office")
        id_ = checked(me, table, organization="tree-office")
        assert results(me, id_) == ["created"] * 3
        confirm(me, id_)
        return id_

    @pytest.mark.parametrize(
        "step", ["package_create", "digifarm_link_create"]
    )
    def test_between_two_parts_of_a_row(self, step, me, running, monkeypatch):
        class Killed(BaseException):
            pass

        get_action, calls = tk.get_action, []

        def kill(name: str) -> Any:
            action = get_action(name)

            def call(*args: Any) -> Any:
                result = None
                if name == step:
                    calls.append(name)
                    result = action(*args)
                    if len(calls) == 2:
                        raise Killed
                    return result
                return action(*args)

            return call

        with monkeypatch.context() as patch:
            patch.setattr(working.PersonImporter, "write", write_by(kill))
            with pytest.raises(Killed):
                work()
        model.Session.rollback()
        assert names() == {"neu-0", "neu-1"}
        assert show(me, running)["counts"]["done"] == 1
        work()
        assert show(me, running)["state"] == "done"
        assert results(me, running) == ["created"] * 3
        assert names() == {"neu-0", "neu-1", "neu-2"}
        assert model.Session.query(Link).count() == 3

    def test_killed_at_any_moment(self, me, running, tmp_path, monkeypatch):
        monkeypatch.setattr(import_actions, "MOST_WAITING", 9)
        again = [running]
        for n in (1, 2, 3, 4, 5):
            head = [*HEAD, "datasets"]
            table = [
                head,
                *([f"Weg {n} {k}", "Text", "live", "baeume"] for k in "ab"),
            ]
            again.append(checked(me, table, organization="tree-office"))
        first, *others = again
        # What is begun and cached is there for those that are killed.
        num = len(steps_of(lambda: working.run(60)))
        assert show(me, first)["state"] == "done"
        for n, id_ in enumerate(others, start=1):
            confirm(me, id_)
            step = num * n // 9
            file = tmp_path / f"steps-{n}"
            killed_before(step, lambda: working.run(60), file)
            model.Session.rollback()
            assert show(me, id_)["state"] == "running"
            work()
            assert show(me, id_)["state"] == "done"
            assert results(me, id_) == ["created"] * 2
        created = model.Session.query(Event).filter_by(action="created")
        of_projects = created.filter_by(subject="project")
        assert of_projects.count() == 3 + 2 * len(others)
        assert model.Session.query(Link).count() == 3 + 2 * len(others)

    def test_of_a_row_stops_no_other(self, me, running, monkeypatch):
        run = working.PersonImporter.run

        def fail(importer, record):
            if record.fields["title"] == "Neu 1":
                raise RuntimeError
            return run(importer, record)

        monkeypatch.setattr(working.PersonImporter, "run", fail)
        work()
        assert results(me, running) == ["created", "failed", "created"]
        assert show(me, running)["state"] == "done"

    def test_sent_again_while_somebody_says_yes(self, me, shared_app):
        """What is begun is not cancelled by it."""
        table = [HEAD, ["Noch neu", "Text", "live"]]
        id_ = checked(me, table, organization="tree-office")
        first = model.Session.get(Import, id_)
        results = meeting(
            shared_app,
            first,
            lambda: confirm(me, id_),
            lambda: upload(me, table, organization="tree-office"),
        )
        has_begun = results[0] == DONE
        state = model.Session.get(Import, id_)
        assert (state.state if state else None) == (
            "running" if has_begun else "cancelled"
        )
        assert results[1] == DONE

    def test_two_workers_do_nothing_twice(self, me, running, shared_app):
        model.Session.commit()
        in_two_threads(shared_app, working.run, working.run)
        model.Session.rollback()
        assert show(me, running)["state"] == "done"
        created = model.Session.query(Event).filter_by(action="created")
        assert len({e.subject_id for e in created}) == created.count()
        assert names() == {"neu-0", "neu-1", "neu-2"}


def write_by(get_action: Any) -> Any:
    """How plans are written, by other actions."""

    def write(self: Any, plan: Any) -> None:
        context = self._context
        if plan.params:
            get_action(plan.action)(tk.fresh_context(context), plan.params)
        for link in plan.links:
            get_action("digifarm_link_create")(
                tk.fresh_context(context),
                {**link.params, "project": plan.name},
            )

    return write


class TestLimits:
    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "This file is empty"),
            (b"x" * 2_000_001, "too large"),
            (b"Titel\n", "There are no projects in this file"),
            (b"Unsinn\nx\n", "must name the columns"),
            (b"Titel\n" + b"x\n" * 2001, "There are 2001 rows"),
        ],
    )
    def test_of_the_file(self, content, message, me):
        with pytest.raises(tk.ValidationError) as raised:
            upload(me, content)
        [said] = raised.value.error_dict["upload"]
        assert message in said
        assert model.Session.query(Import).count() == 0

    @pytest.mark.parametrize("sent", [None, "text", file(b"x", "")])
    def test_a_file_must_be_there(self, sent, me):
        with pytest.raises(tk.ValidationError) as raised:
            as_user(me, "digifarm_import_create", upload=sent)
        assert raised.value.error_dict == {"upload": ["Please choose a file"]}

    def test_of_what_it_unpacks_to(self, me, monkeypatch):
        monkeypatch.setattr(uploads, "MOST_UNPACKED", 1000)
        with pytest.raises(tk.ValidationError) as raised:
            upload(me, as_xlsx([HEAD, ["x"]]), name="x.xlsx")
        assert "too large" in raised.value.error_dict["upload"][0]

    def test_of_what_waits(self, me):
        for n in range(import_actions.MOST_WAITING):
            upload(me, [HEAD, [f"Neu {n}", "Text", "live"]])
        with pytest.raises(tk.ValidationError) as raised:
            upload(me, [HEAD, ["Neu", "Text", "live"]])
        [said] = raised.value.error_dict["form"]
        assert said.startswith("3 of your files wait already.")
        [first, *_] = model.Session.query(Import)
        as_user(me, "digifarm_import_cancel", id=first.id)
        upload(me, [HEAD, ["Neu", "Text", "live"]])

    def test_what_gives_nothing_to_import_makes_room(self, me):
        useless = [
            checked(me, [HEAD, [f"Neu {n}", "Text", "live"]])
            for n in range(import_actions.MOST_WAITING)
        ]
        good = checked(
            me, [HEAD, ["Gut", "Text", "live"]], organization="tree-office"
        )
        states = [show(me, id_)["state"] for id_ in [*useless, good]]
        # What is wrong with the others can still be read.
        assert states == ["cancelled", "checked", "checked", "checked"]

    def test_the_same_twice_is_one(self, me):
        table = [HEAD, ["Neu", "Text", "live"]]
        assert upload(me, table) == upload(me, table)
        assert upload(me, table, organization="tree-office") != upload(
            me, table
        )

    def test_the_same_once_it_was_looked_at_is_looked_at_again(self, me):
        table = [[*HEAD, "owner_org"], ["Neu", "Text", "live", "neues-amt"]]
        first = checked(me, table)
        [row] = rows(me, first)
        assert row["complaints"]
        factories.Organization(
            name="neues-amt", users=[{"name": me, "capacity": "editor"}]
        )
        second = checked(me, table)
        [row] = rows(me, second)
        assert row["result"] == "created"
        # Nobody needs the old one, and it takes no place.
        assert show(me, first)["state"] == "cancelled"
        old = model.Session.get(Import, first)
        assert old
        assert old.content == b""
        # What is wanted already goes on.
        as_user(me, "digifarm_import_confirm", id=second)
        assert upload(me, table) == second

    def test_two_clicks_are_one(self, me, shared_app):
        table = [HEAD, ["Neu", "Text", "live"]]
        first, second = in_two_threads(
            shared_app, *[lambda: upload(me, table)] * 2
        )
        assert first == second

    def test_of_an_organization_that_is_none(self, me):
        with pytest.raises(tk.ValidationError) as raised:
            upload(me, [HEAD, ["x", "y", ""]], organization="nowhere")
        assert set(raised.value.error_dict) == {"organization"}
        assert ImportRow.counts("x") == {}

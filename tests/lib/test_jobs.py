"""Whoever commits wakes the worker, and each job is done once."""

from __future__ import annotations

import datetime
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import ckantoolkit as tk
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from freezegun import freeze_time
from redis import ConnectionPool
from rq import SimpleWorker
from sqlalchemy.exc import IntegrityError

import ckan.lib.jobs
import ckan.lib.redis
from ckan import model
from ckan.lib.jobs import get_queue
from ckan.lib.search.common import make_connection
from ckan.tests.helpers import changed_config
from ckanext.digifarm.cli import digifarm
from ckanext.digifarm.lib import clock, jobs, outbox
from ckanext.digifarm.lib.jobs import Job
from ckanext.digifarm.lib.mail import Mail, MailState
from ckanext.digifarm.support.model import Support
from dev.counting import counting

from ..acting import in_two_threads
from ..all_steps import ALL_STEPS
from ..mail_server import MailServer
from ..scenes import Scene, Start
from ..working import forget_jobs

KIND = "of a test"

[ACCEPT] = [
    case
    for case in ALL_STEPS
    if (case.name, case.role) == ("support_accept", "partner_editor")
]


@pytest.fixture(autouse=True)
def everything_is_logged(monkeypatch) -> None:
    """Reading the configuration again silences loggers."""
    for module in (jobs, outbox):
        monkeypatch.setattr(module.log, "disabled", False)


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    server.start()
    with changed_config("smtp.server", server.address):
        yield server
    server.stop()


@pytest.fixture
def start(scene) -> Start:
    """A request that waits for its partner's yes."""
    start = ACCEPT.begin(scene)
    forget_jobs()
    return start


def woken() -> list[str]:
    """What workers were woken for."""
    return [job.meta["title"] for job in get_queue().jobs]


class TestWaking:
    def accept(self, scene: Scene, start: Start) -> None:
        ACCEPT.call(scene, start, defer_commit=True)

    def test_is_done_by_the_commit_of_whoever_called(self, scene, start):
        self.accept(scene, start)
        assert woken() == []
        model.Session.commit()
        assert woken() == ["send_mails", "do_jobs"]

    def test_is_done_once(self, scene, start):
        self.accept(scene, start)
        model.Session.commit()
        forget_jobs()
        model.Session.execute(sa.text("select 1"))
        model.Session.commit()
        assert woken() == []

    def test_is_not_done_by_savepoints(self, scene, start):
        with model.Session.begin_nested(), model.Session.begin_nested():
            self.accept(scene, start)
        with model.Session.begin_nested():
            model.Session.execute(sa.text("select 1"))
        assert woken() == []
        model.Session.commit()
        assert woken() == ["send_mails", "do_jobs"]

    def test_is_not_done_by_a_rollback(self, scene, start):
        self.accept(scene, start)
        model.Session.rollback()
        assert woken() == []

    def test_is_not_done_by_the_commit_after_a_rollback(self, scene, start):
        self.accept(scene, start)
        model.Session.rollback()
        model.Session.execute(sa.text("select 1"))
        model.Session.commit()
        assert woken() == []

    def test_is_done_where_only_a_savepoint_is_rolled_back(self, scene, start):
        self.accept(scene, start)
        model.Session.begin_nested().rollback()
        model.Session.commit()
        assert woken() == ["send_mails", "do_jobs"]

    def test_is_done_where_a_flush_fails_in_a_savepoint(self, scene, start):
        self.accept(scene, start)
        accepted = model.Session.get(Support, start.id)
        doubled = Support(
            project_id=accepted.project_id,
            area=accepted.area,
            partner_id=accepted.partner_id,
            state=accepted.state,
        )
        savepoint = model.Session.begin_nested()
        model.Session.add(doubled)
        with pytest.raises(IntegrityError):
            model.Session.flush()
        savepoint.rollback()
        model.Session.commit()
        assert woken() == ["send_mails", "do_jobs"]

    def test_is_not_done_where_a_flush_fails_outside(self, scene, start):
        self.accept(scene, start)
        model.Session.add(Job(key="no kind"))
        with pytest.raises(IntegrityError):
            model.Session.flush()
        model.Session.rollback()
        model.Session.execute(sa.text("select 1"))
        model.Session.commit()
        assert woken() == []

    def test_is_done_for_many_jobs_that_one_statement_notes(self, does):
        done: list[str] = []
        does(done.append)
        keys = [str(number) for number in range(20)]
        with counting() as cost:
            jobs.later_each(KIND, keys)
        assert len(cost.sql) == 1
        assert woken() == []
        model.Session.commit()
        assert woken() == ["do_jobs"]
        assert jobs.run() == {"done": 20}
        assert done == keys
        jobs.later_each(KIND, [])
        model.Session.commit()
        assert left() == []

    @pytest.mark.parametrize("case", ALL_STEPS, ids=str)
    def test_is_done_after_each_step_that_leaves_something(self, case, scene):
        start = case.begin(scene)
        forget_jobs()
        case.call(scene, start, defer_commit=True)
        assert woken() == []
        model.Session.commit()
        expected = {
            "do_jobs": model.Session.query(Job).count(),
            # What is gathered goes out in the morning.
            "send_mails": model.Session.query(Mail)
            .filter(Mail.state != MailState.GATHERED.value)
            .count(),
            "work_imports": case.name == "import_confirm",
        }
        assert set(woken()) == {name for name in expected if expected[name]}
        assert len(woken()) == len(set(woken()))


class TestWithoutRedis:
    @pytest.fixture(autouse=True)
    def is_down(self, start, monkeypatch):
        pool = ConnectionPool.from_url("redis://127.0.0.1:1/0")
        with monkeypatch.context() as patch:
            patch.setattr(ckan.lib.redis, "_connection_pool", pool)
            patch.setattr(ckan.lib.jobs, "_queues", {})
            yield

    def test_the_cron_line_does_it_later(
        self, scene, start, shared_app, mail_server, caplog
    ):
        with counting() as cost, shared_app.flask_app.test_request_context():
            ACCEPT.call(scene, start, defer_commit=True)
            model.Session.commit()
        assert (cost.solr, mail_server.messages) == ([], [])
        waiting = sorted(
            waits.recipient_email for waits in model.Session.query(Mail)
        )
        assert len(waiting) >= 2
        assert caplog.text.count("Redis doesn't answer") == 2
        assert not any(address in caplog.text for address in waiting)
        assert model.Session.query(Job.kind).all() == [("reindex",)]
        command = ["run-due", "--only=jobs", "--only=mails"]
        result = CliRunner().invoke(digifarm, command)
        assert result.output.splitlines() == [
            "jobs: 1 done, 0 failed",
            f"mails: {len(waiting)} done, 0 failed",
        ]
        assert sorted(mail_server.recipients) == waiting
        assert model.Session.query(Job).count() == 0
        documents = make_connection().search(f"id:{scene.project['id']}").docs
        assert [d["vocab_partner"] for d in documents] == [
            ["Offene Werkstatt"]
        ]


@pytest.fixture
def does(scene, monkeypatch) -> Callable[[Callable[[str], Any]], None]:
    """Names the function that does a kind of job."""

    def does(function: Callable[[str], Any]) -> None:
        monkeypatch.setitem(jobs._KINDS, KIND, function)

    return does


def put(*keys: str) -> None:
    """Let jobs wait, one after the other."""
    for key in keys:
        model.Session.add(Job(kind=KIND, key=key))
        model.Session.flush()
    model.Session.commit()


def put_by_somebody_else(key: str) -> None:
    with model.meta.engine.begin() as connection:
        connection.execute(
            sa.insert(Job).values(
                kind=KIND, key=key, attempts=0, error="", due=clock.now()
            )
        )


def left() -> list[tuple[str, int, str]]:
    """What waits: key, attempts, and what the last one failed with."""
    model.Session.rollback()
    query = sa.select(Job.key, Job.attempts, Job.error).order_by(Job.id)
    return [tuple(row) for row in model.Session.execute(query)]


class TestAJobThatFails:
    def fails(self, key: str) -> None:
        if key == "bad":
            model.Session.execute(sa.text("select 1"))
            raise ValueError(f"Geheime Person <geheim@{key}.example.org>")

    def test_does_not_stop_the_others(self, does):
        does(self.fails)
        put("first", "bad", "last")
        assert jobs.run() == {"done": 2, "failed": 1}
        assert left() == [("bad", 1, "ValueError")]

    def test_is_tried_again_after_a_while(self, does):
        does(self.fails)
        put("bad")
        for attempt, minutes in ((1, 1), (2, 4), (3, 16)):
            before = clock.now()
            assert jobs.run() == {"failed": 1}
            assert jobs.run() == {}
            [waiting] = model.Session.query(Job)
            pause = waiting.due - before
            assert waiting.attempts == attempt
            assert minutes * 60 <= pause.total_seconds() < minutes * 60 + 30
            waiting.due = clock.now()
            model.Session.commit()

    def test_is_logged_where_it_failed_but_not_for_whom(self, does, caplog):
        does(self.fails)
        put("bad")
        jobs.run()
        [record] = [
            record for record in caplog.records if record.levelname == "ERROR"
        ]
        text = record.getMessage()
        assert text.startswith(f"{KIND} of bad failed: ValueError\n")
        assert f'File "{__file__}"' in text
        assert "in fails" in text
        # The line of the code is there, what came of it is not.
        assert record.exc_info is None
        assert "geheim@bad" not in caplog.text

    def test_says_nothing_of_people_from_the_database(self, does, caplog):
        def fails(key: str) -> None:
            address = "@".join(("geheim", "example.org"))
            model.Session.execute(
                sa.text("select cast(:address as int)"), {"address": address}
            )

        does(fails)
        put("bad")
        jobs.run()
        assert "DataError" in caplog.text
        assert "geheim@" not in caplog.text
        assert left() == [("bad", 1, "DataError")]

    def test_undoes_what_it_did(self, does):
        def fails(key: str) -> None:
            model.Session.add(Job(kind="unknown", key=key))
            model.Session.flush()
            raise ValueError

        does(fails)
        put("bad")
        jobs.run()
        assert left() == [("bad", 1, "ValueError")]


def test_a_clock_that_is_behind_holds_up_nothing(does):
    does(lambda key: None)
    put("a")
    with freeze_time(clock.now() - datetime.timedelta(seconds=2)):
        assert jobs.count() == 1
        assert jobs.run() == {"done": 1}


def test_each_reads_what_is_stored_then(does, scene):
    user = model.User.get(scene.named("owner"))
    read: list[str | None] = []

    def work(key: str) -> None:
        read.append(user.about)
        with model.ensure_engine().begin() as connection:
            table = model.User.__table__
            connection.execute(
                sa.update(table).where(table.c.id == user.id).values(about=key)
            )

    does(work)
    put("first", "second")
    assert jobs.run() == {"done": 2}
    assert read[1] == "first"


class TestEachIsDoneOnce:
    def test_what_comes_while_it_is_done_is_another(self, does):
        done: list[str] = []

        def work(key: str) -> None:
            if not done:
                put_by_somebody_else(key)
            done.append(key)

        does(work)
        put("a", "b")
        assert jobs.run() == {"done": 3}
        assert done == ["a", "b", "a"]
        assert left() == []

    def test_what_came_before_is_the_same(self, does):
        done: list[str] = []
        does(done.append)
        put("a", "b", "a")
        assert jobs.run() == {"done": 2}
        assert done == ["a", "b"]

    def test_two_workers_do_nothing_twice(self, does, shared_app):
        done: list[str] = []

        def work(key: str) -> None:
            done.append(key)
            time.sleep(0.01)

        does(work)
        keys = [str(number) for number in range(15)]
        put(*(key for key in keys for _ in range(2)))
        counts = in_two_threads(shared_app, jobs.run, jobs.run)
        assert Counter(done) == Counter(keys)
        assert sum(count["done"] for count in counts) == len(keys)
        assert left() == []

    def test_the_same_is_never_done_by_two_at_a_time(self, does, shared_app):
        """Or the slower one would write what it read before."""
        running = threading.Semaphore(1)
        met: list[bool] = []

        def work(key: str) -> None:
            is_alone = running.acquire(blocking=False)
            met.append(not is_alone)
            if len(met) == 1:
                put_by_somebody_else(key)
                other.set()
            time.sleep(0.3)
            if is_alone:
                running.release()

        def second() -> Any:
            assert other.wait(10)
            return jobs.run()

        other = threading.Event()
        does(work)
        put("a")
        counts = in_two_threads(shared_app, jobs.run, second)
        assert met == [False, False]
        assert sum(count["done"] for count in counts) == 2
        assert left() == []

    def test_a_worker_does_something_else_meanwhile(self, does, shared_app):
        done: list[tuple[str, int]] = []

        def work(key: str) -> None:
            done.append((key, threading.get_ident()))
            if key == "long":
                assert other.wait(10)
            else:
                other.set()

        other = threading.Event()
        does(work)
        put("long", "short")
        in_two_threads(shared_app, jobs.run, jobs.run)
        assert sorted(key for key, _ in done) == ["long", "short"]
        assert len({thread for _, thread in done}) == 2


class TestMails:
    """People wait for them: they don't wait behind what takes long."""

    @pytest.fixture
    def order(self, does, monkeypatch) -> list[str]:
        """What is done, one after the other."""
        order: list[str] = []
        does(order.append)
        send = outbox.send_due

        def send_due() -> Counter[str]:
            order.append("mails")
            return send()

        monkeypatch.setattr(outbox, "send_due", send_due)
        return order

    @pytest.fixture
    def work(self) -> Callable[[], None]:
        """Do what waits in the queue, in this process."""

        def work() -> None:
            queue = get_queue()
            worker = SimpleWorker([queue], connection=queue.connection)
            worker.work(burst=True)

        return work

    def test_go_before_jobs_that_were_there_first(self, order, work):
        put("a", "b")
        jobs.wake(jobs.do_jobs)
        model.Session.commit()
        outbox.wake()
        model.Session.commit()
        assert woken() == ["send_mails", "do_jobs"]
        work()
        assert order == ["mails", "a", "b"]

    def test_go_before_the_rest_of_many_jobs(self, does, order, work):
        def do(key: str) -> None:
            order.append(key)
            if key == "a":
                outbox.wake()

        does(do)
        put("a", "b", "c")
        jobs.wake(jobs.do_jobs)
        model.Session.commit()
        work()
        assert order == ["a", "mails", "b", "c"]
        assert left() == []

    def test_go_before_what_other_plugins_have_put_there(self, order):
        tk.enqueue_job(print, title="another")
        outbox.wake()
        model.Session.commit()
        assert woken() == ["send_mails", "another"]

    def test_go_first_by_the_line_of_cron(self):
        result = CliRunner().invoke(digifarm, ["run-due", "--dry-run"])
        names = [line.partition(":")[0] for line in result.output.split("\n")]
        # What is asked elsewhere may take its time.
        assert names[-5:-1] == ["mails", "jobs", "imports", "checks"]

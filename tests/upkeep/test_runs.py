"""What a run looks at and when, and that others are left alone meanwhile."""

from __future__ import annotations

import datetime
import socket
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from click.testing import CliRunner

from ckan import model
from ckan.tests.helpers import call_action, changed_config
from ckanext.digifarm.cli import digifarm
from ckanext.digifarm.lib import clock
from ckanext.digifarm.upkeep import checking, when
from ckanext.digifarm.upkeep.model import Check, Health, Repository
from ckanext.digifarm.upkeep.turns import Turns
from dev.web import Request, well

from ..acting import as_portal
from .conftest import check_of, run

pytestmark = pytest.mark.usefixtures("shared_portal", "no_commits")


def urls() -> set[str]:
    model.Session.rollback()
    return {url for (url,) in model.Session.query(Check.url)}


def test_what_is_public_is_looked_at_and_nothing_else(project, portal):
    found = project(
        url=portal.url("app"),
        documentation_url=portal.url("docs"),
        collaboration_url=portal.url("chat"),
        origin_url=portal.url("app"),
        source_url=portal.url("git", "/a/b"),
        notes=f"See {portal.url('text')}",
    )
    task = call_action(
        "digifarm_task_create",
        project=found["id"],
        title="Something",
        url=portal.url("task"),
    )
    partner = as_portal(
        "digifarm_partner_create",
        title="Lesefreunde",
        kind="association",
        url=portal.url("partner"),
    )
    run()
    names = ("app", "docs", "chat", "task", "partner")
    everything = {portal.url(name) for name in names}
    everything.add(portal.url("git", "/a/b"))
    assert urls() == everything
    assert {url for (url,) in model.Session.query(Repository.url)} == {
        portal.url("git", "/a/b")
    }
    call_action("digifarm_task_done", id=task["id"])
    as_portal("digifarm_partner_delete", id=partner["id"])
    as_portal("package_patch", id=found["id"], url="")
    run()
    # It is the origin's still.
    gone = {portal.url(name) for name in ("task", "partner")}
    assert urls() == everything - gone
    as_portal("package_patch", id=found["id"], private=True)
    run()
    assert urls() == set()


def test_an_address_that_no_index_takes_is_left_out(project, portal):
    long = portal.url("app", "/" + "ä" * 1900)
    project(url=long, info_url=portal.url("other"))
    run()
    assert urls() == {portal.url("other")}


def test_nothing_is_asked_where_it_is_turned_off(project, portal):
    with changed_config("ckanext.digifarm.upkeep.enabled", False):
        project(url=portal.url("app"))
        assert checking.count() == 0
        run()
    assert portal.asked == []
    assert urls() == set()


def test_the_command_says_how_many(project, portal):
    project(url=portal.url("app"), info_url=portal.url("other"))
    run()
    model.Session.query(Check).update({"due": clock.now()})
    model.Session.commit()
    command = ["run-due", "--only", "checks"]
    said = CliRunner().invoke(digifarm, [*command, "--dry-run"]).output
    assert said == "checks: 2 due\n"
    said = CliRunner().invoke(digifarm, command).output
    assert said == "checks: 2 done, 0 failed\n"


def test_other_servers_are_asked_when_all_else_is_done():
    said = CliRunner().invoke(digifarm, ["run-due", "--dry-run"]).output
    assert said.splitlines()[-1].startswith("checks:")


def test_addresses_are_looked_at_once_a_week_at_their_own_times():
    hours: Counter[int] = Counter()
    week = datetime.timedelta(weeks=1)
    for number in range(1000):
        url = f"https://example.org/{number}"
        first = when.next_time(url)
        wait = first - clock.now()
        assert week / 2 <= wait <= 1.5 * week
        hours[wait // datetime.timedelta(hours=24)] += 1
    assert len(hours) >= 7
    assert max(hours.values()) < 250
    soon = when.next_time("https://example.org", Health.FAILING)
    assert soon - clock.now() < datetime.timedelta(days=2, seconds=1)


def test_a_run_ends_in_time_and_the_next_one_goes_on(
    project, portal, monkeypatch
):
    project(url=portal.url("one"), info_url=portal.url("two"))
    monkeypatch.setattr(checking, "RUN_SECONDS", -1.0)
    run()
    assert portal.asked == []
    monkeypatch.undo()
    monkeypatch.setattr(socket, "getaddrinfo", portal.look_up)
    monkeypatch.setattr(checking, "ALLOW_LOOPBACK", True)
    run()
    assert check_of(portal.url("one")).health == "answers"


def test_what_another_process_asks_is_left_alone(project, portal):
    project(url=portal.url("one"), info_url=portal.url("two"))
    with Turns() as others:
        assert others.take("one.example.org")
        run()
        assert portal.requests("one") == []
        assert portal.requests("two") != []
        others.give("one.example.org")
        run()
    assert portal.requests("one") != []


def test_a_turn_ends_with_who_has_it():
    with Turns() as one:
        assert one.take("a.example.org")
        assert not one.take("a.example.org")
        with Turns() as two:
            assert not two.take("a.example.org")
            assert two.take("b.example.org")
    with Turns() as one:
        assert one.take("a.example.org")
        assert one.take("b.example.org")


def test_a_server_is_asked_one_thing_at_a_time(project, portal):
    def takes_its_time(request: Request) -> None:
        time.sleep(0.05)
        well(request)

    portal.put("one", takes_its_time)
    found = project(url=portal.url("one"), info_url=portal.url("one", "/a"))
    for number in range(10):
        to = portal.put(f"leads{number}", leads_to(portal.url("one")))
        call_action(
            "digifarm_task_create",
            project=found["id"],
            title="Something",
            url=to,
        )
    run()
    run(0.02)
    assert portal.most["one.example.org"] == 1
    assert {c.health for c in model.Session.query(Check)} == {"answers"}


def leads_to(url: str) -> Any:
    return lambda request: request.say(302, b"", {"Location": url})


def test_a_mistake_with_one_address_stops_no_other(
    project, portal, monkeypatch
):
    good, bad = portal.url("good"), portal.url("bad")
    project(url=good, info_url=bad)
    of_answer = checking.judging.of_answer

    def failing(url: str, answer: Any) -> Any:
        if url == bad:
            raise RuntimeError
        return of_answer(url, answer)

    monkeypatch.setattr(checking.judging, "of_answer", failing)
    assert checking.run() == {"done": 1, "failed": 1}
    assert check_of(good).health == "answers"
    assert check_of(bad).checked is None
    assert check_of(bad).due > clock.now()


class Proxy(BaseHTTPRequestHandler):
    """A proxy that answers itself."""

    asked: list[str]

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET  # noqa: N815 – as the base class has it


class Lost(Proxy):
    """A proxy that reaches one server alone."""

    def do_GET(self) -> None:
        self.send_response(200 if "//well." in self.path else 502)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET  # noqa: N815 – as the base class has it


def test_what_a_proxy_can_not_reach_is_unknown(project, portal):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Lost)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url, fine = portal.url("app"), portal.url("well")
    project(url=url, info_url=fine)
    proxy = f"http://127.0.0.1:{server.server_port}"
    with changed_config("ckanext.digifarm.upkeep.proxy", proxy):
        run()
    server.shutdown()
    server.server_close()
    assert check_of(fine).health == "answers"
    check = check_of(url)
    assert (check.health, check.problem, check.answered, check.failures) == (
        "unknown",
        "no_way",
        None,
        0,
    )


def test_a_proxy_is_asked_instead_but_for_nothing_inside(project, portal):
    handler = type("Handler", (Proxy,), {"asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url, inner = portal.url("app"), portal.url("inner")
    project(url=url, info_url=inner)
    portal.names["inner.example.org"] = "10.0.0.1"
    proxy = f"http://127.0.0.1:{server.server_port}"
    with changed_config("ckanext.digifarm.upkeep.proxy", proxy):
        run()
    server.shutdown()
    server.server_close()
    assert check_of(url).health == "answers"
    assert handler.asked == [f"{url}robots.txt", url]
    assert portal.asked == []
    check = check_of(inner)
    assert (check.health, check.problem) == ("unknown", "inside")
    # One that doesn't answer says nothing of those behind it.
    with changed_config("ckanext.digifarm.upkeep.proxy", proxy):
        run(11)
    assert check_of(url).health != "failing"

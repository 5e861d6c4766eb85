"""Hosts that misbehave: each is judged right, none holds up the others."""

from __future__ import annotations

import datetime
import gzip
import itertools
import socket
import threading
import time
from dataclasses import replace
from typing import Any

import pytest
from freezegun import freeze_time

from ckan import model
from ckan.tests.helpers import call_action
from ckanext.digifarm.lib import clock
from ckanext.digifarm.lib.fetch import Answer
from ckanext.digifarm.upkeep import checking, visiting, when
from ckanext.digifarm.upkeep.model import Check, Host
from dev.web import (
    HTML,
    PAGE,
    Request,
    drips,
    is_silent,
    leads_away_for_ever,
    status,
    well,
)

from .conftest import check_of, connects_nowhere_else, run

pytestmark = pytest.mark.usefixtures("shared_portal", "no_commits")

#: Fifty megabytes of nothing.
PACKED = gzip.compress(b" " * 50_000_000)

#: So long all of them together may take, in seconds.
LONGEST = 30


def hangs_up_on_head(request: Request) -> None:
    if request.command == "HEAD":
        request.close_connection = True
    else:
        well(request)


def refuses_head(request: Request) -> None:
    if request.command == "HEAD":
        request.say(403)
    else:
        well(request)


def never_ends(request: Request) -> None:
    request.send_response(200)
    request.send_header("Content-Type", "text/html")
    request.end_headers()
    while request.command == "GET" and not request.web.over.wait(0):
        request.wfile.write(b"<p>on and on" * 100)


def has_a_huge_header(request: Request) -> None:
    request.send_response(200)
    request.send_header("X-A", "b" * 200_000)
    request.end_headers()


def has_many_headers(request: Request) -> None:
    request.send_response(200)
    for number in range(500):
        request.send_header(f"X-{number}", "b" * 1000)
    request.end_headers()


def goes_on_and_on(request: Request) -> None:
    number = int(request.path.strip("/") or 0) + 1
    request.say(302, b"", {"Location": f"/{number}"})


def is_packed(request: Request) -> None:
    """What is packed is much more than it seems."""
    headers = {**HTML, "Content-Encoding": "gzip"}
    request.say(200, PACKED, headers)


def says(content: bytes, kind: str = "text/html") -> Any:
    return lambda request: request.say(200, content, {"Content-Type": kind})


def leads_to(code: int, address: str) -> Any:
    return status(code, Location=address)


HOSTS = {
    "well": (well, "answers", ""),
    "drips": (drips, "unknown", "timeout"),
    "silent": (is_silent, "unknown", "timeout"),
    "loop": (leads_to(301, "/"), "failing", "loop"),
    "onandon": (goes_on_and_on, "unknown", "redirects"),
    "fornow": (leads_to(302, "{well}"), "answers", ""),
    "forgood": (leads_to(301, "{well}"), "moved", ""),
    "forgood308": (leads_to(308, "{well}"), "moved", ""),
    "endless": (leads_away_for_ever, "moved", ""),
    "togone": (leads_to(301, "{gone}"), "failing", "gone"),
    "hangsup": (hangs_up_on_head, "answers", ""),
    "refuseshead": (refuses_head, "answers", ""),
    "keptout": (status(403), "unknown", "kept_out"),
    "login": (status(401), "unknown", "kept_out"),
    "neverends": (never_ends, "answers", ""),
    "hugeheader": (has_a_huge_header, "unknown", "broken"),
    "manyheaders": (has_many_headers, "unknown", "broken"),
    "packed": (is_packed, "answers", ""),
    "gone": (status(404), "failing", "gone"),
    "goneforgood": (status(410), "failing", "gone"),
    "broken": (status(500), "failing", "server"),
    "busy": (status(503), "unknown", "busy"),
    "limits": (status(429, Retry_After="7200"), "unknown", "busy"),
    "empty": (says(b" \n"), "answers", ""),
    "quiteempty": (says(b""), "look", "empty"),
    "emptyfile": (says(b"", "text/plain"), "answers", ""),
    "parked": (
        says(b'<script src="//sedoparking.com/frmpark/x.js"></script>'),
        "look",
        "parked",
    ),
    "tellsofit": (says(b"Is sedoparking.com evil? //dan.com"), "answers", ""),
    "inner": (leads_to(302, "http://10.0.0.1/"), "unknown", "inside"),
    "meta": (
        leads_to(301, "http://169.254.169.254/latest"),
        "unknown",
        "inside",
    ),
    "file": (leads_to(302, "file:///etc/passwd"), "unknown", "address"),
    "nonsense": (leads_to(302, "http://[/"), "unknown", "address"),
}


@pytest.fixture
def quick(monkeypatch) -> None:
    """Nobody waits as long as usual."""
    usual = checking.manner

    def manner() -> Any:
        return replace(usual(), timeout=(2, 2), max_seconds=4)

    monkeypatch.setattr(checking, "manner", manner)


@pytest.fixture
def task(portal, owned_project) -> Any:
    """Gives a task of a public project an address."""

    def create(url: str) -> str:
        call_action(
            "digifarm_task_create",
            project=owned_project["id"],
            title="Something",
            url=url,
        )
        return url

    return create


def closed_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def test_each_is_judged_right_and_nothing_inside_is_asked(
    portal, task, quick, monkeypatch
):
    addresses = {name: portal.url(name) for name in HOSTS}
    expected = {}
    for name, (host, health, problem) in HOSTS.items():
        portal.put(name, _filled_in(host, addresses))
        expected[task(addresses[name])] = (health, problem)
    for name, answer, problem in (
        ("noname", socket.gaierror(socket.EAI_NONAME, ""), "no_name"),
        ("nonow", socket.gaierror(socket.EAI_AGAIN, ""), "no_way"),
        ("private", "10.0.0.1", "inside"),
        ("mapped", "::ffff:192.168.0.1", "inside"),
        ("carrier", "100.64.0.1", "inside"),
    ):
        portal.names[f"{name}.example.org"] = answer
        health = "failing" if problem == "no_name" else "unknown"
        expected[task(portal.url(name))] = (health, problem)
    port = closed_port()
    refused = task(f"http://refused.example.org:{port}/")
    expected[refused] = ("failing", "refused")
    signed = task(portal.url("signed", secure=True))
    expected[signed] = ("look", "certificate")
    others = connects_nowhere_else(monkeypatch)
    threads = threading.active_count()
    begin = time.perf_counter()
    run()
    assert time.perf_counter() - begin < LONGEST
    found = {
        check.url: (check.health, check.problem)
        for check in model.Session.query(Check)
    }
    assert found == expected
    assert others == []
    _wait_for(lambda: threading.active_count() <= threads + 4)
    assert max(portal.most.values()) == 1


def _filled_in(host: Any, addresses: dict[str, str]) -> Any:
    """A host whose redirects name others."""

    def answer(request: Request) -> None:
        say = request.say

        def say_filled(
            code: int, content: bytes = b"", headers: Any = None
        ) -> None:
            values = {
                key: value.replace("{well}", addresses["well"]).replace(
                    "{gone}", addresses["gone"]
                )
                for key, value in (headers or HTML).items()
            }
            say(code, content, values)

        request.say = say_filled  # type: ignore[method-assign]
        host(request)

    return answer


def _wait_for(condition: Any) -> None:
    """Threads that wait for servers end soon after these are left."""
    for _ in range(100):
        if condition():
            return
        time.sleep(0.05)
    assert condition()


def test_where_it_has_moved_is_known(portal, task):
    new = portal.url("new", "/here")
    old = task(portal.put("old", leads_to(301, new)))
    for_now = task(portal.put("two", leads_to(302, new)))
    half = portal.put("half", leads_to(301, portal.url("two")))
    task(half)
    with_slash = task(portal.url("slash", "/a"))
    portal.put(
        "slash",
        lambda request: (
            well(request)
            if request.path.endswith("/")
            else request.say(301, b"", {"Location": f"{request.path}/"})
        ),
    )
    run()
    assert check_of(old).moved_to == new
    assert check_of(for_now).health == "answers"
    # As far as it goes for good.
    assert check_of(half).moved_to == portal.url("two")
    assert check_of(with_slash).health == "answers"


def test_a_name_that_leads_elsewhere_the_next_time_leads_nowhere(
    portal, task, monkeypatch
):
    url = task(portal.url("rebinds"))
    others = connects_nowhere_else(monkeypatch)
    answers = itertools.chain(["127.0.0.1"], itertools.repeat("10.0.0.1"))
    look_up = portal.look_up

    def rebinding(name: Any, *args: Any, **kwargs: Any) -> Any:
        if "rebinds" in str(name):
            portal.names["rebinds.example.org"] = next(answers)
        return look_up(name, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    run()
    assert (check_of(url).health, check_of(url).problem) == (
        "unknown",
        "inside",
    )
    assert others == []
    assert portal.requests("rebinds") == []


def test_who_asks_to_wait_is_left_alone(portal, task):
    one, two = (task(portal.url("forge", path)) for path in ("/one", "/two"))
    portal.put("forge", status(429, Retry_After="86400"))
    run()
    assert len(portal.requests("forge")) == 1
    now = check_of(one).checked or check_of(two).checked
    assert now
    day = datetime.timedelta(days=1)
    for url in (one, two):
        assert abs(check_of(url).due - now - day).total_seconds() < 60
    assert model.Session.query(Host.host).all() == [("forge.example.org",)]
    run(0.9)
    assert len(portal.requests("forge")) == 1
    del portal.hosts["forge.example.org"]
    run(1.1)
    assert check_of(one).health == check_of(two).health == "answers"
    assert model.Session.query(Host).count() == 0


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("60", datetime.timedelta(minutes=1)),
        ("999999999999", when.LONGEST_WAIT),
        ("Fri, 31 Dec 9999 23:59:59 -0100", when.LONGEST_WAIT),
        ("soon", None),
    ],
)
def test_who_asks_for_too_much_is_left_alone_as_long_as_can_be(
    words, expected
):
    answer = Answer("https://example.org/", 503, {"Retry-After": words})
    with freeze_time(clock.now()):
        until = visiting.waits_until(answer)
        assert until == (expected and clock.now() + expected)


def test_a_server_may_be_at_another_address_of_its_name(
    portal, task, monkeypatch
):
    """Many names have an address of IPv6 without a server."""
    expected = {}
    for name, found, health in (
        ("second", "127.0.0.2 127.0.0.1", "answers"),
        ("nowhere", "127.0.0.2 127.0.0.3", "failing"),
        ("inner", "127.0.0.2 10.0.0.1", "failing"),
    ):
        portal.names[f"{name}.example.org"] = found
        expected[task(portal.url(name))] = health
    connected = set[str]()
    connect = socket.socket.connect

    def watched(self: socket.socket, address: Any) -> None:
        connected.add(str(address[0]))
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", watched)
    run()
    found = {check.url: check.health for check in model.Session.query(Check)}
    assert found == expected
    assert "127.0.0.3" in connected
    assert "10.0.0.1" not in connected


def test_who_waits_for_a_turn_is_not_slow(portal, task, monkeypatch):
    monkeypatch.setattr(visiting, "PAUSE", 1.5)
    usual = checking.manner
    monkeypatch.setattr(
        checking, "manner", lambda: replace(usual(), max_seconds=1)
    )
    url = task(portal.url("one"))
    run()
    assert check_of(url).health == "answers"


def test_who_is_led_to_a_busy_server_makes_others_not_wait(
    portal, task, monkeypatch
):
    """Who asks to wait speaks for itself alone."""
    monkeypatch.setattr(visiting, "VISIT_SECONDS", 0.5)
    portal.put("busy", status(429, Retry_After="864000"))
    task(portal.url("busy"))
    run()
    [busy] = model.Session.query(Host.waits)

    def host(request: Request) -> None:
        if request.path == "/away":
            time.sleep(1)
            request.say(302, b"", {"Location": portal.url("busy")})
        else:
            well(request)

    portal.put("one", host)
    away, here = task(portal.url("one", "/away")), portal.url("one", "/z")
    task(here)
    run(0.1)
    assert abs(check_of(away).due - busy.waits).total_seconds() < 60
    hours = (check_of(here).due - clock.now()).total_seconds() / 3600
    # A run is pretended to be at 2.4 hours from now.
    assert hours < 3


def test_who_asks_to_wait_is_known_though_a_run_breaks_off(
    portal, task, monkeypatch
):
    def broken(_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(checking._Run, "_end_waits", broken)
    task(portal.put("busy", status(429, Retry_After="7200")))
    with pytest.raises(RuntimeError):
        checking.run()
    model.Session.rollback()
    assert model.Session.query(Host.host).all() == [("busy.example.org",)]


def test_robots_are_respected(portal, task):
    def host(request: Request) -> None:
        if request.path == "/robots.txt":
            rules = (
                b"User-agent: *\nAllow: /\n\n"
                b"User-agent: ckanext-digifarm\nDisallow: /secret\n"
            )
            request.say(200, rules, {"Content-Type": "text/plain"})
        else:
            well(request)

    portal.put("rules", host, robots=True)
    hidden = task(portal.url("rules", "/secret/x"))
    shown = task(portal.url("rules", "/open"))
    run()
    check = check_of(hidden)
    assert (check.health, check.problem) == ("unknown", "robots")
    assert check_of(shown).health == "answers"
    assert portal.requests("rules") == ["HEAD /open", "GET /open"]


def test_redirects_lead_nowhere_that_the_site_keeps_from_programs(
    portal, task
):
    def host(request: Request) -> None:
        if request.path == "/robots.txt":
            rules = b"User-agent: *\nDisallow: /secret\n"
            request.say(200, rules, {"Content-Type": "text/plain"})
        else:
            request.say(302, b"", {"Location": "/secret/x"})

    portal.put("rules", host, robots=True)
    url = task(portal.url("rules", "/open"))
    run()
    check = check_of(url)
    assert (check.health, check.problem) == ("unknown", "robots")
    assert portal.requests("rules") == ["HEAD /open"]


def test_everybody_learns_who_asks(portal, task):
    task(portal.url("any"))
    run()
    assert portal.agents == {
        "ckanext-digifarm (+http://test.ckan.net/civic_project/checks)"
    }


def test_a_page_is_not_read_further_than_needed(portal, task):
    written = []

    def host(request: Request) -> None:
        request.send_response(200)
        request.send_header("Content-Type", "text/html")
        request.end_headers()
        if request.command == "GET":
            for _ in range(2000):
                request.wfile.write(b"x" * 10_000)
                written.append(10_000)

    task(portal.put("large", host))
    run()
    # What is on the way already can't be called back.
    assert sum(written) < 10_000_000
    assert PAGE


@pytest.mark.parametrize("headers", [{}, {"Retry_After": "1"}])
def test_what_is_always_busy_is_not_asked_all_the_time(headers, portal, task):
    url = task(portal.put("busy", status(503, **headers)))
    run()
    hours = (check_of(url).due - clock.now()).total_seconds() / 3600
    assert 23 < hours < 25

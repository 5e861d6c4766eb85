"""Two workers look at addresses of projects: make bench ARGS=--checks.

Their servers are a web on this machine, many of whose hosts misbehave. Empties
a database of the tests. Says how long it takes, and how much memory the
workers need when they begin and when all is done.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import socket
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

import sqlalchemy as sa

from ckan import model
from dev import web, workers

from . import portal

CONTEXT = multiprocessing.get_context("spawn")

#: So long it may take for 1 000 projects, in seconds.
LONGEST = 600

#: Memory may grow by so much while a worker works, in megabytes.
GROWTH = 30

#: Each has a server of its own; so many share one for their source code.
PER_FORGE = 20

#: How a server is: one of twenty each.
KINDS = ("drips", "silent", "gone", "broken", "unknown")

PROJECTS = sa.text(
    "INSERT INTO package (id, name, title, state, type, private, url,"
    " metadata_created, metadata_modified, extras)"
    " SELECT md5(n::text)::uuid::text, 'project-' || n, 'Project ' || n,"
    " 'active', 'civic_project', false,"
    " 'http://' || coalesce((cast(:kinds AS text[]))[n % 20], 'app') || '-'"
    " || n || '.example.org:' || :port || '/', now(), now(),"
    " jsonb_build_object('source_url', 'http://git-' || n / :forge ||"
    " '.example.org:' || :port || '/city/' || n, 'documentation_url',"
    " 'http://docs-' || n || '.example.org:' || :port || '/')"
    " FROM generate_series(1, :projects) AS n"
)


def main(projects: int) -> int:
    """Measure and report.

    :returns: the exit status: 1 if it takes too long, or too much memory
    """
    servers = workers.all_servers(2)[0].environment()
    ours, theirs = CONTEXT.Pipe()
    hosts = CONTEXT.Process(target=serve, args=(theirs,), daemon=True)
    hosts.start()
    port = ours.recv()
    _do(fill, servers, port, projects)
    begin = time.perf_counter()
    pairs = [CONTEXT.Pipe() for _ in range(2)]
    both = [
        CONTEXT.Process(target=work, args=(end, servers), daemon=True)
        for _, end in pairs
    ]
    for one in both:
        one.start()
    found = [mine.recv() for mine, _ in pairs]
    seconds = time.perf_counter() - begin
    hosts.terminate()
    most = LONGEST * max(projects, 1000) / 1000
    print(f"{projects} projects: {seconds:.0f} s, at most {most:.0f} s")
    for looked, before, after in found:
        print(f"{looked} addresses; {before:.0f} → {after:.0f} MB")
    grown = max(after - before for _, before, after in found)
    looked = sum(number for number, *_ in found)
    is_whole = looked >= 3 * projects
    return 0 if is_whole and seconds <= most and grown <= GROWTH else 1


def serve(connection: Connection) -> None:
    """Be the web, until the process ends."""
    with web.serving() as hosts:
        hosts.otherwise = answer
        connection.send(hosts.port)
        time.sleep(24 * 60 * 60)


def answer(request: web.Request) -> None:
    """Answer as the name of the host says."""
    name = (request.headers["Host"] or "").partition("-")[0]
    kinds: dict[str, Callable[[web.Request], None]] = {
        "drips": web.drips,
        "silent": web.is_silent,
        "gone": web.status(404),
        "broken": web.status(500),
        "git": forge,
    }
    kinds.get(name, web.well)(request)


def forge(request: web.Request) -> None:
    """A git server that knows of a commit."""
    if "info/refs" in request.path:
        line = f"{'a' * 40} HEAD\0symref=HEAD:refs/heads/main\n"
        service = "001e# service=git-upload-pack\n"
        refs = f"{service}0000{len(line) + 4:04x}{line}0000"
        request.say(200, refs.encode(), {"Content-Type": "text/plain"})
    elif "/api/" in request.path:
        request.say(404)
    else:
        web.well(request)


def fill(servers: dict[str, str], port: int, projects: int) -> None:
    """Fill an empty portal with projects."""
    portal.empty(servers)
    values = {
        "kinds": [*KINDS],
        "port": str(port),
        "projects": projects,
        "forge": PER_FORGE,
    }
    model.Session.execute(PROJECTS, values)
    model.Session.commit()


def work(connection: Connection, servers: dict[str, str]) -> None:
    """Look at addresses, as cron does time and again, until none is due."""
    app = portal.app(servers, "checks")
    # After the configuration: CKAN has asked its own servers by then.
    from ckanext.digifarm.upkeep import checking  # noqa: PLC0415

    checking.ALLOW_LOOPBACK = True
    checking.RUN_SECONDS = 45.0
    socket.getaddrinfo = web.Web(  # type: ignore[assignment]
        names={}, unknown="unknown-"
    ).look_up
    looked, before = 0, 0.0
    with app.flask_app.test_request_context():
        while True:
            looked += checking.run()["done"]
            # What it needs anyway is loaded by the first run.
            before = before or _memory()
            if not checking.count():
                break
            time.sleep(1)
    connection.send((looked, before, _memory()))
    connection.close()
    os._exit(0)


def _memory() -> float:
    """How much this process has needed at most, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _do(job: Callable[..., None], *args: object) -> None:
    process = CONTEXT.Process(target=job, args=args, daemon=True)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit("The portal could not be filled.")

"""Looks at the addresses that are due: several servers at a time.

Threads ask, and know nothing of the database; one writes down what they found,
server by server. What has failed is believed only once another server has
answered after it: else it may be the portal that has no way out.
"""

from __future__ import annotations

import concurrent.futures
import datetime
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from .. import config
from ..lib import clock, due_work, jobs
from ..lib.ckan import model
from ..lib.fetch import USER_AGENT, Manner, NoAnswerError
from . import addresses, judging, repositories, telling, when
from .forges import Facts
from .judging import Finding
from .model import Check, Health, Host, Repository
from .turns import Turns
from .visiting import NotNowError, Visit, Web

#: So many servers are asked at a time.
THREADS = 8

#: No server is begun with after so long, in seconds: the next run goes on.
RUN_SECONDS = 240.0

#: So many servers a run looks at.
MOST_HOSTS = 2000

#: So many addresses of a server are looked at in a visit.
MOST_ADDRESSES = 100

#: So many servers that are known to answer show whether the portal is online.
CONTROLS = 3

#: When so many servers have failed one after another, that is asked at once.
MOST_DOUBTFUL = 20

#: Of these the portal doesn't ask whether it is online.
FAILED = (Health.FAILING.value, Health.DEAD.value)

#: Whether this machine may be asked: by tests alone.
ALLOW_LOOPBACK = False


@dataclass
class Found:
    """What a visit of a server has found.

    :param findings: by address; None where it couldn't be asked now
    :param facts: the same of repositories
    :param waits: by address, when to ask then, where that is known
    :param failures: how many couldn't be looked at by a mistake of ours
    """

    host: str
    failures: int = 0
    waits: dict[str, datetime.datetime] = field(default_factory=dict)
    findings: dict[str, Finding | None] = field(default_factory=dict)
    facts: dict[str, Facts | None] = field(default_factory=dict)

    @property
    def has_answered(self) -> bool:
        """Whether a server has said something."""
        found = (f for f in self.findings.values() if f)
        return any(f.has_answered for f in found)

    @property
    def may_be_ours(self) -> bool:
        """Whether something has failed that may be because of us."""
        return any(f and f.may_be_ours for f in self.findings.values())


def count() -> int:
    """How many addresses are due."""
    if not config.upkeep_enabled():
        return 0
    query = sa.select(sa.func.count()).where(Check.due <= clock.now())
    return model.Session.scalar(query) or 0


def run() -> Counter[str]:
    """Look at what is due, as far as there is time.

    :returns: how many addresses were looked at, as `due_work.DONE`
    """
    if not config.upkeep_enabled():
        return Counter()
    addresses.refresh()
    model.Session.commit()
    hosts, waits = _due_hosts(), _waits()
    model.Session.rollback()
    with Turns() as turns:
        return _Run(Web(manner(), turns, waits)).over(hosts)


def manner() -> Manner:
    """How the portal asks: so that everybody learns who does, and why."""
    page = tk.h.url_for(
        "digifarm_checks.about", qualified=True, locale="default"
    )
    return Manner(
        agent=f"{USER_AGENT} (+{page})",
        proxy=config.upkeep_proxy(),
        allow_loopback=ALLOW_LOOPBACK,
        max_redirects=10,
    )


class _Run:
    """A run over the servers that are due."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._counts: Counter[str] = Counter()
        #: What is believed only when another server has answered.
        self._doubtful: list[Found] = []
        #: What a redirect, or another process, has led to meanwhile.
        self._skipped: list[str] = []
        self._end = time.monotonic() + RUN_SECONDS

    def over(self, hosts: list[str]) -> Counter[str]:
        """Visit servers, and write down what is found."""
        with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
            self._visit_all(pool, hosts)
            skipped, self._skipped = self._skipped, []
            self._visit_all(pool, skipped)
        self._settle()
        self._end_waits()
        return +self._counts

    def _visit_all(
        self, pool: concurrent.futures.Executor, hosts: list[str]
    ) -> None:
        """Visit some servers at a time, until all are done."""
        visits = self._visits(hosts)
        waiting = set[concurrent.futures.Future[Found]]()
        while True:
            while len(waiting) < THREADS and (visit := next(visits, None)):
                waiting.add(pool.submit(_visit, self._web, *visit))
            if not waiting:
                return
            done, waiting = concurrent.futures.wait(
                waiting, return_when=concurrent.futures.FIRST_COMPLETED
            )
            for one in done:
                self._take(one.result())

    def _visits(
        self, hosts: list[str]
    ) -> Iterator[tuple[str, list[str], list[repositories.Known]]]:
        """What is due of each server whose turn this process gets."""
        for host in hosts:
            if not self._end or time.monotonic() > self._end:
                return
            if not self._web.turns.take(host):
                self._skipped.append(host)
                continue
            # Another process may have looked since the servers were listed.
            due = _due_addresses(host)
            known = repositories.due(host)
            model.Session.rollback()
            if due or known:
                yield host, due, known
            else:
                self._web.turns.give(host)

    def _take(self, found: Found) -> None:
        if found.may_be_ours and not found.has_answered:
            self._doubtful.append(found)
            if len(self._doubtful) >= MOST_DOUBTFUL:
                self._settle()
            return
        self._write(found)
        # What was in doubt was asked before; so the portal had a way out.
        if found.has_answered:
            self._believe()

    def _settle(self) -> None:
        """Believe what is in doubt; or end the run, and look again later."""
        if not self._doubtful:
            return
        # Where nothing has answered yet, the portal itself should.
        controls = _known() or [tk.config["ckan.site_url"]]
        model.Session.rollback()
        if _is_online(self._web, controls):
            self._believe()
            return
        self._end = 0.0
        for found in self._doubtful:
            self._postpone(found, clock.now() + when.OFFLINE)
        self._doubtful = []

    def _believe(self) -> None:
        doubtful, self._doubtful = self._doubtful, []
        for found in doubtful:
            self._write(found)

    def _write(self, found: Found) -> None:
        """Write down what a visit has found, and tell whom it concerns."""
        try:
            waits = self._web.news()
            for url, finding in found.findings.items():
                _write_finding(url, finding, self._later(found, url))
            for url, facts in found.facts.items():
                repositories.write(url, facts, self._later(found, url))
            _write_waits(waits)
            model.Session.commit()
            self._web.forget(waits)
            self._counts[due_work.FAILED] += found.failures
            self._counts[due_work.DONE] += sum(
                finding is not None for finding in found.findings.values()
            )
        # Whatever is wrong with one must not hold up the others.
        except Exception as e:  # noqa: BLE001
            model.Session.rollback()
            jobs.log_failure(f"checks of {found.host}", e)
            self._counts[due_work.FAILED] += 1
            self._postpone(found, clock.now() + when.OFFLINE)
        finally:
            self._web.turns.give(found.host)

    def _later(self, found: Found, url: str) -> datetime.datetime:
        """When to ask for what couldn't be asked now."""
        soon = clock.now() + when.LATER
        own = self._web.waiting(found.host)
        return max(soon, found.waits.get(url, soon), own or soon)

    def _postpone(self, found: Found, due: datetime.datetime) -> None:
        for table, urls in (
            (Check, found.findings),
            (Repository, found.facts),
        ):
            model.Session.execute(
                sa.update(table).where(table.url.in_([*urls])).values(due=due)
            )
        model.Session.commit()
        self._web.turns.give(found.host)

    def _end_waits(self) -> None:
        """Write down the rest of who wants to be left alone."""
        _write_waits(self._web.news())
        model.Session.execute(sa.delete(Host).where(Host.waits < clock.now()))
        model.Session.commit()


def _write_waits(waits: dict[str, datetime.datetime]) -> None:
    """Write down which servers want to be left alone; commits nothing."""
    # In one order, so that no two processes wait for each other.
    rows = [{"host": host, "waits": waits[host]} for host in sorted(waits)]
    if rows:
        written = insert(Host).values(rows)
        model.Session.execute(
            written.on_conflict_do_update(
                index_elements=["host"],
                set_={"waits": written.excluded.waits},
            )
        )


def _visit(
    web: Web, host: str, due: list[str], known: list[repositories.Known]
) -> Found:
    """Ask a server for all that is due of it."""
    found, visit = Found(host), Visit(web, host)
    found.findings = dict.fromkeys(due)
    found.facts = dict.fromkeys(repository.url for repository in known)
    for url in due:
        if visit.is_over:
            break
        with _patience(found, url):
            found.findings[url] = visit.finding(url)
    for repository in known:
        if visit.is_over:
            break
        # A forge that allows no more would only be asked half of it.
        if until := web.waiting(repositories.api_of(repository)):
            found.waits[repository.url] = until
            continue
        with _patience(found, repository.url):
            found.facts[repository.url] = repositories.look(visit, repository)
    return found


@contextmanager
def _patience(found: Found, url: str) -> Iterator[None]:
    """Go on with the next address, whatever is wrong with one."""
    try:
        yield
    except NotNowError as e:
        if e.until:
            found.waits[url] = e.until
    except Exception as e:  # noqa: BLE001
        jobs.log_failure(f"check of {url}", e)
        found.failures += 1


def _is_online(web: Web, controls: list[str]) -> bool:
    """Whether a server answers that has done so before."""
    for url in controls:
        host = addresses.host_of(url)
        if not web.turns.take(host):
            continue
        try:
            visit = Visit(web, host)
            if not visit.is_of_proxy(visit.ask(url, method="HEAD")):
                return True
        except (NoAnswerError, NotNowError):
            continue
        finally:
            web.turns.give(host)
    return False


def _write_finding(
    url: str, finding: Finding | None, later: datetime.datetime
) -> None:
    check = model.Session.get(
        Check, url, with_for_update=True, populate_existing=True
    )
    # Nothing has this address any more.
    if check is None:
        return
    if finding is None:
        check.due = later
        return
    is_news = judging.learn(check, finding, clock.now())
    check.due = when.next_time(url, Health(check.health))
    if finding.problem == judging.Problem.BUSY.value:
        check.due = max(later, clock.now() + when.AFTER_BUSY)
    if is_news:
        telling.tell(check)


def _due_hosts() -> list[str]:
    """The servers with something that is due, the oldest first."""
    now = clock.now()
    every = sa.union_all(
        sa.select(Check.host, Check.due).where(Check.due <= now),
        sa.select(Repository.host, Repository.due).where(
            Repository.due <= now
        ),
    ).subquery()
    resting = sa.select(Host.host).where(Host.waits > now)
    query = (
        sa.select(every.c.host)
        .where(every.c.host.not_in(resting))
        .group_by(every.c.host)
        .order_by(sa.func.min(every.c.due), every.c.host)
        .limit(MOST_HOSTS)
    )
    return [*model.Session.scalars(query)]


def _due_addresses(host: str) -> list[str]:
    query = (
        sa.select(Check.url)
        .where(Check.host == host, Check.due <= clock.now())
        .order_by(Check.due, Check.url)
        .limit(MOST_ADDRESSES)
    )
    return [*model.Session.scalars(query)]


def _waits() -> dict[str, datetime.datetime]:
    query = sa.select(Host.host, Host.waits).where(Host.waits > clock.now())
    return {row.host: row.waits for row in model.Session.execute(query)}


def _known() -> list[str]:
    """Addresses that have answered lately, each of another server."""
    newest: Any = (
        sa.select(Check.url, Check.answered)
        .where(Check.answered.is_not(None), Check.health.not_in(FAILED))
        .distinct(Check.host)
        .order_by(Check.host, Check.answered.desc())
        .subquery()
    )
    query = sa.select(newest.c.url).order_by(newest.c.answered.desc())
    return [*model.Session.scalars(query.limit(CONTROLS))]

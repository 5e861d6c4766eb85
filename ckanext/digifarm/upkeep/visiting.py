"""Asks one server after another, as politely as can be; writes nothing."""

from __future__ import annotations

import datetime
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from ..lib import clock, robots
from ..lib.fetch import Answer, Manner, NoAnswerError, ask
from ..lib.unreachable import Why
from . import judging
from .addresses import host_of
from .judging import Finding, Problem
from .model import Health
from .turns import Turns
from .when import LONGEST_WAIT

#: Of a page so much is read, in bytes.
PEEK = 16 * 1024

#: Between two requests to one server, in seconds.
PAUSE = 0.5

#: A server is asked for so long in one go, in seconds; the rest comes later.
VISIT_SECONDS = 60.0

#: So often, and so long each time in seconds, we wait for one that others ask.
WAITS, WAIT = 30, 0.1

#: What a forge leaves us is not used up to the last.
LEAST_LEFT = 5

#: Where robots.txt fails so, the address beside it does, too.
_OF_SERVER = frozenset(
    {
        Why.NO_NAME,
        Why.REFUSED,
        Why.TIMEOUT,
        Why.NO_WAY,
        Why.INSIDE,
        Why.CERTIFICATE,
        Why.TLS,
    }
)


class NotNowError(Exception):
    """A server can't be asked now.

    :param until: until when it wants to be left alone; None where another
        one asks it now
    """

    def __init__(self, until: datetime.datetime | None = None) -> None:
        super().__init__()
        self.until = until


class KeptOutError(Exception):
    """A redirect leads to what the site keeps from programs."""


@dataclass
class Web:
    """What all visits of a run share; their threads, too.

    :param manner: how is asked
    :param turns: whose turn it is
    :param waits: until when servers want to be left alone, by their names
    :param learned: those of them that stand nowhere else yet
    """

    manner: Manner
    turns: Turns
    waits: dict[str, datetime.datetime] = field(default_factory=dict)
    learned: dict[str, datetime.datetime] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, answer: Answer) -> None:
        """Remember it where a server wants to be left alone for a while."""
        if not (until := waits_until(answer)):
            return
        host = host_of(answer.url)
        with self._lock:
            self.waits[host] = self.learned[host] = until

    def news(self) -> dict[str, datetime.datetime]:
        """What nobody has written down yet of who wants to be left alone."""
        with self._lock:
            return dict(self.learned)

    def forget(self, written: Mapping[str, datetime.datetime]) -> None:
        """Know that something was written down."""
        with self._lock:
            for host, until in written.items():
                if self.learned.get(host) == until:
                    del self.learned[host]

    def waiting(self, host: str) -> datetime.datetime | None:
        """Until when a server wants to be left alone, if it does now."""
        with self._lock:
            until = self.waits.get(host)
        return until if until and until > clock.now() else None


class Visit:
    """Some requests to one server, whose turn the caller has.

    :param web: what visits share
    :param host: the name of the server
    """

    def __init__(self, web: Web, host: str) -> None:
        self._web = web
        self._host = host
        self._manner = replace(web.manner, turn=self._turn)
        self._end = time.monotonic() + VISIT_SECONDS
        self._last: dict[str, float] = {}
        self._pause = PAUSE
        self._rules: dict[str, robots.Rules | NoAnswerError] = {}
        self._is_by_rules = False

    @property
    def is_over(self) -> bool:
        """Whether the rest should wait for another visit."""
        is_late = time.monotonic() > self._end
        return is_late or self._web.waiting(self._host) is not None

    def finding(self, url: str) -> Finding:
        """What is at an address.

        :raises NotNowError: where that can't be asked now
        """
        try:
            if not self.allows(url):
                return Finding(Health.UNKNOWN, Problem.ROBOTS.value)
            self._is_by_rules = True
            answer = self._look(url)
            if self.is_of_proxy(answer):
                return Finding(Health.UNKNOWN, Why.NO_WAY.value)
            return judging.of_answer(url, answer)
        except KeptOutError:
            return Finding(Health.UNKNOWN, Problem.ROBOTS.value)
        except NoAnswerError as e:
            return judging.of_silence(e)
        finally:
            self._is_by_rules = False

    def ask(
        self,
        url: str,
        *,
        method: str = "GET",
        limit: int = 0,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """As `fetch.ask`, in turn.

        :raises NoAnswerError: where none answers
        :raises NotNowError: where that can't be asked now
        """
        answer = ask(
            url, self._manner, method=method, limit=limit, headers=headers
        )
        self._web.note(answer)
        return answer

    def is_of_proxy(self, answer: Answer) -> bool:
        """Whether our proxy may have said it, which reaches no server."""
        is_plain = answer.url.lower().startswith("http://")
        is_by_proxy = bool(self._manner.proxy) and is_plain
        return is_by_proxy and answer.status in judging.OF_PROXIES

    def allows(self, url: str) -> bool:
        """Whether the site of an address lets programs ask for it.

        What can't be had forbids nothing: a site that is broken is what we
        look for.

        :raises NoAnswerError: where its server doesn't answer at all
        """
        return self._rules_of(url).allow(url)

    def keeps_out(self, url: str) -> bool:
        """Whether the site of an address asks us in particular to stay away.

        So is asked before what is there for programs alone.

        :raises NoAnswerError: as `allows`
        """
        return self._rules_of(url).keep_out(url)

    def _rules_of(self, url: str) -> robots.Rules:
        origin = _origin(url)
        if origin not in self._rules:
            self._rules[origin] = self._read_rules(origin)
        rules = self._rules[origin]
        if isinstance(rules, NoAnswerError):
            raise rules
        return rules

    def _look(self, url: str) -> Answer:
        """Ask for what is at an address: little, and more where needed."""
        try:
            answer = self.ask(url, method="HEAD")
        except NoAnswerError as e:
            # Some servers hang up on what they don't know.
            if e.reason is not Why.BROKEN:
                raise
        else:
            if answer.status in judging.BUSY:
                return answer
            is_there = 200 <= answer.status < 300  # noqa: PLR2004
            if is_there and not judging.is_page(answer):
                return answer
        return self.ask(url, limit=PEEK)

    def _read_rules(self, origin: str) -> robots.Rules | NoAnswerError:
        try:
            answer = self.ask(f"{origin}/robots.txt", limit=robots.LIMIT)
        except NoAnswerError as e:
            is_of_server = e.reason in _OF_SERVER and not e.hops
            return e if is_of_server else robots.Rules()
        is_there = 200 <= answer.status < 300  # noqa: PLR2004
        if not is_there or judging.is_page(answer):
            return robots.Rules()
        rules = robots.Rules(answer.content)
        self._pause = max(PAUSE, rules.pause)
        return rules

    @contextmanager
    def _turn(self, url: str) -> Iterator[None]:
        """Wait for the turn with the server of an address."""
        host = host_of(url)
        rules = self._rules.get(_origin(url)) if self._is_by_rules else None
        if isinstance(rules, robots.Rules) and not rules.allow(url):
            raise KeptOutError
        if until := self._web.waiting(host):
            raise NotNowError(until)
        is_other = host != self._host
        if is_other and not self._wait(host):
            raise NotNowError
        try:
            self._rest(host)
            yield
        finally:
            self._last[host] = time.monotonic()
            if is_other:
                self._web.turns.give(host)

    def _wait(self, host: str) -> bool:
        """Wait a moment for another server, as others may ask it."""
        for _ in range(WAITS):
            if self._web.turns.take(host):
                return True
            time.sleep(WAIT)
        return False

    def _rest(self, host: str) -> None:
        if host in self._last:
            pause = self._pause if host == self._host else PAUSE
            rest = self._last[host] + pause - time.monotonic()
            if rest > 0:
                time.sleep(rest)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def waits_until(answer: Answer) -> datetime.datetime | None:
    """Until when a server wants to be left alone, if it does.

    By `Retry-After`, or where nothing is left of what it allows, by the
    headers of forges.
    """
    headers, now = answer.headers, clock.now()
    until = None
    if answer.status in {*judging.BUSY, 403}:
        until = _moment(headers.get("Retry-After", ""), now)
    left = headers.get("X-RateLimit-Remaining") or headers.get(
        "RateLimit-Remaining", ""
    )
    if until is None and left.isdecimal() and int(left) <= LEAST_LEFT:
        reset = headers.get("X-RateLimit-Reset") or headers.get(
            "RateLimit-Reset", ""
        )
        until = _reset(reset, now)
    if until is None and answer.status == 429:  # noqa: PLR2004
        until = now + datetime.timedelta(hours=1)
    return until and min(until, now + LONGEST_WAIT)


def _moment(words: str, now: datetime.datetime) -> datetime.datetime | None:
    """When it is, by what `Retry-After` says."""
    if words.strip().isdecimal():
        return now + min(_seconds(words), LONGEST_WAIT)
    try:
        found = parsedate_to_datetime(words)
        if found.tzinfo:
            found = found.astimezone(datetime.timezone.utc)
    except OverflowError:
        # The last day of all.
        return now + LONGEST_WAIT
    except (TypeError, ValueError):
        return None
    return found.replace(tzinfo=None)


def _reset(words: str, now: datetime.datetime) -> datetime.datetime:
    """When a limit begins anew: forges say the moment, or in how long."""
    if not words.isdecimal():
        return now + datetime.timedelta(hours=1)
    seconds = _seconds(words)
    if seconds < LONGEST_WAIT:
        return now + seconds
    try:
        moment = datetime.datetime.fromtimestamp(
            int(words), datetime.timezone.utc
        )
    except (OverflowError, OSError, ValueError):
        return now + datetime.timedelta(hours=1)
    return moment.replace(tzinfo=None)


def _seconds(words: str) -> datetime.timedelta:
    # Longer than that is cut; more digits would be no number.
    return datetime.timedelta(seconds=int(words.strip()[:12]))

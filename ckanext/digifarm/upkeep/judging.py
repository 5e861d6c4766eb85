"""What an answer says of an address. Pure functions."""

from __future__ import annotations

import datetime
import enum
import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urlsplit

from ..lib.fetch import Answer, NoAnswerError
from ..lib.unreachable import Why
from ..lib.validators import MAX_URL_LENGTH, is_http_url
from .model import Check, Health

#: An address is dead that has failed so often, over so long.
MOST_FAILURES = 3
DEAD_AFTER = datetime.timedelta(days=4)

#: What fails twice within so long has failed once.
ONE_FAILURE = datetime.timedelta(hours=12)

#: Redirects that are meant for good.
FOR_GOOD = frozenset({301, 308})

#: There is nothing: 410 says so itself, 404 as long as it stays.
NOTHING_THERE = frozenset({404, 410})

#: The server fails; those of 52x are what a proxy says of one that is gone.
BROKEN = frozenset({500, 502, 504, 520, 521, 522, 523, 525, 530})

#: What proxies say themselves where they reach no server.
OF_PROXIES = frozenset({502, 504})

#: They ask us to come later.
BUSY = frozenset({429, 503})

#: Only who sells names has pages of these.
SELLERS = (
    "afternic.com",
    "bodis.com",
    "dan.com",
    "hugedomains.com",
    "parkingcrew.net",
    "parklogic.com",
    "sedo.com",
    "sedoparking.com",
)

#: Where a page loads the scripts and frames from that fill it.
_LOADED = re.compile(
    rb"<(?:script|iframe|frame)\b[^>]{0,500}?\bsrc\s*=\s*[\"']?"
    rb"(?:https?:)?//([a-z0-9.-]{1,200})",
    re.IGNORECASE,
)


class Problem(str, enum.Enum):
    """Why something is not as it should be, besides `Why`."""

    #: 404, 410.
    GONE = "gone"
    #: The server fails.
    SERVER = "server"
    #: It is not for us: 401, 403 and the like.
    KEPT_OUT = "kept_out"
    #: Its robots.txt asks us to leave it alone.
    ROBOTS = "robots"
    BUSY = "busy"
    #: The name is for sale.
    PARKED = "parked"
    #: The page has nothing on it.
    EMPTY = "empty"


#: What shows that nobody can open it: no answer, or none of use.
_FAILS = frozenset({Why.NO_NAME, Why.REFUSED, Why.LOOP})

#: What stays known of an address until its server says something else.
_STAYS = frozenset(
    health.value
    for health in (Health.FAILING, Health.DEAD, Health.MOVED, Health.LOOK)
)

#: What may be because of us, when we have no way out.
NETWORK = frozenset({Why.NO_NAME, Why.REFUSED, Why.NO_WAY, Why.TIMEOUT})


class Finding(NamedTuple):
    """What was found at an address.

    :param health: what it says now, alone; never `DEAD`
    :param problem: a `Problem` or `Why`, or ""
    """

    health: Health
    problem: str = ""
    status: int | None = None
    moved_to: str = ""

    @property
    def has_answered(self) -> bool:
        """Whether a server has said something, whatever that is."""
        return self.status is not None

    @property
    def says_nothing(self) -> bool:
        """Whether it takes back nothing of what is known of an address."""
        is_busy = self.problem == Problem.BUSY.value
        is_silent = is_busy or not self.has_answered
        return self.health is Health.UNKNOWN and is_silent

    @property
    def may_be_ours(self) -> bool:
        """Whether the portal may have no way out."""
        return self.problem in {reason.value for reason in NETWORK}


def of_silence(error: NoAnswerError) -> Finding:
    """What it says that no server has answered."""
    reason = error.reason
    if reason in _FAILS:
        return Finding(Health.FAILING, reason.value)
    if reason is Why.CERTIFICATE:
        return Finding(Health.LOOK, reason.value)
    return Finding(Health.UNKNOWN, reason.value)


def of_answer(url: str, answer: Answer) -> Finding:
    """What an answer says of the address that was asked for."""
    status = answer.status
    if not 200 <= status < 300:  # noqa: PLR2004
        return _of_refusal(status)
    if is_parked(answer):
        return Finding(Health.LOOK, Problem.PARKED.value, status)
    if is_empty(answer):
        return Finding(Health.LOOK, Problem.EMPTY.value, status)
    if moved := moved_to(url, answer):
        return Finding(Health.MOVED, "", status, moved)
    return Finding(Health.ANSWERS, "", status)


def _of_refusal(status: int) -> Finding:
    if status in NOTHING_THERE:
        return Finding(Health.FAILING, Problem.GONE.value, status)
    if status in BROKEN:
        return Finding(Health.FAILING, Problem.SERVER.value, status)
    is_busy = status in BUSY
    problem = Problem.BUSY if is_busy else Problem.KEPT_OUT
    return Finding(Health.UNKNOWN, problem.value, status)


def is_page(answer: Answer) -> bool:
    """Whether an answer is a page, so that it can be looked at."""
    return "html" in answer.headers.get("Content-Type", "").lower()


def is_parked(answer: Answer) -> bool:
    """Whether whoever sells names has the address."""
    loaded = (m.decode("ascii") for m in _LOADED.findall(answer.content))
    hosts = [urlsplit(answer.url).hostname or "", *loaded]
    return any(_is_below(host.lower(), SELLERS) for host in hosts)


def is_empty(answer: Answer) -> bool:
    """Whether a page was looked at, and has nothing on it."""
    if not is_page(answer) or answer.is_cut or answer.content.strip():
        return False
    # Of HEAD nothing is read.
    return answer.headers.get("Content-Length", "0") == "0"


def moved_to(url: str, answer: Answer) -> str:
    """Where an address leads for good, or "".

    Not where only `www.`, the last slash, or the `s` of https differs: people
    who type it don't notice.
    """
    target = ""
    for number, hop in enumerate(answer.hops, 1):
        if hop.status not in FOR_GOOD:
            break
        rest = answer.hops[number:]
        target = rest[0].url if rest else answer.url
    if not target or len(target) > MAX_URL_LENGTH or not is_http_url(target):
        return ""
    return "" if _plain(target) == _plain(url) else target


def learn(check: Check, finding: Finding, now: datetime.datetime) -> bool:
    """Write down what was found; commits nothing.

    :returns: whether its health, or where it has moved, is another one now
    """
    before = (check.health, check.moved_to)
    check.checked = now
    if finding.has_answered:
        check.answered = now
    if finding.says_nothing and check.health in _STAYS:
        # What is known stays, with its reasons.
        return False
    check.problem, check.status = finding.problem, finding.status
    health = _health(check, finding, now)
    check.moved_to = finding.moved_to
    if health.value != check.health:
        check.health = health.value
        began = check.failed if health is Health.DEAD else None
        check.since = began or now
    return before != (check.health, check.moved_to)


def _health(check: Check, finding: Finding, now: datetime.datetime) -> Health:
    if finding.health is Health.FAILING:
        return _failing(check, now)
    # Who lets nobody in doesn't show that all is well, either.
    if finding.health is Health.UNKNOWN:
        return Health.UNKNOWN
    check.failures, check.failed, check.failed_last = 0, None, None
    return finding.health


def _failing(check: Check, now: datetime.datetime) -> Health:
    if check.failed is None or check.failed_last is None:
        check.failures, check.failed, check.failed_last = 1, now, now
    elif now - check.failed_last >= ONE_FAILURE:
        check.failures += 1
        check.failed_last = now
    is_dead = check.health == Health.DEAD.value or (
        check.failures >= MOST_FAILURES and now - check.failed >= DEAD_AFTER
    )
    return Health.DEAD if is_dead else Health.FAILING


def _is_below(host: str, names: Iterable[str]) -> bool:
    return any(host == name or host.endswith(f".{name}") for name in names)


def _plain(url: str) -> tuple[str, str, str, str]:
    """An address without what makes no difference to people."""
    parts = urlsplit(url)
    host = parts.netloc.lower().removeprefix("www.")
    return (
        host.removesuffix(":80").removesuffix(":443"),
        parts.path.rstrip("/"),
        parts.query,
        parts.fragment,
    )

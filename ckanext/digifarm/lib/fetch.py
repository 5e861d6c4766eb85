"""The one way in which the portal loads something from elsewhere on the web.

The addresses come from strangers. What they lead to must not be of the network
that the portal stands in, and must not keep a worker busy.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import (
    AbstractContextManager,
    ExitStack,
    contextmanager,
    nullcontext,
)
from dataclasses import dataclass, field, replace
from typing import Any

import requests
from requests_hardened import Config, Manager

from . import sockets
from .roads import EachAddress
from .stopwatch import Stopwatch
from .unreachable import Why, why

#: For a connection, and for each part of an answer, in seconds.
TIMEOUT = (5, 10)

#: For all of it, in seconds.
MAX_SECONDS = 30

MAX_REDIRECTS = 5

#: Answers that stay: there is nothing, or it is not for everybody.
GONE = frozenset({400, 401, 403, 404, 405, 406, 410, 451})

#: So much is read at once, in bytes.
CHUNK = 2**16

#: Some servers refuse who doesn't say what they are.
USER_AGENT = "ckanext-digifarm"


class FetchError(Exception):
    """What is at the address can't be had now."""


class NothingThereError(FetchError):
    """There is nothing at the address, or too much, or it may not be read."""


class NoAnswerError(FetchError):
    """No server has answered.

    :param reason: why
    :param hops: the redirects that led there
    """

    def __init__(self, reason: Why, hops: tuple[Hop, ...] = ()) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.hops = hops


@dataclass(frozen=True)
class Hop:
    """A redirect: the address that led elsewhere, and how."""

    url: str
    status: int


@dataclass(frozen=True)
class Answer:
    """What a server has said.

    :param url: the address that answered at last
    :param headers: whatever the case of their names
    :param content: the first bytes of what is there, as many as were wanted
    :param is_cut: whether there is more
    :param hops: the redirects that led there
    """

    url: str
    status: int
    headers: Mapping[str, str]
    content: bytes = b""
    is_cut: bool = False
    hops: tuple[Hop, ...] = ()


@dataclass(frozen=True)
class Manner:
    """How the portal asks.

    :param agent: what it says that it is
    :param proxy: the address of a proxy that is asked instead, or ""
    :param allow_loopback: whether this machine may be asked, as by tests
    :param max_redirects: how many are followed
    :param max_seconds: for all of it
    :param timeout: as `TIMEOUT`
    :param turn: entered with each address before its server is asked, also
        after redirects; what it raises ends the way there
    """

    agent: str = USER_AGENT
    proxy: str = ""
    allow_loopback: bool = False
    max_redirects: int = MAX_REDIRECTS
    max_seconds: float = MAX_SECONDS
    timeout: tuple[float, float] = TIMEOUT
    turn: Callable[[str], AbstractContextManager[Any]] = field(
        default=nullcontext
    )


def get(url: str, limit: int, *, allow_loopback: bool = False) -> bytes:
    """What is at an address.

    Servers of inner networks are not asked, whatever name or redirect leads
    to them, nor is a proxy, which could reach them.

    :param url: an address by http or https
    :param limit: how much may be there, in bytes
    :param allow_loopback: whether this machine may be asked, as by tests
    :raises NothingThereError: where it can't be had
    :raises FetchError: where it can't be had now
    """
    manner = Manner(allow_loopback=allow_loopback, max_seconds=MAX_SECONDS)
    try:
        return _in_time(
            manner, lambda watch, _: _load(url, limit, manner, watch)
        )
    # Whatever it is, whoever asked learns whether to try again.
    except Exception as e:
        kind = NothingThereError if _is_final(e) else FetchError
        raise kind(str(e)) from e


def ask(
    url: str,
    manner: Manner,
    *,
    method: str = "GET",
    limit: int = 0,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """What a server says of an address, whatever that is.

    Redirects are followed one by one; the same servers are not asked as by
    `get`, after none of them. Where a proxy is asked, names are looked up
    here first, and then once more by the proxy: it has to refuse inner
    networks by itself.

    :param url: an address by http or https
    :param method: `GET` or `HEAD`
    :param limit: of what is there, so many bytes are read; the rest is left
    :param headers: that are sent besides
    :raises NoAnswerError: where none answers
    """
    hops: list[Hop] = []
    # What is packed could be much more than it seems.
    wanted = {"Accept-Encoding": "identity", **(headers or {})}
    request = requests.Request(method, url, headers=wanted)

    def load(watch: sockets.Watch, stopwatch: Stopwatch) -> Answer:
        with _session(manner, watch) as session:
            turn = _unhurried(manner.turn, stopwatch)
            unhurried = replace(manner, turn=turn)
            return _follow(session, request, limit, unhurried, hops)

    try:
        return _in_time(manner, load)
    except FetchError:
        raise
    except Exception as e:
        if (reason := why(e)) is None:
            raise
        raise NoAnswerError(reason, tuple(hops)) from e


def _in_time(
    manner: Manner, load: Callable[[sockets.Watch, Stopwatch], Any]
) -> Any:
    """Do something that asks servers, as long as that may take.

    A server that says one letter after another ends no timeout of a socket.
    """
    result: dict[str, Any] = {}
    watch, stopwatch = sockets.Watch(), Stopwatch(manner.max_seconds)

    def run() -> None:
        try:
            result["found"] = load(watch, stopwatch)
        # The thread has nobody to tell.
        except Exception as e:  # noqa: BLE001
            result["error"] = e

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    while thread.is_alive() and (left := stopwatch.left()) > 0:
        thread.join(left)
    if thread.is_alive():
        # Then the thread ends, too.
        watch.end()
        raise TimeoutError("It took too long")
    if "error" in result:
        raise result["error"]
    return result["found"]


def _unhurried(
    turn: Callable[[str], AbstractContextManager[Any]], stopwatch: Stopwatch
) -> Callable[[str], AbstractContextManager[Any]]:
    """A turn that may be waited for as long as that takes."""

    @contextmanager
    def wait(url: str) -> Iterator[None]:
        with ExitStack() as stack:
            with stopwatch.stopped():
                stack.enter_context(turn(url))
            yield

    return wait


def _session(manner: Manner, watch: sockets.Watch) -> requests.Session:
    config = Config(
        ip_filter_enable=True,
        ip_filter_allow_loopback_ips=manner.allow_loopback,
        never_redirect=False,
        default_timeout=manner.timeout,
        user_agent_override=manner.agent,
    )
    session = Manager(config).get_session()
    session.trust_env = False
    session.max_redirects = manner.max_redirects
    if manner.proxy:
        session.proxies = {"http": manner.proxy, "https": manner.proxy}
    session.hooks["response"].append(_without_content)
    for scheme in ("http", "https"):
        adapter = EachAddress(scheme == "https", manner.allow_loopback)
        session.mount(f"{scheme}://", adapter)
    for adapter in session.adapters.values():
        watch.over(adapter)
    return session


def _without_content(response: requests.Response, **_: Any) -> None:
    """Leave unread what a redirect says besides: requests would read it all.

    It may have no end, or be packed.
    """
    if response.is_redirect:
        response.close()
        response._content = b""  # noqa: SLF001 – it has no other way
        response._content_consumed = True  # noqa: SLF001


def _load(url: str, limit: int, manner: Manner, watch: sockets.Watch) -> bytes:
    with (
        _session(manner, watch) as session,
        session.get(url, stream=True) as response,
    ):
        response.raise_for_status()
        content, is_cut = _read(response, limit, manner)
        if is_cut:
            raise NothingThereError(f"More than {limit} bytes")
        return content


def _follow(
    session: requests.Session,
    wanted: requests.Request,
    limit: int,
    manner: Manner,
    hops: list[Hop],
) -> Answer:
    """Ask, and go where redirects lead.

    :param hops: those that were followed are put here
    """
    request = session.prepare_request(wanted)
    seen = set[tuple[str, str]]()
    while True:
        here = str(request.url)
        step = (here, str(request.headers.get("Cookie", "")))
        if step in seen:
            raise NoAnswerError(Why.LOOP, tuple(hops))
        seen.add(step)
        with (
            manner.turn(here),
            session.send(
                request,
                stream=True,
                allow_redirects=False,
                proxies=dict(session.proxies),
            ) as response,
        ):
            following = response.next
            if following is None:
                content, is_cut = _read(response, limit, manner)
                status, headers = response.status_code, response.headers
                return Answer(
                    here, status, headers, content, is_cut, tuple(hops)
                )
            hops.append(Hop(here, response.status_code))
        if len(hops) > manner.max_redirects:
            raise NoAnswerError(Why.REDIRECTS, tuple(hops))
        request = following


def _read(
    response: requests.Response, limit: int, manner: Manner
) -> tuple[bytes, bool]:
    """The first bytes of an answer, and whether there is more."""
    end = time.monotonic() + manner.max_seconds
    content = bytearray()
    if not limit:
        return b"", False
    for chunk in response.iter_content(min(CHUNK, limit + 1)):
        content += chunk
        if len(content) > limit:
            return bytes(content[:limit]), True
        if time.monotonic() > end:
            raise FetchError("It took too long")
    return bytes(content), False


def _is_final(error: Exception) -> bool:
    """Whether the next try would end the same way."""
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return error.response.status_code in GONE
    for_now = (requests.ConnectionError, requests.Timeout, TimeoutError)
    is_for_now = isinstance(error, (*for_now, requests.HTTPError))
    return not is_for_now and type(error) is not FetchError

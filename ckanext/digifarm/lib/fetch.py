"""The one way in which the portal loads something from elsewhere on the web.

The addresses come from strangers. What they lead to must not be of the network
that the portal stands in, and must not keep a worker busy.
"""

from __future__ import annotations

import threading
import time
from typing import Any

import requests
from requests_hardened import Config, Manager

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
    result: dict[str, Any] = {}

    def load() -> None:
        try:
            result["content"] = _load(url, limit, allow_loopback)
        # Whatever it is, the thread has nobody to tell.
        except Exception as e:  # noqa: BLE001
            result["error"] = e

    # A server that says one letter after another ends no timeout of a socket.
    thread = threading.Thread(target=load, daemon=True)
    thread.start()
    thread.join(MAX_SECONDS)
    if "content" in result:
        return result["content"]
    error = result.get("error", TimeoutError("It took too long"))
    kind = NothingThereError if _is_final(error) else FetchError
    raise kind(str(error)) from error


def _load(url: str, limit: int, allow_loopback: bool) -> bytes:
    config = Config(
        ip_filter_enable=True,
        ip_filter_allow_loopback_ips=allow_loopback,
        never_redirect=False,
        default_timeout=TIMEOUT,
        user_agent_override=USER_AGENT,
    )
    end = time.monotonic() + MAX_SECONDS
    with Manager(config).get_session() as session:
        session.trust_env = False
        session.max_redirects = MAX_REDIRECTS
        with session.get(url, stream=True) as response:
            response.raise_for_status()
            content = bytearray()
            for chunk in response.iter_content(CHUNK):
                content += chunk
                if len(content) > limit:
                    raise NothingThereError(f"More than {limit} bytes")
                if time.monotonic() > end:
                    raise FetchError("It took too long")
            return bytes(content)


def _is_final(error: Exception) -> bool:
    """Whether the next try would end the same way."""
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return error.response.status_code in GONE
    for_now = (requests.ConnectionError, requests.Timeout, TimeoutError)
    is_for_now = isinstance(error, (*for_now, requests.HTTPError))
    return not is_for_now and type(error) is not FetchError

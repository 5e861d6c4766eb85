"""Why no server has answered, read from what requests raises."""

from __future__ import annotations

import enum
import errno
import socket
import ssl
from collections.abc import Iterator
from http.client import HTTPException

import requests
from requests_hardened.ip_filter import InvalidIPAddress
from urllib3.exceptions import HTTPError


class Why(str, enum.Enum):
    """Why nothing came back."""

    #: There is no such name, and no server of it.
    NO_NAME = "no_name"
    #: There is a machine, and no server at this port.
    REFUSED = "refused"
    #: Nothing was said in time.
    TIMEOUT = "timeout"
    #: It can't be reached from here, or names can't be looked up now.
    NO_WAY = "no_way"
    #: It belongs to an inner network.
    INSIDE = "inside"
    #: Browsers warn everybody of its certificate.
    CERTIFICATE = "certificate"
    #: There is something else about its certificate, or how it encrypts.
    TLS = "tls"
    #: Redirects lead round and round.
    LOOP = "loop"
    #: Redirects lead on and on.
    REDIRECTS = "redirects"
    #: What it says is not as it should be.
    BROKEN = "broken"
    #: It is no address that can be asked.
    ADDRESS = "address"


#: What OpenSSL says where all browsers warn. Where a certificate in between
#: is missing, or the root is of an administration, they may not.
CERTAIN = frozenset(
    {
        10,  # has expired
        18,  # signed by itself
        62,  # of another name
    }
)

#: There is no such name; else the answer is missing.
_NO_NAME = frozenset(
    {
        socket.EAI_NONAME,
        getattr(socket, "EAI_NODATA", socket.EAI_NONAME),
    }
)

#: The network has no way there.
_NO_WAY = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN})

#: What says why for sure; the first that fits counts.
_KINDS: tuple[tuple[type[BaseException], Why], ...] = (
    # What it stands before isn't known then.
    (requests.exceptions.ProxyError, Why.NO_WAY),
    (InvalidIPAddress, Why.INSIDE),
    (requests.exceptions.InvalidURL, Why.ADDRESS),
    (requests.exceptions.InvalidSchema, Why.ADDRESS),
    (requests.exceptions.MissingSchema, Why.ADDRESS),
    (requests.exceptions.InvalidProxyURL, Why.ADDRESS),
    (ssl.SSLCertVerificationError, Why.TLS),
    (ssl.SSLError, Why.TLS),
    (socket.gaierror, Why.NO_WAY),
    (ConnectionRefusedError, Why.REFUSED),
)


def why(error: BaseException) -> Why | None:
    """Why no server has answered.

    :param error: what was raised
    :returns: None where that has another cause
    """
    causes = [*_causes(error)]
    for cause in causes:
        if (found := _first(cause)) is not None:
            return found
    for cause in causes:
        if isinstance(cause, requests.Timeout | TimeoutError):
            return Why.TIMEOUT
    # What can't be read as an address at all.
    if isinstance(error, ValueError):
        return Why.ADDRESS
    if isinstance(
        error, requests.RequestException | HTTPError | HTTPException
    ):
        return Why.BROKEN
    return None


def _first(cause: BaseException) -> Why | None:
    """What one of the causes says for sure."""
    found = next((w for kind, w in _KINDS if isinstance(cause, kind)), None)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Why.CERTIFICATE if cause.verify_code in CERTAIN else found
    if isinstance(cause, socket.gaierror):
        return Why.NO_NAME if cause.errno in _NO_NAME else found
    if found is None and isinstance(cause, OSError):
        return Why.NO_WAY if cause.errno in _NO_WAY else None
    return found


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error, and all that led to it."""
    seen = set[int]()
    rest: list[object] = [error]
    while rest:
        cause = rest.pop(0)
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        rest += [
            cause.__cause__,
            cause.__context__,
            getattr(cause, "reason", None),
            *cause.args,
        ]

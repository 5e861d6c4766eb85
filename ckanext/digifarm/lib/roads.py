"""Asks at the other addresses of a name where there is no server at one."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import requests
from requests_hardened.ip_filter import InvalidIPAddress, filter_host
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from typing_extensions import override

from .unreachable import Why, why

#: So many other addresses are tried.
MOST = 3

#: Where another one may have a server: many names have one of IPv6, too.
_MISSED = frozenset({Why.REFUSED, Why.NO_WAY})


class EachAddress(IPFilterAdapter):
    """An adapter of requests that tries more than the first address.

    Each is looked at before, as the first one is: none of an inner network
    is asked. For sessions of one thread.
    """

    #: What is asked instead of the first one.
    _other = ""
    _used = ""

    @override
    def send(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        if any((kwargs.get("proxies") or {}).values()):
            return super().send(request, *args, **kwargs)
        self._other = ""
        found = self._try(request, *args, **kwargs)
        if isinstance(found, requests.Response):
            return found
        errors, tried = [found], self._used
        for self._other in _others(request, tried):
            with suppress(InvalidIPAddress):
                found = self._try(request, *args, **kwargs)
                if isinstance(found, requests.Response):
                    return found
                errors.append(found)
        # Where one couldn't be reached from here, others may have an answer.
        unsure = (e for e in errors if why(e) is not Why.REFUSED)
        raise next(unsure, errors[0])

    def _try(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response | requests.ConnectionError:
        """Ask at an address; an error where there was no server at it."""
        try:
            return super().send(request, *args, **kwargs)
        except requests.ConnectionError as e:
            if not _is_missed(e):
                raise
            return e

    @override
    def build_connection_pool_key_attributes(
        self, *args: Any, **kwargs: Any
    ) -> Any:
        host, pool = super().build_connection_pool_key_attributes(
            *args, **kwargs
        )
        if self._other:
            host["host"] = filter_host(
                self._other,
                host["port"] or 0,
                allow_loopback=self._allow_loopback,
            )
        self._used = host["host"]
        return host, pool


def _is_missed(error: requests.ConnectionError) -> bool:
    is_slow = isinstance(error, requests.ConnectTimeout)
    return is_slow or why(error) in _MISSED


def _others(request: requests.PreparedRequest, tried: str) -> list[str]:
    """The addresses of a name, without the one that was tried."""
    name = urlsplit(str(request.url)).hostname or ""
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except OSError:
        return []
    every = dict.fromkeys(str(one[4][0]) for one in found)
    return [one for one in every if one != tried.strip("[]")][:MOST]

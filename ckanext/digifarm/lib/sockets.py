"""Ends connections from outside of the thread that waits for them."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Any

from requests.adapters import HTTPAdapter
from typing_extensions import override
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class Watch:
    """Knows the connections that a session opens, to end them all.

    A server that never ends its headers would keep a thread, and what it has
    read, for as long as it likes.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._is_over = False

    def over(self, adapter: Any) -> None:
        """Know the connections of an adapter of requests.

        :param adapter: one of a session's that has opened none yet
        """
        if not isinstance(adapter, HTTPAdapter):
            return
        adapter.poolmanager.pool_classes_by_scheme = self._pools()
        with_proxy = adapter.proxy_manager_for

        def proxy_manager_for(*args: Any, **kwargs: Any) -> Any:
            manager = with_proxy(*args, **kwargs)
            manager.pool_classes_by_scheme = self._pools()
            return manager

        adapter.proxy_manager_for = proxy_manager_for

    def end(self) -> None:
        """End all connections, and those that will be opened, too."""
        with self._lock:
            self._is_over = True
            found, self._open = self._open, []
        for one in found:
            _end(one)

    def note(self, opened: socket.socket | None) -> None:
        """Know one more connection."""
        if opened is None:
            return
        with self._lock:
            self._open.append(opened)
            is_over = self._is_over
        if is_over:
            _end(opened)

    def _pools(self) -> dict[str, type[HTTPConnectionPool]]:
        watch = self

        class Plain(HTTPConnection):
            @override
            def connect(self) -> None:
                super().connect()
                watch.note(self.sock)

        class Secure(HTTPSConnection):
            @override
            def connect(self) -> None:
                super().connect()
                watch.note(self.sock)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls: Any = Plain

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls: Any = Secure

        return {"http": PlainPool, "https": SecurePool}


def _end(one: socket.socket) -> None:
    # It may be over already.
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)

"""Measures how long something takes, without what it waits for."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Stopwatch:
    """Runs down, but stands still while something is waited for.

    :param seconds: how long it may take
    """

    def __init__(self, seconds: float) -> None:
        self._lock = threading.Lock()
        self._end = time.monotonic() + seconds
        self._stopped: float | None = None

    def left(self) -> float:
        """How many seconds are left."""
        with self._lock:
            return self._end - (self._stopped or time.monotonic())

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Let it stand still for a while."""
        began = self._stopped = time.monotonic()
        try:
            yield
        finally:
            with self._lock:
                self._end += time.monotonic() - began
                self._stopped = None

"""One at a time: who prepares, stops or tests a checkout is alone in it."""

from __future__ import annotations

import contextlib
import fcntl
import os
from typing import TYPE_CHECKING

from dev.progress import Step

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# File descriptors of the locks that this process holds. The commands that it
# runs inherit them: if it is killed, its orphaned pip still keeps others out.
held: list[int] = []


@contextlib.contextmanager
def alone(directory: Path) -> Iterator[None]:
    """Keep others, who ask for the same, out of a directory.

    Waits for them first. The lock is the kernel's: it goes with those who
    hold it and leaves no file behind.

    :param directory: an existing directory, which is not changed
    """
    lock = os.open(directory, os.O_RDONLY)
    os.set_inheritable(lock, True)
    if not _locked(lock):
        with Step("Waiting for another make in this checkout") as step:
            while not _locked(lock):
                step.tick()
    held.append(lock)
    try:
        yield
    finally:
        held.remove(lock)
        os.close(lock)


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

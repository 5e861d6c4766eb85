"""What people see: steps that show how far they are, and one error."""

from __future__ import annotations

import sys
import time
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from typing_extensions import Self

# Seconds between two looks at what is being waited for.
INTERVAL = 0.2
# Seconds between two signs of life where lines can't be overwritten.
PATIENCE = 20
# Columns that a live line may fill: the narrowest usual terminal.
WIDTH = 79
# Lines of a log that are shown when a step fails.
TAIL = 15


class SetupError(Exception):
    """What is wrong and what to do about it.

    :param sentence: one sentence for the person at the keyboard
    :param log: the file whose last lines tell more
    """

    def __init__(self, sentence: str, log: Path | None = None) -> None:
        super().__init__(sentence)
        self.log = log


class Step:
    """One line of progress, which ends with how long the step took.

    While the step goes on, the line is rewritten on a terminal; elsewhere it
    grows from time to time. A context manager: call :meth:`tick` in it.

    :param title: what is being done
    """

    def __init__(self, title: str) -> None:
        self.title = title
        self.live = sys.stdout.isatty()

    def __enter__(self) -> Self:
        self.start = self.told = time.monotonic()
        print(f"{self.title} ...", end="", flush=True)
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, *_: object
    ) -> None:
        outcome = "failed" if error_type else "done"
        self._tell(f"{outcome} ({self.elapsed:.0f} s)")
        print(flush=True)

    @property
    def elapsed(self) -> float:
        """Seconds since the step began."""
        return time.monotonic() - self.start

    def tick(self, log: Path | None = None) -> None:
        """Wait a moment, and show that the step goes on.

        :param log: a file whose last line tells what the step is at
        """
        time.sleep(INTERVAL)
        if self.live:
            detail = "".join(tail(log, 1)) if log else ""
            self._tell(f"{self.elapsed:.0f} s  {detail}")
        elif time.monotonic() - self.told > PATIENCE:
            self.told = time.monotonic()
            self._tell(f"{self.elapsed:.0f} s ...")

    def _tell(self, state: str) -> None:
        if self.live:
            line = f"{self.title} ... {state}"
            print(f"\r\x1b[K{line[:WIDTH]}", end="", flush=True)
        else:
            print(f" {state}", end="", flush=True)


def tail(log: Path, lines: int = TAIL) -> list[str]:
    """Give the last lines of a log.

    :param log: the file; it need not exist
    :param lines: how many at most
    :returns: the lines without line ends, the empty ones left out
    """
    try:
        with log.open(encoding="utf-8", errors="replace") as text:
            filled = (line.rstrip() for line in text if line.strip())
            return list(deque(filled, maxlen=lines))
    except FileNotFoundError:
        return []

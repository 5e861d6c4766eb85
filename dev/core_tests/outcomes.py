"""What became of the tests of a run."""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

#: The property of a test that says whether digifarm was on when it began.
PROPERTY = "digifarm is on"

#: How much of a message is shown, in characters; the rest is in the log.
MESSAGE_WIDTH = 160


@dataclass(frozen=True)
class Outcome:
    """What became of a test.

    :param word: passed, failed, error, skipped, xfailed, xpassed or missing
    :param message: why it did not pass, in a line
    :param digifarm: whether digifarm was on; None if the test was not set up
    """

    word: str
    message: str = ""
    digifarm: bool | None = None

    @property
    def is_bad(self) -> bool:
        """Whether pytest counts it as a failure."""
        return self.word in {"failed", "error"}

    def __str__(self) -> str:
        return f"{self.word}: {self.message}" if self.message else self.word


MISSING = Outcome("missing")


def read(report_log: Path) -> dict[str, Outcome]:
    """Give the outcomes of a run by the tests' node ids.

    :param report_log: what pytest-reportlog has written
    """
    outcomes: dict[str, Outcome] = {}
    with report_log.open(encoding="utf-8") as lines:
        for report in map(json.loads, lines):
            if report["$report_type"] == "TestReport":
                test = report["nodeid"]
                outcomes[test] = _after(outcomes.get(test), report)
    return outcomes


def _after(before: Outcome | None, report: dict[str, Any]) -> Outcome:
    """Give a test's outcome after one more of set-up, call and teardown."""
    if before and before.word != "passed":
        return before
    digifarm = dict(report["user_properties"]).get(PROPERTY)
    return Outcome(_word(report), _message(report["longrepr"]), digifarm)


def _word(report: dict[str, Any]) -> str:
    if "wasxfail" in report:
        return "xfailed" if report["outcome"] == "skipped" else "xpassed"
    if report["outcome"] == "failed" and report["when"] != "call":
        return "error"
    return report["outcome"]


def _message(longrepr: Any) -> str:
    if isinstance(longrepr, dict):
        longrepr = longrepr["reprcrash"]["message"]
    elif isinstance(longrepr, list):
        longrepr = longrepr[-1]
    line = (longrepr or "").partition("\n")[0]
    return textwrap.shorten(line, MESSAGE_WIDTH)

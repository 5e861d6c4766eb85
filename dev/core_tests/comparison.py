"""How the outcomes without and with digifarm compare."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dev.core_tests.outcomes import MISSING, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_STATUS = "ckan/tests/logic/action/test_get.py::TestStatusShow"
_ALL_PLUGINS = "expects exactly the plugins that it names itself"

#: Tests that only digifarm makes fail, and rightly so: why, by node id.
MAY_DIFFER = {
    f"{_STATUS}::test_status_show": _ALL_PLUGINS,
    f"{_STATUS}::test_status_show_hiding_version": _ALL_PLUGINS,
    f"{_STATUS}::test_status_show_version_to_sysadmins": _ALL_PLUGINS,
}


@dataclass(frozen=True)
class Pair:
    """What became of a test that needs a comparison.

    :param test: its node id
    :param at_first: the outcome with digifarm, among all other tests
    :param without: the outcome without digifarm, among those compared
    :param with_it: the outcome with it, among those compared
    """

    test: str
    at_first: Outcome
    without: Outcome
    with_it: Outcome

    @property
    def differs(self) -> bool:
        """Whether digifarm changes the outcome, messages left aside."""
        return self.without.word != self.with_it.word

    @property
    def problem(self) -> str:
        """What is wrong, or ""."""
        if MISSING in {self.without, self.with_it}:
            return "it was not run again"
        off = False in {self.at_first.digifarm, self.with_it.digifarm}
        if off or self.without.digifarm:
            return "digifarm was off with it, or on without it"
        if self.differs and self.test not in MAY_DIFFER:
            return "the outcomes differ"
        if self.test in MAY_DIFFER and not self.differs:
            return "the outcomes are the same: take it out of MAY_DIFFER"
        return ""


def is_doubtful(test: str, outcome: Outcome) -> bool:
    """Tell whether a test's outcome with digifarm needs a comparison.

    :param test: its node id
    :param outcome: what became of it with digifarm
    """
    fine = outcome.word == "passed" and outcome.digifarm
    return not fine or test in MAY_DIFFER


def pairs(
    at_first: Mapping[str, Outcome],
    without: Mapping[str, Outcome],
    with_it: Mapping[str, Outcome],
) -> list[Pair]:
    """Bring the outcomes of tests that need a comparison together.

    :param at_first: those with digifarm, among all tests, by node id
    :param without: those without digifarm, among these tests
    :param with_it: those with it
    """
    return [
        Pair(
            test,
            at_first[test],
            without.get(test, MISSING),
            with_it.get(test, MISSING),
        )
        for test in at_first
    ]


def report(run: Mapping[str, Outcome], compared: Sequence[Pair]) -> int:
    """Print what became of the tests.

    :param run: the outcomes of all tests, with digifarm, by node id
    :param compared: those that were run again
    :returns: how many tests have a problem
    """
    for pair in compared:
        _print(pair)
    words = Counter(outcome.word for outcome in run.values())
    counts = ", ".join(f"{count} {word}" for word, count in words.items())
    print(f"\nCKAN's {len(run)} tests with digifarm: {counts}")
    problems = sum(bool(pair.problem) for pair in compared)
    print(f"Problems: {problems or 'none'}")
    return problems


def _print(pair: Pair) -> None:
    print(f"\n{pair.test}: {pair.problem or _reason(pair)}")
    print(f"  without digifarm  {pair.without}")
    print(f"  with digifarm     {pair.with_it}")
    print(f"  at first          {pair.at_first}")


def _reason(pair: Pair) -> str:
    if pair.differs:
        return MAY_DIFFER[pair.test]
    if pair.with_it.is_bad:
        return "CKAN's matter, it fails both times"
    return "no difference when it was run again"

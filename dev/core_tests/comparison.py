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
    """What became of a test in both runs.

    :param test: its node id
    :param without: the outcome without digifarm
    :param with_it: the outcome with it
    """

    test: str
    without: Outcome
    with_it: Outcome

    @property
    def differs(self) -> bool:
        """Whether digifarm changes the outcome, messages left aside."""
        return self.without.word != self.with_it.word

    @property
    def problem(self) -> str:
        """What is wrong, or ""."""
        if self.with_it.digifarm is False or self.without.digifarm:
            return "digifarm was off with it, or on without it"
        if self.differs and self.test not in MAY_DIFFER:
            return "the outcomes differ"
        if self.test in MAY_DIFFER and not self.differs:
            return "the outcomes are the same: take it out of MAY_DIFFER"
        return ""


def pairs(
    without: Mapping[str, Outcome], with_it: Mapping[str, Outcome]
) -> list[Pair]:
    """Bring the outcomes of both runs together.

    :param without: those without digifarm, by node id
    :param with_it: those with it
    """
    return [
        Pair(test, without.get(test, MISSING), with_it.get(test, MISSING))
        for test in {**without, **with_it}
    ]


def report(compared: Sequence[Pair]) -> int:
    """Print how the runs compare.

    :param compared: all tests of both runs
    :returns: how many tests have a problem
    """
    for pair in compared:
        if pair.problem or pair.differs or pair.with_it.is_bad:
            _print(pair)
    _print_counts(compared)
    problems = sum(bool(pair.problem) for pair in compared)
    print(f"Problems: {problems or 'none'}")
    return problems


def _print(pair: Pair) -> None:
    reason = MAY_DIFFER.get(pair.test, "CKAN's matter, it fails both times")
    print(f"\n{pair.test}: {pair.problem or reason}")
    print(f"  without digifarm  {pair.without}")
    print(f"  with digifarm     {pair.with_it}")


def _print_counts(compared: Sequence[Pair]) -> None:
    without = Counter(pair.without.word for pair in compared)
    with_it = Counter(pair.with_it.word for pair in compared)
    print(f"\n{'Tests of CKAN':<13} without digifarm  with digifarm")
    for word in without | with_it:
        print(f"{word:<13} {without[word]:16} {with_it[word]:14}")
    set_up = [p for p in compared if p.with_it.digifarm is not None]
    on = sum(bool(pair.with_it.digifarm) for pair in set_up)
    same = sum(not pair.differs for pair in compared)
    print(f"\nDigifarm was on in {on} of the {len(set_up)} that were set up.")
    print(f"The outcome is the same in {same} of {len(compared)}.")

from __future__ import annotations

import json

import pytest

from dev.core_tests import comparison, outcomes
from dev.core_tests.outcomes import MISSING, Outcome

OFF = Outcome("passed", digifarm=False)
ON = Outcome("passed", digifarm=True)
BROKEN = Outcome("failed", "assert 1 == 2", digifarm=True)


def problems(without: Outcome, with_it: Outcome, test: str = "test") -> int:
    run = {test: with_it}
    compared = comparison.pairs(run, {test: without}, {test: with_it})
    return comparison.report(run, compared)


def phase(when: str, outcome: str = "passed", longrepr=None, **more):
    return {
        "$report_type": "TestReport",
        "nodeid": "test",
        "when": when,
        "outcome": outcome,
        "longrepr": longrepr,
        "user_properties": [[outcomes.PROPERTY, True]],
        **more,
    }


def crash(message: str):
    return {"reprcrash": {"message": message}}


@pytest.mark.parametrize(
    ("phases", "expected"),
    [
        (
            [phase("setup"), phase("call"), phase("teardown")],
            "passed",
        ),
        (
            [
                phase("setup"),
                phase("call", "failed", crash("no\ndetails")),
                phase("teardown"),
            ],
            "failed: no",
        ),
        ([phase("setup", "failed", "no")], "error: no"),
        (
            [phase("setup"), phase("call"), phase("teardown", "failed", "no")],
            "error: no",
        ),
        ([phase("setup", "skipped", ["file", 1, "why"])], "skipped: why"),
        (
            [phase("setup"), phase("call", "skipped", "no", wasxfail="")],
            "xfailed: no",
        ),
        ([phase("setup"), phase("call", wasxfail="")], "xpassed"),
    ],
)
def test_outcome_of_a_test_is_that_of_its_first_bad_phase(
    tmp_path, phases, expected
):
    report_log = tmp_path / "log.jsonl"
    lines = [{"$report_type": "SessionStart"}, *phases]
    report_log.write_text("\n".join(map(json.dumps, lines)))
    outcome = outcomes.read(report_log)["test"]
    assert str(outcome) == expected
    assert outcome.digifarm


def test_same_outcome_is_fine():
    assert problems(OFF, ON) == 0
    assert problems(Outcome("failed", "a"), Outcome("failed", "b")) == 0


def test_another_outcome_is_a_problem():
    assert problems(OFF, BROKEN) == 1
    assert problems(Outcome("failed"), ON) == 1
    assert problems(OFF, MISSING) == 1


def test_tests_of_one_run_only_are_a_problem():
    run = {"a": ON, "b": ON, "c": ON}
    compared = comparison.pairs(run, {"a": OFF}, {"b": ON})
    assert comparison.report(run, compared) == len(run)


def test_what_passes_with_digifarm_needs_no_comparison(monkeypatch):
    monkeypatch.setattr(comparison, "MAY_DIFFER", {"listed": "reason"})
    assert not comparison.is_doubtful("test", ON)
    assert comparison.is_doubtful("listed", ON)
    for outcome in (OFF, BROKEN, Outcome("skipped", digifarm=True)):
        assert comparison.is_doubtful("test", outcome)


def test_digifarm_must_be_on_where_it_is_said_to_be():
    assert problems(OFF, OFF) == 1
    assert problems(ON, ON) == 1
    compared = comparison.pairs({"test": OFF}, {"test": OFF}, {"test": ON})
    assert comparison.report({"test": OFF}, compared) == 1


def test_exception_must_be_needed(monkeypatch):
    monkeypatch.setattr(comparison, "MAY_DIFFER", {"listed": "reason"})
    assert problems(OFF, BROKEN, "listed") == 0
    assert problems(OFF, ON, "listed") == 1

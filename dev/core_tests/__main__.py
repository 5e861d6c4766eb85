"""Runs CKAN's own tests with digifarm, and says which of them it breaks.

What passes with digifarm needs no comparison. What doesn't is run again,
without digifarm and with it: a test that fails both times is CKAN's matter;
one that fails only with digifarm is ours. Arguments are files or node
ids of other tests to run, such as `ckan/tests/controllers/test_home.py`.
"""

from __future__ import annotations

import sys
import sysconfig
import tempfile
from typing import TYPE_CHECKING

from dev import commands, paths, servers, workers
from dev.core_tests import outcomes
from dev.core_tests.comparison import is_doubtful, pairs, report
from dev.progress import SetupError, tail

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from dev.core_tests.comparison import Pair
    from dev.core_tests.outcomes import Outcome
    from dev.servers import Servers

    Run = dict[str, Outcome]

#: Where digifarm's hooks, chained actions and templates could do harm: two
#: parts that take as long as each other, run at the same time.
PARTS = (
    (
        "ckan/tests/controllers/test_feed.py",
        "ckan/tests/controllers/test_group.py",
        "ckan/tests/controllers/test_organization.py",
        "ckan/tests/controllers/test_package.py",
        "ckan/tests/lib/search",
    ),
    (
        "ckan/tests/controllers/test_home.py",
        "ckan/tests/logic/action/test_create.py",
        "ckan/tests/logic/action/test_delete.py",
        "ckan/tests/logic/action/test_get.py",
        "ckan/tests/logic/action/test_patch.py",
        "ckan/tests/logic/action/test_update.py",
        "ckan/tests/logic/auth/test_create.py",
        "ckan/tests/logic/auth/test_get.py",
        "ckan/tests/logic/auth/test_update.py",
    ),
)

CONFIGURATION = paths.SOURCES / "core_tests" / "ckan.ini"
SITE_PACKAGES = sysconfig.get_path("purelib")


def main() -> int:
    """Run the tests, compare what doesn't pass, and say what was found.

    :returns: the exit status
    """
    parts = [sys.argv[1:]] if sys.argv[1:] else PARTS
    run = _with("core-tests", *parts)
    doubtful = {
        test: run[test] for test in run if is_doubtful(test, run[test])
    }
    compared = _compare(doubtful) if doubtful else []
    return 1 if report(run, compared) else 0


def _compare(run: Run) -> list[Pair]:
    print(f"{len(run)} tests need a comparison: these again")
    return pairs(
        run,
        _without("core-tests-again-without", list(run)),
        _with("core-tests-again-with", list(run)),
    )


def _without(name: str, *parts: Collection[str]) -> Run:
    return _run(name, "CKAN's tests without digifarm", parts)


def _with(name: str, *parts: Collection[str]) -> Run:
    plugin = ("-p", "dev.core_tests.with_digifarm")
    return _run(name, "CKAN's tests with digifarm", parts, *plugin)


def _run(
    name: str, title: str, parts: Collection[Collection[str]], *options: str
) -> Run:
    """Run tests of CKAN.

    :param name: what the logs are named after
    :param title: what to call the run
    :param parts: files or node ids; each part has servers of its own
    :param options: further ones for pytest
    :returns: the outcomes by node id
    :raises SetupError: it isn't known which servers to use
    """
    if servers.given() is None:
        raise SetupError("There are no servers here: run make core-tests.")
    used = workers.all_servers(len(parts))
    if len(used) < len(parts):
        parts = [[test for part in parts for test in part]]
    with tempfile.TemporaryDirectory() as files:
        run = [
            _command(
                f"{name}-{number}",
                title,
                [*options, *(f"{SITE_PACKAGES}/{test}" for test in part)],
                _environment(used[number], files),
            )
            for number, part in enumerate(parts)
        ]
        commands.run_together(*run)
    return {
        test: outcome
        for command in run
        for test, outcome in outcomes.read(_report(command.name)).items()
    }


def _command(
    name: str, title: str, arguments: list[str], environment: dict[str, str]
) -> commands.Command:
    words = [
        *(sys.executable, "-m", "pytest", "--verbose"),
        *("-p", "dev.shortcuts", "-p", "dev.core_tests.session"),
        *("-p", "no:cacheprovider"),
        *("-c", CONFIGURATION, "--ckan-ini", CONFIGURATION),
        *("--rootdir", SITE_PACKAGES, "--report-log", _report(name)),
        *arguments,
    ]
    problem = "CKAN's tests can't be run: the lines above tell why."
    return commands.Command(name, title, words, problem, env=environment)


def _environment(used: Servers, files: str) -> dict[str, str]:
    """Give the variables that the configuration refers to.

    :param files: where a directory for uploaded files is made
    """
    return commands.environment(
        CKAN_TESTS_SQLALCHEMY_URL=used.database,
        CKAN_TESTS_SOLR_URL=used.solr,
        CKAN_TESTS_REDIS_URL=used.redis,
        CKAN_TESTS_FILES=tempfile.mkdtemp(dir=files),
    )


def _report(name: str) -> Path:
    return commands.log_of(name).with_suffix(".jsonl")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SetupError as error:
        log = error.log
        lines = [*tail(log), f"All of the log: {log}"] if log else []
        sys.exit("\n".join([*lines, str(error)]))
    except KeyboardInterrupt:
        sys.exit("Interrupted: nothing is known about the tests.")

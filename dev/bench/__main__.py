"""Compares page times and counts of a small and a large portal: make bench.

    python -m dev.bench [--few N] [--many N] [--rounds N] [--only PATTERN]
    python -m dev.bench --checks [PROJECTS]

Empties two databases and two indexes of the tests. Each page is asked for in
turns, in the small portal and in the large one, so that whatever slows the
machine down slows both sides down. Prints a table in Markdown.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import re
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from dev import workers

from . import checks, portal
from .pages import PAGES, Page
from .portal import Visit
from .sizes import Sizes

#: A page takes at most so many times as long in the large portal.
GROWTH = 1.1

#: A page of ours takes at most so many times as long as one of core.
LIKE_CORE = (("projects", "datasets", 1.1), ("project", "dataset", 1.25))

WARM_UP = 3

#: Of the two portals.
NAMES = ("few", "many")

CONTEXT = multiprocessing.get_context("spawn")

HEAD = (
    "page",
    "few, ms",
    "many, ms",
    "ratio",
    "SQL",
    "Solr",
    "rows",
    "packages",
    "",
)


@dataclass
class Result:
    """What a page costs in both portals.

    :param few: visits to the small one
    :param many: visits to the large one
    """

    page: Page
    few: list[Visit]
    many: list[Visit]

    @property
    def ratio(self) -> float:
        """How many times as long it takes in the large portal."""
        return _median(self.many) / _median(self.few)

    def broken(self) -> list[str]:
        """Which limits it breaks."""
        small, large = self.few[-1], self.many[-1]
        return [
            *(["time"] if self.ratio > GROWTH else []),
            *(
                name
                for name in ("sql", "solr", "rows", "packages")
                if getattr(large, name) > getattr(small, name) * GROWTH
            ),
        ]

    def line(self) -> list[str]:
        """The cells of the table."""
        small, large = self.few[-1], self.many[-1]
        counts = [
            f"{getattr(small, name)} → {getattr(large, name)}"
            if getattr(small, name) != getattr(large, name)
            else str(getattr(small, name))
            for name in ("sql", "solr", "rows", "packages")
        ]
        return [
            self.page.name,
            f"{_median(self.few) * 1000:.0f}",
            f"{_median(self.many) * 1000:.0f}",
            f"{self.ratio:.2f}",
            *counts,
            ", ".join(self.broken()) or "ok",
        ]


def main() -> int:
    """Measure and report.

    :returns: the exit status: 1 if a limit is broken
    """
    options = _options()
    if options.checks:
        return checks.main(options.checks)
    found = workers.all_servers(2)
    if len(found) < 2:  # noqa: PLR2004
        print("make bench needs its own servers: unset CKAN_… and try again.")
        return 1
    whole = Sizes(
        options.many,
        options.partners,
        options.supports,
        options.tasks,
        options.events,
    )
    sizes = whole.part(options.few), whole
    servers = [server.environment() for server in found]
    # Sets and dictionaries in the same order: else one process may be some
    # per cent slower than another one.
    os.environ["PYTHONHASHSEED"] = "0"
    _fill(servers, sizes)
    with _portals(servers) as (few, many):
        forgotten = few.recv()
        many.recv()
        for endpoint in forgotten:
            print(f"{endpoint} is neither measured nor left out: pages.py")
        results = _measure(few, many, options.rounds, options.only)
    _print(results)
    kept = [_compare(results, *promise) for promise in LIKE_CORE]
    is_broken = any(result.broken() for result in results)
    return 1 if forgotten or is_broken or not all(kept) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compares page times")
    for name, number in {
        "few": 100,
        "many": 10_000,
        "partners": 2_000,
        "supports": 20_000,
        "tasks": 20_000,
        "events": 100_000,
        "rounds": 30,
    }.items():
        parser.add_argument(f"--{name}", type=int, default=number)
    parser.add_argument(
        "--checks",
        type=int,
        nargs="?",
        const=1000,
        default=0,
        metavar="PROJECTS",
        help="look at the addresses of so many projects instead",
    )
    parser.add_argument("--only", default="", help="what pages are called")
    return parser.parse_args()


def _fill(servers: list[dict[str, str]], sizes: tuple[Sizes, ...]) -> None:
    """Fill the portals, both at once."""
    processes = [
        CONTEXT.Process(target=portal.fill, args=values, daemon=True)
        for values in zip(servers, NAMES, sizes, strict=True)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        raise SystemExit("A portal could not be filled.")


@contextmanager
def _portals(servers: list[dict[str, str]]) -> Iterator[list[Connection]]:
    """Portals in processes of their own, which end with the block."""
    pairs = [CONTEXT.Pipe() for _ in NAMES]
    processes = [
        CONTEXT.Process(
            target=portal.serve, args=(theirs, *values), daemon=True
        )
        for (_, theirs), *values in zip(pairs, servers, NAMES, strict=True)
    ]
    for process in processes:
        process.start()
    for _, theirs in pairs:
        # Ours then notices when the process ends.
        theirs.close()
    try:
        yield [ours for ours, _ in pairs]
        for ours, _ in pairs:
            ours.send(None)
    finally:
        for process in processes:
            process.join(5)
            process.terminate()


def _measure(
    few: Connection, many: Connection, rounds: int, only: str
) -> list[Result]:
    results = []
    for number, page in enumerate(PAGES):
        if not re.search(only, page.name):
            continue
        result = Result(page, [], [])
        for turn in range(WARM_UP + rounds):
            for connection, visits in (
                (few, result.few),
                (many, result.many),
            ):
                connection.send(number)
                visit = connection.recv()
                if isinstance(visit, str):
                    raise SystemExit(visit)
                if turn >= WARM_UP:
                    visits.append(visit)
        print(f"{page.name}: {result.ratio:.2f}", file=sys.stderr, flush=True)
        results.append(result)
    return results


def _median(visits: list[Visit]) -> float:
    return statistics.median(visit.seconds for visit in visits)


def _print(results: list[Result]) -> None:
    rows: list[Any] = [HEAD, ["---"] * len(HEAD)]
    rows += [result.line() for result in results]
    for row in rows:
        print(f"| {' | '.join(row)} |")


def _compare(
    results: list[Result], name: str, other: str, limit: float
) -> bool:
    """Compare a page of ours with one of core; where both were measured."""
    found = {result.page.name: result for result in results}
    if not {name, other} <= found.keys():
        return True
    ratio = _median(found[name].many) / _median(found[other].many)
    verdict = "ok" if ratio <= limit else "too slow"
    print(f"\n{name} / {other}: {ratio:.2f}, at most {limit}: {verdict}")
    return ratio <= limit


if __name__ == "__main__":
    sys.exit(main())

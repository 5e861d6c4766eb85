"""Compares page times, as ratios within one run: make bench.

    python -m dev.bench [--few N] [--many N] [--rounds N]

Empties the database and the index of the tests. Asks pages in turns in one
process, so that whatever slows the machine down slows both sides down.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass

from ckan import model, plugins
from ckan.cli import load_config
from ckan.config.middleware import make_app
from ckan.lib import search
from ckan.tests.helpers import CKANTestApp, call_action, reset_db
from ckanext.digifarm.links.model import Link

LINKS = 3
#: A page of core that nothing is linked with, in an organisation of its own:
#: it stays what it is, however many projects there are.
YARDSTICK = "/dataset/yardstick"
WARM_UP = 5


@dataclass
class Promise:
    """A page that takes at most so many times as long as another.

    :param page: path of the page
    :param other: path of the page that it is compared with
    :param limit: the largest ratio of the two medians that is promised
    """

    name: str
    page: str
    other: str
    limit: float


def main() -> int:
    """Measure and report.

    :returns: the exit status: 1 if a promise is broken
    """
    options = _options()
    config = load_config("test.ini")
    # Solr takes what is written at the end, once.
    config["ckan.search.solr_commit"] = "false"
    make_app(config)
    app = CKANTestApp(make_app(config))
    _empty()
    datasets = _create_datasets(options.few)
    _create_projects(range(options.few), datasets)
    promises = [
        Promise("list of projects", "/civic_project/", "/dataset/", 1.1),
        Promise(
            "page of a project",
            f"/civic_project/{_project(0)}",
            YARDSTICK,
            1.25,
        ),
    ]
    kept = [_report(app, promise, options.rounds) for promise in promises]
    pages = [promise.page for promise in promises]
    before = _by_yardstick(app, pages, options.rounds)
    _create_projects(range(options.few, options.many), datasets)
    after = _by_yardstick(app, pages, options.rounds)
    growth = f"from {options.few} to {options.many} projects"
    kept += [
        _line(f"{promise.name}, {growth}", new, old, 1.1)
        for promise, new, old in zip(promises, after, before, strict=True)
    ]
    return 0 if all(kept) else 1


def _by_yardstick(
    app: CKANTestApp, pages: list[str], rounds: int
) -> list[float]:
    """Times of pages as multiples of one that stays what it is.

    Minutes lie between the two measurements, and the machine may have become
    slower or faster in between.
    """
    *times, yardstick = _medians(app, [*pages, YARDSTICK], rounds)
    return [time / yardstick for time in times]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compares page times")
    parser.add_argument("--few", type=int, default=100)
    parser.add_argument("--many", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=60)
    return parser.parse_args()


def _empty() -> None:
    from ckan.cli.db import _run_migrations  # noqa: PLC0415

    reset_db()
    for plugin in ("activity", "digifarm"):
        if plugins.plugin_loaded(plugin):
            _run_migrations(plugin, "head", True)
    search.clear_all()


def _create_datasets(count: int) -> list[str]:
    """Create the yardstick and other datasets.

    :returns: the ids of the others
    """
    user = call_action("get_site_user")["name"]
    for organization in ("alone", "city"):
        call_action("organization_create", {"user": user}, name=organization)
    _create_dataset(user, "alone", "yardstick")
    datasets = [
        _create_dataset(user, "city", f"dataset-{number}")
        for number in _progress("datasets", range(count))
    ]
    search.commit()
    return datasets


def _create_dataset(user: str, organization: str, name: str) -> str:
    return call_action(
        "package_create",
        {"user": user},
        name=name,
        title=name,
        notes="Some words about the data. " * 10,
        owner_org=organization,
        tags=[{"name": "tag"}],
    )["id"]


def _create_projects(numbers: Iterable[int], datasets: list[str]) -> None:
    user = call_action("get_site_user")["name"]
    partners = itertools.cycle(datasets)
    for number in _progress("projects", numbers):
        project = call_action(
            "package_create",
            {"user": user},
            type="civic_project",
            name=_project(number),
            title=f"Project {number}",
            summary="What it does, in a sentence",
            notes="Some words about the project. " * 10,
            owner_org="city",
            stage="live",
            help_wanted=["content", "care"],
            technologies=["Python", f"Library {number % 10}"],
            source_license="MIT",
            tags=[{"name": f"tag {number % 10}"}],
        )
        for dataset in itertools.islice(partners, LINKS):
            model.Session.add(
                Link(project_id=project["id"], dataset_id=dataset)
            )
        model.Session.commit()
        # As a request does when it ends.
        model.Session.remove()
    search.commit()


def _project(number: int) -> str:
    return f"project-{number}"


def _progress(what: str, numbers: Iterable[int]) -> Iterable[int]:
    numbers = list(numbers)
    for done, number in enumerate(numbers, 1):
        yield number
        if done % 100 == 0 or done == len(numbers):
            print(f"{what}: {done} of {len(numbers)}", file=sys.stderr)


def _report(app: CKANTestApp, promise: Promise, rounds: int) -> bool:
    page, other = _medians(app, [promise.page, promise.other], rounds)
    name = f"{promise.name} ({page:.3f} s) to core's ({other:.3f} s)"
    return _line(name, page, other, promise.limit)


def _medians(app: CKANTestApp, paths: list[str], rounds: int) -> list[float]:
    """Median times of pages that are asked for in turns, in seconds.

    The first turns fill caches and do not count.
    """
    times: list[list[float]] = [[] for _ in paths]
    for turn in range(WARM_UP + rounds):
        for taken, path in zip(times, paths, strict=True):
            start = time.perf_counter()
            app.get(path)
            if turn >= WARM_UP:
                taken.append(time.perf_counter() - start)
    return [statistics.median(taken) for taken in times]


def _line(name: str, new: float, old: float, limit: float) -> bool:
    ratio = new / old
    verdict = "ok" if ratio <= limit else "TOO SLOW"
    print(f"{name}: {ratio:.2f}, at most {limit:.2f}: {verdict}", flush=True)
    return ratio <= limit


if __name__ == "__main__":
    sys.exit(main())

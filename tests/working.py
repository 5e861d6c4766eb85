"""Lets a worker do what waits in the queue."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from rq.exceptions import NoSuchJobError
from rq.registry import ScheduledJobRegistry

from ckan import model
from ckan.lib import jobs
from ckanext.digifarm import subjects
from ckanext.digifarm.lib import clock, due_work
from ckanext.digifarm.lib.jobs import Job, run


def forget_jobs() -> None:
    """Empty the queue, and forget what is to be tried again."""
    model.Session.query(Job).delete()
    model.Session.commit()
    jobs.get_queue().empty()
    registry = _later()
    for job in registry.get_job_ids():
        # It may be gone by itself by now.
        with suppress(NoSuchJobError):
            registry.remove(job, delete_job=True)


def work() -> None:
    """Let a worker, in processes of its own, do all jobs that wait."""
    model.Session.commit()
    with _own_signals():
        jobs.Worker().work(burst=True)


def work_here() -> None:
    """Do all jobs that wait, where it doesn't matter who does them.

    A worker reads the whole configuration anew for each, in its processes.
    """
    model.Session.commit()
    counts = run()
    assert not counts["failed"]
    forget_jobs()


def work_again() -> None:
    """Let it do now what is to be tried again later."""
    model.Session.query(Job).update({"due": clock.now()})
    registry = _later()
    for job in registry.get_job_ids():
        registry.remove(job)
        jobs.get_queue().push_job_id(job)
    work()


@contextmanager
def _own_signals() -> Iterator[None]:
    """Take back what a worker makes of signals: else Ctrl-C ends no test."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.getsignal(number) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def run_due(name: str) -> Counter[str]:
    """Let time bring what is due of a kind; tells how much."""
    kinds = {kind.name: kind for kind in subjects.due_kinds()}
    counts = due_work.run(kinds[name])
    assert not counts[due_work.FAILED]
    return +counts


def _later() -> ScheduledJobRegistry:
    return ScheduledJobRegistry(queue=jobs.get_queue())

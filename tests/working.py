"""Lets a worker do what waits in the queue."""

from __future__ import annotations

from rq.registry import ScheduledJobRegistry

from ckan import model
from ckan.lib import jobs


def forget_jobs() -> None:
    """Empty the queue, and forget what is to be tried again."""
    jobs.get_queue().empty()
    registry = _later()
    for job in registry.get_job_ids():
        registry.remove(job, delete_job=True)


def work() -> None:
    """Let a worker, in processes of its own, do all jobs that wait."""
    model.Session.commit()
    jobs.Worker().work(burst=True)


def work_again() -> None:
    """Let it do now what is to be tried again later."""
    registry = _later()
    for job in registry.get_job_ids():
        registry.remove(job)
        jobs.get_queue().push_job_id(job)
    work()


def _later() -> ScheduledJobRegistry:
    return ScheduledJobRegistry(queue=jobs.get_queue())

"""Lets a worker do what waits in the queue."""

from __future__ import annotations

from ckan import model
from ckan.lib import jobs


def forget_jobs() -> None:
    """Empty the queue."""
    jobs.get_queue().empty()


def work() -> None:
    """Let a worker, in processes of its own, do all jobs that wait."""
    model.Session.commit()
    jobs.Worker().work(burst=True)

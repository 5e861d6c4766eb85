"""What is done after the commit, by a worker."""

from __future__ import annotations

import logging
from collections.abc import Callable

import ckantoolkit as tk
from redis.exceptions import RedisError
from rq import Retry

from ckan import model

log = logging.getLogger(__name__)

#: A job that fails is tried again after so many seconds.
RETRY_AFTER = [60, 300, 1500, 7200]

_WAITING = "digifarm_jobs"


def later(job: Callable[..., None], *args: str) -> None:
    """Note what is to be done once the transaction has been committed.

    A job finds out itself what there is to do, so that one that is done
    twice, or for nothing, does no harm. The queue is no place for anything
    private, and workers log the arguments.

    :param job: a function of a module
    :param args: its arguments: ids
    """
    model.Session.info.setdefault(_WAITING, {})[job, args] = None


def start() -> None:
    """Hand over to the workers what waits; call this after the commit."""
    for job, args in model.Session.info.pop(_WAITING, {}):
        _enqueue(job, list(args))


def _enqueue(job: Callable[..., None], args: list[str]) -> None:
    retry = Retry(max=len(RETRY_AFTER), interval=RETRY_AFTER)
    try:
        tk.enqueue_job(
            job, args, title=job.__name__, rq_kwargs={"retry": retry}
        )
    except RedisError as e:
        log.warning("Redis doesn't answer, %s is done now: %s", job, e)
        _do(job, args)


def _do(job: Callable[..., None], args: list[str]) -> None:
    try:
        job(*args)
    # What was committed is done; whoever did it can't help what comes after.
    except Exception as e:  # noqa: BLE001
        model.Session.rollback()
        log.warning("%s is left for later: %s", job, type(e).__name__)

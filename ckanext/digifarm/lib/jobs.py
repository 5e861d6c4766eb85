"""What is done after the commit that asks for it.

It is a row of that transaction, so that it is there exactly if what asks for
it has happened. A worker is woken by the commit, whoever commits; where Redis
doesn't answer, the row waits for `ckan digifarm run-due`. No web request does
it.
"""

from __future__ import annotations

import datetime
import logging
import traceback
import uuid
from collections import Counter
from collections.abc import Callable, Collection

import ckantoolkit as tk
import sqlalchemy as sa
from redis.exceptions import RedisError
from rq import Retry
from rq.timeouts import JobTimeoutException
from sqlalchemy import event
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import (
    Mapped,
    Session,
    SessionTransaction,
    mapped_column,
)

from . import clock, retired
from .ckan import get_queue, model

log = logging.getLogger(__name__)

#: After how many seconds a worker that has left something over looks again:
#: a bit later than the pauses below end.
RETRY_AFTER = [75, 300, 1200, 4800]

#: After the first attempt that failed, in minutes; each pause is four times
#: as long as the one before it.
FIRST_PAUSE = 1

#: The longest pause between two attempts, in minutes.
LONGEST_PAUSE = 360

#: How the names of jobs in the queue begin.
URGENT = "digifarm-urgent-"
OTHER = "digifarm-"

_TO_WAKE = "digifarm_to_wake"

#: What does a kind of job, by its name, given a key.
_KINDS: dict[str, Callable[[str], object]] = {}


class JobsWait(Exception):  # noqa: N818 – it is the job that has not failed
    """Some work could not be done and is tried again later."""


class Job(tk.BaseModel):
    """Work that waits. There may be more rows than one for the same."""

    __tablename__ = "digifarm_job"

    id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.Identity(always=True), primary_key=True
    )
    #: One of the names that `kind` has given.
    kind: Mapped[str] = mapped_column(sa.UnicodeText)
    #: Id of what it is about. The queue is no place for anything private.
    key: Mapped[str] = mapped_column(sa.UnicodeText)
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    #: What the last attempt failed with, without its words.
    error: Mapped[str] = mapped_column(
        sa.UnicodeText, default="", server_default=""
    )
    #: When to try again; what nobody has tried yet is due at once.
    due: Mapped[datetime.datetime] = mapped_column(
        sa.DateTime, default=clock.now
    )

    @classmethod
    def is_due(cls) -> sa.ColumnElement[bool]:
        """Whether it can be done now, and is known how.

        By the clock only where it was tried: that of a worker may be behind
        the one of whoever has noted it.
        """
        is_time = (cls.attempts == 0) | (cls.due <= clock.now())
        return is_time & cls.kind.in_(_KINDS)


def kind(
    name: str,
) -> Callable[[Callable[[str], object]], Callable[[str], object]]:
    """Decorate the function that does a kind of job.

    It finds out itself what there is to do, so that one that is done twice,
    or for nothing, does no harm.

    :param name: stands in the database, so it stays what it is
    """

    def register(function: Callable[[str], object]) -> Callable[[str], object]:
        _KINDS[name] = function
        return function

    return register


def later(kind: str, key: str) -> None:
    """Note what is to be done after the commit; commits nothing.

    :param kind: its name
    :param key: id of what it is about
    """
    noted = (job for job in model.Session.new if isinstance(job, Job))
    if not any((job.kind, job.key) == (kind, key) for job in noted):
        model.Session.add(Job(kind=kind, key=key))
    wake(do_jobs)


def later_each(kind: str, keys: Collection[str]) -> None:
    """Note the same for many at once, by one statement; commits nothing.

    :param kind: its name
    :param keys: ids of what it is about
    """
    if not keys:
        return
    array = sa.cast(list(keys), ARRAY(sa.UnicodeText))
    values = {
        "kind": sa.literal(kind, sa.UnicodeText),
        "key": sa.func.unnest(array),
        "due": sa.literal(clock.now(), sa.DateTime),
    }
    model.Session.execute(
        sa.insert(Job).from_select([*values], sa.select(*values.values()))
    )
    wake(do_jobs)


def waiting(kind: str) -> set[str]:
    """For what a kind of job waits to be done, or is being done.

    :param kind: its name
    :returns: ids of what it is about
    """
    return {*model.Session.scalars(sa.select(Job.key).where(Job.kind == kind))}


def take(kind: str, start: str) -> list[str]:
    """Take over what else waits to be done, for a job that does it all.

    It is gone with the commit, and waits again if the job fails. What others
    do at this moment is left to them.

    :param kind: its name
    :param start: how the keys begin
    :returns: the keys
    """
    ids = (
        sa.select(Job.id)
        .where(Job.kind == kind, Job.key.startswith(start, autoescape=True))
        .with_for_update(skip_locked=True)
    )
    taken = sa.delete(Job).where(Job.id.in_(ids)).returning(Job.key)
    return [*model.Session.scalars(taken)]


def attempts(kind: str, key: str) -> int:
    """How often something was tried that is tried again."""
    query = sa.select(sa.func.max(Job.attempts))
    return (
        model.Session.scalar(query.where(Job.kind == kind, Job.key == key))
        or 0
    )


def wake(worker: Callable[[], object], *, is_urgent: bool = False) -> None:
    """Let a worker do something once the transaction has been committed.

    :param worker: a function of a module; it finds what waits by itself
    :param is_urgent: whether people wait for it: then it is done before all
        that waits in the queue, and other work of ours makes way
    """
    model.Session.info.setdefault(_TO_WAKE, {})[worker] = is_urgent


@event.listens_for(model.Session, "after_commit")
def _wake_workers(session: Session) -> None:
    # Savepoints are commits, too.
    if session.in_nested_transaction():
        return
    for worker, is_urgent in session.info.pop(_TO_WAKE, {}).items():
        _enqueue(worker, is_urgent)


@event.listens_for(model.Session, "after_soft_rollback")
def _wake_nobody(session: Session, previous: SessionTransaction) -> None:
    # A flush that fails within a savepoint undoes no more than that one.
    if previous.parent is None:
        session.info.pop(_TO_WAKE, None)


def _enqueue(worker: Callable[[], object], is_urgent: bool = False) -> None:
    """Let a worker do something, unless one that hasn't begun yet will."""
    name = f"{URGENT if is_urgent else OTHER}{worker.__name__}-"
    retry = Retry(max=len(RETRY_AFTER), interval=RETRY_AFTER)
    try:
        if _is_waiting(name):
            return
        tk.enqueue_job(
            worker,
            title=worker.__name__,
            rq_kwargs={
                "retry": retry,
                "job_id": f"{name}{uuid.uuid4()}",
                "at_front": is_urgent,
            },
        )
    except RedisError as e:
        log.warning("Redis doesn't answer, %s waits: %s", worker.__name__, e)


def _is_waiting(name: str) -> bool:
    """Whether a job of which the name begins like this waits for a worker."""
    return any(id_.startswith(name) for id_ in get_queue().get_job_ids())


def _makes_way() -> bool:
    """Whether a worker has something more urgent to do than this."""
    try:
        return _is_waiting(URGENT)
    except RedisError:
        return False


def do_jobs() -> None:
    """The worker's job that does what waits.

    Where something urgent comes, it goes on after that.

    :raises JobsWait: where something is left, so that it is tried again
    """
    if retired.are_any():
        # It goes on after their return.
        return
    counts = run(_makes_way)
    if counts["left"]:
        _enqueue(do_jobs)
    if counts["failed"]:
        raise JobsWait(f"{counts['failed']} jobs could not be done yet")


def run(
    ends: Callable[[], bool] = lambda: False,
    *,
    kinds: Collection[str] = (),
) -> Counter[str]:
    """Do what waits, each in a transaction of its own.

    :param ends: whether to stop after one of them, though more may wait
    :param kinds: names of the kinds that are done; all where there are none
    :returns: how many were `done`, how many `failed`, and whether some may
        be `left`
    """
    counts: Counter[str] = Counter()
    while due := _next(kinds or _KINDS):
        kind, key = due
        # What the one before has read may be changed by now.
        model.Session.expire_all()
        # Somebody else may have done it between the look and the lock.
        ids = _same(kind, key)
        if not ids:
            model.Session.commit()
            continue
        try:
            _KINDS[kind](key)
        except JobTimeoutException:
            raise
        # Whatever is wrong with one must not hold up the others.
        except Exception as e:  # noqa: BLE001
            model.Session.rollback()
            log_failure(f"{kind} of {key}", e)
            _postpone(ids, e)
            counts["failed"] += 1
        else:
            model.Session.execute(sa.delete(Job).where(Job.id.in_(ids)))
            counts["done"] += 1
        model.Session.commit()
        if ends():
            counts["left"] = 1
            break
    # The look at nothing.
    model.Session.rollback()
    return counts


def count() -> int:
    """How much waits and is due."""
    query = sa.select(sa.func.count()).select_from(Job)
    return model.Session.scalar(query.where(Job.is_due())) or 0


def log_failure(what: str, error: Exception) -> None:
    """Log where something failed, without what an error quotes of people.

    :param what: what was tried
    :param error: what it failed with
    """
    trace = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s failed: %s\n%s", what, type(error).__name__, trace)


def pause(attempts: int) -> datetime.timedelta:
    """How long to wait after some attempts.

    :param attempts: how many there were, from 1
    """
    minutes = min(FIRST_PAUSE * 4 ** (attempts - 1), LONGEST_PAUSE)
    return datetime.timedelta(minutes=minutes)


def _next(kinds: Collection[str]) -> tuple[str, str] | None:
    """Kind and key of the oldest job that is due, locked until the commit.

    Other workers skip them, also where they come anew: of two that do the
    same, the slower one would write what it has read before.
    """
    due = (
        sa.select(Job.kind, Job.key)
        .where(Job.is_due(), Job.kind.in_(kinds))
        .order_by(Job.id)
        # Keeps the order, so that no more is locked than is taken.
        .offset(0)
        .subquery()
    )
    name = sa.func.concat("digifarm job ", due.c.kind, " ", due.c.key)
    lock = sa.func.pg_try_advisory_xact_lock(sa.func.hashtext(name))
    query = sa.select(due.c.kind, due.c.key).where(lock).limit(1)
    found = model.Session.execute(query).first()
    return (found.kind, found.key) if found else None


def _same(kind: str, key: str) -> list[int]:
    """Ids of all that is done when a job is: what comes later is another."""
    return list(
        model.Session.scalars(
            sa.select(Job.id)
            .where(Job.kind == kind, Job.key == key)
            .with_for_update()
        )
    )


def _postpone(ids: list[int], error: Exception) -> None:
    for job in model.Session.scalars(
        sa.select(Job).where(Job.id.in_(ids)).with_for_update()
    ):
        job.attempts += 1
        job.error = type(error).__name__
        job.due = clock.now() + pause(job.attempts)

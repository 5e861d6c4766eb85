"""Looks at what was uploaded, and writes it: row by row, in a worker.

What waits are the uploads themselves. Each row is a transaction of its own,
so whoever goes on after a crash begins with the row that was not done. No two
workers have the same upload.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa
from rq.timeouts import JobTimeoutException

from ..lib import index, jobs, retired
from ..lib.acting import acting_in
from ..lib.ckan import model
from ..lib.language import known, speaking
from ..lib.text import printable
from . import uploads
from .by_person import PersonImporter
from .import_notices import tell_how_far
from .import_words import broken, complaint
from .import_workflow import CHECK, FINISH, WORKFLOW
from .model import Import, ImportRow, ImportState
from .plan import CREATE, PATCH, Outcome, Result
from .record import Complaint, Record, Source

#: No row is begun with after so long, in seconds: workers end jobs that take
#: too long, and others wait. Another job goes on.
SECONDS = 60.0

LEFT = "left"

#: So many sentences of a row are kept, of what is wrong and of the rest.
MOST_SAID = 100


@dataclass(frozen=True)
class Work:
    """An upload as a worker has found it, whatever the session forgets."""

    id: str
    state: str
    user: str
    organization: str | None
    filename: str
    content: bytes
    language: str
    ends: Callable[[], bool]

    def is_stopped(self) -> bool:
        """Whether somebody has cancelled it."""
        return Import.state_of(self.id) != self.state


def wake() -> None:
    """Let a worker do what waits once the transaction is committed."""
    jobs.wake(work_imports)


def work_imports() -> None:
    """The worker's job that does what waits."""
    if retired.are_any():
        # It goes on after their return.
        return
    if run(SECONDS)[LEFT]:
        wake()
        model.Session.commit()


def count() -> int:
    """How many uploads wait for a worker."""
    return len(Import.at_work())


def run(seconds: float = 240.0) -> Counter[str]:
    """Go on with what waits.

    :param seconds: no row is begun with after so long
    :returns: how many uploads were `done` for now, how many `failed`, and how
        many are `left`
    """
    end = time.monotonic() + seconds
    counts: Counter[str] = Counter()
    for id_ in Import.at_work():
        with _reserved(id_) as is_ours:
            model.Session.rollback()
            if is_ours:
                counts[_try(id_, lambda: time.monotonic() >= end)] += 1
    model.Session.rollback()
    return counts


def _try(id_: str, ends: Callable[[], bool]) -> str:
    try:
        return "done" if _go_on(id_, ends) else LEFT
    except JobTimeoutException:
        raise
    # Whatever is wrong with one must not hold up the others.
    except Exception as e:  # noqa: BLE001
        model.Session.rollback()
        jobs.log_failure(f"import {id_}", e)
        return "failed"


@contextmanager
def _reserved(id_: str) -> Iterator[bool]:
    """Keep others from doing the same; tells whether nobody does so already.

    The lock has a connection of its own: it must outlast what the rows
    commit, and goes with a worker that dies.
    """
    lock = sa.func.pg_try_advisory_xact_lock(
        sa.func.hashtext(f"digifarm import {id_}")
    )
    with model.ensure_engine().connect() as connection:
        yield bool(connection.scalar(sa.select(lock)))


def _go_on(id_: str, ends: Callable[[], bool]) -> bool:
    """Go on with an upload.

    :returns: whether there is nothing more to do for now
    """
    work = _work(id_, ends)
    if work is None:
        return True
    model.Session.rollback()
    with speaking(known(work.language)), _source(work) as source:
        is_all = _STAGES[work.state](work, source)
        model.Session.commit()
    return is_all


@contextmanager
def _source(work: Work) -> Iterator[Source]:
    with (
        acting_in({"user": work.user}),
        uploads.opened(work.filename, work.content) as source,
    ):
        yield source


def _work(id_: str, ends: Callable[[], bool]) -> Work | None:
    row = model.Session.get(Import, id_, populate_existing=True)
    if row is None or row.state not in _STAGES:
        # Somebody was faster.
        return None
    user = model.User.get(row.user_id)
    return Work(
        id_,
        row.state,
        user.name if user else "",
        row.organization_id,
        row.filename,
        row.content,
        row.language,
        ends,
    )


def _check(work: Work, source: Source) -> bool:
    """Find out what would become of each row; writes none of that."""
    importer = PersonImporter(work.user, work.organization, dry_run=True)
    done = ImportRow.names(work.id)
    if is_all := _each(work, source, importer, done, _check_row):
        _step(CHECK, work)
    return is_all


def _write(work: Work, source: Source) -> bool:
    """Write the rows that whoever said yes has seen as to be written."""
    importer = PersonImporter(work.user, work.organization, dry_run=False)
    names, waiting = ImportRow.names(work.id), ImportRow.to_write(work.id)
    done = {n: name for n, name in names.items() if n not in waiting}
    with index.committing_seldom() as go_on:

        def do(*args: Any) -> None:
            _write_row(*args)
            go_on()

        is_all = _each(work, source, importer, done, do)
    if is_all:
        _step(FINISH, work)
    return is_all


def _each(
    work: Work,
    source: Source,
    importer: PersonImporter,
    done: dict[int, tuple[str, str]],
    do: Callable[[PersonImporter, Work, int, Record], None],
) -> bool:
    """Do something with each row, as long as nobody stops it.

    :param done: the rows that need nothing, by number: name and place. They
        ask the database for nothing, else a long file would never be done
    :returns: whether there is nothing more to do for now
    """
    for number, record in enumerate(source.records()):
        if number in done:
            importer.remember(*done[number])
            continue
        if work.is_stopped():
            return True
        if work.ends():
            return False
        do(importer, work, number, record)
    return True


def _check_row(
    importer: PersonImporter, work: Work, number: int, record: Record
) -> None:
    row = ImportRow(import_id=work.id, number=number)
    _note(row, _outcome(importer, record))
    model.Session.add(row)
    model.Session.commit()


def _write_row(
    importer: PersonImporter, work: Work, number: int, record: Record
) -> None:
    row = ImportRow.get(work.id, number)
    if row is None:
        return
    expected, was_begun = row.result, row.is_begun
    row.is_begun = True
    model.Session.commit()
    if was_begun:
        # Part of it may be there.
        importer.expected = ""
    else:
        is_new = expected == Result.CREATED.value
        importer.expected = CREATE if is_new else PATCH
    outcome = _outcome(importer, record)
    row = ImportRow.get(work.id, number)
    if row is None:
        return
    if was_begun and outcome.result is not Result.FAILED:
        # Part of it was there: what was seen before is what has happened.
        row.project = record.name
    else:
        _note(row, outcome)
    row.is_done = True
    model.Session.commit()


def _outcome(importer: PersonImporter, record: Record) -> Outcome:
    """What becomes of a record; what nobody has thought of is a failure."""
    try:
        return importer.run(record)
    except JobTimeoutException:
        raise
    except Exception as e:  # noqa: BLE001
        model.Session.rollback()
        jobs.log_failure("a row of an import", e)
        said = Complaint(tk._("portal"), broken())
        return Outcome(record, Result.FAILED, complaints=[said])


def _note(row: ImportRow, outcome: Outcome) -> None:
    record = outcome.record
    row.place = printable(record.place)
    row.project = printable(record.name)
    row.result = outcome.result.value
    row.changed = outcome.changed
    # The database can't hold all that files may say.
    row.complaints = _kept([*map(complaint, outcome.complaints)])
    row.reports = _kept(record.reports)


def _kept(said: list[str]) -> list[str]:
    """What is kept of all that is said of a row."""
    num = len(said) - MOST_SAID
    kept = [*map(printable, said[:MOST_SAID])]
    if num > 0:
        more = tk.ungettext(
            "{num} more is not shown", "{num} more are not shown", num
        )
        kept.append(more.format(num=num))
    return kept


def _step(action: str, work: Work) -> None:
    """Let an upload go on by the portal, unless somebody was faster."""
    row = model.Session.get(Import, work.id, populate_existing=True)
    if row is not None and row.state == work.state:
        since = row.modified
        WORKFLOW.go_on(action, row, {"user": work.user})
        tell_how_far(row, since)
    model.Session.commit()


_STAGES: dict[str, Callable[[Work, Source], bool]] = {
    ImportState.UPLOADED.value: _check,
    ImportState.RUNNING.value: _write,
}

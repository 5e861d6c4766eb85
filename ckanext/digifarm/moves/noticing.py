"""Notices that projects go to other organisations, whichever way.

By a form, the API, an import or an approval; what follows is a job, see
telling.py.
"""

from __future__ import annotations

import sqlalchemy as sa

from ..lib import jobs
from ..lib.ckan import model
from ..lib.jobs import Job

#: Name of the job that tells of it.
MOVED = "project-moved"


def moved(project_id: str, source: str | None) -> None:
    """Let those be told who get a project; commits nothing.

    As long as nobody has been told, more moves are one: the project comes
    from where it was at first. Whoever moves it holds its row, as does the
    job; so none is missed.

    :param project_id: of the project
    :param source: id of the organisation that had it, if one had
    """
    if not _waits(project_id):
        jobs.later(MOVED, key(project_id, source))


def key(project_id: str, source: str | None) -> str:
    """What the job is given."""
    return f"{project_id} {source or ''}"


def read(key: str) -> tuple[str, str]:
    """The project and the organisation that a key names; see `key`."""
    project_id, _, source = key.partition(" ")
    return project_id, source


def _waits(project_id: str) -> bool:
    """Whether a job tells of the project already."""
    start = key(project_id, None)
    noted = (job for job in model.Session.new if isinstance(job, Job))
    if any(job.kind == MOVED and job.key.startswith(start) for job in noted):
        return True
    query = sa.select(Job.id).where(
        Job.kind == MOVED, Job.key.startswith(start, autoescape=True)
    )
    return model.Session.scalar(query.limit(1)) is not None

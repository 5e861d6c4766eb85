"""Pictures by an address elsewhere on the web, which become the portal's own.

Else each visitor's browser would load them from a server that learns of the
visit. They are loaded once the project is public: what is only proposed must
not lie among the files of the portal.
"""

from __future__ import annotations

import io
import logging
from typing import Any

import ckantoolkit as tk
from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from ..config import PROJECT_TYPE
from ..lib import fetch, index, jobs, lookups
from ..lib.ckan import get_max_image_size, make_uuid, model
from . import pictures

log = logging.getLogger(__name__)

#: So often a server that doesn't answer is asked, within some hours.
MOST_ATTEMPTS = 5

#: Name of the job that loads one.
LOAD = "load-picture"


@event.listens_for(model.Session, "before_flush")
def note(session: Session, *_: Any) -> None:
    """Let a worker load what a project that is public has by an address."""
    for package in (*session.new, *session.dirty):
        if _is_changed(session, package) and _address(package):
            # Its job needs it already.
            package.id = package.id or make_uuid()
            jobs.later(LOAD, package.id)


def _is_changed(session: Session, row: Any) -> bool:
    is_project = isinstance(row, model.Package) and row.type == PROJECT_TYPE
    return is_project and session.is_modified(row)


def _address(project: model.Package) -> str:
    """Where the picture of a public project is loaded from, or ""."""
    address = (project.extras or {}).get(pictures.URL_FIELD)
    is_public = project.state in {None, model.State.ACTIVE}
    if project.private or not is_public or not pictures.is_foreign(address):
        return ""
    return str(address)


@jobs.kind(LOAD)
def load(project_id: str) -> None:
    """The job that gives a project a picture of its own; commits that.

    Where there is none, the address stays, and nothing is shown. Whoever
    saves the project again tries again.

    :param project_id: of a project that may be gone by now
    :raises FetchError: where the server elsewhere doesn't answer now, so that
        the job is tried again
    """
    project = model.Session.get(model.Package, project_id)
    address = _address(project) if project else ""
    if not address:
        return
    try:
        content = _content(address)
    except (fetch.NothingThereError, tk.ValidationError) as e:
        log.info("The picture of %s was not loaded: %s", project_id, e)
        return
    except fetch.FetchError:
        if jobs.attempts(LOAD, project_id) < MOST_ATTEMPTS:
            raise
        return
    project = lookups.lock_by_id(model.Package, project_id)
    # It may have another one meanwhile.
    if project and _address(project) == address:
        with pictures.kept(content) as name:
            project.extras = {**project.extras, pictures.URL_FIELD: name}
            index.reindex_later(project_id)
            model.Session.commit()


def _content(address: str) -> bytes:
    """A picture from elsewhere, as if it were uploaded.

    :raises FetchError: where it can't be had
    :raises ValidationError: where it is none that could be uploaded
    """
    limit = get_max_image_size() * 1024 * 1024
    loaded = fetch.get(address, limit)
    return pictures.content(FileStorage(io.BytesIO(loaded)))

"""Brings the search index up to date after a commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import ckantoolkit as tk
import sqlalchemy as sa
from rq.timeouts import JobTimeoutException

from ..config import PROJECT_TYPE
from . import jobs, lookups
from .ckan import (
    Context,
    SearchIndexError,
    index_update_package,
    make_connection,
    model,
    search,
    solr_literal,
)

#: Names of jobs.
REINDEX = "reindex"
REINDEX_SUPPORTED = "reindex-supported"
REINDEX_PUBLISHED = "reindex-published"

#: Whether Solr opens its index anew for each package that is saved.
COMMITS = "ckan.search.solr_commit"

#: While much is saved, searches find it after so many saves.
TOGETHER = 50


def reindex_later(project_id: str) -> None:
    """Bring a project's entry in the index up to date after the commit."""
    jobs.later(REINDEX, project_id)


def reindex_supported_later(partner_id: str) -> None:
    """The same for all projects that a partner supports."""
    jobs.later(REINDEX_SUPPORTED, partner_id)


def reindex_published_later(organization_id: str) -> None:
    """The same for all projects of an organisation."""
    jobs.later(REINDEX_PUBLISHED, organization_id)


@jobs.kind(REINDEX_PUBLISHED)
def reindex_published(organization_id: str) -> None:
    """The job that notes one for each project of an organisation.

    A project's entry holds all that is said of its organisation.
    """
    query = sa.select(model.Package.id).where(
        model.Package.owner_org == organization_id,
        model.Package.type == PROJECT_TYPE,
    )
    jobs.later_each(REINDEX, model.Session.scalars(query).all())


@jobs.kind(REINDEX)
def reindex(project_id: str) -> None:
    """The job that brings a project's entry in the index up to date.

    Commits nothing; core's `rebuild` would.

    :param project_id: of a project that may be gone by now
    """
    # Core holds a row that it changes until its commit, and writes to the
    # index before that: who read before and wrote after it would write what
    # was.
    if lookups.lock_by_id(model.Package, project_id):
        index_update_package(Context(ignore_auth=True), project_id)
    else:
        search.clear(project_id)


def clear_type(package_type: str) -> None:
    """Take all packages of a type out of the index, by one request.

    :raises pysolr.SolrError: where Solr doesn't answer
    """
    site = solr_literal(tk.config["ckan.site_id"])
    make_connection().delete(
        q=(
            f"+site_id:{site} +entity_type:package"
            f" +dataset_type:{package_type}"
        ),
        commit=True,
    )


@contextmanager
def committing_seldom(*, is_dry: bool = False) -> Iterator[Callable[[], None]]:
    """Let Solr open its index anew now and then, not for each package.

    That costs Solr the more, the larger its index is. Where CKAN leaves it to
    Solr anyway, it stays so.

    :param is_dry: whether nothing is saved at all: then it isn't opened
    :returns: gives what is to be called after each save
    """
    if is_dry or not tk.config[COMMITS]:
        yield lambda: None
        return
    saves = 0

    def go_on() -> None:
        nonlocal saves
        saves += 1
        if saves % TOGETHER == 0:
            _commit()

    tk.config[COMMITS] = False
    try:
        yield go_on
    finally:
        tk.config[COMMITS] = True
        _commit()


def _commit() -> None:
    try:
        search.commit()
    except SearchIndexError as e:
        # Core makes one of whatever happens meanwhile.
        if isinstance(e.__context__, JobTimeoutException):
            raise e.__context__ from None
        # It logs why; whatever is committed next shows what waits.

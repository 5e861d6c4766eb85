"""Who indexes a project, who changes it, and others who index it meet."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from ckan import model
from ckan.lib.search import rebuild
from ckan.lib.search.common import make_connection
from ckan.lib.search.index import PackageSearchIndex
from ckan.tests.helpers import call_action
from ckanext.digifarm.core import due
from ckanext.digifarm.lib import index, jobs
from ckanext.digifarm.lib.due_work import Due
from ckanext.digifarm.lib.jobs import Job

from ..acting import as_portal, in_two_threads
from ..locks import until_done_or_waiting
from ..working import forget_jobs, run_due

Wait = Callable[[], object]


@pytest.fixture(autouse=True)
def nothing(shared_app) -> None:
    model.Session.query(Due).delete()
    model.Session.commit()
    forget_jobs()


@pytest.fixture
def projects(project_factory) -> list[str]:
    """Ids of projects."""
    ids = [project_factory()["id"] for _ in range(3)]
    forget_jobs()
    return ids


@pytest.fixture
def indexing(monkeypatch) -> Callable[[Callable[[str], object]], None]:
    """Lets something happen when a project was read, and before Solr."""
    update = PackageSearchIndex.update_dict

    def indexing(act: Callable[[str], object]) -> None:
        def update_dict(self: Any, pkg_dict: Any, *args: Any) -> None:
            act(pkg_dict["id"])
            update(self, pkg_dict, *args)

        monkeypatch.setattr(PackageSearchIndex, "update_dict", update_dict)

    return indexing


def indexed(id_: str) -> list[dict[str, Any]]:
    """What Solr has of a project."""
    return make_connection().search(f"id:{id_}", fl="*").docs


def hide(ids: list[str]) -> None:
    """Make projects private in the database, and nowhere else."""
    package = model.package_table
    model.Session.execute(
        sa.update(package).where(package.c.id.in_(ids)).values(private=True)
    )
    model.Session.commit()


def in_two_workers(app: Any, indexing: Any, work: Wait) -> Counter[str]:
    """How often which project is indexed where two do the same work.

    The second one begins while the first one is at its second project, and
    comes to its end before that.
    """
    done: list[str] = []
    begun, ended = threading.Event(), threading.Event()

    def note(id_: str) -> None:
        done.append(id_)
        if len(done) == 2:
            begun.set()
            assert ended.wait(20)

    def second() -> None:
        assert begun.wait(20)
        try:
            work()
        finally:
            ended.set()

    indexing(note)
    in_two_threads(app, work, second)
    return Counter(done)


def test_two_processes_repair_no_project_twice(shared_app, projects, indexing):
    hide(projects)
    [kind] = [kind for kind in due.KINDS if kind.name == "index"]

    def work() -> None:
        kind.run()
        jobs.run()

    assert in_two_workers(shared_app, indexing, work) == Counter(projects)
    assert {indexed(id_)[0]["capacity"] for id_ in projects} == {"private"}
    assert jobs.waiting(index.REINDEX) == set()


def test_two_workers_index_nothing_twice_for_a_partner(
    shared_app, projects, indexing
):
    partner = call_action(
        "digifarm_partner_create", title="Radclub", kind="association"
    )
    for id_ in projects:
        call_action(
            "digifarm_support_create",
            project=id_,
            area="technology",
            partner=partner["id"],
        )
    forget_jobs()
    call_action("digifarm_partner_update", id=partner["id"], title="Radverein")
    found = in_two_workers(shared_app, indexing, jobs.run)
    assert found == Counter(projects)
    for id_ in projects:
        assert indexed(id_)[0]["vocab_partner"] == ["Radverein"]
    call_action("digifarm_partner_delete", id=partner["id"])


def test_what_cannot_be_repaired_waits_once(projects, indexing):
    def fails(id_: str) -> None:
        raise ValueError(id_)

    hide(projects[:1])
    indexing(fails)
    for _ in range(2):
        run_due("index")
        model.Session.query(Due).delete()
        model.Session.commit()
        jobs.run()
    query = sa.select(Job.key, Job.attempts)
    assert model.Session.execute(query).all() == [(projects[0], 1)]


def test_indexing_commits_nothing(projects):
    model.Session.add(Job(kind="unknown", key=""))
    model.Session.flush()
    index.reindex(projects[0])
    index.reindex("gone")
    model.Session.rollback()
    assert model.Session.query(Job).count() == 0


def hidden(id_: str) -> None:
    as_portal("package_patch", id=id_, private=True)


def deleted(id_: str) -> None:
    as_portal("package_delete", id=id_)


def purged(id_: str) -> None:
    as_portal("dataset_purge", id=id_)


@pytest.mark.parametrize(
    ("change", "left"), [(hidden, ["private"]), (deleted, []), (purged, [])]
)
def test_what_was_read_before_a_change_is_not_written_after_it(
    change, left, shared_app, projects, indexing
):
    id_ = projects[0]
    was_read, was_changed = threading.Event(), threading.Event()
    workers: list[int] = []

    def wait(_: str) -> None:
        if threading.get_ident() in workers:
            was_read.set()
            until_done_or_waiting(was_changed.is_set)

    def work() -> None:
        workers.append(threading.get_ident())
        jobs.run()

    def edit() -> None:
        assert was_read.wait(20)
        change(id_)
        was_changed.set()

    index.reindex_later(id_)
    model.Session.commit()
    indexing(wait)
    in_two_threads(shared_app, work, edit)
    assert [document["capacity"] for document in indexed(id_)] == left


def test_what_is_changed_is_read_once_that_is_done(
    shared_app, projects, indexing
):
    """Also by a worker whose session has read the project before."""
    id_ = projects[0]
    was_written, has_tried = threading.Event(), threading.Event()
    editors: list[int] = []

    def wait(_: str) -> None:
        if threading.get_ident() in editors:
            was_written.set()
            until_done_or_waiting(has_tried.is_set)

    def edit() -> None:
        editors.append(threading.get_ident())
        hidden(id_)

    def work() -> None:
        project = model.Package.get(id_)
        assert project
        assert not project.private
        model.Session.commit()
        assert was_written.wait(20)
        index.reindex(id_)
        model.Session.commit()
        has_tried.set()

    indexing(wait)
    in_two_threads(shared_app, edit, work)
    assert [d["capacity"] for d in indexed(id_)] == ["private"]
    rebuild(id_)

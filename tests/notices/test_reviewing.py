"""Reviewers are told which approved projects were edited."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import pytest

from ckan import model
from ckan.tests.helpers import changed_config
from ckanext.digifarm.lib import clock
from ckanext.digifarm.notices import gathering
from ckanext.digifarm.notices.kinds import KINDS
from ckanext.digifarm.notices.model import Notice
from ckanext.digifarm.proposals.seen import Seen

from ..acting import as_user
from ..offering import REVIEWERS
from ..scenes import Scene, Start, create_scene, forget_all, proposal
from .news import notices

pytestmark = pytest.mark.usefixtures("shared_app", "nothing")


@pytest.fixture(scope="module")
def portal(shared_app) -> Iterator[Scene]:
    yield create_scene()
    forget_all()


@pytest.fixture
def approved(portal, nothing) -> Iterator[Start]:
    """A project that was approved, and nobody has edited since."""
    with changed_config("ckanext.digifarm.review_organization", REVIEWERS):
        forget_all()
        start = proposal("approved")(portal)
        project = model.Package.get(start.row.project_id)
        moment = clock.now()
        start.row.modified = moment
        project.metadata_modified = moment - datetime.timedelta(minutes=1)
        model.Session.merge(
            Seen(project_id=project.id, fields={}, seen=moment)
        )
        model.Session.commit()
        gather()
        yield start


def gather() -> None:
    gathering.gather()
    model.Session.commit()


def edit(start: Start, minutes: int = 1) -> None:
    project = model.Package.get(start.row.project_id)
    later = clock.now() + datetime.timedelta(minutes=minutes)
    project.metadata_modified = later
    model.Session.commit()


def told() -> list[tuple[str, str]]:
    """Names of those who are told, and what."""
    return [
        (
            model.Session.get(model.User, one.user_id).name,
            KINDS[one.kind].title(one.data),
        )
        for one in notices()
        if one.kind == "project-edited"
    ]


def test_nothing_is_told_of_what_nobody_has_edited(approved):
    gather()
    assert told() == []


def test_it_is_told_once_until_somebody_looks(approved, portal):
    edit(approved)
    for minutes in (1, 2):
        edit(approved, minutes)
        gather()
    [(name, title)] = told()
    assert name == portal.people["reviewer"]
    assert title.endswith("was edited after its approval")
    row = model.Session.get(Seen, approved.row.project_id)
    assert row
    row.seen = clock.now() + datetime.timedelta(minutes=3)
    model.Session.commit()
    gather()
    assert len(told()) == 1
    edit(approved, 4)
    gather()
    assert len(told()) == 2


def test_it_needs_reviewers(approved):
    edit(approved)
    with changed_config("ckanext.digifarm.review_organization", ""):
        gather()
    assert told() == []


@pytest.mark.parametrize("editor", ["reviewer", "owner"])
def test_who_has_edited_it_knows(editor, approved, portal):
    project: Any = model.Package.get(approved.row.project_id)
    as_user(
        portal.people["sysadmin"],
        "activity_create",
        user_id=portal.people[editor],
        object_id=project.id,
        activity_type="changed package",
        data={"package": {"title": project.title}},
    )
    edit(approved)
    gather()
    names = [name for name, _ in told()]
    assert (portal.people["reviewer"] in names) is (editor != "reviewer")
    assert model.Session.query(Notice).count() == len(names)

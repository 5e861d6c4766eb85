"""Kinds of notices that tests tell, and those who are told."""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.tests import factories
from ckanext.digifarm.notices.kinds import KINDS, Kind
from ckanext.digifarm.notices.model import Notice
from ckanext.digifarm.notices.telling import tell

from ..working import run_due

URGENT = Kind(
    "test_urgent",
    label=lambda: "Data is gone",
    title=lambda data: f"“{data['title']}” is gone",
    text=lambda data: ["It was deleted."],
    steps=lambda data: [("Look at the project", "https://example.org/a")],
    is_urgent=True,
)
LATER = Kind(
    "test_later",
    label=lambda: "What is new",
    title=lambda data: f"“{data['title']}” is new",
    steps=lambda data: [("See it", "https://example.org/b")],
)

for kind in (URGENT, LATER):
    KINDS.setdefault(kind.name, kind)


def user(**fields: Any) -> model.User:
    found = model.User.get(factories.User(**fields)["id"])
    assert found
    return found


def said(
    kind: Kind,
    *users: model.User,
    key: str = "a",
    title: str = "Bäume",
    package_ids: Any = (),
    is_told: bool = True,
) -> int:
    """Tell users something, and commit.

    :param is_told: whether `run-due` writes the mails of what is urgent
    """
    told = tell(
        kind,
        users,
        key,
        package_ids=package_ids,
        data={"title": title},
    )
    model.Session.commit()
    if is_told:
        run_due("urgent-notices")
        model.Session.rollback()
    return told


def notices() -> list[Notice]:
    """All notices, as they are stored."""
    model.Session.rollback()
    return (
        model.Session.query(Notice)
        .order_by(Notice.created, Notice.key)
        .populate_existing()
        .all()
    )

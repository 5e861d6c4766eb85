"""Core's bulk updates change all or nothing of what waits for a review."""

from __future__ import annotations

from collections.abc import Iterator

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import changed_config

from ..acting import as_portal, as_user
from ..browsing import Browser
from ..proposing import REVIEWERS, create_people, empty_tables, pending

pytestmark = pytest.mark.usefixtures("shared_app")


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture
def ids(people) -> Iterator[list[str]]:
    """A dataset of the reviewers and a proposal that waits."""
    empty_tables()
    dataset = factories.Dataset(owner_org=owner(), private=True)
    with changed_config("ckanext.digifarm.review_organization", REVIEWERS):
        yield [dataset["id"], pending().project_id or ""]


def owner() -> str:
    return model.Group.get(REVIEWERS).id


def states(ids: list[str]) -> list[tuple[bool, str]]:
    model.Session.rollback()
    model.Session.expire_all()
    packages = [model.Package.get(id_) for id_ in ids]
    return [(p.private, p.state) for p in packages]


@pytest.mark.parametrize("step", ["public", "delete"])
def test_nothing_is_changed_where_one_waits(step, ids, people):
    before = states(ids)
    with pytest.raises(tk.NotAuthorized, match="This is a proposal"):
        as_user(
            people["other_reviewer"],
            f"bulk_update_{step}",
            datasets=ids,
            org_id=owner(),
        )
    assert states(ids) == before


@pytest.mark.parametrize("step", ["public", "delete"])
def test_the_page_says_no(step, ids, people, shared_app):
    browser = Browser(shared_app, model.User.get(people["other_reviewer"]).id)
    before = states(ids)
    response = browser.post(
        f"/organization/bulk_process/{REVIEWERS}",
        data={
            "_csrf_token": browser.token(),
            f"bulk_action.{step}": "x",
            **{f"dataset_{id_}": "1" for id_ in ids},
        },
    )
    assert response.status_code == 403
    assert states(ids) == before


def test_others_are_changed(ids, people):
    for step, expected in (
        ("public", (False, "active")),
        ("private", (True, "active")),
        ("delete", (True, "deleted")),
    ):
        as_user(
            people["other_reviewer"],
            f"bulk_update_{step}",
            datasets=ids[:1],
            org_id=owner(),
        )
        assert states(ids[:1]) == [expected]


def test_what_is_private_stays_private(ids):
    as_portal("bulk_update_private", datasets=ids, org_id=owner())
    assert states(ids) == [(True, "active")] * 2

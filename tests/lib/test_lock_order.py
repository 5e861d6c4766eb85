"""Whatever two people do at the same moment, none of them waits for ever.

And what one of them counts on stays so until they are done.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from ckan import model
from ckan.tests import factories
from ckanext.digifarm.lib.events import Event
from ckanext.digifarm.links.model import Link
from ckanext.digifarm.partners.model import Partner
from ckanext.digifarm.support.model import Support

from ..acting import as_portal, as_user
from ..locks import DONE, NOT_FOUND, meeting
from ..offering import OFFER
from ..scenes import Scene, partner, support, task


@pytest.fixture
def two_partners(scene) -> tuple[str, str]:
    """Ids of two partners of the directory."""
    return (
        partner("active")(scene).id,
        partner("active", "Die offene Werkstatt")(scene).id,
    )


@pytest.mark.parametrize("way", ["into the other", "from the other"])
def test_an_offer_is_accepted_while_partners_are_joined(
    way, scene, two_partners, shared_app
):
    offered, chosen = two_partners
    row = support("offered")(scene).row
    row.partner_id = offered
    model.Session.commit()
    goes, stays = (
        (offered, chosen) if way == "into the other" else (chosen, offered)
    )
    id_ = row.id
    results = meeting(
        shared_app,
        row,
        lambda: as_user(
            scene.named("owner"),
            "digifarm_support_accept",
            id=id_,
            partner=chosen,
        ),
        lambda: as_user(
            scene.named("reviewer"),
            "digifarm_partner_merge",
            id=goes,
            into=stays,
        ),
    )
    # Whoever was faster, both can be done, one after the other; but who says
    # that it is a partner that is gone by now is told so.
    [found] = model.Session.query(Support)
    states = dict(model.Session.query(Partner.id, Partner.state).all())
    assert results[1] == DONE
    assert states == {goes: "deleted", stays: "active"}
    assert found.partner_id == stays
    assert (results[0], found.state) in {
        (DONE, "accepted"),
        (NOT_FOUND, "offered"),
    }


def recorded(scene: Scene, partner_id: str) -> Callable[[], Any]:
    return lambda: as_user(
        scene.named("owner"),
        "digifarm_support_create",
        project=scene.project["id"],
        area="technology",
        partner=partner_id,
    )


def requested(scene: Scene, partner_id: str) -> Callable[[], Any]:
    return lambda: as_user(
        scene.named("owner"),
        "digifarm_support_request",
        project=scene.project["id"],
        area="technology",
        partner=partner_id,
    )


def offered(scene: Scene, partner_id: str) -> Callable[[], Any]:
    return lambda: as_user(
        scene.named("offerer"),
        "digifarm_support_offer",
        project=scene.project["id"],
        partner=partner_id,
        **OFFER,
    )


def accepted_as(scene: Scene, partner_id: str) -> Callable[[], Any]:
    id_ = support("offered")(scene).id
    return lambda: as_user(
        scene.named("owner"),
        "digifarm_support_accept",
        id=id_,
        partner=partner_id,
    )


@pytest.mark.parametrize("way", [recorded, requested, offered, accepted_as])
def test_nothing_is_given_by_a_partner_that_leaves_meanwhile(
    way, scene, shared_app
):
    row = partner("active")(scene).row
    gone = sa.update(Partner).where(Partner.id == row.id)
    results = meeting(
        shared_app,
        row,
        way(scene, row.id),
        meanwhile=lambda first: first.execute(gone.values(state="deleted")),
    )
    assert results == [NOT_FOUND]
    assert not model.Session.query(Support).filter_by(partner_id=row.id).all()


def confirmed(scene: Scene) -> Callable[[], Any]:
    token = support("unconfirmed")(scene).token
    return lambda: as_user("", "digifarm_support_confirm", token=token)


def taken(scene: Scene) -> Callable[[], Any]:
    id_ = task("open")(scene).id
    taker = {"name": "Kim", "email": "kim@example.org", "consent": True}
    return lambda: as_user("", "digifarm_task_take", id=id_, **taker)


@pytest.mark.parametrize("way", [confirmed, taken])
def test_nobody_helps_a_project_that_is_ended_meanwhile(
    way, scene, shared_app
):
    row = model.Package.get(scene.project["id"])
    assert row
    over = sa.update(model.Package).where(model.Package.id == row.id)
    extras = {**row.extras, "stage": "ended"}
    [result] = meeting(
        shared_app,
        row,
        way(scene),
        meanwhile=lambda first: first.execute(over.values(extras=extras)),
    )
    assert "discontinued" in str(result)


def test_a_link_is_removed_once(scene, shared_app):
    dataset = factories.Dataset()
    pair = {"project": scene.project["id"], "dataset": dataset["id"]}
    as_portal("digifarm_link_create", **pair)
    [row] = model.Session.query(Link)

    def remove() -> None:
        as_portal("digifarm_link_delete", **pair)

    results = meeting(shared_app, row, remove, remove)
    assert sorted(results) == sorted([DONE, NOT_FOUND])
    removed = model.Session.query(Event).filter_by(
        subject="link", action="removed"
    )
    assert removed.count() == 1


def test_who_is_refused_holds_nothing_any_longer(scene):
    row = support("accepted")(scene).row
    id_ = row.id
    with pytest.raises(Exception, match="accepted already"):
        as_user(scene.named("owner"), "digifarm_support_accept", id=id_)
    with model.meta.engine.connect() as other:
        query = sa.select(Support.id).where(Support.id == id_)
        assert other.execute(query.with_for_update(nowait=True)).one()
        other.rollback()

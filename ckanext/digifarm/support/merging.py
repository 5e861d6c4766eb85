"""What two entries of the same partner support."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from ..lib import waiting
from ..lib.ckan import model
from .model import Support, SupportState


def doubled(from_id: str, to_id: str) -> list[Support]:
    """What nobody needs any more where two partners are the same, locked.

    What both support at once, in the same area, the first one supports no
    longer; and no request waits for what one of them gives already.

    :param from_id: id of the partner that goes
    :param to_id: id of the other one
    """
    supports = model.Session.scalars(
        sa.select(Support)
        .where(Support.partner_id.in_((from_id, to_id)))
        .order_by(Support.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    return [
        support
        for support in supports
        if _is_doubled(support, supports, to_id)
    ]


def _is_doubled(
    support: Support, supports: Sequence[Support], to_id: str
) -> bool:
    others = {
        other.state
        for other in supports
        if other.partner_id != support.partner_id
        and (other.project_id, other.area)
        == (support.project_id, support.area)
    }
    if support.state == SupportState.REQUESTED.value and (
        SupportState.ACCEPTED.value in others
    ):
        return True
    return (
        support.partner_id != to_id
        and support.state in others
        and support.state
        in {SupportState.ACCEPTED.value, SupportState.REQUESTED.value}
    )


def move(from_id: str, to_id: str) -> None:
    """Give what a partner supports to another one; commits nothing.

    :param from_id: id of the partner that supports
    :param to_id: id of the other one
    """
    moved = model.Session.scalars(
        sa.update(Support)
        .where(Support.partner_id == from_id)
        .values(partner_id=to_id)
        .returning(Support.project_id)
        .execution_options(synchronize_session="fetch")
    )
    # Others act for the other one.
    waiting.look_again_later({*moved})

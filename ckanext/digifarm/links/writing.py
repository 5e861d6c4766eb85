"""Writes links and removes them, with all that this brings about."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ..lib.acting import Acting
from ..lib.actors import Actor
from ..lib.ckan import Context, model
from ..lib.context import user_id
from ..lib.events import Change
from ..losses import looking
from . import activity, history
from .model import Link, Side
from .removed_notices import tell_removed

#: What is said of a link, and can be changed.
SAID = ("relation", "note")


class Pair(NamedTuple):
    """Two packages of a link.

    :param side: the one that acts
    """

    project: model.Package
    dataset: model.Package
    side: Side

    @property
    def ids(self) -> tuple[str, str]:
        """The key of their link."""
        return self.project.id, self.dataset.id


def write(
    context: Context, pairs: Collection[Pair], said: Mapping[str, Any]
) -> list[Link]:
    """Link pairs, or change what is said of their links; commits nothing.

    The same number of statements reads and writes all links; only activities
    take some for each.

    :param pairs: each once
    :param said: `relation` and `note`
    :returns: the links, in the order of the pairs
    """
    values = {key: said[key] for key in SAID}
    relations = {
        (link.project_id, link.dataset_id): link.relation
        for link in _stored(pairs)
    }
    user = user_id(context)
    written = _insert(pairs, values, user)
    links = {
        (link.project_id, link.dataset_id): link for link in _stored(pairs)
    }
    for pair in pairs:
        if (is_new := written.get(pair.ids)) is None:
            continue
        history.record(
            Change.CREATED if is_new else Change.CHANGED,
            links[pair.ids],
            pair.project,
            relations.get(pair.ids),
            by=Acting(_actor(pair.side), user),
        )
        if is_new:
            activity.record(activity.LINKED, context, links[pair.ids])
    new = {dataset for (_, dataset), is_new in written.items() if is_new}
    if new:
        looking.look_at(new)
    return [links[pair.ids] for pair in pairs]


def remove(
    context: Context, link: Link, pair: Pair, said: Mapping[str, Any]
) -> None:
    """Remove a link that is locked, and tell whom it concerns.

    Commits nothing.

    :param said: `reason`
    """
    by = Acting(_actor(pair.side), user_id(context))
    reason = said["reason"]
    event = history.record(
        Change.REMOVED, link, pair.project, by=by, reason=reason
    )
    # By a statement, as the session would write it down without a reason.
    model.Session.flush()
    model.Session.expunge(link)
    is_it = sa.and_(
        Link.project_id == pair.project.id, Link.dataset_id == pair.dataset.id
    )
    model.Session.execute(sa.delete(Link).where(is_it))
    looking.look_at({pair.dataset.id})
    if pair.side is Side.DATASET:
        tell_removed(pair.project, pair.dataset, event, by.user_id)


def _stored(pairs: Collection[Pair]) -> list[Link]:
    """The links of pairs, as they are now."""
    key = sa.tuple_(Link.project_id, Link.dataset_id)
    query = sa.select(Link).where(key.in_([pair.ids for pair in pairs]))
    return list(
        model.Session.scalars(
            query, execution_options={"populate_existing": True}
        )
    )


def _insert(
    pairs: Collection[Pair], values: dict[str, str], user: str | None
) -> dict[tuple[str, str], bool]:
    """Write links; two people may link the same pair at the same moment.

    :returns: whether each is new, by its key; what was so already is left out
    """
    # In one order, so that nobody waits for each other.
    rows = [
        {
            "project_id": pair.project.id,
            "dataset_id": pair.dataset.id,
            "linked_from": pair.side.value,
            "created_by": user,
            **values,
        }
        for pair in sorted(pairs, key=lambda pair: pair.ids)
    ]
    query = (
        insert(Link)
        .values(rows)
        .on_conflict_do_update(
            index_elements=[Link.project_id, Link.dataset_id],
            set_=values,
            where=sa.or_(
                *(getattr(Link, key) != values[key] for key in values)
            ),
        )
        # A row that was there before has been updated by somebody.
        .returning(
            Link.project_id, Link.dataset_id, sa.literal_column("xmax = 0")
        )
    )
    return {
        (project, dataset): is_new
        for project, dataset, is_new in model.Session.execute(query)
    }


def _actor(side: Side) -> Actor:
    return Actor.PROJECT if side is Side.PROJECT else Actor.DATASET

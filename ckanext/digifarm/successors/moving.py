"""Moves links of projects to the datasets that replace those they have."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ..lib.acting import Acting, acting
from ..lib.ckan import Context, model
from ..lib.events import Change
from ..links import activity, history
from ..links.model import Link
from ..losses import looking


def move(
    context: Context,
    link: Link,
    project: model.Package,
    dataset_id: str,
    by: Acting,
    *,
    is_by_portal: bool = False,
) -> Link:
    """Move a link, which keeps relation, note and age; commits nothing.

    Where the project has a link with the other dataset already, that stays
    as it is; it only gets the note if it has none.

    As events, one link is removed and another one created: whoever counts
    links of datasets need not know of moves.

    :param context: of whoever does it, for the activities
    :param link: locked
    :param dataset_id: where it goes
    :param by: who does it
    :param is_by_portal: whether it may be moved back, as nobody has decided
        it for this project
    :returns: the link with the other dataset
    """
    activity.record(activity.UNLINKED, context, link)
    # Where people last wanted it.
    origin = link.moved_from or link.dataset_id
    # Two of its links may go there at the same moment.
    is_new = model.Session.execute(
        insert(Link)
        .values(
            project_id=project.id,
            dataset_id=dataset_id,
            relation=link.relation,
            note=link.note,
            linked_from=link.linked_from,
            created=link.created,
            created_by=link.created_by,
            moved_from=origin if is_by_portal else None,
        )
        .on_conflict_do_nothing()
        .returning(sa.literal(1))
    ).scalar()
    moved = Link.get(project.id, dataset_id, locked=True)
    assert moved  # noqa: S101 – it was written above, or before
    with acting(*by):
        if is_new:
            history.record(Change.CREATED, moved, project)
        elif not moved.note:
            moved.note = link.note
        model.Session.delete(link)
        model.Session.flush()
    if is_new:
        activity.record(activity.LINKED, context, moved)
    # What is gone from there is no loss of this project any more.
    looking.look_at({link.dataset_id, dataset_id})
    return moved

"""What becomes of links, written down as events."""

from __future__ import annotations

from ..lib.acting import Acting
from ..lib.ckan import model
from ..lib.events import Change, Event, Subject
from .model import Link, Relation, Side
from .use_counts import recount_later


def record(
    change: Change,
    link: Link,
    project: model.Package,
    before: str | None = None,
    *,
    by: Acting | None = None,
    reason: str = "",
) -> str:
    """Write down that a link was created, changed or removed.

    How much datasets are used is counted after the commit. Commits nothing.

    :param project: its project
    :param before: its relation before, where it is changed
    :param by: who did it (default: who acts now)
    :param reason: why, in their words
    :returns: the id of the event, or "" where there is none
    """
    # What is about to be written has no defaults yet.
    relation = link.relation or Relation.USES.value
    if project.state == "draft":
        return ""
    recount_later()
    source, target = {
        Change.CREATED: (None, relation),
        Change.CHANGED: (before or relation, relation),
        Change.REMOVED: (relation, None),
    }[change]
    return Event.record(
        Subject.LINK,
        f"{link.project_id} {link.dataset_id}",
        change,
        source,
        target,
        project=project,
        by=by,
        reason=reason,
        data={
            "dataset": link.dataset_id,
            "relation": relation,
            "linked_from": link.linked_from or Side.PROJECT.value,
        },
    )

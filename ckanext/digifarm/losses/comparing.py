"""What a dataset has lost since it was last seen.

A loss is a word: `purged`, `deleted`, `unpublished` (a draft again),
`private`, `moved`, or `format` with the format that is gone. At first it is
only suspected: harvesters take things away and put them back. What is so still
at a second look is told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from ..lib.ckan import model

PURGED, DELETED, UNPUBLISHED = "purged", "deleted", "unpublished"
PRIVATE, MOVED = "private", "moved"

FORMAT = "format "

#: A state that CKAN has no word for.
DRAFT = "draft"

#: It is not there any more.
GONE = (PURGED, DELETED)

#: It is not there for its readers: the worst first.
OUT_OF_SIGHT = (*GONE, UNPUBLISHED)

#: So long after the first look comes the second one.
SECOND_LOOK = timedelta(minutes=15)

#: So long one loss waits for others of the same dataset, to be told together.
#: `run-due` comes every five minutes, and people hear within half an hour.
LATEST = timedelta(minutes=19)


class Dataset(NamedTuple):
    """A dataset, as far as it matters to those who use it."""

    id: str
    name: str
    title: str
    state: str
    private: bool
    owner_org: str | None
    url: str
    identifiers: list[str]
    formats: list[str]

    @property
    def is_there(self) -> bool:
        """Whether it is neither deleted nor a draft."""
        return self.state == model.State.ACTIVE


class Seen(NamedTuple):
    """What was last seen of a dataset; see model.py."""

    dataset: Dataset
    projects: Mapping[str, str]
    missing: Mapping[str, str] = {}

    def values(self) -> dict[str, object]:
        """The columns of its row."""
        return {
            **self.dataset._asdict(),
            "projects": dict(self.projects),
            "missing": dict(self.missing),
        }


class Sight(NamedTuple):
    """A dataset at one look: what was, and what is."""

    seen: Seen | None
    #: None where it is purged.
    now: Dataset | None
    #: The projects that are linked with it now, with the relations.
    links: Mapping[str, str]

    def looked(self, at: datetime) -> Seen | None:
        """What is written down of it.

        :param at: when it was looked at
        :returns: None where it is to be forgotten
        """
        seen, now = self.seen, self.now
        if seen is None:
            return Seen(now, self.links) if now else None
        missing = {
            loss: since(seen.missing, loss) or at.isoformat()
            for loss in self._losses(seen)
        }
        projects = self._concerned(seen)
        if missing and projects:
            # A format that is new may be gone at the next look.
            formats = {*seen.dataset.formats, *(now.formats if now else ())}
            before = seen.dataset._replace(formats=sorted(formats))
            return Seen(before, projects, missing)
        return Seen(now, self.links) if now and self.links else None

    def _losses(self, seen: Seen) -> list[str]:
        if self.now and PURGED in seen.missing and not self.links:
            # It is there anew, but what was linked with it is not.
            return [PURGED]
        return losses(seen.dataset, self.now)

    def _concerned(self, seen: Seen) -> Mapping[str, str]:
        """The projects that had what is missing, and are linked still.

        Where a dataset is purged, its links are so as well: nobody has
        removed them.
        """
        if self.now is None or (PURGED in seen.missing and not self.links):
            return seen.projects
        return {
            id_: relation
            for id_, relation in self.links.items()
            if id_ in seen.projects
        }


def losses(before: Dataset, now: Dataset | None) -> list[str]:
    """What a dataset has lost, the worst first.

    :param before: as it was
    :param now: as it is; None where it is purged
    """
    if not before.is_there:
        return []
    if now is None:
        return [PURGED]
    if now.state == DRAFT:
        return [UNPUBLISHED]
    if not now.is_there:
        return [DELETED]
    if now.private and not before.private:
        # What it is by now is not to be told.
        return [PRIVATE]
    found = []
    if before.owner_org and now.owner_org != before.owner_org:
        found.append(MOVED)
    gone = {*before.formats} - {*now.formats}
    return [*found, *(f"{FORMAT}{format_}" for format_ in sorted(gone))]


def is_back(
    lost: Collection[str], before: Mapping[str, Any], now: Dataset | None
) -> bool:
    """Whether a dataset has again what it had lost.

    :param lost: what
    :param before: its `owner_org`, and whether it was `private`
    :param now: as it is; None where it is purged
    """
    return (
        now is not None
        and now.is_there
        and (bool(before.get("private")) or not now.private)
        and (MOVED not in lost or now.owner_org == before.get("owner_org"))
        and {
            loss.removeprefix(FORMAT)
            for loss in lost
            if loss.startswith(FORMAT)
        }.issubset(now.formats)
    )


def since(missing: Mapping[str, str], loss: str) -> str | None:
    """Since when something is missing, if it is.

    What is unpublished first, deleted then, and purged in the end, is out of
    sight since it was unpublished.
    """
    same = OUT_OF_SIGHT if loss in OUT_OF_SIGHT else (loss,)
    return next((missing[one] for one in same if one in missing), None)


def settled(missing: Mapping[str, str], at: datetime) -> list[str]:
    """Which losses are to be told, the worst first; mostly none.

    :param missing: since when things are missing
    :param at: the time
    """
    ages = {
        loss: at - datetime.fromisoformat(moment)
        for loss, moment in missing.items()
    }
    told = [loss for loss, age in ages.items() if age >= SECOND_LOOK]
    is_late = any(age >= LATEST for age in ages.values())
    found = told if is_late or len(told) == len(ages) else []
    # The database keeps no order.
    return sorted(found, key=_weight)


def accepted(sight: Sight, told: list[str]) -> Seen | None:
    """What is written down of a dataset when some losses were told.

    :param sight: with what is missing
    :param told: losses that are no longer waited for
    :returns: None where it is to be forgotten
    """
    seen, now = sight.seen, sight.now
    assert seen  # noqa: S101 – it has lost something
    rest = {
        loss: moment
        for loss, moment in seen.missing.items()
        if loss not in told
    }
    if now is None or not rest:
        return Seen(now, sight.links) if now and sight.links else None
    before = seen.dataset
    kept = before._replace(
        owner_org=now.owner_org if MOVED in told else before.owner_org,
        formats=[f for f in before.formats if f"{FORMAT}{f}" not in told],
    )
    return Seen(kept, seen.projects, rest)


def _weight(loss: str) -> tuple[bool, str]:
    """Where a loss stands among those that there can be at once."""
    return loss != MOVED, loss

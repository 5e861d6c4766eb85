"""Who has taken data away, as far as that is known: they need no alarm."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..lib import activity
from ..lib.ckan import model
from .comparing import (
    FORMAT,
    MOVED,
    OUT_OF_SIGHT,
    PRIVATE,
    Dataset,
)


def who_did(before: Dataset, loss: str, first: str) -> str | None:
    """Id of the user who has taken something away.

    What CKAN's activities know last of the dataset must show that it is gone:
    else somebody else did it, such as a harvester. One SQL statement.

    :param before: the dataset as it was
    :param loss: what is lost
    :param first: when that was seen first
    """
    found = activity.last_before(before.id, datetime.fromisoformat(first))
    if found is None:
        return None
    user_id, package = found
    return user_id if _shows(package, before, loss) else None


def _shows(package: dict[str, Any], before: Dataset, loss: str) -> bool:
    """Whether a package, as it was once, had lost something already."""
    if loss in OUT_OF_SIGHT:
        # What is purged by now was deleted before, or unpublished.
        return package.get("state") != model.State.ACTIVE
    if loss == PRIVATE:
        return bool(package.get("private"))
    if loss == MOVED:
        return (package.get("owner_org") or None) != before.owner_org
    formats = {
        (resource.get("format") or "").strip().lower()
        for resource in package.get("resources") or []
    }
    return loss.removeprefix(FORMAT) not in formats

"""In which areas a project looks for help, as the portal changes it.

What its people say of it stays theirs, so this doesn't count as an edit.
"""

from __future__ import annotations

import json

from ..lib import index, lookups
from ..lib.ckan import model
from ..lib.events import choices
from . import fields

#: The field that says so.
AREAS = "help_wanted"


def want(project_id: str, area: str, *, is_wanted: bool = True) -> bool:
    """Let a project look for help in an area, or no longer; commits nothing.

    :returns: whether it was otherwise before
    """
    project = lookups.lock_by_id(model.Package, project_id)
    if project is None or area not in fields.areas():
        return False
    before = choices((project.extras or {}).get(AREAS))
    if (area in before) == is_wanted:
        return False
    wanted = {*before, area} if is_wanted else {*before} - {area}
    now = [one for one in fields.areas() if one in wanted]
    project.extras = {**(project.extras or {}), AREAS: json.dumps(now)}
    model.Session.flush()
    index.reindex_later(project.id)
    return True

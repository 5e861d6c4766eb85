from __future__ import annotations

import ckantoolkit as tk

from ..lib import paging
from ..lib.ckan import Page, current_user


def digifarm_notes(subject: str, subject_id: str) -> Page | None:
    """The internal notes on something, for reviewers.

    :param subject: `project`, `proposal` or `partner`
    :param subject_id: its id
    :returns: a page of them; None for all others. Visitors cost nothing
    """
    if current_user.is_anonymous:
        return None
    asked = {"subject": subject, "subject_id": subject_id}
    try:
        _, page = paging.page("digifarm_note_list", asked, "notes")
    except tk.NotAuthorized:
        return None
    return page

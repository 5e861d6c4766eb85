from __future__ import annotations

from collections.abc import Collection

import ckantoolkit as tk

from ..lib import lookups
from ..lib.ckan import AuthResult, Context, DataDict
from ..lib.context import user_id
from ..lib.permissions import is_reviewer, is_sysadmin
from .model import Note


def digifarm_note_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Reviewers."""
    return _answer(is_reviewer(context.get("user")))


def digifarm_note_create(context: Context, data_dict: DataDict) -> AuthResult:
    """Reviewers."""
    return _answer(is_reviewer(context.get("user")))


def digifarm_note_delete(context: Context, data_dict: DataDict) -> AuthResult:
    """The reviewer who has written it."""
    if not is_reviewer(context.get("user")):
        return _answer(False)
    note = lookups.by_id(Note, data_dict["id"], tk._("Note not found"))
    return _answer(deletable(context, [note]) != set())


def deletable(context: Context, notes: Collection[Note]) -> set[str]:
    """Which notes a reviewer may delete: their own; a sysadmin any.

    :returns: their ids
    """
    user, is_any = user_id(context), is_sysadmin(context)
    return {
        note.id
        for note in notes
        if is_any or (user is not None and note.created_by == user)
    }


def _answer(allowed: bool) -> AuthResult:
    if allowed:
        return {"success": True}
    return {
        "success": False,
        "msg": tk._("Internal notes are for reviewers only"),
    }

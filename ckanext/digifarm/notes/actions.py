from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..lib import lookups
from ..lib.ckan import Context, DataDict, model
from ..lib.context import commit, user_id
from ..partners.lookups import found as found_partner
from ..projects.lookups import package
from ..proposals.model import Proposal
from . import schema
from .auth import deletable
from .model import Note, Noted, authors


@tk.validate_action_data(schema.note_create)
def digifarm_note_create(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Keep an internal note on a project, a proposal or a partner.

    Reviewers read it, and nobody else. You must be a reviewer.

    :param subject: what it is on: `project`, `proposal` or `partner`
    :type subject: string
    :param subject_id: its id; of a project or a partner, or its name
    :type subject_id: string
    :param text: the note, in plain words, of 5 000 characters at most
    :type text: string

    :returns: `id`, `subject`, `subject_id`, `text`, `created` and
        `created_by`, the id of your account
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such thing
    :raises NotAuthorized: where you are no reviewer
    :raises ValidationError: with the names of the parameters
    """
    tk.check_access("digifarm_note_create", context, data_dict)
    subject = Noted(data_dict["subject"])
    id_ = _id_of(subject, data_dict["subject_id"])
    note = Note.on(subject, id_, data_dict["text"])
    note.created_by = user_id(context)
    model.Session.add(note)
    model.Session.flush()
    commit(context)
    return note.dictize()


@tk.validate_action_data(schema.note)
def digifarm_note_delete(context: Context, data_dict: DataDict) -> None:
    """Delete an internal note for good.

    You must be the reviewer who has written it, or a sysadmin.

    :param id: id of the note
    :type id: string

    :raises ObjectNotFound: where there is no such note
    :raises NotAuthorized: where you may not
    """
    tk.check_access("digifarm_note_delete", context, data_dict)
    note = lookups.by_id(Note, data_dict["id"], tk._("Note not found"))
    model.Session.delete(note)
    commit(context)


@tk.side_effect_free
@tk.validate_action_data(schema.note_list)
def digifarm_note_list(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """The internal notes on a project, a proposal or a partner.

    The newest first; of a project, also those on the proposal that it was.
    You must be a reviewer.

    :param subject: what they are on: `project`, `proposal` or `partner`
    :type subject: string
    :param subject_id: its id; of a project or a partner, or its name
    :type subject_id: string
    :param limit: how many at most (optional, default: 20; no more than
        `ckan.search.rows_max`)
    :type limit: int
    :param offset: how many to leave out first (optional, default: 0)
    :type offset: int

    :returns: `count`, the number of all, and `results`: notes as
        :py:func:`digifarm_note_create` gives them, each with `author` (`name`
        and `display_name` of the account, or nothing where that is not known
        any more) and `may_delete`, whether you may delete it
    :rtype: dictionary

    :raises ObjectNotFound: where there is no such thing
    :raises NotAuthorized: where you are no reviewer
    """
    tk.check_access("digifarm_note_list", context, data_dict)
    subject = Noted(data_dict["subject"])
    count, notes = Note.of(
        subject,
        _id_of(subject, data_dict["subject_id"]),
        data_dict["limit"],
        data_dict["offset"],
    )
    known, own = authors(notes), deletable(context, notes)
    return {
        "count": count,
        "results": [
            {
                **note.dictize(),
                "author": _author(known.get(note.created_by or "")),
                "may_delete": note.id in own,
            }
            for note in notes
        ],
    }


def _id_of(subject: Noted, reference: str) -> str:
    """The id of what a note is on.

    :raises ObjectNotFound: where there is no such thing
    """
    if subject is Noted.PARTNER:
        return found_partner(reference).id
    if subject is Noted.PROPOSAL:
        missing = tk._("Proposal not found")
        return lookups.by_id(Proposal, reference, missing).id
    project = package({"project": reference}, "project")
    if project.type != PROJECT_TYPE:
        raise tk.ObjectNotFound(tk._("Civic project not found"))
    return project.id


def _author(user: model.User | None) -> dict[str, str]:
    if user is None:
        return {}
    return {"name": user.name, "display_name": user.display_name}

"""Where the small forms for internal notes lead."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..lib import forms
from ..lib.ckan import Response

notes = forms.blueprint("digifarm_notes", f"/{PROJECT_TYPE}/review/notes")
notes.after_request(forms.keep_secret)

#: The pages that show notes, by what these are on.
PAGES = {
    "partner": "digifarm_partners.read",
    "project": f"{PROJECT_TYPE}.read",
    "proposal": "digifarm_reviews.read",
}


def add(subject: str, id: str) -> Any:
    """Keep a note."""
    data = {"subject": subject, "subject_id": id, "text": forms.text("note")}
    try:
        tk.get_action("digifarm_note_create")({}, data)
    except tk.NotAuthorized:
        return forms.forbidden(_not_for_you())
    except tk.ObjectNotFound:
        return tk.abort(404, tk._("Not found"))
    except tk.ValidationError as e:
        if page := forms.refused(e):
            return page
        forms.flash_errors(e)
    else:
        tk.h.flash_success(tk._("The note has been saved."))
    return _back(subject, id)


def delete(subject: str, id: str, note: str) -> Any:
    """Delete a note."""
    try:
        tk.get_action("digifarm_note_delete")({}, {"id": note})
    except tk.NotAuthorized:
        return forms.forbidden(_not_for_you())
    except (tk.ObjectNotFound, tk.ValidationError):
        tk.h.flash_error(tk._("There is no such note any more."))
    else:
        tk.h.flash_success(tk._("The note has been deleted."))
    return _back(subject, id)


def _back(subject: str, id: str) -> Response:
    """To the page that the form stands on, with the notes unfolded."""
    return tk.redirect_to(PAGES[subject], id=id, notes=1, _anchor="notes")


def _not_for_you() -> str:
    return tk._("Internal notes are for reviewers only")


_ON = "/<any(partner, project, proposal):subject>/<id>"

notes.add_url_rule(_ON, view_func=add, methods=["POST"])
notes.add_url_rule(f"{_ON}/delete/<note>", view_func=delete, methods=["POST"])

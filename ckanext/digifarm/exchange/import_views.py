"""Where reviewers upload tables of projects, and follow what becomes of them.

Without JavaScript: while a worker is busy, the page asks browsers to load it
again, unless somebody wants to read it in peace.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import ckantoolkit as tk
from flask import make_response

from ..config import PROJECT_TYPE
from ..lib import downloads, forms, paging, people
from ..lib.ckan import Response
from ..lib.errors import finding
from . import import_words, templates, uploads
from .files import READERS
from .import_actions import MOST_WAITING
from .model import AT_WORK, KEPT_DAYS, UNCONFIRMED_DAYS, ImportState
from .plan import Result
from .schema import PER_PAGE

imports = forms.blueprint("digifarm_imports", f"/{PROJECT_TYPE}/import")
imports.after_request(forms.keep_secret)

#: After so many seconds the page of something that goes on is loaded again.
REFRESH = 4

#: The parameter of the address by which it stays as it is.
STILL = "still"

#: What the tables to fill in are called.
TEMPLATE = "civic-projects"

_STATES = {state.value for state in AT_WORK}


class UploadView(forms.FormView):
    """The form for a file, with what was uploaded before."""

    def get(self) -> Any:
        """Show the form."""
        return _form({"organization": ""}, {})

    def send(self, wrong: forms.Wrong) -> Any:
        """Take the file; then its page tells what would happen."""
        forms.need_account()
        data = forms.texts("organization")
        upload = tk.request.files.get("upload")
        try:
            found = tk.get_action("digifarm_import_create")(
                finding(wrong), {**data, "upload": upload}
            )
        except forms.REFUSALS as e:
            errors = forms.errors_of(e, forms.FORM)
            return _form(data, errors), forms.status_of(e)
        except tk.NotAuthorized:
            return forms.forbidden(_not_for_you())
        return tk.redirect_to("digifarm_imports.read", id=found["id"])


def _form(data: dict[str, str], errors: Any) -> Any:
    try:
        found, page = paging.page("digifarm_import_list", {})
    except tk.NotAuthorized:
        return forms.forbidden(_not_for_you())
    return tk.render(
        "digifarm/exchange/import/index.html",
        {
            "data": data,
            "errors": errors,
            "labels": {
                "upload": tk._("File"),
                "organization": tk._("Organisation"),
            },
            "organizations": _organizations(),
            "found": found,
            "page": page,
            "endings": ",".join(READERS),
            "most_rows": uploads.MOST_ROWS,
            "most_waiting": MOST_WAITING,
            "days": {"kept": KEPT_DAYS, "unconfirmed": UNCONFIRMED_DAYS},
            "counts": _counts(),
        },
    )


def _organizations() -> list[dict[str, str]]:
    """Those to which the user may add projects, in the order of titles."""
    found = tk.get_action("organization_list_for_user")(
        {}, {"permission": "create_dataset"}
    )
    rows = [
        {"value": one["name"], "text": one["title"] or one["name"]}
        for one in found
    ]
    return sorted(rows, key=lambda row: row["text"].casefold())


def _counts() -> dict[str, int]:
    """How much waits in the parts of the queue; sysadmins may have none."""
    try:
        return tk.get_action("digifarm_review_counts")({}, {})
    except tk.NotAuthorized:
        return {}


def read(id: str) -> Any:
    """An upload: what would happen, what happens, or what has."""
    upload = _upload(id)
    wanted = tk.request.args.get("result", "")
    if wanted and wanted not in {result.value for result in Result}:
        return tk.abort(404, tk._("Not found"))
    asked = {"id": id, **({"result": wanted} if wanted else {})}
    is_busy = upload["state"] in _STATES
    found, page = paging.page(
        "digifarm_import_row_list", asked, per_page=PER_PAGE
    )
    is_still = STILL in tk.request.args
    response = make_response(
        tk.render(
            "digifarm/exchange/import/read.html",
            {
                "upload": upload,
                "rows": found["results"],
                "page": page,
                "wanted": wanted,
                "parts": _parts(upload),
                "words": _words(upload),
                "is_busy": is_busy,
                "is_still": is_still,
                "has_owners": people.collaborate(),
                "num_to_write": _num_to_write(upload),
                "days": {"kept": KEPT_DAYS, "unconfirmed": UNCONFIRMED_DAYS},
            },
        )
    )
    if is_busy and not is_still:
        response.headers["Refresh"] = str(REFRESH)
    return response


def _num_to_write(upload: dict[str, Any]) -> int:
    counts = upload["counts"]
    return counts["created"] + counts["updated"]


def _parts(upload: dict[str, Any]) -> list[dict[str, Any]]:
    """How many rows there are, by what becomes of them."""
    return [
        {"value": value, "label": label, "num": upload["counts"][value]}
        for value, label in _words(upload).items()
    ]


def _words(upload: dict[str, Any]) -> dict[str, str]:
    """What people call what becomes of rows."""
    is_over = upload["state"] in {
        ImportState.DONE.value,
        ImportState.CANCELLED.value,
    }
    return {
        result.value: import_words.result(result.value, is_planned=not is_over)
        for result in Result
    }


def confirm(id: str) -> Any:
    """Say yes to what would happen."""
    if page := _refused("digifarm_import_confirm", id):
        return page
    return tk.redirect_to("digifarm_imports.read", id=id)


def cancel(id: str) -> Any:
    """Forget a file that waits, or stop what goes on."""
    if page := _refused("digifarm_import_cancel", id):
        return page
    tk.h.flash_success(
        tk._("Cancelled. The file you have uploaded is deleted.")
    )
    return tk.redirect_to("digifarm_imports.index")


def template(ending: str) -> Response:
    """A table to fill in, which explains itself."""
    if not forms.may("digifarm_import_create"):
        return forms.forbidden(_not_for_you())
    with tempfile.TemporaryDirectory(prefix="digifarm-import-") as folder:
        path = Path(folder) / f"{TEMPLATE}.{ending}"
        templates.write(path)
        response = make_response(path.read_bytes())
    response.mimetype = _MIMETYPES[ending]
    return downloads.named(response, path.name)


_MIMETYPES = {
    "csv": "text/csv",
    "xlsx": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    ),
}


def _upload(id: str) -> dict[str, Any]:
    """An upload for whoever may see it; else the page ends."""
    forms.need_account()
    try:
        return tk.get_action("digifarm_import_show")({}, {"id": id})
    except tk.NotAuthorized:
        return tk.abort(403, _not_for_you())
    except (tk.ObjectNotFound, tk.ValidationError):
        return tk.abort(404, tk._("There is no such upload any more"))


def _refused(action: str, id: str) -> Any:
    """Take a step of an upload; a page where it is refused."""
    forms.need_account()
    try:
        tk.get_action(action)({}, {"id": id})
    except tk.NotAuthorized:
        return tk.abort(403, _not_for_you())
    except tk.ObjectNotFound:
        return tk.abort(404, tk._("There is no such upload any more"))
    except tk.ValidationError as e:
        forms.flash_errors(e)
        return tk.redirect_to("digifarm_imports.read", id=id)
    return None


def _not_for_you() -> str:
    return tk._("Only reviewers may see this, each their own uploads")


imports.add_url_rule("", view_func=UploadView.as_view("index"))
imports.add_url_rule("/template.<any(csv, xlsx):ending>", view_func=template)
imports.add_url_rule("/<id>", view_func=read)
imports.add_url_rule("/<id>/confirm", view_func=confirm, methods=["POST"])
imports.add_url_rule("/<id>/cancel", view_func=cancel, methods=["POST"])

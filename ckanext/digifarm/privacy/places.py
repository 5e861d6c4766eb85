"""What is told of the places where somebody's address or name stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..exchange.model import Import
from ..handover import entries
from ..lib import personal
from ..lib.ckan import is_id, model
from ..lib.traces import Trace
from ..lib.words import Words
from ..notes import privacy as notes
from ..partners.model import Partner
from ..projects import fields
from ..proposals import seen
from ..tasks.model import Task

#: Why something stays.
OWN_WORDS = "Texts that others read: please decide, and edit them."
OF_CKAN = "CKAN's own content, which is not ours to change: please decide."
UNKNOWN = "Recorded by the project, without an address: please decide."
OF_OTHERS = "Written by or about somebody with another address."
OF_ACCOUNT = "An account that is used; --account closes it."
OF_HISTORY = "What others have read; the history of CKAN keeps it."
OF_UPLOAD = "A table that a reviewer has uploaded; it goes after some days."
OF_OUTBOX = "A mail to others that waits; it goes when it is sent."


class Place(NamedTuple):
    """Where something stands.

    :param what: in which thing, and in which parts of it
    :param address: the page where it can be looked at, or ""
    :param reason: why it is still there
    """

    what: str
    address: str
    reason: str


def of(trace: Trace, words: Words, accounts: frozenset[str]) -> Place:
    """The place that a row is.

    :param words: what stands there
    :param accounts: ids of the accounts of whoever is to be forgotten
    """
    name = trace.table.name
    if name == "user" and trace.row["id"] in accounts:
        return _account(trace, OF_ACCOUNT)
    describe = _KINDS.get(name, _other)
    return describe(trace, words)


def _package(trace: Trace, words: Words) -> Place:
    row = trace.row
    is_project = row["type"] == PROJECT_TYPE
    kind = "Civic project" if is_project else "Dataset"
    parts = [c for c in trace.columns if c != "extras"]
    if "extras" in trace.columns:
        extras = row["extras"].items()
        parts += [key for key, value in extras if words.are_in(value)]
    if is_project:
        parts = [fields.label(part) or part for part in parts]
    return Place(
        f"{kind} “{row['title'] or row['name']}”: {', '.join(parts)}",
        _address(row["id"]),
        OWN_WORDS if is_project else OF_CKAN,
    )


def _activity(trace: Trace, _: Words) -> Place:
    data = trace.row["data"] or {}
    about = data.get("package") or data.get("group") or {}
    title = about.get("title") or about.get("name") or trace.row["object_id"]
    return Place(
        f"History of “{title}”",
        _address(trace.row["object_id"]),
        OF_HISTORY,
    )


def _account(trace: Trace, reason: str) -> Place:
    name = trace.row["name"]
    page = tk.url_for("user.read", id=name, qualified=True)
    return Place(f"Account {name}: {_parts(trace)}", page, reason)


def _group(trace: Trace, _: Words) -> Place:
    row = trace.row
    kind = "organization" if row["is_organization"] else "group"
    return Place(
        f"{kind.title()} “{row['title'] or row['name']}”: {_parts(trace)}",
        tk.url_for(f"{kind}.read", id=row["name"], qualified=True),
        OF_CKAN,
    )


def _partner(trace: Trace, _: Words) -> Place:
    row, page = trace.row, ""
    # Who isn't in the directory yet has no page.
    if not is_id(row["name"]):
        page = tk.url_for(
            "digifarm_partners.read", id=row["name"], qualified=True
        )
    return Place(f"Partner “{row['title']}”: {_parts(trace)}", page, OWN_WORDS)


def _support(trace: Trace, _: Words) -> Place:
    row = trace.row
    partner = model.Session.get(Partner, row["partner_id"] or "")
    by = f" by “{partner.title}”" if partner else ""
    return Place(
        f"Support of “{_title(row['project_id'])}”{by}: {_parts(trace)}",
        _support_page(row["project_id"]),
        OF_OTHERS if row["contact_email"] or partner else UNKNOWN,
    )


def _task(trace: Trace, _: Words) -> Place:
    row = trace.row
    return Place(
        f"Task “{row['title']}”: {_parts(trace)}",
        _address(row["project_id"]),
        OWN_WORDS,
    )


def _assignment(trace: Trace, _: Words) -> Place:
    task = model.Session.get(Task, trace.row["task_id"])
    assert task  # noqa: S101 – an assignment goes with its task
    return Place(
        f"Taken task “{task.title}”: {_parts(trace)}",
        _address(task.project_id),
        OF_OTHERS,
    )


def _proposal(trace: Trace, _: Words) -> Place:
    row = trace.row
    return Place(
        f"Proposal of “{_title(row['project_id'])}”: {_parts(trace)}",
        tk.url_for("digifarm_proposals.read", id=row["id"], qualified=True),
        OF_OTHERS,
    )


def _seen(trace: Trace, words: Words) -> Place:
    project = trace.row["project_id"]
    parts = ", ".join(seen.gone(project, words))
    return Place(
        f"What “{_title(project)}” said when reviewed: {parts}",
        _address(project),
        OF_OTHERS,
    )


def _question(trace: Trace, _: Words) -> Place:
    project = trace.row["project_id"]
    return Place(
        f"Question to “{_title(project)}”: {_parts(trace)}",
        _address(project),
        OF_OTHERS,
    )


def _link(trace: Trace, _: Words) -> Place:
    row = trace.row
    project, dataset = _title(row["project_id"]), _title(row["dataset_id"])
    return Place(
        f"Link of “{project}” and “{dataset}”: {_parts(trace)}",
        _address(row["project_id"]),
        OWN_WORDS,
    )


def _ending(trace: Trace, _: Words) -> Place:
    row = trace.row
    return Place(
        f"End of “{_title(row['project_id'])}”: {_parts(trace)}",
        _address(row["project_id"]),
        OWN_WORDS,
    )


def _achievement(trace: Trace, _: Words) -> Place:
    row = trace.row
    page = tk.url_for(
        "digifarm_statistics.report", year=row["year"], qualified=True
    )
    return Place(
        f"What “{_title(row['project_id'])}” achieved in {row['year']}",
        page,
        OWN_WORDS,
    )


def _handover(trace: Trace, words: Words) -> Place:
    row = trace.row
    said = entries.whole(row["entries"])
    kinds = [kind for kind in said if words.are_in(said[kind])]
    found = model.Package.get(row["project_id"])
    page = (
        ""
        if found is None
        else tk.url_for(
            "digifarm_handover.read", id=found.name, qualified=True
        )
    )
    return Place(
        f"Handover folder of “{_title(row['project_id'])}”:"
        f" {', '.join(kinds)}",
        page,
        OF_OTHERS,
    )


def _note(trace: Trace, _: Words) -> Place:
    row = trace.row
    keys = (row["partner_id"], row["project_id"], row["proposal_id"])
    return Place(
        f"Internal note on “{notes.title(*keys)}”: {_parts(trace)}",
        _noted(*keys),
        OF_OTHERS,
    )


def _noted(
    partner_id: str | None, project_id: str | None, proposal_id: str | None
) -> str:
    """The page on which a note stands."""
    if proposal_id:
        return tk.url_for(
            "digifarm_reviews.read", id=proposal_id, qualified=True
        )
    if partner_id:
        return tk.url_for(
            "digifarm_partners.read", id=partner_id, qualified=True
        )
    return _address(project_id)


def _event(trace: Trace, _: Words) -> Place:
    row = trace.row
    return Place(
        f"{row['subject'].title()} of “{_title(row['project_id'])}”:"
        f" {_parts(trace)} for {row['action']}",
        _address(row["project_id"]),
        OF_OTHERS,
    )


def _notice(trace: Trace, _: Words) -> Place:
    row = trace.row
    return Place(f"What account {row['user_id']} was told", "", OF_OTHERS)


def _mail(trace: Trace, _: Words) -> Place:
    return Place(f"Mail “{trace.row['subject']}”", "", OF_OUTBOX)


def of_upload(row: Import) -> Place:
    """The place that a file is which a reviewer has uploaded."""
    return Place(
        f"Uploaded table “{row.filename}”, of account {row.user_id}",
        _upload_page(row.id),
        OF_UPLOAD,
    )


def _import(trace: Trace, _: Words) -> Place:
    row = trace.row
    return Place(
        f"Uploaded table “{row['filename']}”: {_parts(trace)}",
        _upload_page(row["id"]),
        OF_UPLOAD,
    )


def _import_row(trace: Trace, _: Words) -> Place:
    row = trace.row
    return Place(
        f"Row of an uploaded table, “{row['place']}”: {_parts(trace)}",
        _upload_page(row["import_id"]),
        OF_UPLOAD,
    )


def _upload_page(id_: str) -> str:
    return tk.url_for("digifarm_imports.read", id=id_, qualified=True)


def _other(trace: Trace, _: Words) -> Place:
    key = ", ".join(
        str(trace.row[column.name]) for column in trace.table.primary_key
    )
    what = f"Table {trace.table.name}, {key}: {_parts(trace)}"
    return Place(what, "", OF_CKAN)


_KINDS: dict[str, Callable[[Trace, Words], Place]] = {
    "package": _package,
    "activity": _activity,
    "user": lambda trace, _: _account(trace, OF_OTHERS),
    "group": _group,
    "digifarm_partner": _partner,
    "digifarm_support": _support,
    "digifarm_task": _task,
    "digifarm_task_assignment": _assignment,
    "digifarm_proposal": _proposal,
    "digifarm_seen": _seen,
    "digifarm_question": _question,
    "digifarm_link": _link,
    "digifarm_ending": _ending,
    "digifarm_achievement": _achievement,
    "digifarm_event": _event,
    "digifarm_handover": _handover,
    "digifarm_import": _import,
    "digifarm_import_row": _import_row,
    "digifarm_note": _note,
    "digifarm_mail": _mail,
    "digifarm_notice": _notice,
}


def _parts(trace: Trace) -> str:
    return ", ".join(trace.columns)


def _title(id_: Any) -> str:
    found = personal.package(id_)
    return found["title"] if found else str(id_ or "")


def _address(id_: Any) -> str:
    found = personal.package(id_)
    return found["address"] if found else ""


def _support_page(project_id: str) -> str:
    found = model.Package.get(project_id)
    if found is None:
        return ""
    return tk.url_for(
        "digifarm_support.project", id=found.name, qualified=True
    )

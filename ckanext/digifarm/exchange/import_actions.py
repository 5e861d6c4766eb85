from __future__ import annotations

import hashlib
from typing import Any

import ckantoolkit as tk

from ..lib import lookups, rate_limits
from ..lib.ckan import Context, DataDict, model
from ..lib.context import commit, deferred, user_id
from ..lib.errors import checked, refuse
from ..lib.language import current
from ..lib.text import printable
from . import schema, uploads, working
from .import_workflow import WORKFLOW
from .model import WAITING, Import, ImportRow, ImportState
from .plan import Result
from .uploads import Upload

#: So many uploads of one person may wait at a time.
MOST_WAITING = 3

_FAILED = Result.FAILED.value


def digifarm_import_create(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Upload a table of projects, to see what would become of its rows.

    Nothing is imported yet: a worker looks at each row, and once you have
    seen what would happen, :py:func:`digifarm_import_confirm` says yes. The
    same file once more is the same upload while a worker is busy with it; else
    its rows are looked at again, and it takes the place of the one that waits.
    Where three wait, so does the oldest of those that have nothing to import.
    You must be a reviewer; what you may not do by hand, no row does.

    :param upload: the file: a table (`.csv`, `.xlsx`) or `.json`, of 2 MB and
        2 000 rows at most
    :type upload: a file, as `multipart/form-data` has it
    :param organization: id or name of the organisation that gets new projects
        whose rows name none (optional)
    :type organization: string

    :returns: the upload, as :py:func:`digifarm_import_show` gives it
    :rtype: dictionary

    :raises NotAuthorized: where you may not, or not that often
    :raises ValidationError: with the names of the parameters; also where
        three of your uploads wait already
    """
    tk.check_access("digifarm_import_create", context, data_dict)
    own = user_id(context)
    assert own  # noqa: S101 – who may is somebody
    rate_limits.check(own, is_counted=False)
    sent = data_dict.get("upload")
    texts = {key: v for key, v in data_dict.items() if key != "upload"}
    data_dict, complaints = checked(context, texts, schema.import_create())
    organization, upload = None, None
    if "organization" not in complaints:
        with complaints.gather():
            organization = _organization(data_dict.get("organization"))
    with complaints.gather():
        upload = uploads.taken(sent)
    complaints.refuse()
    assert upload  # noqa: S101 – else it was refused
    row = _new(upload, organization, own)
    # Who clicks twice waits here for the first click, as who uploads more
    # than is allowed does.
    lookups.take_turns(f"upload of {own}")
    waiting = Import.of(own, WAITING)
    old = next((one for one in waiting if _is_same(one, row)), None)
    # Whoever says yes to it at this moment comes first.
    old = old and lookups.lock(old)
    if old and old.state != ImportState.CHECKED.value:
        return _dictize(old)
    others = [one for one in waiting if one is not old]
    useless = None
    if len(others) >= MOST_WAITING:
        useless = _useless(others) or refuse("form", _too_many())
    source = uploads.check(upload)
    row.num_rows = source.count
    row.notes = [*map(printable, source.notes)]
    rate_limits.check(own)
    # The portal may be another by now, with what was missing then.
    for one in (old, useless and lookups.lock(useless)):
        if one and one.state == ImportState.CHECKED.value:
            WORKFLOW.take(
                "digifarm_import_cancel", deferred(context), {"id": one.id}
            )
    WORKFLOW.begin(
        "digifarm_import_create",
        deferred(context),
        row,
        ImportState.UPLOADED,
    )
    working.wake()
    commit(context)
    return _dictize(row)


@tk.side_effect_free
@tk.validate_action_data(schema.import_show)
def digifarm_import_show(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """A table that you have uploaded, and how far it is.

    You must be a reviewer.

    :param id: id of the upload
    :type id: string

    :returns: `id`, `filename`, `organization_id`, `state` (`uploaded` while
        its rows are looked at, `checked` once they are, `running`, `done` or
        `cancelled`), `num_rows`, `notes` (what is to be said of the file as a
        whole), `language` (that of all that is said), `created`, `modified`,
        and `counts`: how many rows are `created`, `updated`, `unchanged` and
        `failed`, or would be, and how many of them are `done`
    :rtype: dictionary

    :raises ObjectNotFound: where there is none (any more)
    :raises NotAuthorized: where you are no reviewer, or it is not yours
    """
    tk.check_access("digifarm_import_show", context, data_dict)
    return _dictize(WORKFLOW.get(data_dict["id"]))


@tk.side_effect_free
@tk.validate_action_data(schema.import_row_list)
def digifarm_import_row_list(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """What becomes, or would become, of the rows of a table.

    You must be the reviewer who has uploaded it.

    :param id: id of the upload
    :type id: string
    :param result: only rows with this one: `created`, `updated`, `unchanged`
        or `failed` (optional)
    :type result: string
    :param limit: how many at most (optional, default: 50; no more than
        `ckan.search.rows_max`)
    :type limit: int
    :param offset: how many to leave out first (optional, default: 0)
    :type offset: int

    :returns: `count`, the number of all, and `results`: dictionaries with
        `number` (from 0 on), `place` (where it stands in the file), `project`
        (its short name, or ""), `result`, `changed` (the columns that
        change), `complaints` (all that is wrong, by cell), `reports` (what is
        not taken over as it stands) and `is_done`
    :rtype: dictionary

    :raises ObjectNotFound: where there is none (any more)
    :raises NotAuthorized: where you are no reviewer, or it is not yours
    """
    tk.check_access("digifarm_import_row_list", context, data_dict)
    row = WORKFLOW.get(data_dict["id"])
    wanted = data_dict.get("result", "")
    counts = ImportRow.counts(row.id)
    found = ImportRow.part(
        row.id, wanted, data_dict["limit"], data_dict["offset"]
    )
    results = [wanted] if wanted else [result.value for result in Result]
    return {
        "count": sum(counts[result] for result in results),
        "results": [
            {
                "number": one.number,
                "place": one.place,
                "project": "" if one.result == _FAILED else one.project,
                "result": one.result,
                "changed": one.changed,
                "complaints": one.complaints,
                "reports": one.reports,
                "is_done": one.is_done,
            }
            for one in found
        ],
    }


@tk.side_effect_free
@tk.validate_action_data(schema.import_list)
def digifarm_import_list(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """The tables that you have uploaded, the newest first.

    They are forgotten after some time. You must be a reviewer.

    :param limit: how many at most (optional, default: 20; no more than
        `ckan.search.rows_max`)
    :type limit: int
    :param offset: how many to leave out first (optional, default: 0)
    :type offset: int

    :returns: `count`, the number of all, and `results`: uploads with `id`,
        `filename`, `state`, `num_rows`, `num_to_write` (how many of these are
        written, or would be), `created` and `modified`
    :rtype: dictionary

    :raises NotAuthorized: where you are no reviewer
    """
    tk.check_access("digifarm_import_list", context, data_dict)
    own = user_id(context) or ""
    count, found = Import.part(own, data_dict["limit"], data_dict["offset"])
    nums = ImportRow.nums_to_write([row.id for row in found])
    return {
        "count": count,
        "results": [
            {**_short(row), "num_to_write": nums[row.id]} for row in found
        ],
    }


def _useless(uploads: list[Import]) -> Import | None:
    """The oldest upload of which nothing can be imported, if there is one.

    It waits for no yes, but for its reader.

    :param uploads: the newest first
    """
    nums = ImportRow.nums_to_write([one.id for one in uploads])
    found = [
        one
        for one in uploads
        if one.state == ImportState.CHECKED.value and not nums[one.id]
    ]
    return found[-1] if found else None


def _new(upload: Upload, organization: str | None, user: str) -> Import:
    return Import(
        user_id=user,
        organization_id=organization,
        filename=upload.name,
        content=upload.content,
        digest=hashlib.sha256(upload.content).hexdigest(),
        language=current(),
    )


def _is_same(one: Import, other: Import) -> bool:
    """Whether two uploads say the same."""
    columns = ("digest", "filename", "organization_id", "language")
    return all(getattr(one, c) == getattr(other, c) for c in columns)


def _organization(reference: str | None) -> str | None:
    """Id of the organisation that somebody has chosen.

    :raises ValidationError: where there is none
    """
    if not reference:
        return None
    group = model.Group.get(reference)
    if not (group and group.is_organization and group.is_active()):
        refuse(
            "organization",
            tk._("There is no organisation {name}.").format(name=reference),
        )
    return group.id


def _too_many() -> str:
    return tk._(
        "{num} of your files wait already. Please import or cancel one of"
        " them first."
    ).format(num=MOST_WAITING)


def _short(row: Import) -> dict[str, Any]:
    return {
        "id": row.id,
        "filename": row.filename,
        "state": row.state,
        "num_rows": row.num_rows,
        "created": row.created.isoformat(),
        "modified": row.modified.isoformat(),
    }


def _dictize(row: Import) -> dict[str, Any]:
    counts = ImportRow.counts(row.id)
    names = [*(result.value for result in Result), "done"]
    return {
        **_short(row),
        "organization_id": row.organization_id,
        "language": row.language,
        "notes": row.notes,
        "counts": {name: counts[name] for name in names},
    }

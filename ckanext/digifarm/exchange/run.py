"""Records are imported one by one, each first planned, then written.

So a dry run leaves no trace, a record with a mistake is refused as a whole,
and one that changes nothing doesn't touch its project. Should the portal fail
between a project and its links, the next import adds what is missing.
"""

from __future__ import annotations

import dataclasses
import enum
from typing import Any

import ckantoolkit as tk
from sqlalchemy.exc import SQLAlchemyError

from ..lib.ckan import (
    Context,
    SearchError,
    SearchIndexError,
    model,
    munge_title_to_name,
)
from ..projects import fields, names, text
from . import links, projects, supporters
from .record import Record, quoted

#: Nobody's mistake in the record. A dataset that goes while its link is being
#: made is among them.
PORTAL_FAILURES = (
    SearchError,
    SearchIndexError,
    SQLAlchemyError,
    tk.NotAuthorized,
    tk.ObjectNotFound,
)


class Result(enum.Enum):
    """What became of a record."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclasses.dataclass
class Outcome:
    """What became of a record, and why.

    :param name: name of its project; "" where it failed
    :param links_added: how many datasets it was newly linked with
    :param supports_added: how many supporters were newly recorded
    :param errors: what is wrong with it, a line each
    """

    record: Record
    result: Result
    name: str = ""
    links_added: int = 0
    supports_added: int = 0
    errors: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class _Plan:
    """What is to be written for a record.

    :param name: name of the project
    :param action: the action that writes the project
    :param params: its parameters; empty where the project stays as it is
    :param links: the links to be written
    :param supports: the supports to be written
    """

    name: str
    action: str
    params: dict[str, Any]
    links: list[links.LinkPlan]
    supports: list[supporters.SupportPlan]

    @property
    def result(self) -> Result:
        if self.action == "package_create":
            return Result.CREATED
        if self.params or self.links or self.supports:
            return Result.UPDATED
        return Result.UNCHANGED


class Importer:
    """Imports records as the site user.

    :param organization: id or name of the organisation that gets new
        projects; None where each record names its own
    :param dry_run: whether only to say what would happen
    """

    def __init__(self, organization: str | None, *, dry_run: bool) -> None:
        self._organization = organization
        self._dry_run = dry_run
        self._places: dict[str, str] = {}
        self._directory = supporters.Directory()
        site_user = tk.get_action("get_site_user")({"ignore_auth": True}, {})
        self._context: Context = {
            "session": model.Session,
            "user": site_user["name"],
            "ignore_auth": True,
        }

    def run(self, record: Record) -> Outcome:
        """Import a record; one with a mistake leaves everything as it was.

        :returns: what was done, or would be
        """
        try:
            plan = self._plan(record)
            if not self._dry_run:
                self._write(plan)
        except tk.ValidationError as e:
            errors = _lines(e, record)
        except PORTAL_FAILURES as e:
            reason, _, _ = str(e).partition("\n")
            errors = [f"The portal could not save it: {reason}"]
        else:
            return Outcome(
                record,
                plan.result,
                plan.name,
                links_added=sum(link.is_new for link in plan.links),
                supports_added=len(plan.supports),
            )
        model.Session.rollback()
        return Outcome(record, Result.FAILED, errors=errors)

    def _plan(self, record: Record) -> _Plan:
        if record.errors:
            raise tk.ValidationError({**record.errors})
        # Before the database is asked for a text that it can't hold.
        text.check_project(record.fields)
        record.fields = text.tidied(record.fields)
        _leave_out_fields(record)
        _leave_out_tags(record)
        name = self._name(record)
        project = projects.find(name)
        if project:
            action = "package_patch"
            params = projects.patch(record, project, self._context)
        else:
            action = "package_create"
            params = projects.creation(
                record, name, self._organization, self._context
            )
        return _Plan(
            name,
            action,
            params,
            links.plan(record, project),
            # The last, as later records count on the partners of this one.
            supporters.plan(record, project, self._directory),
        )

    def _name(self, record: Record) -> str:
        given = record.fields
        name = given.get("name") or _name_of(given["title"])
        place = self._places.setdefault(name, record.place)
        if place != record.place:
            raise tk.ValidationError(
                {"name": [f"{name} is the name of {place} too"]}
            )
        return name

    def _write(self, plan: _Plan) -> None:
        if plan.params:
            tk.get_action(plan.action)(
                tk.fresh_context(self._context), plan.params
            )
        for link in plan.links:
            tk.get_action("digifarm_link_create")(
                tk.fresh_context(self._context),
                {**link.params, "project": plan.name},
            )
        for support in plan.supports:
            supporters.write(support, plan.name, self._context)


def _name_of(title: str) -> str:
    """The name of the project with a title, or one for a new project.

    What was imported when names were made otherwise is found again.
    """
    name, former = names.from_title(title), munge_title_to_name(title)
    is_former = not model.Package.by_name(name) and model.Package.by_name(
        former
    )
    return former if is_former else name


def _leave_out_fields(record: Record) -> None:
    """Take from a record what this portal's schema file lacks, and say so.

    Core would take it, too, and keep it nowhere.
    """
    kept_by_core = {*model.package_table.c.keys()}
    lacking = fields.own_names() - fields.names() - kept_by_core
    for name in sorted(lacking & record.fields.keys()):
        value = record.fields.pop(name)
        record.report(
            record.keys.get(name, name),
            f"not imported, this portal has no field {name}: {quoted(value)}",
        )


def _leave_out_tags(record: Record) -> None:
    """Take tags from a record that CKAN can't store, and say so."""
    kept = []
    for tag in record.fields.get("tags", []):
        if complaint := text.tag_complaint(tag):
            key = record.keys.get("tags", "tag_string")
            record.report(key, f"not imported; {complaint}")
        else:
            kept.append(tag)
    if "tags" in record.fields:
        record.fields["tags"] = kept


def _lines(error: tk.ValidationError, record: Record) -> list[str]:
    """The messages, each after the name that the field has in the file."""
    return [
        f"{record.keys.get(field, field)}: {message}"
        for field, messages in error.error_dict.items()
        for message in (messages if isinstance(messages, list) else [messages])
    ]

"""Records are imported one by one, each first planned, then written.

So a dry run leaves no trace, a record with a mistake is refused as a whole,
and one that changes nothing doesn't touch its project. Should the portal fail
between a project and its links, the next import adds what is missing.
"""

from __future__ import annotations

import copy
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
from ..lib.errors import refuse
from ..lib.permissions import may_read
from ..projects import fields, names, text
from . import age, columns, complaints, links, projects, supporters, tasks
from .complaints import Gathering
from .organizations import Organizations
from .plan import CREATE, PATCH, Outcome, Plan, Result
from .record import Complaint, Record, quoted

#: So many datasets, supporters, tasks and tags a row may name, each.
MOST_IN_RECORD = 1000

#: Nobody's mistake in the record. A dataset that goes while its link is being
#: made is among them.
PORTAL_FAILURES = (
    SearchError,
    SearchIndexError,
    SQLAlchemyError,
    tk.NotAuthorized,
    tk.ObjectNotFound,
)


class Importer:
    """Imports records as the site user, or as somebody with their rights.

    :param organization: id or name of the organisation that gets new
        projects; None where each record names its own
    :param dry_run: whether only to say what would happen
    :param user: name of who imports, with what they may do; else it is the
        site user, who may all
    """

    def __init__(
        self,
        organization: str | None,
        *,
        dry_run: bool,
        user: str | None = None,
    ) -> None:
        self._organization = organization
        self._dry_run = dry_run
        self._places: dict[str, str] = {}
        self._directory = supporters.Directory()
        self._organizations = Organizations()
        self._context = _context(user)

    def run(self, record: Record) -> Outcome:
        """Import a record; one with a mistake leaves everything as it was.

        :returns: what was done, or would be
        """
        try:
            found = self.plan(record)
            if isinstance(found, Plan) and not self._dry_run:
                self.write(found)
        except tk.ValidationError as e:
            found = complaints.of_errors(e.error_dict, record)
        except PORTAL_FAILURES as e:
            reason, _, _ = str(e).partition("\n")
            message = tk._("The portal could not save it: {reason}")
            place = tk._("portal")
            found = [Complaint(place, message.format(reason=reason))]
        if isinstance(found, Plan):
            if self._dry_run:
                # What was read is not kept in mind.
                model.Session.rollback()
            return Outcome.of(record, found)
        model.Session.rollback()
        found = complaints.in_order(found)
        return Outcome(record, Result.FAILED, complaints=found)

    def plan(self, record: Record) -> Plan | list[Complaint]:
        """What a record would change; nothing is written.

        :returns: all that is wrong with it, if anything is
        """
        wrong = Gathering(record)
        if wrong and not record.fields:
            return wrong.found
        with wrong.gather():
            # Before the database is asked for a text that it can't hold.
            text.check_project(record.fields)
        with wrong.gather():
            _check_lengths(record)
        record.fields = text.tidied(wrong.without_wrong(record.fields))
        _leave_out_fields(record)
        _leave_out_tags(record)
        name, project = "", None
        with wrong.gather():
            name = self._name(record)
            project = projects.find(name) if name else None
        if project and (why := self.forbidden(project)):
            if not wrong and self._says_nothing_new(record, name, project):
                return Plan(name, PATCH, {}, [], [], [])
            said = complaints.of_errors({"name": [why]}, record)
            return [*wrong.found, *said]
        with wrong.gather():
            self._organizations.settle(record)
            self._check_organization(record, project)
        found = Plan(name, PATCH if project else CREATE, {}, [], [], [])
        with wrong.gather():
            self._plan_project(found, record, project)
        self._plan_rest(found, record, project, wrong, self._directory)
        return wrong.found or found

    def _says_nothing_new(
        self, record: Record, name: str, project: model.Package
    ) -> bool:
        """Whether a record leaves a project as it is that others look after.

        Who exports a list and changes some rows of it leaves all others as
        they were. What they may not see is not compared.
        """
        if not may_read(self._context, project.id):
            return False
        # What is said of it, and partners that it names, are for no one.
        record = copy.deepcopy(record)
        found, wrong = Plan(name, PATCH, {}, [], [], []), Gathering(record)
        with wrong.gather():
            self._organizations.settle(record)
        with wrong.gather():
            self._plan_project(found, record, project)
        directory = self._directory.copy()
        self._plan_rest(found, record, project, wrong, directory)
        return not wrong and found.result is Result.UNCHANGED

    def _check_organization(
        self, record: Record, project: model.Package | None
    ) -> None:
        """Refuse a new project that nobody would vouch for."""
        given = record.fields.get(columns.ORGANIZATION)
        if not (project or given or self._organization):
            refuse(columns.ORGANIZATION, self.no_organization())

    def no_organization(self) -> str:
        """What to say where a new project has no organisation."""
        return tk._("missing; give one by --organization")

    def forbidden(self, project: model.Package) -> str:
        """Why a project may not be changed; "" where it may."""
        return ""

    def remember(self, name: str, place: str) -> None:
        """Keep in mind a record that was done already.

        So that the next one that has its name is refused all the same.
        """
        self._places.setdefault(name, place)

    def _plan_project(
        self, plan: Plan, record: Record, project: model.Package | None
    ) -> None:
        if project:
            change = projects.patch(record, project, self._context)
            plan.params, plan.fields = change.params, change.fields
            if plan.params:
                age.report(record, project)
        else:
            plan.params = projects.creation(
                record, plan.name, self._organization, self._context
            )

    def _plan_rest(
        self,
        plan: Plan,
        record: Record,
        project: model.Package | None,
        wrong: Gathering,
        directory: supporters.Directory,
    ) -> None:
        with wrong.gather():
            plan.links = links.plan(record, project, self._context)
        with wrong.gather():
            stage = record.fields.get("stage")
            if project and not stage:
                stage = project.extras.get("stage")
            plan.tasks = tasks.plan(record, project, stage)
        with wrong.gather():
            supporters.check(record, directory)
        if not wrong:
            # The last, as later records count on the partners of this one.
            plan.supports = supporters.plan(record, project, directory)

    def _name(self, record: Record) -> str:
        given = record.fields
        # In JSON, a title may be a number.
        name = given.get("name") or _name_of(str(given.get("title", "")))
        record.name = name
        place = self._places.setdefault(name, record.place)
        if place != record.place:
            refuse(
                "name",
                tk._("{name} is the name of {place} too").format(
                    name=name, place=place
                ),
            )
        return name

    def write(self, plan: Plan) -> None:
        """Write what is planned.

        :raises ValidationError: where somebody else was quicker
        """
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
        for task in plan.tasks:
            tasks.write(task, plan.name, self._context)


def _check_lengths(record: Record) -> None:
    """Refuse more than a worker can look at while others wait.

    :raises ValidationError: then; the record is left without them
    """
    given: dict[str, list[Any]] = {
        columns.DATASETS: record.links,
        columns.TASKS: record.tasks,
        "tags": record.fields.get("tags", []),
        record.supporters[0].key if record.supporters else "": (
            record.supporters
        ),
    }
    errors: dict[str, Any] = {}
    for key, found in given.items():
        if len(found) > MOST_IN_RECORD:
            said = tk._(
                "{count} are too many; at most {most} are imported"
            ).format(count=len(found), most=MOST_IN_RECORD)
            # CKAN wants what is said of tags by their parts.
            errors[key] = [{"name": [said]} if key == "tags" else said]
            found.clear()
    if errors:
        raise tk.ValidationError(errors)


def _context(user: str | None) -> Context:
    """Whose rights count.

    :param user: name of a user; else all is allowed to the site user
    """
    if user is not None:
        context: Context = {"session": model.Session, "user": user}
        if account := model.User.get(user):
            # Some of core's auth functions count on who has called them.
            context["auth_user_obj"] = account
        return context
    site_user = tk.get_action("get_site_user")({"ignore_auth": True}, {})
    return {
        "session": model.Session,
        "user": site_user["name"],
        "ignore_auth": True,
    }


def _name_of(title: str) -> str:
    """The name of the project with a title, or one for a new project.

    What was imported when names were made otherwise is found again.
    """
    if not title:
        return ""
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
            tk._(
                "not imported, this portal has no field {name}: {value}"
            ).format(name=name, value=quoted(value)),
        )


def _leave_out_tags(record: Record) -> None:
    """Take tags from a record that CKAN can't store, and say so."""
    kept = []
    for tag in record.fields.get("tags", []):
        if complaint := text.tag_complaint(tag):
            key = record.keys.get("tags", "tag_string")
            said = tk._("not imported; {why}").format(why=complaint)
            record.report(key, said)
        else:
            kept.append(tag)
    if "tags" in record.fields:
        record.fields["tags"] = kept

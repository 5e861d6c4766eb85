"""Records are imported as somebody who could do the same by hand."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
from typing_extensions import override

from ..lib.ckan import authz, model
from ..lib.permissions import is_reviewer, may_update
from . import columns
from .complaints import Gathering, of_errors
from .plan import CREATE, Outcome, Plan, Result
from .record import Complaint, Record
from .run import Importer


class PersonImporter(Importer):
    """Imports what a user may, and nothing else.

    :param user: name of the user
    """

    #: What may be planned, as whoever said yes has seen it: to create a
    #: project, or to change one; "" for either.
    expected = ""

    def __init__(
        self, user: str, organization: str | None, *, dry_run: bool
    ) -> None:
        super().__init__(organization, dry_run=dry_run, user=user)
        self._user = user

    @override
    def run(self, record: Record) -> Outcome:
        """Import a record; see there.

        Rights may go while a file is imported.
        """
        account = model.User.get(self._user)
        if not (account and self._is_reviewer(account)):
            why = tk._("You may not import any more")
            return _failed(record, tk._("portal"), why)
        return super().run(record)

    def _is_reviewer(self, account: model.User) -> bool:
        if account.state != model.State.ACTIVE:
            return False
        return authz.is_sysadmin(account.name) or is_reviewer(account.name)

    @override
    def plan(self, record: Record) -> Plan | list[Complaint]:
        found = super().plan(record)
        if not isinstance(found, Plan):
            return found
        if self.expected not in {"", found.action}:
            why = _gone() if found.action == CREATE else _came()
            return of_errors({"name": [why]}, record)
        wrong = Gathering(record)
        with wrong.gather():
            self._check_rights(found, record)
        return wrong.found or found

    @override
    def forbidden(self, project: model.Package) -> str:
        context = tk.fresh_context(self._context)
        try:
            tk.check_access("package_update", context, {"id": project.id})
        except tk.NotAuthorized:
            return tk._("You may not edit this civic project")
        return ""

    @override
    def no_organization(self) -> str:
        return tk._(
            "This row names no organisation. Write one into it, or choose one"
            " together with the file"
        )

    def _check_rights(self, plan: Plan, record: Record) -> None:
        """Refuse what the actions would refuse once it is written."""
        errors: dict[str, Any] = {}
        if plan.action == CREATE:
            package = {"owner_org": plan.params.get("owner_org")}
            try:
                tk.check_access(
                    "package_create", tk.fresh_context(self._context), package
                )
            except tk.NotAuthorized:
                errors[columns.ORGANIZATION] = [
                    tk._("You may not add projects to this organisation")
                ]
        else:
            errors = self._not_of_team(plan, record)
        if errors:
            raise tk.ValidationError(errors)

    def _not_of_team(self, plan: Plan, record: Record) -> dict[str, Any]:
        """What only a project's team may do, where the user is none of it."""
        project = model.Package.by_name(plan.name)
        assert project  # noqa: S101 – it was planned to be changed
        if may_update(self._context, project.id):
            return {}
        only_team = tk._("Only the project’s team may change this")
        errors: dict[str, Any] = {}
        datasets = (link.params["dataset"] for link in plan.links)
        if not all(may_update(self._context, id_) for id_ in datasets):
            errors[columns.DATASETS] = [only_team]
        if plan.tasks:
            errors[columns.TASKS] = [only_team]
        for support in plan.supports:
            errors[columns.SUPPORTERS + support.area] = [only_team]
        return errors


def _came() -> str:
    return tk._(
        "Somebody has created this project since you looked at the preview."
        " Please upload the file once more"
    )


def _gone() -> str:
    return tk._(
        "This project has gone since you looked at the preview. Please upload"
        " the file once more"
    )


def _failed(record: Record, key: str, why: str) -> Outcome:
    return Outcome(record, Result.FAILED, complaints=[Complaint(key, why)])

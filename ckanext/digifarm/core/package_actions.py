"""Core's actions for packages, for projects too."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any, NoReturn

import ckantoolkit as tk
from sqlalchemy import Row

from ..config import PROJECT_TYPE
from ..confirmations.model import Confirmation
from ..lib import errors, index, lookups
from ..lib import text as lib_text
from ..lib.acting import acting_in
from ..lib.ckan import Action, Context, DataDict, model
from ..lib.context import commit, deferred
from ..owners import care, membership
from ..projects import pictures
from ..projects import text as project_text
from ..projects.validation import validated
from ..proposals import proposed
from ..proposals.model import Proposal
from ..questions.model import Question
from ..support.model import Support
from ..tasks.model import Task
from . import editing

#: Names with underscores are core's own. Relationships have actions of their
#: own; here core would store them unchecked, and could not index the package.
IGNORED = ("__", "relationships_as_")

#: What belongs to projects, and is locked before these by its steps; in the
#: order in which steps lock several.
WITH_STEPS = (Proposal, Question, Support, Task, Confirmation)


@tk.chained_action
def package_create(
    next_: Action, context: Context, data_dict: DataDict
) -> Any:
    """Create a project with its picture; other types go on to core.

    :param image_upload: the picture, an uploaded file (optional)
    :raises ValidationError: also for what core would stumble over
    """
    if data_dict.get("type") != PROJECT_TYPE:
        return next_(context, data_dict)
    data_dict = _checked(data_dict)
    tk.check_access("package_create", tk.fresh_context(context), data_dict)
    return _save(next_, context, data_dict, None)


@tk.chained_action
def package_update(
    next_: Action, context: Context, data_dict: DataDict
) -> Any:
    """Update a project with its picture; other types go on to core.

    :param image_upload: a new picture, an uploaded file (optional)
    :param clear_upload: whether to take the picture away (optional)
    :raises ValidationError: also for what core would stumble over
    """
    project = _project(data_dict.get("id") or data_dict.get("name"))
    if project is None:
        return next_(context, data_dict)
    data_dict = _checked(data_dict)
    tk.check_access("package_update", tk.fresh_context(context), data_dict)
    proposed.check_approved(project, data_dict)
    return _save(next_, context, data_dict, project)


@tk.chained_action
def package_patch(next_: Action, context: Context, data_dict: DataDict) -> Any:
    """Patch a project; other types go on to core.

    :raises ValidationError: also for what core would stumble over
    """
    if isinstance(data_dict.get("id"), Row):
        # Core's bulk updates give what the database gave them.
        data_dict = {**data_dict, "id": data_dict["id"][0]}
    if project := _project(data_dict.get("id")):
        data_dict = _checked(data_dict)
        if errors.found(context):
            # Core gives another context to what it calls.
            stored = proposed.show(project.id)
            _only_check(context, {**stored, **data_dict}, project)
    return next_(context, data_dict)


@tk.chained_action
def package_delete(
    next_: Action, context: Context, data_dict: DataDict
) -> None:
    """Delete a project, which keeps its owners; other types go on to core.

    :raises ValidationError: where it is a proposal that is not approved
    """
    project = _project(data_dict.get("id"))
    if project:
        tk.check_access("package_delete", tk.fresh_context(context), data_dict)
        proposed.check_approved(project, {"state": model.State.DELETED})
        _lock(project)
        # By id, core would take the right from collaborators for good.
        data_dict = {**data_dict, "id": project.name}
    with acting_in(context):
        next_(context, data_dict)


@tk.chained_action
def package_owner_org_update(
    next_: Action, context: Context, data_dict: DataDict
) -> None:
    """Give a project to another organisation; other types go on to core.

    :raises ValidationError: where it is a proposal that is not approved
    """
    project = _project(data_dict.get("id"))
    if project:
        tk.check_access("package_owner_org_update", context, data_dict)
        proposed.check_approved(
            project, {"owner_org": data_dict.get("organization_id")}
        )
        _index_where_it_moves(project, data_dict.get("organization_id"))
    if project is None or context.get("defer_commit"):
        # What it is part of tells of all that was edited.
        with acting_in(context):
            next_(context, data_dict)
        return
    with acting_in(context), editing.edited(project):
        next_(deferred(context), data_dict)
        editing.tell(project)
        commit(context)


@tk.chained_action
def dataset_purge(
    next_: Action, context: Context, data_dict: DataDict
) -> None:
    """Purge a project with its picture; other types go on to core."""
    project = _project(data_dict.get("id"))
    if project is None:
        # Its links go with it.
        with acting_in(context):
            next_(context, data_dict)
        return
    tk.check_access("dataset_purge", tk.fresh_context(context), data_dict)
    # As steps do; core locks the project first, and both would wait.
    for table in WITH_STEPS:
        lookups.lock_of_project(table, project.id)
    _lock(project)
    picture = _picture(project)
    with acting_in(context):
        # Core leaves them, and then the database refuses.
        for member in model.Session.query(model.PackageMember).filter_by(
            package_id=project.id
        ):
            model.Session.delete(member)
        model.Session.flush()
        next_(context, data_dict)
    if picture:
        pictures.remove(picture)


@tk.chained_action
def package_collaborator_create(
    next_: Action, context: Context, data_dict: DataDict
) -> Any:
    """Core's own; who has made somebody an owner is written down.

    Whoever is named so stays an owner, whatever support ends.
    """
    project, user = _collaborator(data_dict)
    with acting_in(context):
        if project and user:
            tk.check_access("package_collaborator_create", context, data_dict)
            membership.keep(project.id, user.id)
        return next_(context, data_dict)


@tk.chained_action
def package_collaborator_delete(
    next_: Action, context: Context, data_dict: DataDict
) -> None:
    """Core's own; who has taken a project from an owner is written down.

    What somebody gave as an owner ends.
    """
    tk.check_access("package_collaborator_delete", context, data_dict)
    project, user = _collaborator(data_dict)
    with acting_in(context):
        if project and user and membership.is_owner(project.id, user.id):
            care.lock(project.id)
            # Core takes the right, and not the end of the support.
            membership.keep(project.id, user.id)
            care.end(project.id, user.id)
        next_(context, data_dict)


def _collaborator(
    data_dict: DataDict,
) -> tuple[model.Package | None, model.User | None]:
    """The project and the account that are named, where there are such."""
    named = data_dict.get("user_id")
    user = model.User.get(named) if isinstance(named, str) else None
    return _project(data_dict.get("id")), user


@tk.chained_action
def user_delete(next_: Action, context: Context, data_dict: DataDict) -> None:
    """Core's own; who owned projects does so no longer."""
    with acting_in(context):
        next_(context, data_dict)


def _index_where_it_moves(project: model.Package, to: str | None) -> None:
    """Let the index follow a project: here core leaves it as it was.

    Core also comes here each time that a project is saved, and indexes it.

    :param to: id or name of an organisation; none for a project without one
    """
    organization = model.Group.get(to) if to else None
    if (organization and organization.id) != (project.owner_org or None):
        index.reindex_later(project.id)


def _lock(project: model.Package) -> None:
    """Let whoever indexes a project wait for its end.

    Core takes it out of the index before it writes, and so locks, the row.

    :raises ObjectNotFound: where it is gone by now
    """
    if lookups.lock(project) is None:
        raise tk.ObjectNotFound(tk._("Civic project not found"))


def _picture(project: model.Package | None) -> str:
    return project.extras.get(pictures.URL_FIELD, "") if project else ""


def _project(id_or_name: Any) -> model.Package | None:
    if not id_or_name:
        return None
    try:
        id_or_name = lib_text.clean(id_or_name)
    except tk.Invalid as e:
        raise tk.ObjectNotFound(tk._("Civic project not found")) from e
    package = model.Package.get(id_or_name)
    return package if package and package.type == PROJECT_TYPE else None


def _checked(data_dict: DataDict) -> DataDict:
    """What of a project is taken in.

    :raises ValidationError: for what core would stumble over
    """
    data_dict = {
        key: value
        for key, value in data_dict.items()
        if not key.startswith(IGNORED)
    }
    project_text.check_project(data_dict)
    return project_text.tidied(data_dict)


def _only_check(
    context: Context, data_dict: DataDict, project: model.Package | None
) -> NoReturn:
    """Say what is wrong with a project besides what a page has found.

    :raises ValidationError: always
    """
    complaints = errors.found(context)
    with complaints.gather():
        validated(data_dict, project, context)
    raise complaints.error()


def _save(
    next_: Action,
    context: Context,
    data_dict: DataDict,
    project: model.Package | None,
) -> Any:
    if errors.found(context):
        _only_check(context, data_dict, project)
    with (
        pictures.taken_from(context, data_dict, _picture(project)),
        acting_in(context),
        editing.edited(project) if project else nullcontext(),
    ):
        return next_(context, data_dict)

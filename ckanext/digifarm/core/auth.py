from __future__ import annotations

from typing import Any

import ckantoolkit as tk
from sqlalchemy.orm.util import identity_key

from ..config import PROJECT_TYPE
from ..lib.ckan import (
    AuthFunction,
    AuthResult,
    Context,
    DataDict,
    authz,
    get_package_object,
    get_permission_labels,
    model,
)
from ..lib.permissions import AS_TEAM, is_reviewer
from ..projects import text
from ..proposals.model import Proposal

#: Where core has its own auth functions for what is read.
CORE = "ckan.logic.auth.get"


@tk.chained_auth_function
@tk.auth_allow_anonymous_access
def package_update(
    next_: AuthFunction, context: Context, data_dict: DataDict | None
) -> AuthResult:
    """Reviewers keep the right to edit projects that came through them.

    A project without organisation is edited by its collaborators only. A
    city's own schema may allow such projects; core would let everybody edit
    them who may create datasets in any organisation.
    """
    data_dict = data_dict or {}
    package = get_package_object(context, data_dict)
    if package.type != PROJECT_TYPE:
        return next_(context, data_dict)
    if package.owner_org:
        answer = next_(context, data_dict)
        return (
            answer
            if answer.get("success")
            else _by_review(context, package, answer)
        )
    user: Any = model.User.get(context.get("user"))
    return {
        "success": bool(
            user
            and authz.check_config_permission("allow_dataset_collaborators")
            and authz.user_is_collaborator_on_dataset(
                user.id, package.id, ["admin", "editor"]
            )
        ),
        "msg": tk._("This project belongs to no organisation"),
    }


@tk.chained_auth_function
def package_delete(
    next_: AuthFunction, context: Context, data_dict: DataDict | None
) -> AuthResult:
    """Reviewers hide projects; deleting them is for their teams."""
    return next_(tk.fresh_context(context, **{AS_TEAM: True}), data_dict or {})


@tk.chained_auth_function
@tk.auth_allow_anonymous_access
def package_show(
    next_: AuthFunction, context: Context, data_dict: DataDict | None
) -> AuthResult:
    """Reviewers read what they have hidden.

    What everybody may read is answered without asking the database who it is:
    a project's page asks for each of its parts.
    """
    data_dict = data_dict or {}
    # Where another plugin has a say, it is asked.
    package = context.get("package") or _loaded(data_dict.get("id"))
    if (
        package
        and context.get("user")
        and getattr(next_, "__module__", "") == CORE
        and _is_public(package)
    ):
        return {"success": True}
    answer = next_(context, data_dict)
    if answer.get("success"):
        return answer
    return _by_review(context, get_package_object(context, data_dict), answer)


def _loaded(id_: Any) -> model.Package | None:
    """A package that the session has already, by its id; no SQL statement."""
    if not isinstance(id_, str):
        return None
    key = identity_key(model.Package, id_)
    return model.Session().identity_map.get(key)


def _is_public(package: model.Package) -> bool:
    """Whether somebody without an account may read a project, as core says."""
    if package.type != PROJECT_TYPE:
        return False
    labels = get_permission_labels()
    everybody = {*labels.get_user_dataset_labels(None)}
    return not everybody.isdisjoint(labels.get_dataset_labels(package))


def _by_review(
    context: Context, package: model.Package, answer: AuthResult
) -> AuthResult:
    """Let reviewers do what others may not, with what came through them.

    :param answer: to all others
    """
    if (
        package.type == PROJECT_TYPE
        and not context.get(AS_TEAM)
        and is_reviewer(context.get("user"))
        and Proposal.kept_projects([package.id])
    ):
        return {"success": True}
    return answer


@tk.chained_auth_function
def resource_create(
    next_: AuthFunction, context: Context, data_dict: DataDict | None
) -> AuthResult:
    """Nobody adds resources to a project."""
    data_dict = data_dict or {}
    package = model.Package.get(data_dict.get("package_id"))
    if package and package.type == PROJECT_TYPE:
        return {"success": False, "msg": text.no_resources()}
    return next_(context, data_dict)

"""How somebody becomes the owner of a project: its collaborator, an editor."""

from __future__ import annotations

import enum
import secrets
from dataclasses import dataclass

import ckantoolkit as tk
import sqlalchemy as sa

from ckan import authz, model
from ckan.lib import mailer
from ckan.logic.schema import create_user_for_user_invite_schema

from .. import tokens
from ..model import Proposal, Support
from ..tokens import Purpose
from . import owners
from .context import of_portal

CAPACITY = "editor"

#: The longest user name of CKAN is 100 characters, with what is added here.
MAX_NAME = 90


class Way(str, enum.Enum):
    """What is left to do for somebody who is to own a project."""

    NONE = "none"  # the portal has no owners
    OWNER = "owner"  # nothing: it is theirs
    CLAIM = "claim"  # log in or register, and follow the link
    INVITATION = "invitation"  # choose a password


@dataclass(frozen=True)
class Entry:
    """How somebody comes to own a project.

    :param way: what they have to do
    :param link: where, or ""
    """

    way: Way
    link: str = ""


def give(project: model.Package, row: Proposal | Support, email: str) -> Entry:
    """Let whoever is behind a proposal or a support own a project.

    At once where they have an account; else they get a link. Where people
    can't register themselves, an account waits for its password, as CKAN's
    invitations do. Commits nothing.

    :param row: the proposal or support
    :param email: their confirmed address
    :returns: what to tell them
    """
    if not owners.collaborate():
        return Entry(Way.NONE)
    if user := model.User.get(row.user_id):
        add(project.id, user)
        return Entry(Way.OWNER)
    known = _account(email)
    may_register = authz.check_config_permission("create_user_via_web")
    if may_register or (known and known.state == model.State.ACTIVE):
        return Entry(Way.CLAIM, _claim_link(row))
    user = known or _invited(project, email)
    user.reset_key = mailer.make_key()
    row.user_id = user.id
    add(project.id, user)
    return Entry(Way.INVITATION, mailer.get_reset_link(user))


def add(project_id: str, user: model.User) -> None:
    """Make a user the owner of a project; commits nothing.

    Who may do more already keeps that.
    """
    query = model.Session.query(model.PackageMember).filter_by(
        package_id=project_id, user_id=user.id
    )
    member = query.one_or_none() or model.PackageMember(
        package_id=project_id, user_id=user.id, capacity=CAPACITY
    )
    if member.capacity not in owners.CAPACITIES:
        member.capacity = CAPACITY
    model.Session.add(member)
    model.Session.flush()


def _account(email: str) -> model.User | None:
    """The account with an address: one in use, or else one that waits.

    Those that were deleted keep their addresses.
    """
    users = model.Session.query(model.User).filter(
        sa.func.lower(model.User.email) == email.lower(),
        model.User.state.in_([model.State.ACTIVE, model.State.PENDING]),
    )
    return users.order_by(model.User.state).first()


def _claim_link(row: Proposal | Support) -> str:
    token = tokens.make(Purpose.CLAIM, row.id, row.token_key)
    return tk.h.url_for("digifarm_owners.claim", token=token, qualified=True)


def _invited(project: model.Package, email: str) -> model.User:
    """An account that waits for its password.

    Its name is public, so it is made of the project's, not of the address.
    """
    name = f"{project.name[:MAX_NAME]}-{secrets.token_hex(3)}"
    context = of_portal()
    context["schema"] = create_user_for_user_invite_schema()
    created = tk.get_action("user_create")(
        context,
        {"name": name, "email": email, "state": model.State.PENDING},
    )
    user = model.User.get(created["id"])
    assert user  # noqa: S101 – it was created above
    return user

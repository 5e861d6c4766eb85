"""How somebody becomes the owner of a project: its collaborator, an editor."""

from __future__ import annotations

import enum
import secrets
from dataclasses import dataclass

import ckantoolkit as tk
import sqlalchemy as sa

from ..lib import addresses, lookups, people, tokens
from ..lib.acting import acting
from ..lib.actors import Actor
from ..lib.ckan import (
    Context,
    authz,
    create_user_for_user_invite_schema,
    mailer,
    model,
)
from ..lib.context import of_portal
from ..lib.events import CLAIMED, Event, Subject
from ..lib.permissions import allowed
from ..lib.tokens import Purpose
from ..proposals.model import Proposal
from ..support.model import Support
from . import invitations, membership
from .membership import Gone
from .model import Invitation
from .workflow import INVITATIONS, take_back

#: The longest user name of CKAN is 100 characters, with what is added here.
MAX_NAME = 90


#: What a link to claim a project may come from.
Claimed = Proposal | Support | Invitation


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
    :param row: the proposal or support that lets them
    :param user: whose account it is, if that is known
    """

    way: Way
    row: Proposal | Support | None = None
    user: model.User | None = None

    @property
    def link(self) -> str:
        """Where they do it, or "".

        Made when a mail is written: by then the row has the key by which it
        is known from now on, and the page the language of the mail.
        """
        if self.way is Way.CLAIM and self.row:
            return _claim_link(self.row)
        if self.way is Way.INVITATION and self.user:
            return mailer.get_reset_link(self.user)
        return ""


def give(
    project: model.Package,
    row: Proposal | Support,
    email: str,
    user: model.User | None = None,
) -> Entry:
    """Let whoever is behind a proposal or a support own a project.

    At once where they have an account; else they get a link. Where people
    can't register themselves, an account waits for its password, as CKAN's
    invitations do. Commits nothing.

    :param row: the proposal or support
    :param email: their confirmed address, or ""
    :param user: their account, where it isn't that of the row (optional)
    :returns: what to tell them
    """
    if not people.collaborate():
        return Entry(Way.NONE)
    named = _user_of(row)
    user = user or named
    if user and user.is_active:
        _add(project, row, user)
        return Entry(Way.OWNER, row, user)
    if not email:
        return Entry(Way.NONE)
    user = waiting_account(project, email)
    if user is None:
        return Entry(Way.CLAIM, row)
    row.user_id = user.id
    _add(project, row, user)
    return Entry(Way.INVITATION, row, user)


def take(support: Support) -> Gone | None:
    """Take the right that came by a support that ends; commits nothing.

    :returns: what there is to tell; None where nobody owns less by it
    """
    user = model.User.get(membership.remove_by(support))
    if user is None:
        return None
    take_back(support.project_id, user.id)
    if not people.collaborate():
        return None
    context = Context(user=user.name, auth_user_obj=user)
    return Gone(
        user,
        is_last=not membership.owners(support.project_id),
        may_edit=user.is_active
        and allowed("package_update", context, support.project_id),
    )


def waiting_account(project: model.Package, email: str) -> model.User | None:
    """An account that waits for its password, for somebody who needs one.

    Where they can't register themselves, and have none; commits nothing.

    :param project: which they are to own
    :param email: their address
    """
    known = _account(email)
    may_register = authz.check_config_permission("create_user_via_web")
    if may_register or (known and known.is_active):
        return None
    if known:
        invitations.renew(known)
    user = known or _invited(project, email)
    # The link of an earlier invitation stays good.
    user.reset_key = user.reset_key or mailer.make_key()
    return user


def claim(row: Claimed, project: model.Package, user: model.User) -> None:
    """Make a user an owner who has followed a link; commits nothing.

    :param row: the proposal, support or invitation that lets them
    """
    with acting(Actor.USER, user.id):
        _add(project, row, user)
        row.user_id = user.id
        if isinstance(row, Invitation):
            INVITATIONS.go_on("digifarm_project_claim", row, Context())
            return
        subject = (
            Subject.PROPOSAL if isinstance(row, Proposal) else Subject.SUPPORT
        )
        Event.record(
            subject,
            row.id,
            "digifarm_project_claim",
            row.state,
            CLAIMED,
            project=project,
        )


def _add(project: model.Package, row: Claimed, user: model.User) -> None:
    """Make a user an owner; by a support, as long as it runs."""
    if isinstance(row, Support):
        membership.add_by(row, user)
    else:
        membership.add(project.id, user)


def _user_of(row: Proposal | Support) -> model.User | None:
    """The account that a row names.

    One that is not in use any more is named no longer: the link to claim the
    project is for somebody else then.
    """
    user = model.User.get(row.user_id)
    if user and user.is_active:
        return user
    row.user_id = None
    return None


def _account(email: str) -> model.User | None:
    """The account with an address, rather one that is in use.

    Until the commit, nobody else looks for it or makes one.
    """
    lookups.take_turns(f"account {addresses.mailbox(email)}")
    return model.Session.scalar(
        sa.select(model.User)
        .where(
            sa.func.lower(model.User.email).in_(addresses.spellings(email)),
            model.User.state != model.State.DELETED,
        )
        .order_by(model.User.state != model.State.ACTIVE)
        .limit(1)
        # `privacy purge` deletes those that wait for too long.
        .with_for_update(key_share=True)
    )


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
    invitations.note(user)
    return user

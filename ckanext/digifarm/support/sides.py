"""Who is asked about a support, on which side."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from ..confirmations import kinds
from ..confirmations.kinds import Askee
from ..lib import people
from ..lib.ckan import Context, model
from ..lib.permissions import may_update
from ..partners.model import Partner
from . import mails
from .model import Support
from .workflow import is_supporter


def team(project_id: str) -> list[Askee]:
    """Those who look after a project."""
    project = model.Package.get(project_id)
    return kinds.askees(people.of_project(project)) if project else []


def supporter(support: Support) -> list[Askee]:
    """Whoever gives a support, if they can be reached.

    That is who has offered it, or the contact of the partner; else who edits
    for its organisation.
    """
    partner = model.Session.get(Partner, support.partner_id or "")
    if found := mails.supporter(support, partner):
        user = model.User.get(support.user_id)
        is_theirs = user and user.is_active and support.contact_email
        return [Askee(found, user if is_theirs else None)]
    organization = partner and partner.organization_id
    editors = people.editors_of(organization) if organization else []
    # The city's team, which is written to where nobody is there, gives none.
    return [askee for askee in kinds.askees(editors) if askee.user]


def once(askees: Iterable[Askee]) -> list[Askee]:
    """Each only once who is on both sides."""
    return [*{askee.who: askee for askee in askees}.values()]


class Giver:
    """Somebody who may give supports: they, or a partner of theirs.

    Their organisations are looked up once, however many supports there are.
    """

    def __init__(self, user: model.User | None) -> None:
        self._user = user

    def gives(self, support: Support, partner: Partner | None) -> bool:
        """Whether a support is one of theirs.

        :param partner: who gives it, unless it is a private person
        """
        if self._user is None:
            return False
        contact = mails.supporter(support, partner)
        is_contact = contact and people.is_at(self._user, contact.email)
        if self._user.id == support.user_id or is_contact:
            return True
        organization = partner and partner.organization_id
        return bool(organization) and organization in self._organizations

    @cached_property
    def _organizations(self) -> list[str]:
        return people.organizations_of(self._user) if self._user else []


def is_one(support: Support) -> bool:
    """Whether the same person is alone on both sides."""
    both = (team(support.project_id), supporter(support))
    ours, theirs = ({one.who for one in side} for side in both)
    return len(ours) == 1 and ours == theirs


def is_team(context: Context, project_id: str) -> bool:
    """Whether a user looks after a project, which may be gone."""
    is_there = model.Package.get(project_id) is not None
    return is_there and may_update(context, project_id)


def may_answer(context: Context, support: Support | None) -> bool:
    """Whether a user is on one of the sides of a support."""
    return support is not None and (
        may_update(context, support.project_id)
        or is_supporter(context, support, {"id": support.id})
    )

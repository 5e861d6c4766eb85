"""The support of who became an owner by it, in the area `care`."""

from __future__ import annotations

import sqlalchemy as sa

from ..confirmations import caring
from ..lib import lookups
from ..lib.ckan import Context, model
from ..support.model import Support, SupportState
from ..support.workflow import WORKFLOW
from .needs import CARE

#: The action of the transition that ends it.
LEFT = "owner_left"


def lock(project_id: str) -> None:
    """Lock what may end, or change, as others own a project from now on.

    In the order of steps, and of who purges the project: supports before the
    project. Whose turn it is, and invitations, come after all of these.
    """
    lookups.lock_of_project(Support, project_id)
    caring.lock(project_id)


def end(project_id: str, user_id: str | None, reason: str = "") -> None:
    """End it, as somebody looks after a project no longer; commits nothing.

    Else the project's page would name them, and nobody would be looked for.
    What a partner gives goes on: somebody else may do it there.

    :param user_id: id of their account
    :param reason: why
    """
    query = (
        sa.select(Support)
        .where(
            Support.project_id == project_id,
            Support.user_id == user_id,
            Support.area == CARE,
            Support.partner_id.is_(None),
            Support.state == SupportState.ACCEPTED.value,
        )
        .order_by(Support.id)
    )
    for support in model.Session.scalars(query).all():
        WORKFLOW.go_on(LEFT, support, Context(), reason)

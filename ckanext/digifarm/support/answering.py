"""Who answers an offer: the people of a project, or others instead.

Where nobody has confirmed a project for long, or reviewers look for somebody
who takes it on, its people may not come back: so reviewers answer, too, who
would look after it.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ..config import PROJECT_TYPE
from ..lib import people, review_office
from ..lib.ckan import Context, model
from ..lib.permissions import is_reviewer, is_sysadmin
from ..lib.step import Step
from ..lib.waiting import differs
from ..projects import stages
from .model import Support, SupportState


def is_by_city(support: Support) -> bool:
    """Whether reviewers, too, answer an offer."""
    project = model.Package.get(support.project_id)
    extras = (project and project.extras) or {}
    return stages.city_answers(extras, support.area)


def may_as_city(context: Context, support: Support) -> bool:
    """Whether somebody may answer an offer as one of the city's team."""
    user = context.get("user")
    is_one = is_sysadmin(context) or is_reviewer(user)
    return is_one and is_by_city(support)


def is_waiting_for_city() -> sa.ColumnElement[bool]:
    """The same for all offers that wait, as a condition of a query."""
    return (
        (Support.state == SupportState.OFFERED.value)
        & (Support.area == stages.CARE)
        & stages.city_answering(model.Package.extras)
    )


def passes(project: object) -> bool:
    """Whether reviewers answer from now on, or no longer.

    :param project: a row that is about to be written
    """
    if not isinstance(project, model.Package) or not differs(
        project, "extras"
    ):
        return False
    attributes: Any = sa.inspect(project)
    [before] = attributes.attrs.extras.history.deleted or [{}]
    states = {
        stages.city_answers(extras or {}, stages.CARE)
        for extras in (before, project.extras)
    }
    return project.type == PROJECT_TYPE and len(states) > 1


def is_by_team(step: Step[Support]) -> bool:
    """Whether the people of a project take a step, or their organisation.

    What was proposed belongs to the reviewers' own organisation: they are not
    its people where it has owners.
    """
    project = model.Package.get(step.row.project_id)
    if project is None or step.user_id is None:
        return False
    team = people.of_project(project)
    office = review_office.organization()
    if office is None or project.owner_org != office.id:
        team += people.editors_of(project.owner_org)
    return step.user_id in {user.id for user in team}

"""What the people of a project are asked, and what their answers do."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa
from typing_extensions import override

from ..config import PROJECT_TYPE
from ..lib import people
from ..lib.ckan import Context, model
from ..lib.events import Change, Event, Subject
from ..lib.permissions import may_update
from ..projects import stages
from . import kinds
from .asked import PROJECT
from .kinds import CONFIRMED, Answer, Askee, Asking
from .model import Confirmation


class ProjectAsking(Asking):
    """Whether everything is as the entry of a project says."""

    name = PROJECT
    mails = "confirmations/emails"

    @override
    def things(self) -> sa.Select[Any]:
        """Public projects that are not over.

        The time counts from the last approval on, or else from the creation.
        """
        package = model.package_table.c
        approved = (
            sa.select(sa.func.max(Event.created))
            .where(
                Event.subject == Subject.PROJECT.value,
                Event.action == Change.APPROVED.value,
                Event.subject_id == package.id,
            )
            .correlate(model.package_table)
            .scalar_subquery()
        )
        stage = sa.func.coalesce(package.extras["stage"].astext, "")
        return sa.select(
            package.id,
            sa.func.coalesce(approved, package.metadata_created).label(
                "since"
            ),
        ).where(
            package.type == PROJECT_TYPE,
            package.state == model.State.ACTIVE,
            package.private.is_(False),
            stage.not_in(stages.OVER),
        )

    @override
    def project_id(self, subject_id: str) -> str | None:
        return subject_id

    @override
    def asked(self, row: Confirmation) -> list[Askee]:
        project = model.Package.get(row.subject_id)
        return kinds.askees(people.of_project(project)) if project else []

    @override
    def others(self, row: Confirmation) -> list[Askee]:
        """The editors of its organisation."""
        project = model.Package.get(row.subject_id)
        if project is None:
            return []
        return kinds.askees(people.editors_of(project.owner_org))

    @override
    def may_answer(self, context: Context, row: Confirmation) -> bool:
        return may_update(context, row.subject_id)

    @override
    def answers(self, row: Confirmation) -> list[Answer]:
        return [
            Answer(
                CONFIRMED,
                tk._("Everything is as it says"),
                tk._("Then its page says when that was confirmed last."),
                tk._("Thank you! The page says that it is confirmed."),
            )
        ]

    @override
    def words(self, row: Confirmation) -> dict[str, Any]:
        project = model.Package.get(row.subject_id)
        title = (project.title or project.name) if project else ""
        return {
            "title": title,
            "address": tk.h.url_for(
                "civic_project.read",
                id=project.name if project else row.subject_id,
            ),
            "question": tk._("Is “{title}” still as its page says?").format(
                title=title
            ),
            "lead": tk._("One click is enough."),
            "project": project,
        }


kinds.register(ProjectAsking())

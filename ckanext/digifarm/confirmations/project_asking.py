"""What the people of a project are asked, and what their answers do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa
from typing_extensions import override

from ..lib import people
from ..lib.ckan import Context, DataDict, model
from ..lib.events import Change, Event, Subject
from ..lib.permissions import may_update
from ..lib.step import Step
from ..projects.public import goes_on
from . import achievements, kinds, known, project_answers, publishing, schema
from .finding import PROJECT
from .kinds import Answer, Askee, Asking
from .model import Confirmation, ConfirmationState
from .project_answers import ENDED, HELP, TAKEOVER
from .workflow import CARETAKER_FOUND, TAKEN_ON

#: By these, its people look for somebody themselves, if they say so.
OWN_SEARCH = (HELP, TAKEOVER)


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
        return sa.select(
            package.id,
            sa.func.coalesce(approved, package.metadata_created).label(
                "since"
            ),
        ).where(goes_on(package))

    @override
    def project_id(self, subject_id: str) -> str | None:
        return subject_id

    @override
    def asked(self, row: Confirmation) -> list[Askee]:
        project = _project(row)
        return kinds.askees(people.of_project(project)) if project else []

    @override
    def others(self, row: Confirmation) -> list[Askee]:
        """The editors of its organisation, where others were asked first."""
        project = _project(row)
        if project is None:
            return []
        asked = {user.id for user in people.of_project(project)}
        editors = people.editors_of(project.owner_org)
        others = [editor for editor in editors if editor.id not in asked]
        return kinds.askees(others) if others else []

    @override
    def may_answer(self, context: Context, row: Confirmation) -> bool:
        return may_update(context, row.subject_id)

    @override
    def answers(self, row: Confirmation) -> list[Answer]:
        project = _project(row)
        if project is None:
            return []
        told = {schema.ACHIEVED: achievements.text_of(project.id)}
        return [
            replace(
                answer,
                besides=[project_answers.achieved()],
                values={**answer.values, **told},
            )
            for answer in project_answers.of(project)
        ]

    @override
    def act(
        self, context: Context, row: Confirmation, answer: str, data: DataDict
    ) -> None:
        project_answers.act(context, row.subject_id, answer, data)

    @override
    def known(self, row: Confirmation) -> list[str]:
        """What it looks for, and what subjects know."""
        project = _project(row)
        if project is None:
            return []
        return [project_answers.wanted_now(project), *known.of(project)]

    @override
    def consequence(self, row: Confirmation) -> str:
        if row.silent:
            return tk._(
                "Its page says now that nobody has confirmed it for long. Your"
                " answer undoes that."
            )
        if not (day := self.silent_day(row)):
            return ""
        return tk._(
            "Where nobody answers, the page says from {date} on that nobody"
            " has confirmed it; then it stands further down in the list, and"
            " help and tasks are closed. Nothing is deleted, and one click"
            " undoes it."
        ).format(date=day)

    @override
    def label(self, row: Confirmation, answer: str) -> str:
        return project_answers.label(answer)

    @override
    def edit(self, row: Confirmation, askee: Askee | None) -> str:
        project = _project(row)
        name = project.name if project else row.subject_id
        return tk.h.url_for("civic_project.edit", id=name, qualified=True)

    @override
    def told(self, data_dict: DataDict) -> dict[str, Any]:
        given, errors = tk.navl_validate(
            {k: v for k, v in data_dict.items() if k == schema.ACHIEVED},
            schema.achieved(),
        )
        if errors:
            raise tk.ValidationError(errors)
        return given

    @override
    def show(self, row: Confirmation) -> None:
        publishing.show(row)

    decisions = ("ask_again", "search", "end")

    @override
    def ending(self, row: Confirmation) -> Answer | None:
        project = _project(row)
        answers = project_answers.of(project) if project else []
        return {answer.name: answer for answer in answers}.get(ENDED)

    @override
    def end(self, row: Confirmation, data: DataDict) -> None:
        project_answers.end(row.subject_id, data)

    @override
    def follow(self, step: Step[Confirmation]) -> None:
        row, target = step.row, step.transition.target
        if target is ConfirmationState.SEARCHING and step.is_change:
            row.seeks = publishing.search_for_care(row)
        elif step.transition.action in {TAKEN_ON, CARETAKER_FOUND}:
            publishing.search_no_longer(row)
            row.seeks = False
        elif target is ConfirmationState.ANSWERED and row.seeks:
            if row.answer not in OWN_SEARCH:
                publishing.search_no_longer(row)
            row.seeks = False
        publishing.publish(row)
        if (text := step.values.get(schema.ACHIEVED)) is not None:
            achievements.keep(row.subject_id, text)

    @override
    def words(self, row: Confirmation) -> dict[str, Any]:
        project = _project(row)
        title = (project.title or project.name) if project else ""
        is_wanted = project and project_answers.is_wanted_here(project)
        question = (
            tk._("Is “{title}” still wanted here?")
            if is_wanted
            else tk._("Is “{title}” still as its page says?")
        )
        return {
            "title": title,
            "address": tk.h.url_for(
                "civic_project.read",
                id=project.name if project else row.subject_id,
            ),
            "question": question.format(title=title),
            "lead": tk._("One click is enough. Please choose an answer:"),
            "project": project,
            "is_wanted": is_wanted,
        }


def _project(row: Confirmation) -> model.Package | None:
    """The project; by its key, as lists have loaded it already."""
    return model.Session.get(model.Package, row.subject_id)


kinds.register(ProjectAsking())

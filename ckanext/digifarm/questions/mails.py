"""The mails by which a question reaches a project's team."""

from __future__ import annotations

import ckantoolkit as tk

from .. import config
from ..lib import outbox, people, tokens
from ..lib.actors import Actor
from ..lib.ckan import model
from ..lib.language import known, speaking
from ..lib.outbox import Recipient
from ..lib.tokens import Purpose
from .model import Question


def team(project: model.Package) -> list[Recipient]:
    """Who answers for a project; nobody where none has an address."""
    return people.recipients(people.of_project(project))


def send(template: str, to: Actor, question: Question) -> None:
    """Write a mail about a question to one side; commits nothing.

    :param template: name of the mail's template
    :param to: who gets it: whoever asks learns no address of the team
    """
    project = model.Package.get(question.project_id)
    if project is None:
        return
    is_to_team = to is Actor.PROJECT
    for recipient in team(project) if is_to_team else [_asker(question)]:
        with speaking(recipient.language):
            link = _link(to, question, project)
        outbox.write(
            f"questions/emails/{template}",
            recipient,
            subject_id=question.id,
            reply_to=question.email if is_to_team else "",
            question=question,
            project=project,
            link=link,
            days=config.token_days(),
        )


def _asker(question: Question) -> Recipient:
    # Until it is confirmed, anybody may have written anything as the name.
    return outbox.outsider(question.email, "", known(question.language))


def _link(to: Actor, question: Question, project: model.Package) -> str:
    if to is Actor.PROJECT:
        return tk.h.url_for(
            "civic_project.read", id=project.name, qualified=True
        )
    token = tokens.make(
        Purpose.QUESTION_CONFIRM, question.id, question.token_key
    )
    return tk.h.url_for(
        "digifarm_questions.confirm", token=token, qualified=True
    )

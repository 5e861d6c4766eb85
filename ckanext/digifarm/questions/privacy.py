"""People who have asked a project's team something.

Only what isn't sent yet is stored; the mails are those of mails/privacy.py.
"""

from __future__ import annotations

from datetime import datetime

from ..lib import consent, personal
from ..lib.ckan import model
from ..lib.events import Event, Subject
from ..lib.personal import Person
from .model import Question


def of(person: Person, *, locked: bool = False) -> list[Question]:
    """The questions of somebody that are not sent yet."""
    condition = person.is_behind(Question.email, Subject.QUESTION)
    return personal.rows(Question, condition, locked=locked)


def erase(person: Person) -> int:
    """Forget somebody; commits nothing.

    :returns: how many rows were deleted
    """
    found = of(person, locked=True)
    for question in found:
        Event.forget_of(Subject.QUESTION, question.id)
    count = personal.delete(found)
    model.Session.flush()
    return count


def delete_old(before: datetime) -> int:
    """Delete what links lead to no longer, sent or not; commits nothing."""
    old = personal.rows(Question, Question.modified < before, locked=True)
    count = personal.delete(old)
    model.Session.flush()
    return count


def export(question: Question) -> dict[str, object]:
    """What is stored of a question, in words."""
    return {
        "project": personal.package(question.project_id),
        "state": question.state,
        "name": question.name,
        "email": question.email,
        "message": question.message,
        "language": question.language,
        "created": question.created,
        "modified": question.modified,
        "consent": consent.export(question),
        "events": personal.events(Event.of(Subject.QUESTION, question.id)),
    }

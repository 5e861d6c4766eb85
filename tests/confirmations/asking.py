"""What is asked of a project, and who gets which mail."""

from __future__ import annotations

from typing import Any

from ckan import model
from ckanext.digifarm.confirmations import kinds, mails
from ckanext.digifarm.confirmations.model import Confirmation
from ckanext.digifarm.lib.events import Event

from ..acting import as_portal, as_user
from ..outbox import empty_outbox, leaving_mails
from ..working import work_here

OWNER, EDITOR, REVIEWER = (
    "owner@example.org",
    "project_editor@example.org",
    "reviewer@example.org",
)

ANSWER = "digifarm_confirmation_answer"


def row_of(project: dict[str, Any]) -> Confirmation:
    """What is known of a project, as it is stored."""
    model.Session.rollback()
    model.Session.expire_all()
    row = Confirmation.of("project", project["id"])
    assert row
    return row


def shown(project: dict[str, Any]) -> dict[str, Any]:
    """The project, once the index is up to date."""
    work_here()
    return as_portal("package_show", id=project["id"])


def told() -> list[tuple[str, str]]:
    """Who gets which mail since the last time, if it goes out now."""
    found = [(m.recipient_email, m.subject) for m in leaving_mails()]
    empty_outbox()
    return sorted(found)


def token_of(row: Confirmation, user: str) -> str:
    """The token that somebody has got."""
    found = [
        askee
        for askee in mails.linked(row)
        if askee.user and askee.user.name == user
    ]
    return mails.token_of(row, found[0])


def askee_token(row: Confirmation, email: str) -> str:
    """The token of whoever has an address, whether they are asked or not."""
    user = model.Session.query(model.User).filter_by(email=email).one()
    [askee] = kinds.askees([user])
    return mails.token_of(row, askee)


def answer(token: str, name: str = "confirmed", **data: Any) -> Any:
    """Answer by a link."""
    return as_user("", ANSWER, token=token, answer=name, **data)


def events() -> list[tuple[str, str | None, str, dict[str, Any]]]:
    """What has happened to questions, with who and what was said."""
    model.Session.rollback()
    query = model.Session.query(Event).filter_by(subject="confirmation")
    return [
        (event.action, event.target, event.actor, event.data)
        for event in query.order_by(Event.number)
    ]


def helps(project: dict[str, Any]) -> list[tuple[str, str]]:
    """Which areas of help were opened and closed."""
    model.Session.rollback()
    query = model.Session.query(Event).filter(
        Event.action.in_(["help_opened", "help_closed"]),
        Event.subject_id == project["id"],
    )
    return [
        (event.action, event.data["area"])
        for event in query.order_by(Event.number)
    ]


def found(*projects: dict[str, Any], fq: str = "", **more: Any) -> list[str]:
    """The names of those of some projects that a search finds."""
    work_here()
    names = " OR ".join(project["name"] for project in projects)
    filters = ["+dataset_type:civic_project", f"+name:({names})", fq]
    result = as_user(
        "", "package_search", fq_list=[*filter(None, filters)], **more
    )
    return [package["name"] for package in result["results"]]

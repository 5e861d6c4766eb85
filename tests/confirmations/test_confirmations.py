"""Once a year, the people of a project are asked whether it still is so."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
import pytest

from ckan import model
from ckanext.digifarm.confirmations.model import Confirmation

from ..acting import as_user
from ..outbox import empty_outbox, token_in, waiting_mails

OWNER, EDITOR, REVIEWER = (
    "owner@example.org",
    "project_editor@example.org",
    "reviewer@example.org",
)


@pytest.fixture
def project(kept) -> dict[str, Any]:
    return kept


@pytest.fixture
def asked(project, calendar) -> Confirmation:
    """A project whose owner was asked, a year after it came."""
    calendar.go_on(366)
    return row_of(project)


def row_of(project: dict[str, Any]) -> Confirmation:
    model.Session.rollback()
    model.Session.expire_all()
    row = Confirmation.of("project", project["id"])
    assert row
    return row


def told() -> list[tuple[str, str]]:
    """Who gets which mail since the last time."""
    found = [(m.recipient_email, m.subject) for m in waiting_mails()]
    empty_outbox()
    return sorted(found)


class TestClock:
    def test_nobody_is_asked_in_the_first_year(self, project, calendar):
        calendar.go_on(364)
        assert told() == []
        assert Confirmation.of("project", project["id"]) is None

    def test_all_are_asked_in_turn(self, asked, project, calendar):
        title = project["title"]
        question = f"Is “{title}” still as its page says?"
        assert told() == [(OWNER, question)]
        assert asked.state == "asked"
        calendar.go_on(13)
        assert told() == []
        calendar.go_on(2)
        assert told() == [
            (OWNER, f"Once more: {question[0].lower()}{question[1:]}")
        ]
        calendar.go_on(28)
        assert len(told()) == 1
        calendar.go_on(14)
        assert told() == [(EDITOR, f"Do you know how “{title}” is doing?")]
        assert row_of(project).state == "passed_on"
        calendar.go_on(14)
        assert told() == [(REVIEWER, f"Nobody knows how “{title}” is doing")]
        assert row_of(project).state == "undecided"
        assert row_of(project).silent is None
        calendar.go_on(20)
        assert told() == [(OWNER, f"“{title}” looks for help no longer")]
        assert row_of(project).silent
        calendar.go_on(400)
        assert told() == []


class TestConfirmed:
    def test_by_the_link(self, asked, project):
        [mail] = waiting_mails()
        answered = as_user(
            "",
            "digifarm_confirmation_answer",
            token=token_in(mail),
            answer="confirmed",
        )
        assert answered == {
            "id": asked.id,
            "state": "answered",
            "answer": "confirmed",
        }
        row = row_of(project)
        assert row.confirmed
        assert row.asked is None

    def test_a_used_link_is_of_no_use(self, asked):
        [mail] = waiting_mails()
        for is_used in (False, True):
            if is_used:
                with pytest.raises(tk.ValidationError) as raised:
                    answer_by(mail)
                assert raised.value.error_dict == {
                    "token": ["This link has been used already"]
                }
                continue
            answer_by(mail)

    def test_by_account_before_anybody_was_asked(self, project, people):
        for _ in range(2):
            as_user(
                people["owner"],
                "digifarm_confirmation_answer",
                project=project["name"],
                answer="confirmed",
            )
        assert row_of(project).state == "answered"

    @pytest.mark.parametrize(
        "role", ["anonymous", "other", "reviewer", "project_member"]
    )
    def test_strangers_may_not(self, role, asked, project, people):
        for named in ({"id": asked.id}, {"project": project["id"]}):
            with pytest.raises(tk.NotAuthorized):
                as_user(
                    people[role],
                    "digifarm_confirmation_answer",
                    **named,
                    answer="confirmed",
                )


def answer_by(mail: Any, answer: str = "confirmed", **data: Any) -> Any:
    return as_user(
        "",
        "digifarm_confirmation_answer",
        token=token_in(mail),
        answer=answer,
        **data,
    )

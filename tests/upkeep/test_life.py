"""An address dies, moves, and answers again; who should know hears of it."""

from __future__ import annotations

import socket

import pytest

from ckan import model

from ..outbox import waiting_mails
from .conftest import check_of, is_offline, run
from .web import status

pytestmark = pytest.mark.usefixtures("shared_portal", "no_commits")


def health_of(url: str) -> str:
    return check_of(url).health


def subjects() -> list[str]:
    return [mail.subject for mail in waiting_mails()]


def test_one_failure_is_none_and_three_over_four_days_are_death(
    project, portal, people
):
    url = portal.put("app", status(404))
    project(url=url, info_url=portal.url("other"))
    run()
    assert health_of(url) == "failing"
    run(2.1)
    assert health_of(url) == "failing"
    assert subjects() == []
    run(4.2)
    check = check_of(url)
    assert (check.health, check.failures) == ("dead", 3)
    assert check.since == check.failed
    [mail] = waiting_mails()
    owner = model.User.get(people["owner"])
    assert mail.recipient_email == owner.email
    assert mail.subject == f"“Durstige Bäume”: {url} doesn’t answer any more"
    assert "there is no such page" in mail.body
    for days in (12, 20):
        run(days)
    assert len(subjects()) == 1


def test_it_answers_again_by_itself(project, portal):
    url = portal.put("app", status(500))
    project(url=url, info_url=portal.url("other"))
    for days in (0, 2.1, 4.2):
        run(days)
    assert health_of(url) == "dead"
    del portal.hosts["app.example.org"]
    run(15)
    check = check_of(url)
    assert (check.health, check.failures, check.failed) == ("answers", 0, None)


def test_nothing_is_marked_while_the_portal_is_offline(
    project, portal, monkeypatch
):
    url, other = portal.put("app", status(404)), portal.url("other")
    project(url=url, info_url=other)
    run()
    before = [
        (check_of(one).health, check_of(one).failures) for one in (url, other)
    ]
    assert before == [("failing", 1), ("answers", 0)]
    with monkeypatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", is_offline(portal))
        for days in (2.1, 4.2, 12, 20):
            run(days)
    after = [
        (check_of(one).health, check_of(one).failures) for one in (url, other)
    ]
    assert after == before
    assert subjects() == []


def test_a_single_dead_host_is_believed_as_others_are_known_to_answer(
    project, portal
):
    url, other = portal.url("gone"), portal.url("other")
    project(url=url, info_url=other)
    run()
    portal.names["gone.example.org"] = socket.gaierror(
        socket.EAI_NONAME, "Name or service not known"
    )
    check_of(url).due = check_of(other).checked
    model.Session.commit()
    # The other one isn't due: it is asked to see whether we are online.
    portal.asked.clear()
    run(0.1)
    assert health_of(url) == "failing"
    assert portal.requests("other") == ["HEAD /"]

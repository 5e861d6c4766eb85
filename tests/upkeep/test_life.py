"""An address dies, moves, and answers again; who should know hears of it."""

from __future__ import annotations

import datetime
import socket
from dataclasses import replace
from typing import Any

import pytest
from freezegun import freeze_time

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action, changed_config
from ckanext.digifarm.lib import clock
from ckanext.digifarm.notices.kinds import KINDS
from ckanext.digifarm.notices.model import Notice
from ckanext.digifarm.upkeep import checking, telling
from ckanext.digifarm.upkeep.model import Check
from dev.web import is_silent, status

from ..acting import as_user, organization_of
from ..outbox import waiting_mails
from ..working import run_due
from .conftest import check_of, is_offline, run

pytestmark = pytest.mark.usefixtures("shared_portal", "no_commits")


def health_of(url: str) -> str:
    return check_of(url).health


def subjects() -> list[str]:
    return [mail.subject for mail in waiting_mails()]


def test_one_failure_is_none_and_three_over_four_days_are_death(
    project, portal, people, notices
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


@pytest.mark.parametrize(
    "host", [is_silent, status(503), status(429, Retry_After="60")]
)
def test_silence_takes_back_nothing(host, project, portal, monkeypatch):
    usual = checking.manner
    monkeypatch.setattr(
        checking,
        "manner",
        lambda: replace(usual(), timeout=(1, 1), max_seconds=2),
    )
    moves = leads_to(portal.url("new"))
    empty = status(200, Content_Type="text/html")
    urls = {
        name: portal.put(name, host)
        for name, host in (
            ("moved", moves),
            ("look", empty),
            ("dead", status(404)),
        )
    }
    fields = ("url", "info_url", "source_url")
    project(**dict(zip(fields, urls.values(), strict=True)))
    for days in (0, 2.1, 4.2):
        run(days)
    known = [state_of(url) for url in urls.values()]
    assert [state[0] for state in known] == [*urls]
    usual_hosts = {**portal.hosts}
    for name in urls:
        portal.put(name, host)
    run(15)
    assert [state_of(url) for url in urls.values()] == known
    portal.hosts.update(usual_hosts)
    run(30)
    assert [state_of(url)[:2] for url in urls.values()] == [
        state[:2] for state in known
    ]


def state_of(url: str) -> tuple[Any, ...]:
    check = check_of(url)
    return (
        check.health,
        check.since,
        check.problem,
        check.moved_to,
        check.failures,
    )


def test_who_lets_nobody_in_takes_back_no_failure(project, portal):
    url = portal.put("app", status(404))
    project(url=url)
    run()
    portal.put("app", status(403))
    run(2.1)
    check = check_of(url)
    assert (check.health, check.failures) == ("unknown", 1)
    portal.put("app", status(404))
    run(15)
    assert check_of(url).failures == 2


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


def test_a_run_ends_when_the_portal_is_offline(project, portal, monkeypatch):
    """Else each server would be waited for."""
    found = project(url=portal.url("app"))
    for number in range(30):
        call_action(
            "digifarm_task_create",
            project=found["id"],
            title="Something",
            url=portal.url(f"many{number}"),
        )
    names = set()

    def look_up(name: Any, *_: Any, **__: Any) -> Any:
        names.add(name)
        raise socket.gaierror(socket.EAI_AGAIN, "Try again")

    monkeypatch.setattr(checking, "MOST_DOUBTFUL", 3)
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    run()
    # Those that were asked at the same time are done.
    assert len(names) <= 3 + 2 * checking.THREADS
    assert {c.health for c in model.Session.query(Check)} == {"unknown"}
    assert (
        model.Session.query(Check).filter(Check.checked.isnot(None)).count()
        == 0
    )
    monkeypatch.setattr(socket, "getaddrinfo", portal.look_up)
    run(0.05)
    assert {c.health for c in model.Session.query(Check)} == {"answers"}


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


def test_where_nothing_has_answered_yet_the_portal_asks_itself(
    project, portal
):
    url = portal.url("gone")
    portal.names["gone.example.org"] = socket.gaierror(
        socket.EAI_NONAME, "Name or service not known"
    )
    project(url=url)
    with changed_config("ckan.site_url", portal.url("here")):
        run()
    assert health_of(url) == "failing"


def leads_to(url: str) -> Any:
    return status(301, Location=url)


@pytest.fixture
def notices(shared_app) -> Any:
    """What somebody is told on their page: kinds and titles."""

    def of(user: str) -> list[tuple[str, str]]:
        with shared_app.flask_app.test_request_context():
            found = as_user(user, "digifarm_notice_list")["results"]
        return [(one["kind"], one["title"]) for one in found]

    return of


def test_a_new_address_is_told_in_the_digest(project, portal, people, notices):
    new = portal.url("new")
    url = portal.put("app", leads_to(new))
    project(url=url)
    run()
    assert notices(people["owner"]) == [
        ("address-moved", f"“Durstige Bäume”: {url} has moved to {new}")
    ]
    run(11)
    assert len(notices(people["owner"])) == 1
    assert subjects() == []
    assert notices(people["other"]) == []


def test_a_name_that_is_sold_is_told_in_the_digest(
    project, portal, people, notices
):
    url = portal.put(
        "app",
        lambda request: request.say(
            200, b'<iframe src="https://www.bodis.com/lander">'
        ),
    )
    project(url=url)
    run()
    assert check_of(url).health == "look"
    [(kind, title)] = notices(people["owner"])
    assert kind == "address-odd"
    assert title.startswith(f"“Durstige Bäume”: please look at {url} – ")


def test_a_task_with_a_dead_address_is_told_to_its_project(
    project, portal, people, notices
):
    url = portal.put("wiki", status(410))
    found = project(url=portal.url("app"))
    task = call_action(
        "digifarm_task_create", project=found["id"], title="Gießen", url=url
    )
    for days in (0, 2.1, 4.2):
        run(days)
    [mail] = waiting_mails()
    assert "the task “Gießen”" in mail.body
    assert f"/civic_project/tasks/edit/{task['id']}#field-url" in mail.body


def test_nobody_is_told_of_what_is_over(project, portal, people, notices):
    url = portal.put("app", status(410))
    project(url=url, info_url=portal.url("other"), stage="ended")
    for days in (0, 2.1, 4.2):
        run(days)
    assert health_of(url) == "dead"
    assert subjects() == []
    assert notices(people["owner"]) == []


def test_reviewers_hear_of_what_nobody_has_mended(
    project, portal, people, notices
):
    url = portal.put("app", status(410))
    project(url=url, info_url=portal.url("other"), stage="live")
    reviewer = factories.User()["name"]
    office = model.Group.get(organization_of(editor=[reviewer]))
    for days in (0, 2.1, 4.2):
        run(days)
    with changed_config("ckanext.digifarm.review_organization", office.name):
        for days, expected in ((27, 0), (29, 1), (31, 1)):
            with freeze_time(clock.now() + datetime.timedelta(days=days)):
                # Somebody looks once a week.
                check_of(url).checked = clock.now()
                model.Session.commit()
                run_due("long-dead")
            told = notices(reviewer)
            assert len(told) == expected
    [(kind, title)] = told
    assert kind == "address-long-dead"
    assert f"{url} has not answered since" in title


def test_reviewers_hear_of_nothing_that_nobody_looks_at(
    project, portal, notices
):
    url = portal.put("app", status(410))
    project(url=url, info_url=portal.url("other"), stage="live")
    reviewer = factories.User()["name"]
    office = model.Group.get(organization_of(editor=[reviewer]))
    for days in (0, 2.1, 4.2):
        run(days)
    options = ("ckanext.digifarm.review_organization", office.name)
    later = clock.now() + datetime.timedelta(days=50)
    with freeze_time(later), changed_config(*options):
        run_due("long-dead")
        assert notices(reviewer) == []
        check_of(url).checked = clock.now()
        model.Session.commit()
        off = ("ckanext.digifarm.upkeep.enabled", False)
        with changed_config(*off):
            telling.tell_of_dead()
        assert notices(reviewer) == []
        telling.tell_of_dead()
        model.Session.commit()
        assert len(notices(reviewer)) == 1


def test_who_takes_up_a_dead_address_is_told_once(
    project, portal, people, notices
):
    url, other = portal.put("app", status(410)), portal.url("other")
    found = project(url=other, stage="live")
    call_action(
        "digifarm_task_create", project=found["id"], title="Z", url=url
    )
    for days in (0, 2.1, 4.2):
        run(days)
    # As if nobody had had it when it died.
    model.Session.query(Notice).delete()
    model.Session.commit()
    for days in (5, 6.5):
        with freeze_time(clock.now() + datetime.timedelta(days=days)):
            run_due("long-dead")
        assert [kind for kind, _ in notices(people["owner"])] == [
            "address-dead"
        ]


def told(kind: str) -> list[Any]:
    """What is left of what people are told."""
    model.Session.rollback()
    found = model.Session.query(Notice).filter_by(kind=kind)
    return KINDS[kind].left([notice.data for notice in found])


def test_what_is_not_so_any_more_is_not_told(project, portal):
    fields = {
        "url": portal.put("moved", leads_to(portal.url("new"))),
        "info_url": portal.put("look", status(200, Content_Type="text/html")),
        "source_url": portal.put("dead", status(404)),
    }
    project(**fields)
    for days in (0, 2.1, 4.2):
        run(days)
    kinds = ("address-moved", "address-odd", "address-dead")
    for kind in kinds:
        assert None not in told(kind)
        assert len(told(kind)) == 1
    portal.hosts.clear()
    run(15)
    for kind in kinds:
        assert told(kind) == [None]


def test_who_has_another_address_by_now_is_not_told(project, portal):
    url = portal.put("moved", leads_to(portal.url("new")))
    project(url=url)
    run()
    assert len(told("address-moved")) == 1
    project(url=portal.url("new"))
    assert told("address-moved") == [None]

"""What forges say of source code, and tasks that are made of their issues."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from ckan import model
from ckan.tests.helpers import call_action
from ckanext.digifarm.lib import clock
from ckanext.digifarm.lib.events import Event
from ckanext.digifarm.tasks.model import Task
from ckanext.digifarm.upkeep import forges, git
from ckanext.digifarm.upkeep.forges import Facts, Place
from ckanext.digifarm.upkeep.issues import is_for_beginners, turn
from ckanext.digifarm.upkeep.model import Host, Issue, Repository
from dev.web import Request, Web, status

from ..acting import as_portal, as_user
from ..proposing import REVIEWERS  # noqa: F401 – the scene needs it
from .conftest import run

pytestmark = pytest.mark.usefixtures("shared_portal", "no_commits")

HEAD, OTHER = "a" * 40, "b" * 40


def refs_of(head: str, branch: str = "main") -> bytes:
    """What a git server says first; the lengths are those of the lines."""
    line = (
        f"{head} HEAD\0multi_ack symref=HEAD:refs/heads/{branch} agent=git\n"
    )
    rest = f"{head} refs/heads/{branch}\n"
    lines = "".join(f"{len(one) + 4:04x}{one}" for one in (line, rest))
    return f"001e# service=git-upload-pack\n0000{lines}0000".encode()


def feed(*moments: str) -> bytes:
    entries = "".join(
        f"<entry><id>{m}</id><updated>{m}</updated></entry>" for m in moments
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<feed xmlns="http://www.w3.org/2005/Atom">'
        f"<updated>2001-01-01T00:00:00Z</updated>{entries}</feed>"
    ).encode()


class Forge:
    """A forge with one repository.

    :param pages: what it answers, by path with parameters
    """

    def __init__(self, web: Web, name: str, pages: dict[str, Any]) -> None:
        self.pages = pages
        self.web, self.name = web, name
        web.put(name, self.answer)

    def answer(self, request: Request) -> None:
        found = self.pages.get(request.path)
        if callable(found):
            found(request)
        elif found is None:
            request.say(404)
        else:
            is_text = isinstance(found, bytes)
            content = found if is_text else json.dumps(found).encode()
            request.say(200, content, {"Content-Type": "text/plain"})


REFS = "/city/trees/info/refs?service=git-upload-pack"
ISSUES = "/api/v1/repos/city/trees/issues?state=open&limit=50&type=issues"


def issue(web: Web, number: int, *labels: str, **values: Any) -> Any:
    return {
        "number": number,
        "html_url": web.url("git", f"/city/trees/issues/{number}"),
        "title": f"Issue {number}",
        "labels": [{"name": label} for label in labels],
        **values,
    }


@pytest.fixture
def forgejo(portal) -> Forge:
    return Forge(
        portal,
        "git",
        {
            REFS: refs_of(HEAD),
            "/city/trees": b"The trees",
            "/api/v1/repos/city/trees": {
                "full_name": "city/trees",
                "archived": False,
                "updated_at": "2026-10-01T00:00:00Z",
            },
            "/city/trees/atom/branch/main": feed(
                "2026-03-12T23:30:00-02:00", "2026-02-01T00:00:00Z"
            ),
            "/city/trees/raw/branch/main/publiccode.yml": b"name: Trees",
            ISSUES: [
                issue(portal, 1, "good first issue"),
                issue(portal, 2, "bug"),
                issue(portal, 3, "Typ: Einsteigerfreundlich"),
                issue(portal, 4, "good-first-issue", pull_request={}),
                issue(portal, 5, "beginner", pull_request={"merged": False}),
                issue(portal, 6, "beginner", html_url="https://evil.org/"),
            ],
        },
    )


@pytest.fixture
def trees(project, forgejo) -> dict[str, Any]:
    """A project whose source code is there."""
    return project(source_url=forgejo.web.url("git", "/city/trees"))


def repository() -> Repository:
    model.Session.rollback()
    return model.Session.query(Repository).one()


def test_what_a_forge_says_is_known(trees, forgejo):
    run()
    known = repository()
    assert (known.forge, known.head, known.branch) == (
        "forgejo",
        HEAD,
        "main",
    )
    assert known.changed == datetime.datetime.fromisoformat(
        "2026-03-13T01:30:00"
    )
    assert (known.archived, known.publiccode) == (False, True)
    issues = model.Session.query(Issue.number).order_by(Issue.number)
    assert [number for (number,) in issues] == [1, 3, 4]


def test_what_has_not_changed_is_not_asked_again(trees, forgejo):
    run()
    forgejo.web.asked.clear()
    run(11)
    paths = [line.split()[1] for line in forgejo.web.requests("git")]
    assert REFS in paths
    assert not [p for p in paths if "atom" in p or "publiccode" in p]


def test_that_it_is_archived_is_known(trees, forgejo):
    run()
    forgejo.pages["/api/v1/repos/city/trees"]["archived"] = True
    run(11)
    assert repository().archived is True


def test_a_plain_server_shows_that_code_has_changed(project, portal):
    plain = Forge(portal, "git", {REFS: refs_of(HEAD)})
    project(source_url=portal.url("git", "/city/trees"))
    run()
    known = repository()
    # When it was changed before we looked, nobody knows.
    assert (known.forge, known.changed) == ("git", None)
    plain.pages[REFS] = refs_of(OTHER)
    run(11)
    known = repository()
    assert known.head == OTHER
    assert known.changed
    assert known.checked
    assert abs(known.checked - known.changed).total_seconds() < 60


@pytest.mark.parametrize("code", [401, 403, 429, 500, 502, 503])
def test_a_server_that_is_ill_takes_nothing_back(code, trees, forgejo):
    run()
    forgejo.pages[REFS] = status(code)
    forgejo.pages[REFS.replace("/info", ".git/info")] = status(code)
    run(11)
    known = repository()
    assert (known.forge, known.head) == ("forgejo", HEAD)
    assert known.changed
    assert model.Session.query(Issue).count() == 3


@pytest.mark.parametrize("code", [401, 404, 410])
def test_what_is_gone_offers_no_issues(code, trees, forgejo):
    run()
    assert model.Session.query(Issue).count() == 3
    forgejo.pages.clear()
    forgejo.pages[REFS] = status(code)
    run(11)
    assert repository().forge == "none"
    assert model.Session.query(Issue).count() == 0


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (b"User-agent: *\nDisallow: /", [REFS]),
        (b"User-agent: ckanext-digifarm\nDisallow: /", []),
        (b"User-agent: ckanext-digifarm\nDisallow: /api", [REFS]),
    ],
)
def test_who_keeps_us_out_is_not_asked_for_code(
    rules, expected, trees, forgejo
):
    forgejo.pages["/robots.txt"] = rules
    forgejo.web.own_robots.add("git.example.org")
    run()
    paths = [line.split()[1] for line in forgejo.web.requests("git")]
    assert [path for path in paths if path == REFS] == expected
    has_asked = any(path.startswith("/api/") for path in paths)
    assert has_asked == (b"*" in rules)


def test_what_is_no_repository_is_none(project, portal):
    project(source_url=portal.url("site", "/blog"))
    run()
    assert repository().forge == "none"


def test_a_forge_that_limits_is_asked_no_more_than_it_allows(trees, forgejo):
    """It says that nothing is left, and when there will be something."""
    about = forgejo.pages["/api/v1/repos/city/trees"]

    def limited(request: Request) -> None:
        headers = {
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": "3600",
            "Content-Type": "application/json",
        }
        request.say(200, json.dumps(about).encode(), headers)

    forgejo.pages["/api/v1/repos/city/trees"] = limited
    run()
    paths = [line.split()[1] for line in forgejo.web.requests("git")]
    assert paths[-1] == "/api/v1/repos/city/trees"
    [host] = model.Session.query(Host)
    assert host.host == "git.example.org"
    hour = datetime.timedelta(hours=1)
    assert abs(host.waits - clock.now() - hour).total_seconds() < 60
    assert repository().checked is None
    forgejo.web.asked.clear()
    run(0.02)
    assert forgejo.web.requests("git") == []
    forgejo.pages["/api/v1/repos/city/trees"] = about
    run(0.1)
    assert repository().changed is not None


def adopt(people: dict[str, str], project: dict[str, Any], number: int) -> Any:
    [url] = [
        one["url"]
        for one in as_user(
            people["owner"], "digifarm_issue_list", project=project["id"]
        )
        if one["number"] == number
    ]
    return as_user(
        people["owner"],
        "digifarm_issue_adopt",
        project=project["id"],
        url=url,
    )


def state_of(task: dict[str, Any]) -> str:
    model.Session.rollback()
    found = model.Session.get(Task, task["id"])
    assert found
    return found.state


def test_a_task_is_done_when_its_issue_is_closed(trees, forgejo, people):
    run()
    one, three = (adopt(people, trees, number) for number in (1, 3))
    own = call_action(
        "digifarm_task_create",
        project=trees["id"],
        title="Not of an issue",
        url=forgejo.web.url("git", "/city/trees/wiki"),
    )
    run(11)
    assert state_of(one) == state_of(three) == "open"
    forgejo.pages[ISSUES] = forgejo.pages[ISSUES][1:2]
    forgejo.pages["/api/v1/repos/city/trees/issues/1"] = {"state": "closed"}
    # It has only lost its label.
    forgejo.pages["/api/v1/repos/city/trees/issues/3"] = {"state": "open"}
    run(22)
    states = [state_of(task) for task in (one, three, own)]
    assert states == ["done", "open", "open"]
    assert model.Session.query(Issue).count() == 0
    [event] = model.Session.query(Event).filter_by(action="issue_closed")
    assert (event.subject_id, event.target) == (one["id"], "done")


def test_a_task_is_done_though_its_repository_was_renamed(
    trees, forgejo, people
):
    run()
    task = adopt(people, trees, 1)
    foreign = call_action(
        "digifarm_task_create",
        project=trees["id"],
        title="Of others",
        url=forgejo.web.url("git", "/others/wood/issues/1"),
    )
    pages = forgejo.pages
    pages["/api/v1/repos/city/trees"]["full_name"] = "town/forest"
    new = forgejo.web.url("git", "/api/v1/repos/town/forest/issues/1")
    pages["/api/v1/repos/city/trees/issues/1"] = status(301, Location=new)
    pages["/api/v1/repos/town/forest/issues/1"] = {
        "state": "closed",
        "html_url": forgejo.web.url("git", "/town/forest/issues/1"),
    }
    pages["/api/v1/repos/others/wood/issues/1"] = {
        "state": "closed",
        "html_url": forgejo.web.url("git", "/others/wood/issues/1"),
    }
    pages[ISSUES] = []
    pages["/town/forest/info/refs?service=git-upload-pack"] = pages[REFS]
    pages["/api/v1/repos/town/forest"] = pages["/api/v1/repos/city/trees"]
    pages[ISSUES.replace("city/trees", "town/forest")] = []
    as_portal(
        "package_patch",
        id=trees["id"],
        source_url=forgejo.web.url("git", "/town/forest"),
    )
    run(11)
    assert [state_of(task), state_of(foreign)] == ["done", "open"]


def test_other_issues_are_asked_for_each_week():
    urls = [str(number) for number in range(25)]
    seen = {url for week in range(3) for url in turn(urls, week, 10)}
    assert seen == {*urls}
    assert turn([], 7, 10) == []
    assert turn(["1"], 7, 10) == ["1"]


@pytest.mark.parametrize("code", [403, 429, 500, 503])
def test_a_forge_that_is_ill_at_first_is_known_later(code, trees, forgejo):
    api = "/api/v1/repos/city/trees"
    about, forgejo.pages[api] = forgejo.pages[api], status(code)
    run()
    assert repository().forge == ""
    forgejo.pages[api] = about
    run(11)
    assert repository().forge == "forgejo"


def test_what_somebody_has_taken_stays_theirs(trees, forgejo, people):
    run()
    task = adopt(people, trees, 1)
    as_user(
        people["other"],
        "digifarm_task_take",
        id=task["id"],
        name="Kim",
        consent=True,
    )
    forgejo.pages[ISSUES] = []
    forgejo.pages["/api/v1/repos/city/trees/issues/1"] = {"state": "closed"}
    run(11)
    assert state_of(task) == "taken"


def test_issues_go_with_the_project(trees, forgejo):
    run()
    assert model.Session.query(Issue).count() == 3
    as_portal("package_patch", id=trees["id"], private=True)
    run(0.1)
    for table in (Issue, Repository):
        assert model.Session.query(table).count() == 0


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    b'<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><updated>&b;'
    b"</updated></entry></feed>"
)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<feed",
        BOMB,
        feed("yesterday", ""),
        feed("99999-01-01T00:00:00Z"),
        b"\xff\xfe\x00",
    ],
)
def test_a_feed_that_makes_no_sense_says_nothing(content, trees, forgejo):
    forgejo.pages["/city/trees/atom/branch/main"] = content
    run()
    # Then the forge's own word counts.
    assert repository().changed == datetime.datetime.fromisoformat(
        "2026-10-01T00:00:00"
    )


def test_nothing_was_changed_in_the_future(trees, forgejo):
    forgejo.pages["/city/trees/atom/branch/main"] = feed(
        "2999-01-01T00:00:00Z"
    )
    run()
    changed = repository().changed
    assert changed
    assert changed <= clock.now()


@pytest.mark.parametrize(
    "content",
    [
        b"[",
        b"null",
        b"{}",
        b"[" * 100_000,
        [None, 1, [], "x", {"labels": None}, {"labels": [1, None, {}]}],
        [{"labels": ["beginner"], "title": 1, "html_url": [], "number": "1"}],
    ],
)
def test_issues_that_make_no_sense_are_none(content, trees, forgejo):
    forgejo.pages[ISSUES] = content
    run()
    assert model.Session.query(Issue).count() == 0
    assert repository().checked is not None


@pytest.mark.parametrize(
    ("url", "base", "path"),
    [
        ("https://github.com/a/b", "https://github.com/a/b", "a/b"),
        ("https://github.com/a/b.git", "https://github.com/a/b", "a/b"),
        ("https://github.com/a/b/tree/x/y", "https://github.com/a/b", "a/b"),
        ("https://lab.org/g/h/p/-/tree/x", "https://lab.org/g/h/p", "g/h/p"),
        ("https://berg.org/a/b/src/branch/x/", "https://berg.org/a/b", "a/b"),
    ],
)
def test_a_repository_is_known_by_an_address_within(url, base, path):
    place = Place.of(url)
    assert (place.base, place.path) == (base, path)


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("good first issue", True),
        ("Good-First-Issue", True),
        ("difficulty: beginner", True),
        ("Einsteiger:innen", True),
        ("für Anfänger", True),
        ("first-timers-only", True),
        ("bug", False),
        ("not a good issue", False),
        ("restarter", False),
    ],
)
def test_labels_say_that_beginners_can_do_it(label, expected):
    assert is_for_beginners([label]) is expected


def test_what_git_servers_say_is_read():
    assert git.read(refs_of(HEAD, "trunk/x")) == git.Refs(HEAD, "trunk/x")
    assert git.read(b"<html>") is None
    empty = b"001e# service=git-upload-pack\n00000000"
    assert git.read(empty) == git.Refs()


class Asked:
    """A visit whose answers are known: what is asked of large forges."""

    def __init__(self, pages: dict[str, Any]) -> None:
        self.pages, self.asked = pages, []

    def allows(self, url: str) -> bool:
        return "private" not in url

    def keeps_out(self, url: str) -> bool:
        return "private" in url

    def ask(self, url: str, **_: Any) -> Any:
        self.asked.append(url)
        found = self.pages.get(url)
        content = b"" if found is None else found
        if not isinstance(content, bytes):
            content = json.dumps(content).encode()
        return forges.Answer(url, 404 if found is None else 200, {}, content)


def look(pages: dict[str, Any], url: str) -> Facts:
    visit: Any = Asked(pages)
    return forges.look(visit, url, Facts())


def test_github_is_asked_by_its_api():
    api = "https://api.github.com/repos/city/trees"
    facts = look(
        {
            f"https://github.com{REFS}": refs_of(HEAD),
            api: {
                "full_name": "city/trees",
                "archived": True,
                "pushed_at": "2026-05-01T00:00:00Z",
            },
            f"{api}/issues?state=open&per_page=50": [
                {
                    "number": 9,
                    "html_url": "https://github.com/city/trees/issues/9",
                    "title": "Ein Test",
                    "labels": [{"name": "good first issue"}],
                }
            ],
        },
        "https://github.com/city/trees",
    )
    assert facts.forge.value == "github"
    assert facts.archived is True
    assert facts.publiccode is False
    assert facts.changed == datetime.datetime.fromisoformat("2026-05-01")
    assert [one.title for one in facts.issues or ()] == ["Ein Test"]


def test_gitlab_tells_in_lists_alone_what_is_archived():
    base = "https://gitlab.opencode.de/city/app/trees"
    api = "https://gitlab.opencode.de/api/v4/projects"
    about = {"path_with_namespace": "city/app/trees"}
    pages = {
        f"{base}/info/refs?service=git-upload-pack": refs_of(HEAD),
        f"{api}/city%2Fapp%2Ftrees": about,
        f"{base}/-/commits/main?format=atom": feed("2026-04-01T00:00:00Z"),
        f"{api}?archived=true&simple=true&per_page=100&search=trees": [],
    }
    facts = look(pages, base)
    assert (facts.forge.value, facts.archived) == ("gitlab", False)
    assert facts.changed == datetime.datetime.fromisoformat("2026-04-01")
    pages[f"{api}?archived=true&simple=true&per_page=100&search=trees"] = [
        about
    ]
    assert look(pages, base).archived is True

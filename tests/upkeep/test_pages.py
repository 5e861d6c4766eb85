"""What pages say of addresses, to whom, and what can be done there."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import ckantoolkit as tk
import pytest
import sqlalchemy as sa
from freezegun import freeze_time

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action, changed_config
from ckanext.digifarm.lib import clock
from ckanext.digifarm.lib.mail import Mail
from ckanext.digifarm.notices.model import Notice
from ckanext.digifarm.tasks.model import Task
from ckanext.digifarm.upkeep import wording
from ckanext.digifarm.upkeep.addresses import host_of, refresh
from ckanext.digifarm.upkeep.model import Check, Issue, Repository
from dev.counting import counting

from .. import proposing
from ..acting import as_portal, as_user, organization_of
from ..browsing import Browser, html, text_of
from ..outbox import waiting_mails
from ..working import run_due
from .conftest import check_of, run

pytestmark = pytest.mark.usefixtures("shared_portal", "commits")

#: A day on which code was changed, in UTC and without a zone.
MARCH = datetime.datetime.fromisoformat("2026-03-12")

DAY = datetime.timedelta(days=1)
OLD, NEW = "https://old.example.org/", "https://new.example.org/app"
SOURCE = "https://git.example.org/city/trees"
LIST = "/civic_project/checks/list"


def known(url: str, health: str, *, days: float = 20, **values: Any) -> Check:
    """Let something be known of an address."""
    now = clock.now()
    check = Check(
        **{
            "url": url,
            "host": host_of(url),
            "health": health,
            "since": now - days * DAY,
            "checked": now - DAY,
            "due": now + DAY,
            **values,
        }
    )
    check = model.Session.merge(check)
    model.Session.commit()
    return check


def known_source(**values: Any) -> None:
    model.Session.merge(
        Repository(
            url=SOURCE, host=host_of(SOURCE), due=clock.now() + DAY, **values
        )
    )
    model.Session.commit()


@pytest.fixture
def browse(shared_app, people):
    def browser(role: str = "anonymous") -> Browser:
        name = people[role]
        return Browser(shared_app, model.User.get(name).id if name else None)

    return browser


def shown(browser: Browser, project: dict[str, Any]) -> str:
    """What somebody reads on a project's page."""
    page = html(browser.get(f"/civic_project/{project['name']}"))
    main = page.select_one("main, .main, #content, body")
    assert main
    return text_of(main)


def test_everybody_reads_since_when_an_address_is_dead(project, browse):
    found = project(url=OLD, source_url=SOURCE, stage="live")
    browser = browse()
    page = html(browser.get(f"/civic_project/{found['name']}"))
    assert page.select_one(f'a.btn-primary[href="{OLD}"]')
    check = known(OLD, "dead", problem="gone")
    page = html(browser.get(f"/civic_project/{found['name']}"))
    day = f"{check.since:%B} {check.since.day}, {check.since.year}"
    words = f"This address has not answered since {day}."
    assert words in text_of(page.select_one(".digifarm-intro"))
    [button] = page.select(f'.digifarm-actions a[href="{OLD}"]')
    assert "btn-primary" not in button["class"]
    assert "btn-link" in button["class"]
    # What to do about it concerns those alone who can.
    assert not page.select_one("#addresses")


def test_its_people_read_it_once(project, browse):
    found = project(url=OLD)
    known(OLD, "dead", problem="gone")
    words = "has not answered since"
    page = html(browse("owner").get(f"/civic_project/{found['name']}"))
    assert words not in text_of(page.select_one(".digifarm-intro"))
    assert page.select_one("#addresses")


def test_the_same_is_said_of_the_links_of_tasks(project, browse):
    found = project()
    for url in (OLD, NEW):
        call_action(
            "digifarm_task_create",
            project=found["id"],
            title="Something",
            url=url,
        )
    known(OLD, "dead", problem="gone")
    known(NEW, "answers")
    path = f"/civic_project/{found['name']}"
    page = html(browse().get(path))
    words = "This address has not answered since"
    assert text_of(page.select_one("#tasks")).count(words) == 1
    page = html(browse("owner").get(path))
    [one] = page.select("#addresses li")
    assert text_of(one).startswith(f"Tasks: {OLD} Doesn’t answer")
    tasks = as_user("", "digifarm_upkeep_show", project=found["id"])["tasks"]
    [task] = [one["task"] for one in tasks if one["url"] == OLD]
    edit = f"/civic_project/tasks/edit/{task}"
    assert one.select_one(f'a[href="{edit}#field-url"]')
    assert html(browse("owner").get(edit)).select_one("input#field-url")
    assert not one.select("form")


@pytest.mark.parametrize("health", ["answers", "failing", "unknown", "look"])
def test_nobody_reads_of_what_may_be_well(health, project, browse):
    found = project(url=OLD)
    known(OLD, health)
    assert "has not answered" not in shown(browse(), found)


def test_what_was_known_long_ago_is_said_no_longer(project, browse):
    found = project(url=OLD)
    known(OLD, "dead", days=90, checked=clock.now() - 36 * DAY)
    assert "has not answered" not in shown(browse(), found)


def test_the_last_change_of_the_code_is_shown(project, browse):
    found = project(source_url=SOURCE)
    known(SOURCE, "answers")
    words = "Last change of the source code"
    assert words not in shown(browse(), found)
    known_source(changed=MARCH, archived=True)
    said = shown(browse(), found)
    assert f"{words} March 2026" in said
    assert "Archived: nobody changes it any more" in said


def test_the_api_says_the_same(project, people):
    found = project(url=OLD, source_url=SOURCE)
    check = known(OLD, "moved", moved_to=NEW, status=200)
    known(SOURCE, "answers")
    known_source(changed=MARCH, publiccode=True)
    said = as_user("", "digifarm_upkeep_show", project=found["name"])
    assert said["addresses"]["url"] == {
        "url": OLD,
        "health": "moved",
        "problem": "",
        "status": 200,
        "since": check.since.isoformat(),
        "checked": check.checked and check.checked.isoformat(),
        "moved_to": NEW,
    }
    assert said["tasks"] == []
    assert said["repository"] == {
        "forge": "",
        "changed": "2026-03-12T00:00:00",
        "archived": None,
        "publiccode": True,
        "checked": None,
    }
    as_portal("package_patch", id=found["id"], private=True)
    with pytest.raises(tk.NotAuthorized):
        as_user("", "digifarm_upkeep_show", project=found["name"])
    with pytest.raises(tk.ObjectNotFound):
        as_user("", "digifarm_upkeep_show", project=factories.Dataset()["id"])


def test_its_people_take_over_a_new_address_by_one_click(
    project, browse, people
):
    found = project(url=OLD, info_url=OLD)
    known(OLD, "moved", moved_to=NEW)
    browser = browse("owner")
    path = f"/civic_project/{found['name']}"
    form = browser.form(path, "#addresses form[action$='/take-over']")
    assert browser.send(form).status_code == 200
    saved = as_portal("package_show", id=found["id"])
    assert (saved["url"], saved["info_url"]) == (NEW, NEW)
    # The second click finds nothing more to do.
    browser.send(form)
    assert as_portal("package_show", id=found["id"])["url"] == NEW


def test_its_people_see_it_among_what_is_to_be_done(project, browse, people):
    found = project(url=OLD, info_url=NEW, origin_url=NEW)
    known(OLD, "dead", problem="gone")
    known(NEW, "moved", moved_to=OLD)
    mine = as_user(people["owner"], "digifarm_project_mine")["results"]
    [needs] = [one["needs"] for one in mine if one["id"] == found["id"]]
    assert {"need": "addresses", "count": 1} in needs
    page = html(browse("owner").get("/dashboard/projects"))
    assert "1 address doesn’t answer any more." in text_of(page)
    link = f"/civic_project/{found['name']}#addresses"
    assert page.select_one(f'a[href="{link}"]')


@pytest.mark.parametrize(
    "action",
    [
        "digifarm_upkeep_take_over",
        "digifarm_upkeep_recheck",
        "digifarm_issue_list",
        "digifarm_issue_adopt",
    ],
)
def test_others_may_change_nothing(action, project, people):
    found = project(url=OLD)
    known(OLD, "moved", moved_to=NEW)
    data = {"project": found["id"]}
    if action.endswith(("take_over", "adopt")):
        data["url"] = OLD
    for role in ("other", "anonymous"):
        with pytest.raises(tk.NotAuthorized):
            as_user(people[role], action, **data)
    assert as_portal("package_show", id=found["id"])["url"] == OLD


def test_links_of_tasks_are_looked_at_again_with_the_project(
    project, portal, people
):
    found = project(url=portal.url("app"))
    link = portal.url("wiki")
    call_action(
        "digifarm_task_create", project=found["id"], title="Z", url=link
    )
    run()
    earlier = clock.now() - datetime.timedelta(days=1)
    model.Session.query(Check).update({"checked": earlier})
    model.Session.commit()
    as_user(people["owner"], "digifarm_upkeep_recheck", project=found["id"])
    portal.asked.clear()
    run()
    for name in ("app", "wiki"):
        assert portal.requests(name) != []


def test_only_what_has_moved_is_taken_over(project, people):
    found = project(url=OLD, info_url=NEW)
    known(OLD, "dead", moved_to=NEW)
    for url in (OLD, NEW, "https://other.example.org/"):
        with pytest.raises(tk.ValidationError) as raised:
            as_user(
                people["owner"],
                "digifarm_upkeep_take_over",
                project=found["id"],
                url=url,
            )
        assert [*raised.value.error_dict] == ["url"]


def test_its_people_let_it_be_looked_at_again(project, browse):
    found = project(url=OLD)
    known(OLD, "dead", problem="refused")
    browser = browse("owner")
    path = f"/civic_project/{found['name']}"
    assert "No server answers there." in shown(browser, found)
    form = browser.form(path, "#addresses form[action$='/again']")
    assert browser.send(form).status_code == 200
    assert check_of(OLD).due <= clock.now()


def test_reviewers_see_them_all_in_order(project, portal, shared_app, people):
    reviewer = factories.User()["name"]
    office = model.Group.get(organization_of(editor=[reviewer]))
    found = project(url=OLD, info_url=NEW, origin_url="https://z.example.org/")
    known(OLD, "moved", days=1, moved_to="https://moved.example.org/")
    known(NEW, "dead", days=9, problem="no_name")
    known("https://z.example.org/", "look", days=30, problem="parked")
    known("https://unused.example.org/", "answers")
    with changed_config("ckanext.digifarm.review_organization", office.name):
        listed = as_user(reviewer, "digifarm_upkeep_list")
        assert listed["count"] == 3
        assert [one["health"] for one in listed["results"]] == [
            "dead",
            "look",
            "moved",
        ]
        first = listed["results"][0]
        assert first["num_uses"] == 1
        assert first["uses"] == [
            {
                "kind": "project",
                "id": found["id"],
                "field": "info_url",
                "name": found["name"],
                "title": found["title"],
                "may_edit": False,
            }
        ]
        assert listed["counts"] == {
            "dead": 1,
            "look": 1,
            "moved": 1,
            "unknown": 0,
        }
        for sort, order in (
            ("since", ["look", "dead", "moved"]),
            ("address", ["dead", "moved", "look"]),
        ):
            results = as_user(reviewer, "digifarm_upkeep_list", sort=sort)
            assert [r["health"] for r in results["results"]] == order
        browser = Browser(shared_app, model.User.get(reviewer).id)
        page = browser.get("/civic_project/checks/list?health=dead")
        said = text_of(html(page))
        assert "1 address " in said
        tabs = html(page).select(".nav-pills a")
        assert [text_of(tab) for tab in tabs] == [
            "All that somebody should look at 3",
            "Doesn’t answer 1",
            "Please look 1",
            "Has a new address 1",
            "We can’t tell, or haven’t looked yet",
        ]
        parts = html(page).select(".nav-tabs a")
        assert "Addresses 3" in [text_of(part) for part in parts]
        assert "There is no server of this name." in said
        assert "z.example.org" not in said
        other = Browser(shared_app, model.User.get(people["other"]).id)
        assert other.get("/civic_project/checks/list").status_code == 403
        for role in ("owner", "anonymous"):
            with pytest.raises(tk.NotAuthorized):
                as_user(people[role], "digifarm_upkeep_list")


@pytest.fixture
def reviewer(portal) -> Iterator[str]:
    user = factories.User()["name"]
    office = organization_of(editor=[user])
    name = model.Group.get(office).name
    with changed_config("ckanext.digifarm.review_organization", name):
        yield user


def test_what_is_corrected_leaves_the_list_at_once(project, reviewer, people):
    """And what stands there now is among what nobody has looked at yet."""
    found = project(url=OLD, info_url=SOURCE, source_url=SOURCE)
    known(OLD, "dead", problem="gone")
    known(SOURCE, "dead", problem="gone")
    known_source()
    as_portal("package_patch", id=found["id"], url=NEW, source_url="")
    model.Session.rollback()
    listed = as_user(reviewer, "digifarm_upkeep_list")["results"]
    assert [one["url"] for one in listed] == [SOURCE]
    # Something else has it still, but no longer as source code.
    assert model.Session.get(Repository, SOURCE) is None
    listed = as_user(reviewer, "digifarm_upkeep_list", health=["unknown"])
    assert [(r["url"], r["checked"]) for r in listed["results"]] == [
        (NEW, None)
    ]
    as_portal("package_patch", id=found["id"], private=True)
    model.Session.rollback()
    for health in ("dead", "unknown"):
        listed = as_user(reviewer, "digifarm_upkeep_list", health=[health])
        assert listed["results"] == []


def test_so_does_what_a_task_or_a_partner_had(project, reviewer, people):
    found = project()
    task = call_action(
        "digifarm_task_create", project=found["id"], title="Dig", url=OLD
    )
    partner = call_action(
        "digifarm_partner_create", title="Moss", kind="other", url=NEW
    )
    assert {check_of(url).checked for url in (OLD, NEW)} == {None}
    call_action("digifarm_task_update", id=task["id"], url="")
    call_action("digifarm_partner_update", id=partner["id"], url=SOURCE)
    model.Session.rollback()
    left = {url for (url,) in model.Session.query(Check.url)}
    assert left == {SOURCE}


def test_only_what_has_changed_is_asked_for(project):
    found = project(url=OLD, info_url=NEW)
    with counting() as cost:
        as_portal("package_patch", id=found["id"], title="Another")
    assert not [one for one in cost.sql if "digifarm_check" in one]
    with counting() as cost:
        as_portal("package_patch", id=found["id"], url=SOURCE)
    asked = [one for one in cost.sql if "digifarm_check" in one]
    # One finds and forgets, and one takes in.
    assert len(asked) == 2


def test_a_look_at_all_goes_over_them_once(project):
    project(url=OLD, source_url=SOURCE)
    model.Session.query(Check).delete()
    model.Session.query(Repository).delete()
    with counting() as cost:
        refresh()
    # Of fields, of applications, and those of tasks: each once.
    [query, *rest] = cost.sql
    assert query.count("jsonb_each_text") == 1
    assert not [one for one in rest if "package" in one]
    model.Session.commit()
    assert check_of(OLD).due <= clock.now()
    assert model.Session.get(Repository, SOURCE)
    assert not model.Session.get(Repository, OLD)


def test_what_is_just_looked_at_holds_up_nobody(project):
    """Who edits a project waits for no run; the next one forgets it."""
    found = project(url=OLD)
    check_of(OLD)
    with model.ensure_engine().begin() as other:
        other.execute(
            sa.select(Check.url).where(Check.url == OLD).with_for_update()
        )
        as_portal("package_patch", id=found["id"], url=NEW)
        assert check_of(OLD)
    refresh()
    model.Session.commit()
    assert not model.Session.get(Check, OLD)


def test_reviewers_remind_those_who_can_mend_it(
    project, reviewer, browse, people, shared_app
):
    found = project(url=OLD)
    known(OLD, "dead", problem="no_name")
    browser = Browser(shared_app, model.User.get(reviewer).id)
    form = browser.form(LIST, "form[action*='/remind']")
    said = text_of(html(browser.send(form)))
    assert "1 person gets a mail within minutes." in said
    with shared_app.flask_app.test_request_context():
        found_ = as_user(people["owner"], "digifarm_notice_list")["results"]
    [told] = [one for one in found_ if one["kind"] == "address-reminded"]
    assert OLD in told["title"]
    # The cause is said once, however long the mail is.
    model.Session.query(Mail).delete()
    model.Session.commit()
    run_due("urgent-notices")
    owner = model.User.get(people["owner"])
    assert owner
    [mail] = waiting_mails(owner.email)
    said = f"{mail.subject} {mail.body}"
    assert said.count(wording.reason("no_name")) == 1
    edit = f"/civic_project/edit/{found['name']}#field-url"
    assert told["steps"][0]["address"].endswith(edit)
    said = text_of(html(browser.send(form)))
    assert "Nobody is left to remind: this week they were" in said
    with freeze_time(clock.now() + 7 * DAY):
        sent = as_user(reviewer, "digifarm_upkeep_remind", url=OLD)
    assert sent == {"told": 1}
    known(OLD, "answers")
    with pytest.raises(tk.ValidationError):
        as_user(reviewer, "digifarm_upkeep_remind", url=OLD)


def test_reviewers_let_an_address_be_looked_at_again(
    project, reviewer, shared_app
):
    project(url=OLD)
    known(OLD, "dead", problem="no_name")
    browser = Browser(shared_app, model.User.get(reviewer).id)
    form = browser.form(LIST, "form[action*='/look-again']")
    assert browser.send(form).status_code == 200
    assert check_of(OLD).due <= clock.now()


def test_reviewers_correct_what_came_through_them(
    project, reviewer, shared_app
):
    found = project(url=OLD)
    known(OLD, "dead", problem="no_name")
    edit = f"/civic_project/edit/{found['name']}#field-url"
    browser = Browser(shared_app, model.User.get(reviewer).id)
    assert not html(browser.get(LIST)).select(f'a[href="{edit}"]')
    with proposing.approved_as(found["id"]):
        assert html(browser.get(LIST)).select(f'a[href="{edit}"]')
        form = html(browser.get(edit.partition("#")[0]))
    assert form.select_one("input#field-url")


@pytest.mark.parametrize(
    "action", ["digifarm_upkeep_remind", "digifarm_upkeep_recheck_address"]
)
def test_nobody_else_may_do_so(action, project, people):
    project(url=OLD)
    check = known(OLD, "dead", problem="no_name")
    due = check.due
    for role in ("owner", "other", "anonymous"):
        with pytest.raises(tk.NotAuthorized):
            as_user(people[role], action, url=OLD)
    assert check_of(OLD).due == due
    assert not model.Session.query(Notice).count()


def test_while_nothing_is_looked_at_nobody_is_told_that_it_will_be(
    project, browse, people, reviewer, shared_app
):
    found = project(url=OLD)
    known(OLD, "dead", problem="no_name")
    path = f"/civic_project/{found['name']}"
    again = "#addresses form[action$='/again']"
    assert html(browse("owner").get(path)).select(again)
    with changed_config("ckanext.digifarm.upkeep.enabled", False):
        assert not html(browse("owner").get(path)).select(again)
        browser = Browser(shared_app, model.User.get(reviewer).id)
        page = html(browser.get(LIST))
        assert page.select("form[action*='/remind']")
        assert not page.select("form[action*='/look-again']")
        for user, action, data in (
            (people["owner"], "recheck", {"project": found["id"]}),
            (reviewer, "recheck_address", {"url": OLD}),
        ):
            with pytest.raises(tk.ValidationError):
                as_user(user, f"digifarm_upkeep_{action}", **data)


def test_what_has_moved_works(project, browse):
    """It is not asked whether it is all right again."""
    found = project(url=OLD)
    known(OLD, "moved", moved_to=NEW)
    said = shown(browse("owner"), found)
    assert f"Whoever opens it is led on, for good, to: {NEW}" in said
    assert "all right again" not in said


def test_links_to_fields_lead_to_fields(project, browse):
    found = project(url=OLD, info_url=NEW)
    known(OLD, "dead", problem="gone")
    known(NEW, "moved", moved_to=SOURCE)
    browser = browse("owner")
    page = html(browser.get(f"/civic_project/{found['name']}"))
    links = [str(a["href"]) for a in page.select("#addresses a[href*='#']")]
    edit = f"/civic_project/edit/{found['name']}"
    assert links == [f"{edit}#field-url", f"{edit}#field-info_url"]
    form = html(browser.get(edit))
    for link in links:
        assert form.select_one(f"input#{link.partition('#')[2]}")


def test_who_runs_a_server_learns_what_we_do(browse):
    said = text_of(html(browse().get("/civic_project/checks")))
    assert "User-agent: ckanext-digifarm Disallow: /" in said


def test_an_issue_becomes_a_task_by_one_click(project, browse, people):
    found = project(source_url=SOURCE)
    url = f"{SOURCE}/issues/7"
    title = "<b>Write</b> a test"
    model.Session.add(Issue(url=url, repository=SOURCE, number=7, title=title))
    model.Session.commit()
    path = f"/civic_project/tasks/{found['name']}"
    browser = browse("owner")
    page = browser.get(path)
    assert "<b>Write" not in page.body
    form = browser.form(path, "#issues form")
    for _ in range(2):
        assert browser.send(form).status_code == 200
    tasks = model.Session.query(Task).filter_by(project_id=found["id"]).all()
    assert [(t.title, t.url, t.for_beginners, t.state) for t in tasks] == [
        (title, url, True, "open")
    ]
    assert not html(browser.get(path)).select("#issues")
    assert (
        as_user(people["owner"], "digifarm_issue_list", project=found["id"])
        == []
    )

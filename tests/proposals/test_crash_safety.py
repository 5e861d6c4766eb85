"""Whatever dies meanwhile, an approval is whole, or there is none.

And nothing is public before it.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from freezegun import freeze_time
from redis import ConnectionPool

import ckan.lib.jobs
import ckan.lib.redis
from ckan import model
from ckan.lib.search import clear_all
from ckan.lib.search.common import make_connection
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp, changed_config
from ckanext.activity.model import Activity
from ckanext.digifarm.cli import digifarm
from ckanext.digifarm.lib import clock, outbox
from ckanext.digifarm.lib.events import Event, Subject
from ckanext.digifarm.links.model import Link
from ckanext.digifarm.proposals.model import Proposal

from ..acting import as_user
from ..browsing import Browser
from ..crashes import COMMIT, killed_before, no_server, steps_of
from ..mail_server import MailServer
from ..outbox import empty_outbox, waiting_mails
from ..proposing import (
    REVIEWERS,
    SECRETS,
    confirm,
    create_people,
    empty_tables,
    get,
    pending,
    project_of,
    propose,
    token_of,
)
from ..working import forget_jobs, work, work_again, work_here

pytestmark = [
    pytest.mark.ckan_config("ckanext.digifarm.review_organization", REVIEWERS),
    pytest.mark.usefixtures("shared_portal"),
]

#: A word that stands nowhere else.
WORD = "Schattenwege"

TITLE = f"{WORD} im Park"

#: What stands on pages that tell of the project.
MARKS = ("im Park", "Wege durch die Stadt", '"schattenwege-im-park"')

#: What there is of an approval before it, and after it.
PENDING = {
    "state": "pending",
    "private": True,
    "organization": REVIEWERS,
    "member of": [REVIEWERS],
    "owners": [],
    "events": 0,
    "mails": 0,
    "public activities": 0,
    "accounts": 0,
}
APPROVED = {
    "state": "approved",
    "private": False,
    "organization": "green-office",
    "member of": ["green-office"],
    "owners": [],
    "events": 1,
    "mails": 1,
    "public activities": 1,
    "accounts": 0,
}

#: The same where the proposer has an account.
OWNED = {**APPROVED, "owners": ["proposer@example.org"]}


@pytest.fixture(scope="module")
def roles(shared_portal) -> dict[str, str]:
    return create_people()


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    server.start()
    with changed_config("smtp.server", server.address):
        yield server
    server.stop()


@pytest.fixture(autouse=True)
def _empty(roles) -> None:
    empty()


def empty() -> None:
    """Forget all projects with what belongs to them."""
    empty_tables()
    model.Session.query(model.Member).filter_by(table_name="package").delete()
    for table in (Activity, model.PackageMember, model.Package):
        model.Session.query(table).delete()
    model.Session.query(model.User).filter_by(state="pending").delete()
    model.Session.commit()
    clear_all()
    forget_jobs()


def reviewed(roles: dict[str, str]) -> Proposal:
    """A pending proposal that is in the index; no mail waits."""
    proposal = pending(roles["proposer"], project={"title": TITLE})
    empty_outbox()
    work_here()
    return get(proposal.id)


def approve(proposal: Proposal, roles: dict[str, str]) -> None:
    as_user(
        roles["reviewer"],
        "digifarm_proposal_approve",
        id=proposal.id,
        organization="green-office",
    )


def ask_for_changes(proposal: Proposal, roles: dict[str, str]) -> None:
    as_user(
        roles["reviewer"],
        "digifarm_proposal_request_changes",
        id=proposal.id,
        reason="Mehr",
    )
    empty_outbox()


def facts(proposal: Proposal) -> dict[str, Any]:
    """What there is of an approval; see `PENDING`."""
    proposal = get(proposal.id)
    project = project_of(proposal)
    members = model.Session.query(model.Member).filter_by(
        table_id=project.id, capacity="organization", state="active"
    )
    owners = model.Session.query(model.PackageMember).filter_by(
        package_id=project.id, capacity="editor"
    )
    events = Event.of(Subject.PROPOSAL, proposal.id)
    activities = model.Session.query(Activity).filter_by(object_id=project.id)
    accounts = model.Session.query(model.User).filter_by(state="pending")
    return {
        "state": proposal.state,
        "private": project.private,
        "organization": model.Group.get(project.owner_org).name,
        "member of": [model.Group.get(m.group_id).name for m in members],
        "owners": [model.User.get(owner.user_id).email for owner in owners],
        "events": sum(event.target == "approved" for event in events),
        "mails": sum(
            mail.recipient_email == proposal.proposer_email
            and "is public now" in mail.subject
            for mail in waiting_mails()
        ),
        "public activities": sum(
            "public" in activity.permission_labels for activity in activities
        ),
        "accounts": accounts.count(),
    }


def run_check(*args: str) -> tuple[int, str]:
    """Exit status and last line of the command."""
    model.Session.remove()
    result = CliRunner().invoke(digifarm, ["check", *args])
    return result.exit_code, result.output.splitlines()[-1]


def found(user: str = "") -> list[str]:
    """Ids of the projects that somebody finds."""
    result = as_user(
        user,
        "package_search",
        q=WORD,
        fq="dataset_type:civic_project",
        include_private=True,
    )
    return [package["id"] for package in result["results"]]


def capacities() -> dict[str, str]:
    """What Solr says of the visibility of all projects, by their ids."""
    documents = make_connection().search("dataset_type:civic_project").docs
    return {document["id"]: document["capacity"] for document in documents}


#: How the proposer comes to own the project: their account, the options.
WAYS = {
    "account": ("proposer", {}, {"owners": ["proposer@example.org"]}),
    "link": ("anonymous", {}, {}),
    "invitation": (
        "anonymous",
        {"ckan.auth.create_user_via_web": False},
        {"owners": [SECRETS["proposer_email"]], "accounts": 1},
    ),
}


@pytest.fixture
def notes(tmp_path) -> Path:
    """A file for processes of their own."""
    return tmp_path / "steps"


@pytest.mark.parametrize("way", WAYS)
def test_a_kill_at_any_moment_leaves_all_or_nothing(
    way, roles, notes, ckan_config, monkeypatch
):
    def begin() -> Proposal:
        empty()
        proposal = pending(roles[role])
        # So that the approval has a worker to wake.
        forget_jobs()
        return get(proposal.id)

    def act() -> None:
        approve(proposal, roles)

    role, options, changes = WAYS[way]
    for option, value in options.items():
        monkeypatch.setitem(ckan_config, option, value)
    proposal = begin()
    steps = steps_of(act)
    assert facts(proposal) == {**APPROVED, **changes}
    assert steps.count(COMMIT) == 1
    last = steps.index(COMMIT)
    assert last >= 7
    assert len(steps) > last + 1
    proposal = begin()
    for step in range(last + 1):
        killed_before(step, act, notes)
        assert facts(proposal) == PENDING, f"before {steps[step]}"
    for step in range(last + 1, len(steps)):
        proposal = begin()
        killed_before(step, act, notes)
        assert facts(proposal) == {**APPROVED, **changes}, steps[step]


def test_a_kill_leaves_a_confirmed_proposal_with_its_project_or_none(notes):
    def begin() -> Proposal:
        empty()
        return propose(datasets=[factories.Dataset()["id"]])

    def act() -> None:
        confirm(proposal)

    def there() -> dict[str, Any]:
        """What there is of a confirmation, before or after it."""
        stored = get(proposal.id)
        return {
            "state": stored.state,
            "has payload": bool(stored.payload),
            "has project": stored.project_id is not None,
            "projects": [
                project.private
                for project in model.Session.query(model.Package).filter_by(
                    type="civic_project"
                )
            ],
            "links": model.Session.query(Link).count(),
            "mails": len(waiting_mails()),
        }

    before = {
        "state": "unconfirmed",
        "has payload": True,
        "has project": False,
        "projects": [],
        "links": 0,
        "mails": 1,
    }
    after = {
        "state": "pending",
        "has payload": False,
        "has project": True,
        "projects": [True],
        "links": 1,
        # To the proposer and to two reviewers.
        "mails": 4,
    }
    proposal = begin()
    steps = steps_of(act)
    assert there() == after
    assert steps.count(COMMIT) == 1
    last = steps.index(COMMIT)
    proposal = begin()
    for step in range(last + 1):
        killed_before(step, act, notes)
        assert there() == before, f"before {steps[step]}"
    killed_before(last + 1, act, notes)
    assert there() == after


def test_a_kill_leaves_all_changes_of_the_proposer_or_none(roles, notes):
    def begin() -> Proposal:
        empty()
        proposal = pending()
        ask_for_changes(proposal, roles)
        work_here()
        return get(proposal.id)

    def act() -> None:
        as_user(
            "",
            "digifarm_proposal_update",
            token=token,
            project={"notes": "Viel mehr"},
            datasets=[dataset["id"]],
        )

    def there() -> dict[str, Any]:
        stored = get(proposal.id)
        return {
            "state": stored.state,
            "notes": project_of(proposal).notes,
            "links": model.Session.query(Link).count(),
            "mails": len(waiting_mails()),
        }

    before = {
        "state": "changes_requested",
        "notes": None,
        "links": 0,
        "mails": 0,
    }
    after = {"state": "pending", "notes": "Viel mehr", "links": 1, "mails": 3}
    proposal = begin()
    token = token_of(proposal)
    dataset = factories.Dataset()
    steps = steps_of(act)
    assert there() == after
    last = steps.index(COMMIT)
    proposal = begin()
    token = token_of(proposal)
    dataset = factories.Dataset()
    for step in range(last + 1):
        killed_before(step, act, notes)
        assert there() == before, f"before {steps[step]}"
        assert found() == []
    # Solr hears of it after the commit, never before.
    assert run_check() == (0, "0 differences, 0 left")
    killed_before(last + 1, act, notes)
    assert there() == after


def test_what_a_kill_after_the_commit_has_lost_is_made_up_for(
    roles, notes, mail_server
):
    def act() -> None:
        approve(proposal, roles)

    proposal = reviewed(roles)
    last = steps_of(act).index(COMMIT)
    empty()
    proposal = reviewed(roles)
    killed_before(last + 1, act, notes)
    work()
    assert facts(proposal) == OWNED
    assert capacities() == {proposal.project_id: "private"}
    assert found() == []
    assert mail_server.messages == []
    assert run_check("--repair") == (0, "1 differences, 0 left")
    assert found() == [proposal.project_id]
    assert outbox.send_due() == {"done": 1}
    assert mail_server.recipients == ["proposer@example.org"]


class TestWithoutSolr:
    @pytest.fixture(autouse=True, params=["refuses", "says nothing"])
    def solr_is_down(self, request):
        with no_server(request.param) as address:
            self.address = address
            yield

    @contextmanager
    def down(self) -> Iterator[None]:
        url = f"http://{self.address}/solr/ckan"
        with pytest.MonkeyPatch.context() as patch:
            # What a worker's processes read.
            patch.setenv("CKAN_SOLR_URL", url)
            with (
                changed_config("solr_url", url),
                changed_config("solr_timeout", 0.2),
            ):
                yield

    def test_an_approval_is_whole_and_indexed_later(self, roles, shared_app):
        proposal = reviewed(roles)
        with self.down():
            approve(proposal, roles)
            assert facts(proposal) == OWNED
            project = as_user("", "package_show", id=proposal.project_id)
            assert project["organization"]["name"] == "green-office"
            assert project["private"] is False
            empty_outbox()
            work()
            assert facts(proposal) == {**OWNED, "mails": 0}
        assert capacities() == {proposal.project_id: "private"}
        assert found() == []
        assert telling(shared_app, {FEED, "/civic_project/"}) == set()
        assert run_check() == (1, "1 differences, 1 left")
        assert run_check("--repair") == (0, "1 differences, 0 left")
        assert found() == [proposal.project_id]
        assert telling(shared_app, {FEED}) == {FEED}

    def test_the_job_is_tried_again(self, roles):
        proposal = reviewed(roles)
        with self.down():
            approve(proposal, roles)
            empty_outbox()
            work()
        assert found() == []
        work_again()
        assert found() == [proposal.project_id]

    def test_a_confirmation_is_whole_and_stays_private(self, roles):
        proposal = propose()
        with self.down():
            proposal = confirm(proposal)
            assert facts(proposal) == PENDING
            shown = as_user(
                roles["reviewer"], "package_show", id=proposal.project_id
            )
            assert shown["title"] == WORD
            empty_outbox()
            work()
        assert capacities() == {}
        assert run_check("--repair") == (0, "1 differences, 0 left")
        assert capacities() == {proposal.project_id: "private"}
        assert found() == []
        assert found(roles["reviewer"]) == [proposal.project_id]

    def test_a_refusal_stays_refused(self, roles):
        proposal = reviewed(roles)
        with self.down():
            as_user(
                roles["reviewer"],
                "digifarm_proposal_decline",
                id=proposal.id,
                reason="Nicht offen",
            )
            empty_outbox()
            work()
        assert get(proposal.id).state == "declined"
        project = as_user(
            roles["sysadmin"], "package_show", id=proposal.project_id
        )
        assert project["state"] == "deleted"
        assert found() == []
        assert run_check("--repair") == (0, "1 differences, 0 left")
        assert capacities() == {}

    def test_changes_are_stored_and_indexed_later(self, roles):
        proposal = reviewed(roles)
        ask_for_changes(proposal, roles)
        work_here()
        with self.down():
            as_user(
                "",
                "digifarm_proposal_update",
                token=token_of(get(proposal.id)),
                project={"notes": "Viel mehr"},
            )
            assert get(proposal.id).state == "pending"
            assert project_of(proposal).notes == "Viel mehr"
            assert len(waiting_mails()) == 3
            empty_outbox()
            work()
        assert run_check() == (1, "1 differences, 1 left")
        work_again()
        assert run_check() == (0, "0 differences, 0 left")


class TestWithoutRedis:
    @pytest.fixture
    def redis_is_down(self, monkeypatch):
        with no_server("refuses") as address:
            pool = ConnectionPool.from_url(f"redis://{address}/0")
            monkeypatch.setattr(ckan.lib.redis, "_connection_pool", pool)
            monkeypatch.setattr(ckan.lib.jobs, "_queues", {})
            yield

    def test_an_approval_waits_for_the_cron_line(
        self, roles, mail_server, request
    ):
        proposal = reviewed(roles)
        request.getfixturevalue("redis_is_down")
        approve(proposal, roles)
        assert facts(proposal) == OWNED
        assert mail_server.messages == []
        assert found() == []
        model.Session.remove()
        result = CliRunner().invoke(digifarm, ["run-due"])
        assert result.exit_code == 0, result.output
        assert mail_server.recipients == ["proposer@example.org"]
        assert facts(proposal) == {**OWNED, "mails": 0}
        assert found() == [proposal.project_id]
        assert run_check() == (0, "0 differences, 0 left")

    def test_it_stays_where_nothing_else_answers_either(self, roles, request):
        proposal = reviewed(roles)
        request.getfixturevalue("redis_is_down")
        with (
            no_server("refuses") as address,
            changed_config("solr_url", f"http://{address}/solr/ckan"),
            changed_config("smtp.server", address),
        ):
            approve(proposal, roles)
        assert facts(proposal) == OWNED
        assert found() == []
        assert run_check("--repair") == (0, "1 differences, 0 left")
        assert found() == [proposal.project_id]


def test_mails_wait_for_the_mail_server(roles, mail_server):
    proposal = reviewed(roles)
    mail_server.stop()
    approve(proposal, roles)
    work()
    assert facts(proposal) == OWNED
    assert found() == [proposal.project_id]
    # To the proposer, and to who edits for the organisation that gets it.
    waiting = waiting_mails()
    assert {(one.attempts, one.state) for one in waiting} == {(1, "waiting")}
    mail_server.start()
    with freeze_time(clock.now() + datetime.timedelta(hours=1)):
        assert outbox.send_due() == {"done": 2}
    assert sorted(mail_server.recipients) == [
        "project_editor@example.org",
        "proposer@example.org",
    ]
    assert facts(proposal) == {**OWNED, "mails": 0}


def in_state(state: str, roles: dict[str, str]) -> Proposal:
    """A proposal whose life has come to a state, and the index with it."""
    project = {"title": TITLE, "help_wanted": ["technology"]}
    proposal = propose(project=project)
    if state != "unconfirmed":
        confirm(proposal)
    step = {
        "changes_requested": "request_changes",
        "declined": "decline",
        "approved": "approve",
    }.get(state)
    if state == "withdrawn":
        as_user("", "digifarm_proposal_withdraw", token=token_of(proposal))
    elif state == "approved":
        approve(proposal, roles)
    elif step:
        as_user(
            roles["reviewer"],
            f"digifarm_proposal_{step}",
            id=proposal.id,
            reason="Grund",
        )
    empty_outbox()
    work_here()
    return get(proposal.id)


ALL = "include_private=true&include_drafts=true&include_deleted=true"

#: Of projects, too, as it names their type.
FEED = f"/feeds/custom.atom?q={WORD}+dataset_type:civic_project"

#: Where everybody can read of a project that is public.
PUBLIC = {
    "/",
    "/civic_project/",
    f"/civic_project/?q={WORD}",
    "/civic_project/help-wanted",
    "/civic_project/schattenwege-im-park",
    f"/dataset/?q={WORD}+dataset_type:civic_project",
    "/dataset/activity/schattenwege-im-park",
    FEED,
    "/organization/green-office",
    "/api/action/package_list",
    f"/api/action/package_search?q={WORD}+dataset_type:civic_project",
    f"/api/action/package_search?q={WORD}+type:civic_project&{ALL}",
    "/api/action/package_show?id=schattenwege-im-park",
    f"/api/action/digifarm_proposal_duplicates?title={WORD}",
}

#: Where core would tell of a dataset.
OTHERS = {
    f"/dataset/?q={WORD}",
    "/feeds/dataset.atom",
    f"/feeds/custom.atom?q={WORD}",
    f"/feeds/organization/{REVIEWERS}.atom",
    "/feeds/organization/green-office.atom",
    f"/organization/{REVIEWERS}",
    f"/organization/activity/{REVIEWERS}",
    "/organization/activity/green-office",
    "/api/action/current_package_list_with_resources",
    f"/api/action/package_autocomplete?q={WORD}",
    "/api/action/recently_changed_packages_activity_list?include_data=true",
}


def telling(app: CKANTestApp, pages: set[str]) -> set[str]:
    """Those of some pages that tell everybody of the project."""
    browser = Browser(app)
    bodies = {page: browser.get(page).body for page in pages}
    return {
        page
        for page, body in bodies.items()
        if any(mark in body for mark in MARKS)
    }


@pytest.mark.parametrize(
    "state",
    [
        "unconfirmed",
        "pending",
        "changes_requested",
        "declined",
        "withdrawn",
    ],
)
def test_nothing_is_public_before_an_approval(state, roles, shared_app):
    proposal = in_state(state, roles)
    assert proposal.state == state
    assert telling(shared_app, PUBLIC | OTHERS) == set()
    is_indexed = state in {"pending", "changes_requested"}
    assert [*capacities().values()] == ["private"] * is_indexed
    for user in ("", roles["other"]):
        assert found(user) == []
    assert run_check() == (0, "0 differences, 0 left")


def test_all_of_it_is_public_after_an_approval(roles, shared_app):
    proposal = in_state("approved", roles)
    assert telling(shared_app, PUBLIC) == PUBLIC
    assert capacities() == {proposal.project_id: "public"}
    assert found() == [proposal.project_id]

"""Two entries of the same partner become one."""

from __future__ import annotations

import concurrent.futures
import datetime
from collections.abc import Iterator
from typing import Any

import ckantoolkit as tk
import pytest
from babel.dates import format_date

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action, changed_config
from ckanext.digifarm.lib import clock
from ckanext.digifarm.lib.events import Event, Subject
from ckanext.digifarm.partners.model import Partner
from ckanext.digifarm.support.model import Support, SupportState

from ..acting import as_portal, as_user
from ..browsing import Browser, html, text_of
from ..offering import empty_tables
from ..outbox import empty_outbox, waiting_mails
from ..working import forget_jobs, work

pytestmark = pytest.mark.usefixtures("shared_portal", "shared_app", "nothing")


@pytest.fixture
def nothing(shared_portal) -> None:
    empty_tables()


@pytest.fixture(scope="module")
def people(shared_portal) -> dict[str, str]:
    """Names of users, by what they may do."""
    roles = ("reviewer", "looker", "partner_editor", "other")
    names = {role: factories.User()["name"] for role in roles}
    factories.Organization(
        name="review-office",
        users=[
            {"name": names["reviewer"], "capacity": "editor"},
            {"name": names["looker"], "capacity": "member"},
        ],
    )
    factories.Organization(
        name="partners-organization",
        users=[{"name": names["partner_editor"], "capacity": "admin"}],
    )
    return {
        **names,
        "sysadmin": factories.Sysadmin()["name"],
        "anonymous": "",
    }


@pytest.fixture(autouse=True)
def reviewers(people) -> Iterator[None]:
    with changed_config(
        "ckanext.digifarm.review_organization", "review-office"
    ):
        yield


@pytest.fixture
def goes(people) -> dict[str, Any]:
    """The entry that leaves the directory."""
    return call_action(
        "digifarm_partner_create",
        title="Codefor Stadt",
        kind="developers",
        contact_name="Alte Person",
        contact_email="alt@example.org",
        organization_id="partners-organization",
    )


@pytest.fixture
def stays(people) -> dict[str, Any]:
    """The entry that stays."""
    return call_action(
        "digifarm_partner_create",
        title="Code for Stadt",
        kind="developers",
        contact_name="Neue Person",
        contact_email="neu@example.org",
        organization_id="partners-organization",
    )


@pytest.fixture
def project(project_factory) -> dict[str, Any]:
    return project_factory(title="Durstige Bäume")


def support(
    project: dict[str, Any],
    partner: dict[str, Any],
    area: str = "technology",
    state: SupportState = SupportState.ACCEPTED,
) -> str:
    """The id of a support of a year ago."""
    year_ago = clock.now() - datetime.timedelta(days=365)
    made = Support(
        project_id=project["id"],
        partner_id=partner["id"],
        area=area,
        state=state.value,
        created=year_ago,
        modified=year_ago,
    )
    model.Session.add(made)
    model.Session.commit()
    return made.id


def merge(
    goes: dict[str, Any], stays: dict[str, Any], user: str | None = None
) -> dict[str, Any]:
    data = {"id": goes["name"], "into": stays["name"]}
    if user is None:
        return call_action("digifarm_partner_merge", **data)
    return as_user(user, "digifarm_partner_merge", **data)


def stored(id_: str) -> Support:
    model.Session.rollback()
    found = model.Session.get(Support, id_)
    assert found
    return found


def state_of(partner: dict[str, Any]) -> str:
    model.Session.rollback()
    return Partner.get(partner["id"]).state


class TestWhatMoves:
    @pytest.mark.parametrize("state", list(SupportState))
    def test_each_support_in_each_state(self, state, project, goes, stays):
        moved = support(project, goes, state=state)
        assert merge(goes, stays)["id"] == stays["id"]
        assert stored(moved).partner_id == stays["id"]
        assert stored(moved).state == state.value
        assert Event.of(Subject.SUPPORT, moved) == []

    def test_only_what_is_theirs(self, project, goes, stays):
        other = call_action(
            "digifarm_partner_create", title="Andere", kind="other"
        )
        of_other = support(project, other)
        call_action(
            "digifarm_support_create",
            project=project["id"],
            area="care",
            person="Kim",
            consent=True,
        )
        person = model.Session.query(Support).filter_by(person="Kim").one().id
        events = len(Event.of(Subject.SUPPORT, person))
        before = stored(person).modified
        merge(goes, stays)
        assert stored(of_other).partner_id == other["id"]
        kim = stored(person)
        assert (kim.partner_id, kim.person, kim.state, kim.modified) == (
            None,
            "Kim",
            "accepted",
            before,
        )
        assert len(Event.of(Subject.SUPPORT, person)) == events

    def test_the_pages_tell_of_one_partner(
        self, project, goes, stays, shared_app
    ):
        support(project, goes)
        merge(goes, stays)
        visitor = Browser(shared_app)
        page = visitor.get(f"/civic_project/{project['name']}").body
        assert "Code for Stadt" in page
        assert "Codefor Stadt" not in page
        response = visitor.get("/partner/codefor-stadt")
        assert response.request.path == "/partner/code-for-stadt"
        page = response.body
        assert "Durstige Bäume" in page

    def test_neither_text_nor_contact(self, goes, stays):
        empty_outbox()
        merge(goes, stays)
        after = call_action("digifarm_partner_show", id=stays["id"])
        assert {**stays, "modified": after["modified"]} == after
        gone = call_action("digifarm_partner_show", id=goes["id"])
        assert gone["contact_email"] == "alt@example.org"
        # Whoever reads this address hears of it.
        old, new = sorted(
            waiting_mails(), key=lambda mail: mail.recipient_email
        )
        assert (old.recipient_email, new.recipient_email) == (
            "alt@example.org",
            "neu@example.org",
        )
        assert "/partner/link/" not in old.body
        assert "/partner/link/" in new.body
        for mail in (old, new):
            assert "What “" in mail.body


class TestWhatBothHave:
    def test_runs_once_afterwards(self, people, project, goes, stays):
        old = support(project, goes)
        kept = support(project, stays)
        elsewhere = support(project, goes, area="care")
        merge(goes, stays, people["reviewer"])
        assert stored(old).state == "ended"
        assert stored(old).partner_id == stays["id"]
        assert stored(kept).state == stored(elsewhere).state == "accepted"
        [event] = Event.of(Subject.SUPPORT, old)
        assert event.target == "ended"
        assert event.reason == "The same partner as “Code for Stadt”"
        assert event.created_by == model.User.get(people["reviewer"]).id
        assert Event.of(Subject.SUPPORT, kept) == []
        # What has just ended is kept as long as all that has.
        age = clock.now() - stored(old).modified
        assert age < datetime.timedelta(minutes=1)

    def test_is_asked_for_once_afterwards(self, project, goes, stays):
        requested = SupportState.REQUESTED
        old = support(project, goes, state=requested)
        kept = support(project, stays, state=requested)
        merge(goes, stays)
        assert stored(old).state == "withdrawn"
        assert stored(kept).state == "requested"
        [event] = Event.of(Subject.SUPPORT, old)
        assert event.target == "withdrawn"
        assert event.reason

    @pytest.mark.parametrize("running", ["goes", "stays"])
    def test_is_not_asked_for_where_it_runs(
        self, running, project, goes, stays
    ):
        """Nobody could accept such a request."""
        asked = stays if running == "goes" else goes
        request = support(project, asked, state=SupportState.REQUESTED)
        runs = support(project, goes if running == "goes" else stays)
        merge(goes, stays)
        assert stored(request).state == "withdrawn"
        assert stored(runs).state == "accepted"
        assert [e.target for e in Event.of(Subject.SUPPORT, request)] == [
            "withdrawn"
        ]

    @pytest.mark.parametrize(
        "state",
        [
            SupportState.UNCONFIRMED,
            SupportState.OFFERED,
            SupportState.DECLINED,
            SupportState.WITHDRAWN,
            SupportState.ENDED,
        ],
    )
    def test_may_be_there_twice_where_it_does_not_run(
        self, state, project, goes, stays
    ):
        both = [support(project, p, state=state) for p in (goes, stays)]
        merge(goes, stays)
        assert [stored(id_).state for id_ in both] == [state.value] * 2


class TestTheOtherEntry:
    def test_leaves_the_directory_with_a_reason(self, people, goes, stays):
        merge(goes, stays, people["reviewer"])
        assert (state_of(goes), state_of(stays)) == ("deleted", "active")
        listed = as_user("", "digifarm_partner_search")["results"]
        assert [partner["id"] for partner in listed] == [stays["id"]]
        *_, event = Event.of(Subject.PARTNER, goes["id"])
        assert (event.target, event.reason) == (
            "deleted",
            "The same partner as “Code for Stadt”",
        )
        assert event.created_by == model.User.get(people["reviewer"]).id
        assert len(Event.of(Subject.PARTNER, stays["id"])) == 1

    def test_can_be_restored_without_its_supports(self, project, goes, stays):
        moved = support(project, goes)
        merge(goes, stays)
        call_action("digifarm_partner_restore", id=goes["id"])
        restored = call_action("digifarm_partner_show", id="codefor-stadt")
        assert restored["state"] == "active"
        assert stored(moved).partner_id == stays["id"]

    def test_can_be_joined_once(self, goes, stays, shared_app):
        def join(pair: tuple[dict[str, Any], dict[str, Any]]) -> str:
            with shared_app.flask_app.test_request_context():
                try:
                    merge(*pair)
                except tk.ValidationError:
                    return "refused"
                finally:
                    model.Session.remove()
            return "done"

        # In both directions, else nobody would stay.
        pairs = [(goes, stays), (stays, goes)]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(join, pairs)) == ["done", "refused"]
        assert sorted((state_of(goes), state_of(stays))) == [
            "active",
            "deleted",
        ]


@pytest.mark.parametrize(
    "role", ["looker", "partner_editor", "other", "anonymous"]
)
def test_others_may_not(role, people, goes, stays):
    """Who edits both partners may not either: the directory is the city's."""
    with pytest.raises(tk.NotAuthorized):
        merge(goes, stays, people[role])
    assert state_of(goes) == "active"


@pytest.mark.parametrize("role", ["reviewer", "sysadmin"])
def test_reviewers_may(role, people, goes, stays):
    assert "contact_email" in merge(goes, stays, people[role])


class TestBadInput:
    @pytest.mark.parametrize(
        ("field", "value", "error"),
        [
            ("id", "nothing", tk.ObjectNotFound),
            ("into", "nothing", tk.ObjectNotFound),
            ("id", "", {"id"}),
            ("into", "", {"into"}),
            ("into", None, {"into"}),
            ("into", ["a"], {"into"}),
            ("into", "\x00", {"into"}),
            ("id", {"a": 1}, {"id"}),
        ],
    )
    def test_is_refused(self, field, value, error, project, goes, stays):
        moved = support(project, goes)
        data = {"id": goes["id"], "into": stays["id"], field: value}
        expected = tk.ValidationError if isinstance(error, set) else error
        with pytest.raises(expected) as raised:
            call_action("digifarm_partner_merge", **data)
        if isinstance(error, set):
            assert set(raised.value.error_dict) == error
        assert stored(moved).partner_id == goes["id"]
        assert state_of(goes) == "active"

    def test_is_the_partner_itself(self, project, goes):
        runs = support(project, goes)
        for into in (goes["id"], goes["name"]):
            with pytest.raises(tk.ValidationError) as raised:
                call_action("digifarm_partner_merge", id=goes["id"], into=into)
            assert set(raised.value.error_dict) == {"into"}
        assert stored(runs).state == "accepted"
        assert state_of(goes) == "active"

    @pytest.mark.parametrize("deleted", ["goes", "stays"])
    def test_is_a_deleted_partner(self, deleted, project, goes, stays):
        runs = support(project, goes)
        gone = goes if deleted == "goes" else stays
        call_action("digifarm_partner_delete", id=gone["id"])
        with pytest.raises(tk.ValidationError):
            merge(goes, stays)
        assert stored(runs).partner_id == goes["id"]


class TestPage:
    @pytest.fixture
    def reviewer(self, shared_app, people) -> Browser:
        return Browser(shared_app, model.User.get(people["reviewer"]).id)

    def test_joins(self, reviewer, project, goes, stays):
        moved = support(project, goes)
        edit = reviewer.get("/partner/edit/codefor-stadt").body
        assert "/partner/merge/codefor-stadt" in edit
        form = reviewer.form("/partner/merge/codefor-stadt")
        page = html(reviewer.send(form.with_values(into_query="code for")))
        options = page.select("[name=into] + label")
        assert [text_of(option) for option in options] == ["Code for Stadt"]
        response = reviewer.send(form.with_values(into=stays["name"]))
        assert response.request.path == "/partner/code-for-stadt"
        assert "are one now" in response.body
        assert stored(moved).partner_id == stays["id"]
        response = reviewer.send(form.with_values(into=stays["name"]))
        assert "Both partners must be in the directory" in response.body

    @pytest.mark.parametrize("into", ["", "nothing", "codefor-stadt", "\x00"])
    def test_says_what_is_wrong(self, into, reviewer, goes, stays):
        form = reviewer.form("/partner/merge/codefor-stadt")
        response = reviewer.send(form.with_values(into=into))
        assert response.status_code == 200
        assert html(response).select_one("#errors a[href='#field-into']")
        assert state_of(goes) == "active"

    def test_is_for_reviewers(self, shared_app, people, goes, stays):
        path = "/partner/merge/codefor-stadt"
        for role in ("looker", "partner_editor", "other"):
            browser = Browser(shared_app, model.User.get(people[role]).id)
            assert browser.get(path).status_code == 403
            data = {"_csrf_token": browser.token(), "into": stays["name"]}
            assert browser.post(path, data=data).status_code == 403
        page = Browser(shared_app, model.User.get(people["partner_editor"]).id)
        assert path not in page.get("/partner/edit/codefor-stadt").body
        visitor = Browser(shared_app)
        assert visitor.get(path).request.path == "/user/login"
        assert state_of(goes) == "active"

    def test_needs_a_token(self, reviewer, goes, stays):
        path = "/partner/merge/codefor-stadt"
        reviewer.get(path)
        response = reviewer.post(path, data={"into": stays["name"]})
        assert response.status_code == 400
        assert state_of(goes) == "active"

    def test_is_not_there_for_a_partner_that_is_not(self, reviewer):
        assert reviewer.get("/partner/merge/nothing").status_code == 404

    def test_speaks_german(self, reviewer, goes, stays):
        response = reviewer.get("/de/partner/merge/codefor-stadt")
        assert response.status_code == 200
        assert html(response).html["lang"] == "de"

    def test_says_what_moves(self, reviewer, project, goes, stays):
        support(project, goes)
        ended = support(project, goes, "content", SupportState.ENDED)
        support(project, goes, "sponsoring", SupportState.DECLINED)
        page = html(reviewer.get(f"/partner/merge/{goes['name']}"))
        said = [
            [text_of(item) for item in part.find_next("ul").select("li")]
            for part in page.select_one("#moves").find_next_siblings("h3")
        ]
        until = format_date(stored(ended).modified, "long", locale="en")
        assert said == [
            ["Durstige Bäume – Technical help"],
            [f"Durstige Bäume – Help with content (until {until})"],
        ]
        page = html(reviewer.get(f"/partner/merge/{stays['name']}"))
        assert page.select_one("#moves") is None


def test_the_facet_follows(project_factory, goes, stays):
    """Of the projects of both."""
    projects = [project_factory() for _ in range(2)]
    for project, partner in zip(projects, (goes, stays), strict=True):
        call_action(
            "digifarm_support_create",
            project=project["id"],
            area="care",
            partner=partner["id"],
        )
    empty_outbox()
    forget_jobs_and_index(projects)
    assert facet(projects) == {"Codefor Stadt": 1, "Code for Stadt": 1}
    merge(goes, stays)
    work()
    assert facet(projects) == {"Code for Stadt": 2}


def forget_jobs_and_index(projects: list[dict[str, Any]]) -> None:
    forget_jobs()
    for project in projects:
        as_portal("package_patch", id=project["id"], notes="Neu im Index")


def facet(projects: list[dict[str, Any]]) -> dict[str, int]:
    ids = " OR ".join(project["id"] for project in projects)
    found = as_user(
        "",
        "package_search",
        fq=f"dataset_type:civic_project id:({ids})",
        **{"facet.field": ["vocab_partner"]},
    )
    return found["facets"]["vocab_partner"]

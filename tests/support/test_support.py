"""Who supports a project: recorded by its editors, shown to everybody."""

from __future__ import annotations

import concurrent.futures
from typing import Any

import ckantoolkit as tk
import pytest
from babel.dates import format_date

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action
from ckanext.digifarm.lib import clock
from ckanext.digifarm.lib.events import Event, Subject
from ckanext.digifarm.partners.workflow import TRANSITIONS as PARTNER
from ckanext.digifarm.proposals.workflow import TRANSITIONS as PROPOSAL
from ckanext.digifarm.questions.workflow import TRANSITIONS as QUESTION
from ckanext.digifarm.support.model import Support, SupportState
from ckanext.digifarm.support.workflow import TRANSITIONS as SUPPORT
from ckanext.digifarm.support.workflow import WORKFLOW
from ckanext.digifarm.tasks.workflow import TRANSITIONS as TASK
from dev.paths import ROOT

from ..acting import as_portal, as_user, organization_of
from ..browsing import Browser, html, text_of
from ..offering import empty_tables

pytestmark = pytest.mark.usefixtures("shared_portal", "nothing")

EDITORS = ("project_editor", "owner", "sysadmin")
OTHERS = ("partner_editor", "other", "anonymous")


@pytest.fixture
def nothing(shared_portal) -> None:
    empty_tables()


@pytest.fixture(scope="module")
def people(shared_portal) -> dict[str, str]:
    """Names of users, by what they may do."""
    roles = ("project_editor", "owner", "partner_editor", "other")
    return {
        **{role: factories.User()["name"] for role in roles},
        "sysadmin": factories.Sysadmin()["name"],
        "anonymous": "",
    }


@pytest.fixture
def project(project_factory, people) -> dict[str, Any]:
    project = project_factory(
        title="Durstige Bäume",
        owner_org=organization_of(editor=[people["project_editor"]]),
    )
    as_portal(
        "package_collaborator_create",
        id=project["id"],
        user_id=people["owner"],
        capacity="editor",
    )
    return project


@pytest.fixture
def partner(people) -> dict[str, Any]:
    return call_action(
        "digifarm_partner_create",
        title="Offene Werkstatt",
        kind="association",
        contact_email="geheim@example.org",
        organization_id=organization_of(editor=[people["partner_editor"]]),
    )


@pytest.fixture
def support(project, partner) -> dict[str, Any]:
    return call_action(
        "digifarm_support_create",
        project=project["id"],
        area="technology",
        partner=partner["name"],
        scope="Der Server bis Ende 2027",
        since="2024-05",
    )


def errors_of(action: str, **data: Any) -> set[str]:
    with pytest.raises(tk.ValidationError) as raised:
        call_action(action, **data)
    return set(raised.value.error_dict)


def supports(user: str = "", **query: Any) -> list[dict[str, Any]]:
    return as_user(user, "digifarm_support_list", **query)


class TestWhoMay:
    def test_record(self, people, project, partner):
        for role in OTHERS:
            with pytest.raises(tk.NotAuthorized):
                as_user(
                    people[role],
                    "digifarm_support_create",
                    project=project["name"],
                    area="care",
                    partner=partner["id"],
                )
        areas = ("content", "technology", "care")
        for role, area in zip(EDITORS, areas, strict=True):
            as_user(
                people[role],
                "digifarm_support_create",
                project=project["name"],
                area=area,
                partner=partner["id"],
            )
        assert len(supports(project=project["id"])) == len(areas)

    @pytest.mark.parametrize("role", [*EDITORS, "partner_editor"])
    def test_end(self, role, people, support):
        for other in ("other", "anonymous"):
            with pytest.raises(tk.NotAuthorized):
                as_user(
                    people[other], "digifarm_support_end", id=support["id"]
                )
        ended = as_user(people[role], "digifarm_support_end", id=support["id"])
        today = clock.now().date().isoformat()
        assert ended == {**support, "state": "ended", "until": today}

    def test_read(self, people, support, project, partner):
        for user in people.values():
            assert supports(user, project=project["name"]) == [support]
            [found] = supports(user, partner=partner["name"])
            assert found["project"]["name"] == project["name"]
            assert "geheim@" not in str(found)
            shown = as_user(user, "digifarm_project_show", id=project["id"])
            assert shown["supporters"] == [support]

    def test_read_of_a_private_project(
        self, people, support, project, partner
    ):
        as_portal("package_patch", id=project["id"], private=True)
        for role in EDITORS:
            user = people[role]
            assert supports(user, project=project["id"]) == [support]
            assert len(supports(user, partner=partner["id"])) == 1
        for role in OTHERS:
            with pytest.raises(tk.NotAuthorized):
                supports(people[role], project=project["id"])
            assert supports(people[role], partner=partner["id"]) == []

    def test_read_of_a_deleted_partner(self, people, support, partner):
        call_action("digifarm_partner_delete", id=partner["id"])
        with pytest.raises(tk.NotAuthorized):
            supports(people["other"], partner=partner["id"])
        [found] = supports(project=support["project_id"])
        assert found["partner"]["state"] == "deleted"


def test_directory_knows_who_supports_a_public_project_now(
    project, support, partner
):
    other = call_action("digifarm_partner_create", title="B", kind="other")

    def found(**query: Any) -> list[str]:
        result = as_user("", "digifarm_partner_search", **query)
        return [entry["name"] for entry in result["results"]]

    assert found() == [other["name"], partner["name"]]
    assert found(supporting=True) == [partner["name"]]
    as_portal("package_patch", id=project["id"], private=True)
    assert found(supporting=True) == []
    as_portal("package_patch", id=project["id"], private=False)
    assert found(supporting=True) == [partner["name"]]
    call_action("digifarm_support_end", id=support["id"])
    assert found(supporting=True) == []


class TestLife:
    def test_is_written_down(self, people, support):
        as_user(
            people["owner"],
            "digifarm_support_end",
            id=support["id"],
            reason="Umzug",
        )
        begun, ended = Event.of(Subject.SUPPORT, support["id"])
        assert (begun.target, ended.target) == ("accepted", "ended")
        assert ended.reason == "Umzug"
        assert ended.created_by == model.User.get(people["owner"]).id

    @pytest.mark.parametrize("state", list(SupportState))
    def test_goes_by_the_table(self, state, support):
        model.Session.get(Support, support["id"]).state = state.value
        model.Session.commit()
        if step := WORKFLOW.transition("digifarm_support_end", state):
            ended = call_action("digifarm_support_end", id=support["id"])
            assert ended["state"] == step.target.value
            return
        events = len(Event.of(Subject.SUPPORT, support["id"]))
        assert errors_of("digifarm_support_end", id=support["id"]) == {"id"}
        model.Session.rollback()
        assert len(Event.of(Subject.SUPPORT, support["id"])) == events

    def test_ends_once_when_two_end_it_at_the_same_moment(
        self, support, shared_app
    ):
        def end(_: int) -> str:
            with shared_app.flask_app.test_request_context():
                try:
                    call_action("digifarm_support_end", id=support["id"])
                except tk.ValidationError:
                    return "refused"
                finally:
                    model.Session.remove()
            return "ended"

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(end, range(2))) == ["ended", "refused"]
        assert len(Event.of(Subject.SUPPORT, support["id"])) == 2

    def test_may_begin_again(self, support, project, partner):
        again = {
            "project": project["id"],
            "area": "technology",
            "partner": partner["id"],
        }
        assert errors_of("digifarm_support_create", **again) == {"partner"}
        call_action("digifarm_support_end", id=support["id"])
        call_action("digifarm_support_create", **again)
        assert len(supports(project=project["id"])) == 1
        assert len(supports(project=project["id"], state="ended")) == 1

    def test_goes_with_a_purged_project(self, support, project):
        as_portal("dataset_purge", id=project["id"])
        assert model.Session.query(Support).count() == 0


@pytest.mark.parametrize(
    ("file", "steps"),
    [
        ("support.md", (*PARTNER, *SUPPORT)),
        ("tasks.md", TASK),
        ("questions.md", QUESTION),
        ("proposals.md", PROPOSAL),
    ],
)
def test_the_docs_show_the_tables(file, steps):
    docs = ROOT / "docs" / file
    lines = [
        [cell.strip(" `") for cell in line.split("|")[1:-1]]
        for line in docs.read_text(encoding="utf-8").splitlines()
        if line.startswith("| `")
    ]
    # Other tables of the page have fewer columns.
    rows = [cells for cells in lines if len(cells) == 5]
    assert rows == [
        [
            step.action,
            step.source.value if step.source else "",
            step.target.value,
            ", ".join(actor.value for actor in step.actors),
            ", ".join(
                f"{who.value}: {mail}" for who, mail in step.mails.items()
            ),
        ]
        for step in steps
    ]


class TestFields:
    def test_are_kept(self, support, partner):
        expected = {
            "area": "technology",
            "scope": "Der Server bis Ende 2027",
            "since": "2024-05",
            "state": "accepted",
            "person": "",
            "partner": {
                key: partner[key] for key in ("id", "name", "title", "state")
            },
        }
        assert {key: support[key] for key in expected} == expected

    def test_of_private_persons(self, project):
        data = {"project": project["id"], "area": "care"}
        call_action("digifarm_support_create", **data)
        call_action(
            "digifarm_support_create", **data, person="Kim", consent=True
        )
        assert [s["person"] for s in supports(project=project["id"])] == [
            "",
            "Kim",
        ]
        assert errors_of("digifarm_support_create", **data, person="Kim") == {
            "consent"
        }
        kim = supports(project=project["id"])[1]
        [event] = Event.of(Subject.SUPPORT, kim["id"])
        assert event.reason == "The person agreed to be named"
        again = {**data, "person": "Kim", "consent": True}
        assert errors_of("digifarm_support_create", **again) == {"person"}
        call_action("digifarm_support_end", id=kim["id"])
        assert "Kim" not in str(supports(project=project["id"], state="ended"))

    def test_of_a_deleted_project_are_not_recorded(self, project):
        as_portal("package_delete", id=project["name"])
        data = {"project": project["id"], "area": "care"}
        assert errors_of("digifarm_support_create", **data) == {"project"}

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("area", "fun"),
            ("area", ""),
            ("area", ["care"]),
            ("partner", ["a"]),
            ("partner", "\x00"),
            ("person", "Kim"),
            ("person", "a\nb"),
            ("consent", {}),
            ("scope", "a" * 301),
            ("since", "yesterday"),
            ("since", "2024-13"),
        ],
    )
    def test_refuse_what_is_wrong_by_name(
        self, field, value, project, partner
    ):
        data = {
            "project": project["id"],
            "area": "care",
            "partner": partner["id"],
            field: value,
        }
        if (field, value) == ("consent", {}):
            call_action("digifarm_support_create", **data)
            assert supports(project=project["id"])[0]["person"] == ""
            return
        assert errors_of("digifarm_support_create", **data) == {field}
        assert supports(project=project["id"]) == []

    def test_name_what_there_is(self, project, partner, support):
        dataset = factories.Dataset()
        data = {"project": project["id"], "area": "care"}
        call_action("digifarm_partner_delete", id=partner["id"])
        for wrong in (
            {"project": "nothing"},
            {"project": dataset["id"]},
            {"partner": "nothing"},
            {"partner": partner["id"]},
        ):
            with pytest.raises(tk.ObjectNotFound):
                call_action("digifarm_support_create", **{**data, **wrong})
        with pytest.raises(tk.ObjectNotFound):
            call_action("digifarm_support_end", id="nothing")
        # Core asks no auth function for a sysadmin.
        for user in ("", factories.Sysadmin()["name"]):
            for wrong in ({"project": "nothing"}, {"partner": "nothing"}):
                with pytest.raises(tk.ObjectNotFound):
                    supports(user, **wrong)
        assert errors_of("digifarm_support_list") == {"project"}


class TestPages:
    @pytest.fixture
    def editor(self, shared_app, people) -> Browser:
        return Browser(shared_app, model.User.get(people["owner"]).id)

    @pytest.fixture
    def visitor(self, shared_app) -> Browser:
        return Browser(shared_app)

    def test_record_show_and_end(self, editor, visitor, project, partner):
        path = f"/civic_project/support/{project['name']}"
        form = editor.form(path)
        response = editor.send(
            form.with_values(
                area="sponsoring",
                partner=partner["name"],
                scope="80 Euro im Monat",
                since="2025",
            )
        )
        assert "The support has been saved" in response.body
        for page in (
            f"/civic_project/{project['name']}",
            f"/partner/{partner['name']}",
        ):
            text = text_of(html(visitor.get(page)).select_one("[role=main]"))
            for words in ("Funding and sponsoring", "80 Euro", "since 2025"):
                assert words in text
            assert "End the support" not in text
            assert "geheim@" not in text

        form = editor.form(path, "form[action$='/step/end']")
        response = editor.send(form.with_values(reason="Umzug"))
        assert "The support has ended" in response.body
        page = visitor.get(f"/civic_project/{project['name']}").body
        assert "80 Euro" not in page
        page = visitor.get(f"/partner/{partner['name']}").body
        assert "Supported before" in page
        assert "Umzug" not in page
        # All see how long it was.
        today = format_date(clock.now().date(), "long", locale="en")
        assert f"(2025 – {today})" in page
        assert f"(2025 – {today})" in editor.get(path).body
        response = editor.send(form)
        assert "has ended already" in response.body

    def test_the_partners_editors_end_it_on_its_page(
        self, shared_app, people, support, partner
    ):
        user = model.User.get(people["partner_editor"])
        browser = Browser(shared_app, user.id)
        form = browser.form(
            f"/partner/{partner['name']}", "form[action$='/step/end']"
        )
        response = browser.send(form)
        assert response.request.path == f"/partner/{partner['name']}"
        assert "The support has ended" in response.body

    def test_mistakes_are_shown_and_nothing_is_lost(self, editor, project):
        form = editor.form(f"/civic_project/support/{project['name']}")
        response = editor.send(
            form.with_values(since="bald", person="Kim", scope="Pflege")
        )
        page = html(response)
        summary = text_of(page.select_one("#errors"))
        assert "Area" in summary
        assert "Since" in summary
        assert page.select_one("[name=person]")["value"] == "Kim"
        assert page.select_one("[name=scope]")["value"] == "Pflege"

    def test_is_closed_to_others(
        self, shared_app, visitor, people, project, support
    ):
        path = f"/civic_project/support/{project['name']}"
        other = Browser(shared_app, model.User.get(people["other"]).id)
        assert other.get(path).status_code == 403
        end = "/civic_project/support/step/end"
        for browser in (other, visitor):
            token = {"_csrf_token": browser.token()}
            browser.post(path, data={**token, "area": "care"})
            browser.post(end, data={**token, "id": support["id"]})
            assert browser.get(end).status_code in {403, 404, 405}
            assert browser.post(end).status_code == 400
        assert supports(project=project["id"]) == [support]

    def test_is_not_for_datasets(self, editor):
        dataset = factories.Dataset()
        path = f"/civic_project/support/{dataset['name']}"
        assert editor.get(path).status_code == 404

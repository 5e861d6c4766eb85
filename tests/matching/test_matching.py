"""Which partners could help a project, and which projects a partner."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.lib.search import clear_all
from ckan.tests import factories
from ckan.tests.helpers import call_action, changed_config
from ckanext.digifarm.lib.events import Event
from ckanext.digifarm.matching.match import MAX_HISTORY, Match
from ckanext.digifarm.partners.model import Partner
from ckanext.digifarm.support.model import Support
from dev.counting import Cost, counting

from ..acting import as_portal, as_user
from ..browsing import Browser, html, text_of

pytestmark = pytest.mark.usefixtures("shared_portal", "nothing")

SCRIPT = "<script>alert(1)</script>"

#: What a project and a partner may have in common, in these tests.
WISH: dict[str, Any] = {
    "help_wanted": ["technology"],
    "action_fields": ["mobility"],
    "technologies": ["Flutter"],
}


@pytest.fixture
def nothing(shared_portal) -> None:
    model.Session.rollback()
    for table in (Support, Partner, Event):
        model.Session.query(table).delete()
    model.Session.commit()
    clear_all()


@pytest.fixture(scope="module")
def people(shared_portal) -> dict[str, str]:
    """Names of users, by what they may do."""
    return {
        **{role: factories.User()["name"] for role in ("editor", "other")},
        "sysadmin": factories.Sysadmin()["name"],
        "anonymous": "",
    }


@pytest.fixture(scope="module")
def organization(people) -> dict[str, Any]:
    editor = {"name": people["editor"], "capacity": "editor"}
    return factories.Organization(users=[editor])


@pytest.fixture
def new_project(project_factory, organization) -> Callable[..., Any]:
    """Create a project of the organisation that looks for technical help."""

    def create(title: str, **values: Any) -> dict[str, Any]:
        values = {**WISH, "owner_org": organization["id"], **values}
        return project_factory(title=title, **values)

    return create


@pytest.fixture
def project(new_project) -> dict[str, Any]:
    return new_project("Rad")


def new_partner(title: str, **values: Any) -> dict[str, Any]:
    """Create a partner that could give technical help."""
    values = {"kind": "other", "areas": ["technology"], **values}
    return call_action("digifarm_partner_create", title=title, **values)


@pytest.fixture
def partner() -> dict[str, Any]:
    return new_partner(
        "Werkstatt",
        competences=["Löten", "Flutter"],
        action_fields=["economy", "mobility"],
        contact_name="Geheime Person",
        contact_email="geheim@example.org",
    )


def support(
    project: dict[str, Any],
    partner: dict[str, Any],
    area: str = "technology",
    end: bool = False,
) -> dict[str, Any]:
    support = call_action(
        "digifarm_support_create",
        project=project["id"],
        partner=partner["id"],
        area=area,
    )
    if end:
        call_action("digifarm_support_end", id=support["id"])
    return support


def matches(user: str = "", **query: Any) -> list[dict[str, Any]]:
    return as_user(user, "digifarm_match", **query)["results"]


def titles(user: str = "", **query: Any) -> list[str]:
    side = "partner" if "project" in query else "project"
    return [found[side]["title"] for found in matches(user, **query)]


class TestMatches:
    def test_say_what_both_have_in_common(self, project, partner, new_project):
        done = new_project("Bus", help_wanted=[])
        support(done, partner, end=True)
        common = {
            "areas": ["technology"],
            "competences": ["Flutter"],
            "action_fields": ["mobility"],
            "supports": 1,
            "reasons": [
                "could give: Technical help",
                "knows Flutter",
                "cares for Mobility",
                "supports or supported 1 project in Mobility",
            ],
        }
        offer = {k: v for k, v in partner.items() if "contact" not in k}
        found = as_user("", "digifarm_match", project=project["name"])
        assert found == {"count": 1, "results": [{"partner": offer, **common}]}
        found = as_user("", "digifarm_match", partner=partner["name"])
        assert found["count"] == 1
        [result] = found["results"]
        assert result.pop("project")["id"] == project["id"]
        assert result == common

    def test_need_an_area_that_is_wanted(self, project, partner):
        new_partner("Bank", areas=["sponsoring"], action_fields=["mobility"])
        assert titles(project=project["id"]) == ["Werkstatt"]
        call_action("digifarm_partner_update", id=partner["id"], areas=[])
        assert titles(project=project["id"]) == []
        assert titles(partner=partner["id"]) == []

    def test_need_nothing_but_an_area(self, new_project):
        project = new_project("Nur", action_fields=[], technologies=[])
        partner = new_partner("Neu")
        for query in ({"project": project["id"]}, {"partner": partner["id"]}):
            [found] = matches(**query)
            assert found["reasons"] == ["could give: Technical help"]

    def test_bear_with_supported_projects_that_say_little(
        self, project, partner, new_project
    ):
        little = new_project("Wenig", help_wanted=[])
        stored = model.Package.get(little["id"])
        stored.extras.pop("action_fields")
        model.Session.commit()
        support(little, partner)
        for query in ({"project": project["id"]}, {"partner": partner["id"]}):
            [found] = matches(**query)
            assert found["supports"] == 0

    def test_leave_out_what_is_given_already(self, new_project, partner):
        areas = ["technology", "care"]
        project = new_project("Rad", help_wanted=areas)
        call_action("digifarm_partner_update", id=partner["id"], areas=areas)
        queries = ({"project": project["id"]}, {"partner": partner["id"]})

        def wanted() -> list[list[list[str]]]:
            return [
                [m["areas"] for m in matches(**query)] for query in queries
            ]

        assert wanted() == [[["technology", "care"]]] * 2
        first = support(project, partner, "technology")
        assert wanted() == [[["care"]]] * 2
        support(project, partner, "care")
        assert wanted() == [[], []]
        call_action("digifarm_support_end", id=first["id"])
        assert wanted() == [[["technology"]]] * 2

    @pytest.mark.parametrize("state", ["requested", "declined"])
    def test_leave_out_who_was_asked_already(
        self, state, new_project, partner
    ):
        areas = ["technology", "care"]
        project = new_project("Rad", help_wanted=areas)
        call_action("digifarm_partner_update", id=partner["id"], areas=areas)
        model.Session.add(
            Support(
                project_id=project["id"],
                partner_id=partner["id"],
                area="technology",
                state=state,
            )
        )
        model.Session.commit()
        for query in ({"project": project["id"]}, {"partner": partner["id"]}):
            [found] = matches(**query)
            assert found["areas"] == ["care"]
            # That says nothing of what the partner supports.
            assert found["supports"] == 0

    def test_are_not_disturbed_by_the_support_of_others(
        self, project, partner, new_project
    ):
        other = new_partner("Andere")
        support(project, other)
        support(new_project("Bus"), partner)
        assert titles(project=project["id"]) == ["Werkstatt"]
        assert titles(partner=partner["id"]) == ["Rad"]

    def test_know_competences_whole_and_in_any_case(self, new_project):
        project = new_project("Rad", technologies=["JavaScript", "postgis"])
        partner = new_partner("A", competences=["Java", "PostGIS", "Script"])
        for query in ({"project": project["id"]}, {"partner": partner["id"]}):
            [found] = matches(**query)
            assert found["competences"] == ["PostGIS"]
            assert "knows PostGIS" in found["reasons"]

    def test_know_no_area_that_the_schema_file_has_no_longer(
        self, project, partner
    ):
        old = "of former times"
        model.Session.get(Partner, partner["id"]).areas = [old]
        stored = model.Package.get(project["id"])
        stored.extras["help_wanted"] = f'["{old}"]'
        model.Session.commit()
        assert titles(project=project["id"]) == []
        assert titles(partner=partner["id"]) == []

    def test_end_with_the_partner(self, people, project, partner):
        call_action("digifarm_partner_delete", id=partner["id"])
        assert titles(project=project["id"]) == []
        with pytest.raises(tk.NotAuthorized):
            matches(partner=partner["id"])
        with pytest.raises(tk.ObjectNotFound):
            matches(people["sysadmin"], partner=partner["id"])

    def test_end_with_the_project(self, people, project, partner):
        as_portal("package_delete", id=project["name"])
        assert titles(partner=partner["id"]) == []
        with pytest.raises(tk.NotAuthorized):
            matches(project=project["id"])
        for role in ("editor", "sysadmin"):
            with pytest.raises(tk.ObjectNotFound):
                matches(people[role], project=project["id"])


class TestOrder:
    @staticmethod
    def rank(
        fit: int = 0, supports: int = 0, areas: int = 1, title: str = "A"
    ) -> Any:
        words = ["a"] * 10
        found = Match(words[:areas], words[:fit], [], supports, ["mobility"])
        return found.rank(title)

    def test_puts_fit_before_history(self):
        assert self.rank(fit=2) < self.rank(fit=1, supports=100)

    def test_counts_action_fields_as_much_as_competences(self):
        first = Match(["care"], ["Python"], ["mobility"], 0, [])
        second = Match(["care"], [], ["mobility", "economy"], 0, [])
        assert first.rank("A") == second.rank("A")

    def test_counts_history_up_to_a_bound(self):
        assert self.rank(supports=1) < self.rank(supports=0)
        assert self.rank(supports=MAX_HISTORY) == self.rank(supports=100)

    def test_then_asks_for_areas_and_titles(self):
        assert self.rank(areas=2, title="B") < self.rank(areas=1, title="A")
        assert self.rank(title="a") < self.rank(title="B")

    def test_of_partners(self, project, new_project):
        done = [new_project(f"Bus {number}") for number in range(MAX_HISTORY)]
        elsewhere = new_project("Baum", action_fields=["environment"])
        new_partner("Neu", competences=["Flutter"], action_fields=["mobility"])
        old = new_partner("Alt", action_fields=["mobility"])
        fields = {"action_fields": ["mobility"]}
        new_partner("Erstens", **fields)
        other = new_partner("Anderswo", **fields)
        support(elsewhere, other)
        for bus in done:
            support(bus, old, end=bus is done[0])
        found = matches(project=project["id"])
        assert [(m["partner"]["title"], m["supports"]) for m in found] == [
            ("Neu", 0),
            ("Alt", MAX_HISTORY),
            ("Anderswo", 0),
            ("Erstens", 0),
        ]
        assert (
            "supports or supported 3 projects in Mobility"
            in (found[1]["reasons"])
        )

    def test_of_projects(self, partner, new_project):
        support(new_project("Lokal", action_fields=["economy"]), partner)
        for title, values in {
            "Karte": {"technologies": []},
            "Beides": {},
            "Messe": {"technologies": [], "action_fields": ["economy"]},
            "Anderes": {"technologies": [], "action_fields": ["environment"]},
        }.items():
            new_project(title, **values)
        assert titles(partner=partner["id"]) == [
            "Beides",
            "Messe",
            "Karte",
            "Anderes",
        ]

    def test_is_the_same_each_time(self, partner, new_project):
        for name in ("rad-a", "rad-b"):
            new_project("Rad", name=name)
        found = matches(partner=partner["id"])
        assert [m["project"]["name"] for m in found] == ["rad-a", "rad-b"]

    def test_counts_each_supported_project_once(
        self, project, partner, new_project
    ):
        done = new_project("Bus", action_fields=["mobility", "economy"])
        for area in ("technology", "care", "content"):
            support(done, partner, area, end=area == "care")
        support(done, partner, "care")
        [found] = matches(project=project["id"])
        assert found["supports"] == 1
        assert found["reasons"][-1].endswith("1 project in Mobility")


class TestPrivateProjects:
    """Which of them a partner supports is nobody's business."""

    @pytest.mark.parametrize(
        "hide", [{"private": True}, {"state": "deleted"}], ids=str
    )
    def test_that_are_supported_change_nothing(
        self, hide, people, new_project, partner
    ):
        economy = {"action_fields": ["economy"]}
        new_partner("Andere", competences=["Flutter"], **economy)
        project = new_project("Rad", **economy)
        new_project("Amt", technologies=[], action_fields=["mobility"])
        new_project("Bahn", technologies=[], **economy)
        queries = ({"project": project["id"]}, {"partner": partner["id"]})

        def all_matches() -> list[Any]:
            users = people.values()
            return [
                matches(user, **query) for user in users for query in queries
            ]

        before = all_matches()
        assert titles(project=project["id"]) == ["Andere", "Werkstatt"]
        assert titles(partner=partner["id"]) == ["Rad", "Amt", "Bahn"]
        secret = new_project("Geheim", help_wanted=[], **economy)
        support(secret, partner)
        assert titles(project=project["id"]) == ["Werkstatt", "Andere"]
        assert titles(partner=partner["id"]) == ["Rad", "Bahn", "Amt"]
        as_portal("package_patch", id=secret["id"], **hide)
        assert all_matches() == before

    def test_are_asked_for_by_those_who_may_read_them(
        self, people, new_project, partner
    ):
        secret = new_project(
            "Geheim", private=True, help_wanted=["technology", "care"]
        )
        support(secret, partner, "care")
        for role in ("editor", "sysadmin"):
            [found] = matches(people[role], project=secret["id"])
            assert found["partner"]["title"] == "Werkstatt"
            assert found["supports"] == 0
            assert titles(people[role], partner=partner["id"]) == ["Geheim"]
        for role in ("other", "anonymous"):
            with pytest.raises(tk.NotAuthorized):
                matches(people[role], project=secret["id"])
            found = as_user(
                people[role], "digifarm_match", partner=partner["id"]
            )
            assert found == {"count": 0, "results": []}


def test_everybody_may_ask_and_learns_no_contact(people, project, partner):
    for user in people.values():
        for query in ({"project": project["id"]}, {"partner": partner["id"]}):
            [found] = matches(user, **query)
            assert "geheim" not in str(found).lower()


class TestParameters:
    @pytest.mark.parametrize(
        "query",
        [
            {},
            {"project": "", "partner": None},
            {"project": "both", "partner": "both"},
            {"project": ["a"]},
            {"project": {"a": "b"}},
            {"project": 5},
            {"project": "a\x00"},
        ],
    )
    def test_name_one_project_or_partner(self, query):
        with pytest.raises(tk.ValidationError) as raised:
            matches(**query)
        assert set(raised.value.error_dict) == {"project"}

    @pytest.mark.parametrize("value", [["a"], "a\nb", "\ud800"])
    def test_name_a_partner_by_text(self, value):
        with pytest.raises(tk.ValidationError) as raised:
            matches(partner=value)
        assert set(raised.value.error_dict) == {"partner"}

    @pytest.mark.parametrize("limit", [-1, "many", [1], 2**40, 1.5])
    def test_limit_by_a_number(self, limit, project):
        with pytest.raises(tk.ValidationError) as raised:
            matches(project=project["id"], limit=limit)
        assert set(raised.value.error_dict) == {"limit"}

    def test_limit_the_results_and_not_the_count(self, project, new_project):
        partner = new_partner("P 0")
        for number in range(1, 12):
            new_partner(f"P {number}")
        for number in range(11):
            new_project(f"Rad {number}")
        for query in ({"project": project["id"]}, {"partner": partner["id"]}):
            assert len(matches(**query)) == 10
            assert len(matches(**query, limit="3")) == 3
            assert matches(**query, limit=0) == []
            assert len(matches(**query, limit=50)) == 12
            found = as_user("", "digifarm_match", **query, limit=1)
            assert found["count"] == 12
            with changed_config("ckan.search.rows_max", 2):
                assert len(matches(**query, limit=50)) == 2

    def test_name_what_there_is(self, people):
        dataset = factories.Dataset()
        for user in people.values():
            for query in (
                {"project": "nothing"},
                {"project": dataset["name"]},
                {"partner": "nothing"},
            ):
                with pytest.raises(tk.ObjectNotFound):
                    matches(user, **query)


class TestCosts:
    @staticmethod
    def cost(**query: Any) -> Cost:
        model.Session.remove()
        with counting() as cost:
            matches(**query, limit=100)
        return cost

    def test_do_not_grow(self, project, partner, new_project):
        queries = ({"project": project["id"]}, {"partner": partner["id"]})
        few = [self.cost(**query) for query in queries]
        for number in range(5):
            other = new_partner(f"P {number}")
            support(new_project(f"Rad {number}"), other)
            support(new_project(f"Bus {number}"), partner)
        many = [self.cost(**query) for query in queries]
        assert [len(matches(**query)) for query in queries] == [6, 6]
        for costs in (few, many):
            of_project, of_partner = costs
            # The project, the best partners, and what is known of them; the
            # partner and its supports.
            assert (len(of_project.sql), len(of_project.solr)) == (3, 0)
            assert (len(of_partner.sql), len(of_partner.solr)) == (2, 1)

    def test_are_saved_where_nothing_can_match(self, new_project, partner):
        project = new_project("Rad", help_wanted=[])
        cost = self.cost(project=project["id"])
        assert (len(cost.sql), len(cost.solr)) == (1, 0)
        cost = self.cost(partner=partner["id"])
        assert (len(cost.sql), len(cost.solr)) == (2, 1)
        idle = new_partner("Ruht", areas=[])
        cost = self.cost(partner=idle["id"])
        assert (len(cost.sql), len(cost.solr)) == (1, 0)


class TestPages:
    @pytest.fixture
    def visitor(self, shared_app) -> Browser:
        return Browser(shared_app)

    @pytest.fixture
    def editor(self, shared_app, people) -> Browser:
        return Browser(shared_app, model.User.get(people["editor"]).id)

    @staticmethod
    def section(browser: Browser, path: str) -> Any:
        response = browser.get(path)
        assert response.status_code == 200
        return html(response).select_one("#matches")

    def test_of_a_partner_show_projects(self, visitor, project, partner):
        section = self.section(visitor, f"/partner/{partner['name']}")
        assert text_of(section) == (
            "Projects that look for this help Rad – Technical help"
            " Why it fits: knows Flutter; cares for Mobility"
        )
        assert section.a["href"].endswith(f"/civic_project/{project['name']}")

    def test_of_a_project_show_partners(self, editor, project, partner):
        path = f"/civic_project/support/{project['name']}"
        section = self.section(editor, path)
        assert text_of(section) == (
            "Partners that could help Werkstatt : could give: Technical help;"
            " knows Flutter; cares for Mobility Ask for support"
        )
        assert section.a["href"].endswith("/partner/werkstatt")

    def test_show_five_at_most(self, editor, project, partner, new_project):
        for number in range(6):
            new_project(f"Rad {number}")
            new_partner(f"P {number}")
        for path in (
            f"/civic_project/support/{project['name']}",
            f"/partner/{partner['name']}",
        ):
            assert len(self.section(editor, path).select("li")) == 5

    def test_show_nothing_where_nothing_matches(self, editor, new_project):
        project = new_project("Rad", help_wanted=["care"])
        partner = new_partner("Werkstatt")
        paths = (
            f"/civic_project/support/{project['name']}",
            f"/partner/{partner['name']}",
        )
        for path in paths:
            assert self.section(editor, path) is None

    def test_of_what_is_deleted_still_open(
        self, shared_app, people, project, partner
    ):
        as_portal("package_delete", id=project["name"])
        call_action("digifarm_partner_delete", id=partner["id"])
        admin = model.User.get(people["sysadmin"]).id
        browser = Browser(shared_app, admin)
        for path in (
            f"/civic_project/support/{project['name']}",
            f"/partner/{partner['name']}",
        ):
            assert self.section(browser, path) is None

    def test_show_text_as_text(self, editor, new_project):
        words = {"competences": [SCRIPT]}
        partner = new_partner(SCRIPT, name="script", **words)
        project = new_project(SCRIPT, technologies=[SCRIPT])
        for path in (
            f"/civic_project/support/{project['name']}",
            f"/partner/{partner['name']}",
        ):
            assert SCRIPT in text_of(self.section(editor, path))
            assert SCRIPT not in editor.get(path).body

    def test_and_the_api_speak_german(self, visitor, project, partner):
        support(project, partner, "care")
        page = self.section(visitor, f"/de/partner/{partner['name']}")
        for words in ("Technische Unterstützung", "Flutter", "Mobilität"):
            assert words in text_of(page)
        answer = visitor.get(
            f"/de/api/action/digifarm_match?project={project['name']}"
        ).json["result"]
        [found] = answer["results"]
        areas, competences, care, history = found["reasons"]
        assert "Technische Unterstützung" in areas
        assert "Flutter" in competences
        assert "Mobilität" in care
        assert "Mobilität" in history

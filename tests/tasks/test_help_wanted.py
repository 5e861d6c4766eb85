"""The page with all help that is wanted, and all open tasks."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.tests.helpers import call_action
from ckanext.digifarm.tasks.model import Task, TaskAssignment
from dev.counting import counting

from ..acting import as_portal, as_user
from ..browsing import Browser, html, text_of
from ..conftest import ProjectFactory

pytestmark = pytest.mark.usefixtures("shared_portal")

PATH = "/civic_project/help-wanted"


@pytest.fixture
def visitor(site) -> Browser:
    return Browser(site.app())


def add_task(project: dict[str, Any], title: str, **data: Any) -> str:
    return call_action(
        "digifarm_task_create", project=project["id"], title=title, **data
    )["id"]


def create_projects() -> dict[str, dict[str, Any]]:
    trees = ProjectFactory(
        title="Bäume",
        help_wanted=["content", "care"],
        content_help="Texte zu *Eichen*",
        action_fields=["environment"],
    )
    bikes = ProjectFactory(title="Räder", action_fields=["mobility"])
    add_task(trees, "Eichen zählen", skills=["Botanik"], effort="hour")
    add_task(bikes, "Logo malen", skills=["Gestaltung"], effort="weekend")
    add_task(bikes, "Text prüfen", skills=["botanik", "Lesen"], effort="hour")
    nothing = ProjectFactory(title="Nichts")
    return {"trees": trees, "bikes": bikes, "nothing": nothing}


@pytest.fixture(scope="module")
def shared() -> dict[str, dict[str, Any]]:
    """The projects of tests that only read, once there are some."""
    return {}


@pytest.fixture
def nothing(shared, empty_portal) -> None:
    """A portal without content, also without what is shared."""
    shared.clear()


@pytest.fixture
def projects(request, shared) -> dict[str, dict[str, Any]]:
    """Projects for tests that only read."""
    if not shared:
        request.getfixturevalue("empty_portal")
        shared.update(create_projects())
    return shared


@pytest.fixture
def own_projects(nothing) -> dict[str, dict[str, Any]]:
    """The same for one test alone."""
    return create_projects()


def found(user: str = "", **filters: Any) -> dict[str, list[str]]:
    """Areas and titles of tasks, by the title of the project."""
    result = as_user(user, "digifarm_help_list", **filters)
    assert result["count"] >= len(result["results"])
    return {
        project["title"]: [
            *project["help"],
            *(task["title"] for task in project["tasks"]),
        ]
        for project in result["results"]
    }


ALL = {
    "Bäume": ["content", "care", "Eichen zählen"],
    "Räder": ["Logo malen", "Text prüfen"],
}


def test_shows_open_help_and_tasks(projects):
    assert found() == ALL
    skills = as_user("", "digifarm_help_list")["skills"]
    assert [skill.lower() for skill in skills] == [
        "botanik",
        "gestaltung",
        "lesen",
    ]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"area": "care"}, {"Bäume": ["care"]}),
        ({"area": "sponsoring"}, {}),
        (
            {"skill": "BOTANIK"},
            {"Bäume": ["Eichen zählen"], "Räder": ["Text prüfen"]},
        ),
        ({"skill": "Tanzen"}, {}),
        ({"effort": "weekend"}, {"Räder": ["Logo malen"]}),
        ({"effort": "hour", "skill": "lesen"}, {"Räder": ["Text prüfen"]}),
        ({"action_field": "mobility"}, {"Räder": ALL["Räder"]}),
        ({"action_field": "environment", "effort": "weekend"}, {}),
        ({"area": "care", "effort": "hour"}, {}),
        (
            {"area": "", "skill": "", "effort": "", "action_field": ""},
            ALL,
        ),
    ],
)
def test_is_filtered(filters, expected, projects):
    assert found(**filters) == expected


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("area", "fun"),
        ("effort", "forever"),
        ("action_field", '" OR *:*'),
        ("skill", "a\nb"),
        ("skill", ["a"]),
        ("limit", -1),
        ("offset", "x"),
    ],
)
def test_refuses_what_is_wrong_by_name(field, value):
    with pytest.raises(tk.ValidationError) as raised:
        call_action("digifarm_help_list", **{field: value})
    assert {*raised.value.error_dict} == {field}


def test_comes_in_parts(projects):
    pages = [found(limit=1, offset=offset) for offset in range(3)]
    assert pages[0] | pages[1] == ALL
    assert len(pages[0]) == len(pages[1]) == 1
    assert pages[2] == {}
    assert as_user("", "digifarm_help_list", limit=1)["count"] == 2


def test_knows_only_what_is_open_and_public(own_projects):
    trees, bikes = own_projects["trees"], own_projects["bikes"]
    tasks = {task.title: task.id for task in model.Session.query(Task)}
    call_action("digifarm_task_done", id=tasks["Logo malen"])
    call_action("digifarm_task_delete", id=tasks["Eichen zählen"])
    assert found() == {"Bäume": ["content", "care"], "Räder": ["Text prüfen"]}
    as_portal("package_patch", id=bikes["id"], private=True)
    assert found() == {"Bäume": ["content", "care"]}
    # Not even the skills tell of it.
    assert as_user("", "digifarm_help_list")["skills"] == []
    as_portal("package_delete", id=trees["name"])
    assert found() == {}
    as_portal("package_patch", id=bikes["id"], private=False)
    assert found() == {"Räder": ["Text prüfen"]}


def test_does_not_name_who_takes_a_task(own_projects):
    tasks = {task.title: task.id for task in model.Session.query(Task)}
    call_action(
        "digifarm_task_take",
        id=tasks["Logo malen"],
        name="Kim",
        email="kim@example.org",
        consent=True,
    )
    assert model.Session.query(TaskAssignment).count() == 1
    assert "Logo malen" in found()["Räder"]
    assert "kim@" not in str(as_user("", "digifarm_help_list"))


class TestPage:
    def test_says_what_exactly_with_one_button_each(self, visitor, projects):
        page = html(visitor.get(PATH))
        main = text_of(page.select_one("[role=main]"))
        for words in (
            "2 civic projects look for help",
            "Help with content",
            "Texte zu Eichen",
            "Logo malen",
            "A weekend",
        ):
            assert words in main
        assert "Nichts" not in main
        cards = page.select(".card")
        assert len(cards) == 5
        assert all(len(card.select("a.btn")) == 1 for card in cards)
        for button in page.select(".card a.btn"):
            assert visitor.get(str(button["href"])).status_code == 200
        offer = page.select_one("a[href*='/support/offer/']")
        form = visitor.form(str(offer["href"]))
        assert form["area"] == "content"

    def test_is_filtered_by_its_form(self, visitor, projects):
        form = visitor.form(PATH, "form[role=search]")
        form = form.with_values(effort="weekend", skill="Gestaltung")
        page = html(visitor.get(f"{PATH}?{urlencode(form.values, True)}"))
        main = text_of(page.select_one("[role=main]"))
        assert "Logo malen" in main
        assert "Text prüfen" not in main
        picked = page.select(".digifarm-search option[selected]")
        assert {option["value"] for option in picked} == {
            "weekend",
            "Gestaltung",
        }

    @pytest.mark.parametrize(
        "query",
        ["area=fun", "skill=%00", "effort=%27", "page=99"],
    )
    def test_survives_what_is_wrong(self, query, visitor, projects):
        assert visitor.get(f"{PATH}?{query}").status_code == 200

    def test_says_that_there_is_nothing(self, nothing, visitor):
        assert "looks for help right now" in visitor.get(PATH).body
        body = visitor.get(f"{PATH}?effort=hour").body
        assert "Nothing matches" in body

    def test_is_linked(self, visitor, projects):
        for path in ("/civic_project/", "/"):
            assert html(visitor.get(path)).select_one(f"a[href='{PATH}']")

    def test_speaks_german(self, visitor, projects):
        page = html(visitor.get(f"/de{PATH}"))
        assert "Ein Wochenende" in page.text
        assert "Projektpatenschaft" in page.text

    def test_costs_the_same_however_much_it_shows(
        self, nothing, visitor, project_factory
    ):
        costs = []
        for count in (1, 15):
            for project in project_factory.create_batch(
                count, help_wanted=["care", "content"]
            ):
                for number in range(3):
                    add_task(project, f"Aufgabe {number}", skills=["A"])
            visitor.get(PATH)
            with counting() as cost:
                assert visitor.get(PATH).status_code == 200
            costs.append((len(cost.solr), len(cost.sql)))
            tasks = [sql for sql in cost.sql if "digifarm_task" in sql]
            # Whose, which skills, and those that are shown.
            assert len(tasks) == 3
        assert costs[0] == costs[1]
        assert costs[0][0] == 1

"""The page with all help that is wanted, and all open tasks."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.tests.helpers import call_action
from ckanext.digifarm.lib import clock
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
        summary="Für die Stadt",
        help_wanted=["content", "care"],
        content_help="Texte zu *Eichen*",
        action_fields=["environment"],
    )
    bikes = ProjectFactory(
        title="Räder",
        help_wanted=["technology"],
        action_fields=["mobility"],
    )
    # It has tasks, and looks for nothing else.
    signs = ProjectFactory(title="Schilder", action_fields=["mobility"])
    add_task(trees, "Eichen zählen", skills=["Botanik"], effort="hour")
    add_task(bikes, "Logo malen", skills=["Gestaltung"], effort="weekend")
    add_task(bikes, "Text prüfen", skills=["botanik", "Lesen"], effort="hour")
    add_task(signs, "Schilder zählen", effort="weekend")
    nothing = ProjectFactory(title="Nichts")
    return {
        "trees": trees,
        "bikes": bikes,
        "signs": signs,
        "nothing": nothing,
    }


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


def asked(**filters: Any) -> dict[str, Any]:
    """What the list says of the projects, or of the tasks."""
    result = as_user("", "digifarm_help_list", **filters)
    assert result["count"] >= len(result["results"])
    view = filters.get("view", "help")
    assert result["counts"][view] == result["count"]
    return result


def found(**filters: Any) -> dict[str, list[str]]:
    """Areas and titles of tasks, by the title of the project."""
    return {
        project["title"]: [
            *project["help"],
            *(task["title"] for task in project["tasks"]),
        ]
        for project in asked(**filters)["results"]
    }


def tasks(**filters: Any) -> set[str]:
    """Titles of the tasks that are found."""
    results = asked(view="tasks", **filters)["results"]
    return {task["title"] for task in results}


ALL = {"Bäume": ["content", "care"], "Räder": ["technology"]}

ALL_TASKS = {"Eichen zählen", "Logo malen", "Text prüfen", "Schilder zählen"}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ALL),
        ({"area": "care"}, {"Bäume": ["care"]}),
        ({"area": "sponsoring"}, {}),
        (
            {"skill": "BOTANIK"},
            {
                "Bäume": ["content", "care", "Eichen zählen"],
                "Räder": ["technology", "Text prüfen"],
            },
        ),
        ({"skill": "Tanzen"}, {}),
        ({"effort": "weekend"}, {"Räder": ["technology", "Logo malen"]}),
        (
            {"effort": "hour", "skill": "lesen"},
            {"Räder": ["technology", "Text prüfen"]},
        ),
        # Of two different tasks.
        ({"effort": "weekend", "skill": "lesen"}, {}),
        ({"action_field": "mobility"}, {"Räder": ["technology"]}),
        ({"action_field": "environment", "effort": "weekend"}, {}),
        (
            {"area": "care", "effort": "hour"},
            {"Bäume": ["care", "Eichen zählen"]},
        ),
        ({"area": "care", "effort": "weekend"}, {}),
        (
            {"area": "technology", "effort": "weekend"},
            {"Räder": ["technology", "Logo malen"]},
        ),
        (
            {"area": "technology", "skill": "botanik"},
            {"Räder": ["technology", "Text prüfen"]},
        ),
        (
            {"area": "", "skill": "", "effort": "", "action_field": ""},
            ALL,
        ),
    ],
)
def test_finds_projects_that_pass_all_filters(filters, expected, projects):
    assert found(**filters) == expected


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ALL_TASKS),
        ({"area": "technology"}, {"Logo malen", "Text prüfen"}),
        ({"area": "technology", "effort": "weekend"}, {"Logo malen"}),
        ({"area": "care", "effort": "weekend"}, set()),
        ({"effort": "weekend"}, {"Logo malen", "Schilder zählen"}),
        ({"skill": "BOTANIK"}, {"Eichen zählen", "Text prüfen"}),
        ({"skill": "botanik", "area": "content"}, {"Eichen zählen"}),
        ({"skill": "lesen", "effort": "weekend"}, set()),
        (
            {"action_field": "mobility"},
            {"Logo malen", "Text prüfen", "Schilder zählen"},
        ),
        ({"action_field": "environment", "area": "technology"}, set()),
    ],
)
def test_finds_tasks_that_pass_all_filters(filters, expected, projects):
    assert tasks(**filters) == expected


@pytest.mark.parametrize("view", ["help", "tasks"])
@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"area": "technology"},
        {"effort": "weekend"},
        {"skill": "botanik"},
        {"action_field": "mobility"},
        {"area": "technology", "effort": "weekend"},
        {"skill": "lesen", "action_field": "mobility", "effort": "hour"},
    ],
)
def test_counts_what_each_choice_would_find(view, filters, projects):
    facets = asked(view=view, **filters)["facets"]
    choices = {
        "area": ["content", "technology", "sponsoring", "care"],
        "effort": ["hour", "weekend", "weeks"],
        "action_field": ["mobility", "environment", "economy"],
        "skill": ["Botanik", "Gestaltung", "Lesen"],
    }
    assert {*facets} == {*choices}
    for name, values in choices.items():
        counted = {key.lower(): n for key, n in facets[name].items()}
        for value in values:
            there = asked(view=view, **{**filters, name: value})["count"]
            assert counted.get(value.lower(), 0) == there, (name, value)


def test_counts_both_views(projects):
    for view in ("help", "tasks"):
        assert asked(view=view)["counts"] == {"help": 2, "tasks": 4}
        counts = asked(view=view, effort="weekend")["counts"]
        assert counts == {"help": 1, "tasks": 2}


def test_names_the_project_of_a_task(projects):
    [task] = asked(view="tasks", skill="lesen")["results"]
    bikes = projects["bikes"]
    assert task["project"] == {
        **{key: bikes[key] for key in ("id", "name", "title")},
        "language": "",
        "listed": clock.now().date().isoformat(),
    }


@pytest.mark.parametrize("stage", ["paused", "completed", "ended"])
def test_leaves_out_what_pauses_or_is_over(stage, own_projects):
    as_portal("package_patch", id=own_projects["bikes"]["id"], stage=stage)
    assert found() == {"Bäume": ALL["Bäume"]}
    assert tasks() == {"Eichen zählen", "Schilder zählen"}
    for view in ("help", "tasks"):
        result = asked(view=view)
        assert "technology" not in result["facets"]["area"]
        assert {*result["facets"]["skill"]} == {"Botanik"}
    as_portal("package_patch", id=own_projects["bikes"]["id"], stage="live")
    assert found() == ALL


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("view", "all"),
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


@pytest.mark.parametrize("view", ["help", "tasks"])
def test_counts_nothing_where_that_is_not_wanted(view, projects):
    whole = asked(view=view, skill="botanik")
    part = as_user(
        "", "digifarm_help_list", view=view, skill="botanik", counted=False
    )
    assert part == {"results": whole["results"]}
    second = {"view": view, "limit": 1, "offset": 1}
    assert (
        as_user("", "digifarm_help_list", **second, counted=False)["results"]
        == asked(**second)["results"]
    )
    with counting() as cost:
        as_user("", "digifarm_help_list", view=view, counted=False)
    assert len([sql for sql in cost.sql if "digifarm_task" in sql]) == (
        2 if view == "tasks" else 0
    )


def test_comes_in_parts(projects):
    pages = [found(limit=1, offset=offset) for offset in range(3)]
    assert pages[0] | pages[1] == ALL
    assert len(pages[0]) == len(pages[1]) == 1
    assert pages[2] == {}
    assert asked(limit=1)["count"] == 2
    parts = [
        asked(view="tasks", limit=3, offset=offset)["results"]
        for offset in (0, 3, 6)
    ]
    assert [len(part) for part in parts] == [3, 1, 0]
    titles = {task["title"] for part in parts for task in part}
    assert titles == ALL_TASKS


def test_knows_only_what_is_open_and_public(own_projects):
    trees, bikes = own_projects["trees"], own_projects["bikes"]
    ids = {task.title: task.id for task in model.Session.query(Task)}
    call_action("digifarm_task_done", id=ids["Logo malen"])
    call_action("digifarm_task_delete", id=ids["Eichen zählen"])
    assert tasks() == {"Text prüfen", "Schilder zählen"}
    as_portal("package_patch", id=bikes["id"], private=True)
    assert found() == {"Bäume": ["content", "care"]}
    assert tasks() == {"Schilder zählen"}
    for view in ("help", "tasks"):
        # Not even the skills tell of it.
        assert asked(view=view)["facets"]["skill"] == {}
    as_portal("package_delete", id=trees["name"])
    assert found() == {}
    as_portal("package_patch", id=bikes["id"], private=False)
    assert found() == {"Räder": ["technology"]}
    assert tasks(area="technology") == {"Text prüfen"}


def test_does_not_name_who_takes_a_task(own_projects):
    ids = {task.title: task.id for task in model.Session.query(Task)}
    call_action(
        "digifarm_task_take",
        id=ids["Logo malen"],
        name="Kim",
        email="kim@example.org",
        consent=True,
    )
    assert model.Session.query(TaskAssignment).count() == 1
    assert "Logo malen" in tasks()
    assert "kim@" not in str(asked(view="tasks"))


def named(link: Any) -> str:
    """What a link is called for those who hear it."""
    return str(link.get("aria-label") or text_of(link))


class TestPage:
    def test_has_two_views_with_one_button_each(self, visitor, projects):
        page = html(visitor.get(PATH))
        main = text_of(page.select_one("[role=main]"))
        for words in (
            "2 civic projects look for help",
            "Help with content",
            "Texte zu Eichen",
        ):
            assert words in main
        assert "Logo malen" not in main
        assert "Nichts" not in main
        assert len(page.select(".card")) == 3
        [other] = page.select(".nav-tabs a:not([aria-current])")
        assert text_of(other) == "Small tasks 4"
        page = html(visitor.get(str(other["href"])))
        main = text_of(page.select_one("[role=main]"))
        for words in ("4 open tasks", "Logo malen", "A weekend", "Räder"):
            assert words in main
        assert "Texte zu Eichen" not in main
        assert len(page.select(".card")) == 4
        for card in page.select(".card"):
            assert len(card.select("a.btn")) == 1
        for button in page.select(".card a.btn"):
            assert visitor.get(str(button["href"])).status_code == 200

    def test_leads_to_an_offer(self, visitor, projects):
        page = html(visitor.get(PATH))
        offer = page.select_one("a[href*='/support/offer/']")
        assert offer
        form = visitor.form(str(offer["href"]))
        assert form["area"] in {"content", "technology"}

    @pytest.mark.parametrize(
        "query", ["", "view=tasks", "effort=hour", "view=tasks&effort=hour"]
    )
    def test_names_the_project_in_each_link(self, query, visitor, projects):
        page = html(visitor.get(f"{PATH}?{query}"))
        links = page.select(".digifarm-help a")
        assert links
        for link in links:
            titles = ("Bäume", "Räder", "Schilder")
            assert any(title in named(link) for title in titles)
        names = [named(link) for link in page.select(".card .btn")]
        assert len({*names}) == len(names)
        for link in page.select(".card .btn"):
            # Who speaks to it says what they see.
            assert named(link).startswith(text_of(link))

    def test_is_filtered_by_its_form(self, visitor, projects):
        form = visitor.form(f"{PATH}?view=tasks", "form[role=search]")
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
        # The filters stay when the view changes.
        [other] = page.select(".nav-tabs a:not([aria-current])")
        page = html(visitor.get(str(other["href"])))
        assert len(page.select(".digifarm-search option[selected]")) == 2

    def test_says_how_much_each_choice_finds(self, visitor, projects):
        page = html(visitor.get(f"{PATH}?area=technology"))
        options = {
            option["value"]: text_of(option)
            for option in page.select(".digifarm-search option")
        }
        assert options["technology"] == "Technical help (1)"
        assert options["content"] == "Help with content (1)"
        assert options["weekend"] == "A weekend (1)"
        assert options["sponsoring"].endswith("(0)")

    def test_leads_on_where_nothing_is_found(self, visitor, projects):
        page = html(visitor.get(f"{PATH}?action_field=mobility&area=care"))
        main = page.select_one("[role=main]")
        assert "Nothing matches" in text_of(main)
        [away] = [
            a for a in main.select("a") if text_of(a) == "Remove all filters"
        ]
        assert "2 civic projects" in visitor.get(str(away["href"])).body

    @pytest.mark.parametrize(
        "query",
        [
            "area=fun",
            "skill=%00",
            "effort=%27",
            "page=99",
            "view=x",
            "view=tasks&page=99",
        ],
    )
    def test_survives_what_is_wrong(self, query, visitor, projects):
        assert visitor.get(f"{PATH}?{query}").status_code == 200

    def test_says_that_there_is_nothing(self, nothing, visitor):
        assert "looks for help right now" in visitor.get(PATH).body
        body = visitor.get(f"{PATH}?view=tasks").body
        assert "no open tasks right now" in body
        body = visitor.get(f"{PATH}?effort=hour").body
        assert "Nothing matches" in body

    def test_is_linked(self, visitor, projects):
        for path in ("/civic_project/", "/"):
            assert html(visitor.get(path)).select_one(f"a[href='{PATH}']")

    def test_speaks_german(self, visitor, projects):
        page = html(visitor.get(f"/de{PATH}"))
        assert "Ein Wochenende" in page.text
        assert "Jemand, der sich kümmert" in page.text

    def test_has_pages(self, nothing, visitor, project_factory):
        project = project_factory(title="Viele", help_wanted=["care"])
        for number in range(25):
            add_task(project, f"Aufgabe {number:02}", effort="hour")
        seen = []
        for number in (1, 2):
            address = f"{PATH}?view=tasks&effort=hour&page={number}"
            page = html(visitor.get(address))
            cards = page.select(".card .card-title")
            assert len(cards) == (20, 5)[number - 1]
            seen += map(text_of, cards)
            links = page.select(".pagination a[href*='page=']")
            assert links
            for link in links:
                assert "view=tasks" in link["href"]
                assert "effort=hour" in link["href"]
        assert len({*seen}) == 25

    @pytest.mark.parametrize(
        "query",
        ["", "view=tasks", "effort=hour&area=care", "view=tasks&skill=a"],
    )
    def test_costs_the_same_however_much_it_shows(
        self, query, nothing, visitor, project_factory
    ):
        costs = []
        for count in (1, 15):
            for project in project_factory.create_batch(
                count, help_wanted=["care", "content"]
            ):
                for number in range(3):
                    add_task(
                        project,
                        f"Aufgabe {number}",
                        skills=["A"],
                        effort="hour",
                    )
            visitor.get(f"{PATH}?{query}")
            with counting() as cost:
                assert visitor.get(f"{PATH}?{query}").status_code == 200
            costs.append((len(cost.solr), len(cost.sql)))
        assert costs[0] == costs[1]
        # One more for each filter that the index counts.
        assert costs[0][0] <= 2

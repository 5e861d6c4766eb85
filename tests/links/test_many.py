"""Several links at once: all or none, and by whom."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.tests import factories
from ckanext.activity.model import Activity
from ckanext.digifarm.lib.events import Event, Subject
from ckanext.digifarm.links.model import Link
from dev.counting import counting

from ..acting import as_portal, as_user, in_two_threads
from ..browsing import Browser, html, read_form
from ..conftest import ProjectFactory
from ..indexing import one_commit

pytestmark = pytest.mark.usefixtures("shared_portal", "nothing_linked")


@pytest.fixture(scope="module")
def people(shared_portal) -> dict[str, str]:
    names = ("project_editor", "dataset_editor", "stranger")
    return {
        **{name: factories.User()["name"] for name in names},
        "anonymous": "",
    }


@pytest.fixture(scope="module")
def projects(people) -> list[dict[str, Any]]:
    editor = {"name": people["project_editor"], "capacity": "editor"}
    office = factories.Organization(users=[editor])
    with one_commit():
        return ProjectFactory.create_batch(3, owner_org=office["id"])


@pytest.fixture(scope="module")
def datasets(people) -> list[dict[str, Any]]:
    """Three public ones, and a private one."""
    editor = {"name": people["dataset_editor"], "capacity": "editor"}
    office = factories.Organization(users=[editor])
    with one_commit():
        made = [
            factories.Dataset(title=f"Seen {n}", owner_org=office["id"])
            for n in range(3)
        ]
        return [
            *made,
            factories.Dataset(
                title="Unseen", owner_org=office["id"], private=True
            ),
        ]


@pytest.fixture
def nothing_linked(projects, datasets) -> None:
    model.Session.rollback()
    for table in (Link, Event, Activity):
        model.Session.query(table).delete()
    model.Session.commit()


def ids(packages: list[dict[str, Any]]) -> list[str]:
    return [package["id"] for package in packages]


def pairs() -> set[tuple[str, str]]:
    model.Session.rollback()
    return {
        (link.project_id, link.dataset_id)
        for link in model.Session.query(Link)
    }


def events() -> list[tuple[str, str]]:
    query = model.Session.query(Event).filter_by(subject=Subject.LINK.value)
    return [
        (event.action, event.actor) for event in query.order_by(Event.number)
    ]


class TestAction:
    def test_a_project_with_several_datasets(self, people, projects, datasets):
        wanted = [datasets[0]["id"], datasets[1]["name"], datasets[0]["name"]]
        links = as_user(
            people["project_editor"],
            "digifarm_links_create",
            project=projects[0]["name"],
            linked=wanted,
            relation="provides",
            note="All of them",
        )
        assert [link["dataset_id"] for link in links] == ids(datasets[:2])
        for link in links:
            assert link["project_id"] == projects[0]["id"]
            assert (link["relation"], link["note"]) == (
                "provides",
                "All of them",
            )
            assert link["linked_from"] == "project"
        assert len(pairs()) == 2
        assert events() == [("created", "project")] * 2

    def test_a_dataset_with_several_projects(self, people, projects, datasets):
        links = as_user(
            people["dataset_editor"],
            "digifarm_links_create",
            dataset=datasets[0]["id"],
            linked=ids(projects),
        )
        assert [link["project_id"] for link in links] == ids(projects)
        assert {link["linked_from"] for link in links} == {"dataset"}
        assert events() == [("created", "dataset")] * 3

    def test_only_what_is_new_or_other_is_an_event(
        self, people, projects, datasets
    ):
        def link(*wanted: dict[str, Any], **more: str) -> None:
            as_user(
                people["project_editor"],
                "digifarm_links_create",
                project=projects[0]["id"],
                linked=ids([*wanted]),
                **more,
            )

        link(datasets[0], datasets[1])
        link(datasets[1])
        assert events() == [("created", "project")] * 2
        link(*datasets[:3], note="New")
        assert events()[2:] == [
            ("changed", "project"),
            ("changed", "project"),
            ("created", "project"),
        ]
        created = model.Session.query(Activity).filter_by(
            activity_type="linked package", object_id=projects[0]["id"]
        )
        assert created.count() == 3

    @pytest.mark.parametrize("role", ["stranger", "anonymous"])
    def test_others_do_not(self, role, people, projects, datasets):
        with pytest.raises(tk.NotAuthorized):
            as_user(
                people[role],
                "digifarm_links_create",
                project=projects[0]["id"],
                linked=ids(datasets[:2]),
            )
        assert pairs() == set()

    def test_all_or_none_and_each_mistake_is_named(
        self, people, projects, datasets
    ):
        with pytest.raises(tk.ValidationError) as error:
            as_user(
                people["project_editor"],
                "digifarm_links_create",
                project=projects[0]["id"],
                linked=[
                    datasets[0]["id"],
                    "nothing",
                    projects[1]["name"],
                    datasets[3]["name"],
                ],
            )
        nothing, project, private = error.value.error_dict["linked"]
        assert "nothing" in nothing
        assert "not a civic project" in project
        # As if it weren't there.
        assert private == nothing.replace("nothing", datasets[3]["name"])
        assert "Unseen" not in str(error.value.error_dict)
        assert pairs() == set()
        assert events() == []

    def test_its_readers_link_what_is_private(
        self, people, projects, datasets
    ):
        as_user(
            people["dataset_editor"],
            "digifarm_links_create",
            project=projects[0]["id"],
            linked=ids(datasets),
        )
        assert len(pairs()) == 4
        # The project's readers learn nothing of it by the stream.
        about = model.Session.query(Activity).filter_by(
            activity_type="linked package", object_id=projects[0]["id"]
        )
        assert about.count() == 3

    def test_a_private_project_stays_unknown(self, people, datasets):
        hidden = ProjectFactory(private=True)
        with pytest.raises(tk.ValidationError) as error:
            as_user(
                people["dataset_editor"],
                "digifarm_links_create",
                dataset=datasets[0]["id"],
                linked=[hidden["id"]],
            )
        assert hidden["title"] not in str(error.value.error_dict)
        with pytest.raises(tk.NotAuthorized):
            as_user(
                people["dataset_editor"],
                "digifarm_links_create",
                project=hidden["id"],
                linked=ids(datasets[:1]),
            )
        assert pairs() == set()

    def test_who_may_edit_some_of_them_only_is_told_which(
        self, people, projects, datasets
    ):
        foreign = factories.Dataset(
            title="Foreign", owner_org=factories.Organization()["id"]
        )
        with pytest.raises(tk.ValidationError) as error:
            as_user(
                people["dataset_editor"],
                "digifarm_links_create",
                project=projects[0]["id"],
                linked=[datasets[0]["id"], foreign["id"]],
            )
        [message] = error.value.error_dict["linked"]
        assert "Foreign" in message
        assert pairs() == set()

    @pytest.mark.parametrize(
        ("parameters", "field"),
        [
            ({"linked": []}, "linked"),
            ({"linked": [" "]}, "linked"),
            ({"linked": {"a": "b"}}, "linked"),
            ({"linked": [1]}, "linked"),
            ({"linked": [f"d{n}" for n in range(51)]}, "linked"),
            ({"relation": "likes"}, "relation"),
            ({"note": "x" * 501}, "note"),
            ({"linked_from": "dataset"}, "linked_from"),
            ({"linked_from": "elsewhere"}, "linked_from"),
            ({"dataset": "x"}, "project"),
            ({"project": ""}, "project"),
        ],
    )
    def test_bad_input_names_the_parameter(
        self, parameters, field, people, projects, datasets
    ):
        data = {"project": projects[0]["id"], "linked": ids(datasets[:2])}
        with pytest.raises(tk.ValidationError) as error:
            as_user(
                people["project_editor"],
                "digifarm_links_create",
                **{**data, **parameters},
            )
        assert list(error.value.error_dict) == [field]
        assert pairs() == set()

    def test_a_package_on_the_wrong_side(self, people, projects, datasets):
        with pytest.raises(tk.ValidationError) as error:
            as_user(
                people["dataset_editor"],
                "digifarm_links_create",
                project=datasets[0]["id"],
                linked=ids(datasets[1:2]),
            )
        assert list(error.value.error_dict) == ["project"]

    def test_what_is_not_there(self, people, datasets):
        with pytest.raises(tk.ObjectNotFound):
            as_user(
                people["dataset_editor"],
                "digifarm_links_create",
                project="nothing",
                linked=ids(datasets[:1]),
            )

    def test_two_at_once_link_each_pair_once(
        self, shared_app, people, projects, datasets
    ):
        def link(order: int) -> Any:
            return lambda: as_user(
                people["project_editor"],
                "digifarm_links_create",
                project=projects[0]["id"],
                linked=ids(datasets[:3])[::order],
            )

        in_two_threads(shared_app, link(1), link(-1))
        assert len(pairs()) == 3
        assert events() == [("created", "project")] * 3

    def test_the_number_of_statements_stays(self, people, projects, datasets):
        """Besides activities, which core's plugin writes one by one."""

        def cost(linked: list[dict[str, Any]], **more: str) -> int:
            model.Session.rollback()
            with counting() as cost:
                as_user(
                    people["project_editor"],
                    "digifarm_links_create",
                    project=projects[0]["id"],
                    linked=ids(linked),
                    **more,
                )
            return len(cost.sql)

        cost(datasets[:3])
        few = cost(datasets[:1], note="One")
        assert cost(datasets[:3], note="All") == few


class TestForm:
    @pytest.fixture
    def editor(self, shared_app, people) -> Browser:
        id_ = model.User.get(people["project_editor"]).id
        return Browser(shared_app, id_)

    def test_several_are_chosen_over_several_searches(
        self, editor, projects, datasets
    ):
        path = f"/civic_project/{projects[0]['name']}"
        form = editor.form(path, ".digifarm-link-form form")
        answer = editor.send(form.with_values(query="seen 0"))
        [offered] = html(answer).select("[name=linked]")
        assert offered["type"] == "checkbox"
        assert offered["value"] == datasets[0]["name"]
        assert not offered.has_attr("checked")

        again = form.with_values(query="seen 1", linked=datasets[0]["name"])
        answer = editor.send(again)
        boxes = {
            box["value"]: box.has_attr("checked")
            for box in html(answer).select("[name=linked]")
        }
        assert boxes == {
            datasets[0]["name"]: True,
            datasets[1]["name"]: False,
        }
        assert pairs() == set()

        last = read_form(answer, ".digifarm-link-form form")
        answer = editor.send(
            last.with_values(linked=[one["name"] for one in datasets[:2]]),
            follow_redirects=True,
        )
        assert "2 links have been saved." in answer.body
        assert len(pairs()) == 2

    def test_mistakes_leave_what_was_chosen(self, editor, projects, datasets):
        path = f"/civic_project/{projects[0]['name']}"
        form = editor.form(path, ".digifarm-link-form form")
        answer = editor.send(
            form.with_values(
                linked=[datasets[0]["name"], datasets[3]["name"]], query=""
            )
        )
        page = html(answer)
        assert "can’t be linked" in page.select_one("#field-linked-error").text
        [box] = page.select("[name=linked][checked]")
        assert box["value"] == datasets[0]["name"]
        assert "Unseen" not in page.text
        assert pairs() == set()

    def test_nothing_was_chosen(self, editor, projects):
        path = f"/civic_project/{projects[0]['name']}"
        form = editor.form(path, ".digifarm-link-form form")
        page = html(editor.send(form.with_values(query=" ")))
        error = page.select_one("#field-linked-error")
        assert error.text == "Please choose at least one"


def test_the_portal_links_all(projects, datasets):
    as_portal(
        "digifarm_links_create",
        dataset=datasets[3]["id"],
        linked=ids(projects),
    )
    assert len(pairs()) == 3

"""Linking: who may, what readers see, and what is left behind."""

from __future__ import annotations

import concurrent.futures
from typing import Any

import ckantoolkit as tk
import pytest
import sqlalchemy as sa

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action, call_auth, changed_config
from ckanext.digifarm.links.model import Link

from ..acting import as_portal, as_user
from ..conftest import ProjectFactory
from ..keeping import Kept

pytestmark = pytest.mark.usefixtures("shared_portal", "no_links")

#: Who may update the project, the dataset, or neither, in `people`.
EDITORS = ["project_editor", "dataset_editor", "owner", "sysadmin"]
OTHERS = ["other", "reader", "anonymous"]


def hide(package_id: str) -> None:
    as_portal("package_patch", id=package_id, private=True)


def delete(package: dict[str, Any]) -> None:
    as_portal("package_delete", id=package["name"])


@pytest.fixture
def no_links() -> None:
    model.Session.query(Link).delete()
    model.Session.commit()


@pytest.fixture(scope="module")
def people(shared_portal) -> dict[str, str]:
    """Names of users, by what they may do."""
    roles = ["project_editor", "dataset_editor", "owner", "other", "reader"]
    names = {role: factories.User()["name"] for role in roles}
    return {
        **names,
        "sysadmin": factories.Sysadmin()["name"],
        "anonymous": "",
    }


@pytest.fixture(scope="module")
def project_organization(people) -> dict[str, Any]:
    editor = {"name": people["project_editor"], "capacity": "editor"}
    return factories.Organization(users=[editor])


@pytest.fixture(scope="module")
def dataset_organization(people) -> dict[str, Any]:
    editor = {"name": people["dataset_editor"], "capacity": "editor"}
    reader = {"name": people["reader"], "capacity": "member"}
    return factories.Organization(users=[editor, reader])


@pytest.fixture(scope="module")
def kept_project(people, project_organization) -> Kept:
    def create() -> dict[str, Any]:
        project = ProjectFactory(owner_org=project_organization["id"])
        call_action(
            "package_collaborator_create",
            id=project["id"],
            user_id=people["owner"],
            capacity="editor",
        )
        return project

    return Kept(create)


@pytest.fixture
def project(kept_project) -> dict[str, Any]:
    return kept_project.get()


@pytest.fixture(scope="module")
def kept_dataset(dataset_organization) -> Kept:
    organization = dataset_organization["id"]
    return Kept(lambda: factories.Dataset(owner_org=organization))


@pytest.fixture
def dataset(kept_dataset) -> dict[str, Any]:
    return kept_dataset.get()


@pytest.fixture
def link(project, dataset) -> dict[str, Any]:
    return call_action(
        "digifarm_link_create",
        project=project["id"],
        dataset=dataset["id"],
        note="Shows them on a map",
    )


def names(result: dict[str, Any]) -> list[str]:
    return [package["name"] for package in result["results"]]


class TestCreate:
    @pytest.mark.parametrize("role", EDITORS)
    def test_who_may_edit_either_side_links(
        self, role, people, project, dataset
    ):
        link = as_user(
            people[role],
            "digifarm_link_create",
            project=project["name"],
            dataset=dataset["name"],
        )
        assert link["project_id"] == project["id"]
        assert link["dataset_id"] == dataset["id"]
        assert link["relation"] == "uses"

    @pytest.mark.parametrize("role", OTHERS)
    def test_others_do_not(self, role, people, project, dataset):
        with pytest.raises(tk.NotAuthorized):
            as_user(
                people[role],
                "digifarm_link_create",
                project=project["id"],
                dataset=dataset["id"],
            )
        assert Link.get(project["id"], dataset["id"]) is None

    def test_an_editor_does_not_link_what_he_may_not_read(
        self, people, project, dataset
    ):
        hide(dataset["id"])
        with pytest.raises(tk.NotAuthorized):
            as_user(
                people["project_editor"],
                "digifarm_link_create",
                project=project["id"],
                dataset=dataset["id"],
            )

    def test_again_with_the_same_pair_updates_relation_and_note(
        self, link, people
    ):
        again = as_user(
            people["dataset_editor"],
            "digifarm_link_create",
            project=link["project_id"],
            dataset=link["dataset_id"],
            relation="provides",
            note="Collects them",
        )
        assert (again["relation"], again["note"]) == (
            "provides",
            "Collects them",
        )
        kept = ("linked", "linked_from", "created_by")
        assert [again[key] for key in kept] == [link[key] for key in kept]
        assert model.Session.query(Link).count() == 1

    @pytest.mark.parametrize(
        ("role", "side"),
        [("project_editor", "project"), ("dataset_editor", "dataset")],
    )
    def test_the_link_knows_which_side_made_it(
        self, role, side, people, project, dataset
    ):
        link = as_user(
            people[role],
            "digifarm_link_create",
            project=project["id"],
            dataset=dataset["id"],
        )
        assert link["linked_from"] == side

    def test_nobody_links_in_the_name_of_a_project_that_he_may_not_edit(
        self, people, project, dataset
    ):
        with pytest.raises(tk.ValidationError) as error:
            as_user(
                people["dataset_editor"],
                "digifarm_link_create",
                project=project["id"],
                dataset=dataset["id"],
                linked_from="project",
            )
        assert list(error.value.error_dict) == ["linked_from"]

    def test_nobody_links_in_the_name_of_a_dataset_that_he_may_not_edit(
        self, people, project, dataset
    ):
        with pytest.raises(tk.ValidationError) as error:
            as_user(
                people["project_editor"],
                "digifarm_link_create",
                project=project["id"],
                dataset=dataset["id"],
                linked_from="dataset",
            )
        assert list(error.value.error_dict) == ["linked_from"]

    @pytest.mark.parametrize(
        ("parameters", "field"),
        [
            ({"relation": "likes"}, "relation"),
            ({"relation": ["uses"]}, "relation"),
            ({"note": "x" * 501}, "note"),
            ({"note": "a\x00b"}, "note"),
            ({"note": "two\nlines"}, "note"),
            ({"note": {"a": "b"}}, "note"),
            ({"linked_from": "elsewhere"}, "linked_from"),
        ],
    )
    def test_bad_input_names_the_parameter(
        self, parameters, field, project, dataset
    ):
        with pytest.raises(tk.ValidationError) as error:
            call_action(
                "digifarm_link_create",
                project=project["id"],
                dataset=dataset["id"],
                **parameters,
            )
        assert list(error.value.error_dict) == [field]
        assert Link.get(project["id"], dataset["id"]) is None

    def test_each_side_must_be_of_its_type(self, project, dataset):
        with pytest.raises(tk.ValidationError) as error:
            call_action(
                "digifarm_link_create",
                project=dataset["id"],
                dataset=project["id"],
            )
        assert set(error.value.error_dict) == {"project", "dataset"}

    def test_what_is_not_there_cannot_be_linked(self, project):
        for unknown in ("nothing", "a\x00b", "x" * 5000):
            with pytest.raises((tk.ObjectNotFound, tk.ValidationError)):
                call_action(
                    "digifarm_link_create",
                    project=project["id"],
                    dataset=unknown,
                )

    def test_what_is_deleted_cannot_be_linked(self, project, dataset):
        delete(dataset)
        with pytest.raises(tk.ValidationError) as error:
            call_action(
                "digifarm_link_create",
                project=project["id"],
                dataset=dataset["id"],
            )
        assert list(error.value.error_dict) == ["dataset"]

    def test_two_people_at_the_same_moment_make_one_link(
        self, project, dataset
    ):
        def create(note: str) -> None:
            try:
                call_action(
                    "digifarm_link_create",
                    project=project["id"],
                    dataset=dataset["id"],
                    note=note,
                )
            finally:
                model.Session.remove()

        with concurrent.futures.ThreadPoolExecutor() as pool:
            list(pool.map(create, ["one", "two", "three", "four"]))
        assert model.Session.query(Link).count() == 1


class TestDelete:
    @pytest.mark.parametrize("role", EDITORS)
    def test_who_may_edit_either_side_unlinks(self, role, people, link):
        as_user(
            people[role],
            "digifarm_link_delete",
            project=link["project_id"],
            dataset=link["dataset_id"],
        )
        assert model.Session.query(Link).count() == 0

    @pytest.mark.parametrize("role", OTHERS)
    def test_others_do_not(self, role, people, link):
        with pytest.raises(tk.NotAuthorized):
            as_user(
                people[role],
                "digifarm_link_delete",
                project=link["project_id"],
                dataset=link["dataset_id"],
            )
        assert model.Session.query(Link).count() == 1

    def test_a_link_that_is_not_there(self, project, dataset):
        with pytest.raises(tk.ObjectNotFound):
            call_action(
                "digifarm_link_delete",
                project=project["id"],
                dataset=dataset["id"],
            )

    @pytest.mark.parametrize("side", ["project_id", "dataset_id"])
    def test_purging_a_package_takes_its_links_along(
        self, side, project_factory, dataset
    ):
        link = call_action(
            "digifarm_link_create",
            project=project_factory()["id"],
            dataset=dataset["id"],
        )
        call_action("dataset_purge", id=link[side])
        count = sa.select(sa.func.count()).select_from(Link)
        assert model.Session.scalar(count) == 0


class TestLists:
    def test_both_sides_know_how_the_data_is_used(self, link):
        datasets = call_action(
            "digifarm_dataset_list", project=link["project_id"]
        )
        projects = call_action(
            "digifarm_project_list", dataset=link["dataset_id"]
        )
        for result, other in (
            (datasets, link["dataset_id"]),
            (projects, link["project_id"]),
        ):
            assert result["count"] == 1
            found = result["results"][0]
            assert found["id"] == other
            assert found["title"]
            assert found["relation"] == "uses"
            assert found["note"] == "Shows them on a map"
            assert found["linked"] == link["linked"]
            assert found["linked_from"] == "project"

    @pytest.mark.parametrize("role", EDITORS)
    def test_editors_of_either_side_see_who_made_the_link(
        self, role, people, link
    ):
        for action, side in (
            ("digifarm_dataset_list", "project"),
            ("digifarm_project_list", "dataset"),
        ):
            result = as_user(
                people[role], action, **{side: link[f"{side}_id"]}
            )
            assert "created_by" in result["results"][0]

    @pytest.mark.parametrize("role", OTHERS)
    def test_others_do_not_see_who_made_the_link(self, role, people, link):
        for action, side in (
            ("digifarm_dataset_list", "project"),
            ("digifarm_project_list", "dataset"),
        ):
            result = as_user(
                people[role], action, **{side: link[f"{side}_id"]}
            )
            assert "created_by" not in result["results"][0]

    def test_the_oldest_link_comes_first_and_pages_follow(
        self, project, dataset
    ):
        others = [factories.Dataset() for _ in range(4)]
        expected = [dataset["name"], *(other["name"] for other in others)]
        for name in expected:
            call_action(
                "digifarm_link_create", project=project["id"], dataset=name
            )
        everything = call_action(
            "digifarm_dataset_list", project=project["id"]
        )
        page = call_action(
            "digifarm_dataset_list",
            project=project["id"],
            limit="2",
            offset="1",
        )
        assert names(everything) == expected
        assert names(page) == expected[1:3]
        assert page["count"] == len(expected)

    def test_more_links_than_a_search_returns(self, project):
        datasets = [factories.Dataset()["name"] for _ in range(5)]
        for name in datasets:
            call_action(
                "digifarm_link_create", project=project["id"], dataset=name
            )
        with changed_config("ckan.search.rows_max", 2):
            parts = [
                call_action(
                    "digifarm_dataset_list",
                    project=project["id"],
                    offset=first,
                )
                for first in (0, 2, 4)
            ]
        assert [names(part) for part in parts] == [
            datasets[:2],
            datasets[2:4],
            datasets[4:],
        ]
        assert {part["count"] for part in parts} == {5}

    @pytest.mark.parametrize("value", ["-1", "many", " ", "1.5", [1]])
    def test_a_limit_that_is_no_number(self, value, project):
        with pytest.raises(tk.ValidationError) as error:
            call_action(
                "digifarm_dataset_list", project=project["id"], limit=value
            )
        assert list(error.value.error_dict) == ["limit"]

    def test_the_number_of_pages_of_a_package_that_is_not_there(self):
        with pytest.raises(tk.ObjectNotFound):
            call_action("digifarm_dataset_list", project="nothing")
        with pytest.raises(tk.ObjectNotFound):
            call_action("digifarm_project_list", dataset="nothing")


class TestSecrets:
    """A reader sees the linked packages that he may read, no others."""

    @pytest.mark.parametrize(
        ("role", "sees"),
        [
            ("sysadmin", True),
            ("dataset_editor", True),
            ("reader", True),  # a member of the dataset's organisation
            ("project_editor", False),
            ("owner", False),
            ("other", False),
            ("anonymous", False),
        ],
    )
    def test_a_private_dataset(self, role, sees, people, link, project):
        hide(link["dataset_id"])
        result = as_user(
            people[role], "digifarm_dataset_list", project=project["id"]
        )
        assert result["count"] == len(result["results"]) == int(sees)
        shown = as_user(
            people[role], "digifarm_project_show", id=project["id"]
        )
        assert len(shown["datasets"]) == int(sees)

    @pytest.mark.parametrize(
        ("role", "sees"),
        [
            ("sysadmin", True),
            ("project_editor", True),
            ("owner", True),  # a collaborator without organisation
            ("dataset_editor", False),
            ("other", False),
            ("anonymous", False),
        ],
    )
    def test_a_private_project(self, role, sees, people, link, dataset):
        hide(link["project_id"])
        result = as_user(
            people[role], "digifarm_project_list", dataset=dataset["id"]
        )
        assert result["count"] == len(result["results"]) == int(sees)

    def test_a_private_project_hides_its_list(self, people, link):
        hide(link["project_id"])
        for role in ("dataset_editor", "other", "anonymous"):
            with pytest.raises(tk.NotAuthorized):
                as_user(
                    people[role],
                    "digifarm_dataset_list",
                    project=link["project_id"],
                )

    def test_a_deleted_package_vanishes_and_comes_back(
        self, link, project, dataset
    ):
        delete(dataset)
        gone = call_action("digifarm_dataset_list", project=project["id"])
        assert gone == {"count": 0, "results": []}
        as_portal("package_patch", id=dataset["id"], state="active")
        back = call_action("digifarm_dataset_list", project=project["id"])
        assert names(back) == [dataset["name"]]

    def test_counts_know_public_and_active_packages_only(
        self, link, project_factory, dataset
    ):
        hidden = project_factory(private=True)
        deleted = project_factory()
        for other in (hidden, deleted):
            call_action(
                "digifarm_link_create",
                project=other["id"],
                dataset=dataset["id"],
            )
        delete(deleted)
        ids = [dataset["id"], link["project_id"], hidden["id"], deleted["id"]]
        counts = as_user("", "digifarm_link_counts", ids=ids)
        assert counts == {dataset["id"]: 1, link["project_id"]: 1}

    def test_no_more_is_counted_at_once_than_core_finds(self):
        with changed_config("ckan.search.rows_max", 2):
            assert as_user("", "digifarm_link_counts", ids=["a", "b"]) == {}
            with pytest.raises(tk.ValidationError) as raised:
                as_user("", "digifarm_link_counts", ids=["a", "b", "c"])
        assert raised.value.error_dict == {"ids": ["At most 2 are possible"]}

    def test_no_package_dict_and_no_index_document_tells_of_links(
        self, link, project, dataset
    ):
        for this, other in ((project, dataset), (dataset, project)):
            shown = call_action("package_show", id=this["id"])
            assert other["id"] not in str(shown)
            found = call_action(
                "package_search",
                fq_list=[
                    f"id:{this['id']}",
                    "dataset_type:(dataset OR civic_project)",
                ],
                fl=["*"],
            )
            assert found["count"] == 1
            assert other["id"] not in str(found["results"])
            assert other["name"] not in str(found["results"])


def test_every_action_has_an_auth_function_of_its_name(project, dataset):
    pair = {"project": project["id"], "dataset": dataset["id"]}
    for action in (
        "digifarm_link_create",
        "digifarm_link_delete",
    ):
        with pytest.raises(tk.NotAuthorized):
            call_auth(action, {"user": "", "model": model}, **pair)
    for action in ("digifarm_dataset_list", "digifarm_project_list"):
        assert call_auth(action, {"user": "", "model": model}, **pair)

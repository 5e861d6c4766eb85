"""Nobody learns of a package that he may not read.

Not from a link, a count, a facet, a suggestion, a stream, the index.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable

import ckantoolkit as tk
import pytest
from bs4 import BeautifulSoup, Tag

from ckan.lib import search

from .conftest import (
    COLLABORATORS_PROJECT,
    DATASETS,
    DELETED_DATASET,
    DELETED_PROJECT,
    DRAFT_DATASET,
    DRAFT_PROJECT,
    FOREIGN_DATASET,
    ONCE_PUBLIC,
    PRIVATE_DATASETS,
    PRIVATE_PROJECTS,
    PROJECTS,
    PUBLIC_DATASETS,
    PUBLIC_PROJECTS,
    Portal,
    number_in,
    parts,
    without_gaps,
)

PUBLIC = PUBLIC_DATASETS | PUBLIC_PROJECTS
DRAFTS = {DRAFT_DATASET, DRAFT_PROJECT}
DELETED = {DELETED_DATASET, DELETED_PROJECT}

INSIDERS = ["editor", "sysadmin"]
STRANGERS = ["anonymous", "outsider", "collaborator"]

readers = pytest.mark.parametrize("reader", [*STRANGERS, *INSIDERS])


def readable(reader: str, kind: set[str]) -> set[str]:
    """The active packages of a kind that a reader may read."""
    if reader in INSIDERS:
        return (PUBLIC | PRIVATE_DATASETS | PRIVATE_PROJECTS) & kind
    if reader == "collaborator":
        return (PUBLIC | {COLLABORATORS_PROJECT}) & kind
    return PUBLIC & kind


def linkable(reader: str, kind: set[str]) -> set[str]:
    """The same, and drafts, which members of their organisation may read."""
    drafts = DRAFTS if reader in INSIDERS else set()
    return readable(reader, kind) | (drafts & kind)


@readers
@pytest.mark.parametrize(
    "address",
    [
        "/civic_project/meadow-quiz",
        "/api/3/action/digifarm_project_show?id=meadow-quiz",
        "/api/3/action/digifarm_dataset_list?project=meadow-quiz",
    ],
)
def test_of_a_projects_datasets_a_reader_sees_those_he_may_read(
    portal: Portal, address, reader
):
    found = portal.named_in(without_gaps(portal.page(address, reader)))
    assert found == {"meadow-quiz", *linkable(reader, DATASETS)}


@readers
def test_of_a_projects_gaps_only_who_edits_it_learns(portal: Portal, reader):
    page = portal.page("/civic_project/meadow-quiz", reader)
    found = portal.named_in(page) - portal.named_in(without_gaps(page))
    expected = {DELETED_DATASET} if reader in {"editor", "sysadmin"} else set()
    assert found == expected


@readers
@pytest.mark.parametrize(
    "address",
    [
        "/dataset/bee-counts",
        "/api/3/action/digifarm_project_list?dataset=bee-counts",
    ],
)
def test_of_a_datasets_projects_a_reader_sees_those_he_may_read(
    portal: Portal, address, reader
):
    found = portal.named_in(portal.page(address, reader))
    assert found == {"bee-counts", *linkable(reader, PROJECTS)}


@readers
@pytest.mark.parametrize(
    "address",
    [
        f"/dataset/{FOREIGN_DATASET}",
        f"/api/3/action/digifarm_project_list?dataset={FOREIGN_DATASET}",
    ],
)
def test_not_even_the_editor_of_a_dataset_sees_a_private_project(
    portal: Portal, address, reader
):
    found = portal.named_in(portal.page(address, reader))
    expected = readable(reader, {COLLABORATORS_PROJECT})
    assert found - {FOREIGN_DATASET} == expected


@readers
@pytest.mark.parametrize(
    ("action", "of", "kind"),
    [
        ("digifarm_dataset_list", {"project": "meadow-quiz"}, DATASETS),
        ("digifarm_project_list", {"dataset": "bee-counts"}, PROJECTS),
    ],
)
def test_a_list_counts_and_pages_through_what_it_shows(
    portal: Portal, action, of, kind, reader
):
    count = len(linkable(reader, kind))
    rest = portal.result(action, reader, **of, offset=1, limit=100)
    assert rest["count"] == count
    assert len(rest["results"]) == count - 1


@pytest.mark.parametrize(
    ("reader", "warning_of"),
    [("outsider", set()), ("sysadmin", {COLLABORATORS_PROJECT})],
)
def test_who_deletes_a_dataset_is_warned_of_projects_he_may_read(
    portal: Portal, reader, warning_of
):
    page = portal.page(f"/dataset/delete/{FOREIGN_DATASET}", reader)
    assert portal.named_in(page) == {FOREIGN_DATASET, *warning_of}


@pytest.mark.parametrize("reader", STRANGERS)
@pytest.mark.parametrize(
    "name", ["moth-diary", DRAFT_PROJECT, DELETED_PROJECT]
)
def test_what_a_reader_may_not_read_has_no_page_for_him(
    portal: Portal, name, reader
):
    for address in (
        f"/civic_project/{name}",
        f"/dataset/{name}",
        f"/civic_project/edit/{name}",
        f"/civic_project/delete/{name}",
    ):
        response = portal.get(address, reader)
        assert f"Honey {name}" not in response.text
        if reader == "anonymous" and address.count("/") > 2:
            # Forms want a login first, whatever their address names.
            nothing = portal.get(address.replace(name, "nothing"), reader)
            for answer in (response, nothing):
                assert answer.request.path == "/user/login"
        else:
            assert response.status_code == 404


@pytest.mark.parametrize("reader", STRANGERS)
@pytest.mark.parametrize(
    "name", ["moth-diary", DRAFT_PROJECT, DELETED_PROJECT]
)
@pytest.mark.parametrize(
    "action", ["digifarm_project_show?id=", "digifarm_dataset_list?project="]
)
def test_the_api_keeps_to_itself_what_a_reader_may_not_read(
    portal: Portal, action, name, reader
):
    response = portal.get(f"/api/3/action/{action}{name}", reader)
    assert response.status_code == 403
    assert "Honey" not in response.text


@pytest.fixture(scope="module")
def project_list(portal: Portal) -> Callable[[str], str]:
    """The first page of the list of projects, by its reader."""
    return functools.cache(functools.partial(portal.page, "/civic_project/"))


@readers
def test_project_list_shows_and_counts_what_the_reader_may_read(
    portal: Portal, project_list, reader
):
    page = project_list(reader)
    expected = readable(reader, PROJECTS)
    assert portal.named_in(page) == expected
    assert number_in(page, "[role=status]") == len(expected)


@readers
def test_facets_of_the_project_list_count_what_the_reader_may_read(
    project_list, reader
):
    page = BeautifulSoup(project_list(reader), "html.parser")
    facets = {
        item.select(".item-label")[0].text: item.select(".item-count")[0].text
        for item in page.select("#search-facets a:has(.item-count)")
    }
    expected = readable(reader, PROJECTS)
    assert facets["bees"] == facets["programmed"] == str(len(expected))
    tags = {facet for facet in facets if facet.startswith("tag-")}
    assert tags == {f"tag-{name}" for name in expected}


@readers
@pytest.mark.parametrize(
    ("address", "most"),
    [("/", 3), ("/organization/gardens", 4), ("/user/maker", 20)],
)
def test_our_parts_of_other_pages_show_what_the_reader_may_read(
    portal: Portal, address, most, reader
):
    _, ours = parts(portal.page(address, reader))
    found = portal.named_in(ours)
    expected = readable(reader, PROJECTS)
    assert found <= expected
    assert len(found) == min(len(expected), most)


@readers
def test_cards_and_list_items_count_public_links_only(
    portal: Portal, project_list, reader
):
    projects = BeautifulSoup(project_list(reader), "html.parser")
    datasets = BeautifulSoup(portal.page("/dataset/", reader), "html.parser")

    def item(page: BeautifulSoup, selector: str, name: str) -> Tag:
        found = page.select_one(f"{selector}:has(a[href$='/{name}'])")
        assert found
        return found

    card = item(projects, "article", "meadow-quiz")
    assert "2 datasets" in card.text
    used = item(datasets, "li.dataset-item", "bee-counts")
    assert "2 civic projects with this data" in used.text
    unused = item(datasets, "li.dataset-item", FOREIGN_DATASET)
    assert "with this data" not in unused.text


CANDIDATES = "/civic_project/links/{}/candidates?q={}"


@pytest.mark.usefixtures("no_links")
@pytest.mark.parametrize(
    ("reader", "package", "expected"),
    [
        ("editor", "meadow-quiz", PUBLIC_DATASETS | PRIVATE_DATASETS),
        ("editor", "bee-counts", PUBLIC_PROJECTS | PRIVATE_PROJECTS),
        ("sysadmin", "bee-counts", PUBLIC_PROJECTS | PRIVATE_PROJECTS),
        ("collaborator", COLLABORATORS_PROJECT, PUBLIC_DATASETS),
        ("outsider", FOREIGN_DATASET, PUBLIC_PROJECTS),
    ],
)
def test_candidates_for_a_link_are_those_that_the_user_may_read(
    portal: Portal, reader, package, expected
):
    page = portal.page(CANDIDATES.format(package, "honey"), reader)
    assert portal.named_in(page) == expected


@pytest.mark.usefixtures("no_links")
@pytest.mark.parametrize(
    ("reader", "package", "names"),
    [
        (
            "collaborator",
            COLLABORATORS_PROJECT,
            [*PRIVATE_DATASETS, DRAFT_DATASET, DELETED_DATASET],
        ),
        (
            "outsider",
            FOREIGN_DATASET,
            [*PRIVATE_PROJECTS, DRAFT_PROJECT, DELETED_PROJECT],
        ),
    ],
)
def test_a_hidden_name_typed_in_full_finds_no_candidate(
    portal: Portal, reader, package, names
):
    for name in names:
        response = portal.get(CANDIDATES.format(package, name), reader)
        assert response.json == []


@pytest.mark.parametrize(
    "reader", ["anonymous", "reader", "outsider", "member"]
)
@pytest.mark.parametrize("package", ["meadow-quiz", "bee-counts"])
def test_only_who_may_link_gets_candidates(portal: Portal, package, reader):
    response = portal.get(CANDIDATES.format(package, "honey"), reader)
    if reader == "anonymous":
        assert response.request.path == "/user/login"
    else:
        assert response.status_code == 403


@readers
@pytest.mark.parametrize(
    ("package", "others"),
    [
        ("meadow-quiz", PUBLIC_DATASETS),
        ("bee-counts", PUBLIC_PROJECTS),
        (FOREIGN_DATASET, set()),
    ],
)
def test_the_stream_of_a_package_names_others_that_the_reader_may_read(
    portal: Portal, package, others, reader
):
    page = portal.page(f"/dataset/activity/{package}", reader)
    found = portal.named_in(page) - {package}
    assert found >= others
    # Who may edit a deleted package may read it.
    deleted = DELETED if reader in INSIDERS else set()
    assert found <= readable(reader, DATASETS | PROJECTS) | deleted


@readers
@pytest.mark.parametrize(
    "address",
    [
        "/user/activity/maker",
        "/organization/activity/gardens",
        "/group/activity/nature",
        "/api/3/action/user_activity_list?id=maker&limit=100",
        "/api/3/action/recently_changed_packages_activity_list?limit=100",
        "/api/3/action/package_activity_list?id=bee-counts&limit=100",
        f"/api/3/action/package_activity_list?id={FOREIGN_DATASET}",
    ],
)
def test_no_stream_names_what_was_never_public_for_the_reader(
    portal: Portal, address, reader
):
    hidden = (
        (PRIVATE_DATASETS | PRIVATE_PROJECTS | DRAFTS)
        - ONCE_PUBLIC
        - linkable(reader, DATASETS | PROJECTS)
    )
    assert not portal.named_in(portal.page(address, reader)) & hidden


@pytest.mark.parametrize("name", sorted((DATASETS | PROJECTS) - DELETED))
def test_the_index_knows_nothing_about_the_links_of_a_package(
    portal: Portal, name
):
    document = json.dumps(search.show(name))
    assert portal.named_in(document) == {name}
    assert "Bumblebees" not in document


@pytest.mark.parametrize("reader", ["anonymous", "sysadmin"])
@pytest.mark.parametrize("name", ["meadow-quiz", "bee-counts"])
def test_a_package_dict_knows_nothing_about_links(
    portal: Portal, name, reader
):
    page = portal.page(f"/api/3/action/package_show?id={name}", reader)
    assert portal.named_in(page) == {name}


@pytest.fixture(scope="class")
def with_deleted_packages(portal: Portal):
    """An index that keeps deleted packages."""
    option = "ckan.search.remove_deleted_packages"
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(tk.config, option, False)
        for name in DELETED:
            search.rebuild(portal.ids[name], quiet=True)
        yield
    for name in DELETED:
        search.clear(portal.ids[name])


@pytest.mark.usefixtures("with_deleted_packages")
class TestWhereTheIndexKeepsDeletedPackages:
    """As core's option ckan.search.remove_deleted_packages wants it."""

    @pytest.mark.parametrize("reader", ["anonymous", "editor", "sysadmin"])
    @pytest.mark.parametrize(
        "address",
        [
            "/civic_project/",
            "/civic_project/meadow-quiz",
            "/dataset/bee-counts",
        ],
    )
    def test_pages_do_not_show_them(self, portal: Portal, address, reader):
        found = portal.named_in(without_gaps(portal.page(address, reader)))
        assert not found & DELETED

    def test_the_trash_holds_those_of_both_kinds(self, portal: Portal):
        page = portal.page("/ckan-admin/trash", "sysadmin")
        assert portal.named_in(page) == DELETED

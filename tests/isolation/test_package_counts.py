"""Counts of an organisation's or a group's datasets leave projects out."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from .conftest import Portal

#: How many datasets a reader may read. Core counts them in lists and on the
#: page of an organisation; on that of a group it counts public ones only.
IN_LISTS = {
    "anonymous": 2,
    "reader": 2,
    "member": 4,
    "editor": 4,
    "collaborator": 2,
    "sysadmin": 4,
}


@pytest.mark.parametrize(("reader", "count"), IN_LISTS.items())
@pytest.mark.parametrize(
    ("action", "name"),
    [("organization_list", "gardens"), ("group_list", "nature")],
)
def test_lists_count_datasets_only(
    portal: Portal, action, name, reader, count
):
    groups = portal.result(action, reader, all_fields=True)
    counts = {group["name"]: group["package_count"] for group in groups}
    assert counts[name] == count
    assert counts.get("orchards", 1) == 1


@pytest.mark.parametrize("reader", ["anonymous", "sysadmin"])
@pytest.mark.parametrize("action", ["organization_list", "group_list"])
def test_lists_with_datasets_count_them(portal: Portal, action, reader):
    groups = portal.result(
        action, reader, all_fields=True, include_datasets=True
    )
    for group in groups:
        assert group["package_count"] == len(group["packages"])


@pytest.mark.parametrize("action", ["organization_list", "group_list"])
def test_lists_count_nothing_where_counts_are_not_wanted(
    portal: Portal, action
):
    groups = portal.result(
        action, all_fields=True, include_dataset_count=False
    )
    assert groups
    assert not any("package_count" in group for group in groups)


@pytest.mark.parametrize("action", ["organization_list", "group_list"])
def test_lists_of_names_stay_lists_of_names(portal: Portal, action):
    assert {"gardens", "nature"} & set(portal.result(action))


@pytest.mark.parametrize(("reader", "count"), IN_LISTS.items())
def test_an_organization_counts_its_datasets_only(
    portal: Portal, reader, count
):
    organization = portal.result("organization_show", reader, id="gardens")
    assert organization["package_count"] == count


@pytest.mark.parametrize("reader", IN_LISTS)
def test_a_group_counts_its_datasets_only(portal: Portal, reader):
    group = portal.result("group_show", reader, id="nature")
    assert group["package_count"] == 2


@pytest.mark.parametrize(
    ("reader", "count"), [("anonymous", 2), ("editor", 4), ("sysadmin", 4)]
)
@pytest.mark.parametrize("address", ["/organization/", "/group/"])
def test_list_pages_show_the_number_of_datasets(
    portal: Portal, address, reader, count
):
    page = BeautifulSoup(portal.page(address, reader), "html.parser")
    shown = [item.text for item in page.select(".media-item .count")]
    assert f"{count} Datasets" in shown


@pytest.mark.parametrize(
    ("address", "reader", "count"),
    [
        ("/organization/gardens", "anonymous", 2),
        ("/organization/gardens", "editor", 4),
        ("/organization/gardens", "sysadmin", 4),
        ("/group/nature", "anonymous", 2),
    ],
)
def test_pages_show_the_number_of_datasets_beside_the_list(
    portal: Portal, address, reader, count
):
    page = BeautifulSoup(portal.page(address, reader), "html.parser")
    terms = {
        dt.text.strip(): dd.text.strip()
        for dt, dd in zip(
            page.select(".nums dt"), page.select(".nums dd"), strict=True
        )
    }
    assert terms["Datasets"] == str(count)


@pytest.mark.parametrize(
    ("action", "name"),
    [
        ("organization_list_for_user", "gardens"),
        ("group_list_authz", "nature"),
    ],
)
def test_lists_of_own_groups_count_datasets_only(portal: Portal, action, name):
    groups = portal.result(action, "sysadmin", include_dataset_count=True)
    counts = {group["name"]: group["package_count"] for group in groups}
    assert counts[name] == 4

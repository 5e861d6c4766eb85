"""What stays as in core, projects included: see docs/isolation.md."""

from __future__ import annotations

from ckan import model
from ckanext.stats.stats import Stats

from .conftest import (
    PRIVATE_PROJECTS,
    PUBLIC_DATASETS,
    PUBLIC_PROJECTS,
    Portal,
)


def test_package_list_names_all_packages(portal: Portal):
    names = set(portal.result("package_list"))
    assert names >= PUBLIC_DATASETS | PUBLIC_PROJECTS
    assert not names & PRIVATE_PROJECTS


def test_a_user_has_created_datasets_and_projects(portal: Portal):
    user = portal.result("user_show", id="maker")
    assert user["number_created_packages"] == 4


def test_tags_of_projects_are_tags(portal: Portal):
    assert "programmed" in portal.result("tag_list")
    assert "programmed" in portal.result("tag_autocomplete", query="program")


def test_members_of_a_group_are_packages_of_all_types(portal: Portal):
    members = portal.result("member_list", id="nature", object_type="package")
    ids = {member[0] for member in members}
    assert ids >= {portal.ids[name] for name in PUBLIC_PROJECTS}


def test_activities_of_projects_are_among_all_activities(portal: Portal):
    stream = portal.page(
        "/api/3/action/recently_changed_packages_activity_list?limit=100"
    )
    assert portal.named_in(stream) >= PUBLIC_DATASETS | PUBLIC_PROJECTS


def test_projects_can_be_followed_as_datasets_can(portal: Portal):
    followed = portal.result("dataset_followee_list", "reader", id="reader")
    assert [package["name"] for package in followed] == ["meadow-quiz"]
    news = portal.page("/dashboard/", "reader")
    assert "meadow-quiz" in portal.named_in(news)


def test_statistics_count_all_packages(portal: Portal):
    top = {tag.name: count for tag, count in Stats.top_tags() or []}
    assert top["bees"] == 4
    assert (model.User.get("maker"), 4) in Stats.top_package_creators()


def test_the_trash_holds_projects_too(portal: Portal):
    page = portal.page("/ckan-admin/trash", "sysadmin")
    assert portal.named_in(page) == {"wasp-archive", "swarm-radio"}

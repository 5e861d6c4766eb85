"""What people really do is counted: the events say what numbers need."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action
from ckanext.digifarm.statistics import aggregating

from .. import proposing
from ..acting import as_portal, as_user
from ..offering import (
    REVIEWERS,
    create_partner,
    create_people,
    create_project,
    empty_tables,
    offer,
)
from ..working import work_here

pytestmark = pytest.mark.usefixtures("nothing")


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture
def nothing(people, no_numbers) -> None:
    empty_tables()
    proposing.empty_tables()


def now(**asked: Any) -> dict[str, int]:
    """What of this month is not nothing."""
    aggregating.rebuild()
    model.Session.commit()
    found = as_user("", "digifarm_statistics", **asked)
    return {
        f"{n['number']} {n['key']}".strip(): n["values"][-1]
        for n in found["numbers"]
        if n["values"][-1] and n["kind"] != "duration"
    }


def test_project_support_and_task(people):
    project = create_project(people, title="Ein Garten", stage="live")
    dataset = factories.Dataset()
    as_portal(
        "digifarm_links_create", project=project["id"], linked=[dataset["id"]]
    )
    support = offer(people["offerer"], project=project["id"])
    as_user(people["owner"], "digifarm_support_accept", id=support.id)
    task = call_action(
        "digifarm_task_create",
        project=project["id"],
        title="Bilder beschreiben",
        effort="hour",
    )
    as_user(people["owner"], "digifarm_task_done", id=task["id"])
    found = now()
    stage, areas = "live", project["help_wanted"]
    assert found == {
        f"projects {stage}": 1,
        "projects_alive": 1,
        "projects_new": 1,
        **{f"help_wanted {area}": 1 for area in areas},
        **{f"help_asked {area}": 1 for area in areas},
        "offers_sent technology": 1,
        "offers_accepted technology": 1,
        "help_found technology": 1,
        "supports technology": 1,
        "tasks_opened": 1,
        "tasks_done": 1,
        "datasets_used": 1,
    }
    # And it ends.
    as_user(
        people["owner"],
        "digifarm_project_end",
        id=project["id"],
        stage="ended",
        supports="end",
    )
    work_here()
    after = now()
    gone = {
        f"projects {stage}",
        "projects_alive",
        "supports technology",
        *(f"help_wanted {area}" for area in areas),
    }
    assert after == {
        **{name: value for name, value in found.items() if name not in gone},
        "projects ended": 1,
        "projects_over ended": 1,
        "supports_ended technology": 1,
    }


def test_confirmed_project(people):
    project = create_project(people, title="Ein Garten")
    as_user(
        people["owner"],
        "digifarm_confirmation_answer",
        project=project["id"],
        answer="confirmed",
    )
    assert now()["confirmed"] == 1


def test_hidden_and_shown_again(people):
    project = create_project(people, title="Ein Garten")
    as_portal("package_patch", id=project["id"], private=True)
    assert now() == {
        "projects_new": 1,
        "projects_removed": 1,
        **{f"help_asked {area}": 1 for area in project["help_wanted"]},
    }
    as_portal("package_patch", id=project["id"], private=False)
    assert now()["projects_alive"] == 1
    assert now()["projects_new"] == 1


def test_deleted_and_restored(people):
    project = create_project(people, title="Ein Garten")
    as_portal("package_delete", id=project["id"])
    assert "projects_alive" not in now()
    as_portal("package_patch", id=project["id"], state="active")
    assert now()["projects_alive"] == 1


def test_filters(people):
    project = create_project(
        people, title="Ein Garten", action_fields=["mobility", "economy"]
    )
    organization = project["owner_org"]
    assert now(organization=organization)["projects_new"] == 1
    name = model.Group.get(organization).name
    assert now(organization=name)["projects_new"] == 1
    assert now(action_field="economy")["projects_new"] == 1
    assert "projects_new" not in now(action_field="environment")


@pytest.mark.ckan_config("ckanext.digifarm.review_organization", REVIEWERS)
def test_what_nobody_may_read_is_no_filter(people):
    proposing.pending(project={"origin_community": "Geheimes Treffen"})
    create_project(people, title="Privat", private=True)
    public = create_project(
        people, title="Ein Garten", origin_community="Hackathon"
    )
    assert now()["proposals_sent"] == 1
    choices = as_user("", "digifarm_statistics")["choices"]
    assert choices["origin"] == ["Hackathon"]
    assert choices["organization"] == [public["owner_org"]]


def test_of_many_choices_those_with_most_projects_are_offered(people):
    for origin in ("Barcamp", "Zukunftstag", "Zukunftstag", "Hackathon"):
        create_project(people, title="Ein Garten", origin_community=origin)
    with mock.patch.object(aggregating, "MOST_CHOICES", 2):
        now()
    choices = as_user("", "digifarm_statistics")["choices"]
    assert choices["origin"] == ["Barcamp", "Zukunftstag"]


def test_two_entries_of_a_partner_are_joined(people):
    goes = create_partner(people)
    stays = create_partner(people, title="Ein Verein")
    for partner in (goes, stays):
        project = create_project(people, title="Ein Garten")
        as_portal(
            "digifarm_support_create",
            project=project["id"],
            area="technology",
            partner=partner["id"],
        )
    assert now()["partners_supporting"] == 2
    as_portal("digifarm_partner_merge", id=goes["id"], into=stays["id"])
    found = now()
    assert (found["supports technology"], found["partners_supporting"]) == (
        2,
        1,
    )

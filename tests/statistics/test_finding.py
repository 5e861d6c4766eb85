"""What no step has written down is found once a day, and counted."""

from __future__ import annotations

import datetime
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest import mock

import pytest
import sqlalchemy as sa

from ckan import model
from ckan.tests import factories
from ckanext.digifarm.lib import clock
from ckanext.digifarm.lib.events import Event
from ckanext.digifarm.statistics import aggregating, finding
from ckanext.digifarm.statistics.model import Figure
from ckanext.digifarm.upkeep.model import Check, Health

from ..acting import as_portal, as_user
from ..working import run_due

pytestmark = pytest.mark.usefixtures("no_numbers", "nothing_yet")


@pytest.fixture
def nothing_yet(no_numbers) -> None:
    """Nothing stands there but what a test makes."""
    model.Session.query(model.Package).delete()
    model.Session.query(Check).delete()
    model.Session.commit()


def find() -> list[tuple[str, dict[str, Any]]]:
    """What is written down."""
    model.Session.rollback()
    before = {*model.Session.scalars(sa.select(Event.id))}
    finding.find()
    model.Session.commit()
    query = sa.select(Event).order_by(Event.number)
    return [
        (f"{event.subject} {event.action}", event.data)
        for event in model.Session.scalars(query)
        if event.id not in before
    ]


def test_nothing_differs(project_factory):
    project_factory()
    assert find() == []


def test_what_was_there_before_events_were(project_factory):
    project = project_factory(stage="live")
    model.Session.query(Event).delete()
    model.Session.commit()
    [(what, data)] = find()
    assert what == "project found"
    assert data == {
        "organization": project["owner_org"],
        "action_fields": project["action_fields"],
        "origin": project.get("origin_community") or None,
        "is_public": True,
        "stage": "live",
        "listed": clock.now().date().isoformat(),
        "dead": 0,
        "help": sorted(project["help_wanted"]),
        "unseen": [],
    }
    assert find() == []


def test_help_that_was_wanted_before_is_known(project_factory):
    project = project_factory(help_wanted=["care", "technology"])
    model.Session.query(Event).delete()
    model.Session.commit()
    find()
    as_portal("package_patch", id=project["id"], help_wanted=["care"])
    assert find() == []
    aggregating.rebuild()
    model.Session.commit()
    wanted = sa.select(Figure.key, Figure.amount).where(
        Figure.number == "help_wanted",
        Figure.organization == "",
        Figure.amount != 0,
    )
    found = [tuple(row) for row in model.Session.execute(wanted)]
    assert found == [("care", 1)]


def test_an_edit_of_what_is_filtered_by(project_factory):
    project = project_factory(action_fields=["mobility"])
    as_portal("package_patch", id=project["id"], action_fields=["economy"])
    [(_, data)] = find()
    assert data["action_fields"] == ["economy"]
    assert find() == []


def test_a_project_that_others_have_removed(project_factory):
    project = project_factory()
    model.Session.execute(
        sa.delete(model.Package).where(model.Package.id == project["id"])
    )
    model.Session.commit()
    [(what, data)] = find()
    assert (what, data["is_public"]) == ("project found", False)
    assert find() == []


def test_what_is_gone_gives_no_reason_again(project_factory):
    project = project_factory()
    as_portal(
        "digifarm_project_end",
        id=project["id"],
        stage="ended",
        reason_code="goal_reached",
    )
    model.Session.execute(
        sa.delete(model.Package).where(model.Package.id == project["id"])
    )
    model.Session.commit()
    [(_, data)] = find()
    assert data["stage"] == "ended"
    assert "reason_code" not in data
    assert "area" not in data


def test_where_it_was_listed_before_is_known(project_factory):
    listed = f"{clock.now().year - 1}-01"
    project_factory(stage="live", listed=listed)
    model.Session.query(Event).delete()
    model.Session.commit()
    find()
    aggregating.rebuild()
    model.Session.commit()
    # It was a year old before it was found.
    later = clock.now() + datetime.timedelta(days=366)
    with mock.patch.object(clock, "now", return_value=later):
        aggregating.aggregate()
        model.Session.commit()
    looked = sa.select(Figure.number, Figure.amount).where(
        Figure.number.startswith("after_"),
        Figure.organization == "",
        Figure.action_field == "",
        Figure.origin == "",
    )
    found = [tuple(row) for row in model.Session.execute(looked)]
    assert found == [("after_two_years", 1)]


def test_what_somebody_changes_meanwhile_is_left_to_them(
    project_factory, monkeypatch
):
    project = project_factory(action_fields=["mobility"])
    as_portal("package_patch", id=project["id"], action_fields=["economy"])
    hidden, said = [], finding._said

    def hide() -> None:
        try:
            as_portal("package_patch", id=project["id"], private=True)
        finally:
            model.Session.remove()

    def read(*args: Any) -> Any:
        found = [*said(*args)]
        if not hidden:
            hidden.append(True)
            with ThreadPoolExecutor(1) as pool:
                pool.submit(hide).result()
        return iter(found)

    monkeypatch.setattr(finding, "_said", read)
    # What the other one has written down, and no more.
    assert [what for what, _ in find()] == ["project hidden"]


def test_dead_addresses(project_factory):
    url = "https://example.org/weg"
    project_factory(url=url)
    model.Session.add(
        Check(
            url=url,
            host="example.org",
            health=Health.DEAD.value,
            problem="",
            moved_to="",
            failures=3,
            since=clock.now(),
            due=clock.now(),
            checked=clock.now(),
        )
    )
    model.Session.commit()
    [(_, data)] = find()
    assert data["dead"] == 1
    assert find() == []
    model.Session.query(Check).delete()
    model.Session.commit()
    [(_, data)] = find()
    assert data["dead"] == 0


def test_used_datasets_that_not_everybody_may_read(project_factory):
    project = project_factory()
    organization = factories.Organization()["id"]
    used = [factories.Dataset(owner_org=organization) for _ in range(3)]
    for dataset in used:
        as_portal(
            "digifarm_link_create",
            project=project["id"],
            dataset=dataset["id"],
        )
    find()
    assert _used() == 3
    as_portal("package_patch", id=used[0]["id"], private=True)
    as_portal("package_delete", id=used[1]["id"])
    hidden = [used[0]["id"], used[1]["id"]]
    assert _unseen() == [sorted(hidden)]
    assert find() == []
    assert _used() == 1
    as_portal("package_patch", id=used[0]["id"], private=False)
    assert _unseen() == [[used[1]["id"]]]
    assert _used() == 2


def _unseen() -> list[list[str]]:
    """What is found of datasets that projects are linked with."""
    return [data["unseen"] for what, data in find() if what == "project found"]


def _used() -> int:
    aggregating.rebuild()
    model.Session.commit()
    numbers = as_user("", "digifarm_statistics")["numbers"]
    [row] = [row for row in numbers if row["number"] == "datasets_used"]
    return row["values"][-1]


def test_datasets(project_factory):
    factories.Dataset()
    factories.Dataset(private=True, owner_org=factories.Organization()["id"])
    project_factory()
    query = sa.select(Event.source, Event.target).where(
        Event.subject == "portal"
    )
    assert find() == [("portal counted", {})]
    assert find() == []
    factories.Dataset()
    find()
    counted = [tuple(row) for row in model.Session.execute(query)]
    assert sorted(counted) == [("0", "1"), ("1", "2")]


def test_it_is_due(project_factory):
    project_factory()
    run_due("statistics-found")
    run_due("statistics")
    number = sa.select(sa.func.sum(Figure.amount)).where(
        Figure.number == "projects_alive",
        Figure.organization == "",
        Figure.action_field == "",
        Figure.origin == "",
    )
    assert model.Session.scalar(number) == 1

"""Who removes a link says why, and the project's people read it."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action
from ckanext.digifarm.lib.events import Event, Subject
from ckanext.digifarm.links.model import Link
from ckanext.digifarm.notices.model import Notice

from ..acting import as_portal, as_user
from ..browsing import Browser, html
from ..conftest import ProjectFactory
from ..outbox import empty_outbox, waiting_mails
from ..working import run_due

pytestmark = pytest.mark.usefixtures("shared_portal", "clean")

REASON = "Wrong trees\nplease see the others"


@pytest.fixture(scope="module")
def people(shared_portal) -> dict[str, Any]:
    names = ("owner", "project_editor", "dataset_editor", "both")
    return {name: factories.User(fullname=name) for name in names}


@pytest.fixture(scope="module")
def project(people) -> dict[str, Any]:
    """A project whose owners edit it, two of them."""
    office = factories.Organization(
        users=[
            {"name": people["project_editor"]["name"], "capacity": "editor"}
        ]
    )
    project = ProjectFactory(title="Tree map", owner_org=office["id"])
    for role in ("owner", "both"):
        as_portal(
            "package_collaborator_create",
            id=project["id"],
            user_id=people[role]["id"],
            capacity="editor",
        )
    return project


@pytest.fixture(scope="module")
def dataset(people) -> dict[str, Any]:
    office = factories.Organization(
        users=[
            {"name": people[role]["name"], "capacity": "editor"}
            for role in ("dataset_editor", "both")
        ]
    )
    return factories.Dataset(title="Old trees", owner_org=office["id"])


@pytest.fixture
def clean(project, dataset) -> None:
    model.Session.rollback()
    for table in (Link, Event, Notice):
        model.Session.query(table).delete()
    model.Session.commit()
    as_portal("package_patch", id=dataset["id"], private=False)
    call_action(
        "digifarm_link_create", project=project["id"], dataset=dataset["id"]
    )
    empty_outbox()


@pytest.fixture
def remove(people, project, dataset):
    """Removes the link as somebody."""

    def remove(role: str, **more: str) -> None:
        as_user(
            people[role]["name"],
            "digifarm_link_delete",
            project=project["id"],
            dataset=dataset["id"],
            **more,
        )

    return remove


def removed() -> list[Event]:
    model.Session.rollback()
    return (
        model.Session.query(Event)
        .filter_by(subject=Subject.LINK.value, action="removed")
        .all()
    )


def addresses(people: dict[str, Any], *roles: str) -> list[str]:
    return sorted(people[role]["email"] for role in roles)


def told() -> list[str]:
    run_due("urgent-notices")
    return sorted(mail.recipient_email for mail in waiting_mails())


def test_the_owners_read_why(people, remove, dataset):
    remove("dataset_editor", reason=REASON)
    [event] = removed()
    assert event.reason == REASON
    assert (event.actor, event.source, event.target) == (
        "dataset",
        "uses",
        None,
    )
    assert event.created_by == people["dataset_editor"]["id"]
    # The organisation's editors need not know where there are owners.
    assert told() == addresses(people, "owner", "both")
    for mail in waiting_mails():
        assert mail.subject == "“Tree map” is no longer linked with a dataset"
        assert "> Wrong trees\n> please see the others" in mail.body
        assert "“Old trees”" in mail.body
        assert f"/dataset/{dataset['name']}" in mail.body


def test_without_a_reason_none_is_said(remove):
    remove("dataset_editor")
    assert removed()[0].reason == ""
    for mail in waiting_mails():
        assert "The reason" not in mail.body


def test_whoever_removes_it_gets_no_mail(people, remove):
    remove("both", removed_from="dataset", reason=REASON)
    assert removed()[0].actor == "dataset"
    assert told() == addresses(people, "owner")


@pytest.mark.parametrize("role", ["owner", "project_editor", "both"])
def test_the_projects_side_tells_nobody(role, remove):
    remove(role, reason="Not needed")
    [event] = removed()
    assert (event.actor, event.reason) == ("project", "Not needed")
    assert told() == []


@pytest.mark.parametrize(
    ("role", "side"), [("owner", "dataset"), ("dataset_editor", "project")]
)
def test_nobody_removes_in_the_name_of_what_they_may_not_edit(
    role, side, remove
):
    with pytest.raises(tk.ValidationError) as error:
        remove(role, removed_from=side)
    assert list(error.value.error_dict) == ["removed_from"]
    assert (removed(), told()) == ([], [])


def test_a_dataset_that_they_may_not_read_is_not_named(
    people, remove, dataset
):
    as_portal("package_patch", id=dataset["id"], private=True)
    remove("dataset_editor", reason=REASON)
    told()
    mails = {mail.recipient_email: mail for mail in waiting_mails()}
    stranger = mails[people["owner"]["email"]]
    said = stranger.subject + stranger.body + stranger.body_html
    assert "The publisher of a dataset has removed its link" in said
    assert REASON.splitlines()[0] in said
    for secret in ("Old trees", dataset["name"], dataset["id"]):
        assert secret not in said
    assert "Ask “" not in said
    # Who may read it is told which it is, and whom to ask.
    body = mails[people["both"]["email"]].body
    assert "Old trees" in body
    publisher = model.Group.get(dataset["owner_org"])
    assert f"Ask “{publisher.title}”" in body
    assert f"/organization/about/{publisher.name}" in body


def test_a_project_that_is_deleted_is_told_nothing(project, remove):
    as_portal("package_delete", id=project["id"])
    try:
        as_portal(
            "digifarm_link_delete",
            project=project["id"],
            dataset=model.Session.query(Link).one().dataset_id,
            removed_from="dataset",
        )
        assert told() == []
    finally:
        as_portal("package_patch", id=project["id"], state="active")


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"reason": "x" * 1001}, "reason"),
        ({"reason": ["x"]}, "reason"),
        ({"reason": "a\x00b"}, "reason"),
        ({"removed_from": "elsewhere"}, "removed_from"),
    ],
)
def test_bad_input_names_the_parameter(parameters, field, remove):
    with pytest.raises(tk.ValidationError) as error:
        remove("dataset_editor", **parameters)
    assert list(error.value.error_dict) == [field]
    assert model.Session.query(Link).count() == 1
    assert told() == []


def test_the_reason_is_forgotten_with_the_account(people, remove):
    remove("dataset_editor", reason=REASON)
    Event.forget(Event.created_by == people["dataset_editor"]["id"])
    model.Session.commit()
    [event] = removed()
    assert (event.reason, event.created_by) == ("", None)


class TestForm:
    @pytest.fixture
    def publisher(self, shared_app, people) -> Browser:
        return Browser(shared_app, people["both"]["id"])

    def test_the_datasets_side_asks_why(
        self, publisher, people, project, dataset
    ):
        form = publisher.form(
            f"/dataset/{dataset['name']}", "#links form[action$='/delete']"
        )
        publisher.send(form.with_values(reason=REASON.replace("\n", "\r\n")))
        [event] = removed()
        assert (event.actor, event.reason) == ("dataset", REASON)
        assert told() == addresses(people, "owner")

    def test_the_projects_side_does_not(self, publisher, project):
        page = html(publisher.get(f"/civic_project/{project['name']}"))
        form = page.select_one("#links form[action$='/delete']")
        assert form.select_one("[name=reason]") is None

    def test_a_reason_that_is_too_long_is_kept(self, publisher, dataset):
        form = publisher.form(
            f"/dataset/{dataset['name']}", "#links form[action$='/delete']"
        )
        page = html(publisher.send(form.with_values(reason="x" * 1001)))
        assert "at most 1000 characters" in page.text
        assert len(page.select_one("[name=reason]").text.strip()) == 1001
        assert model.Session.query(Link).count() == 1

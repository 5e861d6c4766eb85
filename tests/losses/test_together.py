"""Much that is lost at once is one mail."""

from __future__ import annotations

from typing import Any

import pytest

from ckan.tests import factories

from ..acting import as_portal
from ..conftest import ProjectFactory
from ..outbox import empty_outbox, waiting_mails
from .conftest import link, look, look_twice, told
from .test_ways import by_delete, by_draft

pytestmark = pytest.mark.usefixtures("shared_portal", "no_commits", "nothing")

LABEL = "Data that your projects need is gone or has changed"


@pytest.fixture
def datasets(create, owned_project, nothing) -> list[dict[str, Any]]:
    found = [create("CSV", title=f"Daten {number}") for number in range(3)]
    link(owned_project, *found)
    return found


def test_all_of_an_organisation(datasets, owner, publisher, owned_project):
    as_portal("organization_purge", id=publisher["id"])
    look_twice()
    assert told() == {owner: [LABEL]}
    [mail] = waiting_mails()
    for number in range(3):
        assert f"“Daten {number}”" in mail.body
    assert f"/civic_project/{owned_project['name']}#links" in mail.body
    # Nobody hears it again.
    empty_outbox()
    look(60)
    assert told() == {}


def test_each_dataset_is_one_entry_with_all_its_projects(
    datasets, owner, people, owned_project
):
    """Steps are lines of their own, and in HTML links with words."""
    other = ProjectFactory(title="Kühle Wege")
    as_portal(
        "package_collaborator_create",
        id=other["id"],
        user_id=people["owner"],
        capacity="editor",
    )
    link(other, datasets[0], datasets[1])
    by_delete(datasets[0])
    by_draft(datasets[1])
    look_twice()
    assert told() == {owner: [LABEL]}
    [mail] = waiting_mails()
    first, second = sorted(
        part.split("\n")
        for part in mail.body.split("\n\n")
        if part.startswith("The dataset ")
    )
    assert first[0].startswith(
        "The dataset “Daten 0” has been deleted. We noticed it on "
    )
    assert second[0].startswith(
        "The dataset “Daten 1” is no longer published. We noticed it on "
    )
    site = "http://test.ckan.net"
    steps = [
        (
            f"Look at which datasets “{project['title']}” is linked with",
            f"{site}/civic_project/{project['name']}#links",
        )
        for project in (owned_project, other)
    ]
    steps.append(("Look for another dataset", f"{site}/dataset/?q=Daten+0"))
    assert first[1:4] == [f"- {words}: {page}" for words, page in steps]
    for words, page in steps:
        assert f'<li><a href="{page}">{words}</a></li>' in mail.body_html


def test_of_several_projects_one_dataset_is_told_by_the_subject(
    datasets, owner, people
):
    other = ProjectFactory(title="Kühle Wege")
    as_portal(
        "package_collaborator_create",
        id=other["id"],
        user_id=people["owner"],
        capacity="editor",
    )
    link(other, datasets[0])
    by_delete(datasets[0])
    look_twice()
    assert told() == {owner: ["The dataset “Daten 0” has been deleted"]}


def test_of_a_dataset_that_moves_nobody_looks_for_another_one(datasets, owner):
    other = factories.Organization(title="Stadtwerke")
    as_portal("package_patch", id=datasets[0]["id"], owner_org=other["id"])
    look_twice()
    [mail] = waiting_mails()
    assert "Look for another dataset" not in mail.body
    assert "who has it now: http://test.ckan.net/organization/" in mail.body


def test_one_alone_has_a_mail_of_its_own(datasets, owner):
    by_delete(datasets[0])
    look_twice()
    [[subject]] = told().values()
    assert "“Daten 0”" in subject

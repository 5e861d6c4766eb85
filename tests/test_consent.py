"""The words that people agreed to are stored, with their version."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from ckan import model
from ckan.tests.helpers import call_action, changed_config
from ckanext.digifarm.lib.consent import Consent
from ckanext.digifarm.partners.model import Partner
from ckanext.digifarm.proposals.model import Proposal
from ckanext.digifarm.questions.model import Question
from ckanext.digifarm.support.model import Support
from ckanext.digifarm.tasks.model import TaskAssignment

from . import offering, proposing
from .acting import as_user
from .conftest import ProjectFactory

pytestmark = [
    pytest.mark.ckan_config(
        "ckanext.digifarm.review_organization", proposing.REVIEWERS
    ),
    pytest.mark.usefixtures("shared_portal", "shared_app"),
]


@pytest.fixture(scope="module")
def project(shared_portal) -> dict[str, Any]:
    proposing.create_people()
    return ProjectFactory(title="Durstige Bäume")


@pytest.fixture(scope="module")
def task(project) -> dict[str, Any]:
    return call_action(
        "digifarm_task_create", project=project["id"], title="Gießen"
    )


def offer(project: dict[str, Any], _: Any) -> type[Any]:
    offering.offer(project=project["id"])
    return Support


def register(*_: Any) -> type[Any]:
    as_user(
        "",
        "digifarm_partner_register",
        title="Radclub",
        kind="other",
        contact_name="Kim",
        contact_email="kim@example.org",
        consent=True,
    )
    return Partner


def propose(*_: Any) -> type[Any]:
    proposing.propose()
    return Proposal


def take(_: Any, task: dict[str, Any]) -> type[Any]:
    as_user(
        "",
        "digifarm_task_take",
        id=task["id"],
        name="Kim",
        email="kim@example.org",
        consent=True,
    )
    return TaskAssignment


def ask(project: dict[str, Any], _: Any) -> type[Any]:
    # Somebody has to get it.
    option = "ckanext.digifarm.contact_email"
    with changed_config(option, "stadt@example.org"):
        as_user(
            "",
            "digifarm_question_ask",
            project=project["id"],
            message="Wem gehören die Bäume?",
            name="Kim",
            email="kim@example.org",
            consent=True,
        )
    return Question


FORMS = {
    "offer": (offer, "/civic_project/support/offer/{project}"),
    "registration": (register, "/partner/register"),
    "proposal": (propose, "/civic_project/propose"),
    "task": (take, "/civic_project/tasks/take/{task}"),
    "question": (ask, "/civic_project/questions/ask/{project}"),
}


def stored(table: type[Any]) -> Consent:
    """What somebody has agreed to whose row is the newest."""
    model.Session.rollback()
    row = model.Session.query(table).order_by(table.created.desc()).first()
    found = model.Session.get(Consent, row.consent)
    assert found
    return found


@pytest.mark.parametrize("form", FORMS)
def test_it_is_what_the_page_says(form, project, task, app):
    send, path = FORMS[form]
    page = app.get(path.format(project=project["id"], task=task["id"])).body
    found = stored(send(project, task))
    assert found.form == form
    assert found.language == "en"
    shown = " ".join(html.unescape(re.sub(r"<[^>]+>", "", page)).split())
    parts = found.text.split("\n\n")
    assert len(parts) == 2
    for part in parts:
        assert part in shown


def test_a_version_is_kept_once_and_other_words_are_another(project):
    first = stored(offer(project, None))
    again = stored(offer(project, None))
    assert again is first
    with changed_config("ckanext.digifarm.retention_days", 33):
        other = stored(offer(project, None))
    assert other.version != first.version
    assert "33 days" in other.text
    assert "33 days" not in first.text


def test_it_is_kept_for_who_is_named_by_others(project):
    record = "digifarm_support_create"
    data = {"project": project["id"], "area": "content"}
    call_action(record, **data)
    row = model.Session.query(Support).order_by(Support.created.desc())
    assert (row.first().consent, row.first().consented) == (None, None)
    call_action(record, **data, person="Kim Wald", consent=True)
    assert stored(Support).text == "This person has agreed to be named"


def test_a_partner_keeps_that_of_the_offer_by_which_it_came(project):
    support = offering.confirm(
        offering.offer(
            project=project["id"],
            area="sponsoring",
            partner_title="Werkstatt",
            partner_kind="other",
        )
    )
    call_action("digifarm_support_accept", id=support.id)
    assert stored(Partner).version == offering.get(support.id).consent

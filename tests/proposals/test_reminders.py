"""Reviewers hear of what waits for them."""

from __future__ import annotations

import datetime

import pytest
from click.testing import CliRunner
from freezegun import freeze_time

from ckan import model
from ckan.tests.helpers import call_action, changed_config
from ckanext.digifarm.cli import digifarm
from ckanext.digifarm.lib import clock
from ckanext.digifarm.lib.due_work import Due
from ckanext.digifarm.partners.model import Partner

from ..acting import as_user
from ..outbox import empty_outbox, waiting_mails
from ..proposing import (
    REVIEWERS,
    SECRETS,
    create_people,
    empty_tables,
    pending,
    propose,
)
from ..working import run_due

pytestmark = pytest.mark.usefixtures("shared_portal")


@pytest.fixture(scope="module")
def roles(shared_portal):
    return create_people()


@pytest.fixture(autouse=True)
def _empty(roles):
    with changed_config("ckanext.digifarm.review_organization", REVIEWERS):
        empty_tables()
        model.Session.query(Partner).delete()
        model.Session.query(Due).delete()
        model.Session.commit()
        yield


def remind() -> None:
    empty_outbox()
    assert run_due("review-digest") == {"done": 1}


def test_each_reviewer_gets_one_mail_with_all_that_waits(roles):
    with freeze_time(clock.now()) as frozen:
        pending(project={"title": "Schattenwege"})
        frozen.tick(3 * 86_400)
        pending(project={"title": "Kühle & Orte"})
        remind()
    mails = waiting_mails()
    assert sorted(mail.recipient_email for mail in mails) == [
        "other_reviewer@example.org",
        "reviewer@example.org",
    ]
    body = mails[0].body
    assert "Schattenwege (for 3 days)" in body
    assert "Kühle & Orte (since today)" in body
    assert "/civic_project/review" in body
    assert not any(secret in body for secret in SECRETS.values())


def test_partners_that_wait_are_named_too(roles):
    call_action(
        "digifarm_partner_register",
        {"user": roles["other"]},
        title="Kartenkreis",
        kind="developers",
        contact_name="Dana",
        consent=True,
    )
    remind()
    [mail, _] = waiting_mails()
    assert "Kartenkreis" in mail.body
    assert "/partner/review" in mail.body


def test_nobody_gets_a_mail_where_nothing_waits(roles):
    propose()
    changes = pending()
    as_user(
        roles["reviewer"],
        "digifarm_proposal_request_changes",
        id=changes.id,
        reason="Bitte mehr",
    )
    remind()
    assert waiting_mails() == []


def test_it_comes_once_a_week(roles):
    pending()
    remind()
    empty_outbox()
    with freeze_time(clock.now() + datetime.timedelta(days=6)):
        assert run_due("review-digest") == {}
    assert waiting_mails() == []
    with freeze_time(clock.now() + datetime.timedelta(days=8)):
        assert run_due("review-digest") == {"done": 1}
    assert len(waiting_mails()) == 2


def test_check_says_where_the_reviewers_organisation_does_not_exist(roles):
    pending()
    empty_outbox()
    option = "ckanext.digifarm.review_organization"
    # What others have left in the index is not what this is about.
    CliRunner().invoke(digifarm, ["check", "--repair"])
    with changed_config(option, "nobody-here"):
        result = CliRunner().invoke(digifarm, ["check"])
    assert result.exit_code == 1
    assert "no organisation 'nobody-here'" in result.output
    assert option in result.output
    with changed_config(option, ""):
        result = CliRunner().invoke(digifarm, ["check"])
    assert (result.exit_code, result.output) == (
        0,
        "0 differences, 0 left\n",
    )

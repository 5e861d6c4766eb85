"""Who has left the page of a long import is told how far it is."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import pytest

from ckan import model
from ckan.tests.helpers import changed_config
from ckanext.digifarm.exchange.model import Import
from ckanext.digifarm.lib import outbox
from ckanext.digifarm.lib.mail import Mail
from ckanext.digifarm.lib.waiting import Waiting
from ckanext.digifarm.notices.kinds import KINDS
from ckanext.digifarm.notices.model import Notice
from ckanext.digifarm.partners.model import Partner

from .. import proposing
from ..acting import as_user
from ..browsing import Browser, html, text_of
from ..mail_server import MailServer
from ..uses import forget_uses
from ..working import run_due
from .uploading import create_people, forget, upload, work

TABLE = [
    ["Titel", "Kurzbeschreibung", "Stand"],
    ["Neu", "Text", "live"],
    ["Auch neu", "Text", "live"],
    ["Falsch", "Text", "läuft"],
]


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture(autouse=True)
def settings(people) -> Iterator[None]:
    proposing.delete_packages()
    for table in (Notice, Mail, Partner, Waiting):
        model.Session.query(table).delete()
    model.Session.commit()
    forget()
    forget_uses()
    with changed_config(
        "ckanext.digifarm.review_organization", proposing.REVIEWERS
    ):
        yield


@pytest.fixture
def me(people) -> str:
    return people["reviewer"]


def work_for(minutes: int) -> None:
    """Let a worker go on that needs some minutes."""
    for row in model.Session.query(Import):
        row.modified -= datetime.timedelta(minutes=minutes)
    work()


def told() -> list[tuple[str, str, list[str]]]:
    """Who is told what."""
    model.Session.rollback()
    query = model.Session.query(Notice).order_by(Notice.created)
    kinds = [(notice, KINDS[notice.kind]) for notice in query]
    return [
        (
            model.Session.get(model.User, notice.user_id).name,
            kind.title(notice.data),
            kind.text(notice.data),
        )
        for notice, kind in kinds
    ]


def test_of_what_took_long_who_has_uploaded_it_is_told(me):
    id_ = upload(me, TABLE, organization="tree-office")
    work_for(3)
    looked_at = (
        me,
        "Your file with 3 rows was looked at",
        [
            "2 projects are saved once you say yes.",
            "1 row has mistakes, which its page names.",
        ],
    )
    assert told() == [looked_at]
    as_user(me, "digifarm_import_confirm", id=id_)
    work_for(3)
    imported = (
        me,
        "Your file with 3 rows was imported",
        [
            "2 projects are saved.",
            "1 row has mistakes, which its page names.",
        ],
    )
    assert told() == [looked_at, imported]


def test_of_what_was_quick_nobody_is_told(me):
    id_ = upload(me, TABLE, organization="tree-office")
    work_for(1)
    as_user(me, "digifarm_import_confirm", id=id_)
    work_for(1)
    assert told() == []


@pytest.mark.parametrize("is_quick", [True, False])
def test_the_mail_goes_as_long_as_it_is_so(is_quick, me):
    id_ = upload(me, TABLE, organization="tree-office")
    work_for(3)
    run_due("urgent-notices")
    if is_quick:
        as_user(me, "digifarm_import_confirm", id=id_)
    server = MailServer()
    server.start()
    with changed_config("smtp.server", server.address):
        outbox.send_due()
    server.stop()
    subjects = [message["Subject"] for message in server.messages]
    said = "Your file with 3 rows was looked at"
    assert subjects == ([] if is_quick else [said])


def test_the_page_leads_there(me, shared_app):
    id_ = upload(me, TABLE, organization="tree-office")
    work_for(3)
    page = html(Browser(shared_app, me).get("/dashboard/notifications"))
    [notice] = page.select("#told li.mb-3")
    assert "Your file with 3 rows was looked at" in text_of(notice)
    assert notice.select_one("a")["href"].endswith(
        f"/civic_project/import/{id_}"
    )


def test_who_may_be_a_person_waits_for_reviewers_and_is_counted(me):
    """The queue, its number, and what waits in the header."""
    before = as_user(me, "digifarm_waiting_count")
    table = [
        ["Titel", "Kurzbeschreibung", "Stand", "supporters_content"],
        ["Neu", "Text", "live", "Kim Kern"],
    ]
    id_ = upload(me, table, organization="tree-office")
    work()
    as_user(me, "digifarm_import_confirm", id=id_)
    work()
    counts = as_user(me, "digifarm_review_counts")
    assert counts["registrations"] == 1
    assert as_user(me, "digifarm_waiting_count") == before + 1
    [waiting] = as_user(me, "digifarm_partner_proposed_list")
    assert waiting["title"] == "Kim Kern"

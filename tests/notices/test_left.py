"""A digest tells what is so when it goes out, not what was so before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from freezegun import freeze_time

from ckan import model
from ckanext.digifarm.lib import clock, outbox
from ckanext.digifarm.notices import digests
from dev.counting import counting

from ..acting import as_portal, as_user
from ..mail_server import MailServer
from .gathered import Portal, gather, told
from .news import notices, user

pytestmark = pytest.mark.usefixtures("shared_app", "no_commits", "begun")

FOLLOWED = "followed-help"


@pytest.fixture
def follower(portal) -> str:
    name = user().name
    as_portal(
        "package_patch",
        id=portal.project["id"],
        help_wanted=[],
        stage="live",
    )
    gather()
    as_user(name, "follow_dataset", id=portal.project["id"])
    return name


def write() -> None:
    """Write the digests of a week later."""
    gather()
    with freeze_time(clock.now() + timedelta(days=8)):
        digests.write_digests()
    model.Session.commit()


def sent(server: MailServer, reader: str) -> str:
    """What goes out to somebody, or ""."""
    outbox.send_due()
    address = model.User.by_name(reader).email
    texts = [
        message.get_body(("plain",)).get_content()
        for message in server.messages
        if address in message["To"]
    ]
    return " ".join("".join(texts).split())


def task(portal: Portal, title: str) -> dict[str, Any]:
    return as_user(
        portal.owner,
        "digifarm_task_create",
        project=portal.project["id"],
        title=title,
        description="Bitte",
        effort="hour",
    )


def want(portal: Portal, *areas: str) -> None:
    as_portal("package_patch", id=portal.project["id"], help_wanted=[*areas])


class TestTasks:
    def test_that_are_taken_are_not_named(self, portal, follower, server):
        first, _ = task(portal, "Fotos"), task(portal, "Texte")
        write()
        as_user(
            user().name,
            "digifarm_task_take",
            id=first["id"],
            consent=True,
            name="Kim",
        )
        said = sent(server, follower)
        assert "“Baumblick”: new task “Texte”" in said
        assert "Fotos" not in said
        # The page says the same.
        assert told(FOLLOWED)[follower] == ["“Baumblick”: new task “Texte”"]

    def test_that_are_all_gone_make_no_mail(self, portal, follower, server):
        only = task(portal, "Fotos")
        write()
        as_user(portal.owner, "digifarm_task_delete", id=only["id"])
        assert sent(server, follower) == ""
        assert told(FOLLOWED) == {}

    def test_of_what_is_over_make_no_mail(self, portal, follower, server):
        task(portal, "Fotos")
        write()
        as_portal("package_patch", id=portal.project["id"], stage="ended")
        assert sent(server, follower) == ""


class TestHelp:
    def test_that_was_found_is_not_named(self, portal, follower, server):
        want(portal, "technology", "content")
        write()
        want(portal, "content")
        said = sent(server, follower)
        assert "looks for help: Help with content" in said
        assert "Technical help" not in said

    def test_that_was_all_found_makes_no_mail(self, portal, follower, server):
        want(portal, "technology")
        write()
        want(portal)
        assert sent(server, follower) == ""

    def test_that_pauses_makes_no_mail(self, portal, follower, server):
        want(portal, "technology")
        write()
        as_portal("package_patch", id=portal.project["id"], stage="paused")
        assert sent(server, follower) == ""


class TestLinks:
    def test_that_are_removed_since_are_not_told(self, portal, server):
        kept, removed = portal.dataset("Kept"), portal.dataset("Gone")
        for dataset in (kept, removed):
            portal.link(dataset)
        write()
        portal.unlink(removed)
        said = sent(server, portal.publisher)
        assert "linked with the dataset “Kept”" in said
        assert "Gone" not in said

    def test_that_are_back_are_not_told_as_removed(self, portal, server):
        dataset = portal.dataset("Back")
        portal.link(dataset)
        gather()
        for notice in notices():
            model.Session.delete(notice)
        model.Session.commit()
        portal.unlink(dataset)
        write()
        portal.link(dataset)
        assert sent(server, portal.publisher) == ""

    def test_that_was_undone_and_done_again_is_nothing(self, portal, server):
        dataset = portal.dataset("Again")
        portal.link(dataset)
        gather()
        for notice in notices():
            model.Session.delete(notice)
        model.Session.commit()
        portal.unlink(dataset)
        gather()
        portal.link(dataset)
        write()
        assert sent(server, portal.publisher) == ""


def test_asking_costs_the_same_for_many(portal, follower, server):
    costs = []
    for number in (1, 30):
        for _ in range(number):
            task(portal, "Fotos")
            gather()
        write()
        with counting() as cost:
            outbox.send_due()
        costs.append(len([sql for sql in cost.sql if "digifarm_task" in sql]))
    assert costs[0] == costs[1]

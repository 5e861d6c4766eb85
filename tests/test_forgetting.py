"""After a life of everything, nothing is left of whoever asks for it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

import ckantoolkit as tk
import pytest
from click.testing import CliRunner

from ckan import model
from ckan.tests.helpers import changed_config
from ckanext.digifarm import privacy
from ckanext.digifarm.cli import digifarm
from ckanext.digifarm.lib import addresses, jobs
from ckanext.digifarm.lib.events import Event, Subject
from ckanext.digifarm.lib.waiting import Waiting
from ckanext.digifarm.partners.model import Partner
from ckanext.digifarm.proposals.model import Proposal

from . import offering, proposing
from .acting import as_portal, as_user
from .dumping import places_of
from .life import EMAIL, NAME, OTHER, Life, live

pytestmark = [
    pytest.mark.ckan_config(
        "ckanext.digifarm.review_organization", "review-office"
    ),
    pytest.mark.usefixtures("shared_portal", "shared_app"),
]

UNLIMITED = "1000 per hour"


@pytest.fixture(scope="module")
def life(shared_portal) -> Iterator[Life]:
    with (
        changed_config(
            "ckanext.digifarm.review_organization", "review-office"
        ),
        changed_config("ckanext.digifarm.limits.address", UNLIMITED),
        changed_config("ckanext.digifarm.limits.email", UNLIMITED),
    ):
        found = live()
        jobs.run()
        yield found


def run(*args: str) -> str:
    result = CliRunner().invoke(digifarm, ["privacy", *args])
    if not isinstance(result.exception, SystemExit | None):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="module")
def exported(life) -> dict[str, list[dict[str, Any]]]:
    return json.loads(run("export", EMAIL.upper()))


@pytest.fixture(scope="module")
def erased(life, exported) -> dict[str, Any]:
    """What the command says, first of what would happen."""
    before = {words: places_of(words) for words in (EMAIL, NAME)}
    rehearsed = run("erase", EMAIL, "--account", "--dry-run")
    after = {words: places_of(words) for words in (EMAIL, NAME)}
    done = run("erase", EMAIL, "--account", "--yes")
    return {
        "before": before,
        "after": after,
        "rehearsed": rehearsed,
        "done": done,
    }


def test_the_life_left_traces_everywhere(erased):
    assert erased["before"][EMAIL] >= {
        "activity",
        "digifarm_link",
        "digifarm_mail",
        "digifarm_partner",
        "digifarm_proposal",
        "digifarm_question",
        "digifarm_support",
        "digifarm_task",
        "digifarm_task_assignment",
        "package",
        "solr",
        "user",
    }


def test_the_address_is_nowhere(erased):
    assert places_of(EMAIL) == set()


def test_the_name_is_where_the_command_says(erased):
    """Each place with its page, and why it is still there."""
    told = erased["done"].partition("Still there, please decide:")[2]
    assert {*re.findall(r"^\S.*$", told, re.MULTILINE)} == {
        "Civic project “Anerkannt”: Run by, Started by",
        "Civic project “Ein Baum”: Description, Started by",
        "Link of “Ein Baum” and “Baumkataster”: note",
        "Mail “Your offer to “Ein Baum””",
        "Partner “Radclub”: description, offer",
        f"Partner “Werkstatt {NAME}”: title",
        "Support of “Ein Baum”: person",
        "Support of “Ein Baum”: scope, message",
        f"Task “{NAME} ablösen”: title",
    }
    assert "/civic_project/anerkannt\n    Texts that others read" in told
    assert places_of(NAME) == {
        "digifarm_link",
        "digifarm_mail",
        "digifarm_partner",
        "digifarm_support",
        "digifarm_task",
        "package",
        "solr",
    }


def test_a_dry_run_changes_nothing_and_says_the_same(erased):
    assert erased["after"] == erased["before"]
    headline, _, rest = erased["rehearsed"].partition("\n")
    assert headline == "Dry run, nothing was changed."
    assert rest.splitlines() == erased["done"].splitlines()


class TestExport:
    def test_is_whole(self, exported):
        numbers = {table: len(rows) for table, rows in exported.items()}
        assert numbers["activity"] >= 3
        assert numbers["mail"] >= 30
        del numbers["activity"], numbers["mail"]
        assert numbers == {
            "account": 2,
            "event": 8,
            "import": 0,
            "invitation": 1,
            "link": 1,
            "mention": 17,
            "note": 0,
            "notice": 0,
            "notice_settings": 0,
            "partner": 5,
            "proposal": 9,
            "question": 1,
            "successor": 0,
            "support": 9,
            "task": 7,
            "waiting": 1,
        }

    def test_tells_what_they_have_written(self, exported):
        """Also where it has become a project."""
        by_title = {
            row["fields"]["title"]: row for row in exported["proposal"]
        }
        approved = by_title["Anerkannt"]
        assert approved["fields"]["initiators"] == f"{NAME} und viele"
        assert approved["fields"]["contact_email"] == addresses.stored(EMAIL)
        assert approved["project"]["address"].endswith("/anerkannt")
        assert {row["what"] for row in approved["activities"]} >= {
            "changed package",
            "new package",
        }
        assert [row["state"] for row in approved["events"]][-1] == "approved"
        assert approved["events"][-1]["reason"] == f"Gut, {NAME}"
        waits = by_title["Unbestätigt"]
        assert waits["fields"]["notes"] == f"Fragen an <{EMAIL}>"
        [link] = exported["link"]
        assert link["dataset"]["title"] == "Baumkataster"
        assert link["note"] == "Die Bäume"
        for table in ("proposal", "support", "partner", "task", "question"):
            for row in exported[table]:
                assert row["consent"]["agreed"]
                assert row["consent"]["text"].startswith("I agree that")
        [account] = [
            row for row in exported["account"] if row["state"] == "active"
        ]
        assert account["fullname"] == NAME
        assert {row["project"]["title"] for row in account["owner_of"]} == {
            "Mit Konto",
            "Von anderen",
        }
        [waiting] = exported["waiting"]
        assert waiting["about"] == f"Büro {NAME}"

    def test_has_titles_and_neither_ids_nor_keys(self, exported, life):
        told = json.dumps(exported)
        # Mails lead to pages.
        rows = [exported[table] for table in exported if table != "mail"]
        assert not re.findall(
            r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}", json.dumps(rows)
        )
        for token in life.tokens.values():
            assert token not in told
        assert re.search(r"/link/\\u2026", told)

    def test_names_what_others_say_of_them(self, exported):
        assert {place["where"] for place in exported["mention"]} >= {
            "Civic project “Ein Baum”: Description, Started by",
            "History of “Ein Baum”",
            "Partner “Radclub”: description, offer",
            f"Task “{NAME} ablösen”: title",
        }

    def test_tells_nothing_of_others(self, exported, life):
        told = json.dumps(exported)
        assert OTHER not in told
        assert "geheim@example.org" not in told
        for role, name in life.people.items():
            if role != "kim" and name:
                assert name not in told, role


class TestAfterErasing:
    """What is left for others."""

    @pytest.mark.parametrize(
        ("link", "action"),
        [
            ("claim", "digifarm_project_claim"),
            ("support", "digifarm_support_end"),
            ("asked", "digifarm_support_accept"),
            ("task", "digifarm_task_return"),
            ("support_of_deleted", "digifarm_support_end"),
            ("task_of_deleted", "digifarm_task_return"),
            ("question", "digifarm_question_confirm"),
        ],
    )
    def test_old_links_are_of_no_use(self, link, action, life, erased):
        with pytest.raises(tk.ValidationError) as raised:
            as_user(life.people["other"], action, token=life.tokens[link])
        assert set(raised.value.error_dict) == {"token"}

    def test_what_waited_is_gone(self, life, erased):
        model.Session.rollback()
        assert model.Session.get(Partner, life.ids["queue"]) is None
        assert model.Session.get(Partner, life.ids["partner_declined"]) is None
        waiting = model.Session.query(Waiting)
        assert not waiting.filter_by(subject_id=life.ids["queue"]).count()
        names = {"Verein declined", "Verein offered"}
        titles = {row.title for row in model.Session.query(Partner)}
        assert not titles & names
        assert "Verein accepted" in titles
        for state in ("unconfirmed", "pending", "declined"):
            assert model.Session.get(Proposal, life.ids[state]) is None

    def test_projects_go_on(self, life, erased):
        shown = as_user("", "package_show", id="anerkannt")
        assert "contact_email" not in shown
        assert "contact_name" not in shown
        assert shown["public_value"] == "[Mail](mailto:…) an …"
        assert shown["further_information"] == "https://example.org/?mail=…"
        assert shown["meeting"] == "Bei …"
        assert shown["features"] == ["Mail an …", "Karte"]
        # What is about somebody else stays.
        spoken = as_user("", "package_show", id=life.project["id"])
        assert spoken["notes"] == f"Mit {NAME}, …"
        assert "contact_email" not in spoken

    def test_accounts_of_others_keep_what_they_claimed(self, life, erased):
        other = model.User.get(life.people["other"])
        claimed = proposing.get(life.ids["claimed"])
        assert (claimed.user_id, claimed.proposer_email) == (other.id, "")
        as_user(
            other.name, "package_patch", id=claimed.project_id, notes="Meins"
        )
        events = Event.of(Subject.OWNER, claimed.project_id or "")
        assert other.id in {event.created_by for event in events}

    def test_others_keep_what_is_theirs(self, life, erased):
        claimed = proposing.get(life.ids["of_others"])
        assert (claimed.user_id, claimed.proposer_email) == (
            None,
            "geheim@example.org",
        )
        support = offering.get(life.ids["other_support"])
        assert (support.state, support.contact_email) == ("offered", OTHER)
        assert support.message == f"Ich kenne {NAME}, …"

    def test_partners_are_found_by_what_they_still_say(self, erased):
        search = partial(as_user, "", "digifarm_partner_search")
        assert search(q="gegründet")["count"] == 1
        assert search(q=EMAIL)["count"] == 0

    def test_reasons_stay_as_long_as_they_are_needed(self, life, erased):
        """Those of a reviewer, while somebody is to answer them."""
        events = Event.of(Subject.PROPOSAL, life.ids["reviewed"])
        assert events[-1].reason == "Bitte mehr dazu"
        assert events[-1].created_by is None

    def test_nothing_names_the_account(self, life, erased):
        assert {
            place
            for place in places_of(life.ids["account"])
            if place.startswith("digifarm_")
        } == set()

    def test_a_second_time_there_is_nothing_to_do(self, erased):
        assert privacy.erase(EMAIL) == privacy.Outcome()
        assert not any(privacy.export(EMAIL).values())


def test_once_somebody_has_decided_the_name_is_nowhere(life, erased):
    """Last, as it changes what the others look at."""
    told = run("erase", EMAIL, "--name", NAME, "--cover-names", "--yes")
    assert "Still there" not in told
    assert "Support of “Ein Baum”: scope, message" in told
    assert places_of(NAME) == set()
    # It can all still be read and edited.
    for project in ("anerkannt", life.project["id"]):
        as_portal("package_patch", id=project, stage="live")
    partner = as_portal("digifarm_partner_show", id=life.ids["listed"])
    assert partner["title"] == "Werkstatt …"
    assert offering.get(life.ids["other_support"]).contact_name == "Alex"

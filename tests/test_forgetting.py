"""After a life of everything, nothing is left of whoever asks for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner

from ckan.tests.helpers import changed_config
from ckanext.digifarm.cli import digifarm
from ckanext.digifarm.lib import jobs

from .dumping import places_of
from .life import EMAIL, NAME, Life, live

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
def erased(life) -> dict[str, Any]:
    """What the command says, first of what would happen."""
    before = {words: places_of(words) for words in (EMAIL, NAME)}
    rehearsed = run("erase", EMAIL, "--account", "--dry-run")
    after = {words: places_of(words) for words in (EMAIL, NAME)}
    exported = run("export", EMAIL)
    done = run("erase", EMAIL, "--account", "--yes")
    return {
        "before": before,
        "after": after,
        "rehearsed": rehearsed,
        "exported": exported,
        "done": done,
    }


def test_the_life_left_traces_everywhere(erased):
    assert erased["before"][EMAIL] >= {
        "activity",
        "digifarm_link",
        "digifarm_mail",
        "digifarm_partner",
        "digifarm_proposal",
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
        "Partner “Radclub”: description",
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

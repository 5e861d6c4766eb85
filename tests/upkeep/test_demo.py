"""The demo knows of its addresses what a look at them would have found."""

from __future__ import annotations

import pytest

from ckan import model
from ckanext.digifarm.notices.model import Notice
from ckanext.digifarm.upkeep.model import Check, Issue, Repository
from dev.demo import checks

from .conftest import check_of

pytestmark = pytest.mark.usefixtures("shared_portal", "no_commits")

DEMO = "https://example.org"


def test_what_is_known_of_the_demo(project, portal):
    project(
        url=f"{DEMO}/trinkpause",
        info_url=f"{DEMO}/wer-sitzt-wo",
        origin_url=f"{DEMO}/something",
        source_url=f"{DEMO}/baumblick/code",
        stage="live",
    )
    assert checks.tell() == 4
    found = {c.url: c.health for c in model.Session.query(Check)}
    assert found == {
        f"{DEMO}/trinkpause": "dead",
        f"{DEMO}/wer-sitzt-wo": "moved",
        f"{DEMO}/something": "answers",
        f"{DEMO}/baumblick/code": "answers",
    }
    check = check_of(f"{DEMO}/trinkpause")
    assert check.checked
    assert (check.checked - check.since).days == 61
    assert model.Session.query(Repository).one().publiccode is True
    assert model.Session.query(Issue).count() == 2
    assert model.Session.query(Notice).count() == 2
    # The next start tells nothing once more.
    assert checks.tell() == 0
    assert portal.asked == []

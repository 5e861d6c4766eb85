"""A moment is written as its readers write it, by the portal's clock."""

from __future__ import annotations

import datetime

import pytest

from ckan.tests.helpers import changed_config
from ckanext.digifarm.lib import dates
from ckanext.digifarm.lib.language import speaking

WHEN = datetime.datetime.fromisoformat("2026-11-29T10:31:40")


@pytest.mark.usefixtures("shared_portal")
@pytest.mark.parametrize("when", [WHEN, WHEN.isoformat()])
@pytest.mark.parametrize(
    ("language", "zone", "words"),
    [
        ("en", "Europe/Berlin", "29 November 2026, 11:31"),
        ("en", "UTC", "29 November 2026, 10:31"),
        ("de", "Europe/Berlin", "29. November 2026, 11:31"),
        ("fr", "Europe/Berlin", "29 novembre 2026, 11:31"),
    ],
)
def test_a_moment(when, language, zone, words):
    with changed_config("ckan.display_timezone", zone), speaking(language):
        assert dates.moment(when).removesuffix(" Uhr") == words

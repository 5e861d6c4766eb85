"""What is known of addresses follows as something gets other ones."""

from __future__ import annotations

import random

import pytest

from ckan import model
from ckan.tests.helpers import changed_config
from ckanext.digifarm.upkeep.model import Check

from ..acting import as_portal

pytestmark = pytest.mark.usefixtures("shared_portal")


def test_an_address_that_no_index_holds_is_left_out(project_factory):
    # As many letters as an address may have, and more bytes.
    letters = random.Random(16).choices(range(0x4E00, 0x9FFF), k=1900)
    long = "https://example.org/" + "".join(map(chr, letters))
    project = project_factory()
    with changed_config("ckanext.digifarm.upkeep.enabled", True):
        as_portal("package_patch", id=project["id"], url=long)
    assert model.Package.get(project["id"]).url == long
    assert model.Session.query(Check).filter_by(url=long).count() == 0

"""Brings up an empty portal and looks at it; fails where something is missing.

    python portal_of_wheel.py INI CHECKOUT

Nothing is imported from CHECKOUT, although it is installed in editable mode.
Prints where the extension was imported from.
"""

from __future__ import annotations

import re
import sys

from click.testing import CliRunner
from werkzeug.test import Client

import ckanext.digifarm as extension
from ckan.cli.cli import CtxObject
from ckan.cli.db import db

INI, CHECKOUT = sys.argv[1:]
sys.path = [path for path in sys.path if path != CHECKOUT]

#: Pages, and a word of theirs that only the catalogue has.
PAGES = {
    "/de/civic_project/about": "Digitalprojekt",
    "/de/civic_project": "Digitalprojekte",
    "/de/civic_project/help-wanted": "Aufgaben",
    "/de/partner": "Partner",
}


def run(command: str) -> str:
    """What a command of `ckan db` prints."""
    result = CliRunner().invoke(db, [command], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def get(address: str) -> str:
    """What the portal answers."""
    response = portal.get(address)
    assert response.status_code == 200, f"{address}: {response.status}"
    return response.text


portal = Client(CtxObject(INI).app)

assert "migrations for digifarm" in run("upgrade")
assert "unapplied" not in run("pending-migrations")

assets = set()
for address, word in PAGES.items():
    page = get(address)
    assert word in page, f"{address}: {word}"
    assets.update(re.findall(r"/webassets/ckanext-digifarm/[\w.-]+", page))
assert any(asset.endswith(".css") for asset in assets), assets
for asset in assets:
    assert get(asset)

print(extension.__file__)

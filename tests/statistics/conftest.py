from __future__ import annotations

import pytest

from ckan import model
from ckanext.digifarm.lib.events import Event, Reader
from ckanext.digifarm.statistics.model import Figure, State


@pytest.fixture
def no_numbers(shared_portal) -> None:
    """Nothing has happened, and nothing was counted."""
    model.Session.rollback()
    for table in (Figure, State, Event, Reader):
        model.Session.query(table).delete()
    model.Session.commit()

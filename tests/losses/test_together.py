"""Much that is lost at once is one mail."""

from __future__ import annotations

from typing import Any

import pytest

from ..acting import as_portal
from ..outbox import empty_outbox, waiting_mails
from .conftest import link, look, look_twice, told
from .test_ways import by_delete

pytestmark = pytest.mark.usefixtures("shared_portal", "no_commits", "nothing")

LABEL = "Data that your projects need is gone"


@pytest.fixture
def datasets(create, owned_project, nothing) -> list[dict[str, Any]]:
    found = [create("CSV", title=f"Daten {number}") for number in range(3)]
    link(owned_project, *found)
    return found


def test_all_of_an_organisation(datasets, owner, publisher, owned_project):
    as_portal("organization_purge", id=publisher["id"])
    look_twice()
    assert told() == {owner: [LABEL]}
    [mail] = waiting_mails()
    for number in range(3):
        assert f"“Daten {number}”" in mail.body
    assert f"/civic_project/{owned_project['id']}" in mail.body
    # Nobody hears it again.
    empty_outbox()
    look(60)
    assert told() == {}


def test_one_alone_has_a_mail_of_its_own(datasets, owner):
    by_delete(datasets[0])
    look_twice()
    [[subject]] = told().values()
    assert "“Daten 0”" in subject

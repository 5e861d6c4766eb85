"""What says "my" is for people who are logged in, over the web too."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ckan.tests import factories
from ckanext.digifarm import subjects

from ..browsing import Browser

#: What these need to be asked at all.
PARAMETERS: dict[str, dict[str, Any]] = {
    "digifarm_project_claim": {"token": "a key"},
    "digifarm_proposal_list": {"mine": True},
}

OWN = sorted(
    name
    for name, action in subjects.actions().items()
    if re.search(r"\blogged\s+in\b", action.__doc__ or "")
)


def test_some_are_known():
    assert {
        "digifarm_project_claim",
        "digifarm_project_mine",
        "digifarm_proposal_list",
        "digifarm_support_inbox",
    } <= {*OWN}


@pytest.mark.parametrize("name", OWN)
def test_nobody_is_refused(name, shared_app):
    response = Browser(shared_app).post(
        f"/api/3/action/{name}", json=PARAMETERS.get(name, {})
    )
    assert response.status_code == 403
    assert "Please log in first" in response.body


@pytest.mark.parametrize("name", OWN)
def test_a_user_is_not(name, shared_app):
    user = factories.UserWithToken()
    response = Browser(shared_app).post(
        f"/api/3/action/{name}",
        json=PARAMETERS.get(name, {}),
        headers={"Authorization": user["token"]},
    )
    is_link = "token" in PARAMETERS.get(name, {})
    assert response.status_code == (409 if is_link else 200)

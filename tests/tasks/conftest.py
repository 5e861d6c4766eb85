from __future__ import annotations

from typing import Any

import pytest

from ..conftest import create_owned_project
from ..keeping import Kept


@pytest.fixture(scope="module")
def kept_project(people) -> Kept:
    return Kept(lambda: create_owned_project(people))


@pytest.fixture
def owned_project(kept_project) -> dict[str, Any]:
    """The same one for all tests that change nothing of it but its tasks."""
    return kept_project.get()

"""Pages of lists, whatever page the address asks for."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
import pytest

from ckanext.digifarm.lib import paging


@pytest.fixture
def listed(monkeypatch) -> list[int]:
    """What an action lists; it refuses to leave out too many."""
    found: list[int] = []

    def get_action(name: str) -> Any:
        def action(_: Any, data: dict[str, int]) -> Any:
            limit, offset = data["limit"], data["offset"]
            if offset > 10**9:
                raise tk.ValidationError({"offset": ["Too much"]})
            part = found[offset : offset + limit]
            if name == "uncounted":
                return part
            return {"count": len(found), "results": part}

        return action

    monkeypatch.setattr(tk, "get_action", get_action)
    monkeypatch.setattr(paging, "PER_PAGE", 2)
    return found


@pytest.mark.parametrize(
    ("number", "of_counted", "of_uncounted"),
    [
        ("1", [0, 1], [0, 1]),
        ("3", [4], [4]),
        # Beyond the end: the last one, or the first where nobody counts.
        ("4", [4], [0, 1]),
        ("99", [4], [0, 1]),
        ("99999999999", [4], [0, 1]),
    ],
)
def test_no_address_leads_to_an_empty_page(
    number, of_counted, of_uncounted, listed, shared_app
):
    listed += range(5)
    query = {"page": number}
    with shared_app.flask_app.test_request_context(query_string=query):
        _, counted = paging.page("counted", {})
        uncounted = paging.uncounted_page("uncounted", {})
    assert counted.items == of_counted
    assert uncounted.items == of_uncounted
    # The way on from there is that of the page that is shown.
    assert counted.page == (int(number) if number in "13" else 3)
    assert uncounted.page == (int(number) if number in "13" else 1)


def test_nothing_stays_nothing(listed, shared_app):
    with shared_app.flask_app.test_request_context(query_string="page=7"):
        _, counted = paging.page("counted", {})
        uncounted = paging.uncounted_page("uncounted", {})
    assert (counted.items, counted.page_count) == ([], 0)
    assert (uncounted.items, uncounted.page_count) == ([], 0)

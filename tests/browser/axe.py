"""Looks for what keeps people out."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from .visiting import NARROW, SMALL, WIDE

OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
}

RUN = """async ([part, options]) =>
    (await axe.run(part ?? document, options)).violations"""


def violations(page: Page, part: str | None = None) -> list[Any]:
    """What axe finds, on a wide screen and on phones.

    :param part: selector of the part of the page to look at
    """
    # axe doesn't look into what is folded.
    page.evaluate(
        "document.querySelectorAll('details').forEach(d => d.open = true)"
    )
    page.evaluate(AXE_SCRIPT)
    found = []
    for width in (WIDE, NARROW, SMALL):
        page.set_viewport_size({"width": width, "height": 900})
        found += [
            (width, violation["id"], node["html"], node["failureSummary"])
            for violation in page.evaluate(RUN, [part, OPTIONS])
            for node in violation["nodes"]
        ]
    return found

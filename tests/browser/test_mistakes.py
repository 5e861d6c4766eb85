"""A form that comes back with mistakes leads to each, and loses nothing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from ckan.tests import factories

from .axe import violations
from .content import create_person, picture
from .visiting import NARROW, take_time

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("content")]

FOCUSED = "document.activeElement.id"
SHOWN = "image => image.complete && image.naturalWidth"


@pytest.fixture(scope="module")
def content(portal) -> None:
    create_person("checker")
    factories.Organization(
        name="pruefstelle",
        users=[{"name": "checker", "capacity": "editor"}],
    )


def send(page: Page) -> None:
    take_time(page)
    page.locator("form.digifarm-form button[type=submit]").click()


@pytest.mark.parametrize(
    ("scripts", "width", "prefix", "mark"),
    [(True, 1280, "", "Error:"), (False, NARROW, "/de", "")],
    ids=["with scripts", "in German on a phone without scripts"],
)
def test_a_proposal_with_a_picture_and_three_mistakes(
    scripts, width, prefix, mark, visit
):
    page = visit(
        f"{prefix}/civic_project/propose", java_script_enabled=scripts
    )
    page.set_viewport_size({"width": width, "height": 900})
    for box in page.locator("#field-conditions-choices input").all():
        box.check()
    page.locator("#field-summary").fill("Zeigt kühle Wege")
    page.locator("#field-public_value").fill("Wer Hitze meidet, kommt an.")
    page.locator("#field-source_license").fill("MIT")
    page.locator("#field-proposer_name").fill("Amal")
    page.locator("#field-proposer_email").fill("amal@example.org")
    picture_part = page.locator("details", has=page.locator("[type=file]"))
    picture_part.locator("summary").click()
    page.locator("[type=file]").set_input_files(picture())
    details = page.locator("details", has=page.locator("#field-started"))
    details.locator("summary").click()
    page.locator("#field-started").fill("gestern")
    send(page)

    expect(page).to_have_title(re.compile(f"^{mark}"))
    links = page.locator("#errors li a")
    expect(links).to_have_count(3)
    for place, name in enumerate(["title", "started", "consent"]):
        links.nth(place).click()
        expect(page).to_have_url(re.compile(f"#field-{name}$"))
        if scripts:
            assert page.evaluate(FOCUSED) == f"field-{name}"
        expect(page.locator(f"#field-{name}-error")).to_be_visible()
    # The error doesn't squeeze the label.
    consent = page.locator(".form-check", has=page.locator("#field-consent"))
    boxes = [
        consent.locator(selector).bounding_box()
        for selector in ("label", "#field-consent-error")
    ]
    assert boxes[0]["width"] > width / 3
    assert boxes[1]["y"] >= boxes[0]["y"] + boxes[0]["height"]
    image = page.locator("figure img")
    expect(image).to_be_visible()
    expect(page.locator("figure")).to_contain_text("karte.png")
    if scripts:
        image.scroll_into_view_if_needed()
        assert image.evaluate(SHOWN) == 160
        assert violations(page) == []

    page.locator("#field-title").fill("Schattenwege für Bäume")
    page.locator("#field-started").fill("10/2021")
    send(page)
    expect(page.locator("#errors li a")).to_have_count(1)
    expect(page.locator("figure img")).to_be_visible()
    page.locator("#field-consent").check()
    send(page)
    expect(page).to_have_url(re.compile("/civic_project/propose/sent(#.*)?$"))

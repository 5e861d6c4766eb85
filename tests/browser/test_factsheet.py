"""The fact sheet on paper: one sheet, whatever stands on it."""

from __future__ import annotations

import io
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from playwright.sync_api import Page, expect

from ..acting import as_portal
from .content import ALL_FIELDS, create_dataset, create_project, link

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("content")]

WORD = (
    "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnungs"
    "behörde"
)

#: Words that make a project as long as it can be, in different ways.
FILLINGS = {
    "words": "Ein langer Text über die Größe der Bäume in der Straße.",
    "long-words": WORD,
    "wide": "WWWW MMMMMM WWWWWWWW",
    "narrow": "il li il 1 i.",
    "lines": "a\n\nb",
}

#: Hardly any is longer; of a project without one, that of the portal.
EMAILS = {"leer": "digifarm@example.org", "baumblick": "baum@example.org"}
EMAIL = f"{'a' * 64}@{'b' * 22}.example.org"

A4 = (595, 842)  # points


def filled(words: str, length: int) -> str:
    return (f"{words} " * (length // len(words) + 1))[:length].strip()


def longest(name: str, words: str, picture: str) -> None:
    """A project with all fields at their limits."""
    line = " ".join(words.split())
    areas = ("content", "technology", "sponsoring", "care")
    project = create_project(
        filled(line, 200),
        name=name,
        **{
            **ALL_FIELDS,
            "summary": filled(line, 220),
            "public_value": filled(words, 1000),
            "notes": filled(words, 10_000),
            "stage_note": filled(line, 300),
            "meeting": filled(line, 300),
            "contact_name": filled(line, 200),
            "contact_email": EMAIL,
            "help_wanted": [*areas],
            **{f"{area}_help": filled(words, 2000) for area in areas},
            "image_url": picture,
        },
    )
    for number in range(6):
        title = filled(f"{number} {line}", 190)
        dataset = create_dataset(title, name=f"{name[:20]}-{number}")
        link(project, dataset)
        as_portal(
            "digifarm_support_create",
            project=project["id"],
            area="content",
            person=filled(f"{number} {line}", 90),
            consent=True,
        )


@pytest.fixture(scope="module")
def content(portal, server) -> None:
    picture = f"{server}/base/images/ckan-logo.png"
    for name, words in FILLINGS.items():
        longest(name, words, picture if name == "words" else "")
    longest("w" * 100, FILLINGS["words"], "")
    create_project("Leer")
    create_project("Baumblick", image_url=picture, **ALL_FIELDS)


def printed(page: Page) -> pypdfium2.PdfDocument:
    pdf: Any = page.pdf(prefer_css_page_size=True)
    return pypdfium2.PdfDocument(io.BytesIO(pdf))


@pytest.mark.parametrize("language", ["", "/de"])
@pytest.mark.parametrize("name", [*FILLINGS, "w" * 100, "leer", "baumblick"])
def test_it_is_one_sheet_with_a_code_that_can_be_read(
    name, language, visit, server
):
    page = visit(f"{language}/civic_project/factsheet/{name}")
    document = printed(page)
    assert len(document) == 1
    [sheet] = document
    assert tuple(map(round, sheet.get_size())) == A4
    found = zxingcpp.read_barcodes(sheet.render(scale=3).to_pil())
    assert [code.text for code in found] == [
        f"{server}{language}/civic_project/{name}"
    ]
    # What stands in its last line stands on the sheet.
    words = sheet.get_textpage().get_text_bounded()
    assert words.count("civic_project/") == 1
    assert "".join(words.split()).count(EMAILS.get(name, EMAIL)) == 1


def test_an_address_is_whole_however_long_it_is(visit):
    page = visit(f"/civic_project/factsheet/{'w' * 100}")
    address = f"{'data.example.org/' * 4}civic_project/{'w' * 100}"
    page.locator(".digifarm-sheet-address bdi").evaluate(
        "(element, address) => { element.textContent = address; }", address
    )
    document = printed(page)
    assert len(document) == 1
    words = document[0].get_textpage().get_text_bounded()
    assert address in "".join(words.split())
    assert EMAIL in "".join(words.split())


@pytest.mark.parametrize(
    "style",
    [
        "@page { margin: 2cm; size: letter; }",
        "html, body { border: 5px solid; margin: 10px; padding: 30px; }",
        "body::before { content: 'x'; display: block; height: 40px; }",
        "h1, h2, p, li { font-size: 20pt; margin: 9mm 0; padding: 9mm; }",
    ],
)
def test_the_style_of_a_portal_makes_no_second_sheet(style, visit):
    page = visit("/civic_project/factsheet/words")
    page.add_style_tag(content=style)
    document = printed(page)
    assert len(document) == 1
    [sheet] = document
    assert tuple(map(round, sheet.get_size())) == A4
    assert zxingcpp.read_barcodes(sheet.render(scale=3).to_pil())
    assert EMAIL in "".join(sheet.get_textpage().get_text_bounded().split())


#: What is cut stands in lines that end with an ellipsis; nothing else is.
CUT = """() => {
  const sheet = document.querySelector(".digifarm-sheet");
  const inside = sheet.getBoundingClientRect();
  const wrong = [];
  for (const part of sheet.querySelectorAll("*")) {
    if (part.closest("svg") || part.closest("[aria-hidden]")) continue;
    const box = part.getBoundingClientRect();
    if (box.bottom > inside.bottom + 1 || box.right > inside.right + 1)
      wrong.push(part.className + " sticks out");
    const style = getComputedStyle(part);
    if (part.scrollHeight > part.clientHeight + 2
        && part.clientHeight && style.display !== "inline"
        && style.webkitLineClamp === "none")
      wrong.push(part.tagName + "." + part.className + " is cut");
  }
  return wrong;
}"""


@pytest.mark.parametrize("language", ["", "/de"])
@pytest.mark.parametrize("name", [*FILLINGS, "w" * 100, "leer", "baumblick"])
def test_only_lines_are_cut(name, language, visit):
    page = visit(f"{language}/civic_project/factsheet/{name}")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 794, "height": 1123})
    assert page.evaluate(CUT) == []


def test_there_is_room_for_the_picture(visit):
    for name in ("words", "wide", "baumblick"):
        page = visit(f"/civic_project/factsheet/{name}")
        page.emulate_media(media="print")
        box = page.locator(".digifarm-sheet-picture").bounding_box()
        assert box
        assert box["height"] > 70  # pixels: 18 mm


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_it_fits_on_screens(width, visit):
    page = visit("/civic_project/factsheet/wide")
    page.set_viewport_size({"width": width, "height": 800})
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide == width


def test_it_is_printed_by_a_button(visit):
    page = visit("/civic_project/factsheet/baumblick")
    page.evaluate("() => { window.print = () => { document.title = 'P'; }; }")
    page.get_by_role("button", name="Print").click()
    expect(page).to_have_title("P")


def test_without_javascript_the_browser_prints_it(visit):
    page = visit(
        "/civic_project/factsheet/baumblick", java_script_enabled=False
    )
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    expect(page.get_by_text("print it with your browser")).to_be_visible()
    assert len(printed(page)) == 1

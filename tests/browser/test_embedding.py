"""Projects in frames of another site, whose own rules are strict."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from ..indexing import one_commit
from .content import ALL_FIELDS, create_project
from .test_list import LONG, TOO_WIDE

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("content")]

#: What a browser shows instead of a page that must not be framed.
REFUSED = "chrome-error://chromewebdata/"


class Elsewhere(ThreadingHTTPServer):
    """Another site, at another name of this machine.

    :param portal: address of what it may frame
    """

    daemon_threads = True

    def __init__(self, portal: str) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.portal = portal
        self.body = ""

    @property
    def address(self) -> str:
        return f"http://localhost:{self.server_port}/"


class Answer(BaseHTTPRequestHandler):
    """Its only page."""

    server: Elsewhere

    def do_GET(self) -> None:
        page = f"<!DOCTYPE html><title>Blog</title>{self.server.body}"
        policy = f"default-src 'none'; frame-src {self.server.portal}"
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", policy)
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, *_: Any) -> None:  # type: ignore[override]
        """Say nothing."""


@pytest.fixture(scope="module")
def elsewhere(server) -> Iterator[Elsewhere]:
    site = Elsewhere(server)
    thread = threading.Thread(target=site.serve_forever)
    thread.start()
    yield site
    site.shutdown()
    site.server_close()
    thread.join()


@pytest.fixture(scope="module")
def content(portal, server) -> None:
    picture = f"{server}/base/images/ckan-logo.png"
    with one_commit():
        create_project("Baumblick", image_url=picture, **ALL_FIELDS)
        create_project(LONG, name="lang", **{**ALL_FIELDS, "summary": LONG})
        create_project("Nur ein Titel")
        create_project("Geheim", private=True)


def code_of(page: Page) -> str:
    """What a page says to copy."""
    page.get_by_text("Embed on your own site").click()
    return page.get_by_label("Code to embed").input_value()


@pytest.mark.parametrize(
    "path", ["/civic_project/baumblick", "/civic_project/?tags=wasser"]
)
def test_what_is_copied_is_shown_there(path, visit, server, elsewhere):
    elsewhere.body = code_of(visit(path, java_script_enabled=False))
    page = visit("/civic_project/about", "editor")
    page.wait_for_load_state("networkidle")
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    seen: list[Any] = []
    # Playwright takes functions of Python only.
    page.on("response", lambda response: seen.append(response))  # noqa: PLW0108
    page.goto(elsewhere.address)
    frame = page.frame_locator("iframe")
    link = frame.get_by_role("link", name="Baumblick")
    expect(link).to_be_visible()
    picture = frame.locator("img")
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth") > 0
    # Nothing that it shows was forbidden, and nobody learns who looks.
    assert said == []
    inside = [one for one in seen if one.url.startswith(server)]
    assert inside
    for response in inside:
        assert "set-cookie" not in response.all_headers()
        assert "cookie" not in response.request.all_headers()
    with page.context.expect_page() as opened:
        link.click()
    opened.value.wait_for_load_state()
    assert opened.value.url == f"{server}/civic_project/baumblick"
    assert opened.value.evaluate("opener") is None
    assert page.url == elsewhere.address


@pytest.mark.parametrize(
    "path",
    [
        "/civic_project/",
        "/civic_project/baumblick",
        "/civic_project/propose",
        "/civic_project/help-wanted",
        "/civic_project/nichts",
        "/partner/",
        "/de/civic_project/baumblick",
    ],
)
def test_no_other_page_is(path, visit, server, elsewhere):
    elsewhere.body = f'<iframe src="{server}{path}"></iframe>'
    page = visit(elsewhere.address)
    [frame] = page.main_frame.child_frames
    frame.wait_for_load_state()
    assert frame.url == REFUSED


def test_what_is_copied_fits_on_a_phone(visit, elsewhere):
    elsewhere.body = (
        '<meta name="viewport" content="width=device-width">'
        f"{code_of(visit('/civic_project/baumblick'))}"
    )
    page = visit(elsewhere.address)
    page.set_viewport_size({"width": 320, "height": 640})
    frame = page.locator("iframe")
    expect(frame.content_frame.get_by_role("heading")).to_be_visible()
    assert frame.evaluate("frame => getComputedStyle(frame).borderWidth") in {
        "0px",
        "",
    }
    assert not page.evaluate(TOO_WIDE)


def test_the_code_is_copied_by_a_button(visit):
    page = visit("/civic_project/baumblick")
    code = code_of(page)
    embed = page.locator(".digifarm-embed")
    embed.get_by_role("button", name="Copy").click()
    expect(embed.get_by_role("button", name="Copied")).to_be_visible()
    expect(embed.get_by_role("status")).to_have_text("Copied")
    page.goto("/civic_project")
    field = page.locator("input[name=q]:visible").last
    field.focus()
    page.keyboard.press("Control+v")
    expect(field).to_have_value(code)


@pytest.mark.parametrize("name", ["geheim", "nichts"])
def test_what_isnt_public_says_so_in_the_frame(name, visit, server, elsewhere):
    address = f"{server}/civic_project/embed/{name}"
    elsewhere.body = f'<iframe src="{address}"></iframe>'
    page = visit(elsewhere.address, "admin")
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading")).to_contain_text("can’t be shown")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [280, 320, 700])
@pytest.mark.parametrize(
    "path", ["embed", "embed/baumblick", "embed/lang", "embed?tags=nirgends"]
)
def test_it_fits(path, width, scheme, visit):
    page = visit(f"/civic_project/{path}", width=width, color_scheme=scheme)
    assert page.evaluate(TOO_WIDE) == []
    colours = page.evaluate(
        "[getComputedStyle(document.body).backgroundColor,"
        " getComputedStyle(document.documentElement).backgroundColor]"
    )
    paper = {"light": "rgb(255, 255, 255)", "dark": "rgb(27, 31, 35)"}
    assert {*colours} == {paper[scheme]}
    assert urlsplit(page.url).path.startswith("/civic_project/embed")

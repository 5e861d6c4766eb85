"""What is loaded from elsewhere on the web, and what is not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from ckanext.digifarm.lib import fetch

CONTENT = b"0123456789" * 100


class Site(BaseHTTPRequestHandler):
    """A server on this machine."""

    asked: list[tuple[str, str]]

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer as the path says."""
        type(self).asked.append((self.path, self.headers["User-Agent"]))
        kind, _, rest = self.path[1:].partition("/")
        if kind == "to":
            self.send_response(302)
            self.send_header("Location", rest)
            self.end_headers()
        elif kind == "endless":
            self.send_response(302)
            self.send_header("Location", rest)
            self.end_headers()
            try:
                while True:
                    self.wfile.write(CONTENT)
            except OSError:
                return
        elif kind == "slow":
            self.wfile.write(b"HTTP/1.0 200 OK\r\n")
            try:
                while not threading.Event().wait(0.1):
                    self.wfile.write(b"X-A: b\r\n")
            except OSError:
                return
        else:
            self.send_response(int(kind or 200))
            self.end_headers()
            self.wfile.write(CONTENT)


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    Site.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def get(url: str, limit: int = 10_000) -> bytes:
    """As the portal does, but also from this machine."""
    return fetch.get(url, limit, allow_loopback=True)


def test_what_is_there_is_loaded(site):
    assert get(f"{site}/") == CONTENT
    assert get(f"{site}/to/{site}/") == CONTENT
    assert Site.asked[-1] == ("/", fetch.USER_AGENT)
    assert get(f"{site}/", len(CONTENT)) == CONTENT


@pytest.mark.parametrize("path", ["404", "403", "to/file:///etc/passwd"])
def test_what_can_not_be_had_is_refused(path, site):
    with pytest.raises(fetch.NothingThereError):
        get(f"{site}/{path}")


@pytest.mark.parametrize("path", ["500", "503", "429"])
def test_what_can_not_be_had_now_may_be_there_later(path, site):
    with pytest.raises(fetch.FetchError) as raised:
        get(f"{site}/{path}")
    assert raised.type is fetch.FetchError
    with pytest.raises(fetch.FetchError) as raised:
        get("http://127.0.0.1:9/")
    assert raised.type is fetch.FetchError


def test_too_much_is_refused(site):
    with pytest.raises(fetch.FetchError, match="More than 999 bytes"):
        get(f"{site}/", len(CONTENT) - 1)


def test_redirects_end(site):
    ring = f"{site}/to/" * (fetch.MAX_REDIRECTS + 1) + site
    with pytest.raises(fetch.FetchError, match="redirects"):
        get(ring)


def test_what_a_redirect_says_besides_is_not_read(site, monkeypatch):
    monkeypatch.setattr(fetch, "MAX_SECONDS", 2)
    assert get(f"{site}/endless/{site}/") == CONTENT


def test_a_server_that_never_ends_is_left(site, monkeypatch):
    monkeypatch.setattr(fetch, "MAX_SECONDS", 0.5)
    with pytest.raises(fetch.FetchError, match="too long"):
        get(f"{site}/slow")


def test_without_leave_this_machine_is_not_asked(site):
    port = site.rpartition(":")[2]
    asked = len(Site.asked)
    for host in (
        "127.0.0.1",
        "localhost",
        "0x7f.1",
        "2130706433",
        "0177.0.0.1",
        "127.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
    ):
        with pytest.raises(fetch.FetchError):
            fetch.get(f"http://{host}:{port}/", 10_000)
    assert len(Site.asked) == asked


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/",
        "http://192.168.0.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://100.64.0.1/",
        "http://[fe80::1]/",
        "http://[fc00::1]/",
        "http://224.0.0.1/",
        "file:///etc/passwd",
        "ftp://example.org/",
        "gopher://example.org/",
        "http://",
        "http://[",
        "http://a..b/",
        "http://exa mple.org/",
        "",
        "nonsense",
    ],
)
def test_inner_networks_and_others_are_not_asked(url, monkeypatch):
    def connect(*_: Any) -> None:
        pytest.fail("Nothing must be asked")

    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(fetch.FetchError):
        fetch.get(url, 10_000)


def test_a_redirect_leads_to_no_inner_network(site):
    with pytest.raises(fetch.FetchError):
        get(f"{site}/to/http://10.0.0.1/")


def test_a_name_that_leads_inside_is_not_asked(site, monkeypatch):
    """Whoever owns a name decides what it resolves to."""
    address = ("127.0.0.1", int(site.rpartition(":")[2]))
    answer = (socket.AF_INET, socket.SOCK_STREAM, 6, "", address)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [answer])
    asked = len(Site.asked)
    with pytest.raises(fetch.FetchError):
        fetch.get("http://pictures.example.org/", 10_000)
    assert len(Site.asked) == asked


def test_no_proxy_is_asked(site, monkeypatch):
    monkeypatch.setenv("http_proxy", site)
    asked = len(Site.asked)
    with pytest.raises(fetch.FetchError):
        fetch.get("http://10.0.0.1/", 10_000)
    assert len(Site.asked) == asked

"""A small web on this machine whose hosts misbehave, each in its own way.

The names of its hosts end with `.example.org`; who looks one up gets this
machine, or what the web says of it.
"""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

#: The answer of a host: given the request, it writes what it likes.
Host = Callable[["Request"], None]

PAGE = b"<!doctype html><title>Here</title><p>All is well"

HTML = {"Content-Type": "text/html; charset=utf-8"}

_look_up = socket.getaddrinfo


class Request(BaseHTTPRequestHandler):
    """What somebody asks a host."""

    web: Web
    _asked = ""

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Let the host answer."""
        name = (self.headers["Host"] or "").partition(":")[0]
        self._asked = name
        self.web.note(name, f"{self.command} {self.path}", self.headers)
        try:
            if self.path == "/robots.txt" and name not in self.web.own_robots:
                self.say(404)
            else:
                host = self.web.hosts.get(name, self.web.otherwise)
                (host or well)(self)
        except OSError:
            # Who asked has gone away.
            self.close_connection = True
        finally:
            self._end()

    def _end(self) -> None:
        name, self._asked = self._asked, ""
        if name:
            self.web.end(name)

    do_HEAD = do_GET  # noqa: N815 – as the base class has it

    def say(
        self,
        status: int,
        content: bytes = b"",
        headers: dict[str, str] | None = None,
    ) -> None:
        """Answer as others do."""
        # Who has the answer may ask again, before this thread goes on.
        self._end()
        self.send_response(status)
        for key, value in (headers or HTML).items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def well(request: Request) -> None:
    """A host with which all is well."""
    request.say(200, PAGE)


def status(code: int, **headers: str) -> Host:
    """A host that always says the same."""
    names = {key.replace("_", "-"): value for key, value in headers.items()}
    return lambda request: request.say(code, b"", names)


def drips(request: Request) -> None:
    """Says one header after another, for ever."""
    request.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while not request.web.over.wait(0.05):
        request.wfile.write(b"X-A: b\r\n")


def leads_away_for_ever(request: Request) -> None:
    """Leads to another host, and says more and more besides."""
    request.send_response(301)
    request.send_header("Location", request.web.url("well"))
    request.end_headers()
    while request.command == "GET" and not request.web.over.wait(0):
        request.wfile.write(b"<p>on and on" * 100)


def is_silent(request: Request) -> None:
    """Says nothing, for as long as anybody waits."""
    request.web.over.wait(60)


@dataclass
class Web:
    """The hosts, and what they were asked.

    :param hosts: what each does, by its name; the others are well
    :param names: what looking up a name gives: addresses, or an error
    """

    port: int = 0
    secure_port: int = 0
    hosts: dict[str, Host] = field(default_factory=dict)
    names: dict[str, str | Exception] = field(default_factory=dict)
    own_robots: set[str] = field(default_factory=set)
    asked: list[tuple[str, str]] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)
    #: How many requests a host had at the same time, at most.
    most: Counter[str] = field(default_factory=Counter)
    now: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)
    #: What a host does that isn't named.
    otherwise: Host | None = None
    #: Names that begin so aren't known.
    unknown: str = "?"
    #: Ends hosts that take their time.
    over: threading.Event = field(default_factory=threading.Event)

    def url(self, name: str, path: str = "/", *, secure: bool = False) -> str:
        """The address of something on a host."""
        if secure:
            return f"https://{name}.example.org:{self.secure_port}{path}"
        return f"http://{name}.example.org:{self.port}{path}"

    def put(self, name: str, host: Host, *, robots: bool = False) -> str:
        """Let a host do something; the address of its first page.

        :param robots: whether it answers for its robots.txt, too
        """
        full = f"{name}.example.org"
        self.hosts[full] = host
        if robots:
            self.own_robots.add(full)
        return self.url(name)

    def requests(self, name: str) -> list[str]:
        """What a host was asked, without its robots.txt."""
        full = f"{name}.example.org"
        return [
            line
            for host, line in self.asked
            if host == full and not line.endswith("/robots.txt")
        ]

    def note(self, name: str, line: str, headers: Any) -> None:
        """Remember what a host is asked."""
        with self.lock:
            self.asked.append((name, line))
            self.agents.add(headers["User-Agent"])
            self.now[name] += 1
            self.most[name] = max(self.most[name], self.now[name])

    def end(self, name: str) -> None:
        """Know that it has answered."""
        with self.lock:
            self.now[name] -= 1

    def look_up(self, name: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        """As `socket.getaddrinfo`, for the names of this web."""
        text = name.decode() if isinstance(name, bytes) else str(name)
        found = self.names.get(text, "127.0.0.1")
        if not text.endswith(".example.org"):
            return _look_up(name, port, *args, **kwargs)
        if text.startswith(self.unknown):
            found = socket.gaierror(socket.EAI_NONAME, "Name not known")
        if isinstance(found, Exception):
            raise found
        kinds = {True: socket.AF_INET6, False: socket.AF_INET}
        return [
            (kinds[":" in one], socket.SOCK_STREAM, 6, "", (one, port))
            for one in found.split()
        ]


@contextmanager
def serving(folder: Path | None = None) -> Iterator[Web]:
    """A web that is there.

    :param folder: where a certificate is made; without it, all is plain
    """
    web = Web()
    handler = type("Handler", (Request,), {"web": web})
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), handler)]
    web.port = servers[0].server_port
    if folder:
        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), handler))
        web.secure_port = servers[1].server_port
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*_certificate(folder))
        servers[1].socket = context.wrap_socket(
            servers[1].socket,
            server_side=True,
            do_handshake_on_connect=False,
        )
    for server in servers:
        server.daemon_threads = True
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield web
    finally:
        web.over.set()
        for server in servers:
            server.shutdown()
            server.server_close()


def _certificate(folder: Path) -> tuple[Path, Path]:
    """One that nobody else has signed."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes"),
            *("-subj", "/CN=signed.example.org", "-days", "2"),
            *("-addext", "subjectAltName=DNS:signed.example.org"),
            *("-out", certificate, "-keyout", key),
        ],
        check=True,
        capture_output=True,
    )
    return certificate, key

"""Pages that are the same for everybody, whoever asks.

What stands in frames of other sites, and what programs fetch, has no session:
cookies are neither read nor set nor renewed, and nothing of whoever is logged
in can get into it. Flask opens the session before it knows which page is asked
for; so this stands before Flask.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..lib.ckan import CKANApp

#: Their addresses; a language or the root of the portal may stand before.
PAGES = re.compile(
    rf"(?:^|/){PROJECT_TYPE}/(?:embed|feed|oembed)(?:/[^/]*)?/?\Z"
)

#: By what somebody shows who they are.
CREDENTIALS = frozenset({"HTTP_AUTHORIZATION", "HTTP_COOKIE", "REMOTE_USER"})

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
Wsgi = Callable[[Environ, Any], Iterable[bytes]]


class AsNobody:
    """Lets these pages not know who asks.

    :param app: the application that makes them
    """

    def __init__(self, app: Wsgi) -> None:
        self._app = app

    def __call__(
        self, environ: Environ, start_response: Any
    ) -> Iterable[bytes]:
        """Answer a request."""
        if not PAGES.search(environ.get("PATH_INFO", "")):
            return self._app(environ, start_response)
        header = tk.config["apitoken_header_name"]
        own = f"HTTP_{header.upper().replace('-', '_')}"
        for name in (*CREDENTIALS, own):
            environ.pop(name, None)

        def start(status: str, headers: Headers, *more: Any) -> Any:
            # The page of an error begins a session, which would take the
            # place of the one that somebody has: they would be logged out.
            kept = [one for one in headers if one[0].lower() != "set-cookie"]
            return start_response(status, kept, *more)

        return self._app(environ, start)


def install(app: CKANApp) -> None:
    """Stand before Flask."""
    app.wsgi_app = AsNobody(app.wsgi_app)

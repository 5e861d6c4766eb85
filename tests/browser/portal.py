"""The portal for a WSGI server; browsers keep its scripts and styles.

So it is with a web server before it. CKAN alone lets browsers ask for each
file again with each page.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from typing import Any

from dev.wsgi import application as portal

# Spare the garbage collector what stays until the end anyway.
gc.freeze()

#: Where files lie that stay the same while the portal runs.
FILES = ("/base/", "/webassets/")


def application(
    environ: dict[str, Any], start_response: Callable[..., Any]
) -> Iterable[bytes]:
    """Answer a request."""

    def start(status: str, headers: list[tuple[str, str]], *args: Any) -> Any:
        if environ["PATH_INFO"].startswith(FILES) and status == "200 OK":
            headers = [
                (name, value)
                for name, value in headers
                if name.lower() not in ("cache-control", "vary")
            ]
            headers.append(("Cache-Control", "max-age=3600"))
        return start_response(status, headers, *args)

    return portal(environ, start)

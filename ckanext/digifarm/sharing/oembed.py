"""What programs learn that show an address of ours on another site.

As https://oembed.com has it. Its addresses are what people copy: of the page
of a project or of the list, in any language, and of no other host.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import ckantoolkit as tk
from werkzeug.datastructures import MultiDict

from .. import config
from ..config import PROJECT_TYPE
from ..lib import language
from . import embedding
from .embedding import Frame, Size

#: A longer address is none of ours, in characters.
MAX_ADDRESS = 2000

#: What stands in addresses as browsers copy them, and as people write the
#: words of a filter.
WRITTEN = re.compile(r"[!\"$->@-~]+(?:[?#][^\s\x00-\x1f\x7f]*)?")

#: What a project may be called, or its id.
NAME = re.compile(r"[a-z0-9_-]{1,100}")


def answer(frame: Frame, size: Size) -> dict[str, Any]:
    """What there is to show, as JSON.

    :param size: that there is room for
    """
    return {
        "version": "1.0",
        "type": "rich",
        "title": frame.title,
        "provider_name": tk.config["ckan.site_title"],
        "provider_url": tk.h.url_for("home.index", qualified=True),
        "html": embedding.plain_code(frame._replace(size=size)),
        **size._asdict(),
    }


def find(address: str, width: int | None, height: int | None) -> Any:
    """What an address leads to, in the language of that.

    :param width: of the room that there is, in pixels
    :returns: the answer, or None where there is nothing that all may see
    """
    for spoken, rest in _readings(address):
        with language.speaking(spoken):
            if frame := _frame(rest, urlsplit(address).query):
                return answer(frame, frame.size.within(width, height))
    return None


def _frame(rest: str, query: str) -> Frame | None:
    """What a part of an address below the projects leads to."""
    if not rest:
        return embedding.of_list(MultiDict(parse_qsl(query)))
    project = embedding.project(rest) if NAME.fullmatch(rest) else None
    return embedding.of_project(project) if project else None


def _readings(address: str) -> Iterator[tuple[str, str]]:
    """How an address can be read: its language, and what follows the list's.

    Nothing where it is none of this portal, just as the portal writes it.
    """
    if len(address) > MAX_ADDRESS or not WRITTEN.fullmatch(address):
        return
    try:
        parts = urlsplit(address)
    except ValueError:
        return
    own = urlsplit(tk.config["ckan.site_url"])
    # With it go ports, names of users, and other spellings of a host.
    is_own = parts.netloc.lower() == own.netloc.lower()
    if parts.scheme not in {"http", "https"} or not is_own:
        return
    for prefix, spoken in _languages().items():
        listed = tk.h.url_for(f"{PROJECT_TYPE}.search", locale=prefix)
        listed = listed.rstrip("/")
        if parts.path in {listed, f"{listed}/"}:
            yield spoken, ""
        elif parts.path.startswith(f"{listed}/"):
            yield spoken, parts.path.removeprefix(f"{listed}/")


def _languages() -> dict[str, str]:
    """The languages of the portal, as addresses have them.

    That of the portal itself stands in none, but may.
    """
    offered = (locale.short_name for locale in tk.h.get_available_locales())
    return {
        "default": config.default_language(),
        **{name: name for name in offered},
    }

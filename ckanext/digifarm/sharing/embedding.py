"""What stands in frames of other sites: its style, its rules, its code."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import ckantoolkit as tk
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from ..config import PROJECT_TYPE
from ..lib import text
from ..lib.context import of_nobody
from ..projects import asked
from . import addresses
from .style import STYLE

#: So many projects a list in a frame has at most.
MOST = 12

#: How the policy names a style that is written into the page.
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest())


class Size(NamedTuple):
    """How large a frame is, in pixels."""

    width: int
    height: int

    def within(self, width: int | None, height: int | None) -> Size:
        """The same, no larger than somebody has room."""
        return Size(
            min(self.width, width or self.width),
            min(self.height, height or self.height),
        )


class Frame(NamedTuple):
    """What can stand in a frame.

    :param address: of what is in it, a whole one
    :param title: in words; those who hear pages need it
    :param size: that it looks good at
    """

    address: str
    title: str
    size: Size


CARD = Size(600, 320)
LIST = Size(600, 640)


def of_project(project: dict[str, Any]) -> Frame:
    """A card with a project that everybody may read."""
    return Frame(
        tk.h.url_for(
            "digifarm_embeds.card", id=project["name"], qualified=True
        ),
        project["title"] or project["name"],
        CARD,
    )


def of_list(args: MultiDict[str, str]) -> Frame:
    """The first projects of the list.

    :param args: of its address
    """
    filters = asked.filters(args)
    shown = [*filters, *asked.order(args)]
    return Frame(
        addresses.with_args("digifarm_embeds.cards", shown),
        addresses.title(addresses.Kind.PROJECTS, filters),
        LIST,
    )


def code(frame: Frame) -> str:
    """What somebody writes into their own page, in HTML.

    There is no style in it: pages with strict rules refuse those of others.
    """
    return str(
        Markup(
            '<iframe src="{}" title="{}" width="100%" height="{}"'
            ' frameborder="0" loading="lazy"></iframe>'
        ).format(frame.address, frame.title, frame.size.height)
    )


def plain_code(frame: Frame) -> str:
    """The same for programs, with nothing that they would take out."""
    return str(
        Markup(
            '<iframe src="{}" title="{}" width="{}" height="{}"></iframe>'
        ).format(frame.address, frame.title, *frame.size)
    )


def project(id: str) -> dict[str, Any] | None:
    """A project that everybody may read, whoever asks.

    :param id: id or name
    """
    try:
        found = tk.get_action("package_show")(
            of_nobody(), {"id": text.clean(id)}
        )
    except (
        tk.ObjectNotFound,
        tk.NotAuthorized,
        tk.Invalid,
        tk.ValidationError,
    ):
        return None
    is_shown = found["type"] == PROJECT_TYPE and found["state"] == "active"
    return found if is_shown and not found["private"] else None


def projects(args: MultiDict[str, str]) -> dict[str, Any]:
    """The first projects of the list that everybody may read.

    :param args: of its address
    :raises SearchError: where what is asked for can't be understood
    """
    return tk.get_action("package_search")(
        of_nobody(),
        {**asked.query(args), "sort": args.get("sort"), "rows": MOST},
    )


def policy(pictures: Iterable[str] = ()) -> str:
    """What a page in a frame may do: show its style, and its pictures.

    :param pictures: their addresses, all of this portal
    """
    origins = {_origin(picture) for picture in pictures if picture}
    allowed = " ".join(["'self'", *sorted(origins - {""})])
    return "; ".join(
        [
            "default-src 'none'",
            f"style-src 'sha256-{_STYLE_HASH.decode()}'",
            f"img-src {allowed}",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors *",
        ]
    )


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""

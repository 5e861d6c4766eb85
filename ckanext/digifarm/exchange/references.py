"""What of this portal people mean: by address, in other case, by title."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

import ckantoolkit as tk
import sqlalchemy as sa

from ..config import PROJECT_TYPE
from ..lib.ckan import Context, model
from ..lib.permissions import may_read
from ..lib.text import composed

#: So many datasets of one title are looked at.
_MOST_ALIKE = 20


def name(text: str, listed: str) -> str:
    """The name or id that is meant.

    :param text: a name or an id, or the address of a page of this portal
    :param listed: the endpoint of the list above that page
    """
    found = text.strip()
    if "/" not in found:
        return found
    return next(_in_address(found, listed), found)


def _in_address(address: str, listed: str) -> Iterator[str]:
    """The name in an address, as often as it is one of such a page."""
    try:
        parts, own = urlsplit(address), urlsplit(tk.config["ckan.site_url"])
    except ValueError:
        return
    is_own = parts.netloc.lower() == own.netloc.lower()
    if not is_own and not address.startswith("/"):
        return
    offered = (one.short_name for one in tk.h.get_available_locales())
    for language in ("default", *offered):
        above = tk.h.url_for(listed, locale=language).rstrip("/")
        if parts.path.startswith(f"{above}/"):
            rest = parts.path.removeprefix(f"{above}/").strip("/").split("/")
            if len(rest) == 1 or rest[1:2] == ["resource"]:
                yield unquote(rest[0])


def datasets_titled(title: str, context: Context) -> list[model.Package]:
    """The datasets of a title that somebody may read."""
    package = model.Package
    query = (
        sa.select(package)
        .where(
            sa.func.lower(package.title)
            == sa.func.lower(composed(" ".join(title.split()))),
            package.type != PROJECT_TYPE,
            package.state == model.State.ACTIVE,
        )
        .order_by(package.name)
        .limit(_MOST_ALIKE)
    )
    found = model.Session.scalars(query)
    return [one for one in found if may_read(context, one.id)]

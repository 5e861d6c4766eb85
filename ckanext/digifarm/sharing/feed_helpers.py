from __future__ import annotations

import ckantoolkit as tk

from . import addresses
from .addresses import Kind


def digifarm_feed(kind: str) -> dict[str, str]:
    """The feed that has what this page shows, with its filters.

    :param kind: `projects`, `help_wanted` or `tasks`
    :returns: its `address` and `title`
    """
    found = Kind(kind)
    filters = addresses.filters(found, tk.request.args)
    return {
        "address": addresses.feed(found, filters),
        "title": addresses.title(found, filters),
    }

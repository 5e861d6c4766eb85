"""What a page asks for often, found once for each request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import g, has_request_context

#: Where it is kept in `g`, which all plugins share.
_KEPT = "digifarm_once"

T = TypeVar("T")


def in_request(name: str, find: Callable[[], T]) -> T:
    """What was found before in this request, or is found now.

    Outside of requests nothing is kept: commands and workers run for long.

    :param name: that it is kept by
    """
    if not has_request_context():
        return find()
    kept: dict[str, Any] = g.setdefault(_KEPT, {})
    if name not in kept:
        kept[name] = find()
    return kept[name]

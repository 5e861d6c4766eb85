"""Feeds: what is new, for programs that look for it now and then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckantoolkit as tk
from flask import make_response

from ..config import PROJECT_TYPE
from ..lib import forms
from ..lib.ckan import Response, SearchError
from . import addresses, atom, feeds
from .addresses import Kind

feeds_ = forms.blueprint("digifarm_feeds", f"/{PROJECT_TYPE}/feed")

#: What gives the entries of a page of a feed.
Find = Callable[[Any, dict[str, int]], list[atom.Entry]]


@feeds_.route("")
def projects() -> Response:
    """New and changed projects."""
    return _answer(Kind.PROJECTS, feeds.projects)


@feeds_.route("/help-wanted")
def help_wanted() -> Response:
    """Projects that look for help."""
    return _answer(Kind.HELP, feeds.help_wanted)


@feeds_.route("/tasks")
def tasks() -> Response:
    """Open tasks."""
    return _answer(Kind.TASKS, feeds.tasks)


def _answer(kind: Kind, find: Find) -> Response:
    args = tk.request.args
    number = tk.h.get_page_number(args)
    if number > feeds.MOST_PAGES:
        return tk.abort(404)
    # One more says whether there is a next page.
    part = {
        "limit": feeds.PER_PAGE + 1,
        "offset": (number - 1) * feeds.PER_PAGE,
    }
    try:
        entries = find(args, part)
    except (SearchError, tk.ValidationError):
        return tk.abort(
            400,
            tk._(
                "This search could not be understood. Please try other words."
            ),
        )
    if number > 1 and not entries:
        return tk.abort(404)
    filters = addresses.filters(kind, args)
    others = {"first": 1}
    if number > 1:
        others["prev"] = number - 1
    if len(entries) > feeds.PER_PAGE and number < feeds.MOST_PAGES:
        others["next"] = number + 1
    feed = atom.Feed(
        name=addresses.name(kind, filters),
        title=addresses.title(kind, filters),
        page=addresses.page(kind, filters),
        own=addresses.feed(kind, filters, number),
        others={
            relation: addresses.feed(kind, filters, other)
            for relation, other in others.items()
        },
        entries=entries[: feeds.PER_PAGE],
    )
    return _response(atom.write(feed))


def _response(content: bytes) -> Response:
    """A feed that isn't sent again as long as it is the same.

    Nothing says when it was changed last: it is changed by what is left out
    from now on, too, such as a project that became private.
    """
    response = make_response(content)
    response.mimetype = atom.MIMETYPE
    response.add_etag()
    response.make_conditional(tk.request.environ)
    return response

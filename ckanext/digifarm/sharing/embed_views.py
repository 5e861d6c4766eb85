"""Pages for frames of other sites."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
from flask import make_response
from markupsafe import Markup

from ..config import PROJECT_TYPE
from ..lib import forms, language, own_pages
from ..lib.ckan import Response, SearchError
from ..projects import asked, pictures
from . import addresses, embedding
from .style import STYLE

embeds = forms.blueprint("digifarm_embeds", f"/{PROJECT_TYPE}/embed")
own_pages.FRAMED.add(embeds.name)


@embeds.after_request
def be_strict(response: Response) -> Response:
    """Let nothing here do more than be looked at, not even an error."""
    policy = embedding.policy()
    response.headers.setdefault("Content-Security-Policy", policy)
    return response


@embeds.route("")
def cards() -> Response:
    """The first projects of the list, with its filters."""
    args = tk.request.args
    try:
        found = embedding.projects(args)
    except (SearchError, tk.ValidationError):
        return _nothing(
            tk._(
                "This search could not be understood. Please try other words."
            ),
            400,
        )
    filters = asked.filters(args)
    return _page(
        found["results"],
        count=found["count"],
        title=addresses.title(addresses.Kind.PROJECTS, filters),
        address=addresses.page(addresses.Kind.PROJECTS, filters),
    )


@embeds.route("/<id>")
def card(id: str) -> Response:
    """A project; nobody learns whether there is one that isn't public."""
    project = embedding.project(id)
    if project is None:
        return _nothing(tk._("This civic project can’t be shown here."), 404)
    return _page(
        [project],
        title=project["title"] or project["name"],
        address=tk.h.url_for(
            f"{PROJECT_TYPE}.read", id=project["name"], qualified=True
        ),
    )


def _nothing(message: str, status: int) -> Response:
    response = _page(
        [],
        title=message,
        address=tk.h.url_for(f"{PROJECT_TYPE}.search", qualified=True),
        message=message,
    )
    response.status_code = status
    return response


def _page(projects: list[dict[str, Any]], **more: Any) -> Response:
    """A page that may be framed, and loads nothing but pictures."""
    shown = [
        (project, pictures.address(project.get("image_url")))
        for project in projects
    ]
    response = make_response(
        tk.render(
            "digifarm/sharing/embed.html",
            {
                "projects": shown,
                "language": language.tag(language.of_words()),
                "style": Markup(STYLE),  # noqa: S704 – it is ours
                **more,
            },
        )
    )
    response.headers["Content-Security-Policy"] = embedding.policy(
        picture for _, picture in shown
    )
    return response

"""Words that notices of several subjects have in common."""

from __future__ import annotations

from collections.abc import Iterable

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..lib.ckan import model
from .kinds import Data

#: So many titles are named; the rest is counted.
NAMED = 3


def titles(found: Data) -> str:
    """Some titles in quotes, and how many there are besides.

    :param found: as `named`, or `gathering.titles`, gives it
    """
    named = ", ".join(
        tk._("“{title}”").format(title=title) for title in found["titles"]
    )
    more = found["count"] - len(found["titles"])
    if not more:
        return named
    return tk.ungettext(
        "{titles} and {num} more", "{titles} and {num} more", more
    ).format(titles=named, num=more)


def of_project(data: Data, news: Iterable[str]) -> str:
    """What is new of a project, in one line."""
    return tk._("“{title}”: {news}").format(
        title=data["project"]["title"], news="; ".join(news)
    )


def named(every: Iterable[str]) -> Data:
    """How many titles there are, and the first of them."""
    found = [*every]
    return {"count": len(found), "titles": found[:NAMED]}


def package(found: model.Package) -> Data:
    """What a notice says of a project or a dataset."""
    return {
        "id": found.id,
        "name": found.name,
        "title": found.title or found.name,
    }


def quoted(text: str) -> str:
    """What somebody has written, as a paragraph of a mail."""
    return "\n".join(f"> {line}" for line in text.splitlines())


def project_id(data: Data) -> str:
    """The id of the project that a notice is about."""
    return data["project"]["id"]


def see_project(data: Data) -> list[tuple[str, str]]:
    """The step that leads to its page."""
    address = tk.h.url_for(
        f"{PROJECT_TYPE}.read", id=data["project"]["name"], qualified=True
    )
    return [(tk._("See the project"), address)]

"""Projects that are likely the same as one that somebody proposes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import sqlalchemy as sa

from ckan import model

from .fields import PROJECT_TYPE

#: How alike two titles are, of 1, to be shown.
ALIKE = 0.8

#: A shorter word says too little to find a title by.
MIN_WORD = 4

#: How many are shown at most.
MOST = 5


class Project(NamedTuple):
    """What is compared of a project."""

    id: str
    name: str
    title: str
    private: bool
    source_url: str | None


def likely(
    title: str,
    source_url: str,
    *,
    public_only: bool = True,
    but_not: str | None = None,
) -> list[dict[str, Any]]:
    """Projects of the same code or with nearly the same title.

    One SQL statement.

    :param title: of the project that is proposed, or ""
    :param source_url: where its code lives, or ""
    :param public_only: leave out what not everybody may read
    :param but_not: id of the project itself, where it is one
    :returns: `name`, `title`, `private` and `same_source` of each, those of
        the same code first
    """
    known = every(public_only=public_only)
    return among(known, title, source_url, but_not=but_not)


def among(
    known: Iterable[Project],
    title: str,
    source_url: str,
    *,
    but_not: str | None = None,
) -> list[dict[str, Any]]:
    """Those of some projects that are likely the same; see `likely`."""
    source, words = normalize_url(source_url), _words(title)
    found = []
    for other in known:
        if other.id == but_not:
            continue
        is_same = bool(source) and normalize_url(other.source_url) == source
        if is_same or _is_near(words, _words(other.title)):
            found.append(
                {
                    "name": other.name,
                    "title": other.title or other.name,
                    "private": other.private,
                    "same_source": is_same,
                }
            )
    return sorted(found, key=lambda other: not other["same_source"])[:MOST]


def every(*, public_only: bool) -> list[Project]:
    """All projects that there are, by title."""
    package = model.package_table.c
    query = sa.select(
        package.id,
        package.name,
        package.title,
        package.private,
        package.extras["source_url"].astext,
    ).where(package.type == PROJECT_TYPE, package.state == model.State.ACTIVE)
    if public_only:
        query = query.where(package.private.is_(False))
    rows = model.Session.execute(query.order_by(package.title))
    return [Project(*row) for row in rows]


def normalize_url(url: str | None) -> str:
    """What all addresses of the same repository have in common.

    :param url: an address on the web, or ""
    """
    try:
        parts = urlsplit((url or "").strip())
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    path = re.sub(r"/+", "/", parts.path).rstrip("/").removesuffix(".git")
    # The forges that are used most don't distinguish upper and lower case.
    return f"{host}{path}".casefold() if host else ""


def _words(title: str | None) -> list[str]:
    return re.findall(r"\w+", (title or "").casefold())


def _is_near(words: list[str], others: list[str]) -> bool:
    """Whether two titles are nearly the same, or one holds the other."""
    if not words or not others:
        return False
    fewer, more = sorted((set(words), set(others)), key=len)
    if fewer <= more and any(len(word) >= MIN_WORD for word in fewer):
        return True
    matcher = SequenceMatcher(None, " ".join(words), " ".join(others))
    return (
        matcher.real_quick_ratio() >= ALIKE
        and matcher.quick_ratio() >= ALIKE
        and matcher.ratio() >= ALIKE
    )

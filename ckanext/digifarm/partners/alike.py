"""Partners that are likely the same as another one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from ..lib.ckan import model
from . import marks
from .model import Partner, PartnerState, Words

#: How many are shown at most.
MOST = 5

#: Of so many it is looked at why they were found.
MAX_CANDIDATES = 20


def of_each(partners: Sequence[Partner]) -> list[list[dict[str, Any]]]:
    """Other partners of the directory that are likely the same.

    One SQL statement, for however many.

    :param partners: those that are asked about
    :returns: for each, `id`, `name`, `title` and `kind` of others, and whether
        they have the `same_title` or the `same_website`; those of the same
        title first
    """
    if not partners:
        return []
    asked = [{*marks.of(one.title, one.url)} for one in partners]
    queries = [
        sa.select(_candidates(partner, known, number).subquery())
        for number, (partner, known) in enumerate(
            zip(partners, asked, strict=True)
        )
    ]
    found: list[list[dict[str, Any]]] = [[] for _ in partners]
    for row in model.Session.execute(sa.union_all(*queries)):
        shared = asked[row.number] & {*row.marks}
        found[row.number].append(
            {
                "id": row.id,
                "name": row.name,
                "title": row.title,
                "kind": row.kind,
                "same_title": _any(shared, marks.TITLE),
                "same_website": _any(shared, marks.WEBSITE),
            }
        )
    return [_telling(others) for others in found]


def _candidates(
    partner: Partner, known: set[str], number: int
) -> sa.Select[Any]:
    """Those that share a mark, first those that share one of the title."""
    titles = sorted(one for one in known if one.startswith(marks.TITLE))
    return (
        sa.select(
            sa.literal(number).label("number"),
            Partner.id,
            Partner.name,
            Partner.title,
            Partner.kind,
            Partner.marks,
        )
        .where(
            Partner.state == PartnerState.ACTIVE.value,
            Partner.id != partner.id,
            Partner.marks.overlap(sa.cast(sorted(known), Words)),
        )
        .order_by(
            Partner.marks.overlap(sa.cast(titles, Words)).desc(),
            sa.func.lower(Partner.title),
            Partner.id,
        )
        .limit(MAX_CANDIDATES)
    )


def _telling(others: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that say something: a website of many is that of a whole city."""
    titles = [other for other in others if other["same_title"]]
    websites = [other for other in others if not other["same_title"]]
    if len(websites) > MOST:
        websites = []
    return [*titles, *websites][:MOST]


def _any(shared: set[str], kind: str) -> bool:
    return any(mark.startswith(kind) for mark in shared)

"""What replaces datasets, and what they replace, as far as somebody may read.

It is read together with the links of a page, so that the page costs no
statement more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from ..config import PROJECT_TYPE
from ..lib.ckan import Context, model
from ..lib.permissions import readable
from ..links.model import Link, Side
from .model import MOST_STEPS, Successor, steps

#: What is read of a dataset: what it is called, and who may read it. A whole
#: row has long texts, and most are never shown.
COLUMNS = (
    "id",
    "name",
    "title",
    "type",
    "state",
    "private",
    "owner_org",
    "creator_user_id",
    "extras",
)

#: A dataset names no more that it replaces.
MOST_NAMED = 20


class Chains:
    """The datasets around some others, by the steps between them."""

    def __init__(self, rows: Iterable[Any]) -> None:
        self._after: dict[str, str] = {}
        self._before: dict[str, list[str]] = {}
        self._rows: dict[str, Any] = {}
        for row in rows:
            if row.dataset_id is None:
                continue
            self._after[row.dataset_id] = row.successor_id
            before = self._before.setdefault(row.successor_id, [])
            if row.dataset_id not in before:
                before.append(row.dataset_id)
            # What was purged has none.
            if row.id:
                self._rows[row.id] = row

    def ends(
        self, context: Context, dataset_ids: Collection[str]
    ) -> dict[str, model.Package]:
        """What replaces some datasets now: the ends of their chains.

        :returns: the last one of each chain that the user may read, by the
            ids of the datasets; those without any are left out
        """
        chains = {id_: self._chain(id_) for id_ in dataset_ids}
        found = {p.id for chain in chains.values() for p in chain}
        may = self._readable(context, found)
        ends = {
            id_: [package for package in chain if package.id in may]
            for id_, chain in chains.items()
        }
        return {id_: chain[-1] for id_, chain in ends.items() if chain}

    def predecessors(
        self, context: Context, dataset_id: str
    ) -> list[model.Package]:
        """What a dataset replaces, as far as the user may read it.

        Where they may not read one, what that one has replaced; so many at
        most as a page can name.
        """
        may = self._readable(context, self._rows)
        found: list[model.Package] = []
        seen = {dataset_id}
        look = [*self._before.get(dataset_id, ())]
        while look and len(found) < MOST_NAMED:
            id_ = look.pop(0)
            if id_ in seen:
                continue
            seen.add(id_)
            if id_ in may:
                found.append(package_of(self._rows[id_]))
            else:
                look += self._before.get(id_, ())
        return found

    def named(self, context: Context, dataset_id: str) -> model.Package | None:
        """What a dataset is said to be replaced by, if that may be read."""
        after = self._after.get(dataset_id, "")
        if after in self._rows and self._readable(context, [after]):
            return package_of(self._rows[after])
        return None

    def _chain(self, dataset_id: str) -> list[model.Package]:
        found: list[model.Package] = []
        seen = {dataset_id}
        while (after := self._after.get(dataset_id)) and after not in seen:
            seen.add(after)
            if row := self._rows.get(after):
                found.append(package_of(row))
            dataset_id = after
        return found

    def _readable(self, context: Context, ids: Collection[str]) -> set[str]:
        return readable(
            context,
            [
                package
                for id_ in ids
                if is_dataset(package := package_of(self._rows[id_]))
            ],
        )


def is_dataset(package: model.Package) -> bool:
    """Whether a package is one that can replace another one."""
    return package.type != PROJECT_TYPE and package.state == model.State.ACTIVE


def package_of(row: Any) -> model.Package:
    """A package of a row that has `COLUMNS`; the session knows nothing of it.

    Plugins that say who may read packages are asked with it.
    """
    return model.Package(**{name: getattr(row, name) for name in COLUMNS})


def dictize(package: model.Package) -> dict[str, str]:
    """What the API says of a dataset that another one leads to."""
    return {
        "id": package.id,
        "name": package.name,
        "title": package.title or package.name,
        "type": package.type,
    }


def of(dataset_ids: Collection[str], *, both_ways: bool = False) -> Chains:
    """The chains of some datasets; one SQL statement.

    :param both_ways: also what leads to them
    """
    if not dataset_ids:
        return Chains([])
    wanted = sa.select(
        sa.func.unnest(sa.cast([*dataset_ids], sa.ARRAY(sa.UnicodeText)))
    )
    found = steps(wanted, both_ways=both_ways)
    other = _package_of(found)
    query = (
        sa.select(found.c.dataset_id, found.c.successor_id, *other.c)
        .select_from(found)
        .outerjoin(other, sa.true())
        .order_by(found.c.step, found.c.dataset_id)
    )
    return Chains(model.Session.execute(query))


def with_links(
    side: Side, package_id: str, most: int
) -> tuple[list[Link], Chains]:
    """The links of a package, and the chains around its datasets.

    One SQL statement, as `Link.of` and `of` would be each.

    :param side: which side the package is
    :param package_id: its id
    :param most: how many links at most
    :returns: the links, the oldest first
    """
    links = (
        sa.select(Link)
        .where(Link.column(side) == package_id)
        .order_by(Link.created, Link.project_id, Link.dataset_id)
        .limit(most)
        .cte("links")
    )
    is_dataset_page = side is Side.DATASET
    wanted = (
        sa.select(sa.literal(package_id, sa.UnicodeText))
        if is_dataset_page
        else sa.select(links.c.dataset_id)
    )
    found = steps(wanted, both_ways=is_dataset_page)
    link = aliased(Link, links)
    # Links and steps are rows of their own, as there may be none of either.
    apart = sa.outerjoin(link, found, sa.false(), full=True)
    other = _package_of(found)
    query = (
        sa.select(link, found.c.dataset_id, found.c.successor_id, *other.c)
        .select_from(apart)
        .outerjoin(other, sa.true())
        .order_by(
            link.created,
            link.project_id,
            link.dataset_id,
            found.c.step,
            found.c.dataset_id,
        )
    )
    rows = model.Session.execute(query).all()
    return [row[0] for row in rows if row[0] is not None], Chains(rows)


def ends(
    context: Context, dataset_ids: Collection[str]
) -> dict[str, model.Package]:
    """What replaces some datasets now; see `Chains.ends`."""
    return of(dataset_ids).ends(context, dataset_ids)


def around(context: Context, found: Chains, dataset_id: str) -> dict[str, Any]:
    """What the API says of the datasets around one.

    :param found: its chains, both ways
    """
    end = found.ends(context, [dataset_id]).get(dataset_id)
    before = found.predecessors(context, dataset_id)
    return {
        "successor": dictize(end) if end else None,
        "predecessors": [dictize(package) for package in before],
    }


def unchanged(row: Successor) -> list[str]:
    """Where a chain leads as long as nothing else changes on the way.

    :param row: its first step, which changes nothing else
    :returns: ids of datasets, the furthest first
    """
    found = [row.successor_id]
    while len(found) < MOST_STEPS:
        after = model.Session.get(Successor, found[0])
        if after is None or not after.unchanged:
            break
        found.insert(0, after.successor_id)
    return found


def _package_of(found: Any) -> sa.FromClause:
    """The package that a step leads to.

    One by one, by its key: else the database reads all packages.
    """
    package = model.package_table.c
    return (
        sa.select(*(package[name] for name in COLUMNS))
        .where(package.id == found.c.other_id)
        .limit(1)
        .lateral("other")
    )

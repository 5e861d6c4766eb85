"""Which dataset another one may have become.

A harvester that deletes a dataset and creates it anew gives it another id,
and CKAN perhaps another name: `trees1` instead of `trees`. What agrees within
the same organisation tells: the name, an identifier, the source, or the
addresses of the resources.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from ..config import PROJECT_TYPE
from ..lib.ckan import Context, model
from ..lib.permissions import readable
from ..links.model import Link
from . import chains

#: Extras that identify a dataset, as ckanext-dcat and ckanext-harvest write
#: them.
IDENTIFIERS = ("identifier", "guid", "uri")

#: The sign that tells most.
IDENTIFIED = 1

#: So many are offered for one dataset.
MOST = 3

#: What agrees with more datasets, as an address that all of an office have,
#: tells nothing.
MOST_ALIKE = 3

#: So many resources of a dataset are compared.
MOST_RESOURCES = 20

#: For so many lost datasets of a project something is offered.
MOST_LOST = 20

#: A number at the end of a name that CKAN has added, as the name was taken.
NUMBER = "[-_]?[0-9]{1,2}"


@dataclass(frozen=True)
class Facts:
    """What is known of a dataset that may be gone by now."""

    id: str
    owner_org: str | None
    name: str
    title: str = ""
    url: str = ""
    identifiers: Sequence[str] = ()
    resource_urls: Sequence[str] = ()


class Guess(NamedTuple):
    """A dataset that another one may have become.

    :param lost: id of that other one
    :param found: the dataset; who may read it is for the caller to ask
    :param created: when it was created, in UTC
    :param is_identified: whether an identifier says so
    """

    lost: str
    found: model.Package
    created: datetime.datetime
    is_identified: bool


def likely(lost: Collection[Facts]) -> list[Guess]:
    """What some datasets may have become; one SQL statement for all.

    Only datasets that are there, and of the same organisation. An identifier
    tells more than a name, that more than resources, and these more than the
    source.

    :param lost: what is known of the datasets
    :returns: a few for each of them, the likeliest first
    """
    if not lost:
        return []
    package = model.package_table.c
    known = _known(lost)
    signs = sa.union_all(*_signs(known, _datasets(known))).cte("signs")
    # How many agree in the same.
    counted = sa.select(
        signs,
        sa.func.count()
        .over(partition_by=(signs.c.lost, signs.c.sign))
        .label("alike"),
    ).cte("counted")
    best = (
        sa.select(
            counted.c.lost,
            counted.c.found,
            sa.func.min(counted.c.sign).label("sign"),
        )
        .where(counted.c.alike <= MOST_ALIKE)
        .group_by(counted.c.lost, counted.c.found)
        .cte("best")
    )
    query = (
        sa.select(
            best.c.lost,
            best.c.sign,
            package.metadata_created,
            *(package[name] for name in chains.COLUMNS),
        )
        .join(best, best.c.found == package.id)
        .order_by(
            best.c.lost,
            best.c.sign,
            package.metadata_created.desc(),
            package.id,
        )
    )
    guesses: dict[str, list[Guess]] = {}
    for row in model.Session.execute(query):
        guesses.setdefault(row.lost, []).append(
            Guess(
                row.lost,
                chains.package_of(row),
                row.metadata_created,
                row.sign == IDENTIFIED,
            )
        )
    return [guess for found in guesses.values() for guess in found]


def offered(
    context: Context, lost: Collection[Facts]
) -> dict[str, list[model.Package]]:
    """The same, as far as the user may read it, by the ids of the lost."""
    guesses = likely(lost)
    may = readable(context, [guess.found for guess in guesses])
    found: dict[str, list[model.Package]] = {}
    for guess in guesses:
        if guess.found.id in may:
            found.setdefault(guess.lost, []).append(guess.found)
    return {id_: packages[:MOST] for id_, packages in found.items()}


def facts_of(dataset_ids: Collection[str]) -> list[Facts]:
    """What is known of some datasets that are there, or deleted."""
    table = model.package_table.c
    resource = model.resource_table.c
    urls = (
        sa.select(resource.url)
        .where(resource.package_id == table.id, resource.url != "")
        .order_by(resource.position)
        .limit(MOST_RESOURCES)
        .correlate(model.package_table)
    )
    query = sa.select(
        table.id,
        table.owner_org,
        table.name,
        table.title,
        table.url,
        table.extras,
        sa.func.array(urls.scalar_subquery()).label("urls"),
    ).where(table.id.in_(dataset_ids))
    return [_facts(row) for row in model.Session.execute(query)]


def lost(project_id: str) -> list[Facts]:
    """What is known of datasets of a project that were deleted.

    Of the oldest links.
    """
    table = model.package_table.c
    query = (
        sa.select(Link.dataset_id)
        .join(model.package_table, table.id == Link.dataset_id)
        .where(
            Link.project_id == project_id,
            table.state == model.State.DELETED,
        )
        .order_by(Link.created, Link.dataset_id)
        .limit(MOST_LOST)
    )
    ids = [*model.Session.scalars(query)]
    found = {facts.id: facts for facts in facts_of(ids)} if ids else {}
    return [found[id_] for id_ in ids if id_ in found]


def _facts(row: Any) -> Facts:
    extras = row.extras or {}
    return Facts(
        row.id,
        row.owner_org,
        row.name,
        row.title or "",
        row.url or "",
        [extras[key] for key in IDENTIFIERS if extras.get(key)],
        row.urls,
    )


def _known(lost: Iterable[Facts]) -> sa.TableValuedAlias:
    """What is known of some datasets, as a table."""
    values = [
        {
            **asdict(facts),
            "title": facts.title.strip().lower(),
            "identifiers": [*filter(None, facts.identifiers)],
            "resource_urls": [*filter(None, facts.resource_urls)],
        }
        for facts in lost
    ]
    rows = sa.cast(sa.literal(json.dumps(values), sa.UnicodeText), JSONB)
    columns = [sa.column(name, sa.UnicodeText) for name in ("id", "owner_org")]
    columns += [
        sa.column(name, sa.UnicodeText) for name in ("name", "title", "url")
    ]
    lists = [sa.column(n, JSONB) for n in ("identifiers", "resource_urls")]
    return (
        sa.func.jsonb_to_recordset(rows)
        .table_valued(*columns, *lists, name="known")
        .render_derived(with_types=True)
    )


def _datasets(known: sa.TableValuedAlias) -> sa.CTE:
    """The datasets of the same organisations.

    They are read once, whatever they are compared by.
    """
    package = model.package_table.c
    return (
        sa.select(
            package.id,
            package.owner_org,
            package.name,
            package.title,
            package.url,
            package.extras,
        )
        .where(
            package.owner_org.in_(sa.select(known.c.owner_org)),
            package.state == model.State.ACTIVE,
            package.type != PROJECT_TYPE,
        )
        .cte("datasets")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )


def _signs(known: sa.TableValuedAlias, datasets: sa.CTE) -> list[sa.Select]:
    """What says that datasets are the same: which, and by which sign.

    The lower the number of a sign, the more it tells.

    :param datasets: those that are compared
    """
    dataset = datasets.c
    resource = model.resource_table.c
    identifiers = [
        known.c.identifiers.op("?")(dataset.extras.op("->>")(key))
        for key in IDENTIFIERS
    ]
    is_numbered = sa.or_(
        _is_numbered(dataset.name, known.c.name),
        _is_numbered(known.c.name, dataset.name),
    )
    # A number that CKAN has added, and one that tells districts apart, look
    # the same. The title comes first: a pattern for each dataset of a large
    # organisation takes long.
    names = sa.or_(
        dataset.name == known.c.name,
        sa.and_(
            sa.func.lower(sa.func.trim(dataset.title)) == known.c.title,
            is_numbered,
        ),
    )
    urls = sa.and_(known.c.url != "", dataset.url == known.c.url)
    by_sign = [
        _sign(number, known, datasets, condition)
        for number, condition in (
            (IDENTIFIED, sa.or_(*identifiers)),
            (2, names),
            (4, urls),
        )
    ]
    files = (
        _sign(3, known, datasets, sa.true())
        .distinct()
        .join(model.resource_table, resource.package_id == dataset.id)
        .where(
            resource.state == model.State.ACTIVE,
            known.c.resource_urls.op("?")(resource.url),
        )
    )
    return [*by_sign, files]


def _sign(
    number: int,
    known: sa.TableValuedAlias,
    datasets: sa.CTE,
    condition: sa.ColumnElement[bool],
) -> sa.Select:
    dataset = datasets.c
    same = sa.and_(
        dataset.owner_org == known.c.owner_org, dataset.id != known.c.id
    )
    return (
        sa.select(
            known.c.id.label("lost"),
            dataset.id.label("found"),
            sa.literal(number).label("sign"),
        )
        .select_from(known)
        .join(datasets, sa.and_(same, condition))
    )


def _is_numbered(
    longer: sa.ColumnElement[str], shorter: sa.ColumnElement[str]
) -> sa.ColumnElement[bool]:
    """Whether a name is another one with a number at its end.

    Names have no signs that mean something in a pattern.
    """
    return longer.op("~")(sa.func.concat("^", shorter, NUMBER, "$"))

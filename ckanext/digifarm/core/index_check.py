"""Where the index and the database say different things of projects.

The database is right. The index falls behind where a job is lost, or where
something dies between the two.
"""

from __future__ import annotations

import datetime
import heapq
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa

from ..config import PROJECT_TYPE
from ..lib import index as lib_index
from ..lib import jobs
from ..lib.ckan import make_connection, model, solr_literal
from ..projects import search as project_search
from ..support.model import Support

#: How many documents one request asks Solr for.
PAGE = 1000

MISSING = "missing in Solr"
LEFT_OVER = "left over in Solr"


@dataclass(frozen=True)
class Entry:
    """What both sides know of a project, in the order in which it is named.

    :param organization: its name, or None
    :param modified: as precise as Solr is, in milliseconds
    :param partners: titles of those that support the project now
    :param is_stored: whether the database says so, or the index
    """

    name: str
    state: str
    private: bool
    organization: str | None
    modified: datetime.datetime
    partners: frozenset[str]
    is_stored: bool = field(compare=False)


@dataclass(frozen=True)
class Difference:
    """A project on which the two sides don't agree.

    :param id: its id
    :param name: its name; in the database, if it is there
    :param what: what is wrong, in a few words
    """

    id: str
    name: str
    what: str

    def __str__(self) -> str:
        return f"{self.name} ({self.id}): {self.what}"


def differences() -> list[Difference]:
    """Compare both sides, by one SQL statement and one request a page.

    Both are read side by side, by their ids: neither is held as a whole. What
    is changed at this moment may be among them; it isn't next time.

    :returns: the differences, by the projects' names
    :raises pysolr.SolrError: where Solr doesn't answer
    """
    found = []
    both = heapq.merge(_stored(), _indexed(), key=_id)
    for id_, pairs in itertools.groupby(both, key=_id):
        entries = [entry for _, entry in pairs]
        sides = {entry.is_stored: entry for entry in entries}
        if what := _difference(sides.get(True), sides.get(False)):
            # The database, if it knows the project, is read first.
            found.append(Difference(id_, entries[0].name, what))
    return sorted(found, key=lambda difference: difference.name)


def _id(pair: tuple[str, Entry]) -> str:
    return pair[0]


def repair(found: Iterable[Difference]) -> list[tuple[Difference, str]]:
    """Let the index say what the database says now.

    :param found: the projects that need it
    :returns: those for which it can't be done, and why
    :raises pysolr.SolrError: where Solr doesn't answer at the end
    """
    failures = [
        (difference, reason)
        for difference in found
        if (reason := _failure(difference))
    ]
    # Core leaves it to Solr where `ckan.search.solr_commit` is off.
    make_connection().commit()
    return failures


def repair_later(found: Iterable[Difference]) -> None:
    """Note what is needed for the same; commits nothing.

    :param found: the projects that need it; those that can't be repaired wait
        to be tried again already
    """
    waiting = jobs.waiting(lib_index.REINDEX)
    ids = [one.id for one in found if one.id not in waiting]
    jobs.later_each(lib_index.REINDEX, ids)


def _failure(difference: Difference) -> str:
    """Why a project can't be repaired, or "" as it has been."""
    try:
        lib_index.reindex(difference.id)
        # Others wait for the project.
        model.Session.commit()
    # Whatever is wrong with one project must not hold up the others.
    except Exception as e:  # noqa: BLE001
        model.Session.rollback()
        return f"{type(e).__name__}: {e}"
    return ""


def _difference(stored: Entry | None, indexed: Entry | None) -> str:
    if indexed is None:
        return MISSING
    if stored is None:
        return LEFT_OVER
    different = [
        one.name
        for one in fields(Entry)
        if one.compare
        and getattr(stored, one.name) != getattr(indexed, one.name)
    ]
    return f"differs in {', '.join(different)}" if different else ""


def _stored() -> Iterator[tuple[str, Entry]]:
    """What the index should say, by the projects' ids, in their order."""
    package, group = model.package_table.c, model.group_table.c
    query = (
        sa.select(
            package.id,
            package.name,
            package.state,
            package.private,
            group.name.label("organization"),
            package.metadata_modified,
            Support.titles_of(package.id).label("partners"),
        )
        # Core gives deleted organisations to nobody.
        .outerjoin(
            model.Group,
            (group.id == package.owner_org)
            & (group.state == model.State.ACTIVE),
        )
        .where(package.type == PROJECT_TYPE)
        # As Solr sorts.
        .order_by(package.id.collate("C"))
        .execution_options(yield_per=PAGE)
    )
    if tk.config["ckan.search.remove_deleted_packages"]:
        query = query.where(package.state != model.State.DELETED)
    for row in model.Session.execute(query):
        yield (
            row.id,
            Entry(
                name=row.name,
                state=row.state,
                private=row.private,
                organization=row.organization,
                modified=_in_milliseconds(row.metadata_modified),
                partners=frozenset(row.partners),
                is_stored=True,
            ),
        )


def _indexed() -> Iterator[tuple[str, Entry]]:
    """What the index says, by the projects' ids, in their order."""
    site = solr_literal(tk.config["ckan.site_id"])
    # Its iterator asks for the next page, as long as there is one.
    documents = make_connection(decode_dates=False).search(
        "*:*",
        fq=[
            f"+site_id:{site}",
            "+entity_type:package",
            f"+dataset_type:{PROJECT_TYPE}",
        ],
        fl=(
            "id,name,state,capacity,organization,metadata_modified,"
            f"vocab_{project_search.PARTNER}"
        ),
        rows=PAGE,
        sort="id asc,index_id asc",
        cursorMark="*",
    )
    for document in documents:
        yield document["id"], _entry(document)


def _entry(document: dict[str, Any]) -> Entry:
    modified = document["metadata_modified"].removesuffix("Z")
    return Entry(
        name=document["name"],
        state=document["state"],
        private=document["capacity"] == "private",
        organization=document.get("organization"),
        modified=datetime.datetime.fromisoformat(modified),
        partners=frozenset(
            document.get(f"vocab_{project_search.PARTNER}", ())
        ),
        is_stored=False,
    )


def _in_milliseconds(time: datetime.datetime) -> datetime.datetime:
    milliseconds = time.microsecond // 1000
    return time.replace(microsecond=milliseconds * 1000)

"""Where the index and the database say different things of projects.

The database is right. The index falls behind where a job is lost, or where
something dies between the two.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa

from ckan import model
from ckan.lib.search.common import make_connection
from ckan.lib.search.query import solr_literal

from ..config import PROJECT_TYPE
from ..lib import index as lib_index
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
    """

    name: str
    state: str
    private: bool
    organization: str | None
    modified: datetime.datetime
    partners: frozenset[str]


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
    """Compare both sides, by two SQL statements and one request a page.

    What is changed at this moment may be among them; it isn't next time.

    :returns: the differences, by the projects' names
    :raises pysolr.SolrError: where Solr doesn't answer
    """
    indexed = dict(_indexed())
    stored = dict(_stored())
    found = [
        Difference(id_, entry.name, what)
        for id_, entry in (indexed | stored).items()
        if (what := _difference(stored.get(id_), indexed.get(id_)))
    ]
    return sorted(found, key=lambda difference: difference.name)


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


def _failure(difference: Difference) -> str:
    """Why a project can't be repaired, or "" as it has been."""
    try:
        lib_index.reindex(difference.id)
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
        field.name
        for field in fields(Entry)
        if getattr(stored, field.name) != getattr(indexed, field.name)
    ]
    return f"differs in {', '.join(different)}" if different else ""


def _stored() -> Iterator[tuple[str, Entry]]:
    """What the index should say, by the projects' ids."""
    package, group = model.package_table.c, model.group_table.c
    query = (
        sa.select(
            package.id,
            package.name,
            package.state,
            package.private,
            group.name.label("organization"),
            package.metadata_modified,
        )
        # Core gives deleted organisations to nobody.
        .outerjoin(
            model.Group,
            (group.id == package.owner_org)
            & (group.state == model.State.ACTIVE),
        )
        .where(package.type == PROJECT_TYPE)
    )
    if tk.config["ckan.search.remove_deleted_packages"]:
        query = query.where(package.state != model.State.DELETED)
    partners = Support.titles_by_project()
    for row in model.Session.execute(query):
        yield (
            row.id,
            Entry(
                name=row.name,
                state=row.state,
                private=row.private,
                organization=row.organization,
                modified=_in_milliseconds(row.metadata_modified),
                partners=frozenset(partners.get(row.id, ())),
            ),
        )


def _indexed() -> Iterator[tuple[str, Entry]]:
    """What the index says, by the projects' ids."""
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
        sort="index_id asc",
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
    )


def _in_milliseconds(time: datetime.datetime) -> datetime.datetime:
    milliseconds = time.microsecond // 1000
    return time.replace(microsecond=milliseconds * 1000)

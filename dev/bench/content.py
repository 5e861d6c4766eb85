"""Fills a portal by bulk: rows by SQL, and one rebuild of the index."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import ckantoolkit as tk
import pysolr
import sqlalchemy as sa

from ckan import model
from ckan.lib import search
from ckan.lib.search.common import make_connection
from ckan.tests.helpers import call_action
from ckanext.digifarm.confirmations.mails import linked, token_of
from ckanext.digifarm.confirmations.model import Confirmation
from ckanext.digifarm.lib.due_work import ALL
from ckanext.digifarm.lib.tokens import Purpose, make
from ckanext.digifarm.links import use_counts
from ckanext.digifarm.statistics import aggregating
from ckanext.digifarm.support.mails import named_token
from ckanext.digifarm.support.model import Support

from .rows import STATEMENTS
from .sizes import Sizes

#: So many documents go to Solr at once.
BATCH = 500

ORGANIZATIONS = ("alone", "city", "team")

#: Who looks at pages: an editor of the organisation that has all projects, an
#: owner of some, and a reviewer of the team.
EDITORS = {"editor": "city", "reviewer": "team"}
USERS = ("editor", "owner", "reviewer", "admin")


def fill(sizes: Sizes, *, with_people: bool = True) -> None:
    """Fill an empty portal, or add what a bigger one has more.

    :param sizes: how much there is in the end
    :param with_people: whether organisations and users are still to be made
    """
    if with_people:
        _add_people()
    values = {**vars(sizes), **_ids()}
    for what, statement in STATEMENTS.items():
        started = time.perf_counter()
        model.Session.execute(sa.text(statement), values)
        _say(f"{what}: {_since(started)}")
    model.Session.execute(
        sa.text(
            "INSERT INTO package_member SELECT id, :owner, 'editor',"
            " now() FROM package WHERE type = 'civic_project' AND NOT"
            " private ORDER BY name LIMIT :shown ON CONFLICT DO NOTHING"
        ),
        values,
    )
    use_counts.recount(ALL)
    started = time.perf_counter()
    aggregating.rebuild()
    _say(f"numbers: {_since(started)}")
    model.Session.commit()
    with model.ensure_engine().connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(
            sa.text("VACUUM ANALYZE")
        )
    started = time.perf_counter()
    with _batches():
        search.rebuild(defer_commit=True, quiet=True)
    search.commit()
    _say(f"index: {_since(started)}")
    model.Session.remove()


def things() -> dict[str, str]:
    """What the addresses of pages name, by the words of pages.py."""
    scalar = model.Session.scalar
    key = "key-of-the-benchmark"

    def id_of(text: str) -> Any:
        return scalar(sa.select(sa.func.md5(text).cast(sa.UUID).cast(sa.Text)))

    support, offer = id_of("offer-0"), id_of("offer-1")
    proposal, changes = id_of("proposal-1"), id_of("proposal-2")
    return {
        "site": tk.config["ckan.site_url"],
        "project": "project-1",
        "dataset": "dataset-1",
        "organization": "city",
        "partner": "partner-1",
        "other_partner": "partner-2",
        "task": id_of("own-task-1"),
        "support": support,
        "proposal": proposal,
        "changes": changes,
        "own_proposal": proposal,
        "own_partner": id_of("new-1"),
        "own_task": id_of("mine-1"),
        "done_task": id_of("mine-2"),
        "partner_token": make(Purpose.PARTNER, id_of("partner-1"), ""),
        "support_token": make(Purpose.SUPPORT, offer, key),
        "named_token": _named_token(id_of("support-1")),
        "confirm_token": make(
            Purpose.SUPPORT_CONFIRM, id_of("new-offer"), key
        ),
        "task_token": make(Purpose.TASK, id_of("assignment-2"), key),
        "thanks_token": make(Purpose.TASK_DONE, id_of("mine-2"), key),
        "task_confirm_token": make(
            Purpose.TASK_CONFIRM, id_of("assignment-1"), key
        ),
        "question_token": make(
            Purpose.QUESTION_CONFIRM, id_of("question"), key
        ),
        "upload": id_of("import-1"),
        "running_upload": id_of("import-2"),
        "asked": id_of("confirmation-1"),
        "asked_token": _asked_token(id_of("confirmation-1")),
        "undecided": id_of("confirmation-2"),
        "proposal_token": make(Purpose.PROPOSAL, proposal, key),
        "changes_token": make(Purpose.PROPOSAL, changes, key),
    }


def _asked_token(id_: str) -> str:
    row = model.Session.get_one(Confirmation, id_)
    [owner] = [a for a in linked(row) if a.user and a.user.name == "owner"]
    return token_of(row, owner)


def _named_token(support_id: str) -> str:
    return named_token(model.Session.get_one(Support, support_id))


def log_in(name: str) -> dict[str, str]:
    """The headers by which requests are a user's; none for nobody."""
    if not name:
        return {}
    token = call_action(
        "api_token_create", {"user": name}, user=name, name="benchmark"
    )
    return {"Authorization": token["token"]}


def _add_people() -> None:
    site = call_action("get_site_user")["name"]
    for name in USERS:
        call_action(
            "user_create",
            {"user": site},
            name=name,
            email=f"{name}@example.org",
            password="only-for-the-benchmark",  # noqa: S106
        )
    for user in model.Session.query(model.User).filter_by(name="admin"):
        user.sysadmin = True
    model.Session.commit()
    for name in ORGANIZATIONS:
        members = [
            {"name": user, "capacity": "editor"}
            for user, organization in EDITORS.items()
            if organization == name
        ]
        call_action(
            "organization_create", {"user": site}, name=name, users=members
        )


def _ids() -> dict[str, str]:
    """The ids of organisations and users, by their names."""
    found: dict[str, str] = {}
    for names, table in (
        (ORGANIZATIONS, model.Group),
        (USERS, model.User),
    ):
        rows = model.Session.query(table.name, table.id)
        found.update((row[0], row[1]) for row in rows if row[0] in names)
    return found


@contextmanager
def _batches() -> Iterator[None]:
    """Let Solr take documents in batches, as core makes them one by one."""
    waiting: list[dict[str, Any]] = []
    add = pysolr.Solr.add
    done = 0

    def send(solr: pysolr.Solr) -> None:
        nonlocal done
        add(solr, waiting, commit=False)
        done += len(waiting)
        waiting.clear()
        _say(f"index: {done} packages")

    def collect(
        solr: pysolr.Solr, docs: list[dict[str, Any]], **_: Any
    ) -> None:
        waiting.extend(docs)
        if len(waiting) >= BATCH:
            send(solr)

    with mock.patch.object(pysolr.Solr, "add", collect):
        yield
    send(make_connection())


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _since(started: float) -> str:
    return f"{time.perf_counter() - started:.0f} s"

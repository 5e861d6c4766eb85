"""What somebody gets to read who asks what is known of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from ..exchange import privacy as imports
from ..lib import activity, personal, traces, words
from ..lib.ckan import model
from ..lib.events import Event
from ..lib.traces import Trace
from ..lib.waiting import Waiting
from ..lib.words import Words
from ..links import privacy as links
from ..mails import privacy as mails
from ..notes import privacy as notes
from ..notices import privacy as notices
from ..owners import invitation_privacy as invitations
from ..owners import privacy as owners
from ..partners import privacy as partners
from ..partners.model import Partner
from ..proposals import privacy as proposals
from ..proposals import seen
from ..proposals.model import Proposal
from ..questions import privacy as questions
from ..successors import privacy as successors
from ..support import privacy as supports
from ..support.model import Support
from ..tasks import privacy as tasks
from ..tasks.model import Task
from . import known, places
from .known import Known

#: Columns by which a row belongs to what is told anyway.
REFERENCES = ("id", "object_id", "subject_id", "import_id")

#: What may wait for somebody, by the subject's name.
TABLES: dict[str, Any] = {
    "partner": Partner,
    "proposal": Proposal,
    "support": Support,
    "task": Task,
}


def export(email: str) -> dict[str, list[dict[str, Any]]]:
    """All that is stored of whoever has an e-mail address, to be read.

    Projects, partners and tasks are named by their titles; who else did
    something is left out, and so is what makes links work.

    :param email: in any spelling of upper and lower case
    :returns: lists of dictionaries, by what they are about. `mention` are the
        places elsewhere in which the address or the name stands
    """
    person = personal.person(email)
    found = known.of(person)
    return {
        "account": [owners.export(row) for row in found.accounts],
        "proposal": [proposals.export(row) for row in found.proposals],
        "support": [supports.export(row) for row in found.supports],
        "partner": [partners.export(row) for row in found.partners],
        "task": [tasks.export(row) for row in found.tasks],
        "question": [questions.export(row) for row in found.questions],
        "invitation": [invitations.export(row) for row in found.invitations],
        "link": [links.export(row) for row in found.links],
        "successor": [successors.export(row) for row in found.successors],
        "note": [notes.export(row) for row in found.notes],
        "notice": [notices.export(row) for row in found.notices],
        "notice_settings": notices.settings(found.users),
        "waiting": _waiting(found.users),
        "activity": activity.by(found.users),
        "event": personal.events(_done_by(found.users)),
        "import": [imports.export(row) for row in found.imports],
        "mail": [mails.export(row) for row in found.mails],
        "mention": _mentions(email, found) if person.spellings else [],
    }


def _done_by(users: Collection[str]) -> list[Event]:
    """What somebody has done by an account."""
    query = sa.select(Event).where(Event.created_by.in_(users))
    return list(model.Session.scalars(query.order_by(Event.created)))


def _waiting(users: Collection[str]) -> list[dict[str, Any]]:
    """What somebody is expected to do, as an owner or in an office."""
    query = sa.select(Waiting).where(Waiting.user_id.in_(users))
    return [
        {
            "what": row.subject,
            "about": _title(row.subject, row.subject_id),
            "state": row.state,
            "since": row.since,
        }
        for row in model.Session.scalars(query.order_by(Waiting.since))
    ]


def _title(subject: str, id_: str) -> str | None:
    """What is told of something by its project, or by its own title."""
    row = model.Session.get(TABLES[subject], id_)
    project = personal.package(getattr(row, "project_id", None))
    return project["title"] if project else getattr(row, "title", None)


def _mentions(email: str, found: Known) -> list[dict[str, Any]]:
    """The places that nothing else in the export is about."""
    own = found.ids | found.projects
    wanted = [words.of_address(email), *map(words.of_name, found.names())]
    told = {
        places.of(trace, said, frozenset())
        for said, trace in traces.find(wanted)
        if not _is_told(trace, said, own)
    }
    told |= {
        places.of_upload(row)
        for said in wanted
        for row in imports.naming(said)
        if row.id not in own
    }
    return [
        {"where": place.what, "address": place.address}
        for place in sorted(told)
    ]


def _is_told(trace: Trace, said: Words, own: set[str]) -> bool:
    """Whether something else in the export says what a row says."""
    if trace.table is seen.Seen.__table__:
        return not seen.gone(trace.row["project_id"], said)
    return bool({trace.row.get(key) for key in REFERENCES} & own)

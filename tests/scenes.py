"""Where the steps of all lives begin, and what they leave behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from ckan import model
from ckan.model.types import make_uuid
from ckan.tests import factories
from ckan.tests.helpers import call_action
from ckanext.activity.model import Activity
from ckanext.digifarm.confirmations.kinds import short
from ckanext.digifarm.confirmations.model import Confirmation
from ckanext.digifarm.endings.model import Ending
from ckanext.digifarm.exchange.model import Import
from ckanext.digifarm.lib import clock, tokens
from ckanext.digifarm.lib.events import Event
from ckanext.digifarm.lib.jobs import Job
from ckanext.digifarm.lib.mail import Mail
from ckanext.digifarm.lib.tokens import Purpose
from ckanext.digifarm.lib.waiting import Waiting
from ckanext.digifarm.links.model import Link
from ckanext.digifarm.owners.model import Invitation
from ckanext.digifarm.partners.model import Partner
from ckanext.digifarm.proposals.model import Proposal
from ckanext.digifarm.questions.model import Question
from ckanext.digifarm.support.model import Support
from ckanext.digifarm.tasks.model import Task, TaskAssignment

from . import offering, proposing
from .uses import forget_uses
from .working import forget_jobs

#: Whoever has nothing but the link.
LINK = "link"

KIM = {"name": "Kim", "email": "kim@example.org", "consent": True}

QUESTION = {**KIM, "message": "Wem gehören die Bäume?"}

PARTNER: dict[str, Any] = {
    "title": "Neuer Verein",
    "kind": "association",
    "contact_name": "Geheime Person",
    "contact_email": "geheim@example.org",
    "consent": True,
}


class KeptProposal:
    """A proposal with its project, to be put back as it was.

    Its way to a state takes several actions, which are long.
    """

    def __init__(self, proposal: Proposal) -> None:
        self.id = proposal.id
        project = proposal.project_id
        #: Of each table the condition that finds the rows, and the rows.
        self._stored = [
            (table, condition, self._rows(table, condition))
            for table, condition in (
                (Proposal, Proposal.id == self.id),
                (Waiting, Waiting.subject_id == self.id),
                (model.Package, model.Package.id == project),
                (model.Member, model.Member.table_id == project),
                (
                    model.PackageMember,
                    model.PackageMember.package_id == project,
                ),
                (Activity, Activity.object_id == project),
            )
        ]

    def _rows(self, table: Any, condition: Any) -> list[dict[str, Any]]:
        query = sa.select(sa.inspect(table).local_table).where(condition)
        return [
            # Else the JSON columns would have a null of their own.
            {k: sa.null() if v is None else v for k, v in row.items()}
            for row in model.Session.execute(query).mappings()
        ]

    def put_back(self) -> None:
        """Make it what it was, whatever has become of it."""
        model.Session.rollback()
        for table, condition, rows in self._stored:
            stored = sa.inspect(table).local_table
            # A project is never gone: others may refer to it.
            is_there = table is model.Package
            if not is_there:
                model.Session.execute(sa.delete(stored).where(condition))
            for row in rows:
                statement = (
                    sa.update(stored).where(condition)
                    if is_there
                    else sa.insert(stored)
                )
                model.Session.execute(statement.values(row))
        model.Session.commit()


#: What steps fill, those first that refer to others.
TABLES = (
    Import,
    Confirmation,
    Ending,
    Invitation,
    TaskAssignment,
    Task,
    Question,
    Support,
    Partner,
    Proposal,
    Link,
    Event,
    Mail,
)


#: Fields of the project that steps write.
OF_STEPS = [
    "stage",
    "help_wanted",
    "confirmed",
    "silent_since",
    "care_sought_since",
]


@dataclass(frozen=True)
class Scene:
    """A portal with people and a project, where nothing has happened yet."""

    people: Mapping[str, str]
    project: Mapping[str, Any]
    #: Id of the organisation that partners belong to.
    organization: str
    #: Proposals as they have come about once, by their states.
    proposals: dict[str, KeptProposal] = field(default_factory=dict)

    def named(self, role: str) -> str:
        """The name of a user; "" for nobody."""
        return self.people.get(role, "")


def create_scene() -> Scene:
    """The people, their organisations and a project; takes a while."""
    people = offering.create_people()
    project_editor = {"name": people["project_editor"], "capacity": "editor"}
    factories.Organization(name="green-office", users=[project_editor])
    editor = {"name": people["partner_editor"], "capacity": "editor"}
    organization = factories.Organization(users=[editor])
    project = offering.create_project(people)
    return Scene(people, project, organization["id"])


def forget_all() -> None:
    """Forget all that has happened, with what waits in queues."""
    model.Session.rollback()
    package = model.package_table
    proposed = sa.select(Proposal.project_id)
    model.Session.execute(
        sa.update(package)
        .where(package.c.id.in_(proposed))
        .values(state="deleted")
    )
    # The project goes on, and nobody has confirmed it or asked for anything.
    model.Session.execute(
        sa.update(package)
        .where(package.c.type == "civic_project")
        .where(package.c.id.not_in(proposed))
        .values(extras=package.c.extras - sa.cast(OF_STEPS, ARRAY(sa.Text)))
    )
    statements = [f"DELETE FROM {table.__tablename__}" for table in TABLES]
    model.Session.execute(sa.text(";".join(statements)))
    # It commits all of this.
    forget_jobs()
    forget_uses()


@dataclass(frozen=True)
class Start:
    """Where a step begins.

    :param row: what it locks
    :param token: of the link by which it may be taken
    :param more: its further parameters
    """

    row: Any
    token: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The id of the row, whatever the session has forgotten."""
        return sa.inspect(self.row).identity[0]


def support(state: str) -> Callable[[Scene], Start]:
    """A support in a state, offered or asked for."""

    def begin(scene: Scene) -> Start:
        is_asked = state == "requested"
        row = Support(
            project_id=scene.project["id"],
            area="technology",
            partner_id=partner("active")(scene).id if is_asked else None,
            state=state,
            token_key=tokens.new_key(),
        )
        if not is_asked:
            user = model.User.get(scene.named("offerer"))
            row.user_id = None if state == "unconfirmed" else user.id
            row.contact_name = "Geheime Person"
            row.contact_email = "offerer@example.org"
            row.language = "en"
            row.consented = clock.now()
        purpose = (
            Purpose.SUPPORT_CONFIRM
            if state == "unconfirmed"
            else Purpose.SUPPORT
        )
        _store(row)
        return Start(row, tokens.make(purpose, row.id, row.token_key))

    return begin


def task(state: str, claim: str = "") -> Callable[[Scene], Start]:
    """A task in a state, with a claim of `other` in another one."""

    def begin(scene: Scene) -> Start:
        row = Task(
            project_id=scene.project["id"],
            title="Alternativtexte schreiben",
            position=1,
            state=state,
        )
        _store(row)
        if not claim:
            return Start(row)
        held = TaskAssignment(
            task_id=row.id,
            name="Kim",
            email="kim@example.org",
            language="en",
            user_id=model.User.get(scene.named("other")).id,
            consented=clock.now(),
            state=claim,
            token_key=tokens.new_key(),
        )
        _store(held)
        purpose = (
            Purpose.TASK_CONFIRM if claim == "unconfirmed" else Purpose.TASK
        )
        token = tokens.make(purpose, held.id, held.token_key)
        return Start(row, token)

    return begin


def question(state: str) -> Callable[[Scene], Start]:
    """A question in a state, of somebody without an account."""

    def begin(scene: Scene) -> Start:
        row = Question(
            project_id=scene.project["id"],
            name="Kim",
            email="kim@example.org",
            message="Wem gehören die Bäume?",
            language="en",
            consented=clock.now(),
            state=state,
            token_key=tokens.new_key(),
        )
        _store(row)
        token = tokens.make(Purpose.QUESTION_CONFIRM, row.id, row.token_key)
        return Start(row, token)

    return begin


def partner(state: str, title: str = "") -> Callable[[Scene], Start]:
    """A partner in a state; those of the directory have an editor."""

    def begin(scene: Scene) -> Start:
        row = Partner(
            name=make_uuid(),
            title=title or "Offene Werkstatt",
            kind="association",
            contact_name="Das Team",
            contact_email="werkstatt@example.org",
            language="en",
            consented=clock.now(),
            state=state,
            token_key=tokens.new_key(),
            organization_id=(
                scene.organization if state in {"active", "deleted"} else None
            ),
        )
        _store(row)
        is_new = state == "unconfirmed"
        purpose = Purpose.PARTNER_CONFIRM if is_new else Purpose.PARTNER
        return Start(row, tokens.make(purpose, row.id, row.token_key))

    return begin


def invitation(state: str) -> Callable[[Scene], Start]:
    """An invitation in a state, to somebody without an account."""

    def begin(scene: Scene) -> Start:
        row = Invitation(
            project_id=scene.project["id"],
            email="kim@example.org",
            language="en",
            state=state,
            token_key=tokens.new_key(),
        )
        _store(row)
        return Start(row, tokens.make(Purpose.CLAIM, row.id, row.token_key))

    return begin


def doubled_partner(scene: Scene) -> Start:
    """A partner of whom there is another entry in the directory."""
    stays = partner("active", "Die offene Werkstatt")(scene)
    goes = partner("active")(scene)
    return Start(goes.row, more={"into": stays.id})


def proposal(state: str) -> Callable[[Scene], Start]:
    """A proposal in a state, of somebody without an account."""

    def begin(scene: Scene) -> Start:
        is_new = state == "unconfirmed"
        if kept := scene.proposals.get(state):
            kept.put_back()
            row = proposing.get(kept.id)
        else:
            row = proposing.propose()
            if not is_new:
                row = proposing.put_into(proposing.confirm(row), state)
            scene.proposals[state] = KeptProposal(row)
        _forget_traces()
        purpose = Purpose.PROPOSAL_CONFIRM if is_new else Purpose.PROPOSAL
        return Start(row, proposing.token_of(row, purpose))

    return begin


def confirmation(state: str) -> Callable[[Scene], Start]:
    """A question to the owner of the project, as far as it waits for one."""

    def begin(scene: Scene) -> Start:
        owner = model.User.get(scene.named("owner"))
        is_asked = state != "answered"
        row = Confirmation(
            subject="project",
            subject_id=scene.project["id"],
            project_id=scene.project["id"],
            asked=clock.now() if is_asked else None,
            began=clock.now() if is_asked else None,
            state=state,
            token_key=tokens.new_key(),
        )
        _store(row)
        named = f"{row.id}/{short(owner.id)}"
        token = tokens.make(Purpose.CONFIRMATION, named, row.token_key)
        return Start(row, token)

    return begin


def upload(state: str) -> Callable[[Scene], Start]:
    """A table that a reviewer has uploaded, in a state."""

    def begin(scene: Scene) -> Start:
        row = Import(
            user_id=model.User.get(scene.named("reviewer")).id,
            filename="liste.csv",
            content=b"Titel\nNeu\n",
            digest="",
            language="en",
            notes=[],
            num_rows=1,
            state=state,
        )
        _store(row)
        return Start(row)

    return begin


def _store(row: Any) -> None:
    model.Session.add(row)
    model.Session.commit()
    model.Session.refresh(row)


def _forget_traces() -> None:
    for table in (Event, Mail):
        model.Session.query(table).delete()
    forget_jobs()


@dataclass(frozen=True)
class StepCase:
    """A step that somebody takes.

    :param name: of the action, without its prefix
    :param source: the state that it starts from, as it is called in tests
    :param begin: brings that about
    :param role: who takes it; `LINK` for who has only the link
    :param target: the state afterwards
    :param again: what they are told who come too late; None where nothing is
        wrong with that
    :param data: further parameters
    """

    name: str
    source: str
    begin: Callable[[Scene], Start]
    role: str
    target: str
    again: Mapping[str, list[str]] | None
    data: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.name}-{self.source}-{self.role}"

    def call(
        self, scene: Scene, start: Start, user: str | None = None, **more: Any
    ) -> Any:
        """Take it.

        :param user: the name of somebody else who does, by its id
        :param more: what else the context says
        """
        is_link = user is None and self.role == LINK
        which = {"token": start.token} if is_link else {"id": start.id}
        name = scene.named(self.role) if user is None else user
        return call_action(
            f"digifarm_{self.name}",
            {"user": name, "ignore_auth": False, **more},
            **which,
            **self.data,
            **start.more,
        )


def state_of(start: Start) -> str:
    """The state of a row, as it is stored."""
    model.Session.rollback()
    model.Session.expire_all()
    return model.Session.get(type(start.row), start.id).state


def events_of_steps() -> list[Event]:
    """The events of steps, without those of projects, links and owners.

    They come of themselves; see projects/test_events.py.
    """
    others = ("link", "owner", "project")
    return (
        model.Session.query(Event).filter(Event.subject.not_in(others)).all()
    )


def traces(*, is_committed: bool = True) -> dict[str, Any]:
    """What steps have left behind: events, mails and jobs.

    :param is_committed: else also what isn't yet
    """
    if is_committed:
        model.Session.rollback()
    return {
        "events": sorted(
            (event.subject, event.target) for event in events_of_steps()
        ),
        "mails": sorted(
            (mail.recipient_email, mail.subject)
            for mail in model.Session.query(Mail)
        ),
        "jobs": sorted({job.kind for job in model.Session.query(Job)}),
    }

"""All rows that are about somebody, of all subjects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..exchange import privacy as imports
from ..exchange.model import Import
from ..lib import personal
from ..lib.ckan import model
from ..lib.events import Subject
from ..lib.mail import Mail
from ..lib.personal import Person
from ..links import privacy as links
from ..links.model import Link
from ..mails import privacy as mails
from ..notes import privacy as notes
from ..notes.model import Note
from ..notices import privacy as notices
from ..notices.model import Notice
from ..owners import invitation_privacy as invitations
from ..owners import privacy as owners
from ..owners.model import Invitation
from ..partners import privacy as partners
from ..partners.model import Partner
from ..proposals import privacy as proposals
from ..proposals.model import Proposal
from ..questions import privacy as questions
from ..questions.model import Question
from ..successors import privacy as successors
from ..successors.model import Successor
from ..support import privacy as supports
from ..support.model import Support
from ..tasks import privacy as tasks
from ..tasks.model import TaskAssignment

#: A shorter name is a part of too many words.
SHORTEST = 2


@dataclass(frozen=True)
class Known:
    """What is stored of somebody.

    :param users: ids of the accounts that they have acted by; also of those
        that have another address by now
    """

    person: Person
    accounts: list[model.User]
    proposals: list[Proposal]
    supports: list[Support]
    partners: list[Partner]
    tasks: list[TaskAssignment]
    questions: list[Question]
    invitations: list[Invitation]
    links: list[Link]
    successors: list[Successor]
    notes: list[Note]
    notices: list[Notice]
    mails: list[Mail]
    imports: list[Import]
    users: frozenset[str]

    @property
    def ids(self) -> set[str]:
        """The ids of all of it, and of the tasks that were taken."""
        return {row.task_id for row in self.tasks} | {
            row.id
            for rows in (
                self.accounts,
                self.proposals,
                self.supports,
                self.partners,
                self.tasks,
                self.questions,
                self.invitations,
                self.notes,
                self.notices,
                self.mails,
                self.imports,
            )
            for row in rows
        }

    @property
    def projects(self) -> set[str]:
        """The ids of the projects that they have proposed."""
        return {row.project_id for row in self.proposals if row.project_id}

    def names(self, more: Iterable[str] = ()) -> list[str]:
        """What they are called, in lower case.

        :param more: names that only others know
        """
        found = {
            *more,
            *(user.fullname for user in self.accounts),
            *(row.proposer_name for row in self.proposals),
            *(row.contact_name for row in self.supports),
            *(row.person for row in self.supports),
            *(row.contact_name for row in self.partners),
            *(row.name for row in self.tasks),
            *(row.name for row in self.questions),
            *(mail.recipient_name for mail in self.mails),
        }
        folded = {
            " ".join(name.split()).lower()
            for name in found
            if name and "@" not in name
        }
        return sorted(name for name in folded if len(name) >= SHORTEST)


def of(person: Person) -> Known:
    """All that is stored of somebody."""
    own = {
        Subject.PROPOSAL: proposals.of(person),
        Subject.SUPPORT: supports.of(person),
        Subject.TASK: tasks.of(person),
        Subject.QUESTION: questions.of(person),
    }
    acted = {
        personal.unclaimed(row.user_id, subject, row.id)
        for subject, rows in own.items()
        for row in rows
    }
    users = frozenset({*person.accounts, *filter(None, acted)})
    return Known(
        person,
        owners.of(person),
        own[Subject.PROPOSAL],
        own[Subject.SUPPORT],
        partners.of(person),
        own[Subject.TASK],
        own[Subject.QUESTION],
        invitations.of(person),
        links.of(users),
        successors.of(users),
        notes.of(users),
        notices.of(users),
        mails.of(person),
        imports.of(users),
        users,
    )

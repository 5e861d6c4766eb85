"""How somebody is forgotten who asks for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

from ..exchange import privacy as imports
from ..handover import privacy as handover
from ..lib import jobs, personal, traces, words
from ..lib.ckan import model
from ..lib.events import Event
from ..lib.index import REINDEX
from ..lib.traces import Trace
from ..lib.words import Words
from ..links import privacy as links
from ..mails import privacy as mails
from ..notes import privacy as notes
from ..notices import privacy as notices
from ..owners import invitation_privacy as invitations
from ..owners import privacy as owners
from ..partners import privacy as partners
from ..projects import privacy as projects
from ..proposals import privacy as proposals
from ..proposals import seen
from ..proposals.model import undecided
from ..questions import privacy as questions
from ..successors import privacy as successors
from ..support import privacy as supports
from ..tasks import privacy as tasks
from . import known, places
from .known import Known
from .places import Place

#: What the names of our tables begin with.
OURS = "digifarm_"

#: Columns of ours that hold what somebody is called who has an address there.
NAMES = frozenset({"contact_name", "proposer_name", "name", "recipient_name"})

#: Columns by which a row belongs to a proposal or its project.
REFERENCES = ("id", "object_id", "subject_id", "project_id", "proposal_id")


@dataclass
class Outcome:
    """What came of it.

    :param counts: how many rows were changed or deleted, by table
    :param covered: the texts that the address or the name was taken out of
    :param left: where the name still stands, and what of CKAN holds the
        address: somebody has to decide on that
    :param failed: ids of proposals that could not be purged
    :param is_indexed: whether the search index says so already
    """

    counts: Counter[str] = field(default_factory=Counter)
    covered: list[Place] = field(default_factory=list)
    left: list[Place] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    is_indexed: bool = True


class Interrupted(Exception):  # noqa: N818 – what was done is done
    """Somebody is forgotten in part; another run does the rest.

    :param names: what they are called, which the next run may find nowhere
    """

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self.names = names


def erase(
    email: str,
    *,
    names: Collection[str] = (),
    with_account: bool = False,
    cover_names: bool = False,
    dry_run: bool = False,
) -> Outcome:
    """Forget whoever has an e-mail address; commits.

    What they never confirmed is deleted, and so is what still waits: a
    registration, a partner that only they have named. An offer that waits is
    withdrawn, without a mail. What is accepted goes on, by a private person
    without a name, or by a partner without a contact. Tasks that they have
    taken are open again, without a mail. A proposal that waits is withdrawn,
    without a mail, and what was not approved is purged with its project; an
    approved project stays, without them as its contact. An account that was
    made for them and that they don't use is deleted.

    Wherever else in projects and in tables of ours the address stands, it is
    covered. Names are covered in what they have written of their support, and
    in the history of projects that they have proposed, or that had the
    address; other places are told.

    :param email: in any spelling of upper and lower case
    :param names: what they are called besides what is known
    :param cover_names: also cover the names wherever the address is covered
    :param with_account: also close the accounts that they use
    :param dry_run: find out what would happen, and change nothing
    :raises Interrupted: where it fails midway
    """
    person = personal.person(email)
    if not person.spellings:
        return Outcome()
    found = known.of(person)
    called = found.names(names)
    run = _Run(found, words.of_address(email), called)
    try:
        run.forget(with_account=with_account, dry_run=dry_run)
        run.look(cover_names=cover_names)
    except Exception as e:
        model.Session.rollback()
        raise Interrupted(called) from e
    if dry_run:
        model.Session.rollback()
    else:
        model.Session.commit()
        # Nobody has to wait for pictures elsewhere.
        jobs.run(kinds=[REINDEX])
        run.outcome.is_indexed = not run.covered & jobs.waiting(REINDEX)
    run.outcome.counts = +run.outcome.counts
    run.outcome.covered.sort()
    run.outcome.left.sort()
    return run.outcome


class _Run:
    """Somebody who is being forgotten."""

    def __init__(self, found: Known, address: Words, names: list[str]) -> None:
        self.outcome = Outcome()
        self._person = found.person
        self._users = found.users
        self._address = address
        self._names = [words.of_name(name) for name in names]
        # As rows are gone by the time that these are needed.
        self._offers = [row.id for row in found.supports]
        self._about = {
            *self._offers,
            *(row.id for row in found.proposals),
            *(row.id for row in found.partners),
            *(row.id for row in found.questions),
            *(row.id for row in found.invitations),
            *(row.partner_id for row in found.supports if _is_new(row)),
        }
        self._projects = found.projects
        #: Ids of the projects that say something else by now.
        self.covered: set[str] = set()
        #: The same of partners.
        self._partners: set[str] = set()
        #: And of folders for handing over, by their projects.
        self._folders: set[str] = set()
        #: What a dry run only counts.
        self._going = {
            id_
            for row in found.proposals
            if proposals.goes(row)
            for id_ in (row.id, row.project_id)
            if id_
        }

    def forget(self, *, with_account: bool, dry_run: bool) -> None:
        """Forget them in all subjects; commits mails and proposals."""
        counts = self.outcome.counts
        counts["mail"] = mails.erase(self._person, self._address, self._about)
        if not dry_run:
            model.Session.commit()
        # Each is a transaction of its own.
        counts["proposal"], self.outcome.failed = proposals.erase(
            self._person, dry_run=dry_run
        )
        # Partners before supports, as merging locks them in this order.
        counts["partner"] = partners.erase(self._person, self._offers)
        counts["support"] = supports.erase(self._person, self._names)
        counts["task"] = tasks.erase(self._person)
        counts["question"] = questions.erase(self._person)
        counts["invitation"] = invitations.erase(self._person)
        counts["link"] = links.erase(self._users)
        counts["successor"] = successors.erase(self._users)
        counts["note"] = notes.erase(self._users)
        counts["import"] = imports.erase(self._users)
        counts["event"] = _forget_events(self._users)
        counts["account"] = owners.erase(self._person, with_used=with_account)
        # Only now it is known which accounts nobody uses any more.
        counts["notice"] = notices.erase(self._users)

    def look(self, *, cover_names: bool) -> None:
        """Cover the address, and tell where the name stands."""
        # A copy of what is looked at where it comes from.
        seen.forget([self._address, *self._names])
        self._forget_uploads(cover_names=cover_names)
        for trace in self._find([self._address]):
            if not self._cover(trace, self._address):
                self._tell(trace, self._address)
        for name, trace in self._find_with(self._names):
            is_ours = cover_names or self._is_own_history(trace)
            if not (is_ours and self._cover_name(trace, name)):
                self._tell(trace, name)
        # What the session has read says something else by now.
        model.Session.flush()
        model.Session.expire_all()
        partners.index_words(self._partners)
        handover.look_again(self._folders)

    def _forget_uploads(self, *, cover_names: bool) -> None:
        """Delete the files that have the address; tell which have the name."""
        gone = imports.delete(imports.naming(self._address))
        for name in self._names:
            for row in imports.naming(name):
                if cover_names:
                    gone += imports.delete([row])
                elif (place := places.of_upload(row)) not in self.outcome.left:
                    self.outcome.left.append(place)
        self.outcome.counts["import"] += gone

    def _find(self, wanted: list[Words]) -> Iterator[Trace]:
        for _, trace in self._find_with(wanted):
            yield trace

    def _find_with(self, wanted: list[Words]) -> Iterator[tuple[Words, Trace]]:
        for found, trace in traces.find(wanted):
            ids = {trace.row.get(key) for key in REFERENCES}
            if not ids & self._going:
                yield found, trace

    def _cover(self, trace: Trace, words: Words) -> bool:
        """Cover words in a project, or in a table of ours.

        :returns: whether they are gone
        """
        place = places.of(trace, words, self._person.accounts)
        if projects.is_of_project(trace):
            said = projects.cover(trace, words)
            self.covered.add(projects.id_of(trace))
        elif trace.table.name.startswith(OURS):
            said = trace.cover(words)
            self._partners |= partners.ids_of(trace)
            self._folders |= handover.ids_of(trace)
        else:
            return False
        if all(said[name] == trace.row[name] for name in trace.columns):
            return False
        self.outcome.counts["text"] += 1
        done = place._replace(reason="")
        if done not in self.outcome.covered:
            self.outcome.covered.append(done)
        return not words.are_in(said)

    def _cover_name(self, trace: Trace, name: Words) -> bool:
        """The same for a name; who is called the same keeps theirs."""
        texts = tuple(c for c in trace.columns if c not in NAMES)
        is_all = len(texts) == len(trace.columns)
        if texts and self._cover(replace(trace, columns=texts), name):
            return is_all
        return False

    def _is_own_history(self, trace: Trace) -> bool:
        """Whether a row is an old version of a project of theirs.

        They have proposed it, or their address stood there.
        """
        about = self._projects | self.covered
        is_version = trace.table.name == projects.STREAMS
        return is_version and trace.row["object_id"] in about

    def _tell(self, trace: Trace, name: Words) -> None:
        place = places.of(trace, name, self._person.accounts)
        if place not in self.outcome.left:
            self.outcome.left.append(place)


def _is_new(support: supports.Support) -> bool:
    return partners.is_new(support.partner_id)


def _forget_events(users: Collection[str]) -> int:
    """Forget that somebody has done something, and why; commits nothing.

    As long as nobody has decided on a proposal, its reasons are needed.
    """
    own = Event.created_by.in_(users)
    number = Event.forget(own, Event.subject_id.not_in(undecided()))
    return number + Event.forget(own, keep_reason=True)

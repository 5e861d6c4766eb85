"""What is counted as it happens, by what an event says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ..lib.events import Subject
from ..partners.model import PartnerState
from ..proposals.model import ProposalState
from ..support.model import SupportState
from ..support.workflow import EVALUATE
from ..tasks.model import TaskState
from .numbers import Number

_N = Number
_P, _S, _T = ProposalState, SupportState, TaskState

#: Before the step that everybody may know of.
_BEFORE = (None, "unconfirmed")

#: The parameter of events by which a number has its key.
AREA = "area"

#: What somebody may say once more, who has changed their mind.
REPEATED = frozenset({_N.HELPED, _N.REASONS_STOPPING})

#: A step that ends one of two supports that are the same.
MERGED = "digifarm_partner_merge"


class Flow(NamedTuple):
    """What is counted, and when.

    :param number: that counts it
    :param subject: what the event is about
    :param sources: the states before it
    :param target: the state from then on
    :param key: what of the event's data is the number's key, or ""
    """

    number: Number
    subject: Subject
    sources: tuple[str | None, ...]
    target: str
    key: str = ""


FLOWS = (
    Flow(_N.PROPOSALS_SENT, Subject.PROPOSAL, _BEFORE, _P.PENDING),
    *(
        Flow(
            number,
            Subject.PROPOSAL,
            (_P.PENDING, _P.CHANGES_REQUESTED),
            target,
        )
        for number, target in (
            (_N.PROPOSALS_APPROVED, _P.APPROVED),
            (_N.PROPOSALS_DECLINED, _P.DECLINED),
            (_N.PROPOSALS_WITHDRAWN, _P.WITHDRAWN),
        )
    ),
    *(
        Flow(number, Subject.SUPPORT, sources, target, AREA)
        for number, sources, target in (
            (_N.OFFERS_SENT, _BEFORE, _S.OFFERED),
            (_N.OFFERS_ACCEPTED, (_S.OFFERED,), _S.ACCEPTED),
            (_N.OFFERS_DECLINED, (_S.OFFERED,), _S.DECLINED),
            (_N.OFFERS_WITHDRAWN, (_S.OFFERED,), _S.WITHDRAWN),
            (_N.REQUESTS_SENT, (None,), _S.REQUESTED),
            (_N.REQUESTS_ACCEPTED, (_S.REQUESTED,), _S.ACCEPTED),
            (_N.REQUESTS_DECLINED, (_S.REQUESTED,), _S.DECLINED),
            (_N.REQUESTS_WITHDRAWN, (_S.REQUESTED,), _S.WITHDRAWN),
            (
                _N.HELP_FOUND,
                (None, _S.OFFERED, _S.REQUESTED),
                _S.ACCEPTED,
            ),
            (_N.SUPPORTS_ENDED, (_S.ACCEPTED,), _S.ENDED),
        )
    ),
    Flow(_N.TASKS_OPENED, Subject.TASK, (None,), _T.OPEN),
    Flow(_N.TASKS_TAKEN, Subject.TASK, (_T.OPEN,), _T.TAKEN),
    Flow(
        _N.TASKS_DONE,
        Subject.TASK,
        (_T.OPEN, _T.TAKEN, _T.REPORTED),
        _T.DONE,
    ),
    Flow(
        _N.TASKS_GIVEN_BACK,
        Subject.TASK,
        (_T.TAKEN, _T.REPORTED),
        _T.OPEN,
    ),
)

_FOUND: dict[tuple[str, str | None, str], list[Flow]] = {}
for _flow in FLOWS:
    for _source in _flow.sources:
        _step = (_flow.subject.value, _source, _flow.target)
        _FOUND.setdefault(_step, []).append(_flow)


def flows(event: Any) -> Iterator[tuple[Number, str]]:
    """The numbers that count an event, with their keys.

    :param event: a row of events
    """
    if event.action == MERGED:
        return
    step = event.subject, event.source, event.target
    for flow in _FOUND.get(step, ()):
        yield flow.number, event.data.get(flow.key) or ""
    yield from _personal(event)


def _personal(event: Any) -> Iterator[tuple[Number, str]]:
    """What is counted of the reasons of private persons, and of themselves."""
    is_support = event.subject == Subject.SUPPORT.value
    if is_support and event.target == _S.OFFERED.value:
        whose = "partner" if event.data.get("partner") else "person"
        yield _N.OFFERS_FROM, whose
    if event.action == EVALUATE:
        yield _N.HELPED, event.data["helped"]
    if code := event.data.get("reason_code"):
        yield _reasons(event), code


def _reasons(event: Any) -> Number:
    """The list of the schema file that an event's reason is of."""
    if event.subject == Subject.PROJECT.value:
        return _N.REASONS_STOPPING
    is_registration = (
        event.subject == Subject.PARTNER.value
        and event.source == PartnerState.PROPOSED.value
    )
    if event.target == _S.DECLINED.value or is_registration:
        return _N.REASONS_DECLINING
    if event.subject == Subject.TASK.value and event.target == _T.OPEN.value:
        return _N.REASONS_GIVING_BACK
    return _N.REASONS_ENDING

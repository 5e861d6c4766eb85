"""The words of the numbers, and what is shown of them together."""

from __future__ import annotations

from typing import NamedTuple

import ckantoolkit as tk

from ..projects import fields, reasons, stages
from .numbers import ALIVE, OVER, Number
from .reading import FOLDED

_N = Number


class Section(NamedTuple):
    """Numbers that belong together.

    :param name: names it in the address of a page
    :param title: its heading
    :param text: what it says, in a sentence
    :param numbers: in their order
    """

    name: str
    title: str
    text: str
    numbers: tuple[Number, ...]


def sections() -> list[Section]:
    """What the page shows, in its order."""
    return [
        Section(
            "projects",
            tk._("Civic projects"),
            tk._("Projects that everybody can read of here."),
            (
                _N.PROJECTS_ALIVE,
                _N.PROJECTS,
                _N.PROJECTS_NEW,
                _N.PROJECTS_TAKEN_OVER,
                _N.PROJECTS_OVER,
                _N.PROJECTS_RESUMED,
                _N.PROJECTS_REMOVED,
            ),
        ),
        Section(
            "afterwards",
            tk._("What becomes of them"),
            tk._(
                "Of the projects that were one or two years old in this time:"
                " how many of them went on then."
            ),
            (_N.AFTER_ONE_YEAR, _N.AFTER_TWO_YEARS),
        ),
        Section(
            "proposals",
            tk._("Proposals"),
            tk._("Projects that residents put forward, and the decisions."),
            (
                _N.PROPOSALS_SENT,
                _N.PROPOSALS_APPROVED,
                _N.PROPOSALS_DECLINED,
                _N.PROPOSALS_WITHDRAWN,
                _N.PROPOSAL_DAYS,
            ),
        ),
        Section(
            "help",
            tk._("Help that is wanted and found"),
            tk._("What projects look for, and how long it takes to find it."),
            (
                _N.HELP_WANTED,
                _N.HELP_ASKED,
                _N.HELP_FOUND,
                _N.HELP_DAYS,
                _N.SUPPORTS,
                _N.SUPPORTS_ENDED,
            ),
        ),
        Section(
            "offers",
            tk._("Offers and requests"),
            tk._(
                "Offers come from partners and private persons; with requests,"
                " projects ask partners."
            ),
            (
                _N.OFFERS_SENT,
                _N.OFFERS_ACCEPTED,
                _N.OFFERS_DECLINED,
                _N.OFFERS_WITHDRAWN,
                _N.REQUESTS_SENT,
                _N.REQUESTS_ACCEPTED,
                _N.REQUESTS_DECLINED,
                _N.REQUESTS_WITHDRAWN,
                _N.PARTNERS,
                _N.PARTNERS_SUPPORTING,
            ),
        ),
        Section(
            "tasks",
            tk._("Tasks"),
            tk._("Small pieces of work that volunteers take."),
            (
                _N.TASKS_OPEN,
                _N.TASKS_OPENED,
                _N.TASKS_TAKEN,
                _N.TASKS_DONE,
                _N.TASKS_GIVEN_BACK,
            ),
        ),
        Section(
            "data",
            tk._("City data"),
            tk._("Datasets of this portal that civic projects use."),
            (_N.DATASETS_USED, _N.DATASETS),
        ),
        Section(
            "upkeep",
            tk._("How current the entries are"),
            tk._(
                "Whether their people have confirmed them within a year, and"
                " whether their addresses answer."
            ),
            (_N.CONFIRMED, _N.ADDRESSES_DEAD, _N.VIEWS),
        ),
        Section(
            "reasons",
            tk._("Why not"),
            tk._(
                "Reasons that people chose. What is rare is counted together,"
                " so that nobody can tell who it was."
            ),
            (
                _N.OFFERS_FROM,
                _N.REASONS_DECLINING,
                _N.REASONS_ENDING,
                _N.REASONS_GIVING_BACK,
                _N.REASONS_STOPPING,
                _N.HELPED,
            ),
        ),
    ]


def label(number: Number, key: str) -> str:
    """What a number is called.

    :param key: which of those that it stands for
    """
    words = _labels()[number]
    return words.format(key=key_label(number, key)) if key else words


def _labels() -> dict[Number, str]:
    return {
        _N.PROJECTS: tk._("Stage: {key}"),
        _N.PROJECTS_ALIVE: tk._("Projects that go on"),
        _N.PROJECTS_NEW: tk._("New projects"),
        _N.PROJECTS_TAKEN_OVER: tk._("Taken over from another directory"),
        _N.PROJECTS_OVER: tk._("Over: {key}"),
        _N.PROJECTS_RESUMED: tk._("Went on after all"),
        _N.PROJECTS_REMOVED: tk._("No longer public"),
        _N.AFTER_ONE_YEAR: tk._("After one year: {key}"),
        _N.AFTER_TWO_YEARS: tk._("After two years: {key}"),
        _N.CONFIRMED: tk._("Projects confirmed within a year"),
        _N.ADDRESSES_DEAD: tk._("Addresses that don’t answer"),
        _N.PROPOSALS_SENT: tk._("Proposals sent"),
        _N.PROPOSALS_APPROVED: tk._("Proposals approved"),
        _N.PROPOSALS_DECLINED: tk._("Proposals declined"),
        _N.PROPOSALS_WITHDRAWN: tk._("Proposals withdrawn"),
        _N.PROPOSAL_DAYS: tk._(
            "Days until the decision (half took no longer)"
        ),
        _N.HELP_WANTED: tk._("Wanted: {key}"),
        _N.HELP_ASKED: tk._("Newly wanted: {key}"),
        _N.HELP_FOUND: tk._("Found: {key}"),
        _N.HELP_DAYS: tk._(
            "Days until it was found (half took no longer): {key}"
        ),
        _N.SUPPORTS: tk._("Supported now: {key}"),
        _N.SUPPORTS_ENDED: tk._("Support that ended: {key}"),
        _N.OFFERS_SENT: tk._("Offers: {key}"),
        _N.OFFERS_ACCEPTED: tk._("Offers accepted: {key}"),
        _N.OFFERS_DECLINED: tk._("Offers declined: {key}"),
        _N.OFFERS_WITHDRAWN: tk._("Offers withdrawn: {key}"),
        _N.REQUESTS_SENT: tk._("Requests: {key}"),
        _N.REQUESTS_ACCEPTED: tk._("Requests accepted: {key}"),
        _N.REQUESTS_DECLINED: tk._("Requests declined: {key}"),
        _N.REQUESTS_WITHDRAWN: tk._("Requests withdrawn: {key}"),
        _N.TASKS_OPEN: tk._("Tasks to be taken"),
        _N.TASKS_OPENED: tk._("New tasks"),
        _N.TASKS_TAKEN: tk._("Tasks taken"),
        _N.TASKS_DONE: tk._("Tasks done"),
        _N.TASKS_GIVEN_BACK: tk._("Tasks given back"),
        _N.PARTNERS: tk._("Partners in the directory"),
        _N.PARTNERS_SUPPORTING: tk._("Partners that support a project"),
        _N.DATASETS: tk._("Public datasets of this portal"),
        _N.DATASETS_USED: tk._("Datasets that projects use"),
        _N.VIEWS: tk._("Times that pages of projects were read"),
        _N.OFFERS_FROM: tk._("Offers from: {key}"),
        _N.REASONS_DECLINING: tk._("Declined: {key}"),
        _N.REASONS_ENDING: tk._("Support ended: {key}"),
        _N.REASONS_GIVING_BACK: tk._("Task given back: {key}"),
        _N.REASONS_STOPPING: tk._("Project over: {key}"),
        _N.HELPED: tk._("Support that has ended, did it help? {key}"),
    }


#: The lists of the schema file that have the words of reasons.
REASONS = {
    _N.REASONS_DECLINING: "declining",
    _N.REASONS_ENDING: "ending",
    _N.REASONS_GIVING_BACK: "giving_back",
    _N.REASONS_STOPPING: "stopping",
}


def key_label(number: Number, key: str) -> str:
    """What one of those is called that a number stands for."""
    if key == FOLDED:
        return tk._("several, each of them rare")
    if number in REASONS:
        found = reasons.of(REASONS[number])
        return fields.choice_label_of(found, key)
    if number in {_N.PROJECTS, _N.PROJECTS_OVER}:
        return fields.choice_label("stage", key) if key else tk._("not said")
    own = {
        ALIVE: tk._("goes on"),
        OVER: tk._("is over, or no longer here"),
        "partner": tk._("partners"),
        "person": tk._("private persons"),
        "yes": tk._("yes"),
        "partly": tk._("partly"),
        "no": tk._("no"),
    }
    return own.get(key) or fields.choice_label("help_wanted", key)


def keys(number: Number, found: set[str]) -> list[str]:
    """The keys of a number in the order in which people know them.

    :param found: those that there are
    """
    known = {
        _N.PROJECTS: [c["value"] for c in fields.choices("stage")],
        _N.PROJECTS_OVER: [*stages.OVER],
        _N.AFTER_ONE_YEAR: [ALIVE, OVER],
        _N.AFTER_TWO_YEARS: [ALIVE, OVER],
    }.get(number) or fields.areas()
    order = {key: place for place, key in enumerate(known)}
    last = len(order)
    return sorted(
        found,
        key=lambda key: (key == FOLDED, order.get(key, last), key),
    )


def is_share(number: Number) -> Number | None:
    """Of which other number one is a part, where that is of interest."""
    return {
        _N.CONFIRMED: _N.PROJECTS_ALIVE,
        _N.DATASETS_USED: _N.DATASETS,
    }.get(number)

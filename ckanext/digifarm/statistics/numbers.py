"""The numbers that there are; docs/statistics.md defines each in a sentence.

A number may stand for several, one for each key: of projects one for each
stage, of help one for each area.
"""

from __future__ import annotations

import enum

#: The keys of what became of projects.
ALIVE, OVER = "alive", "over"


class Kind(str, enum.Enum):
    """What a number says of a month."""

    #: How much there is at its end.
    LEVEL = "level"
    #: How much has happened in it.
    FLOW = "flow"
    #: How long something took that came to its end in it, in days.
    DURATION = "duration"
    #: As `FLOW`, of what private persons do: see `reading.folded`.
    PERSONAL = "personal"


class Number(str, enum.Enum):
    """What is counted."""

    PROJECTS = "projects"
    PROJECTS_ALIVE = "projects_alive"
    PROJECTS_NEW = "projects_new"
    PROJECTS_TAKEN_OVER = "projects_taken_over"
    PROJECTS_OVER = "projects_over"
    PROJECTS_RESUMED = "projects_resumed"
    PROJECTS_REMOVED = "projects_removed"
    AFTER_ONE_YEAR = "after_one_year"
    AFTER_TWO_YEARS = "after_two_years"
    CONFIRMED = "confirmed"
    ADDRESSES_DEAD = "addresses_dead"
    PROPOSALS_SENT = "proposals_sent"
    PROPOSALS_APPROVED = "proposals_approved"
    PROPOSALS_DECLINED = "proposals_declined"
    PROPOSALS_WITHDRAWN = "proposals_withdrawn"
    PROPOSAL_DAYS = "proposal_days"
    HELP_WANTED = "help_wanted"
    HELP_ASKED = "help_asked"
    HELP_FOUND = "help_found"
    HELP_DAYS = "help_days"
    SUPPORTS = "supports"
    SUPPORTS_ENDED = "supports_ended"
    OFFERS_SENT = "offers_sent"
    OFFERS_ACCEPTED = "offers_accepted"
    OFFERS_DECLINED = "offers_declined"
    OFFERS_WITHDRAWN = "offers_withdrawn"
    REQUESTS_SENT = "requests_sent"
    REQUESTS_ACCEPTED = "requests_accepted"
    REQUESTS_DECLINED = "requests_declined"
    REQUESTS_WITHDRAWN = "requests_withdrawn"
    TASKS_OPEN = "tasks_open"
    TASKS_OPENED = "tasks_opened"
    TASKS_TAKEN = "tasks_taken"
    TASKS_DONE = "tasks_done"
    TASKS_GIVEN_BACK = "tasks_given_back"
    PARTNERS = "partners"
    PARTNERS_SUPPORTING = "partners_supporting"
    DATASETS = "datasets"
    DATASETS_USED = "datasets_used"
    VIEWS = "views"
    OFFERS_FROM = "offers_from"
    REASONS_DECLINING = "reasons_declining"
    REASONS_ENDING = "reasons_ending"
    REASONS_GIVING_BACK = "reasons_giving_back"
    REASONS_STOPPING = "reasons_stopping"
    HELPED = "helped"

    @property
    def kind(self) -> Kind:
        """What it says of a month."""
        return KINDS.get(self, Kind.FLOW)


#: Of the numbers that are no flows.
KINDS = {
    **dict.fromkeys(
        (
            Number.PROJECTS,
            Number.PROJECTS_ALIVE,
            Number.CONFIRMED,
            Number.ADDRESSES_DEAD,
            Number.HELP_WANTED,
            Number.SUPPORTS,
            Number.TASKS_OPEN,
            Number.PARTNERS,
            Number.PARTNERS_SUPPORTING,
            Number.DATASETS,
            Number.DATASETS_USED,
        ),
        Kind.LEVEL,
    ),
    Number.PROPOSAL_DAYS: Kind.DURATION,
    Number.HELP_DAYS: Kind.DURATION,
    **dict.fromkeys(
        (
            Number.OFFERS_FROM,
            Number.REASONS_DECLINING,
            Number.REASONS_ENDING,
            Number.REASONS_GIVING_BACK,
            Number.REASONS_STOPPING,
            Number.HELPED,
        ),
        Kind.PERSONAL,
    ),
}

#: What the two sides of an offer or a proposal know, and nobody else. Of a few
#: projects, it would tell what became of somebody's.
OF_TWO_SIDES = (
    Number.PROPOSALS_SENT,
    Number.PROPOSALS_DECLINED,
    Number.PROPOSALS_WITHDRAWN,
    Number.PROPOSAL_DAYS,
    Number.OFFERS_SENT,
    Number.OFFERS_ACCEPTED,
    Number.OFFERS_DECLINED,
    Number.OFFERS_WITHDRAWN,
    Number.REQUESTS_SENT,
    Number.REQUESTS_ACCEPTED,
    Number.REQUESTS_DECLINED,
    Number.REQUESTS_WITHDRAWN,
    Number.TASKS_TAKEN,
    Number.TASKS_GIVEN_BACK,
)

#: What becomes of projects, from their beginning on.
OF_LIVES = (
    Number.PROJECTS_NEW,
    Number.PROJECTS_TAKEN_OVER,
    Number.AFTER_ONE_YEAR,
    Number.AFTER_TWO_YEARS,
)

#: These are of the whole portal, so filters don't change them.
OF_PORTAL = (Number.PARTNERS, Number.DATASETS, Number.VIEWS)

from __future__ import annotations

import enum


class Actor(str, enum.Enum):
    """Who does something, or hears of it."""

    ANYBODY = "anybody"
    USER = "user"  # who is logged in
    PROJECT = "project"  # who may update the project
    DATASET = "dataset"  # who may update a dataset that is linked
    #: Who offered it, by link or account; who may update the partner; for a
    #: request, whoever has the link that was sent to the partner.
    SUPPORTER = "supporter"
    PARTNER = "partner"  # who may update the partner
    CONTACT = "contact"  # who has the link that was sent to its address
    REVIEWER = "reviewer"
    #: Who has taken a task, or wants to: by link or account.
    TAKER = "taker"
    #: Who has put a project forward: by link or account.
    PROPOSER = "proposer"
    INVITED = "invited"  # who is to look after a project, by link
    ASKER = "asker"  # who asks a project's team something, by link
    #: Who is asked whether something is still so: by link or account.
    ASKED = "asked"
    EDITOR = "editor"  # who edits for the organisation of what is asked about
    #: The portal itself, as time has passed or somebody is to be forgotten.
    PORTAL = "portal"

"""All steps of all lives that go on."""

from __future__ import annotations

from .scenes import (
    KIM,
    LINK,
    StepCase,
    confirmation,
    doubled_partner,
    invitation,
    partner,
    proposal,
    question,
    support,
    task,
    upload,
)

USED = {"token": ["This link has been used already"]}


def _id(words: str) -> dict[str, list[str]]:
    return {"id": [words]}


_ACCEPTED = _id("This support has been accepted already")
_DECLINED = _id("This support has been declined already")
_WITHDRAWN = _id("This support was withdrawn")
_ENDED = _id("This support has ended already")
_OPEN = _id("Nobody has taken this task")
_TAKEN = _id("Somebody was faster: this task is taken")
_DONE = _id("This task is done already")
_DELETED = _id("This task is needed no longer")
_SETTLED = _id("This registration is settled already")
_ASKED = _id("This proposal waits for its proposer’s changes")
_APPROVED = _id("This proposal is approved already")
_REFUSED = _id("This proposal is declined already")
_GONE = _id("This proposal was withdrawn")
_HIDDEN = _id("This project is hidden already")
_MERGED = {"into": ["Both partners must be in the directory"]}

_ASKED_NOW = _id("Those who know about it are asked right now")
_SETTLED_NOW = _id("This is settled already")

_RIGHT = {"answer": "confirmed"}
_END = {"stage": "ended"}

_APPROVE = {"organization": "green-office"}
_WHY = {"reason": "Darum"}
_TITLE = {"title": "Ganz offene Werkstatt"}
_CHANGES = {"project": {"notes": "Viel mehr"}}

#: All steps of what is there already that change its state.
ALL_STEPS = (
    StepCase(
        "support_confirm",
        "unconfirmed",
        support("unconfirmed"),
        LINK,
        "offered",
        USED,
    ),
    StepCase(
        "support_accept",
        "offered",
        support("offered"),
        "owner",
        "accepted",
        _ACCEPTED,
    ),
    StepCase(
        "support_accept",
        "requested",
        support("requested"),
        "partner_editor",
        "accepted",
        _ACCEPTED,
    ),
    StepCase(
        "support_accept",
        "requested",
        support("requested"),
        LINK,
        "accepted",
        USED,
    ),
    StepCase(
        "support_decline",
        "offered",
        support("offered"),
        "project_editor",
        "declined",
        _DECLINED,
    ),
    StepCase(
        "support_decline",
        "requested",
        support("requested"),
        "partner_editor",
        "declined",
        _DECLINED,
    ),
    StepCase(
        "support_decline",
        "requested",
        support("requested"),
        LINK,
        "declined",
        USED,
    ),
    StepCase(
        "support_withdraw",
        "offered",
        support("offered"),
        "offerer",
        "withdrawn",
        _WITHDRAWN,
    ),
    StepCase(
        "support_withdraw",
        "offered",
        support("offered"),
        LINK,
        "withdrawn",
        USED,
    ),
    StepCase(
        "support_withdraw",
        "requested",
        support("requested"),
        "owner",
        "withdrawn",
        _WITHDRAWN,
    ),
    StepCase(
        "support_end",
        "accepted",
        support("accepted"),
        "owner",
        "ended",
        _ENDED,
    ),
    StepCase(
        "support_end",
        "accepted",
        support("accepted"),
        "offerer",
        "ended",
        _ENDED,
    ),
    StepCase(
        "support_end", "accepted", support("accepted"), LINK, "ended", USED
    ),
    StepCase(
        "task_take", "open", task("open"), "offerer", "taken", _TAKEN, KIM
    ),
    StepCase(
        "task_confirm",
        "open",
        task("open", "unconfirmed"),
        LINK,
        "taken",
        USED,
    ),
    StepCase(
        "task_return", "taken", task("taken", "held"), "owner", "open", _OPEN
    ),
    StepCase(
        "task_return", "taken", task("taken", "held"), LINK, "open", USED
    ),
    StepCase(
        "task_return", "done", task("done", "over"), "owner", "open", _OPEN
    ),
    StepCase(
        "task_return",
        "reported",
        task("reported", "held"),
        "owner",
        "open",
        _OPEN,
    ),
    StepCase(
        "task_return", "reported", task("reported", "held"), LINK, "open", USED
    ),
    StepCase(
        "task_report", "taken", task("taken", "held"), LINK, "reported", None
    ),
    StepCase(
        "task_report",
        "taken",
        task("taken", "held"),
        "other",
        "reported",
        None,
    ),
    StepCase(
        "task_resume",
        "reported",
        task("reported", "held"),
        "owner",
        "taken",
        None,
        _WHY,
    ),
    StepCase(
        "task_done",
        "reported",
        task("reported", "held"),
        "owner",
        "done",
        _DONE,
    ),
    StepCase(
        "task_delete",
        "reported",
        task("reported", "held"),
        "owner",
        "deleted",
        _DELETED,
    ),
    StepCase("task_done", "open", task("open"), "owner", "done", _DONE),
    StepCase(
        "task_done", "taken", task("taken", "held"), "owner", "done", _DONE
    ),
    StepCase(
        "task_delete", "open", task("open"), "owner", "deleted", _DELETED
    ),
    StepCase(
        "task_delete",
        "taken",
        task("taken", "held"),
        "owner",
        "deleted",
        _DELETED,
    ),
    StepCase(
        "task_delete",
        "done",
        task("done", "over"),
        "owner",
        "deleted",
        _DELETED,
    ),
    StepCase(
        "question_confirm",
        "unconfirmed",
        question("unconfirmed"),
        LINK,
        "sent",
        None,
    ),
    *(
        StepCase(
            "confirmation_answer",
            state,
            confirmation(state),
            role,
            "answered",
            again,
            _RIGHT,
        )
        for state, role, again in (
            ("asked", LINK, USED),
            ("asked", "owner", None),
            ("passed_on", "project_editor", None),
            ("undecided", "owner", None),
            ("searching", "owner", None),
        )
    ),
    StepCase(
        "confirmation_ask_again",
        "undecided",
        confirmation("undecided"),
        "reviewer",
        "asked",
        _ASKED_NOW,
    ),
    StepCase(
        "confirmation_ask_again",
        "searching",
        confirmation("searching"),
        "reviewer",
        "asked",
        _ASKED_NOW,
    ),
    StepCase(
        "confirmation_search",
        "undecided",
        confirmation("undecided"),
        "reviewer",
        "searching",
        _SETTLED_NOW,
    ),
    StepCase(
        "confirmation_end",
        "undecided",
        confirmation("undecided"),
        "reviewer",
        "answered",
        _SETTLED_NOW,
        _END,
    ),
    StepCase(
        "partner_confirm",
        "unconfirmed",
        partner("unconfirmed"),
        LINK,
        "proposed",
        USED,
    ),
    StepCase(
        "partner_change",
        "proposed",
        partner("proposed"),
        LINK,
        "proposed",
        None,
        _TITLE,
    ),
    StepCase(
        "partner_change",
        "active",
        partner("active"),
        LINK,
        "active",
        None,
        _TITLE,
    ),
    StepCase(
        "partner_withdraw",
        "proposed",
        partner("proposed"),
        LINK,
        "deleted",
        USED,
    ),
    StepCase(
        "partner_withdraw",
        "active",
        partner("active"),
        LINK,
        "deleted",
        USED,
    ),
    StepCase(
        "partner_accept",
        "proposed",
        partner("proposed"),
        "reviewer",
        "active",
        _SETTLED,
    ),
    StepCase(
        "partner_decline",
        "proposed",
        partner("proposed"),
        "reviewer",
        "deleted",
        _SETTLED,
    ),
    StepCase(
        "partner_delete",
        "active",
        partner("active"),
        "partner_editor",
        "deleted",
        None,
    ),
    StepCase(
        "partner_restore",
        "deleted",
        partner("deleted"),
        "reviewer",
        "active",
        None,
    ),
    StepCase(
        "partner_merge",
        "active",
        doubled_partner,
        "reviewer",
        "deleted",
        _MERGED,
    ),
    StepCase(
        "proposal_confirm",
        "unconfirmed",
        proposal("unconfirmed"),
        LINK,
        "pending",
        USED,
    ),
    StepCase(
        "proposal_request_changes",
        "pending",
        proposal("pending"),
        "reviewer",
        "changes_requested",
        _ASKED,
        _WHY,
    ),
    StepCase(
        "proposal_update",
        "changes_requested",
        proposal("changes_requested"),
        LINK,
        "pending",
        None,
        _CHANGES,
    ),
    StepCase(
        "proposal_approve",
        "pending",
        proposal("pending"),
        "reviewer",
        "approved",
        _APPROVED,
        _APPROVE,
    ),
    StepCase(
        "proposal_approve",
        "changes_requested",
        proposal("changes_requested"),
        "reviewer",
        "approved",
        _APPROVED,
        _APPROVE,
    ),
    StepCase(
        "proposal_decline",
        "pending",
        proposal("pending"),
        "reviewer",
        "declined",
        _REFUSED,
        _WHY,
    ),
    StepCase(
        "proposal_decline",
        "changes_requested",
        proposal("changes_requested"),
        "reviewer",
        "declined",
        _REFUSED,
        _WHY,
    ),
    StepCase(
        "project_hide",
        "approved",
        proposal("approved"),
        "reviewer",
        "hidden",
        _HIDDEN,
        _WHY,
    ),
    StepCase(
        "project_give_back",
        "hidden",
        proposal("hidden"),
        "reviewer",
        "approved",
        _APPROVED,
    ),
    StepCase(
        "owner_invitation_withdraw",
        "invited",
        invitation("invited"),
        "owner",
        "withdrawn",
        None,
    ),
    StepCase(
        "proposal_withdraw",
        "pending",
        proposal("pending"),
        LINK,
        "withdrawn",
        _GONE,
    ),
    StepCase(
        "proposal_withdraw",
        "changes_requested",
        proposal("changes_requested"),
        LINK,
        "withdrawn",
        _GONE,
    ),
    StepCase(
        "import_confirm",
        "checked",
        upload("checked"),
        "reviewer",
        "running",
        None,
    ),
    *(
        StepCase(
            "import_cancel",
            state,
            upload(state),
            "reviewer",
            "cancelled",
            None,
        )
        for state in ("uploaded", "checked", "running")
    ),
)


#: Its steps are taken by a link, and by nothing else.
ONLY_BY_LINK = {
    "partner_confirm",
    "proposal_confirm",
    "question_confirm",
    "support_confirm",
    "task_confirm",
}

"""Each mail holds the keys of whoever gets it, for one purpose, and no other.

A key is the token in a link; see lib/tokens.py.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from typing import Any

import ckantoolkit as tk
import pytest

from ckan import model
from ckanext.digifarm.confirmations import mails as confirmation_mails
from ckanext.digifarm.confirmations.kinds import short
from ckanext.digifarm.lib import clock, tokens
from ckanext.digifarm.lib.actors import Actor
from ckanext.digifarm.lib.mail import Mail
from ckanext.digifarm.lib.tokens import Purpose
from ckanext.digifarm.notices import digests
from ckanext.digifarm.notices.model import Notice
from ckanext.digifarm.owners import mails as owner_mails
from ckanext.digifarm.owners.model import Invitation
from ckanext.digifarm.owners.ownership import Entry, Way
from ckanext.digifarm.partners import mails as partner_mails
from ckanext.digifarm.partners.model import Partner
from ckanext.digifarm.proposals import due as review_digest
from ckanext.digifarm.proposals import mails as proposal_mails
from ckanext.digifarm.proposals.model import Proposal
from ckanext.digifarm.questions import mails as question_mails
from ckanext.digifarm.questions.model import Question
from ckanext.digifarm.support import mails as support_mails
from ckanext.digifarm.support.model import Support
from ckanext.digifarm.tasks import mails as task_mails
from ckanext.digifarm.tasks.model import TaskAssignment

from ..browsing import Browser
from ..notices.news import LATER, URGENT, said
from ..scenes import (
    Scene,
    confirmation,
    invitation,
    partner,
    proposal,
    question,
    support,
    task,
)
from ..workflows import all_workflows

_A = Actor
_P = Purpose

#: By the names of the mails: who gets them, and what the keys in them are
#: good for.
KEYS: dict[str, dict[Actor, set[Purpose]]] = {
    "confirmation_asked": {_A.ASKED: {_P.CONFIRMATION}},
    "confirmation_asked_again": {_A.ASKED: {_P.CONFIRMATION}},
    "confirmation_passed_on": {_A.EDITOR: {_P.CONFIRMATION}},
    "confirmation_silent": {_A.ASKED: {_P.CONFIRMATION}},
    "confirmation_undecided": {_A.REVIEWER: set()},
    "notice": {_A.USER: {_P.NOTICES}},
    "notice_digest": {_A.USER: {_P.NOTICES}},
    "owner_invited": {_A.INVITED: {_P.CLAIM}},
    "owner_joined": {_A.PROJECT: set()},
    "partner_accepted": {_A.CONTACT: {_P.PARTNER}},
    "partner_changed": {_A.REVIEWER: set()},
    "partner_contact": {_A.CONTACT: {_P.PARTNER}},
    "partner_merged": {_A.CONTACT: set()},
    "partner_confirm": {_A.CONTACT: {_P.PARTNER_CONFIRM}},
    "partner_declined": {_A.CONTACT: set()},
    "partner_deleted": {_A.CONTACT: set()},
    "partner_proposed": {_A.REVIEWER: set()},
    "partner_received": {_A.CONTACT: {_P.PARTNER}},
    "partner_withdrawn": {_A.REVIEWER: set()},
    "project_given_back": {_A.PROJECT: set()},
    "project_hidden": {_A.PROJECT: set()},
    "proposal_approved": {_A.PROPOSER: {_P.PROPOSAL, _P.CLAIM}},
    "proposal_changes": {_A.PROPOSER: {_P.PROPOSAL}},
    "proposal_confirm": {_A.PROPOSER: {_P.PROPOSAL_CONFIRM}},
    "proposal_declined": {_A.PROPOSER: {_P.PROPOSAL}},
    "proposal_pending": {_A.REVIEWER: set()},
    "proposal_received": {_A.PROPOSER: {_P.PROPOSAL}},
    "proposal_withdrawn": {_A.REVIEWER: set()},
    "question_confirm": {_A.ASKER: {_P.QUESTION_CONFIRM}},
    "question_sent": {_A.PROJECT: set()},
    "review_digest": {_A.REVIEWER: set()},
    "support_accepted": {
        _A.PROJECT: set(),
        _A.SUPPORTER: {_P.SUPPORT, _P.CLAIM},
    },
    "support_confirm": {_A.SUPPORTER: {_P.SUPPORT_CONFIRM}},
    "support_declined": {_A.PROJECT: set(), _A.SUPPORTER: set()},
    "support_ended": {_A.PROJECT: set(), _A.SUPPORTER: set()},
    "support_named": {_A.PARTNER: {_P.SUPPORT_NAMED}},
    "support_offered": {_A.PROJECT: set(), _A.REVIEWER: set()},
    "support_overdue": {_A.REVIEWER: set()},
    "support_ran_out": {_A.PROJECT: set(), _A.SUPPORTER: set()},
    "support_received": {_A.SUPPORTER: {_P.SUPPORT}},
    "support_recorded": {_A.SUPPORTER: {_P.SUPPORT}},
    "support_reminder": {_A.PROJECT: set()},
    "support_requested": {_A.SUPPORTER: {_P.SUPPORT}},
    "support_until": {_A.PROJECT: set(), _A.SUPPORTER: {_P.SUPPORT}},
    "support_waiting": {_A.SUPPORTER: {_P.SUPPORT}},
    "support_withdrawn": {
        _A.PROJECT: set(),
        _A.REVIEWER: set(),
        _A.SUPPORTER: set(),
    },
    "task_confirm": {_A.TAKER: {_P.TASK_CONFIRM}},
    "task_deleted": {_A.TAKER: set()},
    "task_done": {_A.TAKER: {_P.TASK_DONE}},
    "task_reminder": {_A.TAKER: {_P.TASK}},
    "task_report_overdue": {_A.REVIEWER: set()},
    "task_report_reminder": {_A.PROJECT: set()},
    "task_report_waiting": {_A.TAKER: {_P.TASK}},
    "task_reported": {_A.PROJECT: set()},
    "task_resumed": {_A.TAKER: {_P.TASK}},
    "task_returned": {_A.PROJECT: set(), _A.TAKER: set()},
    "task_taken": {_A.PROJECT: set(), _A.TAKER: {_P.TASK}},
}

#: What is written by no step: when time has passed, or something happens.
OF_TIME = {
    "notice",
    "notice_digest",
    "review_digest",
    "support_overdue",
    "support_reminder",
    "support_waiting",
    "task_reminder",
    "task_report_overdue",
    "task_report_reminder",
    "task_report_waiting",
}

#: Where tasks and those who take them are when a mail is written.
TASKS = {
    "task_confirm": ("open", "unconfirmed"),
    "task_deleted": ("deleted", "over"),
    "task_done": ("done", "done"),
    "task_reminder": ("taken", "held"),
    "task_report_overdue": ("reported", "held"),
    "task_report_reminder": ("reported", "held"),
    "task_report_waiting": ("reported", "held"),
    "task_reported": ("reported", "held"),
    "task_resumed": ("taken", "held"),
    "task_returned": ("open", "over"),
    "task_taken": ("taken", "held"),
}

#: The same for others, where the name of the mail doesn't say it.
STATES = {
    "partner_accepted": "active",
    "partner_changed": "active",
    "partner_confirm": "unconfirmed",
    "partner_contact": "active",
    "partner_merged": "deleted",
    "owner_joined": "accepted",
    "project_given_back": "approved",
    "partner_declined": "deleted",
    "partner_received": "proposed",
    "partner_withdrawn": "deleted",
    "proposal_changes": "changes_requested",
    "proposal_confirm": "unconfirmed",
    "proposal_received": "pending",
    "question_confirm": "unconfirmed",
    "support_confirm": "unconfirmed",
    "support_named": "accepted",
    "support_overdue": "offered",
    "support_received": "offered",
    "support_recorded": "accepted",
    "support_reminder": "offered",
    "support_waiting": "offered",
}

MESSAGE = "Nur unter uns gesagt"


def _state(template: str) -> str:
    return STATES.get(template, template.partition("_")[2])


def _write(scene: Scene, template: str, to: Actor) -> list[Mail]:
    """The mails of a name to one side, as they are written."""
    subject = template.partition("_")[0]
    {
        "confirmation": _of_confirmation,
        "notice": _of_notice,
        "owner": _of_owner,
        "partner": _of_partner,
        "project": _of_proposal,
        "proposal": _of_proposal,
        "question": _of_question,
        "review": lambda *_: review_digest.KINDS[0].do(""),
        "support": _of_support,
        "task": _of_task,
    }[subject](scene, template, to)
    model.Session.commit()
    return model.Session.query(Mail).all()


def _of_notice(scene: Scene, template: str, to: Actor) -> None:
    """One comes at once; another one waits for the digest."""
    reader = model.User.get(scene.people["owner"])
    assert reader
    if template == "notice":
        said(URGENT, reader)
        return
    said(LATER, reader)
    model.Session.query(Notice).update({"created": clock.days_ago(8)})
    digests.write_digests()


def _of_confirmation(scene: Scene, template: str, to: Actor) -> None:
    row = confirmation("asked")(scene).row
    confirmation_mails.send(template, to, row)


def _of_partner(scene: Scene, template: str, to: Actor) -> None:
    row = partner(_state(template))(scene).row
    partner_mails.send(
        template,
        to,
        row,
        reason="",
        changed=["title"],
        before="Früher",
        other=row,
    )


def _of_owner(scene: Scene, template: str, to: Actor) -> None:
    row = invitation(_state(template))(scene).row
    owner_mails.send(template, to, row)


def _of_proposal(scene: Scene, template: str, to: Actor) -> None:
    row = proposal(_state(template))(scene).row
    entry = Entry(Way.CLAIM, row)
    proposal_mails.send(template, to, row, reason="", entry=entry)


def _of_question(scene: Scene, template: str, to: Actor) -> None:
    row = question(_state(template))(scene).row
    question_mails.send(template, to, row)


def _of_support(scene: Scene, template: str, to: Actor) -> None:
    """Somebody has offered it in the name of a partner."""
    row = support(_state(template))(scene).row
    if row.partner_id is None:
        row.partner_id = partner("active")(scene).id
        row.message = MESSAGE
        model.Session.commit()
    entry = Entry(Way.CLAIM, row)
    support_mails.send(template, to, row, reason="", waiting=3, entry=entry)


def _of_task(scene: Scene, template: str, to: Actor) -> None:
    row = task(*TASKS[template])(scene).row
    assignment = model.Session.query(TaskAssignment).one()
    task_mails.send(
        template, to, row, assignment=assignment, reason="", waiting=3
    )


def _keys(mail: Mail) -> list[tuple[Purpose, str]]:
    """What the keys in a mail are good for, and the ids in them."""
    found = re.findall(r"[\w-]{20,}\.[\w-]{4,}\.[\w-]{20,}", mail.body)
    return [_read(token) for token in found]


def _read(token: str) -> tuple[Purpose, str]:
    for purpose in Purpose:
        with contextlib.suppress(tk.Invalid):
            return purpose, tokens.read(token, purpose)[0]
    raise AssertionError(token)


def _owner(purpose: Purpose, id_: str) -> str:
    """The address of the one person who may have a key."""
    if row := model.Session.get(Support, id_):
        contact = model.Session.get(Partner, row.partner_id or "")
        if purpose is Purpose.SUPPORT_NAMED or not row.contact_email:
            assert contact
            return contact.contact_email
        return row.contact_email
    if row := model.Session.get(Proposal, id_):
        return row.proposer_email
    for table in (TaskAssignment, Question, Invitation):
        if row := model.Session.get(table, id_):
            return row.email
    if purpose is Purpose.CONFIRMATION:
        [user] = [
            user
            for user in model.Session.query(model.User)
            if id_.endswith(f"/{short(user.id)}")
        ]
        id_ = user.id
    if purpose in {Purpose.NOTICES, Purpose.CONFIRMATION}:
        return model.Session.get(model.User, id_).email
    row = model.Session.get(Partner, id_)
    assert row
    return row.contact_email


def test_no_mail_is_left_out():
    sent = {
        (template, actor)
        for workflow in all_workflows()
        for transition in workflow.transitions
        for actor, template in transition.mails.items()
    }
    known = {
        (template, actor)
        for template, recipients in KEYS.items()
        for actor in recipients
        if template not in OF_TIME
    }
    assert sent == known


@pytest.mark.parametrize(
    ("template", "to"),
    [(template, to) for template in KEYS for to in KEYS[template]],
)
def test_a_mail_holds_the_keys_of_whoever_gets_it(template, to, scene):
    if template == "review_digest":
        proposal("pending")(scene)
    model.Session.query(Notice).delete()
    mails = _write(scene, template, to)
    assert mails
    for mail in mails:
        keys = _keys(mail)
        assert {purpose for purpose, _ in keys} == KEYS[template][to]
        owners = {_owner(*key) for key in keys}
        assert owners <= {mail.recipient_email}


class TestOfNamedPartner:
    """Somebody has offered support in the name of a partner."""

    @pytest.fixture
    def token(self, scene) -> str:
        [mail] = _write(scene, "support_named", Actor.PARTNER)
        assert MESSAGE not in mail.body
        [token] = re.findall(r"/named/(\S+)", mail.body)
        return token

    def test_shows_what_is_public(self, token, shared_app):
        page = Browser(shared_app).get(f"/civic_project/support/named/{token}")
        assert page.status_code == 200
        assert "in the name of Offene Werkstatt" in page.body
        for secret in (MESSAGE, "Geheime Person", "offerer@example.org"):
            assert secret not in page.body
        assert 'method="post"' not in page.body

    def test_is_told_whom_to_write_to(self, token, shared_app, ckan_config):
        page = f"/civic_project/support/named/{token}"
        assert "not right" not in Browser(shared_app).get(page).body
        ckan_config["ckanext.digifarm.contact_email"] = "stadt@example.org"
        assert "stadt@example.org" in Browser(shared_app).get(page).body

    def test_can_reply_to_the_city(self, scene, ckan_config):
        ckan_config["ckanext.digifarm.contact_email"] = "stadt@example.org"
        [mail] = _write(scene, "support_named", Actor.PARTNER)
        assert mail.reply_to == "stadt@example.org"
        assert "stadt@example.org" in mail.body

    @pytest.mark.parametrize("step", ["show", "end", "withdraw", "accept"])
    def test_takes_no_step_of_the_supporter(self, step, token, call):
        assert call(f"digifarm_support_{step}", token) == {"token"}
        assert model.Session.query(Support).one().state == "accepted"

    def test_is_of_no_use_to_the_supporter(self, scene, call):
        start = support("accepted")(scene)
        assert call("digifarm_support_named_show", start.token) == {"token"}

    def test_sees_that_it_has_ended(self, token, shared_app):
        model.Session.query(Support).one().state = "ended"
        model.Session.commit()
        page = Browser(shared_app).get(f"/civic_project/support/named/{token}")
        assert "Ended" in page.body

    @pytest.mark.parametrize(
        "change", [{"partner_id": None}, {"state": "declined"}]
    )
    def test_is_of_no_use_when_it_is_named_no_longer(
        self, change, token, call
    ):
        row = model.Session.query(Support).one()
        for name, value in change.items():
            setattr(row, name, value)
        model.Session.commit()
        assert call("digifarm_support_named_show", token) == {"token"}

    def test_is_of_no_use_once_it_names_another_partner(self, token, call):
        row = model.Session.query(Support).one()
        named = model.Session.get(Partner, row.partner_id)
        assert named
        other = Partner(
            name="west", title="West", kind=named.kind, state=named.state
        )
        model.Session.add(other)
        model.Session.flush()
        row.partner_id = other.id
        model.Session.commit()
        assert call("digifarm_support_named_show", token) == {"token"}

    @pytest.fixture
    def call(self) -> Callable[[str, str], Any]:
        """Calls an action with a token for nobody: what it complains of."""

        def call(action: str, token: str) -> Any:
            context: Any = {"user": "", "ignore_auth": False}
            with pytest.raises(tk.ValidationError) as raised:
                tk.get_action(action)(context, {"token": token})
            return set(raised.value.error_dict)

        return call

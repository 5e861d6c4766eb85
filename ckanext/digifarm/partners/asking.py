"""What partners are asked once a year: whether their entry is still right."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa
from typing_extensions import override

from ..confirmations import kinds
from ..confirmations.kinds import CONFIRMED, TICKS, Answer, Askee, Asking
from ..confirmations.model import Confirmation
from ..lib import lookups, outbox, people
from ..lib.ckan import Context, DataDict, model
from ..lib.language import known
from ..lib.permissions import allowed
from . import mails
from .model import Partner, PartnerState
from .workflow import WITHDRAW, WORKFLOW

GONE = "gone"


class PartnerAsking(Asking):
    """Whether a partner of the directory is still there for projects.

    One that doesn't answer is suggested to nobody; see matching/queries.py.
    """

    name = "partner"
    mails = "partners/emails/yearly"
    # Whoever reads the mails of a partner is asked; there is nobody else.
    ticks = TICKS[:2]
    decisions = ()

    @override
    def things(self) -> sa.Select[Any]:
        """Those of the directory that somebody can be asked about."""
        return sa.select(Partner.id, Partner.created.label("since")).where(
            Partner.state == PartnerState.ACTIVE.value,
            (Partner.contact_email != "")
            | Partner.organization_id.is_not(None),
        )

    @override
    def project_id(self, subject_id: str) -> str | None:
        return None

    @override
    def asked(self, row: Confirmation) -> list[Askee]:
        """Its contact; where there is none, who edits for it."""
        partner = model.Session.get(Partner, row.subject_id)
        if partner is None:
            return []
        if partner.contact_email:
            contact = outbox.outsider(
                partner.contact_email,
                partner.contact_name,
                known(partner.language),
            )
            user = model.User.get(partner.user_id)
            return [Askee(contact, user if user and user.is_active else None)]
        editors = people.editors_of(partner.organization_id)
        return [askee for askee in kinds.askees(editors) if askee.user]

    @override
    def may_answer(self, context: Context, row: Confirmation) -> bool:
        partner = model.Session.get(Partner, row.subject_id)
        if partner is None or not context.get("user"):
            return False
        # Reviewers may update every partner; they can't know this.
        organization = partner.organization_id
        user = model.User.get(context.get("user"))
        return user is not None and (
            user.sysadmin
            or user.id == partner.user_id
            or bool(
                organization
                and organization in people.organizations_of(user)
                and allowed("digifarm_partner_update", context, partner.id)
            )
        )

    @override
    def answers(self, row: Confirmation) -> list[Answer]:
        return [
            Answer(
                CONFIRMED,
                tk._("Yes, all is right"),
                tk._(
                    "Is it nearly right? Please say yes here, and change the"
                    " entry."
                ),
                kinds.thanks(
                    tk._(
                        "Thank you! Projects see you among their suggestions."
                    )
                ),
            ),
            Answer(
                GONE,
                tk._("Please take us out of the directory"),
                tk._("Support that runs stays as it is."),
                tk._("The entry is gone. Thank you for all!"),
                confirms=False,
                address=tk.h.url_for("digifarm_partners.search"),
                is_final=True,
            ),
        ]

    @override
    def act(
        self, context: Context, row: Confirmation, answer: str, data: DataDict
    ) -> None:
        if answer == GONE:
            # As silence does: the question before what it is about.
            lookups.lock(row)
            WORKFLOW.go_on(WITHDRAW, WORKFLOW.get(row.subject_id), context)

    @override
    def consequence(self, row: Confirmation) -> str:
        if not (day := self.silent_day(row)):
            return ""
        return tk._(
            "Where nobody answers, the entry stays, but from {date} on it is"
            " suggested to no project any more."
        ).format(date=day)

    @override
    def edit(self, row: Confirmation, askee: Askee | None) -> str:
        """By the link of its contact; others need their account."""
        partner = model.Session.get(Partner, row.subject_id)
        if partner is None or partner.state != PartnerState.ACTIVE.value:
            return ""
        if askee and partner.contact_email == askee.recipient.email:
            return mails.edit_link(partner)
        pages = "partners" if partner.organization_id else "contacts"
        return tk.h.url_for(
            f"digifarm_{pages}.edit", id=partner.id, qualified=True
        )

    @override
    def words(self, row: Confirmation) -> dict[str, Any]:
        partner = model.Session.get(Partner, row.subject_id)
        title = partner.title if partner else ""
        is_there = partner and partner.state == PartnerState.ACTIVE.value
        return {
            "title": title,
            "address": (
                tk.h.url_for("digifarm_partners.read", id=partner.name)
                if partner and is_there
                else tk.h.url_for("digifarm_partners.search")
            ),
            "question": tk._(
                "Is the entry of “{title}” in the directory still right?"
            ).format(title=title),
            "lead": tk._("One click is enough. Please choose an answer:"),
            "partner": partner,
        }


kinds.register(PartnerAsking())

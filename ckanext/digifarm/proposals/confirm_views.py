"""How whoever has no account confirms a proposal."""

from __future__ import annotations

from typing import Any, ClassVar

import ckantoolkit as tk
from flask.views import MethodView
from typing_extensions import override

from .. import config
from ..lib import forms, sent
from ..lib.ckan import Response
from .views import RESEND, EditView, own, proposals, thanks


class SentView(sent.SentView):
    """Says that a mail is on its way."""

    action = RESEND
    template = "digifarm/proposals/sent.html"

    @override
    def values(self, **args: str) -> dict[str, Any]:
        return {"days": config.token_days()}


class ConfirmView(MethodView):
    """Where the link in the mail leads; mail scanners follow links, too."""

    def get(self, token: str) -> str:
        """Show what was proposed, and a button."""
        try:
            proposal = tk.get_action("digifarm_proposal_show")(
                {}, {"token": token}
            )
        except (tk.ObjectNotFound, tk.ValidationError) as e:
            if now := getattr(e, "now", ""):
                # The link is fine, and was followed before.
                return tk.render(
                    "digifarm/proposals/confirmed.html", {"now": now}
                )
            return forms.invalid_link(e)
        return tk.render(
            "digifarm/proposals/confirm.html",
            {"proposal": proposal, "token": token},
        )

    def post(self, token: str) -> str | Response:
        """Confirm the proposal."""
        try:
            proposal = tk.get_action("digifarm_proposal_confirm")(
                {}, {"token": token}
            )
        except (tk.ValidationError, tk.NotAuthorized) as e:
            return self._refused(token, e)
        if proposal["state"] == "pending":
            tk.h.flash_success(thanks())
        return tk.redirect_to(
            "digifarm_proposals.by_link", token=proposal["token"]
        )

    def _refused(self, token: str, error: Any) -> Any:
        """Say why: the portal may ask for more by now than it did."""
        errors = tk.h.digifarm_errors(getattr(error, "error_dict", {}))
        if "token" in errors:
            # Perhaps it was confirmed before, by a double click.
            return self.get(token)
        if not errors:
            return forms.invalid_link(error)
        proposal = own({"id": "", "token": token})
        return tk.render(
            "digifarm/proposals/confirm.html",
            {"proposal": proposal, "token": token, "errors": errors},
        )


class ConfirmEditView(EditView):
    """Where somebody changes a proposal before they confirm it."""

    states: ClassVar = {
        "unconfirmed": lambda: tk._(
            "Your changes are saved. Please confirm the proposal now."
        )
    }

    @override
    @classmethod
    def page(cls, id: str, token: str) -> Response:
        return tk.redirect_to("digifarm_proposals.confirm", token=token)


proposals.add_url_rule("/sent", view_func=SentView.as_view("sent"))
proposals.add_url_rule(
    "/confirm/<token>", view_func=ConfirmView.as_view("confirm")
)
proposals.add_url_rule(
    "/confirm/<token>/edit",
    view_func=ConfirmEditView.as_view("confirm_edit"),
)

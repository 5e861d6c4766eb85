"""Partners that ask to be listed, and reviewers who decide."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
from flask.views import MethodView
from typing_extensions import override

from .. import config
from ..lib import forms, paging, sent
from ..lib.ckan import Response
from ..lib.errors import finding
from . import consent
from . import fields as words
from .schema import CHANGEABLE
from .views import form_data, say_where_alike

registrations = forms.blueprint("digifarm_registrations", "/partner")
registrations.after_request(forms.keep_secret)

#: What the registration doesn't ask: reviewers and editors do.
LEFT_OUT = {"organization_id", "name"}

#: What it needs, while reviewers may do without.
CONTACT = {"contact_name", "contact_email"}

#: The action that sends the mail of the form again.
RESEND = "digifarm_partner_resend"

STEPS = {
    "accept": lambda: tk._("The partner is in the directory now."),
    "decline": lambda: tk._("The registration has been declined."),
}


class RegisterView(forms.FormView):
    """The form by which anybody asks to be listed."""

    for_everybody = True

    def get(self) -> str:
        """Show the form."""
        user = tk.g.userobj
        name = user.display_name if user else ""
        return _form({"contact_name": name}, {})

    def send(self, wrong: forms.Wrong) -> Any:
        """Register the partner."""
        data = form_data(tk.request.form)
        data["consent"] = tk.request.form.get("consent", "")
        try:
            partner = tk.get_action("digifarm_partner_register")(
                finding(wrong),
                {**data, "submission": forms.read_stamp() or ""},
            )
        except forms.REFUSALS as e:
            errors = forms.errors_of(e, forms.FORM)
            return _form(data, errors), forms.status_of(e)
        if partner["state"] == "unconfirmed":
            sent.remember(RESEND, {}, data["contact_email"], partner)
            return tk.redirect_to("digifarm_registrations.sent")
        tk.h.flash_success(_thanks())
        return tk.redirect_to("digifarm_contacts.read", id=partner["id"])


class SentView(sent.SentView):
    """Says that a mail is on its way."""

    action = RESEND
    template = "digifarm/partners/registration/sent.html"

    @override
    def values(self, **args: str) -> dict[str, Any]:
        return {"days": config.token_days()}


class ConfirmView(MethodView):
    """Where the link in the mail leads; mail scanners follow links, too."""

    def get(self, token: str) -> str:
        """Show what is confirmed, and a button."""
        return self._page(token, {}, {})

    def _page(self, token: str, data: dict[str, str], errors: Any) -> str:
        try:
            partner = tk.get_action("digifarm_partner_registration_show")(
                {}, {"token": token}
            )
        except (tk.ValidationError, tk.NotAuthorized) as e:
            return forms.invalid_link(e)
        return tk.render(
            "digifarm/partners/registration/confirm.html",
            {
                "partner": partner,
                "data": {**partner, **data},
                "errors": tk.h.digifarm_errors(errors),
            },
        )

    def post(self, token: str) -> Any:
        """Confirm the registration."""
        data = forms.sent_texts(*CHANGEABLE)
        try:
            partner = tk.get_action("digifarm_partner_confirm")(
                {}, {**data, "token": token}
            )
        except (tk.ValidationError, tk.NotAuthorized) as e:
            errors = getattr(e, "error_dict", {})
            if errors.keys() & {*CHANGEABLE}:
                return self._page(token, data, errors)
            return forms.invalid_link(e)
        tk.h.flash_success(_thanks())
        return tk.redirect_to(
            "digifarm_contacts.by_link", token=partner["token"]
        )


def _thanks() -> str:
    return tk._("Thank you! The city’s team will look at it and write to you.")


def review() -> str | Response:
    """The partners that wait for a reviewer's yes."""
    try:
        proposed = paging.uncounted_page("digifarm_partner_proposed_list", {})
        counts = tk.get_action("digifarm_review_counts")({}, {})
    except tk.NotAuthorized:
        return forms.forbidden(tk._("Only reviewers may decide on partners"))
    return tk.render(
        "digifarm/partners/registration/review.html",
        {"proposed": proposed, "counts": counts},
    )


def decide(step: str) -> str | Response:
    """Accept or decline a registration."""
    data = forms.texts("id", "reason", "reason_code", "version")
    try:
        tk.get_action(f"digifarm_partner_{step}")({}, data)
    except tk.ObjectNotFound:
        return tk.abort(404, tk._("Partner not found"))
    except tk.NotAuthorized:
        return forms.forbidden(tk._("Only reviewers may decide on partners"))
    except tk.ValidationError as e:
        if page := forms.refused(e):
            return page
        forms.flash_errors(e)
    else:
        tk.h.flash_success(STEPS[step]())
        # Two entries can be joined once both are in the directory.
        if step == "accept" and say_where_alike(data["id"]):
            return tk.redirect_to("digifarm_partners.read", id=data["id"])
    return tk.redirect_to("digifarm_registrations.review")


def _form(data: dict[str, Any], errors: Any) -> str:
    groups = [
        {**group, "fields": fields}
        for group in words.form_groups()
        if (fields := [f for f in map(_asked, group["fields"]) if f])
    ]
    return tk.render(
        "digifarm/partners/registration/new.html",
        {
            "data": data,
            "errors": tk.h.digifarm_errors(errors),
            "groups": groups,
            "stamp": forms.stamp(),
            "honeypot": forms.HONEYPOT,
            "agreement": consent.registering(),
        },
    )


def _asked(field: dict[str, Any]) -> dict[str, Any] | None:
    """A field of a partner as the registration asks it, or None."""
    name, user = field["field_name"], tk.g.userobj
    if name in LEFT_OUT or (name == "contact_email" and user and user.email):
        return None
    return {**field, "required": field.get("required") or name in CONTACT}


registrations.add_url_rule("/register", view_func=RegisterView.as_view("new"))
registrations.add_url_rule(
    "/register/sent", view_func=SentView.as_view("sent")
)
registrations.add_url_rule(
    "/confirm/<token>", view_func=ConfirmView.as_view("confirm")
)
registrations.add_url_rule("/review", view_func=review)
registrations.add_url_rule(
    "/review/<any(accept, decline):step>", view_func=decide, methods=["POST"]
)

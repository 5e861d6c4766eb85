"""A partner for its contact: by the link that was sent, or by account."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
from flask.views import MethodView

from .. import config
from ..lib import forms, own_pages
from ..lib.ckan import Response
from . import fields as words
from . import schema
from .registration_views import CONTACT
from .views import form_data

contacts = forms.blueprint("digifarm_contacts", "/partner")
contacts.after_request(forms.keep_secret)


def read(id: str = "", token: str = "") -> str:
    """How a registration stands, and what can be done."""
    partner = _own(id, token)
    return _page("read", partner, token)


class EditView(MethodView):
    """Where its contact changes what a partner says of itself."""

    def get(self, id: str = "", token: str = "") -> str:
        """Show the form with what is stored."""
        partner = _own(id, token)
        return _form(partner, partner, token, {})

    def post(self, id: str = "", token: str = "") -> Any:
        """Save what the form holds."""
        partner = _own(id, token)
        allowed = schema.partner_change()
        sent = form_data(tk.request.form)
        data = {name: sent[name] for name in sent if name in allowed}
        try:
            tk.get_action("digifarm_partner_change")(
                {}, {**data, **_reference(partner, token)}
            )
        except forms.REFUSALS as e:
            errors = forms.errors_of(e, "title")
            return _form(partner, data, token, errors), forms.status_of(e)
        if partner["state"] == "active":
            message = tk._(
                "Your changes are public now; the city’s team sees them."
            )
        else:
            message = tk._("Your changes have been saved.")
        tk.h.flash_success(message)
        return tk.redirect_to(address(partner, token))


class DeleteView(MethodView):
    """Asks before a partner is deleted, or a registration withdrawn."""

    def get(self, id: str = "", token: str = "") -> str:
        """Ask."""
        return _page("delete", _own(id, token), token)

    def post(self, id: str = "", token: str = "") -> str | Response:
        """Take it back, or out of the directory."""
        partner = _own(id, token)
        try:
            tk.get_action("digifarm_partner_withdraw")(
                {}, {**_reference(partner, token), "reason": _reason()}
            )
        except tk.ValidationError as e:
            forms.flash_errors(e)
            return tk.redirect_to(address(partner, token))
        tk.h.flash_success(
            tk._("Your registration has been withdrawn.")
            if partner["state"] == "proposed"
            else tk._("The partner “{title}” has been deleted.").format(
                title=partner["title"]
            )
        )
        return tk.redirect_to("digifarm_partners.search")


def address(partner: dict[str, Any], token: str, page: str = "") -> str:
    """Where the contact of a partner finds a page.

    :param token: of the link; "" for an account
    :param page: `edit` or `delete`, or "" for the first one
    """
    if token:
        route = {"": "by_link"}.get(page, f"{page}_by_link")
        return tk.h.url_for(f"digifarm_contacts.{route}", token=token)
    route = {"": "read"}.get(page, page)
    return tk.h.url_for(f"digifarm_contacts.{route}", id=partner["id"])


def _reference(partner: dict[str, Any], token: str) -> dict[str, str]:
    return {"token": token} if token else {"id": partner["id"]}


def _reason() -> str:
    return forms.text("reason")


def _own(id: str, token: str) -> dict[str, Any]:
    """A partner of which the reader is the contact; else the page ends."""
    if not token:
        forms.need_account()
    try:
        return tk.get_action("digifarm_partner_own_show")(
            {}, {"token": token} if token else {"id": id}
        )
    except (tk.ObjectNotFound, tk.ValidationError) as e:
        if token:
            forms.end_with(forms.invalid_link(e))
        return tk.abort(404, tk._("Partner not found"))
    except tk.NotAuthorized:
        return tk.abort(403, tk._("You may not edit this partner"))


def _page(name: str, partner: dict[str, Any], token: str) -> str:
    return tk.render(
        f"digifarm/partners/contact/{name}.html",
        {
            # Others of the directory have a page that everybody may read.
            "partner": partner if partner["state"] == "active" else None,
            "own": partner,
            "token": token,
            "addresses": {
                page: address(partner, token, page)
                for page in ("", "edit", "delete")
            },
            "days": config.retention_days(),
            "dashboard": "" if token else tk.h.url_for(own_pages.DASHBOARD),
        },
    )


def _form(
    partner: dict[str, Any], data: dict[str, Any], token: str, errors: Any
) -> str:
    allowed = schema.partner_change()
    groups = [
        {**group, "fields": asked}
        for group in words.form_groups()
        if (
            asked := [
                {
                    **field,
                    "required": field.get("required")
                    or field["field_name"] in CONTACT,
                }
                for field in group["fields"]
                if field["field_name"] in allowed
            ]
        )
    ]
    return tk.render(
        "digifarm/partners/contact/edit.html",
        {
            "partner": partner if partner["state"] == "active" else None,
            "own": partner,
            "data": data,
            "errors": tk.h.digifarm_errors(errors),
            "groups": groups,
            "back": address(partner, token),
        },
    )


contacts.add_url_rule("/mine/<id>", view_func=read)
contacts.add_url_rule("/mine/<id>/edit", view_func=EditView.as_view("edit"))
contacts.add_url_rule(
    "/mine/<id>/delete", view_func=DeleteView.as_view("delete")
)
contacts.add_url_rule("/link/<token>", "by_link", view_func=read)
contacts.add_url_rule(
    "/link/<token>/edit", view_func=EditView.as_view("edit_by_link")
)
contacts.add_url_rule(
    "/link/<token>/delete", view_func=DeleteView.as_view("delete_by_link")
)

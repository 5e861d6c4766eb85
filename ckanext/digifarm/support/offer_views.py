"""Support that is offered and asked for, by people without an account too."""

from __future__ import annotations

import re
from typing import Any

import ckantoolkit as tk
from flask.views import MethodView
from typing_extensions import override

from .. import config
from ..config import PROJECT_TYPE
from ..lib import forms as lib_forms
from ..lib import sent
from ..lib.ckan import Response
from ..lib.errors import finding
from ..partners import fields as partner_fields
from ..partners import picking
from ..projects import pages as project_pages
from . import consent
from .schema import CHANGEABLE

offers = lib_forms.blueprint("digifarm_offers", f"/{PROJECT_TYPE}/support")
offers.after_request(lib_forms.keep_secret)

TEXTS = (
    "area",
    "who",
    "partner",
    "partner_query",
    "partner_title",
    "partner_kind",
    "partner_url",
    "named",
    "scope",
    "until",
    "message",
    "contact_name",
    "contact_email",
    "consent",
)

#: The action that sends the mail of the form again.
RESEND = "digifarm_support_resend"

#: What the form asks of each kind of supporter.
FIELDS_OF = {
    "person": {"named"},
    "partner": {"partner"},
    "new": {"partner_title", "partner_kind", "partner_url"},
}

STEPS = {
    "accept": lambda: tk._("The support has been accepted."),
    "decline": lambda: tk._("You have declined. The other side hears of it."),
    "withdraw": lambda: tk._("It is withdrawn. The other side hears of it."),
    "end": lambda: tk._("The support has ended."),
    "update": lambda: tk._("It has been saved. Both sides get a mail."),
}


class OfferView(lib_forms.FormView):
    """The form by which anybody offers support."""

    for_everybody = True

    def get(self, id: str) -> str | Response:
        """Show the form; parameters of the address fill its fields."""
        project = project_pages.readable(id)
        args = tk.request.args
        area = project_pages.area_of(project, args.get("area", ""))
        if elsewhere := project_pages.instead_of_help(project, area):
            return elsewhere
        data = {"area": area, "scope": args.get("scope", "")}
        if user := tk.g.userobj:
            data["contact_name"] = user.display_name
        data |= _as_partner(args.get("partner", ""), args.get("as", ""))
        return _offer_form(project, data, {})

    def send(self, wrong: lib_forms.Wrong, id: str) -> Any:
        """Offer support."""
        project = project_pages.readable(id)
        data: dict[str, Any] = lib_forms.texts(*TEXTS)
        candidates = _candidates(data)
        wrong = {**wrong, **_unnamed(data, candidates)}
        try:
            offer = tk.get_action("digifarm_support_offer")(
                finding(wrong), _offer(project, data)
            )
        except lib_forms.REFUSALS as e:
            if answer := project_pages.refused_by(project["name"], e):
                return answer
            errors = lib_forms.errors_of(e, lib_forms.FORM)
            return _offer_form(
                project, data, errors, candidates
            ), lib_forms.status_of(e)
        return _offered(project, offer, data["contact_email"])


def _as_partner(name: str, token: str) -> dict[str, str]:
    """What the form holds for whoever comes from the page of a partner.

    :param name: of the partner
    :param token: of the link to it, which only its contact has
    """
    action = "digifarm_partner_own_show" if token else "digifarm_partner_show"
    try:
        partner = tk.get_action(action)(
            {}, {"token": token} if token else {"id": name}
        )
    except (tk.ObjectNotFound, tk.NotAuthorized, tk.ValidationError):
        return {}
    if partner["state"] != "active":
        return {}
    data = {
        "who": "partner",
        "partner": partner["name"],
        "partner_query": partner["title"],
    }
    if token:
        for field in ("contact_name", "contact_email"):
            data[field] = partner[field]
    return data


def _offered(
    project: dict[str, Any], offer: dict[str, str], email: str
) -> Response:
    if offer["state"] == "unconfirmed":
        sent.remember(RESEND, {"id": project["name"]}, email, offer)
        return tk.redirect_to("digifarm_offers.sent", id=project["name"])
    tk.h.flash_success(
        tk._("Thank you! Your offer has arrived. The answer comes by mail.")
    )
    return tk.redirect_to("digifarm_dashboard.support")


class SentView(sent.SentView):
    """Says that a mail is on its way."""

    action = RESEND
    template = "digifarm/support/offer/sent.html"

    @override
    def values(self, **args: str) -> dict[str, Any]:
        project = project_pages.readable(args["id"])
        return {"project": project, "days": config.token_days()}


class ConfirmView(MethodView):
    """Where the link in the mail leads; mail scanners follow links, too."""

    def get(self, token: str) -> str:
        """Show what was offered, and a button."""
        return _by_token("digifarm/support/offer/confirm.html", token)

    def post(self, token: str) -> str | Response:
        """Confirm the offer."""
        data = lib_forms.sent_texts(*CHANGEABLE)
        try:
            support = tk.get_action("digifarm_support_confirm")(
                {}, {**data, "token": token}
            )
        except (tk.ValidationError, tk.NotAuthorized) as e:
            errors = getattr(e, "error_dict", {})
            if not errors.keys() & {*CHANGEABLE}:
                return lib_forms.invalid_link(e)
            template = "digifarm/support/offer/confirm.html"
            return _by_token(template, token, data=data, errors=errors)
        tk.h.flash_success(
            tk._(
                "Thank you! Your offer has arrived. The answer comes by mail."
            )
        )
        return tk.redirect_to(
            "digifarm_offers.by_link", token=support["token"]
        )


def by_link(token: str) -> str:
    """A support for those who have a link to it."""
    return _by_token("digifarm/support/read.html", token)


def named(token: str) -> str:
    """What is said in the name of a partner, for its contact."""
    template = "digifarm/support/named.html"
    return _by_token(template, token, "digifarm_support_named_show")


def read(id: str) -> str | Response:
    """A support for those who are on one of its sides."""
    return _support("digifarm/support/read.html", id, token="")


def _support(template: str, id: str, **values: Any) -> str | Response:
    """A page on a support, for those who are on one of its sides."""
    try:
        support = tk.get_action("digifarm_support_show")({}, {"id": id})
    except (tk.ObjectNotFound, tk.ValidationError):
        return tk.abort(404, tk._("Support not found"))
    except tk.NotAuthorized:
        return lib_forms.forbidden(tk._("You may not see this support"))
    return tk.render(template, {"support": support, **values})


def step(name: str) -> Any:
    """Accept, decline, withdraw or end a support."""
    form = tk.request.form
    said = lib_forms.texts(
        "id", "token", "reason", "reason_code", "partner", "until"
    )
    data = {key: value for key, value in said.items() if value}
    # Who says that it is none of them sends an empty one.
    if form.get("partner_query", "").strip() and "partner" not in form:
        return _name_partner(data.get("id", ""))
    try:
        support = tk.get_action(f"digifarm_support_{name}")({}, data)
    except tk.ObjectNotFound as e:
        return tk.abort(404, str(e.message))
    except tk.NotAuthorized:
        return lib_forms.forbidden(tk._("You may not change this support"))
    except tk.ValidationError as e:
        return _not_possible(e, data)
    tk.h.flash_success(STEPS[name]())
    if "token" in data:
        return _after_link(name, support["id"], data["token"])
    return _after(name, support["project_id"])


def _after_link(name: str, id_: str, token: str) -> Response:
    """Where a step leads somebody without one; a link is of use only once."""
    if name == "update":
        return tk.redirect_to("digifarm_offers.by_link", token=token)
    return tk.redirect_to("digifarm_offers.done", id=id_)


def _after(name: str, project_id: str) -> Response:
    """Where a step leads somebody with an account."""
    came_from = tk.request.form.get("came_from", "")
    is_elsewhere = came_from == tk.url_for("digifarm_dashboard.support")
    if (
        name == "accept"
        and is_elsewhere
        and lib_forms.may(project_pages.TEAM, id=project_id)
    ):
        # There they are asked whether they look for more of it.
        return tk.redirect_to("digifarm_support.project", id=project_id)
    return _back(came_from)


def _name_partner(id: str) -> Any:
    """Offer partners that a supporter may be, as the field didn't complete."""
    entered = {"partner_query": tk.request.form["partner_query"]}
    data = picking.with_candidates(entered, "partner")
    errors = picking.question(data, "partner")
    came_from = tk.request.form.get("came_from", "")
    return _support(
        "digifarm/support/pick.html",
        id,
        data=data,
        errors=errors,
        came_from=came_from,
    )


def _not_possible(error: tk.ValidationError, data: dict[str, str]) -> Any:
    """Say why, on the page where a step was taken."""
    if "token" in error.error_dict:
        return lib_forms.invalid_link(error)
    if page := lib_forms.refused(error):
        return page
    lib_forms.flash_errors(error)
    if "token" in data:
        return tk.redirect_to("digifarm_offers.by_link", token=data["token"])
    return _back(tk.request.form.get("came_from", ""))


def done(id: str) -> str:
    """Say goodbye to somebody without an account."""
    return tk.render("digifarm/support/done.html", {})


def _offer(project: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """What the form sent, as the action takes it."""
    kind = data["who"] if data["who"] in FIELDS_OF else "person"
    others = {
        name
        for names in FIELDS_OF.values()
        for name in names - FIELDS_OF[kind]
    }
    return {
        **{
            name: value
            for name, value in data.items()
            if name not in others | {"who", "partner_query"}
        },
        "project": project["id"],
        "submission": lib_forms.read_stamp() or "",
    }


def _candidates(data: dict[str, Any]) -> list[dict[str, Any]]:
    """Partners to pick from, where the field could not complete."""
    if data["who"] != "partner" or data["partner"]:
        return []
    return picking.find(query) if (query := data["partner_query"]) else []


def _unnamed(
    data: dict[str, Any], candidates: list[dict[str, Any]]
) -> dict[str, list[str]]:
    """What is wrong with an offer that doesn't say whose it is."""
    if data["who"] == "new" and not data["partner_title"].strip():
        return {"partner_title": [tk._("Please fill this in")]}
    if data["who"] != "partner" or data["partner"]:
        return {}
    if candidates:
        return {"partner": [tk._("Please choose one")]}
    if data["partner_query"].strip():
        message = tk._("Nothing matches. Please try other words.")
        return {"partner": [message]}
    return {"partner": [tk._("Please fill this in")]}


def _by_field(errors: Any) -> dict[str, list[str]]:
    """Messages by the field of the form that shows them."""
    found = tk.h.digifarm_errors(errors)
    if "partner" in found:
        found["partner_query"] = found.pop("partner")
    return found


def _offer_form(
    project: dict[str, Any],
    data: dict[str, Any],
    errors: Any,
    candidates: list[dict[str, Any]] | None = None,
) -> str:
    return tk.render(
        "digifarm/support/offer/new.html",
        {
            "project": project,
            "data": {"who": "person", **data},
            "errors": _by_field(errors),
            "candidates": candidates,
            "kinds": partner_fields.choices("kind"),
            "stamp": lib_forms.stamp(),
            "honeypot": lib_forms.HONEYPOT,
            "consent": consent.offering(),
        },
    )


def _by_token(
    template: str,
    token: str,
    action: str = "digifarm_support_show",
    *,
    data: dict[str, str] | None = None,
    errors: Any = None,
) -> str:
    try:
        support = tk.get_action(action)({}, {"token": token})
    except (tk.ObjectNotFound, tk.ValidationError, tk.NotAuthorized) as e:
        return lib_forms.invalid_link(e)
    return tk.render(
        template,
        {
            "support": support,
            "token": token,
            "data": {**support, **(data or {})},
            "errors": tk.h.digifarm_errors(errors or {}),
        },
    )


def _back(came_from: str) -> Response:
    """Where the step was taken; only to pages of this portal."""
    if re.fullmatch(r"/(?![/\\])[^\s\x00-\x1f]*", came_from):
        return tk.redirect_to(came_from)
    return tk.redirect_to("digifarm_dashboard.support")


offers.add_url_rule("/offer/<id>", view_func=OfferView.as_view("new"))
offers.add_url_rule("/offer/<id>/sent", view_func=SentView.as_view("sent"))
offers.add_url_rule(
    "/confirm/<token>", view_func=ConfirmView.as_view("confirm")
)
offers.add_url_rule("/link/<token>", view_func=by_link)
offers.add_url_rule("/named/<token>", view_func=named)
offers.add_url_rule("/read/<id>", view_func=read)
offers.add_url_rule("/done/<id>", view_func=done)
offers.add_url_rule(
    "/step/<any(accept, decline, withdraw, end, update):name>",
    view_func=step,
    methods=["POST"],
)

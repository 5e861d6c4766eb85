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
from ..lib import sent, text
from ..lib.ckan import Response
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
    "withdraw": lambda: tk._(
        "You have withdrawn. The other side hears of it."
    ),
    "end": lambda: tk._("The support has ended."),
}


class OfferView(MethodView):
    """The form by which anybody offers support."""

    def get(self, id: str) -> str:
        """Show the form; parameters of the address fill its fields."""
        args = tk.request.args
        data = {name: args.get(name, "") for name in ("area", "scope")}
        if user := tk.g.userobj:
            data["contact_name"] = user.display_name
        return _offer_form(_project(id), data, {})

    def post(self, id: str) -> Any:
        """Offer support, or say what is missing."""
        project = _project(id)
        data: dict[str, Any] = lib_forms.texts(*TEXTS)
        if lib_forms.is_trapped():
            args = {"id": project["name"]}
            sent.remember(RESEND, args, data["contact_email"], {})
            return tk.redirect_to("digifarm_offers.sent", id=project["name"])
        stamp = lib_forms.read_stamp()
        if stamp is None:
            return _offer_form(
                project, data, {"consent": [lib_forms.sent_too_soon()]}
            )
        if data["who"] == "partner" and not data["partner"]:
            return _pick_partner(project, data)
        try:
            offer = tk.get_action("digifarm_support_offer")(
                {}, _offer(project, data, stamp)
            )
        except lib_forms.REFUSALS as e:
            return _offer_form(
                project, data, lib_forms.errors_of(e, "partner_query")
            ), lib_forms.status_of(e)
        return _offered(project, offer, data["contact_email"])


def _offered(
    project: dict[str, Any], offer: dict[str, str], email: str
) -> Response:
    if offer["state"] == "unconfirmed":
        sent.remember(RESEND, {"id": project["name"]}, email, offer)
        return tk.redirect_to("digifarm_offers.sent", id=project["name"])
    tk.h.flash_success(
        tk._("Thank you! The people of the project will answer you.")
    )
    return tk.redirect_to("digifarm_dashboard.support")


class SentView(sent.SentView):
    """Says that a mail is on its way."""

    action = RESEND
    template = "digifarm/support/offer/sent.html"

    @override
    def values(self, **args: str) -> dict[str, Any]:
        return {"project": _project(args["id"]), "days": config.token_days()}


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
                "Thank you! Your offer has reached the project. The people"
                " there will answer you."
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
    said = lib_forms.texts("id", "token", "reason", "reason_code", "partner")
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
        return tk.redirect_to("digifarm_offers.done", id=support["id"])
    return _back(form.get("came_from", ""))


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
    lib_forms.flash_errors(error)
    if "token" in data:
        return tk.redirect_to("digifarm_offers.by_link", token=data["token"])
    return _back(tk.request.form.get("came_from", ""))


class RequestView(MethodView):
    """Where editors of a project ask a partner for support."""

    def get(self, id: str) -> str:
        """Show the form; parameters of the address fill its fields."""
        project = project_pages.project(id, "package_update")
        args = tk.request.args
        data = {name: args.get(name, "") for name in ("area", "partner")}
        return _request_form(
            project, picking.with_candidates(data, "partner"), {}
        )

    def post(self, id: str) -> Any:
        """Ask the partner."""
        project = project_pages.project(id, "package_update")
        names = ("area", "partner", "partner_query", "scope", "message")
        entered = lib_forms.texts(*names)
        data = picking.with_candidates(entered, "partner")
        if errors := picking.question(data, "partner"):
            return _request_form(project, data, errors)
        try:
            tk.get_action("digifarm_support_request")(
                {}, {**entered, "project": project["id"]}
            )
        except lib_forms.REFUSALS as e:
            errors = lib_forms.errors_of(e, "partner")
            return _request_form(project, data, errors), lib_forms.status_of(e)
        tk.h.flash_success(tk._("The partner has been asked by mail."))
        return tk.redirect_to("digifarm_support.project", id=project["name"])


def done(id: str) -> str:
    """Say goodbye to somebody without an account."""
    return tk.render("digifarm/support/done.html", {})


def _project(id: str) -> dict[str, Any]:
    """A project that the reader may see; else the page ends."""
    try:
        project = tk.get_action("package_show")({}, {"id": text.clean(id)})
    except (tk.ObjectNotFound, tk.NotAuthorized, tk.Invalid):
        return tk.abort(404, tk._("Civic project not found"))
    if project["type"] != PROJECT_TYPE or project["state"] != "active":
        return tk.abort(404, tk._("Civic project not found"))
    return project


def _offer(
    project: dict[str, Any], data: dict[str, Any], stamp: str
) -> dict[str, Any]:
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
        "submission": stamp,
    }


def _pick_partner(project: dict[str, Any], data: dict[str, Any]) -> str:
    """Offer partners to pick from, where the field could not complete."""
    found = picking.find(query) if (query := data["partner_query"]) else []
    message = (
        tk._("Please choose one")
        if found
        else tk._("Nothing matches. Please try other words.")
    )
    errors = {"partner_query": [message]}
    return _offer_form(project, data, errors, found)


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
            "errors": tk.h.digifarm_errors(errors),
            "candidates": candidates,
            "kinds": partner_fields.choices("kind"),
            "stamp": lib_forms.stamp(),
            "honeypot": lib_forms.HONEYPOT,
            "consent": consent.offering(),
        },
    )


def _request_form(
    project: dict[str, Any], data: dict[str, Any], errors: Any
) -> str:
    return tk.render(
        "digifarm/support/request.html",
        {
            "pkg_dict": project,
            "dataset_type": PROJECT_TYPE,
            "data": data,
            "errors": tk.h.digifarm_errors(errors),
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
offers.add_url_rule("/request/<id>", view_func=RequestView.as_view("request"))
offers.add_url_rule("/done/<id>", view_func=done)
offers.add_url_rule(
    "/step/<any(accept, decline, withdraw, end):name>",
    view_func=step,
    methods=["POST"],
)

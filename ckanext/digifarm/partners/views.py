from __future__ import annotations

from typing import Any

import ckantoolkit as tk
from flask import jsonify
from flask.views import MethodView
from werkzeug.datastructures import MultiDict

from ..lib import forms, paging
from ..lib.ckan import Page, Response
from ..lib.errors import finding
from . import fields as words
from . import picking

partners = forms.blueprint("digifarm_partners", "/partner")


#: Filters of the directory, by the field whose choices they have.
FILTERS = {"kind": "kind", "area": "areas", "action_field": "action_fields"}


def search() -> str:
    """The directory."""
    args = tk.request.args
    names = ("q", "supporting", *FILTERS)
    asked = {name: args.get(name, "").strip() for name in names}
    found, pager = paging.page("digifarm_partner_search", asked)
    filters = [
        {"name": name, "label": field["label"], "choices": field["choices"]}
        for name, field_name in FILTERS.items()
        for field in words.schema()["partner_fields"]
        if field["field_name"] == field_name
    ]
    return tk.render(
        "digifarm/partners/search.html",
        {
            "page": pager,
            "asked": asked,
            "filters": filters,
            "meant": found.get("meant", ""),
        },
    )


def candidates() -> Response:
    """Partners that match, for the field that completes."""
    found = picking.find(tk.request.args.get("q", ""))
    return jsonify(
        [
            {
                "name": partner["name"],
                "title": partner["title"],
                "organization": words.choice_label("kind", partner["kind"]),
            }
            for partner in found
        ]
    )


def read(id: str) -> str | Response:
    """The page of a partner, or the way to that of whom it was joined with.

    No way for good: who is restored has a page again.
    """
    partner = _shown(id)
    if partner is None or partner["merged_into"]:
        if stays := _merged_into(id):
            return tk.redirect_to("digifarm_partners.read", id=stays["name"])
        if partner is None:
            return tk.abort(404, tk._("Partner not found"))
    return tk.render(
        "digifarm/partners/read.html",
        {
            "partner": partner,
            "alike": _alike(partner["id"]),
            "supports": _supports(partner),
        },
    )


class CreateView(forms.FormView):
    """The form for a new partner."""

    def get(self) -> str | Response:
        """Show the form."""
        if not forms.may("digifarm_partner_create"):
            return forms.forbidden(_forbidden())
        return _form({}, {})

    def send(self, wrong: forms.Wrong) -> str | Response:
        """Create the partner and show its page."""
        data = form_data(tk.request.form)
        try:
            partner = tk.get_action("digifarm_partner_create")(
                finding(wrong), data
            )
        except tk.NotAuthorized:
            return forms.forbidden(_forbidden())
        except tk.ValidationError as e:
            return _form(data, e.error_dict)
        tk.h.flash_success(tk._("The partner has been saved."))
        say_where_alike(partner["id"])
        return tk.redirect_to("digifarm_partners.read", id=partner["name"])


class EditView(forms.FormView):
    """The form for a partner that there is."""

    def get(self, id: str) -> str:
        """Show the form with what is stored."""
        partner = _partner(id, "update")
        return _form(partner, {}, partner)

    def send(self, wrong: forms.Wrong, id: str) -> str | Response:
        """Save what the form holds."""
        partner = _partner(id, "update")
        data = form_data(tk.request.form)
        # A form without the field leaves the organisation as it is.
        if "organization_id" not in tk.request.form:
            data.pop("organization_id", None)
        try:
            saved = tk.get_action("digifarm_partner_update")(
                finding(wrong), {**data, "id": partner["id"]}
            )
        except tk.NotAuthorized:
            return forms.forbidden(_forbidden())
        except tk.ValidationError as e:
            return _form(data, e.error_dict, partner)
        tk.h.flash_success(tk._("The partner has been saved."))
        return tk.redirect_to("digifarm_partners.read", id=saved["name"])


class DeleteView(MethodView):
    """Asks before a partner is deleted."""

    def get(self, id: str) -> str:
        """Ask."""
        return tk.render(
            "digifarm/partners/confirm_delete.html",
            {"partner": _partner(id, "delete")},
        )

    def post(self, id: str) -> Response:
        """Take the partner out of the directory."""
        partner = _partner(id, "delete")
        try:
            tk.get_action("digifarm_partner_delete")({}, {"id": partner["id"]})
        except tk.ValidationError as e:
            return _unsettled(e)
        tk.h.flash_notice(
            tk._("The partner “{title}” has been deleted.").format(
                title=partner["title"]
            )
        )
        return tk.redirect_to("digifarm_partners.search")


class MergeView(MethodView):
    """Joins two entries of the same partner."""

    def get(self, id: str) -> str:
        """Ask which one stays; the address may name one."""
        entered = {"into": tk.request.args.get("into", "")}
        data = picking.with_candidates(entered, "into")
        return _merge_form(_partner(id, "merge"), {}, data)

    def post(self, id: str) -> str | Response:
        """Join them and show the one that stays."""
        partner = _partner(id, "merge")
        names = ("into", "into_query")
        entered = {name: tk.request.form.get(name, "") for name in names}
        data = picking.with_candidates(entered, "into")
        data["candidates"] = [
            other
            for other in data["candidates"]
            if other["id"] != partner["id"]
        ]
        if errors := picking.question(data, "into"):
            return _merge_form(partner, errors, data)
        try:
            stays = tk.get_action("digifarm_partner_merge")(
                {}, {"id": partner["id"], "into": data["into"]}
            )
        except (tk.ObjectNotFound, tk.ValidationError) as e:
            return _merge_form(partner, forms.errors_of(e, "into"), data)
        tk.h.flash_success(tk._("The two entries are one now."))
        return tk.redirect_to("digifarm_partners.read", id=stays["name"])


def deleted() -> str | Response:
    """The partners that are gone, to restore them."""
    try:
        _, page = paging.page("digifarm_partner_deleted_list", {})
    except tk.NotAuthorized:
        return forms.forbidden(
            tk._("Only reviewers may see partners that are deleted")
        )
    return tk.render("digifarm/partners/deleted.html", {"page": page})


def _merge_form(
    partner: dict[str, Any], errors: Any, data: dict[str, Any]
) -> str:
    return tk.render(
        "digifarm/partners/merge.html",
        {
            "partner": partner,
            "supports": _supports(partner),
            "errors": tk.h.digifarm_errors(errors),
            "data": data,
        },
    )


def restore(id: str) -> Response:
    """Bring a deleted partner back."""
    partner = _partner(id, "restore")
    try:
        tk.get_action("digifarm_partner_restore")({}, {"id": partner["id"]})
    except tk.ValidationError as e:
        return _unsettled(e)
    tk.h.flash_success(
        tk._("The partner “{title}” is back.").format(title=partner["title"])
    )
    # It may have got a new name.
    restored = _partner(partner["id"], "show")
    return tk.redirect_to("digifarm_partners.read", id=restored["name"])


def _unsettled(error: tk.ValidationError) -> Response:
    """Lead reviewers to where they decide on a registration."""
    for messages in tk.h.digifarm_errors(error.error_dict).values():
        tk.h.flash_error(" ".join(messages))
    return tk.redirect_to("digifarm_registrations.review")


def _partner(id: str, action: str) -> dict[str, Any]:
    """A partner for somebody who may do something; else the page ends.

    :param id: id or name
    :param action: `show`, `update`, `delete`, `restore` or `merge`
    """
    if action != "show":
        forms.need_account()
    partner = _shown(id)
    if partner is None:
        return tk.abort(404, tk._("Partner not found"))
    if not forms.may(f"digifarm_partner_{action}", id=partner["id"]):
        tk.abort(403, _forbidden())
    return partner


def _shown(id: str) -> dict[str, Any] | None:
    """A partner, as far as the reader may see it."""
    try:
        return tk.get_action("digifarm_partner_show")({}, {"id": id})
    except (tk.ObjectNotFound, tk.NotAuthorized, tk.ValidationError):
        return None


def _supports(partner: dict[str, Any]) -> dict[str, Page]:
    """What a partner supports, and has supported, by state."""
    return {
        state: paging.uncounted_page(
            "digifarm_support_list",
            {"partner": partner["id"], "state": state},
            state,
        )
        for state in ("accepted", "ended")
    }


def _merged_into(id: str) -> dict[str, str]:
    """The partner that one was joined with; nothing where it was with none."""
    try:
        return tk.get_action("digifarm_partner_merged_into")({}, {"id": id})
    except (tk.ObjectNotFound, tk.ValidationError):
        return {}


def _alike(id: str) -> list[dict[str, Any]]:
    """Partners that are likely the same, for reviewers; visitors cost nothing.

    :param id: id of a partner
    """
    if not forms.may("digifarm_partner_alike", id=id):
        return []
    return tk.get_action("digifarm_partner_alike")({}, {"id": id})


def say_where_alike(id: str) -> bool:
    """Tell reviewers where a partner is likely there twice.

    :param id: id of a partner
    :returns: whether it is
    """
    is_twice = bool(_alike(id))
    if is_twice:
        tk.h.flash_notice(
            tk._(
                "Perhaps it is in the directory already: please look at the"
                " entries below that are like it."
            )
        )
    return is_twice


def form_data(form: MultiDict[str, str]) -> dict[str, Any]:
    """What a form with the fields of a partner sent."""
    return {
        field["field_name"]: form.getlist(field["field_name"])
        if field["field_name"] in {"areas", "action_fields"}
        else forms.text(field["field_name"])
        for field in words.schema()["partner_fields"]
    }


def _form(
    data: dict[str, Any],
    errors: Any,
    partner: dict[str, Any] | None = None,
) -> str:
    return tk.render(
        "digifarm/partners/edit.html",
        {
            "data": data,
            "errors": tk.h.digifarm_errors(errors),
            "partner": partner,
            "groups": words.form_groups(),
        },
    )


def _forbidden() -> str:
    return tk._("You may not edit this partner")


# Without it, the redirect to the slash would lose the language.
partners.add_url_rule("/", view_func=search, strict_slashes=False)
partners.add_url_rule("/candidates", view_func=candidates)
partners.add_url_rule("/new", view_func=CreateView.as_view("new"))
partners.add_url_rule("/deleted", view_func=deleted)
partners.add_url_rule("/<id>", view_func=read)
partners.add_url_rule("/edit/<id>", view_func=EditView.as_view("edit"))
partners.add_url_rule("/merge/<id>", view_func=MergeView.as_view("merge"))
partners.add_url_rule("/restore/<id>", view_func=restore, methods=["POST"])
partners.add_url_rule("/delete/<id>", view_func=DeleteView.as_view("delete"))

"""How anybody proposes a project, and follows what becomes of it."""

from __future__ import annotations

import base64
from typing import Any, ClassVar
from urllib.parse import urlencode

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..lib import forms, sent
from ..lib.ckan import Response, SearchIndexError, current_user
from ..lib.errors import finding
from ..links import picking
from ..projects import alike, pages
from ..projects.picture_forms import FormPicture
from ..projects.views import form_data
from . import consent
from .form_data import (
    for_action,
    form_values,
    project_fields,
    questions,
    read_form,
    verdict,
)

proposals = forms.blueprint("digifarm_proposals", f"/{PROJECT_TYPE}/propose")
proposals.after_request(forms.keep_secret)


#: The action that sends the mail of the form again.
RESEND = "digifarm_proposal_resend"


class ProposeView(forms.FormView):
    """The form by which anybody proposes a project."""

    for_everybody = True

    def get(self) -> str | Response:
        """Show the form; parameters of the address fill its fields.

        Who may create projects gets the form that does.
        """
        _check_open()
        args = tk.request.args
        if tk.h.organizations_available("create_dataset"):
            query = urlencode([*args.items(multi=True)])
            return tk.redirect_to(
                f"{tk.h.url_for('digifarm_projects.new')}?{query}"
            )
        # What somebody confirms, no link confirms for them.
        data = {**read_form(args), "conditions": [], "consent": ""}
        if user := tk.g.userobj:
            data["proposer_name"] = user.display_name
        return _form(data)

    def send(self, wrong: forms.Wrong) -> Any:
        """Submit the proposal."""
        _check_open()
        data = read_form(tk.request.form)
        picture = FormPicture()
        wrong = {**wrong, **questions(data), **picture.errors}
        try:
            proposal = tk.get_action("digifarm_proposal_submit")(
                finding(wrong),
                {
                    **for_action(data),
                    "image_upload": picture.upload,
                    "submission": forms.read_stamp() or "",
                },
            )
        except forms.REFUSALS as e:
            errors = forms.errors_of(e, forms.FORM)
            return _form(data, errors, picture), forms.status_of(e)
        return _proposed(proposal, data["proposer_email"])


def _proposed(proposal: dict[str, str], email: str) -> Any:
    """Where somebody goes on who has sent the form."""
    if proposal["state"] == "unconfirmed":
        sent.remember(RESEND, {}, email, proposal)
        return tk.redirect_to("digifarm_proposals.sent")
    if current_user.is_anonymous:
        # The same form once more, after the confirmation.
        return tk.render("digifarm/proposals/confirmed.html", {})
    tk.h.flash_success(thanks())
    return tk.redirect_to("digifarm_proposals.read", id=proposal["id"])


def datasets() -> Response:
    """Public datasets, for the field that completes."""
    query = tk.request.args.get("q", "")
    return picking.answer(
        picking.find(query, picking.DATASETS, with_private=False)
    )


def license_() -> str:
    """What can be said of a licence while it is entered."""
    return tk.render(
        "digifarm/proposals/snippets/license.html",
        verdict(form_data(tk.request.args)),
    )


def duplicates() -> str:
    """Projects that may be the same one, while it is entered."""
    data = read_form(tk.request.args)
    return tk.render(
        "digifarm/proposals/snippets/duplicates.html",
        {"duplicates": alike.found(data), "data": data, "errors": {}},
    )


def by_link(token: str) -> str:
    """A proposal for whoever has the link to it."""
    return _by_token("digifarm/proposals/read.html", token)


def read(id: str) -> str | Response:
    """A proposal for whoever has proposed it with an account."""
    forms.need_account()
    proposal = own({"id": id})
    return tk.render(
        "digifarm/proposals/read.html", {"proposal": proposal, "token": ""}
    )


def picture(id: str = "", token: str = "") -> Any:
    """The picture of a proposal, for nobody but those who may see it."""
    try:
        found = tk.get_action("digifarm_proposal_picture")(
            {}, {"id": id, "token": token}
        )
    except (tk.ObjectNotFound, tk.ValidationError):
        return tk.abort(404, tk._("Proposal not found"))
    except tk.NotAuthorized:
        return tk.abort(403, tk._("This proposal is not for you"))
    return pages.picture(base64.b64decode(found["content"]), found["mimetype"])


def thanks() -> str:
    """What to say once a proposal waits for a decision."""
    return tk._("Thank you! The city’s team reads it and writes to you.")


class EditView(forms.FormView):
    """Where a proposal is changed as long as nobody has decided."""

    #: In which states there is something to change, and what is said then.
    states: ClassVar = {
        "pending": lambda: tk._(
            "Your changes are saved; the city’s team sees them."
        ),
        "changes_requested": thanks,
    }

    @classmethod
    def page(cls, id: str, token: str) -> Response:
        """Where somebody goes on."""
        return _to_proposal(id, token)

    def get(self, id: str = "", token: str = "") -> Any:
        """Show the form with what is stored."""
        if not token:
            forms.need_account()
        proposal = own({"id": id, "token": token})
        if page := self._elsewhere(proposal, token):
            return page
        data = {
            **proposal["project"],
            "datasets": [d["name"] for d in proposal["datasets"]],
        }
        return _edit_form(proposal, data, token)

    def send(self, wrong: forms.Wrong, id: str = "", token: str = "") -> Any:
        """Change the proposal."""
        reference = {"id": id, "token": token}
        proposal = own(reference)
        if page := self._elsewhere(proposal, token):
            return page
        data = read_form(tk.request.form)
        data["reason"] = forms.text("reason")
        picture = FormPicture()
        if tk.request.form.get("state") not in {None, proposal["state"]}:
            # What was asked for then is something else.
            errors = {forms.FORM: [_answered()]}
            return _edit_form(proposal, data, token, errors, picture)
        wrong = {
            **wrong,
            **picking.questions(with_private=False),
            **picture.errors,
        }
        try:
            changed = tk.get_action("digifarm_proposal_update")(
                finding(wrong),
                {
                    **reference,
                    "project": project_fields(data, with_empty=True),
                    "datasets": data["datasets"],
                    "image_upload": picture.upload,
                    "clear_upload": data["clear_upload"],
                    "reason": data["reason"],
                },
            )
        except forms.REFUSALS as e:
            errors = forms.errors_of(e, forms.FORM)
            return _edit_form(
                proposal, data, token, errors, picture
            ), forms.status_of(e)
        except SearchIndexError:
            forms.say_not_saved()
            return _edit_form(proposal, data, token, {}, picture)
        tk.h.flash_success(self.states[proposal["state"]]())
        return self.page(id, token and changed["token"])

    def _elsewhere(self, proposal: dict[str, Any], token: str) -> Any:
        """Another page, where the reader can't change the proposal now."""
        reference = {"id": proposal["id"], "token": token}
        if not forms.may("digifarm_proposal_update", **reference):
            return forms.forbidden(tk._("This proposal is not for you"))
        if proposal["state"] not in self.states:
            tk.h.flash_notice(tk._("There is nothing to change here now."))
            return self.page(proposal["id"], token)
        return None


def _answered() -> str:
    return tk._(
        "Meanwhile the city’s team has answered. Please read that first, and"
        " then send your changes."
    )


def withdraw() -> Any:
    """Take back a proposal."""
    data = forms.texts("id", "token", "reason", "reason_code")
    try:
        tk.get_action("digifarm_proposal_withdraw")({}, data)
    except tk.ObjectNotFound:
        return tk.abort(404, tk._("Proposal not found"))
    except tk.NotAuthorized:
        return forms.forbidden(tk._("This proposal is not for you"))
    except tk.ValidationError as e:
        if "token" in e.error_dict:
            return forms.invalid_link(e)
        if page := forms.refused(e):
            return page
        forms.flash_errors(e)
    else:
        tk.h.flash_success(tk._("Your proposal has been withdrawn."))
    return tk.redirect_to(f"{PROJECT_TYPE}.search")


def _check_open() -> None:
    """End the page where the portal takes no proposals."""
    if not forms.may("digifarm_proposal_submit"):
        tk.abort(404, tk._("This portal takes no proposals yet"))


def _to_proposal(id: str, token: str) -> Response:
    """Lead to the page of a proposal, by the link where there is one."""
    if token:
        return tk.redirect_to("digifarm_proposals.by_link", token=token)
    return tk.redirect_to("digifarm_proposals.read", id=id)


def own(reference: dict[str, str]) -> Any:
    """A proposal that the reader may see; else the page ends."""
    try:
        return tk.get_action("digifarm_proposal_show")({}, reference)
    except (tk.ObjectNotFound, tk.ValidationError):
        return tk.abort(404, tk._("Proposal not found"))
    except tk.NotAuthorized:
        return tk.abort(403, tk._("This proposal is not for you"))


def _by_token(template: str, token: str) -> str:
    try:
        proposal = tk.get_action("digifarm_proposal_show")(
            {}, {"token": token}
        )
    except (tk.ObjectNotFound, tk.ValidationError, tk.NotAuthorized) as e:
        return forms.invalid_link(e)
    return tk.render(template, {"proposal": proposal, "token": token})


def _form(
    data: dict[str, Any],
    errors: Any = None,
    picture: FormPicture | None = None,
) -> str:
    data = {**data, "duplicates": alike.found(data)}
    return tk.render(
        "digifarm/proposals/new.html",
        {
            **form_values(data, errors, picture),
            "stamp": forms.stamp(),
            "honeypot": forms.HONEYPOT,
            "agreement": consent.proposing(),
        },
    )


def _edit_form(
    proposal: dict[str, Any],
    data: dict[str, Any],
    token: str,
    errors: Any = None,
    picture: FormPicture | None = None,
) -> str:
    return tk.render(
        "digifarm/proposals/edit.html",
        {
            **form_values(data, errors, picture),
            "proposal": proposal,
            "token": token,
        },
    )


proposals.add_url_rule("", view_func=ProposeView.as_view("new"))
proposals.add_url_rule("/datasets", view_func=datasets)
proposals.add_url_rule("/license", "license", view_func=license_)
proposals.add_url_rule("/duplicates", view_func=duplicates)
proposals.add_url_rule("/link/<token>", view_func=by_link)
proposals.add_url_rule("/read/<id>", view_func=read)
proposals.add_url_rule("/picture/<id>", "picture", view_func=picture)
proposals.add_url_rule(
    "/link/<token>/picture", "picture_by_link", view_func=picture
)
proposals.add_url_rule(
    "/link/<token>/edit", view_func=EditView.as_view("edit_by_link")
)
proposals.add_url_rule("/read/<id>/edit", view_func=EditView.as_view("edit"))
proposals.add_url_rule("/withdraw", view_func=withdraw, methods=["POST"])

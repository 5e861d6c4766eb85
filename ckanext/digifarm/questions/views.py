"""How anybody asks a project's team something."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
from flask.views import MethodView
from typing_extensions import override

from .. import config
from ..config import PROJECT_TYPE
from ..lib import forms as lib_forms
from ..lib import sent
from ..lib.errors import finding
from ..projects import pages
from . import consent, schema

questions = lib_forms.blueprint(
    "digifarm_questions", f"/{PROJECT_TYPE}/questions"
)
questions.after_request(lib_forms.keep_secret)

#: The action that sends the mail of the form again.
RESEND = "digifarm_question_resend"

FIELDS = ("message", "name", "email", "consent")


class AskView(lib_forms.FormView):
    """The form by which anybody asks."""

    for_everybody = True

    def get(self, id: str) -> Any:
        """Show the form."""
        user = tk.g.userobj
        data = {"name": user.display_name if user else ""}
        return _form(pages.readable(id), data, {})

    def send(self, wrong: lib_forms.Wrong, id: str) -> Any:
        """Send the question."""
        project = pages.readable(id)
        data = lib_forms.texts(*FIELDS)
        try:
            question = tk.get_action("digifarm_question_ask")(
                finding(wrong),
                {
                    **data,
                    "project": project["id"],
                    "submission": lib_forms.read_stamp() or "",
                },
            )
        except lib_forms.REFUSALS as e:
            errors = lib_forms.errors_of(e, lib_forms.FORM)
            return _form(project, data, errors), lib_forms.status_of(e)
        args = {"id": project["name"]}
        if question["state"] == "sent":
            return tk.redirect_to("digifarm_questions.done", **args)
        sent.remember(RESEND, args, data["email"], question)
        return tk.redirect_to("digifarm_questions.sent", **args)


class SentView(sent.SentView):
    """Says that a mail is on its way."""

    action = RESEND
    template = "digifarm/questions/sent.html"

    @override
    def values(self, **args: str) -> dict[str, Any]:
        project = pages.readable(args["id"])
        return {"project": project, "days": config.token_days()}


def done(id: str) -> str:
    """Say that the team has the question, and what comes next."""
    return tk.render(
        "digifarm/questions/done.html", {"project": pages.readable(id)}
    )


class ConfirmView(MethodView):
    """Where the link in the mail leads; mail scanners follow links, too."""

    def get(self, token: str) -> Any:
        """Show what was asked, and a button; or that it is sent."""
        return _question(token, {}, {})

    def post(self, token: str) -> Any:
        """Send the question."""
        data = lib_forms.sent_texts(*schema.CHANGEABLE)
        try:
            tk.get_action("digifarm_question_confirm")(
                {}, {**data, "token": token}
            )
        except lib_forms.REFUSALS as e:
            errors = getattr(e, "error_dict", {})
            if not errors.keys() & {*schema.CHANGEABLE}:
                return lib_forms.invalid_link(e)
            return _question(token, data, errors)
        return tk.redirect_to("digifarm_questions.confirm", token=token)


def _question(token: str, data: dict[str, str], errors: Any) -> str:
    try:
        question = tk.get_action("digifarm_question_show")(
            {}, {"token": token}
        )
    except lib_forms.REFUSALS as e:
        return lib_forms.invalid_link(e)
    page = "done" if question["state"] == "sent" else "confirm"
    return tk.render(
        f"digifarm/questions/{page}.html",
        {
            "project": question["project"],
            "question": question,
            "data": {**question, **data},
            "errors": tk.h.digifarm_errors(errors),
        },
    )


def _form(project: dict[str, Any], data: dict[str, Any], errors: Any) -> str:
    return tk.render(
        "digifarm/questions/new.html",
        {
            "project": project,
            "data": data,
            "errors": tk.h.digifarm_errors(errors),
            "stamp": lib_forms.stamp(),
            "honeypot": lib_forms.HONEYPOT,
            "consent": consent.asking(),
        },
    )


questions.add_url_rule("/ask/<id>", view_func=AskView.as_view("new"))
questions.add_url_rule("/ask/<id>/sent", view_func=SentView.as_view("sent"))
questions.add_url_rule("/ask/<id>/done", view_func=done)
questions.add_url_rule(
    "/confirm/<token>", view_func=ConfirmView.as_view("confirm")
)

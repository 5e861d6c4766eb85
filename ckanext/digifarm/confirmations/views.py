"""Where people say whether something is still as it says."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
from flask.views import MethodView
from typing_extensions import override

from ..config import PROJECT_TYPE
from ..lib import forms, paging
from ..lib.ckan import Response, SearchIndexError

confirmations = forms.blueprint(
    "digifarm_confirmations", f"/{PROJECT_TYPE}/confirm"
)
confirmations.after_request(forms.keep_secret)


def mine() -> Any:
    """What waits for the reader's answer."""
    forms.need_account()
    _, page = paging.page("digifarm_confirmation_mine", {})
    return tk.render("digifarm/confirmations/mine.html", {"page": page})


class AnswerView(MethodView):
    """The page with the answers, one of which may have a form."""

    #: The action that takes an answer.
    action = "digifarm_confirmation_answer"

    def named(self, **args: str) -> dict[str, str]:
        """How the address names the question, for actions."""
        raise NotImplementedError

    def unknown(self, error: Exception) -> Any:
        """End the page where there is no such question."""
        raise NotImplementedError

    def chosen(self) -> str:
        """The answer whose form is shown, or that was sent."""
        values = tk.request.values
        return values.get("more") or values.get("answer", "")

    def get(self, **args: str) -> Any:
        """Show the answers, or the form of one of them."""
        return self._page(self.named(**args), {}, {})

    def post(self, **args: str) -> Any:
        """Give an answer."""
        named, data = self.named(**args), _sent()
        if "more" in data:
            # What was typed beside another answer goes along.
            return self._page(named, data, {})
        try:
            # Afterwards a link is of no use any more.
            asked = tk.get_action("digifarm_confirmation_show")({}, named)
            tk.get_action(self.action)(
                {}, {**data, **named, "answer": self.chosen()}
            )
        except tk.NotAuthorized as e:
            return forms.forbidden(str(e.message))
        except SearchIndexError:
            forms.say_not_saved()
            return self._page(named, data, {})
        except forms.REFUSALS as e:
            errors = getattr(e, "error_dict", {})
            if "token" in errors or isinstance(e, tk.ObjectNotFound):
                return self.unknown(e)
            return self._page(named, data, errors)
        return self.done(asked)

    def again(self, **args: str) -> Any:
        """Show what was typed, as the page was open for too long."""
        return self._page(self.named(**args), _sent(), forms.interrupted())

    def done(self, asked: dict[str, Any]) -> Response:
        """Say thank you."""
        answers = {one["name"]: one for one in asked["answers"]}
        given = answers[self.chosen()]
        tk.h.flash_success(given["thanks"])
        return tk.redirect_to(given["address"] or asked["address"])

    def _page(
        self, named: dict[str, str], data: dict[str, Any], errors: Any
    ) -> Any:
        try:
            asked = tk.get_action("digifarm_confirmation_show")({}, named)
        except tk.NotAuthorized as e:
            return forms.forbidden(str(e.message))
        except forms.REFUSALS as e:
            return self.unknown(e)
        answers = {one["name"]: one for one in asked["answers"]}
        answer = answers.get(self.chosen(), {})
        return tk.render(
            "digifarm/confirmations/answer.html",
            {
                "asked": asked,
                "chosen": answer if errors or _is_asked_more(answer) else None,
                "data": _shown(answer or _any_of(answers), data),
                "errors": tk.h.digifarm_errors(errors),
                "is_decided": self.action != AnswerView.action,
            },
        )


class LinkView(AnswerView):
    """The same by a link that was sent by mail."""

    @override
    def named(self, **args: str) -> dict[str, str]:
        return {"token": args["token"]}

    @override
    def unknown(self, error: Exception) -> Any:
        return forms.invalid_link(error)


class ReadView(AnswerView):
    """The same for who is logged in, and named by its id."""

    @override
    def named(self, **args: str) -> dict[str, str]:
        forms.need_account()
        return {"id": args["id"]}

    @override
    def unknown(self, error: Exception) -> Any:
        return tk.abort(404, tk._("There is no such question"))


class ProjectView(ReadView):
    """The same for a project, asked or not."""

    @override
    def named(self, **args: str) -> dict[str, str]:
        forms.need_account()
        return {"project": args["id"]}


class EndView(ReadView):
    """Where reviewers end what nobody answers for."""

    action = "digifarm_confirmation_end"

    @override
    def chosen(self) -> str:
        return "ended"

    @override
    def done(self, asked: dict[str, Any]) -> Response:
        tk.h.flash_success(
            tk._(
                "“{title}” has ended. Its people get a mail, and can undo it."
            ).format(title=asked["title"])
        )
        return tk.redirect_to("digifarm_reviews.index", part="unconfirmed")


#: What reviewers can decide by a click.
DECISIONS = {
    "ask_again": lambda: tk._(
        "“{title}”: its people are asked once more by mail."
    ),
    "search": lambda: tk._(
        "“{title}”: its page says now that the city looks for somebody who"
        " looks after it."
    ),
}


def decide(id: str, step: str) -> Any:
    """Take the step of a reviewer."""
    forms.need_account()
    try:
        asked = tk.get_action("digifarm_confirmation_show")({}, {"id": id})
        tk.get_action(f"digifarm_confirmation_{step}")({}, {"id": id})
    except tk.ObjectNotFound:
        return tk.abort(404, tk._("There is no such question"))
    except tk.NotAuthorized as e:
        return forms.forbidden(str(e.message))
    except tk.ValidationError as e:
        forms.flash_errors(e)
    else:
        said = DECISIONS[step]()
        tk.h.flash_success(said.format(title=asked["title"]))
    return tk.redirect_to("digifarm_reviews.index", part="unconfirmed")


def _is_asked_more(answer: dict[str, Any]) -> bool:
    """Whether an answer has a page of its own before it is given."""
    return bool(answer.get("fields") or answer.get("is_final"))


def _any_of(answers: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """One of the answers: what is told besides is the same of all."""
    return next(iter(answers.values()), {})


def _shown(answer: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """What the fields of a form hold.

    :param answer: whose form it is, or any for the page with all of them
    :param data: what was sent: of this form, or beside another answer
    """
    values = answer.get("values", {})
    if "more" in data:
        return {**values, **data}
    # A box that is no longer ticked isn't sent.
    return data or values


def _sent() -> dict[str, Any]:
    """What the form of an answer has sent."""
    found: dict[str, Any] = {}
    for name in tk.request.form:
        values = tk.request.form.getlist(name)
        if name not in {"answer", tk.config["WTF_CSRF_FIELD_NAME"]}:
            found[name] = values if len(values) > 1 else forms.text(name)
    return found


confirmations.add_url_rule("", view_func=mine)
confirmations.add_url_rule(
    "/link/<token>", view_func=LinkView.as_view("by_link")
)
confirmations.add_url_rule(
    "/question/<id>", view_func=ReadView.as_view("read")
)
confirmations.add_url_rule("/end/<id>", view_func=EndView.as_view("end"))
confirmations.add_url_rule(
    "/decide/<id>/<any(ask_again, search):step>",
    view_func=decide,
    methods=["POST"],
)
confirmations.add_url_rule("/<id>", view_func=ProjectView.as_view("project"))

"""Where people say whether something is still as it says."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
from flask.views import MethodView
from typing_extensions import override

from ..config import PROJECT_TYPE
from ..lib import forms
from ..lib.ckan import SearchIndexError

confirmations = forms.blueprint(
    "digifarm_confirmations", f"/{PROJECT_TYPE}/confirm"
)
confirmations.after_request(forms.keep_secret)


class AnswerView(MethodView):
    """The page with the answers, one of which may have a form."""

    def named(self, **args: str) -> dict[str, str]:
        """How the address names the question, for actions."""
        raise NotImplementedError

    def get(self, **args: str) -> Any:
        """Show the answers, or the form of one of them."""
        chosen = tk.request.args.get("answer", "")
        return self._page(self.named(**args), chosen, {}, {})

    def post(self, **args: str) -> Any:
        """Give an answer."""
        named = self.named(**args)
        chosen = forms.text("answer")
        data = _sent()
        try:
            asked = tk.get_action("digifarm_confirmation_show")({}, named)
            tk.get_action("digifarm_confirmation_answer")(
                {}, {**data, **named, "answer": chosen}
            )
        except tk.NotAuthorized as e:
            return forms.forbidden(str(e.message))
        except SearchIndexError:
            forms.say_not_saved()
            return self._page(named, chosen, data, {})
        except forms.REFUSALS as e:
            errors = getattr(e, "error_dict", {})
            if "token" in errors or isinstance(e, tk.ObjectNotFound):
                return self.unknown(e)
            return self._page(named, chosen, data, errors)
        said = {a["name"]: a["thanks"] for a in asked["answers"]}
        tk.h.flash_success(said[chosen])
        return tk.redirect_to(asked["address"])

    def unknown(self, error: Exception) -> Any:
        """End the page where there is no such question."""
        raise NotImplementedError

    def _page(
        self,
        named: dict[str, str],
        chosen: str,
        data: dict[str, Any],
        errors: Any,
    ) -> Any:
        try:
            asked = tk.get_action("digifarm_confirmation_show")({}, named)
        except tk.NotAuthorized as e:
            return forms.forbidden(str(e.message))
        except forms.REFUSALS as e:
            return self.unknown(e)
        form = [a for a in asked["answers"] if a["name"] == chosen]
        return tk.render(
            "digifarm/confirmations/answer.html",
            {
                "asked": asked,
                "chosen": form[0] if form and form[0]["fields"] else None,
                "data": data,
                "errors": tk.h.digifarm_errors(errors),
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


def _sent() -> dict[str, Any]:
    """What the form of an answer has sent."""
    found: dict[str, Any] = {}
    for name in tk.request.form:
        values = tk.request.form.getlist(name)
        if name not in {"answer", tk.config["WTF_CSRF_FIELD_NAME"]}:
            found[name] = (
                values if len(values) > 1 else values[0].replace("\r\n", "\n")
            )
    return found


confirmations.add_url_rule(
    "/link/<token>", view_func=LinkView.as_view("by_link")
)
confirmations.add_url_rule(
    "/question/<id>", view_func=ReadView.as_view("read")
)
confirmations.add_url_rule("/<id>", view_func=ProjectView.as_view("project"))

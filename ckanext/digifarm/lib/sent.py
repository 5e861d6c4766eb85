"""“See your mailbox”: who has just sent a form sees where its mail went.

The session knows it, so that nobody else can read it by an address. It is
forgotten with the next form, or after an hour.
"""

from __future__ import annotations

import time
from typing import Any

import ckantoolkit as tk
from flask.views import MethodView

from . import forms
from .ckan import DataDict, Response, session

KEY = "digifarm_sent"

#: For how long, in seconds: others may come after them at the same computer.
REMEMBERED = 3600


def remember(
    action: str, args: dict[str, str], email: str, result: DataDict
) -> None:
    """Remember where the mail of a form went that was sent just now.

    :param action: name of the action that sends it again
    :param args: of the page that says so
    :param email: the address
    :param result: of the action that has sent it, with its `token`; empty
        where a program has filled in the form, which sees the same page
    """
    session[KEY] = {
        "action": action,
        "args": args,
        "email": email,
        "token": result.get("token", ""),
        "at": int(time.time()),
    }


class SentView(MethodView):
    """Says that a mail is on its way, and sends it again."""

    #: Name of the action that does so.
    action: str
    template: str

    def values(self, **args: str) -> dict[str, Any]:
        """What else the page says; may end it.

        :param args: of its address
        """
        return {}

    def get(self, **args: str) -> Any:
        """Say where the mail went, to who has sent the form."""
        return self._page(args)

    def post(self, **args: str) -> Any:
        """Send the mail again, to this address or another one."""
        known = self._known(args)
        if known is None:
            return self._page(args)
        email = forms.text("email").strip() or known["email"]
        result = {}
        try:
            if known["token"]:
                result = tk.get_action(self.action)(
                    {}, {"token": known["token"], "email": email}
                )
        except forms.REFUSALS as e:
            errors = forms.errors_of(e, "email")
            if "token" in errors:
                session.pop(KEY, None)
                return forms.invalid_link(e)
            return self._page(args, email, errors), forms.status_of(e)
        remember(self.action, args, email, result)
        # Whether it got there would say whether much went there before.
        tk.h.flash_success(
            tk._("Please look into this mailbox: {email}").format(email=email)
        )
        return tk.redirect_to(tk.request.endpoint or "", **args)

    def _known(self, args: dict[str, str]) -> dict[str, Any] | None:
        known = session.get(KEY) or {}
        if time.time() - known.get("at", 0) > REMEMBERED:
            session.pop(KEY, None)
            return None
        is_this = (known.get("action"), known.get("args")) == (
            self.action,
            args,
        )
        return known if is_this else None

    def _page(
        self, args: dict[str, str], email: str = "", errors: Any = None
    ) -> Response:
        values = self.values(**args)
        known = self._known(args)
        page = tk.render(
            self.template,
            {
                **values,
                "sent": known and {"email": email or known["email"]},
                "errors": tk.h.digifarm_errors(errors or {}),
            },
        )
        response = Response(page)
        # Who comes after them at the same computer must not find it.
        response.cache_control.no_store = True
        return response

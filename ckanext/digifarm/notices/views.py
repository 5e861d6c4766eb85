"""What people are told, and what they want to be told."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
from flask import Blueprint
from flask.views import MethodView

from ..lib import forms, paging
from ..lib.ckan import Response, csrf

PREFIX = "/dashboard/notifications"

SHOW = "digifarm_notice_settings_show"
UPDATE = "digifarm_notice_settings_update"

notifications = forms.blueprint("digifarm_notifications", PREFIX)
notifications.after_request(forms.keep_secret)

#: Mail programs send no CSRF token; who has the link may do it.
turning_off = Blueprint(
    "digifarm_notifications_off", __name__, url_prefix=PREFIX
)
turning_off.after_request(forms.keep_secret)
csrf.exempt(turning_off)


class SettingsView(MethodView):
    """All that the reader is told, and what they want to be told."""

    def get(self) -> Any:
        """Show it."""
        forms.need_account()
        return _own_page()

    def post(self) -> Any:
        """Change what they want to be told."""
        forms.need_account()
        try:
            tk.get_action(UPDATE)({}, _chosen())
        except tk.ValidationError as e:
            return _own_page(e.error_dict)
        tk.h.flash_success(_saved())
        return tk.redirect_to("digifarm_notifications.index")


class LinkView(MethodView):
    """The same without logging in, by the link of a mail: no notices."""

    def get(self, token: str) -> Any:
        """Show what the reader wants to be told."""
        return _page_of(token)

    def post(self, token: str) -> Any:
        """Change it."""
        try:
            tk.get_action(UPDATE)({}, {**_chosen(), "token": token})
        except tk.ValidationError as e:
            if "token" in e.error_dict:
                return forms.invalid_link(e)
            return _page_of(token, e.error_dict)
        tk.h.flash_success(_saved())
        return tk.redirect_to("digifarm_notifications.by_link", token=token)


class TurnOffView(MethodView):
    """Where mail programs turn off a kind of mail (RFC 8058)."""

    def get(self, token: str) -> Any:
        """Show a button, and change nothing."""
        try:
            settings = tk.get_action(SHOW)({}, {"token": token})
        except tk.ValidationError as e:
            return forms.invalid_link(e)
        return _turn_off_page(token, settings)

    def post(self, token: str) -> Any:
        """Turn it off, and ask nothing."""
        try:
            settings = tk.get_action(UPDATE)(
                {}, {"token": token, "turn_off": True}
            )
        except tk.ValidationError as e:
            return forms.invalid_link(e)
        return _turn_off_page(token, settings)


def _chosen() -> dict[str, Any]:
    """What the form says: kinds that aren't ticked are off."""
    known = tk.request.form.getlist("known")
    wanted = tk.request.form.getlist("on")
    return {
        "off": [name for name in known if name not in wanted],
        "digest": forms.text("digest"),
    }


def _own_page(errors: Any = None) -> str:
    _, page = paging.page("digifarm_notice_list", {})
    return tk.render(
        "digifarm/notices/index.html",
        {
            "page": page,
            "waiting": tk.get_action("digifarm_waiting_list")({}, {}),
            "steps": tk.get_action("digifarm_own_step_list")({}, {}),
            "settings": tk.get_action(SHOW)({}, {}),
            "errors": tk.h.digifarm_errors(errors or {}),
        },
    )


def _page_of(token: str, errors: Any = None) -> str | Response:
    try:
        settings = tk.get_action(SHOW)({}, {"token": token})
    except tk.ValidationError as e:
        return forms.invalid_link(e)
    return tk.render(
        "digifarm/notices/link.html",
        {
            "settings": settings,
            "token": token,
            "errors": tk.h.digifarm_errors(errors or {}),
        },
    )


def _turn_off_page(token: str, settings: dict[str, Any]) -> str:
    return tk.render(
        "digifarm/notices/turn_off.html",
        {"mail": settings["mail"], "token": token},
    )


def _saved() -> str:
    return tk._("Saved: from now on you are told what you have chosen.")


notifications.add_url_rule("", view_func=SettingsView.as_view("index"))
notifications.add_url_rule(
    "/link/<token>", view_func=LinkView.as_view("by_link")
)
turning_off.add_url_rule(
    "/off/<token>", view_func=TurnOffView.as_view("turn_off")
)

"""Reads and sends the forms of our pages as a browser without JavaScript."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import ckantoolkit as tk
from bs4 import BeautifulSoup, Tag
from flask.sessions import SessionMixin

from ckan import model
from ckan.tests.helpers import CKANResponse, CKANTestApp


def html(response: CKANResponse) -> BeautifulSoup:
    """The page of a response."""
    return BeautifulSoup(response.body, "html.parser")


def text_of(tag: Tag) -> str:
    """What people read, with single spaces."""
    return " ".join(tag.get_text(" ").split())


@dataclass
class Form:
    """A form with the values that it would send.

    :param action: where it goes
    :param values: lists of values by name of the field
    """

    action: str
    values: dict[str, list[Any]]

    def with_values(self, **changes: Any) -> Form:
        """The form after somebody has changed fields.

        :param changes: a value, a list of them for boxes that are ticked, or
            None for what is no longer sent
        """
        values = dict(self.values)
        for name, value in changes.items():
            values[name] = value if isinstance(value, list) else [value]
            if value is None:
                del values[name]
        return Form(self.action, values)

    def __getitem__(self, name: str) -> Any:
        [value] = self.values[name]
        return value


def read_form(response: CKANResponse, selector: str) -> Form:
    """The form of a page with what it holds.

    :param selector: finds the form, in CSS
    """
    form = html(response).select_one(selector)
    assert form, f"no form {selector} on {response.request.path}"
    values: dict[str, list[Any]] = {}
    for control in form.select("input[name], textarea[name], select[name]"):
        values.setdefault(str(control["name"]), []).extend(_sent(control))
    action = str(form.get("action") or response.request.path)
    return Form(action, {name: sent for name, sent in values.items() if sent})


def _sent(control: Tag) -> list[Any]:
    if control.has_attr("disabled"):
        return []
    if control.name == "textarea":
        # Browsers drop the first line break and send all others as CRLF.
        text = control.get_text().removeprefix("\n")
        return [re.sub(r"\r?\n", "\r\n", text)]
    if control.name == "select":
        options = control.select("option")
        picked = control.select("option[selected]") or options[:1]
        return [option["value"] for option in picked]
    kind = control.get("type")
    if kind in {"checkbox", "radio"}:
        return [control["value"]] if control.has_attr("checked") else []
    # A file that nobody picked is sent without a name.
    return [(BytesIO(), "")] if kind == "file" else [control.get("value", "")]


class Browser:
    """Somebody with a browser.

    :param app: the portal
    :param user: who is logged in: id of a user, or None
    """

    def __init__(self, app: CKANTestApp, user: str | None = None) -> None:
        self._app = app
        self._client = app.test_client()
        if user:
            self.log_in(user)

    def log_in(self, user: str) -> None:
        """Be this user from now on: id or name."""
        with self.session() as session:
            session["_user_id"] = model.User.get(user).get_id()
            session["_fresh"] = True

    def session(self) -> AbstractContextManager[SessionMixin]:
        """What the portal knows of this browser; the block may change it."""
        return self._client.session_transaction(
            base_url=tk.config["ckan.site_url"]
        )

    def stranger(self) -> Browser:
        """Somebody else, who is not logged in."""
        return Browser(self._app)

    def get(self, path: str, **kwargs: Any) -> CKANResponse:
        """Open a page."""
        return self._client.get(path, **kwargs)

    def open(self, path: str, **kwargs: Any) -> CKANResponse:
        """Send a request of any kind."""
        return self._client.open(path, **kwargs)

    def post(self, path: str, **kwargs: Any) -> CKANResponse:
        """Send data without having seen a form."""
        return self._client.post(path, **kwargs)

    def form(self, path: str, selector: str = "form.digifarm-form") -> Form:
        """The form of a page that must be there."""
        response = self.get(path)
        assert response.status_code == 200, f"{path}: {response.status}"
        return read_form(response, selector)

    def token(self) -> str:
        """A CSRF token of this browser's session, as every page holds it."""
        page = self.get("/civic_project/about").body
        # Tests ask for many: this is much faster than to parse the page.
        found = re.search(r'<meta name="_csrf_token" content="([^"]+)"', page)
        assert found
        return found[1]

    def send(self, form: Form, **kwargs: Any) -> CKANResponse:
        """Send a form; redirects are followed."""
        return self._client.post(
            form.action,
            data=form.values,
            content_type="multipart/form-data",
            **kwargs,
        )

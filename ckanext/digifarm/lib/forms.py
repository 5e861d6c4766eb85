"""What the forms of all subjects share."""

from __future__ import annotations

import logging
import time
from typing import Any, NoReturn

import ckantoolkit as tk
from flask import Blueprint, current_app, make_response
from flask.views import MethodView
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from . import own_pages, tokens
from .ckan import Response, csrf, current_user, model
from .rate_limits import LimitReached
from .tokens import Purpose

log = logging.getLogger(__name__)

#: A field that people don't see, and programs fill in.
HONEYPOT = "leave_empty"

#: A field that tells when the form was shown, and which form it was.
STAMP = "stamp"

#: Under this name stands what is wrong with no field, but with the form.
FORM = "form"

#: What people write into small forms: why they take a step, how something is
#: used.
TYPED = ("reason", "note", "until")

#: How actions say that something is wrong with what was sent.
REFUSALS = (LimitReached, tk.ObjectNotFound, tk.ValidationError)

#: Nobody fills in a form that fast.
MIN_SECONDS = 3


def blueprint(name: str, url_prefix: str) -> Blueprint:
    """A blueprint whose forms need a valid CSRF token.

    Core exempts a view from the check for good, once an anonymous person has
    opened it; so the check is repeated here. A view with a method `again`
    shows by it what was typed, when the page was open for too long.
    """
    result = Blueprint(name, __name__, url_prefix=url_prefix)
    result.before_request(_protect)
    result.register_error_handler(CSRFError, _show_again)
    return result


def _protect() -> None:
    if tk.config["WTF_CSRF_ENABLED"]:
        csrf.protect()


def _show_again(error: CSRFError) -> Response:
    """What somebody has typed, as it can't be known who has sent it."""
    log.info("Not sent: %s", error.description)
    view = current_app.view_functions[str(tk.request.endpoint)]
    form: Any = getattr(view, "view_class", None)
    page: Any
    try:
        if hasattr(form, "again"):
            page = form().again(**(tk.request.view_args or {}))
        else:
            page = once_more([outdated()], is_known=False)
    except HTTPException as e:
        # Handlers of errors have to say themselves that a page ends.
        page = e.response or current_app.handle_http_exception(e)
    response = make_response(page)
    if response.status_code == 200:  # noqa: PLR2004
        response.status_code = 400
    return response


#: Messages by field, as a page has found out.
Wrong = dict[str, list[str]]


class FormView(MethodView):
    """A page with a form that comes back with what was typed.

    It has `send`, which gets what is wrong with the form already, and what
    the address says; its action must ask `errors.found`.
    """

    #: Whether anybody may send it: then nobody is too fast, nor a program.
    for_everybody = False

    def post(self, **args: str) -> Any:
        """Send the form, or say what is missing."""
        return self.send(hurried() if self.for_everybody else {}, **args)

    def again(self, **args: str) -> Any:
        """Show what was typed, as the page was open for too long."""
        return self.send(interrupted(), **args)

    def send(self, wrong: Wrong, **args: str) -> Any:
        """Send the form, unless something is wrong with it."""
        raise NotImplementedError


def once_more(messages: list[str], *, is_known: bool = True) -> str:
    """A page that holds what was typed into a small form, to send it again.

    For forms that are a part of pages which say other things, too.

    :param messages: why nothing was done
    :param is_known: whether it was sent by a page of ours; else another one
        may have, and nobody is led to do it by one click
    """
    typed, hidden = {}, []
    for name in tk.request.form:
        if name in TYPED:
            typed[name] = text(name)
        elif name != tk.config["WTF_CSRF_FIELD_NAME"]:
            hidden += [(name, v) for v in tk.request.form.getlist(name)]
    return tk.render(
        "digifarm/lib/forms/once_more.html",
        {
            "messages": messages,
            "typed": typed,
            "hidden": hidden,
            "is_known": is_known,
            "here": own_pages.here(),
        },
    )


def refused(error: Any) -> str | None:
    """The same page where an action has refused a step, and why was typed.

    :param error: a ValidationError
    :returns: None where nothing was typed that could be lost
    """
    if not any(text(name).strip() for name in TYPED):
        return None
    errors = tk.h.digifarm_errors(error.error_dict)
    return once_more([" ".join(messages) for messages in errors.values()])


def forbidden(message: str) -> Response:
    """End the page for those who may not see it, or do that.

    :param message: what is forbidden
    """
    need_account()
    return tk.abort(403, message)


def need_account() -> None:
    """Lead those who aren't logged in to the login and back.

    Before anything is looked for: what there is is nobody's business, and
    those who may see it come back.
    """
    if current_user.is_anonymous:
        if own_pages.is_asked_for():
            end_with(to_login())
        tk.abort(403, tk._("Please log in first"))


def to_login() -> Response:
    """To the login, and from there to where one wants to be now."""
    tk.h.flash_notice(
        tk._("Please log in first. Then you get to the page you wanted.")
    )
    tk.request.environ["__no_cache__"] = True
    return tk.redirect_to("user.login", came_from=own_pages.way_back())


def may(action: str, **data_dict: Any) -> bool:
    """Whether the user may call an action."""
    try:
        tk.check_access(action, {"user": current_user.name}, data_dict)
    except tk.NotAuthorized:
        return False
    return True


def stamp() -> str:
    """What a form for everybody carries in its field `stamp`.

    A form that comes back with mistakes stays the same form.
    """
    sent = tk.request.form.get(STAMP, "")
    try:
        tokens.read(sent, Purpose.FORM)
    except tk.Invalid:
        return tokens.make(Purpose.FORM, tokens.new_key(), str(time.time()))
    return sent


def read_stamp() -> str | None:
    """What the form that was sent is known by.

    :returns: None where it was filled in too fast, or long ago
    """
    sent = tk.request.form.get(STAMP, "")
    try:
        form, shown = tokens.read(sent, Purpose.FORM)
    except tk.Invalid:
        return None
    return form if time.time() - float(shown) >= MIN_SECONDS else None


def is_trapped() -> bool:
    """Whether the form was filled in by a program."""
    return bool(tk.request.form.get(HONEYPOT))


def text(name: str) -> str:
    """What somebody has typed into a field of the form; "" if nothing.

    Browsers send two characters for a line break, and limits count one.
    """
    return tk.request.form.get(name, "").replace("\r\n", "\n")


def sent_texts(*names: str) -> dict[str, str]:
    """What somebody has typed, without the fields that the form didn't have.

    :param names: of the fields
    """
    return {name: text(name) for name in names if name in tk.request.form}


def texts(*names: str) -> dict[str, str]:
    """The same for several fields, by their names."""
    return {name: text(name) for name in names}


def flash_errors(error: Any) -> None:
    """Say at the top of the next page why an action has refused something.

    :param error: a ValidationError
    """
    for messages in tk.h.digifarm_errors(error.error_dict).values():
        tk.h.flash_error(" ".join(messages))


def hurried() -> dict[str, list[str]]:
    """What is wrong with how a form for everybody was filled in, if anything.

    :returns: errors of no field: where it came too fast, was open for too
        long, or a program has filled in what people don't see
    """
    if is_trapped():
        return {FORM: [_trapped()]}
    return {} if read_stamp() else {FORM: [sent_too_soon()]}


def interrupted() -> dict[str, list[str]]:
    """The same for a form whose page was open for too long; see `again`."""
    return {FORM: [outdated()]}


def sent_too_soon() -> str:
    """What to say where a form came too fast, or was open for too long."""
    return tk._(
        "Nothing was sent yet: the form came back very fast, or was open for"
        " very long. Please check your entries once more, then send them"
        " again."
    )


def outdated() -> str:
    """What to say where the page of a form is of no use any more."""
    return tk._(
        "Nothing was sent yet, as this page was open for very long. Please"
        " check your entries once more, then send them again."
    )


def _trapped() -> str:
    return tk._(
        "Nothing was sent yet: a field that people don’t see was filled in,"
        " perhaps by your browser. It is empty again; please send the form"
        " once more."
    )


def keep_secret(response: Response) -> Response:
    """Keep pages, whose addresses may be secret, for their readers.

    A form that many people get from a cache would be the same one for all.
    """
    # Core asks for this when it writes Cache-Control.
    tk.request.environ["__no_cache__"] = True
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def errors_of(error: Any, field: str) -> Any:
    """What a form shows of an action's refusal.

    :param error: one of `REFUSALS`
    :param field: the field that it is about, where it doesn't say so
    """
    return getattr(error, "error_dict", None) or {field: [str(error.message)]}


def status_of(error: Exception) -> int:
    """The status of a page that shows an action's refusal."""
    return 429 if isinstance(error, LimitReached) else 200


def invalid_link(error: Exception) -> Any:
    """The page for a link that is of no use (any more).

    Where it was used, it says how what it was about stands now.
    """
    errors = getattr(error, "error_dict", {})
    messages = tk.h.digifarm_errors(errors).get("token")
    words = " ".join(messages or [tk._("This link is of no use any more")])
    return tk.render(
        "digifarm/lib/forms/invalid_link.html",
        {
            "message": words,
            "now": getattr(error, "now", ""),
            **getattr(error, "page", dict)(),
        },
    ), 410


def end_with(page: Any) -> NoReturn:
    """End the request with a page.

    :param page: as a view gives it
    """
    raise HTTPException(response=current_app.make_response(page))


def say_not_saved() -> None:
    """Tell that the search, which writing needs, doesn't answer."""
    model.Session.rollback()
    tk.h.flash_error(
        tk._(
            "The portal’s search doesn’t answer, so nothing was saved."
            " Please try again in a few minutes."
        )
    )

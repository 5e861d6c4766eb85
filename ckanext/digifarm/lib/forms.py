"""What the forms of all subjects share."""

from __future__ import annotations

import time
from typing import Any

import ckantoolkit as tk
from flask import Blueprint

from . import tokens
from .ckan import Response, csrf, current_user, model
from .rate_limits import LimitReached
from .tokens import Purpose

#: A field that people don't see, and programs fill in.
HONEYPOT = "leave_empty"

#: A field that tells when the form was shown, and which form it was.
STAMP = "stamp"

#: How actions say that something is wrong with what was sent.
REFUSALS = (LimitReached, tk.ObjectNotFound, tk.ValidationError)

#: Nobody fills in a form that fast.
MIN_SECONDS = 3


def blueprint(name: str, url_prefix: str) -> Blueprint:
    """A blueprint whose forms need a valid CSRF token.

    Core exempts a view from the check for good, once an anonymous person has
    opened it; so the check is repeated here.
    """
    result = Blueprint(name, __name__, url_prefix=url_prefix)
    result.before_request(_protect)
    return result


def _protect() -> None:
    if tk.config["WTF_CSRF_ENABLED"]:
        csrf.protect()


def forbidden(message: str) -> Response:
    """Send anonymous people to the login page, others to a page that says no.

    :param message: what is forbidden
    """
    if not current_user.is_authenticated:
        return tk.redirect_to("user.login", came_from=here())
    return tk.abort(403, message)


def here() -> str:
    """The path of this page, in the language that it is read in."""
    return tk.h.url_for(tk.request.full_path.removesuffix("?"))


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


def sent_too_soon() -> str:
    """What to say where a form came too fast, or was open for too long."""
    return tk._("Please check your entries once more, then send them again")


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
        {"message": words, "now": getattr(error, "now", "")},
    ), 410


def say_not_saved() -> None:
    """Tell that the search, which writing needs, doesn't answer."""
    model.Session.rollback()
    tk.h.flash_error(
        tk._(
            "The portal’s search doesn’t answer, so nothing was saved."
            " Please try again in a few minutes."
        )
    )

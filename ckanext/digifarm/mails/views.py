from __future__ import annotations

import ckantoolkit as tk

from ..lib import forms, paging
from ..lib.ckan import Response

mails = forms.blueprint("digifarm_mails", "/ckan-admin/digifarm-mails")

STEPS = {
    "retry": lambda: tk._("The mail is tried again."),
    "delete": lambda: tk._("The mail has been deleted."),
}


@mails.route("/", strict_slashes=False)
def index() -> str | Response:
    """The mails that are not tried any more."""
    try:
        given_up = paging.uncounted_page("digifarm_mail_list", {})
    except tk.NotAuthorized:
        return forms.forbidden(tk._("Only sysadmins may see mails"))
    return tk.render("digifarm/mails/index.html", {"mails": given_up})


@mails.route("/<any(retry, delete):step>", methods=["POST"])
def decide(step: str) -> Response:
    """Try a mail again, or delete it."""
    try:
        tk.get_action(f"digifarm_mail_{step}")(
            {}, {"id": tk.request.form.get("id")}
        )
    except tk.NotAuthorized:
        return forms.forbidden(tk._("Only sysadmins may see mails"))
    except (tk.ObjectNotFound, tk.ValidationError):
        tk.h.flash_error(tk._("There is no such mail any more."))
    else:
        tk.h.flash_success(STEPS[step]())
    return tk.redirect_to("digifarm_mails.index")

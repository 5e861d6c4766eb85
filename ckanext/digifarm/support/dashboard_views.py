from __future__ import annotations

import ckantoolkit as tk

from ckan.common import current_user
from ckan.types import Response

from ..lib import forms

dashboard = forms.blueprint("digifarm_dashboard", "/dashboard")


@dashboard.route("/support")
def support() -> str | Response:
    """What waits for an answer, and what the reader has offered."""
    if current_user.is_anonymous:
        return forms.forbidden("")
    inbox = tk.get_action("digifarm_support_inbox")({}, {})
    partners = tk.get_action("digifarm_partner_search")(
        {}, {"limit": tk.config["ckan.search.rows_max"]}
    )
    return tk.render(
        "digifarm/support/dashboard.html",
        {"inbox": inbox, "partners": partners["results"]},
    )

from __future__ import annotations

import ckantoolkit as tk

from ..lib import forms, paging
from .schema import SIDES

dashboard = forms.blueprint("digifarm_dashboard", "/dashboard")


@dashboard.route("/support")
def support() -> str:
    """What waits for an answer, and what the reader has offered."""
    forms.need_account()
    inbox = {
        side: paging.uncounted_page(
            "digifarm_support_inbox", {"side": side}, side, of=side
        )
        for side in SIDES
    }
    return tk.render("digifarm/support/dashboard.html", {"inbox": inbox})

"""What people agree to who register a partner."""

from __future__ import annotations

import ckantoolkit as tk

from .. import config
from ..lib.consent import Wording


def registering() -> Wording:
    """What the form asks for."""
    return Wording(
        "registration",
        tk._(
            "I agree that these details are stored. The contact is only for"
            " the city’s team and for projects that we support"
        ),
        tk._(
            "Everything but the contact becomes public when the city’s team"
            " has said yes. What is not confirmed is deleted after"
            " {token_days} days. You can have your details changed or deleted"
            " at any time."
        ).format(token_days=config.token_days()),
    )

"""What people agree to who ask a project's team something."""

from __future__ import annotations

import ckantoolkit as tk

from .. import config
from ..lib.consent import Wording


def asking() -> Wording:
    """What the form asks for."""
    return Wording(
        "question",
        tk._(
            "I agree that my name, my e-mail address and my message are sent"
            " to the people who look after this project"
        ),
        tk._(
            "Where none of them can be reached, the city’s team gets it. They"
            " get a mail and answer you by mail. Once it is sent, the"
            " portal keeps neither your message nor your address; a mail that"
            " can’t be delivered is deleted after {days} days, and what is"
            " not confirmed after {token_days} days."
        ).format(token_days=config.token_days(), days=config.retention_days()),
    )

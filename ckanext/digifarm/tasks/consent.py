"""What people agree to who take a task."""

from __future__ import annotations

import ckantoolkit as tk

from .. import config
from ..lib.consent import Wording


def taking() -> Wording:
    """What the form asks for."""
    return Wording(
        "task",
        tk._(
            "I agree that my name and my e-mail address are stored and shown"
            " to the people who look after this project"
        ),
        tk._(
            "They are not public. You can give the task back at any time by a"
            " link in our mails. What is not confirmed is deleted after"
            " {token_days} days; name and address are deleted {days} days"
            " after the task is done or given back."
        ).format(token_days=config.token_days(), days=config.retention_days()),
    )

"""What people agree to who offer support, or are named."""

from __future__ import annotations

import ckantoolkit as tk

from .. import config
from ..lib.consent import Wording


def offering() -> Wording:
    """What the form for an offer asks for."""
    return Wording(
        "offer",
        tk._(
            "I agree that my name, my e-mail address and my message are"
            " stored and shown to the people who look after this project, and"
            " to the city’s team where these don’t answer"
        ),
        tk._(
            "They are not public. The project can write to you at once; you"
            " get its address when it accepts. For an organisation that is"
            " new in the directory, they become its contact there. You can"
            " withdraw at any time by a link in our mails. What is not"
            " confirmed is deleted after {token_days} days; what was declined,"
            " withdrawn or has ended loses name, address and message after"
            " {days} days."
        ).format(token_days=config.token_days(), days=config.retention_days()),
    )


def recording() -> Wording:
    """What whoever records a supporter says of a private person."""
    return Wording("record", tk._("This person has agreed to be named"))

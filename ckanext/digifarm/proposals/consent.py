"""What people agree to who propose a project."""

from __future__ import annotations

import ckantoolkit as tk

from .. import config
from ..lib.consent import Wording


def proposing() -> Wording:
    """What the form asks for."""
    return Wording(
        "proposal",
        tk._(
            "I agree that my name and my e-mail address are stored and shown"
            " to the city’s team for civic projects"
        ),
        tk._(
            "They are not public. What you write about the project becomes"
            " public when the city approves it. Until the decision you can"
            " withdraw the proposal at any time by a link in our mails. What"
            " is not confirmed is deleted after {token_days} days, and so is a"
            " proposal whose questions you don’t answer for {days} days; your"
            " name and address are deleted {days} days after the decision."
        ).format(token_days=config.token_days(), days=config.retention_days()),
    )

"""Whether a support has helped."""

from __future__ import annotations

import enum


class Helped(str, enum.Enum):
    """What the project says of it when it has ended."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"

from __future__ import annotations

from typing import Any

import ckantoolkit as tk


def digifarm_proposed_project(value: Any) -> dict[str, Any]:
    """What a proposal says of a project; see proposed.py."""
    if not isinstance(value, dict):
        raise tk.Invalid(tk._("Must be an object"))
    return value

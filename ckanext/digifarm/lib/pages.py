"""Which pages are ours."""

from __future__ import annotations

import ckantoolkit as tk

from ..config import PROJECT_TYPE


def is_our_page() -> bool:
    """Whether a page is one of ours, or one of core's on our projects.

    Views of resources, which others may embed, are pages of their own.
    """
    blueprint = tk.request.blueprint or ""
    return blueprint == PROJECT_TYPE or blueprint.startswith("digifarm_")

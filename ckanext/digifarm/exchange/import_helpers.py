from __future__ import annotations

import ckantoolkit as tk

from . import import_words
from .model import ImportState


def digifarm_import_state(state: str) -> str:
    """What people call how far an upload is."""
    return {
        ImportState.UPLOADED: tk._("is being looked at"),
        ImportState.CHECKED: tk._("waits for your yes"),
        ImportState.RUNNING: tk._("is being imported"),
        ImportState.DONE: tk._("imported"),
        ImportState.CANCELLED: tk._("cancelled"),
    }[ImportState(state)]


def digifarm_import_columns(changed: list[str]) -> list[str]:
    """What people call the columns that change.

    :param changed: their names
    """
    return import_words.labels(changed)


def digifarm_import_result(result: str) -> str:
    """What people call what has become of a row."""
    return import_words.result(result, is_planned=False)

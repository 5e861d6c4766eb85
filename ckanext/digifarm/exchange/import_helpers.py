from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from . import import_words
from .model import ImportState


def digifarm_import_state(upload: dict[str, Any]) -> str:
    """What people call how far an upload is.

    :param upload: as digifarm_import_list gives it
    """
    state = ImportState(upload["state"])
    if state is ImportState.CHECKED and not upload["num_to_write"]:
        return tk._("looked at – nothing to import")
    return {
        ImportState.UPLOADED: tk._("is being looked at"),
        ImportState.CHECKED: tk._("waits for your yes"),
        ImportState.RUNNING: tk._("is being imported"),
        ImportState.DONE: tk._("imported"),
        ImportState.CANCELLED: tk._("cancelled"),
    }[state]


def digifarm_import_columns(changed: list[str]) -> list[str]:
    """What people call the columns that change.

    :param changed: their names
    """
    return import_words.labels(changed)


def digifarm_import_result(result: str) -> str:
    """What people call what has become of a row."""
    return import_words.result(result, is_planned=False)

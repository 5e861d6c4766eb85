"""Whether a new project is listed already: what forms ask before they send."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
from werkzeug.datastructures import MultiDict


def answers(form: MultiDict[str, str]) -> dict[str, Any]:
    """What somebody has said, and seen, of projects that are likely the same.

    :param form: what was sent, or an address
    """
    return {
        "distinct": form.get("distinct", ""),
        "seen": form.getlist("seen"),
    }


def found(data: dict[str, Any]) -> list[dict[str, Any]]:
    """The public projects that may be the one of a form.

    :param data: what was entered
    """
    try:
        return tk.get_action("digifarm_proposal_duplicates")(
            {},
            {
                "title": data.get("title", ""),
                "source_url": data.get("source_url", ""),
            },
        )
    except tk.ValidationError:
        # What is wrong with them is said where they are sent.
        return []


def questions(data: dict[str, Any]) -> dict[str, list[str]]:
    """What has to be settled before a new project is sent.

    Who has seen those that are near has decided; who is at the same code has
    to say so. Without JavaScript nobody has seen any before.

    :param data: what was entered, with `answers`
    """
    likely = [] if data["distinct"] else found(data)
    if any(other["same_source"] for other in likely):
        return {
            "distinct": [
                tk._(
                    "Is it one of the projects that are listed already?"
                    " Please look, and tick the box if it isn’t."
                )
            ]
        }
    if {other["name"] for other in likely} - {*data["seen"]}:
        return {
            "distinct": [
                tk._(
                    "Is it one of the projects that are listed already?"
                    " Please look. If it isn’t, just send the form again."
                )
            ]
        }
    return {}

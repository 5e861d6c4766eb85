"""The fields of the forms that say that a project is over."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib import clock
from ..projects import reasons
from . import schema
from .model import Fate


def usual() -> dict[str, str]:
    """What the fields hold first."""
    return {
        "since": f"{clock.now():%d.%m.%Y}",
        "supports": Fate.END.value,
        "tasks": Fate.END.value,
    }


def of(*, is_over: bool) -> list[dict[str, Any]]:
    """The fields of the form, as the schema file describes others.

    :param is_over: whether it is known already what becomes of help
    """
    snippets = "digifarm/projects/form_fields"
    found = [
        {
            "field_name": "stage",
            "label": tk._("What has become of it"),
            "choices": schema.stages_over(),
            "required": True,
            "form_snippet": f"{snippets}/select.html",
        },
        {
            "field_name": "since",
            "label": tk._("Since when"),
            "help_text": tk._(
                "As precisely as you know it: 2021, 10/2021 or 01.10.2021."
            ),
            "form_snippet": f"{snippets}/text.html",
        },
        {
            "field_name": "reason_code",
            "label": tk._("The reason in short"),
            "choices": reasons.of(reasons.STOPPING),
            "form_snippet": f"{snippets}/select.html",
        },
        {
            "field_name": "reason",
            "label": tk._("The reason in your words"),
            "help_text": tk._(
                "Others learn from it. Everybody can read it, so name nobody"
                " who does not want that."
            ),
            "form_snippet": f"{snippets}/textarea.html",
        },
        {
            "field_name": "takeover",
            "label": tk._("What others can take over"),
            "help_text": tk._(
                "Code, texts, data, the address of the website, things that"
                " you have learnt, and whom to ask for them."
            ),
            "rows": 4,
            "form_snippet": f"{snippets}/markdown.html",
        },
        *(
            {
                "field_name": name,
                "label": label,
                "choices": [
                    {"value": Fate.END.value, "label": end},
                    {"value": Fate.KEEP.value, "label": keep},
                ],
                "required": True,
                "form_snippet": f"{snippets}/select.html",
            }
            for name, label, end, keep in (() if is_over else _fates())
        ),
    ]
    return [
        field
        for field in found
        if field.get("choices") or field["field_name"] != "reason_code"
    ]


def _fates() -> tuple[tuple[str, str, str, str], ...]:
    """What becomes of what others give: name, label, and both answers."""
    return (
        (
            "supports",
            tk._("The support that it has"),
            tk._("ends, too"),
            tk._("goes on, for example as the server keeps running"),
        ),
        (
            "tasks",
            tk._("Tasks that somebody has taken"),
            tk._("are needed no longer"),
            tk._("may still be done"),
        ),
    )

"""The fields of the forms that say that a project is over."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib import clock
from ..projects import reasons, stage_notes
from . import deletion, schema
from .model import Fate


def usual() -> dict[str, str]:
    """What the fields hold first."""
    return {
        "since": f"{clock.now():%d.%m.%Y}",
        "supports": Fate.END.value,
        "tasks": Fate.END.value,
    }


def of(project_id: str, *, note: str, is_over: bool) -> list[dict[str, Any]]:
    """The fields of the form, as the schema file describes others.

    :param note: what is said of its stage so far
    :param is_over: whether it is over already, so that this goes on to be
        said, and it is known what becomes of help
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
        *stage_notes.form_fields(
            "" if is_over else note,
            tk._("In a line; it stands on the page beside the stage."),
        ),
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
        *([] if is_over else _fates(project_id)),
    ]
    return [
        field
        for field in found
        if field.get("choices") or field["field_name"] != "reason_code"
    ]


def _fates(project_id: str) -> list[dict[str, Any]]:
    """What becomes of what others give, as far as they give something."""
    hangs = deletion.going_on(project_id)
    found = (
        (
            "supports",
            tk._("The support that it has"),
            tk._("ends, too"),
            tk._("goes on, for example as the server keeps running"),
            tk.h.digifarm_care_right_ends() if hangs["rights"] else "",
        ),
        (
            "tasks",
            tk._("Tasks that somebody has taken"),
            tk._("are needed no longer"),
            tk._("may still be done"),
            "",
        ),
    )
    return [
        {
            "field_name": name,
            "label": label,
            "help_text": help_text,
            "choices": [
                {"value": Fate.END.value, "label": end},
                {"value": Fate.KEEP.value, "label": keep},
            ],
            "required": True,
            "form_snippet": "digifarm/projects/form_fields/select.html",
        }
        for name, label, end, keep, help_text in found
        if hangs[name]
    ]

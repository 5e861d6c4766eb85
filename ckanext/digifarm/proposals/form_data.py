"""What the form for a proposal sends, and what it shows."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
from werkzeug.datastructures import MultiDict

from ..links import picking
from ..projects import alike, fields
from ..projects.views import form_data

TEXTS = ("proposer_name", "proposer_email", "consent")


def read_form(form: MultiDict[str, str]) -> dict[str, Any]:
    """What the form sent, or an address fills in, as the form shows it."""
    return {
        **form_data(form),
        **{name: form.get(name, "") for name in TEXTS},
        "conditions": form.getlist("conditions"),
        "datasets": form.getlist("datasets"),
        "clear_upload": form.get("clear_upload", ""),
        **alike.answers(form),
    }


def project_fields(
    data: dict[str, Any], *, with_empty: bool = False
) -> dict[str, Any]:
    """The fields of the project among what the form sent."""
    return {
        name: data[name]
        for name in fields.proposal_fields()
        if name in data and (data[name] or with_empty)
    }


def for_action(data: dict[str, Any]) -> dict[str, Any]:
    """What the form sent, as the action takes it."""
    names = ("proposer_name", "proposer_email", "consent")
    return {
        **{name: data[name] for name in names},
        "project": project_fields(data),
        "image_upload": tk.request.files.get("image_upload"),
        "datasets": data["datasets"],
        "conditions": data["conditions"],
    }


def questions(data: dict[str, Any]) -> dict[str, list[str]]:
    """What has to be settled before a proposal is sent."""
    return picking.questions(with_private=False) or alike.questions(data)


def verdict(data: dict[str, Any]) -> dict[str, Any]:
    """What can be said of the licence; nothing before one is entered."""
    if not data.get("source_license") and not data.get("open_source_intended"):
        return {"verdict": None}
    names = ("source_license", "open_source_intended", "stage")
    try:
        verdict = tk.get_action("digifarm_license_check")(
            {}, {name: data.get(name, "") for name in names}
        )
    except tk.ValidationError:
        # What is wrong with it is said where it is sent.
        verdict = None
    return {"verdict": verdict}


def form_values(data: dict[str, Any], errors: Any) -> dict[str, Any]:
    """What the forms for a new proposal and for a changed one share."""
    return {
        "data": data,
        "errors": tk.h.digifarm_errors(errors or {}),
        "groups": fields.proposal_groups(),
        "conditions": fields.proposal_conditions(),
        "picked": picking.picked(data.get("datasets", []), with_private=False),
        **verdict(data),
    }

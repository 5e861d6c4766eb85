"""What the form for a proposal sends, and what it shows."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
from werkzeug.datastructures import MultiDict

from ..links import picking
from ..projects import alike, fields
from ..projects.picture_forms import FormPicture
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
        "datasets": data["datasets"],
        "conditions": data["conditions"],
    }


def questions(data: dict[str, Any]) -> dict[str, list[str]]:
    """What has to be settled before a proposal is sent."""
    return {**picking.questions(with_private=False), **alike.questions(data)}


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


def _labels(groups: list[fields.FormGroup]) -> dict[str, str]:
    """The labels of all fields that the forms may have, in their order."""
    labels = {"conditions": tk._("The conditions")}
    for name, label in tk.h.digifarm_form_labels(groups[:1]).items():
        labels[name] = label
        if name == "source_url":
            labels["distinct"] = tk._("Likely the same")
    return {
        **labels,
        "datasets": tk._("Datasets of this portal"),
        **tk.h.digifarm_form_labels(groups[1:]),
        "proposer_name": tk._("Your name"),
        "proposer_email": tk._("Your e-mail address"),
        "consent": tk._("Consent"),
        "reason": tk._("A word to the city’s team"),
    }


def form_values(
    data: dict[str, Any], errors: Any, picture: FormPicture | None
) -> dict[str, Any]:
    """What the forms for a new proposal and for a changed one share.

    :param errors: what is wrong with the form that was sent, if anything
    :param picture: that it brought
    """
    if picture:
        kept = picture.keep(errors or {})
        data, errors = {**data, "kept": kept["kept"]}, kept["errors"]
    groups = fields.proposal_groups()
    return {
        "data": data,
        "errors": tk.h.digifarm_errors(errors or {}),
        "groups": groups,
        "labels": _labels(groups),
        "conditions": fields.proposal_conditions(),
        "picked": picking.picked(data.get("datasets", []), with_private=False),
        **verdict(data),
    }

"""What the form for a proposal sends, and what it shows."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
from werkzeug.datastructures import MultiDict

from ..links import picking
from ..projects import fields
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
        "distinct": form.get("distinct", ""),
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
    errors = picking.questions(with_private=False)
    likely = [] if data["distinct"] else duplicates_of(data)
    if any(other["same_source"] for other in likely):
        errors["distinct"] = [
            tk._(
                "Is it one of the projects that are listed already?"
                " Please look, and tick the box if it isn’t."
            )
        ]
    return errors


def duplicates_of(data: dict[str, Any]) -> list[dict[str, Any]]:
    """The projects that may be the one that is proposed."""
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

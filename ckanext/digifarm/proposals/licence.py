"""What is said of the licence of a project that is proposed."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..projects import licences, search
from ..projects.licences import LicenseStatus

#: What a proposal's licence may be.
ACCEPTED = frozenset({LicenseStatus.OPEN, LicenseStatus.ANNOUNCED})


def complaint(project: dict[str, Any], *, may_be_unknown: bool = False) -> str:
    """What is wrong with a project's licence and what would be accepted.

    :param project: its `source_license`, `open_source_intended` and `stage`
    :param may_be_unknown: whether it is enough that somebody says so: it must
        be known when the proposal is approved
    :returns: "" where nothing is wrong
    """
    status = search.license_status(project)
    if status in ACCEPTED:
        return ""
    license_ = str(project.get("source_license") or "").strip()
    if license_ == licences.UNKNOWN:
        return "" if may_be_unknown else _not_known_yet()
    if status is LicenseStatus.NOT_OPEN:
        return tk._(
            "“{license}” is not an open-source licence. Accepted are licences"
            " that the Open Source Initiative has approved, for example MIT,"
            " Apache-2.0, EUPL-1.2 or GPL-3.0-or-later."
        ).format(license=license_)
    if license_:
        return tk._(
            "We don’t know the licence “{license}”. Please give its short"
            " name from the SPDX list, for example MIT, Apache-2.0, EUPL-1.2"
            " or GPL-3.0-or-later."
        ).format(license=license_)
    return tk._(
        "Please name the licence. While the project is an idea or in"
        " progress, it is enough to say that the code will be published under"
        " an open-source licence: choose that, and the stage."
    )


def _not_known_yet() -> str:
    return tk._(
        "The licence of this project is not known yet. Please find it out"
        " together with those who propose it, and enter it."
    )


def label(project: dict[str, Any]) -> str:
    """Words for what can be said of a licence, with its id if it is known.

    :param project: as for `complaint`
    """
    if project.get("source_license") == licences.UNKNOWN:
        return tk._(
            "That is all right for now: the city’s team looks at it with you."
        )
    words = search.license_status_label(search.license_status(project).value)
    try:
        name = licences.normalize(project.get("source_license") or "")
    except licences.InvalidLicense:
        return words
    return f"{words}: {name}"

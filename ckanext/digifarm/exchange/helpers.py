from __future__ import annotations

import ckantoolkit as tk

from ..projects import search

#: Of the address of the list; the rest is for looking at it part by part.
_KEPT = frozenset({"q"})


def digifarm_exports() -> list[dict[str, str]]:
    """The files in which the list can be taken along, as it is filtered.

    :returns: `label` and `url` of each
    """
    known = _KEPT | search.filters()
    args: dict[str, list[str]] = {}
    for name, value in tk.request.args.items(multi=True):
        if name in known and value:
            args.setdefault(name, []).append(value)
    return [
        {"label": label, "url": tk.h.url_for(endpoint, **args, **more)}
        for label, endpoint, more in (
            ("CSV", "digifarm_exchange.export_csv", {}),
            (
                tk._("CSV for Excel"),
                "digifarm_exchange.export_csv",
                {"excel": "1"},
            ),
            ("JSON", "digifarm_exchange.export_json", {}),
        )
    ]

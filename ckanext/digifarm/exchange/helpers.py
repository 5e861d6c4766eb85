from __future__ import annotations

import ckantoolkit as tk

from ..projects import asked


def digifarm_exports() -> list[dict[str, str]]:
    """The files in which the list can be taken along, as it is filtered.

    :returns: `label` and `url` of each
    """
    args: dict[str, list[str]] = {}
    for name, value in asked.filters(tk.request.args):
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

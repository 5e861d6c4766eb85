from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from . import embedding


def digifarm_embed(project: dict[str, Any] | None = None) -> dict[str, str]:
    """How this page is shown on another site.

    :param project: of whose page it is; else it is the list
    :returns: the `address` of what stands in the frame, and the `code` of it
    """
    frame = (
        embedding.of_project(project)
        if project
        else embedding.of_list(tk.request.args)
    )
    return {"address": frame.address, "code": embedding.code(frame)}

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..config import PROJECT_TYPE
from ..projects import asked
from . import addresses, embedding


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


def digifarm_oembed(project: dict[str, Any] | None = None) -> str:
    """Where programs learn how this page is shown on another site.

    :param project: of whose page it is; else it is the list
    """
    args = tk.request.args
    if project:
        page = tk.h.url_for(
            f"{PROJECT_TYPE}.read", id=project["name"], qualified=True
        )
    else:
        page = addresses.with_args(
            f"{PROJECT_TYPE}.search",
            [*asked.filters(args), *asked.order(args)],
        )
    return addresses.with_args(
        "digifarm_oembed.show", [("url", page), ("format", "json")]
    )

from __future__ import annotations

from typing import Any

import ckantoolkit as tk


def digifarm_link_gaps(project: dict[str, Any]) -> list[dict[str, Any]]:
    """The links of a project that its page can't show any more.

    :returns: as :py:func:`digifarm_link_gaps`; nothing for those who may not
        edit the project
    """
    try:
        return tk.get_action("digifarm_link_gaps")(
            {}, {"project": project["id"]}
        )
    except (tk.ObjectNotFound, tk.NotAuthorized, tk.ValidationError):
        return []


def digifarm_link_projects(
    packages: list[dict[str, Any]],
) -> dict[str, list[dict[str, Any]]]:
    """Which projects some datasets are linked with.

    :param packages: the datasets
    :returns: as :py:func:`digifarm_link_projects`
    """
    return tk.get_action("digifarm_link_projects")(
        {}, {"ids": [package.get("id", "") for package in packages]}
    )

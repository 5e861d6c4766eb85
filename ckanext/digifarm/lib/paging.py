"""Lists that go over several pages."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ckan.lib.pagination import Page


def find(
    action: str, data_dict: dict[str, Any], per_page: int
) -> tuple[dict[str, Any], Page]:
    """The part of a list that the address asks for by `page`.

    :param action: name of the action that lists; it takes `limit` and
        `offset`
    :param data_dict: what else it takes
    :param per_page: how many a page shows
    :returns: what the action has found, and the pager of it; nothing where
        the address asks for what can't be
    :raises NotAuthorized: where the list is not for the user
    """
    number = tk.h.get_page_number(tk.request.args)
    part = {"limit": per_page, "offset": (number - 1) * per_page}
    try:
        found = tk.get_action(action)({}, {**data_dict, **part})
    except tk.ValidationError:
        found = {"count": 0, "results": []}
    pager = Page(
        collection=found["results"],
        page=number,
        url=tk.h.pager_url,
        item_count=found["count"],
        items_per_page=per_page,
        presliced_list=True,
    )
    return found, pager

"""Lists that go over several pages."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import ckantoolkit as tk
from markupsafe import Markup
from typing_extensions import override

from .ckan import Page

#: How many a page shows.
PER_PAGE = 20

#: The parameter of the address that says which page of its only list.
PAGE = "page"

#: So many pages before and after this one are named.
AROUND = 2


def page(
    action: str,
    data_dict: dict[str, Any],
    name: str = PAGE,
    per_page: int = 0,
) -> tuple[dict[str, Any], Page]:
    """The part of a list that the address asks for.

    :param action: name of the action that lists; it takes `limit` and
        `offset`
    :param data_dict: what else it takes
    :param name: of the parameter of the address; where a page has several
        lists, each has its own, and an element with that id
    :param per_page: how many a page shows, where it isn't `PER_PAGE`
    :returns: what the action has found, and the pager of it; of a page after
        the last one, that of the last; nothing where the address asks for what
        can't be
    :raises NotAuthorized: where the list is not for the user
    """
    number, per_page = _number(name), per_page or PER_PAGE
    found = _part(action, data_dict, number, per_page)
    # Addresses are kept, and lists grow shorter: that is the last page then.
    if number > 1 and not found["results"]:
        count = found["count"]
        if not count:
            count = _part(action, data_dict, 1, per_page)["count"]
        number = max(1, math.ceil(count / per_page))
        found = _part(action, data_dict, number, per_page)
    pager = _pager(found["results"], number, found["count"], name, per_page)
    return found, pager


def _part(
    action: str, data_dict: dict[str, Any], number: int, per_page: int
) -> dict[str, Any]:
    """A page of a list; nothing where the address asks for what can't be."""
    part = {"limit": per_page, "offset": (number - 1) * per_page}
    try:
        return tk.get_action(action)({}, {**data_dict, **part})
    except tk.ValidationError:
        return {"count": 0, "results": []}


def uncounted_page(
    action: str,
    data_dict: dict[str, Any],
    name: str = PAGE,
    of: str = "",
) -> Page:
    """As `page`, of an action that gives a list and doesn't count it.

    It is asked for one more than the page shows: then there is a next page.
    Instead of a page after the last one comes the first one.

    :param of: which of its lists, where the action gives several
    :returns: the pager
    """
    number = _number(name)
    found = _uncounted_part(action, data_dict, number, of)
    # Nobody knows which page is the last one.
    if number > 1 and not found:
        number = 1
        found = _uncounted_part(action, data_dict, number, of)
    count = (number - 1) * PER_PAGE + len(found)
    return _pager(found[:PER_PAGE], number, count, name, PER_PAGE)


def _uncounted_part(
    action: str, data_dict: dict[str, Any], number: int, of: str
) -> list[Any]:
    """A page of such a list, and one more."""
    part = {"limit": PER_PAGE + 1, "offset": (number - 1) * PER_PAGE}
    try:
        found = tk.get_action(action)({}, {**data_dict, **part})
    except tk.ValidationError:
        return []
    return found[of] if of else found


def _number(name: str) -> int:
    return tk.h.get_page_number(tk.request.args, name)


def _pager(
    items: list[Any],
    number: int,
    count: int,
    name: str,
    per_page: int,
) -> Page:
    return NamedPage(
        name,
        collection=items,
        page=number,
        item_count=count,
        items_per_page=per_page,
        presliced_list=True,
    )


class NamedPage(Page):
    """A page of a list, whose links to the others have names.

    :param name: of the parameter of the address
    """

    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(**options)
        self._name = name

    @override
    def pager(self, *args: Any, **parameters: Any) -> Markup:
        label = parameters.pop("label", "")
        return links(self, parameters or None, self._name, label)


def links(
    page: Page,
    parameters: dict[str, Any] | None = None,
    name: str = PAGE,
    label: str = "",
) -> Markup:
    """Links to the other pages of a list; nothing where there is only one.

    Core's have no names, only arrows.

    :param parameters: what else stands in the address; what stands there now
        by default
    :param name: as `page` takes it
    :param label: of the list, where its page has several
    """
    if page.page_count < 2:  # noqa: PLR2004
        return Markup()
    others = parameters or tk.request.args.to_dict(flat=False)
    return tk.h.snippet(
        "digifarm/lib/pager.html",
        page=page,
        label=label,
        numbers=_numbers(page),
        address=_address(name, {k: v for k, v in others.items() if v}),
    )


def _numbers(page: Page) -> list[int]:
    """The pages that are named: the first, the last, and those around."""
    around = range(page.page - AROUND, page.page + AROUND + 1)
    named = {1, page.page_count, *around}
    return sorted(named & {*range(1, page.page_count + 1)})


def _address(name: str, others: dict[str, Any]) -> Callable[[int], str]:
    """What gives the address of a page; of one list of several, its place."""
    here = tk.h.url_for(tk.request.endpoint, **(tk.request.view_args or {}))
    place = "" if name == PAGE else f"#{name}"

    def address(number: int) -> str:
        args = {**others, name: number}
        return f"{here}?{urlencode(args, doseq=True)}{place}"

    return address

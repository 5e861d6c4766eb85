from __future__ import annotations

from typing import Any, cast

import ckantoolkit as tk

from ..lib import text
from ..lib.ckan import Context, FlattenDataDict, FlattenErrorDict, FlattenKey
from ..lib.validators import refuse_reserved
from . import names
from .model import Partner


def digifarm_partner_name_from_title(
    key: FlattenKey,
    data: FlattenDataDict,
    errors: FlattenErrorDict,
    context: Context,
) -> None:
    """Make a partner's name from the title; one that has a name keeps it."""
    title = data.get(("title",))
    if data.get(key) or not isinstance(title, str):
        return
    if stored := cast("dict[str, Any]", context).get("partner"):
        data[key] = stored.name
    else:
        data[key] = names.of_partner(title)


def digifarm_partner_name(value: str, context: Context) -> str:
    """A name that no other partner has and no page of ours.

    One that it had before the page was there may stay.
    """
    try:
        text.clean(value)
    except tk.Invalid:
        # That was said before; the database would stumble over it.
        return value
    stored = cast("dict[str, Any]", context).get("partner")
    is_kept = stored is not None and stored.name == value
    if value in names.RESERVED and not is_kept:
        refuse_reserved(value)
    found = Partner.get(value)
    if found and found is not stored:
        raise tk.Invalid(tk._("Another partner has this short name already"))
    return value

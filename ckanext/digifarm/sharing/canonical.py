"""The address of a page, whatever way somebody came by.

Two addresses of the same page would be two pages elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ckantoolkit as tk

from .. import config
from ..lib import language

PAGE = "page"

#: What everybody sees who asks for no page of a list.
FIRST = "1"

#: Parameters of an address.
Names = frozenset[str] | set[str]


def kept(
    names: Names, several: Names, usual: Mapping[str, str]
) -> dict[str, list[str]]:
    """What the address asks for, in the order of the alphabet.

    :param names: the parameters without which it is another page
    :param several: those of them of which it reads more than the first
    :param usual: what of them says nothing, as it is so anyway
    """
    nothing = {PAGE: FIRST, **usual}
    asked = {
        name: sorted({value for value in given if value.strip()})
        if name in several
        else [_read(name, given[0])]
        for name, given in sorted(tk.request.args.lists())
        if name in names
    }
    return {
        name: values
        for name, values in asked.items()
        if values and values not in ([""], [nothing.get(name)])
    }


def _read(name: str, value: str) -> str:
    """What a page reads of a parameter that counts once."""
    value = value.strip()
    # Core takes all that Python does.
    return str(int(value)) if name == PAGE and value.isdecimal() else value


def addresses(args: Mapping[str, Any]) -> dict[str, str]:
    """The addresses of the page, by language."""
    endpoint = str(tk.request.endpoint)
    default = config.default_language()

    def address(locale: str) -> str:
        return tk.h.url_for(endpoint, **args, locale=locale, qualified=True)

    return {
        one: address("default" if one == default else one)
        for one in language.of_pages()
    }

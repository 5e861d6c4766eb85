from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ckantoolkit as tk
import segno
from markupsafe import Markup

from .. import config
from . import markdown

#: Which field of a form shows what is wrong with another one: tags are
#: written in a line, and a picture is uploaded beside its address.
SHOWN_BY = {"tags": "tag_string", "image_upload": "image_url"}


def digifarm_contact_email() -> str | None:
    """Address of the city's team for civic projects."""
    return config.contact_email()


def digifarm_markdown(text: str | None, under: int = 2) -> Markup:
    """A text that people write in Markdown, as HTML.

    :param under: the level of the heading that it stands under
    """
    return markdown.render(text, under)


def digifarm_qr_code(address: str) -> Markup:
    """An address for those who have it on paper, as SVG.

    :param address: a whole one, with that of the portal
    """
    # To try all masks, of which any can be read, takes five times as long.
    code = segno.make_qr(address, mask=4)
    return Markup(  # noqa: S704 – of squares, whatever the address
        code.svg_inline(border=2, omitsize=True, svgclass="digifarm-qr-code")
    )


@tk.chained_helper
def markdown_extract(
    next_helper: Any, text: str | None, extract_length: int = 190
) -> str:
    """As CKAN's, whose lists show texts of strangers too; in linear time."""
    return markdown.extract(text, extract_length)


def digifarm_errors(errors: dict[str, Any]) -> dict[str, list[str]]:
    """The messages of a ValidationError, by the field that shows them.

    :param errors: as the action raised them; nested ones become plain text
    """
    result: dict[str, list[str]] = {}
    for name, messages in errors.items():
        flat = list(dict.fromkeys(_messages(messages)))
        result.setdefault(SHOWN_BY.get(name, name), []).extend(flat)
    return result


def _messages(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        value = value.values()
    if isinstance(value, str):
        yield value
        return
    for item in value:
        yield from _messages(item)

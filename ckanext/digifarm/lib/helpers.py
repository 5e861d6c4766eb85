from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .. import config

#: Which field of a form shows what is wrong with another one: tags are
#: written in a line, and a picture is uploaded beside its address.
SHOWN_BY = {"tags": "tag_string", "image_upload": "image_url"}


def digifarm_contact_email() -> str | None:
    """Address of the city's team for civic projects."""
    return config.contact_email()


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

from __future__ import annotations

from typing import Any

from ..projects import fields
from ..projects.wanting import AREAS


def digifarm_choices_with_texts(
    fields_: list[dict[str, Any]],
) -> list[dict[str, Any]]:
    """The fields of a form, with the texts on areas of help at the areas.

    :param fields_: of the schema file
    :returns: the same without the texts; those are in `more` of the field with
        the areas, by area
    """
    texts = {f"{area}_help": area for area in fields.areas()}
    if not any(field["field_name"] == AREAS for field in fields_):
        return fields_
    more = {
        texts[field["field_name"]]: field
        for field in fields_
        if field["field_name"] in texts
    }
    return [
        {**field, "more": more} if field["field_name"] == AREAS else field
        for field in fields_
        if field["field_name"] not in texts
    ]

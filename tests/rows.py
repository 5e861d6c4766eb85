"""Rows that tests store themselves, held against those of the actions."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

#: What is another in each row.
OWN = {
    "id",
    "consent",
    "consented",
    "created",
    "metadata_created",
    "metadata_modified",
    "modified",
    "name",
    "project_id",
    "table_id",
    "token_key",
}


def values_of(row: Any) -> dict[str, Any]:
    """The columns of a row, but for what is another in each."""
    return {
        column.key: getattr(row, column.key)
        for column in sa.inspect(row).mapper.column_attrs
        if column.key not in OWN
    }

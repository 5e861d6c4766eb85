"""Indexes of CKAN's table of packages, by which projects are found.

They belong to this extension: its migrations make them and remove them. CKAN
is told of them, so that `ckan db check` finds what it expects.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from ..config import PROJECT_TYPE
from ..lib.ckan import model

#: What separates words; written out, as PostgreSQL knows letters only as well
#: as the locale of the database does.
SEPARATORS = r"[ -/:-@[-`{-~]+"


def _words(text: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    spaced = sa.func.regexp_replace(
        text, sa.text(f"'{SEPARATORS}'"), sa.text("' '"), sa.text("'g'")
    )
    return sa.func.to_tsvector(sa.text("'simple'"), spaced)


def choices_in(text: Any) -> sa.ColumnElement[Any]:
    """The choices in what is stored of a field, a list in JSON or one of them.

    As far as an index needs it: what one looks like in JSON is looked at
    besides.
    """
    bare = sa.func.translate(text, sa.text("'[]\" '"), sa.text("''"))
    return sa.func.string_to_array(
        bare, sa.text("','"), type_=ARRAY(sa.UnicodeText)
    )


# Literally, as PostgreSQL uses an index only where it reads the same.
_package = model.package_table.c
_source_url = _package.extras.op("->>")(sa.text("'source_url'"))

#: The choices of the fields by which projects are found, by their names.
CHOICES = {
    name: choices_in(_package.extras.op("->>")(sa.text(f"'{name}'")))
    for name in ("help_wanted", "action_fields")
}

#: The words of a title, and of the address of the code, in lower case.
TITLE_WORDS = _words(_package.title)
SOURCE_WORDS = _words(_source_url)

#: By which lists find what nobody has touched for the longest, or the last.
sa.Index(
    "digifarm_package_modified",
    _package.metadata_modified,
    _package.id,
    postgresql_where=_package.type == PROJECT_TYPE,
)

for name, words in (
    ("digifarm_package_title", TITLE_WORDS),
    ("digifarm_package_source", SOURCE_WORDS),
):
    sa.Index(
        name,
        words,
        postgresql_using="gin",
        postgresql_where=_package.type == PROJECT_TYPE,
    )

for name, choices in CHOICES.items():
    sa.Index(
        f"digifarm_package_{name}",
        choices,
        postgresql_using="gin",
        postgresql_where=_package.type == PROJECT_TYPE,
    )

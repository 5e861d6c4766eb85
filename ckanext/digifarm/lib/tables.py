"""Whether the database has the tables that this version needs."""

from __future__ import annotations

from importlib import resources

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from .ckan import model

VERSION_TABLE = "digifarm_alembic_version"


def problem() -> str:
    """What keeps the plugin from working, with the line to type.

    :returns: a few sentences, or "" where nothing does
    """
    with model.ensure_engine().connect() as connection:
        if not sa.inspect(connection).has_table(model.package_table.name):
            return "The database has no tables. Type: ckan db upgrade"
        options = {"version_table": VERSION_TABLE}
        found = MigrationContext.configure(connection, opts=options)
        stored = found.get_current_revision()
    scripts = _migrations()
    wanted = scripts.get_current_head()
    if stored == wanted:
        return ""
    if stored is None:
        what = "The tables of the plugin digifarm are missing."
    elif stored in {script.revision for script in scripts.walk_revisions()}:
        what = (
            f"The tables of the plugin digifarm stand at {stored}, and this"
            f" version needs {wanted}."
        )
    else:
        return (
            f"The tables of the plugin digifarm stand at {stored}, which this"
            " version doesn't know. Install the version that has made them,"
            " or a newer one."
        )
    return f"{what} Type: ckan db upgrade -p digifarm"


def _migrations() -> ScriptDirectory:
    path = resources.files("ckanext.digifarm") / "migration" / "digifarm"
    return ScriptDirectory(str(path))

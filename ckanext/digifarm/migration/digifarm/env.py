"""Runs the migrations of this extension; the version table is its own."""

import click
from alembic import context
from sqlalchemy import engine_from_config, pool

from ckan.model.meta import metadata

PLUGIN = "digifarm"


def include_object(item, name, type_, reflected, compare_to):
    """Leave the tables of core and of other extensions alone."""
    return type_ != "table" or name.startswith(f"{PLUGIN}_")


def refuse_unknown(revisions):
    """Stop where nothing leads on from a revision.

    Alembic's own error never gets far: `ckan db upgrade` takes it for a plugin
    without migrations, and says that all went well.
    """
    known = {script.revision for script in context.script.walk_revisions()}
    for revision in set(revisions) - known:
        raise click.ClickException(
            f"The tables of {PLUGIN} stand at {revision}, which this version"
            " doesn't know: bring them to a revision that it knows with the"
            f" version that made them, or drop all tables {PLUGIN}_*, and"
            f" run `ckan db upgrade -p {PLUGIN}` again."
        )


def run_migrations(**options):
    context.configure(
        target_metadata=metadata,
        version_table=f"{PLUGIN}_alembic_version",
        include_object=include_object,
        **options,
    )
    with context.begin_transaction():
        if not context.is_offline_mode():
            refuse_unknown(context.get_context().get_current_heads())
        context.run_migrations()


config = context.config

if context.is_offline_mode():
    run_migrations(
        url=config.get_main_option("sqlalchemy.url"), literal_binds=True
    )
else:
    engine = engine_from_config(
        config.get_section(config.config_ini_section),
        prefix="sqlalchemy.",
        poolclass=pool.NullPool,
    )
    with engine.connect() as connection:
        run_migrations(connection=connection)

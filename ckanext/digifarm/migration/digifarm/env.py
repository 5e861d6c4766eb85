"""Runs the migrations of this extension; the version table is its own."""

from alembic import context
from sqlalchemy import engine_from_config, pool

from ckan.model.meta import metadata

PLUGIN = "digifarm"


def include_object(item, name, type_, reflected, compare_to):
    """Leave the tables of core and of other extensions alone."""
    return type_ != "table" or name.startswith(f"{PLUGIN}_")


def run_migrations(**options):
    context.configure(
        target_metadata=metadata,
        version_table=f"{PLUGIN}_alembic_version",
        include_object=include_object,
        **options,
    )
    with context.begin_transaction():
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

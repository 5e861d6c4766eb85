"""Projects are put aside, so that CKAN runs without this extension.

Revision ID: 020_create_retired
Revises: 019_create_consent
"""

from __future__ import annotations

import click
import sqlalchemy as sa
from alembic import context, op

revision = "020_create_retired"
down_revision = "019_create_consent"
branch_labels = None
depends_on = None

COUNT = sa.text("SELECT count(*) FROM digifarm_retired")


def upgrade():
    op.create_table(
        "digifarm_retired",
        sa.Column(
            "package_id",
            sa.UnicodeText,
            # No rule: what is put aside can't be purged.
            sa.ForeignKey("package.id"),
            primary_key=True,
        ),
        sa.Column("type", sa.UnicodeText),
        sa.Column("state", sa.UnicodeText),
        sa.Column("private", sa.Boolean),
        # docs/removing.md has it for those who can't migrate any more.
        if_not_exists=True,
    )


def downgrade():
    # Nobody else knows what these packages are.
    if not context.is_offline_mode():
        refuse(op.get_bind().scalar(COUNT))
    op.drop_table("digifarm_retired")


def refuse(count):
    """Stop where projects are put aside."""
    if count:
        raise click.ClickException(
            f"{count} projects are put aside, and would stay hidden for ever."
            " Bring them back with `ckan digifarm return`, and run this"
            " again; docs/removing.md says how to remove them for good."
        )

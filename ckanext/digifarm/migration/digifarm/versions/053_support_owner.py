"""Supports say who owns a project by them alone.

Of those that were given before, nobody knows: an account that was accepted to
look after a project may have been invited since, or named by an admin who
changed nothing by it. So these stay owners.

Revision ID: 053_support_owner
Revises: 052_create_achievement
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "053_support_owner"
down_revision = "052_create_achievement"
branch_labels = None
depends_on = None

SUPPORT = "digifarm_support"
OWNER = "digifarm_support_owner"


def upgrade():
    op.add_column(
        SUPPORT,
        sa.Column(
            "owner_id",
            sa.UnicodeText,
            sa.ForeignKey("user.id", ondelete="SET NULL"),
        ),
    )
    op.create_index(
        OWNER,
        SUPPORT,
        ["owner_id"],
        postgresql_where=sa.text("owner_id IS NOT NULL"),
    )


def downgrade():
    op.drop_index(OWNER, SUPPORT)
    op.drop_column(SUPPORT, "owner_id")

"""Datasets that others replace.

Revision ID: 034_create_successor
Revises: 033_create_notice
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "034_create_successor"
down_revision = "033_create_notice"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "digifarm_successor",
        sa.Column("dataset_id", sa.UnicodeText, primary_key=True),
        sa.Column("successor_id", sa.UnicodeText, nullable=False),
        sa.Column("unchanged", sa.Boolean, nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.Column(
            "created_by",
            sa.UnicodeText,
            sa.ForeignKey("user.id", ondelete="SET NULL"),
        ),
    )
    op.create_index(
        "ix_digifarm_successor_successor_id",
        "digifarm_successor",
        ["successor_id"],
    )


def downgrade():
    op.drop_table("digifarm_successor")

"""What projects have achieved in a year; supports are found by their end.

Revision ID: 052_create_achievement
Revises: 051_support_helped
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "052_create_achievement"
down_revision = "051_support_helped"
branch_labels = None
depends_on = None

TABLE = "digifarm_achievement"
SUPPORT = "digifarm_support"
ENDED = "digifarm_support_ended"


def upgrade():
    op.create_table(
        TABLE,
        sa.Column(
            "project_id",
            sa.UnicodeText,
            sa.ForeignKey("package.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column(
            "year",
            sa.Integer,
            primary_key=True,
            autoincrement=False,
            index=True,
        ),
        sa.Column("text", sa.UnicodeText, nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
    )
    op.create_index(
        ENDED,
        SUPPORT,
        ["modified"],
        postgresql_where=sa.text("state = 'ended'"),
    )


def downgrade():
    op.drop_index(ENDED, SUPPORT)
    op.drop_table(TABLE)

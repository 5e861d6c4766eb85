"""What is said of projects that are over.

Revision ID: 023_create_ending
Revises: 022_people
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "023_create_ending"
down_revision = "022_people"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "digifarm_ending",
        sa.Column(
            "project_id",
            sa.UnicodeText,
            sa.ForeignKey("package.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("since", sa.UnicodeText, nullable=False),
        sa.Column("reason_code", sa.UnicodeText, nullable=False),
        sa.Column("reason", sa.UnicodeText, nullable=False),
        sa.Column("takeover", sa.UnicodeText, nullable=False),
        sa.Column("supports", sa.UnicodeText, nullable=False),
        sa.Column("tasks", sa.UnicodeText, nullable=False),
        sa.Column("is_told", sa.Boolean, nullable=False),
    )


def downgrade():
    op.execute(
        "UPDATE digifarm_task SET state = 'open' WHERE state = 'closed'"
    )
    op.drop_table("digifarm_ending")

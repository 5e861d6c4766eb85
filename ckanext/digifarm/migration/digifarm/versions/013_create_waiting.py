"""What waits for whom.

Revision ID: 013_create_waiting
Revises: 012_create_due
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "013_create_waiting"
down_revision = "012_create_due"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "digifarm_waiting",
        sa.Column(
            "user_id",
            sa.UnicodeText,
            sa.ForeignKey("user.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("subject", sa.UnicodeText, primary_key=True),
        sa.Column("subject_id", sa.UnicodeText, primary_key=True),
        sa.Column("state", sa.UnicodeText, nullable=False),
        sa.Column("since", sa.DateTime, nullable=False),
    )
    op.create_index(
        "digifarm_waiting_subject", "digifarm_waiting", ["subject_id"]
    )
    # `run-due` fills it, as it does once a day.


def downgrade():
    op.drop_table("digifarm_waiting")

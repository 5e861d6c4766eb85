"""When due work was last done, and for what.

It knows of reminders, too, which supports and claims have noted themselves.

Revision ID: 012_create_due
Revises: 011_events
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "012_create_due"
down_revision = "011_events"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "digifarm_due",
        sa.Column("kind", sa.UnicodeText, primary_key=True),
        sa.Column("key", sa.UnicodeText, primary_key=True),
        sa.Column("done", sa.DateTime),
        sa.Column("due", sa.DateTime),
        sa.Column(
            "attempts", sa.Integer, nullable=False, server_default="0"
        ),
        sa.Column("error", sa.UnicodeText, nullable=False, server_default=""),
    )
    op.execute(
        "INSERT INTO digifarm_due (kind, key, done)"
        " SELECT 'support-reminder', id || '/' || reminders, modified"
        " FROM digifarm_support WHERE state = 'offered' AND reminders > 0"
    )
    op.execute(
        "INSERT INTO digifarm_due (kind, key, done)"
        " SELECT 'task-reminder', id, reminded"
        " FROM digifarm_task_claim WHERE reminded IS NOT NULL"
    )
    op.drop_column("digifarm_support", "reminders")
    op.drop_column("digifarm_task_claim", "reminded")


def downgrade():
    op.add_column(
        "digifarm_task_claim", sa.Column("reminded", sa.DateTime)
    )
    op.add_column(
        "digifarm_support",
        sa.Column(
            "reminders", sa.Integer, nullable=False, server_default="0"
        ),
    )
    op.drop_table("digifarm_due")

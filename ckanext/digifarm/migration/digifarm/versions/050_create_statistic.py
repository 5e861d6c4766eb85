"""Numbers over time have a table.

Revision ID: 050_create_statistic
Revises: 048_notice_kind
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "050_create_statistic"
down_revision = "048_notice_kind"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "digifarm_statistic",
        sa.Column("organization", sa.UnicodeText, primary_key=True),
        sa.Column("action_field", sa.UnicodeText, primary_key=True),
        sa.Column("origin", sa.UnicodeText, primary_key=True),
        sa.Column("month", sa.Date, primary_key=True),
        sa.Column("number", sa.UnicodeText, primary_key=True),
        sa.Column("key", sa.UnicodeText, primary_key=True),
        sa.Column(
            "days", sa.Integer, primary_key=True, autoincrement=False
        ),
        sa.Column("amount", sa.Integer, nullable=False),
    )
    op.create_table(
        "digifarm_statistic_state",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("as_of", sa.DateTime, nullable=False),
        sa.Column("begins", sa.Date, nullable=False),
        sa.Column("choices", JSONB, nullable=False),
    )
    op.create_index(
        "digifarm_dataset_use_most",
        "digifarm_dataset_use",
        [sa.text("num_projects DESC"), "dataset_id"],
    )


def downgrade():
    op.drop_index("digifarm_dataset_use_most", "digifarm_dataset_use")
    op.drop_table("digifarm_statistic_state")
    op.drop_table("digifarm_statistic")

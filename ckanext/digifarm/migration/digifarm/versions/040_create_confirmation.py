"""Whether things are still as they say, which is asked now and then.

Revision ID: 040_create_confirmation
Revises: 039_create_repository
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "040_create_confirmation"
down_revision = "039_create_repository"
branch_labels = None
depends_on = None

TABLE = "digifarm_confirmation"


def upgrade():
    op.create_table(
        TABLE,
        sa.Column("id", sa.UnicodeText, primary_key=True),
        sa.Column("subject", sa.UnicodeText, nullable=False),
        sa.Column("subject_id", sa.UnicodeText, nullable=False),
        sa.Column(
            "project_id",
            sa.UnicodeText,
            sa.ForeignKey("package.id", ondelete="CASCADE"),
            index=True,
        ),
        sa.Column("state", sa.UnicodeText, nullable=False),
        sa.Column("answer", sa.UnicodeText, nullable=False),
        sa.Column("confirmed", sa.DateTime),
        sa.Column("settled", sa.DateTime),
        sa.Column("asked", sa.DateTime),
        sa.Column("began", sa.DateTime),
        sa.Column("ticks", sa.Integer, nullable=False),
        sa.Column("silent", sa.DateTime),
        sa.Column("token_key", sa.UnicodeText, nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.Column("modified", sa.DateTime, nullable=False),
    )
    op.create_index(
        "digifarm_confirmation_subject",
        TABLE,
        ["subject", "subject_id"],
        unique=True,
    )
    op.create_index(
        "digifarm_confirmation_waiting",
        TABLE,
        ["began"],
        postgresql_where=sa.text(
            "state IN ('asked', 'passed_on', 'undecided')"
        ),
    )


def downgrade():
    op.drop_table(TABLE)

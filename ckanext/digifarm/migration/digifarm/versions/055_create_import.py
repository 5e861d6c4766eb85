"""Tables that reviewers upload, and what becomes of their rows.

Revision ID: 055_create_import
Revises: 054_index_years
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "055_create_import"
down_revision = "054_index_years"
branch_labels = None
depends_on = None

TABLE = "digifarm_import"
ROWS = "digifarm_import_row"


def upgrade():
    op.create_table(
        TABLE,
        sa.Column("id", sa.UnicodeText, primary_key=True),
        sa.Column(
            "user_id",
            sa.UnicodeText,
            sa.ForeignKey("user.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column(
            "organization_id",
            sa.UnicodeText,
            sa.ForeignKey("group.id", ondelete="SET NULL"),
        ),
        sa.Column("filename", sa.UnicodeText, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("digest", sa.UnicodeText, nullable=False),
        sa.Column("language", sa.UnicodeText, nullable=False),
        sa.Column("notes", JSONB, nullable=False),
        sa.Column("num_rows", sa.Integer, nullable=False),
        sa.Column("state", sa.UnicodeText, nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.Column("modified", sa.DateTime, nullable=False),
    )
    op.create_table(
        ROWS,
        sa.Column(
            "import_id",
            sa.UnicodeText,
            sa.ForeignKey(f"{TABLE}.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column(
            "number", sa.Integer, primary_key=True, autoincrement=False
        ),
        sa.Column("place", sa.UnicodeText, nullable=False),
        sa.Column("project", sa.UnicodeText, nullable=False),
        sa.Column("result", sa.UnicodeText, nullable=False),
        sa.Column("changed", JSONB, nullable=False),
        sa.Column("complaints", JSONB, nullable=False),
        sa.Column("reports", JSONB, nullable=False),
        sa.Column("is_begun", sa.Boolean, nullable=False),
        sa.Column("is_done", sa.Boolean, nullable=False),
    )


def downgrade():
    op.drop_table(ROWS)
    op.drop_table(TABLE)

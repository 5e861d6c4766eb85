"""What people with an account are told, and what they want to be told.

Revision ID: 033_create_notice
Revises: 032_old_deletions
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "033_create_notice"
down_revision = "032_old_deletions"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "digifarm_notice",
        sa.Column("id", sa.UnicodeText, primary_key=True),
        sa.Column(
            "user_id",
            sa.UnicodeText,
            sa.ForeignKey("user.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("kind", sa.UnicodeText, nullable=False),
        sa.Column("key", sa.UnicodeText, nullable=False),
        sa.Column("package_ids", ARRAY(sa.UnicodeText), nullable=False),
        sa.Column("data", JSONB, nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.Column("mail_id", sa.UnicodeText),
        sa.Column("sent", sa.DateTime),
        sa.UniqueConstraint(
            "user_id", "kind", "key", name="digifarm_notice_once"
        ),
    )
    op.create_index(
        "digifarm_notice_user", "digifarm_notice", ["user_id", "created"]
    )
    op.create_index(
        "ix_digifarm_notice_mail_id", "digifarm_notice", ["mail_id"]
    )
    op.create_table(
        "digifarm_notice_settings",
        sa.Column(
            "user_id",
            sa.UnicodeText,
            sa.ForeignKey("user.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column(
            "off", ARRAY(sa.UnicodeText), nullable=False, server_default="{}"
        ),
        sa.Column(
            "digest", sa.UnicodeText, nullable=False, server_default="weekly"
        ),
    )


def downgrade():
    op.drop_table("digifarm_notice_settings")
    op.drop_table("digifarm_notice")

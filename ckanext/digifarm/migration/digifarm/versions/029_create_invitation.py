"""Whom the teams of projects invite to look after them.

Revision ID: 029_create_invitation
Revises: 028_notes
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "029_create_invitation"
down_revision = "028_notes"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "digifarm_invitation",
        sa.Column("id", sa.UnicodeText, primary_key=True),
        sa.Column(
            "project_id",
            sa.UnicodeText,
            sa.ForeignKey("package.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("email", sa.UnicodeText, nullable=False),
        sa.Column("hands_over", sa.Boolean, nullable=False),
        sa.Column("language", sa.UnicodeText, nullable=False),
        sa.Column(
            "user_id",
            sa.UnicodeText,
            sa.ForeignKey("user.id", ondelete="SET NULL"),
        ),
        sa.Column(
            "created_by",
            sa.UnicodeText,
            sa.ForeignKey("user.id", ondelete="SET NULL"),
        ),
        sa.Column("submission", sa.UnicodeText, unique=True),
        sa.Column("token_key", sa.UnicodeText, nullable=False),
        sa.Column("state", sa.UnicodeText, nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.Column("modified", sa.DateTime, nullable=False),
    )
    op.create_index(
        "digifarm_invitation_open",
        "digifarm_invitation",
        ["project_id", "email"],
        unique=True,
        postgresql_where=sa.text("state = 'invited'"),
    )


def downgrade():
    op.drop_table("digifarm_invitation")

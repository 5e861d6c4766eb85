"""What people ask the teams of projects.

Revision ID: 024_create_question
Revises: 023_create_ending
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "024_create_question"
down_revision = "023_create_ending"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "digifarm_question",
        sa.Column("id", sa.UnicodeText, primary_key=True),
        sa.Column(
            "project_id",
            sa.UnicodeText,
            sa.ForeignKey("package.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("name", sa.UnicodeText, nullable=False),
        sa.Column("email", sa.UnicodeText, nullable=False),
        sa.Column("message", sa.UnicodeText, nullable=False),
        sa.Column("language", sa.UnicodeText, nullable=False),
        sa.Column(
            "user_id",
            sa.UnicodeText,
            sa.ForeignKey("user.id", ondelete="SET NULL"),
        ),
        sa.Column("consented", sa.DateTime, nullable=False),
        sa.Column(
            "consent",
            sa.UnicodeText,
            sa.ForeignKey("digifarm_consent.version"),
        ),
        sa.Column("submission", sa.UnicodeText, unique=True),
        sa.Column("token_key", sa.UnicodeText, nullable=False),
        sa.Column("state", sa.UnicodeText, nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.Column("modified", sa.DateTime, nullable=False),
    )


def downgrade():
    op.drop_table("digifarm_question")

"""What reviewers have seen of projects that came through them.

Revision ID: 030_create_seen
Revises: 029_create_invitation
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "030_create_seen"
down_revision = "029_create_invitation"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "digifarm_seen",
        sa.Column(
            "project_id",
            sa.UnicodeText,
            sa.ForeignKey("package.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("fields", JSONB, nullable=False),
        sa.Column("seen", sa.DateTime, nullable=False),
    )


def downgrade():
    op.drop_table("digifarm_seen")

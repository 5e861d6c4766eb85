"""The folder for handing over a project.

Revision ID: 043_create_handover
Revises: 041_confirmation_seeks
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "043_create_handover"
down_revision = "041_confirmation_seeks"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "digifarm_handover",
        sa.Column(
            "project_id",
            sa.UnicodeText,
            sa.ForeignKey("package.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("entries", JSONB, nullable=False),
        sa.Column("is_complete", sa.Boolean, nullable=False),
        sa.Column("modified", sa.DateTime, nullable=False),
    )


def downgrade():
    op.drop_table("digifarm_handover")

"""Pictures of forms that come back with mistakes are kept for a day.

Revision ID: 025_create_kept_picture
Revises: 024_create_question
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "025_create_kept_picture"
down_revision = "024_create_question"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "digifarm_kept_picture",
        sa.Column("id", sa.UnicodeText, primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
    )


def downgrade():
    op.drop_table("digifarm_kept_picture")

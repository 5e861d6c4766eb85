"""What was last seen of the datasets that projects are linked with.

Revision ID: 035_create_linked_dataset
Revises: 034_create_successor
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "035_create_linked_dataset"
down_revision = "034_create_successor"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "digifarm_linked_dataset",
        sa.Column("id", sa.UnicodeText, primary_key=True),
        sa.Column("name", sa.UnicodeText, nullable=False),
        sa.Column("title", sa.UnicodeText, nullable=False),
        sa.Column("state", sa.UnicodeText, nullable=False),
        sa.Column("private", sa.Boolean, nullable=False),
        sa.Column("owner_org", sa.UnicodeText),
        sa.Column("url", sa.UnicodeText, nullable=False),
        sa.Column("identifiers", ARRAY(sa.UnicodeText), nullable=False),
        sa.Column("formats", ARRAY(sa.UnicodeText), nullable=False),
        sa.Column("projects", JSONB, nullable=False),
        sa.Column("missing", JSONB, nullable=False),
    )


def downgrade():
    op.drop_table("digifarm_linked_dataset")

"""Create the table of links between projects and datasets.

Revision ID: 001_create_link
Revises:
Create Date: 2026-11-21
"""

import sqlalchemy as sa
from alembic import op

revision = "001_create_link"
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "digifarm_link",
        sa.Column(
            "project_id",
            sa.UnicodeText,
            sa.ForeignKey("package.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column(
            "dataset_id",
            sa.UnicodeText,
            sa.ForeignKey("package.id", ondelete="CASCADE"),
            primary_key=True,
            index=True,
        ),
        sa.Column("relation", sa.UnicodeText, nullable=False),
        sa.Column("note", sa.UnicodeText, nullable=False),
        sa.Column("linked_from", sa.UnicodeText, nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.Column(
            "created_by",
            sa.UnicodeText,
            sa.ForeignKey("user.id", ondelete="SET NULL"),
        ),
    )


def downgrade():
    op.drop_table("digifarm_link")

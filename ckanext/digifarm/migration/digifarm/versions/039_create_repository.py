"""What is known of repositories, and their issues for beginners.

Revision ID: 039_create_repository
Revises: 038_create_check
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "039_create_repository"
down_revision = "038_create_check"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "digifarm_repository",
        sa.Column("url", sa.UnicodeText, primary_key=True),
        sa.Column("host", sa.UnicodeText, nullable=False, index=True),
        sa.Column("forge", sa.UnicodeText, nullable=False),
        sa.Column("head", sa.UnicodeText, nullable=False),
        sa.Column("branch", sa.UnicodeText, nullable=False),
        sa.Column("changed", sa.DateTime),
        sa.Column("archived", sa.Boolean),
        sa.Column("publiccode", sa.Boolean),
        sa.Column("checked", sa.DateTime),
        sa.Column("due", sa.DateTime, nullable=False, index=True),
    )
    op.create_table(
        "digifarm_issue",
        sa.Column("url", sa.UnicodeText, primary_key=True),
        sa.Column("repository", sa.UnicodeText, primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("title", sa.UnicodeText, nullable=False),
    )


def downgrade():
    op.drop_table("digifarm_issue")
    op.drop_table("digifarm_repository")

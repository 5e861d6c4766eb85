"""The words that people agree to, and which version of them.

Revision ID: 019_create_consent
Revises: 018_load_pictures
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "019_create_consent"
down_revision = "018_load_pictures"
branch_labels = None
depends_on = None

#: What is stored with somebody's consent.
TABLES = (
    "digifarm_partner",
    "digifarm_proposal",
    "digifarm_support",
    "digifarm_task_assignment",
)


def upgrade():
    op.create_table(
        "digifarm_consent",
        sa.Column("version", sa.UnicodeText, primary_key=True),
        sa.Column("form", sa.UnicodeText, nullable=False),
        sa.Column("language", sa.UnicodeText, nullable=False),
        sa.Column("text", sa.UnicodeText, nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
    )
    for table in TABLES:
        op.add_column(table, sa.Column("consent", sa.UnicodeText))
        op.create_foreign_key(
            f"{table}_consent_fkey",
            table,
            "digifarm_consent",
            ["consent"],
            ["version"],
        )


def downgrade():
    for table in TABLES:
        op.drop_column(table, "consent")
    op.drop_table("digifarm_consent")

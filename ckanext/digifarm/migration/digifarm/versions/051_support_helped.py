"""Supports that have ended say whether they have helped.

Revision ID: 051_support_helped
Revises: 050_create_statistic
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "051_support_helped"
down_revision = "050_create_statistic"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column(
        "digifarm_support",
        sa.Column(
            "helped", sa.UnicodeText, nullable=False, server_default=""
        ),
    )


def downgrade():
    op.drop_column("digifarm_support", "helped")

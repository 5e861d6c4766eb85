"""Support may have an end.

Revision ID: 044_support_until
Revises: 043_create_handover
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "044_support_until"
down_revision = "043_create_handover"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column(
        "digifarm_support",
        sa.Column("until", sa.UnicodeText, nullable=False, server_default=""),
    )
    op.add_column(
        "digifarm_support",
        sa.Column(
            "ends", sa.Boolean, nullable=False, server_default=sa.false()
        ),
    )
    op.create_index(
        "digifarm_support_until",
        "digifarm_support",
        ["until"],
        postgresql_where=sa.text("state = 'accepted' AND until <> ''"),
    )


def downgrade():
    op.drop_index("digifarm_support_until", "digifarm_support")
    op.drop_column("digifarm_support", "ends")
    op.drop_column("digifarm_support", "until")

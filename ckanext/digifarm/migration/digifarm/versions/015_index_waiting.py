"""What waits for an answer is found at once.

Revision ID: 015_index_waiting
Revises: 014_rename_assignment
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "015_index_waiting"
down_revision = "014_rename_assignment"
branch_labels = None
depends_on = None


def upgrade():
    op.create_index(
        "digifarm_support_waiting",
        "digifarm_support",
        [sa.text("modified DESC"), "id"],
        postgresql_where=sa.text("state IN ('offered', 'requested')"),
    )


def downgrade():
    op.drop_index("digifarm_support_waiting", "digifarm_support")

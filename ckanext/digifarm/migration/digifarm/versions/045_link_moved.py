"""Links know where the portal has moved them from.

Revision ID: 045_link_moved
Revises: 044_support_until
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "045_link_moved"
down_revision = "044_support_until"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("digifarm_link", sa.Column("moved_from", sa.UnicodeText))
    op.create_index(
        "digifarm_link_moved",
        "digifarm_link",
        ["moved_from"],
        postgresql_where=sa.text("moved_from IS NOT NULL"),
    )


def downgrade():
    op.drop_index("digifarm_link_moved", "digifarm_link")
    op.drop_column("digifarm_link", "moved_from")

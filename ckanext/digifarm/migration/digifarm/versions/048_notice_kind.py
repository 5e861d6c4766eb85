"""Indexes by which alarms and complete folders are found.

Revision ID: 048_notice_kind
Revises: 045_link_moved
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "048_notice_kind"
down_revision = "045_link_moved"
branch_labels = None
depends_on = None


def upgrade():
    op.create_index(
        "digifarm_notice_kind", "digifarm_notice", ["kind", "created"]
    )
    op.create_index(
        "digifarm_handover_complete",
        "digifarm_handover",
        ["project_id"],
        postgresql_where=sa.text("is_complete"),
    )


def downgrade():
    op.drop_index("digifarm_handover_complete", "digifarm_handover")
    op.drop_index("digifarm_notice_kind", "digifarm_notice")

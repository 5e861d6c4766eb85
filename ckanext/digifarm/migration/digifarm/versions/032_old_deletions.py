"""Nobody is told of projects that were deleted before somebody would be.

Revision ID: 032_old_deletions
Revises: 031_fields
"""

from __future__ import annotations

from alembic import op

revision = "032_old_deletions"
down_revision = "031_fields"
branch_labels = None
depends_on = None

SETTLE = (
    "INSERT INTO digifarm_due (kind, key)"
    " SELECT 'project-deleted', id FROM digifarm_event"
    " WHERE subject = 'project' AND action = 'deleted'"
    " ON CONFLICT DO NOTHING"
)


def upgrade():
    op.execute(SETTLE)


def downgrade():
    op.execute("DELETE FROM digifarm_due WHERE kind = 'project-deleted'")

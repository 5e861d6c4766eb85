"""Tasks are reported as done, and partners are followed by account.

Revision ID: 022_people
Revises: 021_index_modified
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "022_people"
down_revision = "021_index_modified"
branch_labels = None
depends_on = None

TASK = "digifarm_task"
ASSIGNMENT = "digifarm_task_assignment"
PARTNER = "digifarm_partner"
BY_USER = "digifarm_task_assignment_user"

TAKEN = (
    "UPDATE digifarm_task_assignment SET taken = modified"
    " WHERE state = 'held'"
)
NOT_REPORTED = (
    "UPDATE digifarm_task SET state = 'taken' WHERE state = 'reported'"
)
OVER = (
    "UPDATE digifarm_task_assignment SET state = 'over' WHERE state = 'done'"
)


def upgrade():
    op.add_column(
        TASK,
        sa.Column(
            "for_beginners",
            sa.Boolean,
            nullable=False,
            server_default=sa.false(),
        ),
    )
    op.add_column(ASSIGNMENT, sa.Column("taken", sa.DateTime))
    op.add_column(ASSIGNMENT, sa.Column("reported", sa.DateTime))
    op.add_column(
        ASSIGNMENT,
        sa.Column(
            "report", sa.UnicodeText, nullable=False, server_default=""
        ),
    )
    op.execute(TAKEN)
    op.create_index(
        BY_USER,
        ASSIGNMENT,
        ["user_id"],
        postgresql_where=sa.text("user_id IS NOT NULL"),
    )
    op.add_column(
        PARTNER,
        sa.Column(
            "user_id",
            sa.UnicodeText,
            sa.ForeignKey("user.id", ondelete="SET NULL"),
        ),
    )


def downgrade():
    op.drop_column(PARTNER, "user_id")
    op.drop_index(BY_USER, ASSIGNMENT)
    # What nobody knew of: it is taken, and what is done is over.
    op.execute(NOT_REPORTED)
    op.execute(OVER)
    op.drop_column(ASSIGNMENT, "report")
    op.drop_column(ASSIGNMENT, "reported")
    op.drop_column(ASSIGNMENT, "taken")
    op.drop_column(TASK, "for_beginners")

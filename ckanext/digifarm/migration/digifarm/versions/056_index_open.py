"""Open tasks, and what waits for reviewers, are found in their order.

Revision ID: 056_index_open
Revises: 055_create_import
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "056_index_open"
down_revision = "055_create_import"
branch_labels = None
depends_on = None

TASK = "digifarm_task"
OPEN = "digifarm_task_open"
ASKED = "digifarm_confirmation"
REVIEW = "digifarm_confirmation_review"


def upgrade():
    op.drop_index(OPEN, TASK)
    _index(sa.text("modified DESC"), "id")
    op.create_index(
        REVIEW,
        ASKED,
        [sa.text("state DESC"), "asked", "id"],
        postgresql_where=sa.text("state IN ('undecided', 'searching')"),
    )


def downgrade():
    op.drop_index(REVIEW, ASKED)
    op.drop_index(OPEN, TASK)
    _index("modified")


def _index(*columns):
    op.create_index(
        OPEN,
        TASK,
        columns,
        postgresql_where=sa.text("state = 'open'"),
    )

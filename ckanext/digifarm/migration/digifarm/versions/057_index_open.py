"""Open tasks are found in one order, also those of the same moment.

Revision ID: 057_index_open
Revises: 055_create_import
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "057_index_open"
down_revision = "055_create_import"
branch_labels = None
depends_on = None

TASK = "digifarm_task"
OPEN = "digifarm_task_open"


def upgrade():
    op.drop_index(OPEN, TASK)
    _index(sa.text("modified DESC"), "id")


def downgrade():
    op.drop_index(OPEN, TASK)
    _index("modified")


def _index(*columns):
    op.create_index(
        OPEN,
        TASK,
        columns,
        postgresql_where=sa.text("state = 'open'"),
    )

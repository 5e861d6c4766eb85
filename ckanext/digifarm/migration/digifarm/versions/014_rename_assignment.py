"""Who has taken a task has an assignment; to claim is to become an owner.

Revision ID: 014_rename_assignment
Revises: 013_create_waiting
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "014_rename_assignment"
down_revision = "013_create_waiting"
branch_labels = None
depends_on = None

OLD = "digifarm_task_claim"
NEW = "digifarm_task_assignment"

CONSTRAINTS = sa.text(
    "SELECT conname FROM pg_constraint"
    " WHERE conrelid = CAST(:table AS regclass)"
)
INDEXES = sa.text(
    "SELECT CAST(CAST(indexrelid AS regclass) AS text) FROM pg_index"
    " WHERE indrelid = CAST(:table AS regclass)"
)


def upgrade():
    rename(OLD, NEW)


def downgrade():
    rename(NEW, OLD)


def rename(old: str, new: str):
    """Rename the table, and what is named after it."""
    op.rename_table(old, new)
    # An index that holds a constraint is renamed with it.
    for name in named_after(old, CONSTRAINTS, new):
        now = name.replace(old, new)
        op.execute(f"ALTER TABLE {new} RENAME CONSTRAINT {name} TO {now}")
    for name in named_after(old, INDEXES, new):
        op.execute(f"ALTER INDEX {name} RENAME TO {name.replace(old, new)}")


def named_after(old: str, query: sa.TextClause, table: str) -> list[str]:
    found = op.get_bind().scalars(query, {"table": table})
    return [name for name in found if old in name]

"""Tasks are found by a skill at once, in any spelling of case.

Revision ID: 017_index_skills
Revises: 016_index_words
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "017_index_skills"
down_revision = "016_index_words"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column(
        "digifarm_task", sa.Column("folded_skills", ARRAY(sa.UnicodeText))
    )
    op.execute(
        "UPDATE digifarm_task SET folded_skills ="
        " ARRAY(SELECT lower(word) FROM unnest(skills) AS word)"
    )
    op.alter_column("digifarm_task", "folded_skills", nullable=False)
    op.create_index(
        "digifarm_task_skills",
        "digifarm_task",
        ["folded_skills"],
        postgresql_using="gin",
        postgresql_where=sa.text("state = 'open'"),
    )


def downgrade():
    op.drop_index("digifarm_task_skills", "digifarm_task")
    op.drop_column("digifarm_task", "folded_skills")

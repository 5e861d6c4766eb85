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
    _fold()
    op.alter_column("digifarm_task", "folded_skills", nullable=False)
    op.create_index(
        "digifarm_task_skills",
        "digifarm_task",
        ["folded_skills"],
        postgresql_using="gin",
        postgresql_where=sa.text("state = 'open'"),
    )


def _fold():
    """Fill the column as the extension does.

    PostgreSQL knows letters only as well as the locale of the database does.
    """
    task = sa.table(
        "digifarm_task",
        sa.column("id"),
        sa.column("skills", ARRAY(sa.UnicodeText)),
        sa.column("folded_skills", ARRAY(sa.UnicodeText)),
    )
    connection = op.get_bind()
    for id_, skills in connection.execute(
        sa.select(task.c.id, task.c.skills)
    ).all():
        connection.execute(
            sa.update(task)
            .where(task.c.id == id_)
            .values(folded_skills=[skill.lower() for skill in skills])
        )


def downgrade():
    op.drop_index("digifarm_task_skills", "digifarm_task")
    op.drop_column("digifarm_task", "folded_skills")

"""Create the tables of tasks and of those who take them.

Revision ID: 007_create_task
Revises: 006_register_partner
Create Date: 2026-11-21
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "007_create_task"
down_revision = "006_register_partner"
branch_labels = None
depends_on = None


def text(name, *args, **kwargs):
    return sa.Column(
        name, sa.UnicodeText, *args, **{"nullable": False, **kwargs}
    )


def time(name, nullable=False):
    return sa.Column(name, sa.DateTime, nullable=nullable)


def upgrade():
    op.create_table(
        "digifarm_task",
        text("id", primary_key=True),
        text(
            "project_id",
            sa.ForeignKey("package.id", ondelete="CASCADE"),
            index=True,
        ),
        text("title"),
        text("description"),
        sa.Column("skills", ARRAY(sa.UnicodeText), nullable=False),
        text("effort"),
        text("url"),
        sa.Column("position", sa.Integer, nullable=False),
        text("state"),
        time("created"),
        time("modified"),
    )
    op.create_index(
        "digifarm_task_open",
        "digifarm_task",
        ["modified"],
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "digifarm_task_claim",
        text("id", primary_key=True),
        text(
            "task_id",
            sa.ForeignKey("digifarm_task.id", ondelete="CASCADE"),
            index=True,
        ),
        text("name"),
        text("email"),
        text("language"),
        text(
            "user_id",
            sa.ForeignKey("user.id", ondelete="SET NULL"),
            nullable=True,
        ),
        time("consented"),
        text("submission", nullable=True),
        text("token_key"),
        time("reminded", nullable=True),
        text("state"),
        time("created"),
        time("modified"),
        sa.UniqueConstraint("task_id", "submission"),
    )
    # One at a time has a task, also when two take it at the same moment.
    op.create_index(
        "digifarm_task_claim_held",
        "digifarm_task_claim",
        ["task_id"],
        unique=True,
        postgresql_where=sa.text("state = 'held'"),
    )


def downgrade():
    op.drop_table("digifarm_task_claim")
    op.drop_table("digifarm_task")

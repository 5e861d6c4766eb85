"""Work that is done after the commit that asks for it.

Besides, a claim is known by its form as what other forms send.

Revision ID: 010_create_job
Revises: 009_create_proposal
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "010_create_job"
down_revision = "009_create_proposal"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "digifarm_job",
        sa.Column(
            "id",
            sa.BigInteger,
            sa.Identity(always=True),
            primary_key=True,
        ),
        sa.Column("kind", sa.UnicodeText, nullable=False),
        sa.Column("key", sa.UnicodeText, nullable=False),
        sa.Column(
            "attempts", sa.Integer, nullable=False, server_default="0"
        ),
        sa.Column("error", sa.UnicodeText, nullable=False, server_default=""),
        sa.Column("due", sa.DateTime, nullable=False),
    )
    op.create_unique_constraint(
        "digifarm_task_claim_submission_key",
        "digifarm_task_claim",
        ["submission"],
    )


def downgrade():
    op.drop_constraint(
        "digifarm_task_claim_submission_key", "digifarm_task_claim"
    )
    op.drop_table("digifarm_job")

"""Create the table of proposals.

Revision ID: 009_create_proposal
Revises: 008_mail_subject
Create Date: 2026-11-21
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "009_create_proposal"
down_revision = "008_mail_subject"
branch_labels = None
depends_on = None


def text(name, *args, **kwargs):
    return sa.Column(
        name, sa.UnicodeText, *args, **{"nullable": False, **kwargs}
    )


def upgrade():
    op.create_table(
        "digifarm_proposal",
        text("id", primary_key=True),
        sa.Column("payload", JSONB, nullable=False),
        sa.Column("picture", sa.LargeBinary, nullable=True),
        text(
            "project_id",
            sa.ForeignKey("package.id", ondelete="CASCADE"),
            nullable=True,
            unique=True,
        ),
        text("proposer_name"),
        text("proposer_email"),
        text("language"),
        text(
            "user_id",
            sa.ForeignKey("user.id", ondelete="SET NULL"),
            nullable=True,
        ),
        sa.Column("consented", sa.DateTime, nullable=False),
        text("submission", nullable=True, unique=True),
        text("token_key"),
        text("state"),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.Column("modified", sa.DateTime, nullable=False),
    )
    op.create_index(
        "digifarm_proposal_state", "digifarm_proposal", ["state", "created"]
    )


def downgrade():
    op.drop_table("digifarm_proposal")

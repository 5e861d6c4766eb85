"""Note what a mail is about.

Revision ID: 008_mail_subject
Revises: 007_create_task
Create Date: 2026-11-21
"""

import sqlalchemy as sa
from alembic import op

revision = "008_mail_subject"
down_revision = "007_create_task"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column(
        "digifarm_mail",
        sa.Column(
            "subject_id",
            sa.UnicodeText,
            nullable=False,
            server_default="",
            index=True,
        ),
    )


def downgrade():
    op.drop_column("digifarm_mail", "subject_id")

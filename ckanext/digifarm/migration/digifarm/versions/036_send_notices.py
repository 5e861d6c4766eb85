"""Mails are looked at once more when they go out, and can be turned off.

Revision ID: 036_send_notices
Revises: 035_create_linked_dataset
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "036_send_notices"
down_revision = "035_create_linked_dataset"
branch_labels = None
depends_on = None

COLUMNS = ("checked_by", "unsubscribe")


def upgrade():
    for name in COLUMNS:
        op.add_column(
            "digifarm_mail",
            sa.Column(
                name, sa.UnicodeText, nullable=False, server_default=""
            ),
        )
    op.create_index(
        "digifarm_notice_waiting",
        "digifarm_notice",
        ["user_id"],
        postgresql_where=sa.text("mail_id IS NULL AND sent IS NULL"),
    )
    op.create_table(
        "digifarm_event_reader",
        sa.Column("name", sa.UnicodeText, primary_key=True),
        sa.Column("xact", sa.BigInteger, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
    )


def downgrade():
    op.drop_table("digifarm_event_reader")
    op.drop_index("digifarm_notice_waiting", "digifarm_notice")
    for name in COLUMNS:
        op.drop_column("digifarm_mail", name)

"""Create the outbox.

Revision ID: 004_create_mail
Revises: 003_create_support
Create Date: 2026-11-21
"""

import sqlalchemy as sa
from alembic import op

revision = "004_create_mail"
down_revision = "003_create_support"
branch_labels = None
depends_on = None


def text(name, **kwargs):
    return sa.Column(name, sa.UnicodeText, **{"nullable": False, **kwargs})


def upgrade():
    op.create_table(
        "digifarm_mail",
        text("id", primary_key=True),
        text("recipient_name"),
        text("recipient_email"),
        text("reply_to"),
        text("language"),
        text("subject"),
        text("body"),
        text("body_html"),
        text("state"),
        sa.Column("attempts", sa.Integer, nullable=False),
        text("error"),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.Column("due", sa.DateTime, nullable=False),
    )
    op.create_index("digifarm_mail_due", "digifarm_mail", ["state", "due"])


def downgrade():
    op.drop_table("digifarm_mail")

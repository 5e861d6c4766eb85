"""Give a support what an offer needs: contact, consent, a key for links.

Revision ID: 005_offer_support
Revises: 004_create_mail
Create Date: 2026-11-21
"""

import sqlalchemy as sa
from alembic import op

revision = "005_offer_support"
down_revision = "004_create_mail"
branch_labels = None
depends_on = None

TEXTS = (
    "contact_name",
    "contact_email",
    "message",
    "language",
    "token_key",
)

COLUMNS = (
    *TEXTS,
    "user_id",
    "submission",
    "consented",
    "modified",
    "reminders",
)


def upgrade():
    for name in TEXTS:
        op.add_column(
            "digifarm_support",
            sa.Column(
                name, sa.UnicodeText, nullable=False, server_default=""
            ),
        )
    op.add_column(
        "digifarm_support",
        sa.Column(
            "user_id",
            sa.UnicodeText,
            sa.ForeignKey("user.id", ondelete="SET NULL"),
        ),
    )
    op.add_column(
        "digifarm_support",
        sa.Column("submission", sa.UnicodeText, unique=True),
    )
    op.add_column("digifarm_support", sa.Column("consented", sa.DateTime))
    op.add_column(
        "digifarm_support",
        sa.Column(
            "modified",
            sa.DateTime,
            nullable=False,
            server_default=sa.func.now(),
        ),
    )
    op.add_column(
        "digifarm_support",
        sa.Column(
            "reminders", sa.Integer, nullable=False, server_default="0"
        ),
    )
    # The partial index for what runs is in 003.
    op.create_index(
        "digifarm_support_asked_once",
        "digifarm_support",
        ["project_id", "area", "partner_id"],
        unique=True,
        postgresql_where=sa.text("state = 'requested'"),
    )


def downgrade():
    op.drop_index("digifarm_support_asked_once")
    for name in COLUMNS:
        op.drop_column("digifarm_support", name)

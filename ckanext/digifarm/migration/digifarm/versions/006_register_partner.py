"""Give a partner what a registration needs.

Revision ID: 006_register_partner
Revises: 005_offer_support
Create Date: 2026-11-21
"""

import sqlalchemy as sa
from alembic import op

revision = "006_register_partner"
down_revision = "005_offer_support"
branch_labels = None
depends_on = None

TEXTS = ("language", "token_key")


def upgrade():
    for name in TEXTS:
        op.add_column(
            "digifarm_partner",
            sa.Column(
                name, sa.UnicodeText, nullable=False, server_default=""
            ),
        )
    op.add_column("digifarm_partner", sa.Column("consented", sa.DateTime))
    op.add_column(
        "digifarm_partner",
        sa.Column("submission", sa.UnicodeText, unique=True),
    )


def downgrade():
    for name in (*TEXTS, "consented", "submission"):
        op.drop_column("digifarm_partner", name)

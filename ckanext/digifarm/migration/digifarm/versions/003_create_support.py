"""Create the table of supports.

Revision ID: 003_create_support
Revises: 002_create_partner_and_event
Create Date: 2026-11-21
"""

import sqlalchemy as sa
from alembic import op

revision = "003_create_support"
down_revision = "002_create_partner_and_event"
branch_labels = None
depends_on = None


def text(name, *args, **kwargs):
    return sa.Column(
        name, sa.UnicodeText, *args, **{"nullable": False, **kwargs}
    )


def upgrade():
    op.create_table(
        "digifarm_support",
        text("id", primary_key=True),
        text(
            "project_id",
            sa.ForeignKey("package.id", ondelete="CASCADE"),
            index=True,
        ),
        text("area"),
        text(
            "partner_id",
            sa.ForeignKey("digifarm_partner.id"),
            nullable=True,
            index=True,
        ),
        text("person"),
        text("scope"),
        text("since"),
        text("state"),
        sa.Column("created", sa.DateTime, nullable=False),
    )
    # A partner supports a project once in an area, also when two people
    # record it at the same moment.
    op.create_index(
        "digifarm_support_once",
        "digifarm_support",
        ["project_id", "area", "partner_id"],
        unique=True,
        postgresql_where=sa.text("state = 'accepted'"),
    )
    op.create_index(
        "digifarm_support_person_once",
        "digifarm_support",
        ["project_id", "area", "person"],
        unique=True,
        postgresql_where=sa.text("state = 'accepted' AND person <> ''"),
    )


def downgrade():
    op.drop_table("digifarm_support")

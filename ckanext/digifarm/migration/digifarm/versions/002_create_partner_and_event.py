"""Create the tables of partners and of events.

Revision ID: 002_create_partner_and_event
Revises: 001_create_link
Create Date: 2026-11-21
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "002_create_partner_and_event"
down_revision = "001_create_link"
branch_labels = None
depends_on = None


def text(name, *args, **kwargs):
    return sa.Column(
        name, sa.UnicodeText, *args, **{"nullable": False, **kwargs}
    )


def words(name):
    return sa.Column(name, ARRAY(sa.UnicodeText), nullable=False)


def upgrade():
    op.create_table(
        "digifarm_partner",
        text("id", primary_key=True),
        text("name", unique=True),
        text("title"),
        text("kind"),
        text("url"),
        text("description"),
        words("areas"),
        words("competences"),
        words("action_fields"),
        text(
            "organization_id",
            sa.ForeignKey("group.id", ondelete="SET NULL"),
            nullable=True,
        ),
        text("contact_name"),
        text("contact_email"),
        text("state"),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.Column("modified", sa.DateTime, nullable=False),
    )
    op.create_table(
        "digifarm_event",
        text("id", primary_key=True),
        text("subject"),
        text("subject_id", index=True),
        text("state"),
        text("reason"),
        sa.Column("created", sa.DateTime, nullable=False),
        text(
            "created_by",
            sa.ForeignKey("user.id", ondelete="SET NULL"),
            nullable=True,
        ),
    )


def downgrade():
    op.drop_table("digifarm_event")
    op.drop_table("digifarm_partner")

"""Whether reviewers let a project look for somebody who takes it on.

Revision ID: 041_confirmation_seeks
Revises: 040_create_confirmation
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "041_confirmation_seeks"
down_revision = "040_create_confirmation"
branch_labels = None
depends_on = None

TABLE = "digifarm_confirmation"


def upgrade():
    op.add_column(
        TABLE,
        sa.Column(
            "seeks", sa.Boolean, nullable=False, server_default=sa.false()
        ),
    )


def downgrade():
    op.drop_column(TABLE, "seeks")

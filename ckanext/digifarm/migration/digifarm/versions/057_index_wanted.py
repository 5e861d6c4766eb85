"""Projects are found by the help that they want, and by their action fields.

Revision ID: 057_index_wanted
Revises: 056_index_open
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "057_index_wanted"
down_revision = "056_index_open"
branch_labels = None
depends_on = None

FIELDS = ("help_wanted", "action_fields")


def upgrade():
    for field in FIELDS:
        values = (
            f"string_to_array(translate(extras ->> '{field}', '[]\" ', ''),"
            " ',')"
        )
        op.create_index(
            f"digifarm_package_{field}",
            "package",
            [sa.text(values)],
            postgresql_using="gin",
            postgresql_where=sa.text("type = 'civic_project'"),
        )


def downgrade():
    for field in FIELDS:
        op.drop_index(f"digifarm_package_{field}", "package")

"""Lists find at once the projects that were touched last, or long ago.

Revision ID: 021_index_modified
Revises: 020_create_retired
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "021_index_modified"
down_revision = "020_create_retired"
branch_labels = None
depends_on = None


def upgrade():
    op.create_index(
        "digifarm_package_modified",
        "package",
        ["metadata_modified", "id"],
        postgresql_where=sa.text("type = 'civic_project'"),
    )


def downgrade():
    op.drop_index("digifarm_package_modified", "package")

"""Pictures elsewhere on the web are loaded by the portal.

Revision ID: 018_load_pictures
Revises: 017_index_skills
"""

from __future__ import annotations

from alembic import op

revision = "018_load_pictures"
down_revision = "017_index_skills"
branch_labels = None
depends_on = None


def upgrade():
    # Those of this portal are found out, and left alone, by the job.
    op.execute(
        "INSERT INTO digifarm_job (kind, key, due)"
        " SELECT 'load-picture', id, now() FROM package"
        " WHERE type = 'civic_project' AND state = 'active' AND NOT private"
        " AND extras ->> 'image_url' LIKE 'http%'"
    )


def downgrade():
    op.execute("DELETE FROM digifarm_job WHERE kind = 'load-picture'")

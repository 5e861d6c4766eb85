"""Partners say what they offer, projects since when they are listed.

And those that were over before it was written down how are settled as others.

Revision ID: 031_fields
Revises: 030_create_seen
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "031_fields"
down_revision = "030_create_seen"
branch_labels = None
depends_on = None

PARTNER = "digifarm_partner"

#: The first day on which everybody could read it, as far as that was written
#: down; else the day on which it was created.
LISTED = """
    UPDATE package
    SET extras = coalesce(extras, '{}') || jsonb_build_object(
        'listed', to_char(coalesce((
            SELECT min(event.created) FROM digifarm_event AS event
            LEFT JOIN digifarm_proposal AS proposal
            ON event.subject = 'proposal' AND proposal.id = event.subject_id
            WHERE event.subject = 'project'
            AND event.subject_id = package.id
            AND (
                event.action = 'published'
                OR event.action = 'created' AND event.target = 'public'
            )
            OR event.action = 'digifarm_proposal_approve'
            AND proposal.project_id = package.id
        ), metadata_created), 'YYYY-MM-DD')
    )
    WHERE type = 'civic_project' AND NOT private
    AND state IN ('active', 'deleted')
    AND coalesce(extras ->> 'listed', '') = ''
    AND metadata_created IS NOT NULL
"""

#: Nobody knows whether what was called ended had reached its goal: it stays
#: so. Those whom it concerned know, so nobody is told.
OVER = """
    INSERT INTO digifarm_ending (
        project_id, since, reason_code, reason, takeover, supports, tasks,
        is_told
    )
    SELECT package.id, coalesce((
        SELECT to_char(max(event.created), 'YYYY-MM-DD')
        FROM digifarm_event AS event
        WHERE event.subject = 'project' AND event.subject_id = package.id
        AND event.target = package.extras ->> 'stage'
        AND event.source IS DISTINCT FROM event.target
    ), ''), '', '', '', 'keep', 'keep', true
    FROM package
    WHERE type = 'civic_project'
    AND extras ->> 'stage' IN ('completed', 'ended')
    AND NOT EXISTS (
        SELECT 1 FROM digifarm_ending WHERE project_id = package.id
    )
    RETURNING project_id
"""

#: Their tasks close, and what waits for an answer is settled.
FOLLOW = sa.text(
    "INSERT INTO digifarm_job (kind, key, due)"
    " VALUES ('project-over', :id, now())"
)


def upgrade():
    op.add_column(
        PARTNER,
        sa.Column(
            "offer", sa.UnicodeText, nullable=False, server_default=""
        ),
    )
    op.execute(LISTED)
    connection = op.get_bind()
    for id_ in connection.scalars(sa.text(OVER)).all():
        connection.execute(FOLLOW, {"id": id_})


def downgrade():
    op.drop_column(PARTNER, "offer")

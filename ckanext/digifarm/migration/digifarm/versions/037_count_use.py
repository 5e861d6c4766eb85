"""How much datasets are used is counted before pages ask for it.

Revision ID: 037_count_use
Revises: 036_send_notices
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "037_count_use"
down_revision = "036_send_notices"
branch_labels = None
depends_on = None

#: What is counted from now on by ckanext/digifarm/links/use_counts.py.
COUNT = (
    """
    INSERT INTO digifarm_dataset_use
    SELECT link.dataset_id, count(*), min(link.created), max(link.created)
    FROM digifarm_link AS link
    JOIN package AS project ON project.id = link.project_id
    WHERE project.type = 'civic_project' AND project.state = 'active'
        AND NOT project.private
    GROUP BY link.dataset_id
    """,
    """
    INSERT INTO digifarm_organization_use
    SELECT dataset.owner_org,
        count(DISTINCT link.project_id) FILTER (WHERE NOT dataset.private),
        count(DISTINCT link.project_id)
    FROM digifarm_link AS link
    JOIN package AS project ON project.id = link.project_id
    JOIN package AS dataset ON dataset.id = link.dataset_id
    JOIN "group" AS organization ON organization.id = dataset.owner_org
    WHERE project.type = 'civic_project' AND project.state = 'active'
        AND NOT project.private AND dataset.state = 'active'
    GROUP BY dataset.owner_org
    """,
)


def upgrade():
    op.create_table(
        "digifarm_dataset_use",
        sa.Column(
            "dataset_id",
            sa.UnicodeText,
            sa.ForeignKey("package.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("num_projects", sa.Integer, nullable=False),
        sa.Column("since", sa.DateTime, nullable=False),
        sa.Column("newest", sa.DateTime, nullable=False),
    )
    op.create_table(
        "digifarm_organization_use",
        sa.Column(
            "organization_id",
            sa.UnicodeText,
            sa.ForeignKey("group.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("of_public", sa.Integer, nullable=False),
        sa.Column("of_all", sa.Integer, nullable=False),
    )
    op.create_index(
        "digifarm_link_dataset", "digifarm_link", ["dataset_id", "created"]
    )
    op.drop_index("ix_digifarm_link_dataset_id", "digifarm_link")
    op.create_index(
        "digifarm_package_datasets",
        "package",
        ["owner_org"],
        postgresql_where=sa.text(
            "type <> 'civic_project' AND state = 'active'"
        ),
    )
    for statement in COUNT:
        op.execute(statement)


def downgrade():
    op.drop_index("digifarm_package_datasets", "package")
    op.create_index(
        "ix_digifarm_link_dataset_id", "digifarm_link", ["dataset_id"]
    )
    op.drop_index("digifarm_link_dataset", "digifarm_link")
    op.drop_table("digifarm_organization_use")
    op.drop_table("digifarm_dataset_use")

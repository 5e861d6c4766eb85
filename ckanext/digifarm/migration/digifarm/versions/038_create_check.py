"""What became of addresses, and which servers want to be left alone.

Revision ID: 038_create_check
Revises: 037_count_use
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "038_create_check"
down_revision = "037_count_use"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "digifarm_check",
        sa.Column("url", sa.UnicodeText, primary_key=True),
        sa.Column("host", sa.UnicodeText, nullable=False, index=True),
        sa.Column("health", sa.UnicodeText, nullable=False, index=True),
        sa.Column("problem", sa.UnicodeText, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("moved_to", sa.UnicodeText, nullable=False),
        sa.Column("since", sa.DateTime, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("failed", sa.DateTime),
        sa.Column("failed_last", sa.DateTime),
        sa.Column("answered", sa.DateTime),
        sa.Column("checked", sa.DateTime),
        sa.Column("due", sa.DateTime, nullable=False, index=True),
    )
    op.create_table(
        "digifarm_host",
        sa.Column("host", sa.UnicodeText, primary_key=True),
        sa.Column("waits", sa.DateTime, nullable=False),
    )
    op.create_index(
        "digifarm_package_addresses",
        "package",
        ["extras"],
        postgresql_using="gin",
        postgresql_ops={"extras": "jsonb_path_ops"},
        postgresql_where=sa.text("type = 'civic_project'"),
    )
    op.create_index(
        "digifarm_package_url",
        "package",
        ["url"],
        postgresql_using="hash",
        postgresql_where=sa.text("type = 'civic_project'"),
    )
    op.create_index(
        "digifarm_task_url",
        "digifarm_task",
        ["url"],
        postgresql_using="hash",
        postgresql_where=sa.text("url <> ''"),
    )


def downgrade():
    op.drop_index("digifarm_task_url", "digifarm_task")
    op.drop_index("digifarm_package_url", "package")
    op.drop_index("digifarm_package_addresses", "package")
    op.drop_table("digifarm_host")
    op.drop_table("digifarm_check")

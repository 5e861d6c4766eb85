"""What was told of a year, ended in it, or became of it is found by an index.

Revision ID: 054_index_years
Revises: 053_support_owner
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "054_index_years"
down_revision = "053_support_owner"
branch_labels = None
depends_on = None

TOLD = "digifarm_achievement"
OF_YEAR = "digifarm_achievement_year"
BY_YEAR = "ix_digifarm_achievement_year"
SUPPORT = "digifarm_support"
ENDED = "digifarm_support_ended"
NUMBERS = "digifarm_statistic"
ORIGINS = "digifarm_statistic_origins"


def upgrade():
    op.drop_index(BY_YEAR, TOLD)
    op.create_index(
        OF_YEAR, TOLD, ["year", sa.text("created DESC"), "project_id"]
    )
    op.drop_index(ENDED, SUPPORT)
    _index_ended(sa.text("modified DESC"), "id")
    op.create_index(
        ORIGINS,
        NUMBERS,
        ["number", "month"],
        postgresql_where=sa.text(
            "organization = '' AND action_field = '' AND origin <> ''"
        ),
    )


def downgrade():
    op.drop_index(ORIGINS, NUMBERS)
    op.drop_index(ENDED, SUPPORT)
    _index_ended("modified")
    op.drop_index(OF_YEAR, TOLD)
    op.create_index(BY_YEAR, TOLD, ["year"])


def _index_ended(*columns):
    op.create_index(
        ENDED,
        SUPPORT,
        columns,
        postgresql_where=sa.text("state = 'ended'"),
    )

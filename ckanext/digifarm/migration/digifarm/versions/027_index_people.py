"""Lists find at once what somebody has offered, proposed or registered.

Revision ID: 027_index_people
Revises: 026_index_partners
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "027_index_people"
down_revision = "026_index_partners"
branch_labels = None
depends_on = None

#: Column by table and name of the index.
INDEXES = {
    ("digifarm_partner", "digifarm_partner_organization"): "organization_id",
    ("digifarm_partner", "digifarm_partner_user"): "user_id",
    ("digifarm_proposal", "digifarm_proposal_user"): "user_id",
    ("digifarm_support", "digifarm_support_user"): "user_id",
}


def upgrade():
    for (table, name), column in INDEXES.items():
        op.create_index(
            name,
            table,
            [column],
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
        )


def downgrade():
    for table, name in INDEXES:
        op.drop_index(name, table)

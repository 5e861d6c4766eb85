"""Projects are found at once by words of their title and address of the code.

Revision ID: 016_index_words
Revises: 015_index_waiting
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "016_index_words"
down_revision = "015_index_waiting"
branch_labels = None
depends_on = None

INDEXES = {
    "digifarm_package_title": "title",
    "digifarm_package_source": "extras ->> 'source_url'",
}


def upgrade():
    for name, text in INDEXES.items():
        words = (
            "to_tsvector('simple',"
            rf" regexp_replace({text}, '[ -/:-@[-`{{-~]+', ' ', 'g'))"
        )
        op.create_index(
            name,
            "package",
            # A colon begins a parameter.
            [sa.text(words.replace(":", r"\:"))],
            postgresql_using="gin",
            postgresql_where=sa.text("type = 'civic_project'"),
        )


def downgrade():
    for name in INDEXES:
        op.drop_index(name, "package")

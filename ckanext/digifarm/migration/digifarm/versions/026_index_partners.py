"""Partners are found by their words, and listed, at once.

Revision ID: 026_index_partners
Revises: 025_create_kept_picture
"""

from __future__ import annotations

import re
import unicodedata

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR

revision = "026_index_partners"
down_revision = "025_create_kept_picture"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column(
        "digifarm_partner",
        sa.Column("words", TSVECTOR, server_default="", nullable=False),
    )
    _index()
    op.create_index(
        "digifarm_partner_words",
        "digifarm_partner",
        ["words"],
        postgresql_using="gin",
    )
    op.create_index(
        "digifarm_partner_listed",
        "digifarm_partner",
        [sa.text("lower(title)"), "id"],
        postgresql_where=sa.text("state = 'active'"),
    )


def _index():
    """Fill the column as the extension does."""
    partner = sa.table(
        "digifarm_partner",
        sa.column("id"),
        sa.column("title"),
        sa.column("description"),
        sa.column("competences", ARRAY(sa.UnicodeText)),
        sa.column("words"),
    )
    connection = op.get_bind()
    for id_, title, description, competences in connection.execute(
        sa.select(*[*partner.c][:4])
    ).all():
        found = _words(" ".join([title, description, *competences]))
        listed = sa.cast(sorted(found), ARRAY(sa.UnicodeText))
        connection.execute(
            sa.update(partner)
            .where(partner.c.id == id_)
            .values(words=sa.func.array_to_tsvector(listed))
        )


def _words(text):
    """Words without case and accents, and their ends."""
    folded = "".join(
        character
        for character in unicodedata.normalize("NFKD", text.casefold())
        if not unicodedata.combining(character)
    )
    words = [word[:40] for word in re.findall(r"\w+", folded)]
    ends = {
        word[start:] for word in words for start in range(3, len(word) - 3)
    }
    return {*words} | ends


def downgrade():
    op.drop_index("digifarm_partner_listed", "digifarm_partner")
    op.drop_index("digifarm_partner_words", "digifarm_partner")
    op.drop_column("digifarm_partner", "words")

"""Notes of reviewers; partners that were joined, or are there twice.

Revision ID: 028_notes
Revises: 027_index_people
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "028_notes"
down_revision = "027_index_people"
branch_labels = None
depends_on = None

#: How a merge has said in its reason, in the language of whoever did it, with
#: whom; the title stands in quotes.
QUOTED = re.compile(r"[“„](.*)[”“]$")


def upgrade():
    _create_notes()
    op.add_column(
        "digifarm_partner",
        sa.Column(
            "marks",
            ARRAY(sa.UnicodeText),
            server_default="{}",
            nullable=False,
        ),
    )
    op.create_index(
        "digifarm_partner_marks",
        "digifarm_partner",
        ["marks"],
        postgresql_using="gin",
    )
    op.add_column(
        "digifarm_partner",
        sa.Column(
            "merged_into",
            sa.UnicodeText,
            sa.ForeignKey("digifarm_partner.id", ondelete="SET NULL"),
        ),
    )
    op.create_index(
        "ix_digifarm_partner_merged_into", "digifarm_partner", ["merged_into"]
    )
    _fill_marks()
    _fill_merged()


def _create_notes():
    op.create_table(
        "digifarm_note",
        sa.Column("id", sa.UnicodeText, primary_key=True),
        *(
            sa.Column(
                name,
                sa.UnicodeText,
                sa.ForeignKey(key, ondelete="CASCADE"),
                index=True,
            )
            for name, key in (
                ("partner_id", "digifarm_partner.id"),
                ("project_id", "package.id"),
                ("proposal_id", "digifarm_proposal.id"),
            )
        ),
        sa.Column("text", sa.UnicodeText, nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.Column(
            "created_by",
            sa.UnicodeText,
            sa.ForeignKey("user.id", ondelete="SET NULL"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(partner_id, project_id, proposal_id) = 1",
            name="digifarm_note_subject",
        ),
    )


PARTNER = sa.table(
    "digifarm_partner",
    sa.column("id"),
    sa.column("title"),
    sa.column("url"),
    sa.column("state"),
    sa.column("marks", ARRAY(sa.UnicodeText)),
    sa.column("merged_into"),
)


def _fill_marks():
    """Fill the column as the extension does."""
    connection = op.get_bind()
    for id_, title, url in connection.execute(
        sa.select(PARTNER.c.id, PARTNER.c.title, PARTNER.c.url)
    ).all():
        connection.execute(
            sa.update(PARTNER)
            .where(PARTNER.c.id == id_)
            .values(marks=_marks(title, url or ""))
        )


def _fill_merged():
    """Find in the events with whom deleted partners were joined.

    As far as the reason is not forgotten, and its title that of one partner.
    """
    connection = op.get_bind()
    last = sa.text(
        "SELECT DISTINCT ON (subject_id) subject_id, action, reason"
        " FROM digifarm_event WHERE subject = 'partner'"
        " ORDER BY subject_id, number DESC"
    )
    partners = connection.execute(
        sa.select(PARTNER.c.id, PARTNER.c.title, PARTNER.c.state)
    ).all()
    gone = {one.id for one in partners if one.state == "deleted"}
    by_title = {}
    for one in partners:
        by_title.setdefault(one.title, []).append(one.id)
    for id_, action, reason in connection.execute(last).all():
        said = QUOTED.search(reason or "")
        if action != "digifarm_partner_merge" or id_ not in gone or not said:
            continue
        others = [other for other in by_title.get(said[1], ()) if other != id_]
        if len(others) == 1:
            connection.execute(
                sa.update(PARTNER)
                .where(PARTNER.c.id == id_)
                .values(merged_into=others[0])
            )


def downgrade():
    op.drop_index("ix_digifarm_partner_merged_into", "digifarm_partner")
    op.drop_column("digifarm_partner", "merged_into")
    op.drop_index("digifarm_partner_marks", "digifarm_partner")
    op.drop_column("digifarm_partner", "marks")
    op.drop_table("digifarm_note")


# As partners/marks.py has it at this revision.
SPELT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})

LEGAL_FORMS = re.compile(
    # After a name: "AG" before one is no company, and "Ev." no association.
    r"(?<=\w)\W+(?:e\.\s?[gkv]|e\s[gkv]|e[gkv](?=\W*$)|g?gmbh|gag|ag|kgaa|kg"
    r"|co(?=\W+kg)|ohg|ug|gbr|mbh|partg|ltd|inc|llc|eingetragene[rn]? verein"
    r"|eingetragene genossenschaft|haftungsbeschr(?:a|ae)nkt"
    r"|gesellschaft mit beschr(?:a|ae)nkter haftung)\b"
    r"|\bgemeinn(?:u|ue)tzige[rn]?\b"
)

SHARED_HOSTS = frozenset(
    {
        "codeberg.org",
        "facebook.com",
        "github.com",
        "gitlab.com",
        "instagram.com",
        "linkedin.com",
        "linktr.ee",
        "meetup.com",
        "sites.google.com",
        "twitter.com",
        "x.com",
        "youtube.com",
    }
)


def _marks(title, url):
    website = _website(url)
    found = {f"title:{key}" for key in _titles(title)}
    return sorted(found | ({f"website:{website}"} if website else set()))


def _titles(title):
    composed = unicodedata.normalize("NFKC", title).casefold()
    for spelt in {composed, composed.translate(SPELT)}:
        folded = "".join(
            character
            for character in unicodedata.normalize("NFKD", spelt.casefold())
            if not unicodedata.combining(character)
        )
        words = re.findall(r"\w+", LEGAL_FORMS.sub(" ", folded))
        words = words or re.findall(r"\w+", folded)
        if words:
            yield " ".join(sorted(words))
            yield "".join(words)


def _website(url):
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    if host not in SHARED_HOSTS:
        return host
    path = parts.path.strip("/").casefold()
    return f"{host}/{path}" if path else ""

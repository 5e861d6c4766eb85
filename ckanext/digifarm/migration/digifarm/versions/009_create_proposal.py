"""Create all tables as they were when this was the first migration.

It has the id of the last of those that it replaces, so that databases that
have them go on.

Revision ID: 009_create_proposal
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "009_create_proposal"
down_revision = None
branch_labels = None
depends_on = None


def text(name, *args, **kwargs):
    return sa.Column(
        name, sa.UnicodeText, *args, **{"nullable": False, **kwargs}
    )


def number(name, **kwargs):
    return sa.Column(name, sa.Integer, nullable=False, **kwargs)


def words(name):
    return sa.Column(name, ARRAY(sa.UnicodeText), nullable=False)


def time(name, **kwargs):
    return sa.Column(name, sa.DateTime, **{"nullable": False, **kwargs})


def package(name, **kwargs):
    key = sa.ForeignKey("package.id", ondelete="CASCADE")
    return text(name, key, **kwargs)


def user(name):
    key = sa.ForeignKey("user.id", ondelete="SET NULL")
    return text(name, key, nullable=True)


def upgrade():
    create_links()
    create_partners()
    create_events()
    create_supports()
    create_mails()
    create_tasks()
    create_proposals()


def create_links():
    op.create_table(
        "digifarm_link",
        package("project_id", primary_key=True),
        package("dataset_id", primary_key=True, index=True),
        text("relation"),
        text("note"),
        text("linked_from"),
        time("created"),
        user("created_by"),
    )


def create_partners():
    op.create_table(
        "digifarm_partner",
        text("id", primary_key=True),
        text("name", unique=True),
        text("title"),
        text("kind"),
        text("url"),
        text("description"),
        words("areas"),
        words("competences"),
        words("action_fields"),
        text(
            "organization_id",
            sa.ForeignKey("group.id", ondelete="SET NULL"),
            nullable=True,
        ),
        text("contact_name"),
        text("contact_email"),
        text("state"),
        time("created"),
        time("modified"),
        text("language", server_default=""),
        text("token_key", server_default=""),
        time("consented", nullable=True),
        text("submission", nullable=True, unique=True),
    )


def create_events():
    op.create_table(
        "digifarm_event",
        text("id", primary_key=True),
        text("subject"),
        text("subject_id", index=True),
        text("state"),
        text("reason"),
        time("created"),
        user("created_by"),
    )


def create_supports():
    op.create_table(
        "digifarm_support",
        text("id", primary_key=True),
        package("project_id", index=True),
        text("area"),
        text(
            "partner_id",
            sa.ForeignKey("digifarm_partner.id"),
            nullable=True,
            index=True,
        ),
        text("person"),
        text("scope"),
        text("since"),
        text("state"),
        time("created"),
        text("contact_name", server_default=""),
        text("contact_email", server_default=""),
        text("message", server_default=""),
        text("language", server_default=""),
        text("token_key", server_default=""),
        user("user_id"),
        text("submission", nullable=True, unique=True),
        time("consented", nullable=True),
        time("modified", server_default=sa.func.now()),
        number("reminders", server_default="0"),
    )
    # A partner supports a project once in an area, also when two people
    # record it at the same moment.
    op.create_index(
        "digifarm_support_once",
        "digifarm_support",
        ["project_id", "area", "partner_id"],
        unique=True,
        postgresql_where=sa.text("state = 'accepted'"),
    )
    op.create_index(
        "digifarm_support_person_once",
        "digifarm_support",
        ["project_id", "area", "person"],
        unique=True,
        postgresql_where=sa.text("state = 'accepted' AND person <> ''"),
    )
    op.create_index(
        "digifarm_support_asked_once",
        "digifarm_support",
        ["project_id", "area", "partner_id"],
        unique=True,
        postgresql_where=sa.text("state = 'requested'"),
    )


def create_mails():
    op.create_table(
        "digifarm_mail",
        text("id", primary_key=True),
        text("recipient_name"),
        text("recipient_email"),
        text("reply_to"),
        text("language"),
        text("subject"),
        text("body"),
        text("body_html"),
        text("state"),
        number("attempts"),
        text("error"),
        time("created"),
        time("due"),
        text("subject_id", server_default="", index=True),
    )
    op.create_index("digifarm_mail_due", "digifarm_mail", ["state", "due"])


def create_tasks():
    op.create_table(
        "digifarm_task",
        text("id", primary_key=True),
        package("project_id", index=True),
        text("title"),
        text("description"),
        words("skills"),
        text("effort"),
        text("url"),
        number("position"),
        text("state"),
        time("created"),
        time("modified"),
    )
    op.create_index(
        "digifarm_task_open",
        "digifarm_task",
        ["modified"],
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "digifarm_task_claim",
        text("id", primary_key=True),
        text(
            "task_id",
            sa.ForeignKey("digifarm_task.id", ondelete="CASCADE"),
            index=True,
        ),
        text("name"),
        text("email"),
        text("language"),
        user("user_id"),
        time("consented"),
        text("submission", nullable=True),
        text("token_key"),
        time("reminded", nullable=True),
        text("state"),
        time("created"),
        time("modified"),
        sa.UniqueConstraint("task_id", "submission"),
    )
    # One at a time has a task, also when two take it at the same moment.
    op.create_index(
        "digifarm_task_claim_held",
        "digifarm_task_claim",
        ["task_id"],
        unique=True,
        postgresql_where=sa.text("state = 'held'"),
    )


def create_proposals():
    op.create_table(
        "digifarm_proposal",
        text("id", primary_key=True),
        sa.Column("payload", JSONB, nullable=False),
        sa.Column("picture", sa.LargeBinary, nullable=True),
        package("project_id", nullable=True, unique=True),
        text("proposer_name"),
        text("proposer_email"),
        text("language"),
        user("user_id"),
        time("consented"),
        text("submission", nullable=True, unique=True),
        text("token_key"),
        text("state"),
        time("created"),
        time("modified"),
    )
    op.create_index(
        "digifarm_proposal_state", "digifarm_proposal", ["state", "created"]
    )


def downgrade():
    for table in (
        "digifarm_proposal",
        "digifarm_task_claim",
        "digifarm_task",
        "digifarm_mail",
        "digifarm_support",
        "digifarm_event",
        "digifarm_partner",
        "digifarm_link",
    ):
        op.drop_table(table)
    # What was noted in CKAN's own table.
    op.execute("DELETE FROM system_info WHERE key LIKE 'digifarm.%'")

"""What events say, so that statistics can be made of them.

Revision ID: 011_events
Revises: 010_create_job
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "011_events"
down_revision = "010_create_job"
branch_labels = None
depends_on = None

XACT = "(pg_current_xact_id()::text)::bigint"

#: What has led to a state: subject, source, target, action, actor. Where
#: there were several ways, the one that most have gone.
STEPS = (
    ("support", None, "accepted", "digifarm_support_create", "project"),
    ("support", None, "unconfirmed", "digifarm_support_offer", "anybody"),
    ("support", None, "offered", "digifarm_support_offer", "user"),
    ("support", "unconfirmed", "offered", "digifarm_support_confirm",
     "supporter"),
    ("support", None, "requested", "digifarm_support_request", "project"),
    ("support", "offered", "accepted", "digifarm_support_accept", "project"),
    ("support", "requested", "accepted", "digifarm_support_accept",
     "supporter"),
    ("support", "offered", "declined", "digifarm_support_decline",
     "project"),
    ("support", "requested", "declined", "digifarm_support_decline",
     "supporter"),
    ("support", "offered", "withdrawn", "digifarm_support_withdraw",
     "supporter"),
    ("support", "requested", "withdrawn", "digifarm_support_withdraw",
     "project"),
    ("support", "accepted", "ended", "digifarm_support_end", "project"),
    ("task", None, "open", "digifarm_task_create", "project"),
    ("task", "open", "taken", "digifarm_task_take", "taker"),
    ("task", "taken", "open", "digifarm_task_return", "taker"),
    ("task", "done", "open", "digifarm_task_return", "project"),
    ("task", "open", "done", "digifarm_task_done", "project"),
    ("task", "taken", "done", "digifarm_task_done", "project"),
    ("task", "open", "deleted", "digifarm_task_delete", "project"),
    ("task", "taken", "deleted", "digifarm_task_delete", "project"),
    ("task", "done", "deleted", "digifarm_task_delete", "project"),
    ("partner", None, "active", "digifarm_partner_create", "reviewer"),
    ("partner", None, "unconfirmed", "digifarm_partner_register", "anybody"),
    ("partner", None, "proposed", "digifarm_partner_register", "user"),
    ("partner", "unconfirmed", "proposed", "digifarm_partner_confirm",
     "contact"),
    ("partner", "unconfirmed", "active", "digifarm_support_accept",
     "project"),
    ("partner", "proposed", "active", "digifarm_partner_accept", "reviewer"),
    ("partner", "proposed", "deleted", "digifarm_partner_decline",
     "reviewer"),
    ("partner", "active", "deleted", "digifarm_partner_delete", "reviewer"),
    ("partner", "deleted", "active", "digifarm_partner_restore", "reviewer"),
    ("proposal", None, "unconfirmed", "digifarm_proposal_submit", "anybody"),
    ("proposal", None, "pending", "digifarm_proposal_submit", "user"),
    ("proposal", "unconfirmed", "pending", "digifarm_proposal_confirm",
     "proposer"),
    ("proposal", "changes_requested", "pending", "digifarm_proposal_update",
     "proposer"),
    ("proposal", "pending", "changes_requested",
     "digifarm_proposal_request_changes", "reviewer"),
    ("proposal", "pending", "approved", "digifarm_proposal_approve",
     "reviewer"),
    ("proposal", "changes_requested", "approved",
     "digifarm_proposal_approve", "reviewer"),
    ("proposal", "pending", "declined", "digifarm_proposal_decline",
     "reviewer"),
    ("proposal", "changes_requested", "declined",
     "digifarm_proposal_decline", "reviewer"),
    ("proposal", "pending", "withdrawn", "digifarm_proposal_withdraw",
     "proposer"),
    ("proposal", "changes_requested", "withdrawn",
     "digifarm_proposal_withdraw", "proposer"),
)

CLAIM = ("claimed", "digifarm_project_claim", "user")


def upgrade():
    op.alter_column("digifarm_event", "state", new_column_name="target")
    op.alter_column("digifarm_event", "target", nullable=True)
    for column in (
        sa.Column("number", sa.BigInteger),
        sa.Column(
            "xact", sa.BigInteger, nullable=False, server_default=sa.text("0")
        ),
        sa.Column(
            "action", sa.UnicodeText, nullable=False, server_default=""
        ),
        sa.Column("source", sa.UnicodeText),
        sa.Column("project_id", sa.UnicodeText),
        sa.Column(
            "actor", sa.UnicodeText, nullable=False, server_default=""
        ),
        sa.Column("data", JSONB, nullable=False, server_default="{}"),
    ):
        op.add_column("digifarm_event", column)
    _describe()
    _describe_projects()
    for name in ("action", "actor", "data"):
        op.alter_column("digifarm_event", name, server_default=None)
    op.alter_column("digifarm_event", "xact", server_default=sa.text(XACT))
    _number()
    op.create_index(
        "digifarm_event_position", "digifarm_event", ["xact", "number"]
    )
    op.create_index(
        "ix_digifarm_event_project_id", "digifarm_event", ["project_id"]
    )


def downgrade():
    # What began to be recorded goes.
    op.execute(
        "DELETE FROM digifarm_event"
        " WHERE subject IN ('link', 'owner', 'project')"
    )
    op.drop_index("ix_digifarm_event_project_id", "digifarm_event")
    op.drop_index("digifarm_event_position", "digifarm_event")
    for name in (
        "number", "xact", "action", "source", "project_id", "actor", "data"
    ):
        op.drop_column("digifarm_event", name)
    op.alter_column("digifarm_event", "target", nullable=False)
    op.alter_column("digifarm_event", "target", new_column_name="state")


def _number():
    """Number what there is in its order, and what comes after it."""
    op.execute(
        "UPDATE digifarm_event SET number = numbered.number FROM ("
        " SELECT id, row_number() OVER (ORDER BY created, id) AS number"
        " FROM digifarm_event) AS numbered"
        " WHERE digifarm_event.id = numbered.id"
    )
    op.alter_column("digifarm_event", "number", nullable=False)
    op.execute(
        "ALTER TABLE digifarm_event ALTER COLUMN number"
        " ADD GENERATED ALWAYS AS IDENTITY"
    )
    op.execute(
        "SELECT setval(pg_get_serial_sequence('digifarm_event', 'number'),"
        " (SELECT coalesce(max(number), 0) + 1 FROM digifarm_event), false)"
    )


def _describe():
    """Say of each event from where it led, by what and by whom."""
    connection = op.get_bind()
    connection.execute(
        sa.text(
            "UPDATE digifarm_event SET action = :action, actor = :actor,"
            " source = (SELECT before.target FROM digifarm_event AS before"
            "  WHERE before.subject = digifarm_event.subject"
            "  AND before.subject_id = digifarm_event.subject_id"
            "  AND before.target <> :claimed"
            "  AND before.created < digifarm_event.created"
            "  ORDER BY before.created DESC LIMIT 1)"
            " WHERE target = :claimed"
        ),
        {"claimed": CLAIM[0], "action": CLAIM[1], "actor": CLAIM[2]},
    )
    # What lies between is no state.
    connection.execute(
        sa.text(
            "UPDATE digifarm_event SET source = before.source FROM ("
            " SELECT id, lag(target) OVER (PARTITION BY subject, subject_id"
            " ORDER BY created, id) AS source"
            " FROM digifarm_event WHERE target <> :claimed) AS before"
            " WHERE digifarm_event.id = before.id"
        ),
        {"claimed": CLAIM[0]},
    )
    connection.execute(
        sa.text(
            "UPDATE digifarm_event SET action = :action, actor = :actor"
            " WHERE subject = :subject AND target = :target"
            " AND source IS NOT DISTINCT FROM :source"
        ),
        [
            {
                "subject": subject,
                "source": source,
                "target": target,
                "action": action,
                "actor": actor,
            }
            for subject, source, target, action, actor in STEPS
        ],
    )
    # Two partners that were made one, for example.
    op.execute(
        "UPDATE digifarm_event SET action = 'unknown', actor ="
        " CASE WHEN created_by IS NULL THEN 'portal' ELSE 'user' END"
        " WHERE action = ''"
    )


def _describe_projects():
    """Say of each event to which project it belongs, as it is today."""
    for subject in ("support", "task", "proposal"):
        op.execute(
            "UPDATE digifarm_event"  # noqa: S608 – the names are ours
            " SET project_id = subject.project_id"
            f" FROM digifarm_{subject} AS subject"
            f" WHERE digifarm_event.subject = '{subject}'"
            " AND digifarm_event.subject_id = subject.id"
        )
    op.execute(
        "UPDATE digifarm_event SET data ="
        " jsonb_build_object('area', s.area, 'partner', s.partner_id)"
        " FROM digifarm_support AS s WHERE digifarm_event.subject = 'support'"
        " AND digifarm_event.subject_id = s.id"
    )
    connection = op.get_bind()
    projects = connection.execute(
        sa.text(
            "SELECT id, owner_org, extras->>'action_fields',"
            " extras->>'origin_community' FROM package WHERE id IN"
            " (SELECT project_id FROM digifarm_event)"
        )
    ).all()
    for id_, organization, fields, origin in projects:
        facts = {
            "organization": organization or None,
            "action_fields": _choices(fields),
            "origin": origin or None,
        }
        connection.execute(
            sa.text(
                "UPDATE digifarm_event"
                " SET data = data || CAST(:facts AS jsonb)"
                " WHERE project_id = :id"
            ),
            {"id": id_, "facts": json.dumps(facts)},
        )


def _choices(stored):
    try:
        found = json.loads(stored or "[]")
    except ValueError:
        found = stored
    return found if isinstance(found, list) else [found]

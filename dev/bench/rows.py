"""The rows of a portal of the benchmark, made by PostgreSQL itself.

Each statement adds what is not there yet, so that a portal can grow. Ids are
made of names: so statements find each other's rows.
"""

from __future__ import annotations

from ckanext.digifarm.exchange.uploads import MOST_ROWS


def _id(name: str) -> str:
    return f"md5({name})::uuid::text"


_PROJECT = _id("'project-' || n")
_DATASET = _id("'dataset-' || n")
_PARTNER = _id("'partner-' || n")
_NEW = _id("'new-' || n")
_QUESTION = _id("'question'")
_FIRST_PROJECT = _id("'project-1'")
_FIRST_PARTNER = _id("'partner-1'")
_TAG = _id("'tag-' || n")
_ITS_TAG = _id("'tag-' || n % 10")
_TAGGED = _id("'tagged-' || n")

#: When something happened: the more, the longer ago.
_THEN = "timestamp '2025-01-01' + n * interval '1 minute'"

_AREAS = "array['content', 'technology', 'sponsoring', 'care']"
_FIELDS = (
    "array['mobility', 'environment', 'economy', 'lifestyle',"
    " 'participation', 'administration']"
)


def _title(name: str) -> str:
    """Words that no other title has: people don't call all things the same."""
    letters = (
        f"regexp_replace(encode(decode(md5({name}), 'hex'), 'base64'),"
        " '[^a-zA-Z0-9]', '', 'g')"
    )
    return f"initcap(substr({letters}, 1, 9) || ' ' || substr({letters}, 10))"


def _area(n: str) -> str:
    return f"({_AREAS})[1 + ({n}) % 4]"


def _field(n: str) -> str:
    return f"({_FIELDS})[1 + ({n}) % 6]"


_PACKAGE = (
    "INSERT INTO package (id, name, title, notes, state, type, owner_org,"
    " private, creator_user_id, metadata_created, metadata_modified, extras)"
    " SELECT {id}, {name}, {title},"
    " repeat('Some words about it. ', 10), 'active', {type}, {organization},"
    f" {{private}}, {{creator}}, {_THEN}, {_THEN}, {{extras}}"
    " FROM generate_series(1, {count}) AS n ON CONFLICT DO NOTHING"
)


def _extras(title: str) -> str:
    return (
        "jsonb_build_object('summary', 'What it does, in a sentence',"
        " 'stage', 'live', 'source_license', 'MIT',"
        f" 'source_url', 'https://git.example.org/' || {title},"
        " 'help_wanted', jsonb_build_array('content', 'care')::text,"
        " 'action_fields', jsonb_build_array("
        f"{_field('n')}, {_field('n / 6 + n + 1')})::text,"
        " 'technologies', jsonb_build_array('Python',"
        " 'Library ' || n % 10)::text)"
    )


_SUPPORT = (
    "INSERT INTO digifarm_support (id, project_id, area, partner_id, person,"
    " scope, since, state, created, modified, contact_name, contact_email,"
    " message, token_key, user_id) SELECT {id}, {project}, {area}, {partner},"
    " '', 'Hosting for a year', '', {state},"
    f" {_THEN}, now(), {{contact}}, {{contact}}, '', 'key-of-the-benchmark',"
    " {user} FROM generate_series(1, {count}) AS n ON CONFLICT DO NOTHING"
)


def _support(**values: str) -> str:
    defaults = {"contact": "''", "user": "NULL", "state": "'accepted'"}
    return _SUPPORT.format(**(defaults | values))


_TASK = (
    "INSERT INTO digifarm_task (id, project_id, title, description, skills,"
    " folded_skills, effort, url, position, state, created, modified)"
    " SELECT {id}, {project}, 'Task ' || n, 'What exactly is to be done.',"
    " array['Python', skill], array['python', lower(skill)], 'hour', '', n,"
    f" {{state}}, {_THEN}, {_THEN}"
    " FROM generate_series(1, {count}) AS n, LATERAL (SELECT"
    # As many as are shown have the one that is searched for.
    " CASE WHEN n <= :shown THEN 'Rare' ELSE 'Skill ' || n % 49 END AS skill)"
    " AS its ON CONFLICT DO NOTHING"
)

_PROPOSAL_STATE = (
    "(array['pending', 'changes_requested', 'approved', 'declined'])"
    "[1 + (n - 1) % 4]"
)

#: So many rows an upload has: no more may be uploaded at once, and with fewer
#: no page of them would be full.
_UPLOADED = f"least(greatest(:projects, 200), {MOST_ROWS})"

#: What an event is about: a project comes into being, tasks, links, supports.
_ITS_PROJECT = _id("'project-' || 1 + n % :projects")
_FACTS = (
    "jsonb_build_object('organization', 'office-' || n % 20, 'action_fields',"
    f" jsonb_build_array({_field('n')}), 'origin', 'Event ' || n % 30,"
    " 'area', 'care')"
)
_ITS_TASK = _id("'task-' || n / 10")
_ITS_SUPPORT = _id("'support-' || 1 + n % :supports")
_EVENTS = (
    f"(0, 'project', {_ITS_PROJECT}, 'created', NULL, 'public',"
    " jsonb_build_object('is_public', true, 'stage', 'live', 'listed', '')),"
    f" (0, 'project', {_ITS_PROJECT}, 'help_opened', NULL, 'open',"
    " jsonb_build_object('is_public', true, 'stage', 'live', 'listed', '')),"
    f" (1, 'task', {_ITS_TASK}, 'digifarm_task_create', NULL, 'open', '{{}}'),"
    f" (2, 'task', {_ITS_TASK}, 'digifarm_task_done', 'open', 'done', '{{}}'),"
    f" (3, 'support', {_ITS_SUPPORT}, 'digifarm_support_offer', NULL,"
    " 'offered', '{}'),"
    f" (4, 'support', {_ITS_SUPPORT}, 'digifarm_support_accept', 'offered',"
    " 'accepted', '{}'),"
    " (5, 'link', 'link-' || n, 'created', NULL, 'uses',"
    " jsonb_build_object('dataset', 'dataset-' || n % 1000)),"
    f" (6, 'proposal', {_ITS_PROJECT}, 'digifarm_proposal_submit', NULL,"
    " 'pending', '{}'),"
    f" (7, 'proposal', {_ITS_PROJECT}, 'digifarm_proposal_approve', 'pending',"
    " 'approved', '{}')"
)

#: Each adds rows of a kind.
STATEMENTS = {
    "yardstick": _PACKAGE.format(
        id=_id("'yardstick'"),
        name="'yardstick'",
        title="'Yardstick'",
        type="'dataset'",
        organization=":alone",
        private="false",
        creator=":admin",
        extras="'{}'",
        count="1",
    ),
    "datasets": _PACKAGE.format(
        id=_DATASET,
        name="'dataset-' || n",
        title="'Dataset ' || n",
        type="'dataset'",
        organization=":city",
        private="false",
        creator=":admin",
        extras="'{}'",
        count=":shown + :projects / 10",
    ),
    "projects": _PACKAGE.format(
        id=_PROJECT,
        name="'project-' || n",
        title=_title("'project-' || n"),
        type="'civic_project'",
        organization=":city",
        private="false",
        # Nobody makes thousands.
        creator="CASE WHEN n <= :shown THEN :owner END",
        extras=_extras("n"),
        count=":projects",
    ),
    "proposed projects": _PACKAGE.format(
        id=_id("'proposed-' || n"),
        name="'proposed-' || n",
        title=_title("'proposed-' || n"),
        type="'civic_project'",
        organization=":team",
        private="true",
        creator="CASE WHEN n <= :shown THEN :owner END",
        extras=_extras("'p' || n"),
        count="2 * :shown + :projects / 10",
    ),
    "tags": (
        f"INSERT INTO tag (id, name) SELECT {_TAG},"
        " 'tag ' || n FROM generate_series(0, 9) AS n ON CONFLICT DO NOTHING"
    ),
    "tagged": (
        "INSERT INTO package_tag (id, package_id, tag_id, state)"
        f" SELECT {_TAGGED}, {_PROJECT},"
        f" {_ITS_TAG}, 'active'"
        " FROM generate_series(1, :projects) AS n ON CONFLICT DO NOTHING"
    ),
    "partners": (
        "INSERT INTO digifarm_partner (id, name, title, kind, url,"
        " description, words, areas, competences, action_fields,"
        " contact_name, contact_email, language, state, created, modified,"
        " token_key)"
        f" SELECT {_PARTNER}, 'partner-' || n, 'Partner ' || n,"
        # What is searched for, as many have in any portal.
        " 'association', '', CASE WHEN n <= :shown THEN 'Green places.'"
        " ELSE 'Who they are.' END,"
        " to_tsvector('simple', 'partner ' || n || CASE WHEN n <= :shown"
        " THEN ' green places' ELSE ' who they are' END || ' python'),"
        f" array[{_area('n')}, {_area('n + 1')}],"
        " array['Python', 'Library ' || n % 10],"
        f" array[{_field('n')}], '', '', '', 'active', {_THEN}, {_THEN}, ''"
        " FROM generate_series(1, :partners) AS n ON CONFLICT DO NOTHING"
    ),
    "registrations": (
        "INSERT INTO digifarm_partner (id, name, title, kind, url,"
        " description, areas, competences, action_fields, contact_name,"
        " contact_email, language, state, created, modified, token_key,"
        " user_id)"
        f" SELECT {_NEW}, 'new-' || n,"
        " 'New ' || n, 'association', '', '', array['care'], '{}', '{}', '',"
        f" '', '', 'proposed', {_THEN}, {_THEN}, '',"
        " CASE WHEN n <= :shown THEN :owner END"
        " FROM generate_series(1, :shown + :partners / 10) AS n"
        " ON CONFLICT DO NOTHING"
    ),
    # As many as are shown are gone; each was joined with the first.
    "deleted partners": (
        "INSERT INTO digifarm_partner (id, name, title, kind, url,"
        " description, areas, competences, action_fields, contact_name,"
        " contact_email, language, state, created, modified, token_key,"
        " merged_into)"
        " SELECT md5('gone-' || n)::uuid::text, 'gone-' || n,"
        " 'Gone ' || n, 'association', '', '', array['care'], '{}', '{}', '',"
        f" '', '', 'deleted', {_THEN}, {_THEN}, '', {_FIRST_PARTNER}"
        " FROM generate_series(1, :shown + :partners / 10) AS n"
        " ON CONFLICT DO NOTHING"
    ),
    "events of deleted partners": (
        "INSERT INTO digifarm_event (id, subject, subject_id, action, target,"
        " actor, data, reason, created)"
        " SELECT md5('gone-event-' || n)::uuid::text, 'partner',"
        " md5('gone-' || n)::uuid::text, 'digifarm_partner_merge', 'deleted',"
        f" 'reviewer', '{{}}', 'The same partner', {_THEN}"
        " FROM generate_series(1, :shown + :partners / 10) AS n"
        " ON CONFLICT DO NOTHING"
    ),
    "supports": _support(
        id=_id("'support-' || n"),
        project=_id("'project-' || 1 + n % :projects"),
        area=_area("n"),
        partner=_id("'partner-' || 1 + (n * 7 + n / 4) % :partners"),
        state="(array['accepted', 'ended'])[1 + n % 2]",
        count=":supports",
    ),
    "supports of a project": _support(
        id=_id("'own-support-' || n"),
        project=_id("'project-1'"),
        area=_area("n"),
        partner="NULL",
        state="(array['accepted', 'ended', 'accepted'])[1 + n % 3]",
        count=":shown",
    ),
    "supports of a partner": _support(
        id=_id("'given-support-' || n"),
        project=_PROJECT,
        area=_area("n"),
        partner=_id("'partner-1'"),
        state="(array['accepted', 'ended'])[1 + n % 2]",
        count="least(:shown, :projects)",
    ),
    "offers": _support(
        id=_id("'offer-' || (n - 1)"),
        # One page is about those of the first project.
        project=_id(
            "'project-' || 1 + (n % :projects)"
            " * (CASE WHEN n <= 2 * :shown THEN n % 2 ELSE 1 END)"
        ),
        area=_area("n"),
        partner="NULL",
        state="'offered'",
        contact="'someone@example.org'",
        user="CASE WHEN n <= :shown THEN :owner END",
        count=":shown + :supports / 10",
    ),
    "ended supports": _support(
        id=_id("'ended-support-' || n"),
        project=_id("'project-' || 1 + n % :projects"),
        area=_area("n"),
        partner="NULL",
        state="'ended'",
        contact="''",
        count=":shown + :supports / 10",
    ),
    "achievements": (
        "INSERT INTO digifarm_achievement (project_id, year, text, created)"
        f" SELECT {_PROJECT}, extract(year FROM now()), 'Much was built.',"
        " now() FROM generate_series(1, :projects) AS n"
        " ON CONFLICT DO NOTHING"
    ),
    "unconfirmed offer": _support(
        id=_id("'new-offer'"),
        project=_id("'project-1'"),
        area="'care'",
        partner="NULL",
        state="'unconfirmed'",
        contact="'someone@example.org'",
        count="1",
    ),
    "tasks": _TASK.format(
        id=_id("'task-' || n"),
        project=_id("'project-' || 1 + n % :projects"),
        state="(array['open', 'done', 'taken', 'open'])[1 + n % 4]",
        count=":tasks",
    ),
    "tasks of a project": _TASK.format(
        id=_id("'own-task-' || n"),
        project=_id("'project-1'"),
        state="(array['taken', 'open', 'open'])[1 + n % 3]",
        count=":shown",
    ),
    "assignments": (
        "INSERT INTO digifarm_task_assignment (id, task_id, name, email,"
        " language, consented, state, created, modified, token_key)"
        " SELECT md5('assignment-' || n)::uuid::text,"
        " md5('own-task-' || n + 1)::uuid::text, 'Someone',"
        " 'someone@example.org', 'en', now(),"
        " (array['unconfirmed', 'held'])[n], now(), now(),"
        " 'key-of-the-benchmark' FROM generate_series(1, 2) AS n"
        " ON CONFLICT DO NOTHING"
    ),
    # One that is taken, one that is done, and so on.
    "tasks of a volunteer": _TASK.format(
        id=_id("'mine-' || n"),
        project=_id("'project-' || 1 + n % :projects"),
        state="(array['done', 'taken'])[1 + n % 2]",
        count=":shown",
    ),
    "assignments of a volunteer": (
        "INSERT INTO digifarm_task_assignment (id, task_id, name, email,"
        " language, user_id, consented, state, created, modified, token_key)"
        " SELECT md5('mine-' || n)::uuid::text,"
        " md5('mine-' || n)::uuid::text, 'Someone', 'someone@example.org',"
        " 'en', :owner, now(), (array['done', 'held'])[1 + n % 2], now(),"
        f" {_THEN}, 'key-of-the-benchmark'"
        " FROM generate_series(1, :shown) AS n ON CONFLICT DO NOTHING"
    ),
    "question": (
        "INSERT INTO digifarm_question (id, project_id, name, email, message,"
        " language, consented, state, created, modified, token_key) SELECT"
        f" {_QUESTION}, {_FIRST_PROJECT}, 'Someone',"
        " 'someone@example.org', 'Whose are the trees?', 'en', now(),"
        " 'unconfirmed', now(), now(), 'key-of-the-benchmark'"
        " ON CONFLICT DO NOTHING"
    ),
    # What the statistics make of it is counted once all is there.
    "events": (
        "INSERT INTO digifarm_event (id, subject, subject_id, action, source,"
        " target, project_id, actor, data, reason, created)"
        " SELECT md5('event-' || n || action)::uuid::text, subject,"
        " subject_id, action,"
        f" source, target, {_ITS_PROJECT}, 'project', {_FACTS} || data, '',"
        " now() - interval '1 day' * ((:events - n) * 364 / :events)"
        " FROM generate_series(1, :events) AS n, LATERAL (SELECT * FROM"
        f" (VALUES {_EVENTS}) AS kinds (kind, subject, subject_id, action,"
        " source, target, data) WHERE kind = CASE WHEN n <= :projects THEN 0"
        " ELSE 1 + n % 7 END) AS its ON CONFLICT DO NOTHING"
    ),
    "links": (
        "INSERT INTO digifarm_link (project_id, dataset_id, relation, note,"
        f" linked_from, created) SELECT {_PROJECT},"
        # The first has its own.
        " md5('dataset-' || 2 + (n + k) % (:shown + :projects / 10 - 1)"
        ")::uuid::text, 'uses', '',"
        f" 'project', {_THEN} FROM generate_series(1, :projects) AS n,"
        " generate_series(1, 3) AS k ON CONFLICT DO NOTHING"
    ),
    "links of one project, of one dataset": (
        "INSERT INTO digifarm_link (project_id, dataset_id, relation, note,"
        " linked_from, created) SELECT project, dataset, 'uses', '',"
        " 'project', now() FROM (SELECT"
        f" md5('project-1')::uuid::text AS project, {_DATASET} AS dataset"
        " FROM generate_series(1, :shown) AS n"
        f" UNION SELECT {_PROJECT}, md5('dataset-1')::uuid::text"
        " FROM generate_series(1, least(:shown, :projects)) AS n) AS pairs"
        " ON CONFLICT DO NOTHING"
    ),
    "successors": (
        "INSERT INTO digifarm_successor (dataset_id, successor_id, unchanged,"
        " created) SELECT md5('dataset-' || n)::uuid::text,"
        # The first replaces the next ones, and those each some others.
        " md5('dataset-' || 1 + n / 10)::uuid::text, false, now()"
        " FROM generate_series(2, :shown) AS n ON CONFLICT DO NOTHING"
    ),
    # Of the first ones, half wait for their owner, half for reviewers.
    "confirmations": (
        "INSERT INTO digifarm_confirmation (id, subject, subject_id,"
        " project_id, state, answer, settled, asked, began, ticks, token_key,"
        " created, modified)"
        " SELECT md5('confirmation-' || n)::uuid::text, 'project',"
        f" {_PROJECT}, {_PROJECT}, CASE WHEN n <= 2 * :shown THEN"
        " (array['undecided', 'asked'])[1 + n % 2] ELSE 'answered' END, '',"
        f" {_THEN}, CASE WHEN n <= 2 * :shown THEN {_THEN} END, {_THEN}, 0,"
        f" 'key-of-the-benchmark', {_THEN}, {_THEN}"
        " FROM generate_series(1, :projects) AS n ON CONFLICT DO NOTHING"
    ),
    "what waits for its owner": (
        "INSERT INTO digifarm_waiting (user_id, subject, subject_id, state,"
        " since) SELECT :owner, 'confirmation',"
        " md5('confirmation-' || 2 * n - 1)::uuid::text, 'asked',"
        f" {_THEN} FROM generate_series(1, least(:shown, :projects / 2)) AS n"
        " ON CONFLICT DO NOTHING"
    ),
    "proposals": (
        "INSERT INTO digifarm_proposal (id, payload, project_id,"
        " proposer_name, proposer_email, language, user_id, consented, state,"
        " created, modified, token_key)"
        " SELECT md5('proposal-' || n)::uuid::text, '{}',"
        " md5('proposed-' || n)::uuid::text, 'Someone', 'someone@example.org',"
        " 'en', CASE WHEN n <= :shown THEN :owner END, now(),"
        f" {_PROPOSAL_STATE}, {_THEN}, {_THEN}, 'key-of-the-benchmark'"
        " FROM generate_series(1, 2 * :shown + :projects / 10) AS n"
        " ON CONFLICT DO NOTHING"
    ),
    "uploads": (
        "INSERT INTO digifarm_import (id, user_id, filename, content, digest,"
        " language, notes, num_rows, state, created, modified)"
        " SELECT md5('import-' || n)::uuid::text, :reviewer, 'list.csv', '',"
        f" '', 'en', '[]', {_UPLOADED}, CASE WHEN n = 2 THEN 'running'"
        f" WHEN n <= 3 THEN 'checked' ELSE 'done' END, {_THEN}, {_THEN}"
        " FROM generate_series(1, :shown) AS n ON CONFLICT DO NOTHING"
    ),
    "rows of uploads": (
        "INSERT INTO digifarm_import_row (import_id, number, place, project,"
        " result, changed, complaints, reports, is_begun, is_done)"
        " SELECT md5('import-' || upload)::uuid::text, n - 1, 'row ' || n + 1,"
        " 'project-' || n, (array['updated', 'updated', 'failed'])[1 + n % 3],"
        """ '["summary", "tasks"]', '["B7: This is wrong"]', '[]',"""
        f" is_done, is_done FROM generate_series(1, {_UPLOADED}) AS n,"
        " (VALUES (1), (2)) AS uploads (upload),"
        f" LATERAL (SELECT upload = 2 AND n <= {_UPLOADED} / 2 AND n % 3 < 2)"
        " AS written (is_done)"
        " ON CONFLICT DO NOTHING"
    ),
    # As many as are shown have died; of the others, few have.
    "addresses": (
        "INSERT INTO digifarm_check (url, host, health, problem, moved_to,"
        " since, failures, checked, due) SELECT extras->>'source_url',"
        " 'git.example.org', CASE WHEN row_number() OVER (ORDER BY name)"
        " <= :shown THEN 'dead' WHEN abs(hashtext(id)) % 100 = 0"
        " THEN 'moved' ELSE 'answers' END, '', '', now(), 0, now(),"
        " now() + interval '1 week'"
        " FROM package WHERE type = 'civic_project' AND NOT private"
        " ON CONFLICT DO NOTHING"
    ),
    "repositories": (
        "INSERT INTO digifarm_repository (url, host, forge, head, branch,"
        " changed, archived, publiccode, checked, due)"
        " SELECT url, host, 'forgejo', 'abc', 'main', now(), false, true,"
        " now(), now() + interval '1 week' FROM digifarm_check"
        " ON CONFLICT DO NOTHING"
    ),
    "issues": (
        "INSERT INTO digifarm_issue (url, repository, number, title)"
        " SELECT url || '/issues/' || n, url, n, 'Issue ' || n"
        " FROM digifarm_repository, generate_series(1, 3) AS n"
        " ON CONFLICT DO NOTHING"
    ),
    # Of each second project; of each fourth, complete.
    "handovers": (
        "INSERT INTO digifarm_handover (project_id, entries, is_complete,"
        " modified)"
        f" SELECT {_PROJECT}, jsonb_object_agg(kind, CASE WHEN n % 4 = 0"
        " THEN '{\"unused\": true}'::jsonb"
        ' ELSE \'{"holder": "An association"}\'::jsonb END),'
        f" n % 4 = 0, {_THEN}"
        " FROM generate_series(2, :projects, 2) AS n, unnest(ARRAY['domain',"
        " 'server', 'repository', 'app_store', 'data', 'money']) AS kind"
        " GROUP BY n ON CONFLICT DO NOTHING"
    ),
    # On the first of each; two reviewers have written them.
    "notes": (
        "INSERT INTO digifarm_note (id, partner_id, project_id, proposal_id,"
        " text, created, created_by) SELECT"
        " md5('note-' || kind || n)::uuid::text,"
        f" CASE WHEN kind = 1 THEN {_FIRST_PARTNER} END,"
        f" CASE WHEN kind = 2 THEN {_FIRST_PROJECT} END,"
        " CASE WHEN kind = 3 THEN md5('proposal-1')::uuid::text END,"
        f" 'What the others should know.', {_THEN},"
        " CASE WHEN n % 2 = 1 THEN :admin ELSE :reviewer END"
        " FROM generate_series(1, :shown) AS n,"
        " generate_series(1, 3) AS kind ON CONFLICT DO NOTHING"
    ),
    "notices": (
        "INSERT INTO digifarm_notice (id, user_id, kind, key, package_ids,"
        " data, created) SELECT md5('notice-' || n)::uuid::text, :owner,"
        f" 'links-of-projects', n::text, ARRAY[{_FIRST_PROJECT}],"
        " jsonb_build_object('project', jsonb_build_object("
        f"'id', {_FIRST_PROJECT}, 'name', 'project-1', 'title', 'Project 1'),"
        " 'dataset', jsonb_build_object('id', n::text, 'name', n::text,"
        " 'title', 'Dataset ' || n), 'is_made', true, 'number', n),"
        f" {_THEN} FROM generate_series(1, :shown + :partners) AS n"
        " ON CONFLICT DO NOTHING"
    ),
    "mails": (
        "INSERT INTO digifarm_mail (id, subject_id, recipient_name,"
        " recipient_email, reply_to, language, subject, body, body_html,"
        " state, attempts, error, created, due)"
        " SELECT md5('mail-' || n)::uuid::text, '', '',"
        " 'someone@example.org', '', 'en', 'Mail ' || n, '', '', 'given_up',"
        f" 9, 'No such mailbox', {_THEN}, {_THEN}"
        " FROM generate_series(1, :shown + :partners) AS n"
        " ON CONFLICT DO NOTHING"
    ),
}

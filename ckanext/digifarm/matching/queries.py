"""Finds what fits best, without loading all that fits."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from ..config import PROJECT_TYPE
from ..lib.ckan import model
from ..partners.model import Partner
from ..projects import search
from ..support.model import Support, SupportState
from .match import MAX_HISTORY

#: What counts in which order; see Match.rank. Solr adds it up.
FIT, HISTORY, AREAS = 10_000, 100, 1

#: So many sets of action fields, and projects, stand in one query.
MAX_SETS = 100
MAX_GIVEN = 1000

#: Of so many partners at most it is asked what they support.
MAX_COMPARED = 100

#: Nobody is suggested who gives help there, was asked for it, or whose offer
#: was declined.
SETTLED = [
    SupportState.ACCEPTED.value,
    SupportState.REQUESTED.value,
    SupportState.DECLINED.value,
]

#: Partners by what they have in common with a project; the first of them,
#: where they fit equally well, by what they support.
_PARTNERS = sa.text(
    """
    -- Read once, not for each partner: else PostgreSQL expects so much work
    -- that it compiles the query first.
    WITH settled AS MATERIALIZED (
        SELECT partner_id, area FROM digifarm_support
        WHERE project_id = :project AND state = ANY(:settled)
        AND partner_id IS NOT NULL
    ), fitting AS MATERIALIZED (
        SELECT partner.id, partner.title, partner.name, (
            SELECT count(*) FROM unnest(partner.areas) AS area
            WHERE area = ANY(:areas) AND (partner.id, area) NOT IN (
                SELECT partner_id, area FROM settled
            )
        ) AS areas, CASE WHEN partner.action_fields && :action_fields THEN (
            SELECT count(*) FROM unnest(partner.action_fields) AS field
            WHERE field = ANY(:action_fields)
        ) ELSE 0 END + (
            SELECT count(*) FROM unnest(partner.competences) AS word
            WHERE lower(word) = ANY(:technologies)
        ) AS fit
        FROM digifarm_partner AS partner
        WHERE partner.state = 'active' AND partner.areas && :areas
        AND partner.id NOT IN (
            SELECT subject_id FROM digifarm_confirmation
            WHERE subject = 'partner' AND silent IS NOT NULL
        )
    ), placed AS (
        SELECT *, count(*) OVER () AS total FROM fitting WHERE areas > 0
        ORDER BY fit DESC, areas DESC, lower(title), name LIMIT :compared
    )
    SELECT id, total FROM placed
    ORDER BY fit DESC, least(:history, (
        SELECT count(DISTINCT support.project_id)
        FROM digifarm_support AS support
        JOIN package ON package.id = support.project_id
        WHERE support.partner_id = placed.id
        AND support.state IN ('accepted', 'ended')
        AND package.state = 'active' AND NOT package.private
        AND package.extras ->> 'action_fields' LIKE ANY(:like_fields)
    )) DESC, areas DESC, lower(title), name
    LIMIT :most
    """
).bindparams(
    *(
        sa.bindparam(name, type_=sa.ARRAY(sa.UnicodeText))
        for name in (
            *("areas", "action_fields", "technologies", "like_fields"),
            "settled",
        )
    )
)


def best_partners(
    project_id: str, wish: Mapping[str, Sequence[str]], most: int
) -> tuple[int, list[str]]:
    """The partners that fit a project best; one SQL statement.

    :param wish: its `help_wanted`, `technologies` and `action_fields`
    :param most: how many are wanted
    :returns: the number of all, and the ids of the best
    """
    rows = model.Session.execute(
        _PARTNERS,
        {
            "project": project_id,
            "settled": SETTLED,
            "areas": [*wish["help_wanted"]],
            "action_fields": [*wish["action_fields"]],
            "technologies": [word.lower() for word in wish["technologies"]],
            # A list in JSON, or a plain text from before it was one.
            "like_fields": [
                f"%{field}%".replace("_", r"\_")
                for field in wish["action_fields"]
            ],
            "history": MAX_HISTORY,
            "compared": max(most, MAX_COMPARED),
            "most": most,
        },
    ).all()
    return (rows[0].total if rows else 0), [row.id for row in rows]


def histories(
    partner_ids: Collection[str],
) -> list[tuple[Partner, list[list[str]], dict[str, str | None]]]:
    """Partners with what they support, now and before; one SQL statement.

    :returns: for each partner, pairs of project and area that are settled,
        and the stored action fields of all public projects that it supports
        or supported, by id
    """
    package = model.package_table.c
    now = sa.func.jsonb_build_array(Support.project_id, Support.area)
    public = sa.func.jsonb_object_agg(
        Support.project_id,
        package.extras["action_fields"].astext,
        type_=JSONB,
    )
    lived = [SupportState.ACCEPTED.value, SupportState.ENDED.value]
    query = (
        sa.select(
            Partner,
            sa.func.jsonb_agg(now, type_=JSONB).filter(
                Support.state.in_(SETTLED)
            ),
            public.filter(
                Support.state.in_(lived), *Support.of_public_project()
            ),
        )
        .outerjoin(
            Support,
            (Support.partner_id == Partner.id)
            & Support.state.in_({*SETTLED, *lived}),
        )
        .outerjoin(model.Package, model.Package.id == Support.project_id)
        .where(Partner.id.in_(partner_ids))
        .group_by(Partner.id)
    )
    return [
        (partner, now or [], projects or {})
        for partner, now, projects in model.Session.execute(query)
    ]


def best_projects(
    offer: Mapping[str, Any],
    areas: Collection[str],
    now: Collection[Sequence[str]],
    history: Collection[Collection[str]],
) -> dict[str, Any]:
    """The search for the projects that a partner could help.

    Solr adds up what each has in common with the partner.

    :param offer: the partner
    :param areas: those of it that the schema file knows
    :param now: pairs of project and area that it supports
    :param history: the action fields of each project that it supports or
        supported
    :returns: parameters for :py:func:`package_search`
    """
    sets = Counter(frozenset(of) for of in history if of)
    clauses = [
        "*:*^=0",
        *_clauses("vocab_action_fields", offer["action_fields"], FIT),
        *_clauses(
            f"vocab_{search.TECHNOLOGIES}",
            [word.casefold() for word in offer["competences"]],
            FIT,
        ),
        *_clauses("vocab_help_wanted", areas, AREAS),
        *(
            f"vocab_action_fields:({_any(sorted(of))})"
            f"^={min(count, MAX_HISTORY) * HISTORY}"
            for of, count in sets.most_common(MAX_SETS)
        ),
    ]
    return {
        "q": " OR ".join(clauses),
        "fq_list": [
            f"+dataset_type:{PROJECT_TYPE}",
            " OR ".join(f"({_wanted(area, now)})" for area in areas),
        ],
        "sort": "score desc, title_string asc",
        "include_private": True,
        "facet": "false",
    }


def _wanted(area: str, now: Collection[Sequence[str]]) -> str:
    """Projects that look for help which the partner doesn't give already."""
    given = [id_ for id_, of in now if of == area][:MAX_GIVEN]
    wanted = f"+vocab_help_wanted:{json.dumps(area)}"
    return f"{wanted} -id:({_any(given)})" if given else wanted


def _clauses(field: str, values: Collection[str], score: int) -> list[str]:
    return [f"{field}:{_quoted(value)}^={score}" for value in values]


def _any(values: Collection[str]) -> str:
    return " OR ".join(map(_quoted, values))


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)

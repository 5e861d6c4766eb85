from __future__ import annotations

from typing import Any

import ckantoolkit as tk

from ..lib import clock
from ..lib.ckan import Context, DataDict, model
from . import reading, schema
from .booking import month_of
from .groups import Group
from .model import State
from .periods import Span, Step


@tk.side_effect_free
@tk.validate_action_data(schema.statistics)
def digifarm_statistics(
    context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """What came of it: numbers by months or years; docs/statistics.md.

    Everybody may read them; no number tells of a person.

    :param since: the first month, such as `2026-01`, or a year (optional,
        default: a year before the last one)
    :type since: string
    :param until: the last month, or a year (optional, default: this month)
    :type until: string
    :param step: `month` or `year`, a whole one; of more than 36 months there
        are years only (optional)
    :type step: string
    :param organization: id or name of an organisation: its projects only
        (optional)
    :type organization: string
    :param action_field: one of the choices of `action_fields` (optional)
    :type action_field: string
    :param origin: what `origin_community` of projects says (optional)
    :type origin: string

    :returns: `as_of`, when it was counted (UTC), or None before the first
        time; `begins`, the first month of which something is known; `since`,
        `until` and `step`; `periods`: the months (`2026-01`) or years
        (`2026`); `numbers`: a list of dictionaries with `number`, `key`,
        `kind` (`level`, `flow`, `duration` or `personal`), `values`, one for
        each period, and `total`; a duration has `count`, and `median` and
        `ninety` in days; `origins`: of all projects, the 20 communities of
        which most began, with `origin`, `began`, `one_year` and `two_years`
        (how many were so old in this time), and `one_year_alive` and
        `two_years_alive` (how many of these went on then); `most_used`: the
        datasets that most projects use now, with `name`, `title` and
        `num_projects`; and `choices`, lists of what can be filtered by:
        `organization` (ids), `action_field` and `origin`, of each the 100
        that most projects have
    :rtype: dictionary

    :raises ValidationError: with the name of the parameter
    """
    tk.check_access("digifarm_statistics", context, data_dict)
    state = model.Session.get(State, State.ONLY)
    today = month_of(clock.now())
    span = Span.of(
        data_dict.get("since"),
        data_dict.get("until"),
        Step(data_dict["step"]) if data_dict.get("step") else None,
        state.begins if state else today,
        today,
    )
    rows = (
        reading.rows(span, _group(data_dict), month_of(state.as_of))
        if state
        else []
    )
    is_year = span.step is Step.YEAR
    return {
        "as_of": state.as_of.isoformat() if state else None,
        "begins": _month(state.begins if state else today),
        "since": _month(span.since),
        "until": _month(span.until),
        "step": span.step.value,
        "periods": [
            str(period.year) if is_year else _month(period)
            for period in span.periods()
        ],
        "numbers": [
            {
                **row._asdict(),
                "number": row.number.value,
                "kind": row.number.kind.value,
            }
            for row in sorted(rows, key=lambda row: row[:2])
        ],
        "origins": reading.origins(span),
        "most_used": reading.most_used(),
        "choices": state.choices if state else {},
    }


def _group(data_dict: DataDict) -> Group:
    """For whom numbers are wanted."""
    organization = data_dict["organization"]
    if organization:
        found = model.Group.get(organization)
        organization = found.id if found else organization
    return Group(organization, data_dict["action_field"], data_dict["origin"])


def _month(day: Any) -> str:
    return f"{day:%Y-%m}"

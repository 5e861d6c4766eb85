"""Numbers for everybody: a page, tables to take along, a report on paper."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from typing import Any

import ckantoolkit as tk
from flask import jsonify

from ..config import PROJECT_TYPE
from ..lib import downloads, forms
from ..lib.ckan import Response
from ..projects import fields
from . import exporting, reporting, showing, summary

statistics = forms.blueprint(
    "digifarm_statistics", f"/{PROJECT_TYPE}/statistics"
)

ACTION = "digifarm_statistics"

#: So many of these are on the page of a report.
MOST_ACHIEVEMENTS, MOST_SUPPORTS = 40, 50

#: What the files are called that are taken along.
FILE = f"{PROJECT_TYPE}-statistics"

#: What the address may ask for.
ASKED = (
    "since",
    "until",
    "step",
    "organization",
    "action_field",
    "origin",
)


@statistics.route("")
def read() -> str:
    """What came of it, month by month."""
    asked, errors = _asked(), {}
    try:
        found = tk.get_action(ACTION)({}, asked)
    except tk.ValidationError as e:
        errors = e.error_dict
        found = tk.get_action(ACTION)({}, _without(errors, asked))
    return tk.render(
        "digifarm/statistics/read.html",
        {
            "asked": asked,
            "errors": tk.h.digifarm_errors(errors),
            "found": found,
            "shown": showing.sections(found),
            "choices": _choices(found, _without(errors, asked)),
            "years": _years(found),
        },
    )


@statistics.route("/<int:year>")
def report(year: int) -> str:
    """What came of it in a year, on a page to print."""
    found = _of_year(year)
    achieved = tk.get_action("digifarm_achievement_list")(
        {}, {"year": year, "limit": MOST_ACHIEVEMENTS + 1}
    )
    told = reporting.with_room(achieved[:MOST_ACHIEVEMENTS])
    first, month = found["begins"].split("-")
    return tk.render(
        "digifarm/statistics/report.html",
        {
            "year": year,
            "found": found,
            "sentences": summary.sentences(found),
            "achievements": told,
            "are_more": len(achieved) > len(told),
            "years": [
                reporting.year_label(one, found) for one in found["periods"]
            ],
            "begins": first in found["periods"] and month != "01",
            "parts": reporting.parts(found),
            "is_over": reporting.is_over(year, found),
            "supports": _ended_supports(year),
            "most_supports": MOST_SUPPORTS,
        },
    )


def _of_year(year: int) -> dict[str, Any]:
    """The numbers of a year and the one before; else the page ends."""
    missing = tk._("There are no numbers of this year")
    try:
        found = tk.get_action(ACTION)(
            {}, {"since": str(year - 1), "until": str(year), "step": "year"}
        )
    except tk.ValidationError:
        return tk.abort(404, missing)
    if str(year) not in _years(found):
        tk.abort(404, missing)
    return found


def _ended_supports(year: int) -> list[dict[str, Any]] | None:
    """Which supports ended in a year, for reviewers; None for all others."""
    try:
        return tk.get_action("digifarm_support_helped_list")(
            {}, {"year": year, "limit": MOST_SUPPORTS + 1}
        )
    except tk.NotAuthorized:
        return None


@statistics.route("/export.csv")
def export_csv() -> Response:
    """The same as a table; docs/statistics.md says what its columns are."""
    found = _exported()
    return downloads.table(
        FILE, exporting.header(found), exporting.rows(found)
    )


@statistics.route("/export.json")
def export_json() -> Response:
    """The same as the API gives it."""
    return downloads.named(jsonify(_exported()), f"{FILE}.json")


def _asked() -> dict[str, str]:
    args = tk.request.args
    return {name: args[name].strip() for name in ASKED if args.get(name)}


def _without(errors: Collection[str], asked: dict[str, str]) -> dict[str, str]:
    """What is asked for and not refused."""
    return {name: asked[name] for name in asked if name not in errors}


def _exported() -> dict[str, Any]:
    try:
        return tk.get_action(ACTION)({}, _asked())
    except tk.ValidationError as e:
        message = "; ".join(map(str, e.error_summary.values()))
        return tk.abort(400, message)


def _years(found: dict[str, Any]) -> list[str]:
    """The years of which there is a report, the newest first."""
    if not found["as_of"]:
        return []
    last = datetime.datetime.fromisoformat(found["as_of"]).year
    first = int(found["begins"][:4])
    return [str(year) for year in range(last, first - 1, -1)]


def _choices(
    found: dict[str, Any], asked: dict[str, str]
) -> dict[str, list[tuple[str, str]]]:
    """What the form offers, with the words for it.

    What is asked for is always there: few of many are offered.
    """
    offered = {
        name: sorted(
            {*found["choices"].get(name, []), asked.get(name, "")} - {""}
        )
        for name in ("organization", "action_field", "origin")
    }
    return {
        "organization": showing.organizations(offered["organization"]),
        "action_field": [
            (value, fields.choice_label("action_fields", value))
            for value in offered["action_field"]
        ],
        "origin": [(value, value) for value in offered["origin"]],
    }

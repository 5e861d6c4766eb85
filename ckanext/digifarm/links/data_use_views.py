from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ckantoolkit as tk
from flask import jsonify

from ..lib import downloads, forms, paging, text
from ..lib.ckan import Response
from .data_use import MOST_NAMED, SORTS
from .data_use_actions import MOST

#: Beside core's pages of organisations, which have no such part.
data_use = forms.blueprint("digifarm_data_use", "/organization/data-use")

#: What an export holds at most; an organisation with more filters.
MOST_EXPORTED = 10_000

#: The columns of a table: keys of the action's results.
COLUMNS = (
    "name",
    "title",
    "address",
    "private",
    "num_projects",
    "since",
    "newest",
    "projects",
)


@data_use.route("/<id>")
def read(id: str) -> str | Response:
    """What becomes of an organisation's datasets."""
    organization = _organization(id)
    asked = _asked()
    found, pager = paging.page(
        "digifarm_data_use", {"organization": organization["id"], **asked}
    )
    return tk.render(
        "digifarm/links/data_use.html",
        {
            "group_dict": organization,
            "group_type": "organization",
            "page": pager,
            "asked": asked,
            "totals": found.get("totals"),
            "newest": found.get("newest", []),
        },
    )


@data_use.route("/<id>/export.csv")
def export_csv(id: str) -> Response:
    """The same as a table."""
    organization = _organization(id)
    rows = (
        [_cell(row, name) for name in COLUMNS] for row in _all(organization)
    )
    return downloads.table(_file(organization), COLUMNS, rows)


@data_use.route("/<id>/export.json")
def export_json(id: str) -> Response:
    """The same as the API gives it."""
    organization = _organization(id)
    response = jsonify([*_all(organization)])
    return downloads.named(response, f"{_file(organization)}.json")


def _organization(id: str) -> dict[str, Any]:
    """The organisation, for core's layout; ends the page without one."""
    try:
        return tk.get_action("organization_show")(
            {},
            {
                "id": text.clean(id),
                "include_users": False,
                "include_groups": False,
                "include_dataset_count": False,
                "include_followers": False,
            },
        )
    except (tk.Invalid, tk.NotAuthorized, tk.ObjectNotFound):
        return tk.abort(404, tk._("Organization not found"))


def _asked() -> dict[str, str]:
    """What the address asks for; what can't be is left out."""
    args = tk.request.args
    choices = {"used": ("true", "false"), "sort": SORTS}
    asked = {
        name: args.get(name, "")
        for name, values in choices.items()
        if args.get(name) in values
    }
    return {"q": args.get("q", "").strip(), **asked}


def _all(organization: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All that the address asks for, part by part."""
    step = min(MOST, tk.config["ckan.search.rows_max"])
    for offset in range(0, MOST_EXPORTED, step):
        part = {"limit": step, "offset": offset}
        try:
            found = tk.get_action("digifarm_data_use")(
                {},
                {
                    "organization": organization["id"],
                    "named": MOST_NAMED,
                    **_asked(),
                    **part,
                },
            )
        except tk.ValidationError:
            return
        yield from found["results"]
        if offset + step >= found["count"]:
            return


def _cell(row: dict[str, Any], name: str) -> object:
    if name == "address":
        return tk.h.url_for("dataset.read", id=row["name"], qualified=True)
    if name == "projects":
        titles = [project["title"] for project in row[name]]
        is_cut = row["num_projects"] > MOST_NAMED
        return "; ".join([*titles, "…"] if is_cut else titles)
    return row[name]


def _file(organization: dict[str, Any]) -> str:
    """What the files are called that are taken along."""
    return f"{organization['name']}-data-use"

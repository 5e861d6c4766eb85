"""`ckan digifarm statistics …`."""

from __future__ import annotations

import json
import sys

import ckantoolkit as tk
import click

from ..lib import retired, spreadsheets
from ..lib.ckan import model
from . import aggregating, exporting, finding


@click.group("statistics")
def commands() -> None:
    """Numbers over time."""


@commands.command("export")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["csv", "json"]),
    default="csv",
    show_default=True,
)
@click.option("--since", metavar="MONTH", help="Such as 2026-01, or 2026.")
@click.option("--until", metavar="MONTH", help="Such as 2026-12, or 2026.")
@click.option("--step", type=click.Choice(["month", "year"]))
@click.option("--organization", metavar="ORG", help="Its projects only.")
@click.option("--action-field", metavar="FIELD")
@click.option("--origin", metavar="COMMUNITY")
def export(format_: str, **asked: str | None) -> None:
    """Write the numbers as a table or as JSON.

    docs/statistics.md says what they mean. Exits with 2 where something is
    wrong with what was asked for.
    """
    try:
        found = tk.get_action("digifarm_statistics")(
            {"ignore_auth": True}, {k: v for k, v in asked.items() if v}
        )
    except tk.ValidationError as e:
        problems = "; ".join(f"{k}: {v}" for k, v in e.error_summary.items())
        raise click.UsageError(problems) from e
    if format_ == "json":
        json.dump(found, sys.stdout, indent=2, ensure_ascii=False)
        click.echo()
    else:
        header, rows = exporting.header(found), exporting.rows(found)
        click.echo(spreadsheets.as_csv(header, rows), nl=False)


@commands.command("rebuild")
def rebuild() -> None:
    """Make all numbers anew of what has happened."""
    retired.refuse()
    finding.find()
    model.Session.commit()
    aggregating.rebuild()
    model.Session.commit()
    click.echo("The numbers are made anew.")

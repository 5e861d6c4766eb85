"""`ckan digifarm import` and `ckan digifarm export`."""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path

import ckantoolkit as tk
import click

from ..lib import index, retired
from ..lib.ckan import model
from ..lib.language import known, speaking
from ..lib.text import printable
from . import documents, exporting, files, tables, templates
from .plan import Outcome, Result
from .record import UnreadableFile
from .run import Importer


@click.command("export")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["csv", "json"]),
    default="csv",
    show_default=True,
)
@click.option(
    "--private",
    "with_private",
    is_flag=True,
    help="Private projects and datasets, too; keep such a file to yourself.",
)
@click.option(
    "--excel",
    "for_excel",
    is_flag=True,
    help="A table that Excel opens by a click, in the language --language.",
)
@click.option(
    "--language",
    metavar="LANG",
    help="Of Excel, such as de (default: of the console).",
)
def export(
    format_: str,
    language: str | None,
    *,
    with_private: bool,
    for_excel: bool,
) -> None:
    """Write all projects as a table or as JSON; docs/exchange.md says how.

    `ckan digifarm import` reads both, here or on another portal.
    """
    retired.refuse()
    found = exporting.projects(
        exporting.stored(with_private=with_private),
        None,
        with_private=with_private,
    )
    if format_ == "json":
        parts = documents.lines(found)
    else:
        excel = language_of_console(language) if for_excel else ""
        parts = tables.lines(found, excel)
    for part in parts:
        # As it is: on some systems a terminal would change the ends of lines.
        sys.stdout.buffer.write(part.encode())
    sys.stdout.flush()


@click.command("import")
@click.argument(
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=False,
)
@click.option(
    "-o",
    "--organization",
    metavar="ORG",
    help="Name or id of the organisation that gets new projects.",
)
@click.option(
    "--dry-run", is_flag=True, help="Say what would happen, write nothing."
)
@click.option(
    "--template",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="NEW",
    help="Write a table to fill in (.xlsx or .csv) instead.",
)
@click.option(
    "--language",
    metavar="LANG",
    help="Of what is said and written, such as de (default: of the console).",
)
def import_(
    file: Path | None,
    organization: str | None,
    template: Path | None,
    language: str | None,
    *,
    dry_run: bool,
) -> None:
    """Import projects from FILE: a table (.xlsx, .csv), or JSON.

    JSON is what `ckan digifarm export` writes, or that of DIGIFARM.MS. A
    project that is there already is updated with what FILE says about it.
    Exits with 1 where a record failed, with 2 where nothing was tried.
    """
    retired.refuse()
    with speaking(language_of_console(language)):
        if template:
            _write_template(template)
        elif file:
            _import(file, organization, dry_run=dry_run)
        else:
            raise click.UsageError("Please name a FILE, or use --template.")


def language_of_console(asked: str | None) -> str:
    """The language that somebody reads here, if the portal has it."""
    variables = ("LC_ALL", "LC_MESSAGES", "LANG")
    said = asked or next(filter(None, map(os.environ.get, variables)), "")
    # As in de_DE.UTF-8.
    language, _, _ = said.partition(".")
    return known("en" if language in {"C", "POSIX", ""} else language)


def _write_template(template: Path) -> None:
    if template.exists():
        raise click.BadParameter(
            tk._("It exists already."), param_hint="--template"
        )
    try:
        templates.write(template)
    except UnreadableFile as e:
        raise click.BadParameter(str(e), param_hint="--template") from e


def _import(file: Path, organization: str | None, *, dry_run: bool) -> None:
    try:
        source = files.read(file)
    except UnreadableFile as e:
        raise click.BadParameter(printable(str(e)), param_hint="FILE") from e
    if organization is not None:
        _check_organization(organization)
    importer = Importer(organization, dry_run=dry_run)
    for note in source.notes:
        click.echo(printable(note))
    counts: Counter[str] = Counter()
    with index.committing_seldom(is_dry=dry_run) as go_on:
        for record in source.records():
            # Each is said at once and forgotten: there may be many.
            outcome = importer.run(record)
            _print_outcome(outcome)
            counts[outcome.result.value] += 1
            counts["links"] += outcome.links_added
            counts["supporters"] += outcome.supports_added
            go_on()
    _print_summary(counts, dry_run=dry_run)
    if counts[Result.FAILED.value]:
        sys.exit(1)


def _check_organization(name: str) -> None:
    group = model.Group.get(name)
    if not (group and group.is_organization and group.is_active()):
        raise click.BadParameter(
            tk._("There is no organisation {name}.").format(name=name),
            param_hint="--organization",
        )


def _print_outcome(outcome: Outcome) -> None:
    """What was done on stdout, with what was left out; failures on stderr."""
    failed = outcome.result is Result.FAILED
    said = _results()[outcome.result]
    headline = f"{outcome.record.place}: {said} {outcome.name}"
    details = [*map(str, outcome.complaints), *outcome.record.reports]
    for line in (headline.rstrip(), *(f"    {line}" for line in details)):
        click.echo(printable(line), err=failed)


def _results() -> dict[Result, str]:
    """The words for what becomes of records."""
    return {
        Result.CREATED: tk._("created"),
        Result.UPDATED: tk._("updated"),
        Result.UNCHANGED: tk._("unchanged"),
        Result.FAILED: tk._("failed"),
    }


def _print_summary(counts: Counter[str], *, dry_run: bool) -> None:
    said = ", ".join(
        f"{counts[result.value]} {word}" for result, word in _results().items()
    )
    added = tk._("{links} links added, {supporters} supporters added").format(
        links=counts["links"], supporters=counts["supporters"]
    )
    prefix = f"{tk._('Dry run, nothing was written:')} " if dry_run else ""
    click.echo(f"{prefix}{said}; {added}")

from __future__ import annotations

import sys

import ckantoolkit as tk
import click
from pysolr import SolrError

from . import config, privacy, startup, subjects
from .core import index_check, retiring
from .exchange.commands import export, import_
from .lib import (
    due_work,
    index,
    jobs,
    outbox,
    retired,
    review_office,
    tables,
)
from .lib.text import printable
from .partners import names as partner_names
from .privacy.commands import commands as privacy_commands
from .projects import names as project_names
from .statistics.commands import commands as statistics_commands

__all__ = ["digifarm"]


@click.group()
def digifarm() -> None:
    """Civic projects."""


digifarm.add_command(privacy_commands)
digifarm.add_command(statistics_commands)
digifarm.add_command(import_)
digifarm.add_command(export)


@digifarm.command()
@click.option(
    "--repair", is_flag=True, help="Let the index say what is stored."
)
def check(repair: bool) -> None:
    """Look for what is wrong, and compare the index with the database.

    Names mistakes in the configuration, tables that are missing, what keeps
    residents from proposing, and projects and partners whose address is that
    of another page.

    Exits with 1 where there are some, or a project differs, or still does
    after the repair; with 2 where Solr doesn't answer.
    """
    if problem := tables.problem():
        # The rest would find nothing to look at.
        click.echo(problem)
        sys.exit(1)
    problems = [
        *startup.advice(tk.config),
        *_problems_of_reviewers(),
        *map(str, project_names.collisions()),
        *map(str, partner_names.collisions()),
    ]
    for problem in problems:
        click.echo(printable(problem))
    try:
        found = remaining = index_check.differences()
        for difference in found:
            click.echo(printable(str(difference)))
        if repair and found:
            remaining = _repaired(found)
    except SolrError:
        # Its words may hold the password of solr_url.
        click.echo("Solr doesn't answer as it should.", err=True)
        sys.exit(2)
    click.echo(f"{len(found)} differences, {len(remaining)} left")
    if remaining or problems:
        sys.exit(1)


def _problems_of_reviewers() -> list[str]:
    name = config.review_organization()
    found = review_office.organization()
    if not name or (found and name in {found.id, found.name}):
        return []
    if found:
        problem = (
            f"The organisation {name!r} is called {found.name!r} now; its"
            " editors still review. Please write its new name, or its id"
            f" {found.id}, into ckanext.digifarm.review_organization."
        )
        return [problem]
    problem = (
        f"There is no organisation {name!r}, so nobody can propose anything."
        " Create it, or correct the option"
        " ckanext.digifarm.review_organization."
    )
    return [problem]


@digifarm.command("run-due")
@click.option("--dry-run", is_flag=True, help="Say what is due, do nothing.")
@click.option(
    "--only",
    "names",
    multiple=True,
    metavar="KIND",
    help="Do this kind of work alone; more than once for several.",
)
def run_due(dry_run: bool, names: tuple[str, ...]) -> None:
    """Do what is due, and send the mails; call this every five minutes.

    Exits with 1 where something could not be done; it is tried again later.
    While all projects are put aside, it does nothing.
    """
    if retired.are_any():
        click.echo(f"Nothing is done: {retired.WHY}")
        return
    kinds = {kind.name: kind for kind in _due_kinds()}
    if unknown := [name for name in names if name not in kinds]:
        raise click.BadParameter(
            f"There is no kind {unknown[0]}; there are {', '.join(kinds)}.",
            param_hint="--only",
        )
    failed = 0
    for name in names or kinds:
        if dry_run:
            click.echo(f"{name}: {kinds[name].count()} due")
            continue
        counts = due_work.run(kinds[name])
        if counts:
            done = counts[due_work.DONE]
            click.echo(f"{name}: {done} done, {counts.total() - done} failed")
        failed += counts[due_work.FAILED]
    if failed:
        sys.exit(1)


def _due_kinds() -> list[due_work.Kind | due_work.Queue]:
    """All kinds of due work; mails late, as others write some.

    The index comes after them: it can take long. What asks other servers
    comes last.
    """
    kinds = [
        *subjects.due_kinds(),
        *privacy.KINDS,
        due_work.Queue("mails", outbox.count_due, outbox.send_due),
        due_work.Queue("jobs", jobs.count, jobs.run),
    ]
    return sorted(kinds, key=_is_slow)


def _is_slow(kind: due_work.Kind | due_work.Queue) -> bool:
    return isinstance(kind, due_work.Queue) and kind.is_slow


@digifarm.command()
def retire() -> None:
    """Put all projects aside, so that CKAN runs without this extension.

    Stop CKAN and its worker first. Nothing is lost: `return` brings them back.
    Does no harm when it is run again, and finishes what was interrupted.

    Exits with 2 where Solr doesn't answer; then run it again.
    """
    try:
        count = retiring.retire()
    except SolrError:
        # Its words may hold the password of solr_url.
        click.echo("Solr doesn't answer: run this again.", err=True)
        sys.exit(2)
    click.echo(
        f"{count} projects put aside. Now take digifarm out of ckan.plugins,"
        " its schema out of scheming.dataset_schemas, its line out of cron,"
        " and start CKAN."
    )


@digifarm.command("return")
def return_() -> None:
    """Bring back all projects that `retire` has put aside, as they were.

    Does no harm when it is run again, and finishes what was interrupted.

    Exits with 1 where one could not be indexed; run-due tries again.
    """
    count = retiring.bring_back()
    click.echo(f"{count} projects brought back. Now they are indexed.")
    if failed := jobs.run(kinds=[index.REINDEX])["failed"]:
        click.echo(
            f"{failed} could not be indexed yet; `ckan digifarm run-due`"
            " tries again.",
            err=True,
        )
        sys.exit(1)


def _repaired(
    found: list[index_check.Difference],
) -> list[index_check.Difference]:
    """The differences that are left when these have been repaired."""
    for difference, reason in index_check.repair(found):
        line = f"{difference.name} can't be repaired: {reason}"
        click.echo(printable(line), err=True)
    remaining = index_check.differences()
    for difference in remaining:
        click.echo(printable(f"still: {difference}"), err=True)
    return remaining

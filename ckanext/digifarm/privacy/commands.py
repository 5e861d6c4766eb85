"""`ckan digifarm privacy …`."""

from __future__ import annotations

import json
import shlex
import sys
from collections import Counter
from collections.abc import Sequence

import click

from ..lib import addresses, retired
from ..lib.text import printable
from .erasure import Interrupted, erase
from .export import export
from .places import Place
from .purging import Unfinished, purge

#: Of what `privacy erase` says how much it was.
TABLES = (
    "support",
    "partner",
    "task",
    "question",
    "proposal",
    "link",
    "successor",
    "note",
    "notice",
    "event",
    "text",
    "account",
    "mail",
)

QUESTION = (
    "Offers, registrations and proposals that wait are withdrawn, tasks are"
    " open again, and proposed projects that were not approved are deleted for"
    " good. Forget this address?"
)

#: The same for `privacy purge`.
FORGOTTEN = (
    "unconfirmed",
    "contacts",
    "achievements",
    "handovers",
    "imports",
    "reasons",
    "mails",
    "notices",
    "accounts",
    "projects",
)


def _stored(_ctx: click.Context, _param: click.Parameter, email: str) -> str:
    """An address on the command line, as the portal stores it."""
    return addresses.stored(email)


@click.group("privacy")
def commands() -> None:
    """What is known of people, above all of those without an account."""


@commands.command("export")
@click.argument("email", callback=_stored)
def privacy_export(email: str) -> None:
    """Print all that is stored with EMAIL, as JSON."""
    found = export(email)
    click.echo(json.dumps(found, indent=2, ensure_ascii=False, default=str))


@commands.command("erase")
@click.argument("email", callback=_stored)
@click.option(
    "--name",
    "names",
    multiple=True,
    help="What else the person is called; more than once for several.",
)
@click.option(
    "--cover-names",
    is_flag=True,
    help="Take the names out of texts, too; first look at what is there.",
)
@click.option(
    "--account",
    "with_account",
    is_flag=True,
    help="Also close the accounts that the person uses.",
)
@click.option(
    "--dry-run", is_flag=True, help="Say what would go, change nothing."
)
@click.option("--yes", is_flag=True, help="Don't ask.")
def privacy_erase(
    email: str,
    *,
    names: tuple[str, ...],
    cover_names: bool,
    with_account: bool,
    dry_run: bool,
    yes: bool,
) -> None:
    """Forget whoever has the address EMAIL.

    Names the places where the person's name still stands, for somebody to
    decide on. Exits with 1 where something is to be done once more.
    """
    retired.refuse()
    if not (yes or dry_run):
        click.confirm(QUESTION, abort=True)
    try:
        outcome = erase(
            email,
            names=names,
            cover_names=cover_names,
            with_account=with_account,
            dry_run=dry_run,
        )
    except Interrupted as e:
        called = "".join(f" --name {shlex.quote(name)}" for name in e.names)
        click.echo(
            "It broke off, and a part is done. Once the reason is mended, run"
            f" it again with what the person is called:{printable(called)}",
            err=True,
        )
        raise
    if dry_run:
        click.echo("Dry run, nothing was changed.")
    _print_counts(outcome.counts, TABLES)
    _print_places("Taken out of:", outcome.covered)
    _print_places("Still there, please decide:", outcome.left)
    _print_failed(outcome.failed)
    if not outcome.is_indexed:
        click.echo("The search index follows by run-due.", err=True)
    if outcome.failed or not outcome.is_indexed:
        sys.exit(1)


@commands.command("purge")
@click.option(
    "--dry-run", is_flag=True, help="Say what would go, change nothing."
)
def privacy_purge(dry_run: bool) -> None:
    """Forget now what is needed no longer; run-due does so once a day."""
    retired.refuse()
    left: list[str] = []
    try:
        counts = purge(dry_run=dry_run)
    except Unfinished as e:
        counts, left = e.counts, e.proposals
    if dry_run:
        click.echo("Dry run, nothing was changed.")
    _print_counts(counts, FORGOTTEN)
    _print_failed(left)
    if left:
        sys.exit(1)


def _print_counts(counts: Counter[str], names: Sequence[str]) -> None:
    for name in names:
        click.echo(f"{name}: {counts[name]}")


def _print_places(headline: str, found: Sequence[Place]) -> None:
    if found:
        click.echo(f"\n{headline}")
    for place in found:
        lines = filter(None, place)
        click.echo("\n    ".join(map(printable, lines)))


def _print_failed(proposals: Sequence[str]) -> None:
    for proposal in proposals:
        click.echo(f"Could not be purged, try later: {proposal}", err=True)

"""Ten thousand projects need no more memory than a hundred."""

from __future__ import annotations

import gc
import tracemalloc
from itertools import islice

import pytest
import sqlalchemy as sa

from ckan import model
from ckan.tests import factories
from ckanext.digifarm.exchange import documents, exporting, files, tables
from ckanext.digifarm.exchange.plan import Result
from ckanext.digifarm.exchange.run import Importer
from ckanext.digifarm.links.model import Link
from ckanext.digifarm.support.model import Support
from ckanext.digifarm.tasks.model import Task

from .uploading import alive

MANY = 10_000

#: What may come and go all the same, in bytes.
SLACK = 1_500_000

ROWS = """
INSERT INTO package (id, name, title, type, state, private, extras,
                     metadata_created, metadata_modified)
SELECT 'p-' || n, 'p-' || lpad(n::text, 6, '0'), 'Projekt ' || n,
       'civic_project', 'active', false,
       jsonb_build_object('summary', repeat('viel ', 40), 'stage', 'live'),
       now(), now()
FROM generate_series(1, :many) n
"""


@pytest.fixture
def many(empty_portal):
    model.Session.execute(sa.text(ROWS), {"many": MANY})
    model.Session.commit()
    model.Session.remove()


def used():
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def peak(parts, count):
    """How much is needed at most to read so many parts."""
    gc.collect()
    tracemalloc.reset_peak()
    assert sum(1 for _ in islice(parts, count)) == count
    return tracemalloc.get_traced_memory()[1]


@pytest.fixture
def traced():
    tracemalloc.start()
    yield
    tracemalloc.stop()


@pytest.mark.parametrize("format_", ["csv", "json"])
def test_are_exported_with_flat_memory(many, traced, format_):
    found = exporting.projects(
        exporting.stored(with_private=False), None, with_private=False
    )
    parts = {"csv": tables, "json": documents}[format_].lines(found)
    sum(1 for _ in islice(parts, 500))
    few = peak(parts, 1_000)
    before = used()
    # What goes round in circles waits for a while until it is collected;
    # all of them would be ten times as much.
    assert peak(parts, MANY - 1_500) < few + 3 * SLACK
    assert used() - before < SLACK / 3
    assert sum(1 for _ in parts) <= 3


def test_are_read_with_flat_memory(shared_portal, traced, tmp_path):
    file = tmp_path / "table.csv"
    with file.open("w") as table:
        table.write("title;summary;stage;help_wanted;datasets\n")
        for n in range(MANY):
            text = f"{n} viel" * 20
            table.write(f"Projekt {n};{text};In Betrieb;content, care;a{n}\n")
    found = files.read(file)
    assert found.count == MANY
    records = iter(found.records())
    sum(1 for _ in islice(records, 500))
    before = used()
    assert sum(1 for _ in records) == MANY - 500
    assert used() - before < SLACK


def test_are_read_as_json_with_flat_memory(shared_portal, traced, tmp_path):
    file = tmp_path / "projects.json"
    text = "viel " * 40
    rows = [
        {"name": f"p-{n}", "fields": {"title": f"{n}", "summary": text}}
        for n in range(MANY)
    ]
    file.write_text("".join(documents.lines(rows)))
    del rows
    before = used()
    tracemalloc.reset_peak()
    found = files.read(file)
    assert found.count == MANY
    assert sum(1 for _ in found.records()) == MANY
    # All of them would be some 20 MB.
    assert tracemalloc.get_traced_memory()[1] - before < SLACK


def test_are_looked_at_with_flat_memory(empty_portal, traced, tmp_path):
    """Fewer here; what is planned for each is forgotten at once."""
    organization = factories.Organization()["name"]
    file = tmp_path / "table.csv"
    rows = "".join(f"Projekt {n};{'viel ' * 40};Idee\n" for n in range(300))
    file.write_text(f"title;summary;stage\n{rows}")
    importer = Importer(organization, dry_run=True)
    records = iter(files.read(file).records())
    for record in islice(records, 100):
        importer.run(record)
    before = used()
    results = {importer.run(record).result for record in records}
    assert results == {Result.CREATED}
    # Only what each is called is kept, as no two may be called the same.
    assert used() - before < 200 * 1_500


HEADS = "title;summary;stage;datasets;supporters_content;tasks"


def test_are_written_with_flat_memory(empty_portal, tmp_path):
    """Fewer still: what is left of each is counted.

    That of a dozen is that of a few.
    """
    organization = factories.Organization()["name"]
    factories.Dataset(name="trees")
    file = tmp_path / "table.csv"
    rows = "".join(
        f"Projekt {n};{'viel ' * 40};Idee;trees;Verein A e. V.;Gießen\n"
        for n in range(12)
    )
    file.write_text(f"{HEADS}\n{rows}")
    importer = Importer(organization, dry_run=False)
    source = files.read(file)
    records = iter(source.records())
    results = [importer.run(record).result for record in islice(records, 4)]
    few = alive()
    results += [importer.run(record).result for record in records]
    assert results == [Result.CREATED] * 12
    for table in (Task, Support, Link):
        count = sa.select(sa.func.count()).select_from(table)
        assert model.Session.scalar(count) == 12
    assert alive() == few

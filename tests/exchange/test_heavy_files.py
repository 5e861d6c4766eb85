"""Small files that would keep the portal busy, and are read or refused."""

from __future__ import annotations

import io
import json
import signal
import zipfile

import openpyxl
import pytest
from openpyxl.utils import get_column_letter

from ckan.tests import factories
from ckanext.digifarm.exchange import documents, files, sheets
from ckanext.digifarm.exchange.record import UnreadableFile
from ckanext.digifarm.exchange.run import Importer

from .. import proposing
from . import uploading

pytestmark = pytest.mark.usefixtures("shared_portal")

SHEET = "xl/worksheets/sheet1.xml"
LARGE = "It is too large. Please divide the table into several files."

#: Seconds of this process, whatever else the machine does: it is no measure,
#: but the end of what would go on for minutes. Each of these needs a second or
#: two.
MOST = 30.0


@pytest.fixture(autouse=True)
def in_time():
    """Ends what would hardly end."""

    def stop(*_):
        raise AssertionError("this would hardly end")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, MOST)
    yield
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.signal(signal.SIGPROF, before)


@pytest.fixture
def table(tmp_path):
    """The records of a text."""

    def read(text):
        file = tmp_path / "table.csv"
        file.write_text(text)
        return [*files.read(file).records()]

    return read


@pytest.fixture
def book(tmp_path):
    """The records of a workbook, a part of which is changed."""

    def read(part, change):
        book = openpyxl.Workbook()
        book.active.append(["title", "url"])
        path = tmp_path / "table.xlsx"
        book.save(path)
        with zipfile.ZipFile(path) as archive:
            content = {n: archive.read(n) for n in archive.namelist()}
        content[part] = change(content[part])
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in content.items():
                archive.writestr(name, text)
        assert path.stat().st_size < 300_000
        return [*files.read(path).records()]

    return read


class TestText:
    @pytest.mark.parametrize(
        ("text", "row"),
        [
            pytest.param("title;" + "a;" * 300_000 + "\nA\n", 1, id="heading"),
            pytest.param("title\nA\nB" + ";a" * 300, 3, id="row"),
        ],
    )
    def test_has_not_too_many_columns(self, table, text, row):
        with pytest.raises(UnreadableFile) as e:
            table(text)
        assert str(e.value) == f"row {row}: It has more than 300 columns."

    def test_empty_columns_do_not_count(self, table):
        assert len(table("title\nA" + ";" * 20_000)) == 1

    def test_cells_without_a_heading_are_named_once(self, table):
        [found] = table("title\nA" + ";a" * 200)
        assert [*found.errors] == ["B2"]

    def test_many_choices_that_are_none(self, table):
        [found] = table(f'title;help_wanted\nA;"{"a,b," * 20_000}"')
        assert found.errors["B2 (help_wanted)"][0].count("“") == 2

    def test_each_wrong_choice_is_named_up_to_ten(self, table):
        cell = ",".join(f"a{n}" for n in range(50))
        [found] = table(f'title;help_wanted\nA;"{cell}"')
        assert found.errors["B2 (help_wanted)"][0].count("“") == 10

    def test_blanks_between_choices(self, table):
        blanks = " " * 60_000
        [found] = table(f"title;help_wanted\nA;content{blanks}&{blanks}care")
        assert found.fields["help_wanted"] == ["content", "care"]
        [found] = table(f"title;help_wanted\nA;content{blanks}b")
        assert [*found.errors] == ["B2 (help_wanted)"]

    def test_a_long_number_in_a_total(self, table):
        [found] = table("title;url\nSumme;1" + " " * 100_000 + "b")
        assert found.errors == {}

    def test_many_lines_that_are_wrong(self, table):
        organization = factories.Organization()["name"]
        lines = "|x\n" * 25_000 + "".join(f"a{n}, b\n" for n in range(1_000))
        [found] = table(f'title;supporters_content\nA;"{lines}"')
        importer = Importer(organization, dry_run=True)
        assert len(importer.run(found).complaints) == 26_000

    @pytest.mark.parametrize(
        "column", ["datasets", "supporters_content", "tasks", "tag_string"]
    )
    def test_too_many_lines(self, table, column):
        organization = factories.Organization()["name"]
        lines = "".join(f"a{n}\n" for n in range(15_000))
        [found] = table(f'title;{column}\nA;"{lines}"')
        outcome = Importer(organization, dry_run=True).run(found)
        assert [*map(str, outcome.complaints)] == [
            f"B2 ({column}): 15000 are too many; at most 1000 are imported"
        ]


@pytest.mark.ckan_config(
    "ckanext.digifarm.review_organization", proposing.REVIEWERS
)
@pytest.mark.usefixtures("ckan_config")
def test_a_page_shows_a_hundred_mistakes_of_a_row():
    reviewer = uploading.create_people()["reviewer"]
    project = {"name": "tree-watch", **{f"k{n}": 1 for n in range(5_000)}}
    head = {"format": documents.FORMAT, "version": documents.VERSION}
    content = json.dumps({**head, documents.PROJECTS: [project]})
    id_ = uploading.checked(reviewer, content.encode(), name="a.json")
    [row] = uploading.rows(reviewer, id_)
    assert row["reports"][:100] == [
        f"k{n}: unknown, not imported: “1”" for n in range(100)
    ]
    assert row["reports"][100:] == ["4900 more are not shown"]


class TestWorkbooks:
    def test_have_not_too_many_sheets(self, book):
        def change(xml):
            begin, end = xml.index(b"<sheet "), xml.index(b"</sheets>")
            return xml[:begin] + xml[begin:end] * 2_000 + xml[end:]

        with pytest.raises(UnreadableFile) as e:
            book("xl/workbook.xml", change)
        assert str(e.value) == LARGE

    def test_have_not_too_many_formats(self, book):
        def change(xml):
            formats = b"<xf/>" * 400_000
            return xml.replace(b"</cellXfs>", formats + b"</cellXfs>")

        with pytest.raises(UnreadableFile) as e:
            book("xl/styles.xml", change)
        assert str(e.value) == LARGE

    def test_beginnings_of_tags_in_a_comment(self, book):
        comment = b"<!--" + b"<f " * 1_000_000 + b"-->"
        row = b"<row><c t='inlineStr'><is><t>A</t></is></c></row>"
        [found] = book(
            SHEET,
            lambda xml: xml.replace(
                b"</sheetData>", row + b"</sheetData>" + comment
            ),
        )
        assert found.fields == {"title": "A"}

    def test_merged_cells_beyond_what_is_read(self, book):
        row = b"<row><c t='inlineStr'><is><t>A</t></is></c></row>"
        letters = (get_column_letter(n).encode() for n in range(301, 16_000))
        merged = b"".join(
            b'<mergeCell ref="%s1:%s40000"/>' % (one, one) for one in letters
        )
        found = book(
            SHEET,
            lambda xml: xml.replace(
                b"</sheetData>",
                row * 2_000
                + b"</sheetData><mergeCells>"
                + merged
                + b"</mergeCells>",
            ),
        )
        assert len(found) == 2_000

    def test_hidden_columns_before_the_first(self):
        xml = b'<col min="-1000000" max="2" hidden="1"/>'
        assert sheets.layout(io.BytesIO(xml)).hidden_columns == {0, 1}

"""Workbooks as real programs write them, read as people see them."""

from __future__ import annotations

import datetime
import tracemalloc
import zipfile

import openpyxl
import pytest
from openpyxl.styles import Font
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from ckanext.digifarm.exchange import files, kinds
from ckanext.digifarm.exchange.record import UnreadableFile

pytestmark = pytest.mark.usefixtures("shared_portal")

SHEET = "xl/worksheets/sheet1.xml"
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(9)


@pytest.fixture
def source(tmp_path):
    """What a workbook with some rows describes, once it was changed."""

    def read(rows, change=lambda book: None, *, name="t.xlsx", **parts):
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        change(book)
        file = tmp_path / name
        book.save(file)
        if parts:
            replace(file, **parts)
        return files.read(file)

    return read


@pytest.fixture
def shown(source):
    """What is read from a cell of a column that holds a value."""

    def read(column, value, format_=None, *, epoch=None):
        def change(book):
            book.epoch = epoch or book.epoch
            book.active["B2"].value = value
            if format_:
                book.active["B2"].number_format = format_

        found = record(source([["title", column], ["A", None]], change))
        return found.fields.get(column) or found.errors[f"B2 ({column})"][0]

    return read


def replace(path, *, sheet):
    """Change the XML of the first sheet."""
    with zipfile.ZipFile(path) as archive:
        content = {n: archive.read(n) for n in archive.namelist()}
    for before, after in sheet.items():
        assert before in content[SHEET], content[SHEET]
        content[SHEET] = content[SHEET].replace(before, after)
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in content.items():
            archive.writestr(name, text)


def record(source):
    [found] = source.records()
    return found


def titles(source):
    return [found.fields["title"] for found in source.records()]


class TestCells:
    @pytest.mark.parametrize(
        ("value", "format_", "text"),
        [
            (1234, "00000", "01234"),
            (1234, "[$-407]00000", "01234"),
            (0.25, "0%", "25 %"),
            (0.1 + 0.2, "General", "0.3"),
            (1200.5, '#,##0.00 "€"', "1200.5"),
            (2514920, "General", "2514920"),
            (True, "General", "true"),
            (datetime.time(19), "hh:mm", "19:00"),
            (datetime.timedelta(hours=30, minutes=5), "[h]:mm", "30:05"),
            (
                datetime.datetime.fromisoformat("2026-05-01T14:30"),
                "DD.MM.YYYY HH:MM",
                "2026-05-01 14:30",
            ),
            (datetime.date(2026, 5, 1), "DD.MM.YYYY HH:MM", "2026-05-01"),
            ("a_x000D_\nb", "General", "a\r\nb"),
            ("_x005F_x000D_", "General", "_x000D_"),
            ("'=1", "General", "=1"),
            ("'hallo", "General", "'hallo"),
        ],
    )
    def test_of_text(self, shown, value, format_, text):
        assert shown("notes", value, format_) == text

    @pytest.mark.parametrize(
        ("value", "format_", "date"),
        [
            (datetime.date(2026, 12, 31), "DD.MM.YYYY", "2026-12-31"),
            (46387.9999, "DD.MM.YYYY HH:MM", "2026-12-31"),
            (46387, "[$-407]d. mmmm yyyy;@", "2026-12-31"),
            (46387, "TT.MM.JJJJ", "2026-12-31"),
            (46387, "[$-407]mmm\\ yy;@", "2026-12"),
            (2026, "General", "2026"),
            ("31.12.2026", "@", "2026-12-31"),
        ],
    )
    def test_of_dates(self, shown, value, format_, date):
        assert shown("started", value, format_) == date

    def test_of_dates_since_1904(self, shown):
        day = datetime.date(2026, 12, 31)
        epoch = CALENDAR_MAC_1904
        assert shown("started", day, epoch=epoch) == "2026-12-31"

    @pytest.mark.parametrize(
        ("value", "format_", "said"),
        [
            # 2026.10 is stored so: January, or October?
            (2026.1, "General", "stored as a number"),
            (10.2026, "General", "stored as a number"),
            (46387, "General", "a date such as"),
            (-5, "DD.MM.YYYY", "has an error"),
            (99999999, "DD.MM.YYYY", "has an error"),
            (datetime.time(12), "hh:mm", "a date such as"),
        ],
    )
    def test_no_dates(self, shown, value, format_, said):
        assert said in shown("started", value, format_)

    def test_a_number_is_no_list_of_choices(self, shown):
        assert "“1.3” is none of the choices" in shown("sdgs", 1.3)

    def test_computed_and_empty(self, source):
        found = source(
            [
                ["title", "summary", "stage"],
                ["A", "=A9", "=C9"],
                ["=A9", None, None],
            ],
            sheet={
                b'<c r="B2"><f>A9</f><v></v></c>': (
                    b'<c r="B2" t="str"><f>A9</f><v></v></c>'
                ),
                b'<c r="A3"><f>A9</f><v></v></c>': (
                    b'<c r="A3" t="str"><f>A9</f><v/></c>'
                ),
            },
        )
        assert found.count == 1
        assert record(found).fields == {"title": "A"}
        assert list(record(found).errors) == ["C2 (stage)"]

    def test_a_date_in_iso(self, source):
        found = source(
            [["title", "started"], ["A", 5]],
            sheet={
                b't="n"><v>5</v>': b't="d"><v>2026-12-31T00:00:00</v>',
            },
        )
        assert record(found).fields["started"] == "2026-12-31"


class TestSheets:
    def test_merged_cells_count_for_all_their_rows(self, source):
        def change(book):
            book.active.merge_cells("B3:B5")
            book.active.merge_cells("A7:B7")

        found = source(
            [
                ["Titel", "Zuständige Organisation"],
                ["A", "Eins"],
                ["B", "Zwei"],
                ["C"],
                [None, None, "x"],
                ["D"],
                ["E"],
            ],
            change,
        )
        rows = [*found.records()]
        assert [r.fields.get("owner_org") for r in rows] == [
            *("Eins", "Zwei", "Zwei", "Zwei", None, None)
        ]
        assert list(rows[3].errors) == ["C5", "A5 (Titel)"]

    def test_what_is_hidden_is_said(self, source):
        def change(book):
            sheet = book.active
            for row in 3, 5:
                sheet.row_dimensions[row].hidden = True
            for column in "CE":
                sheet.column_dimensions[column].hidden = True

        rows = [["Titel", "Stand", "Beschreibung"], ["A"], ["B"], ["C"]]
        found = source(rows, change)
        assert titles(found) == ["A", "B", "C"]
        assert found.notes == [
            "Hidden rows are read as all others: 3.",
            "Hidden columns are read as all others: C.",
        ]

    def test_the_sheet_with_most_headings_is_read(self, source):
        def change(book):
            book.active.title = "Team"
            sheet = book.create_sheet("Projekte")
            for row in [["Unsere Projekte"], [], ["Titel", "Stand"], ["A"]]:
                sheet.append(row)

        found = source([["Name", "Telefon"], ["Kim", "123"]], change)
        assert titles(found) == ["A"]
        assert found.notes == [
            "The sheet “Projekte” is read, not “Team”.",
            "Rows above the headings are left out: 1.",
        ]

    def test_no_headings_but_in_a_hidden_sheet(self, source):
        def change(book):
            sheet = book.create_sheet("Daten")
            sheet.append(["Titel"])
            sheet.sheet_state = "hidden"

        with pytest.raises(UnreadableFile, match=r"“Sheet” is read.* Row 1 "):
            source([["So geht es"]], change)

    def test_a_table_in_the_middle(self, source):
        def change(book):
            for row, (title, stage) in enumerate(
                [("Titel", "Stand"), ("A", "weg")], start=3
            ):
                book.active.cell(row, 2, title)
                book.active.cell(row, 3, stage)

        found = record(source([], change))
        assert list(found.errors) == ["C4 (Stand)"]

    def test_colours_far_below_are_no_rows(self, source):
        def change(book):
            book.active.cell(60_000, 5).font = Font(bold=True)

        assert titles(source([["Titel"], ["A"]], change)) == ["A"]

    @pytest.mark.parametrize(
        "wrong",
        [
            b'<c r="A2" t="s"><v>99</v></c>',
            b'<c r="A2" t="n"><v>x</v></c>',
            b'<c r="?" t="n"><v>1</v></c>',
            b'<c r="A2" s="99" t="n"><v>1</v></c><f',
        ],
    )
    def test_broken_ones(self, source, wrong):
        cell = b'<c r="A2" t="inlineStr"><is><t>A</t></is></c>'
        with pytest.raises(UnreadableFile, match="or broken"):
            source([["Titel"], ["A"]], sheet={cell: wrong})


class TestKinds:
    @pytest.mark.parametrize("name", ["t.xlsm", "t.XLSX", "t.csv", "t.xls"])
    def test_a_workbook_whatever_it_is_called(self, source, tmp_path, name):
        source([["Titel"], ["A"]])
        path = tmp_path / name
        (tmp_path / "t.xlsx").rename(path)
        assert titles(files.read(path)) == ["A"]

    @pytest.mark.parametrize("name", ["t.txt", "t.TSV", "t.csv"])
    def test_text_of_excel(self, tmp_path, name):
        file = tmp_path / name
        file.write_text("Titel\tStand\nA\tIdee\n", encoding="utf-16")
        assert titles(files.read(file)) == ["A"]

    @pytest.mark.parametrize("name", ["t.xlsx", "t.csv", "t.xls", "t.ods"])
    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (OLD, "an old Excel"),
            (
                OLD + "EncryptedPackage".encode("utf-16-le") + bytes(9),
                "has a password",
            ),
            (b"\xef\xbb\xbf <HTML><table>", "a web page or XML"),
            (b'<?xml version="1.0"?><Workbook/>', "a web page or XML"),
            (b"%PDF-1.7 x", "a PDF"),
            ({"mimetype": "x", "content.xml": "x"}, "an OpenDocument file"),
            ({"Index/Document.iwa": "x"}, "a file of Numbers"),
            ({"xl/workbook.bin": "x"}, "XLSB"),
            (
                {
                    "xl/workbook.xml": '<x xmlns="http://purl.oclc.org/ooxml/x">'
                },
                "Strict Open XML",
            ),
        ],
    )
    def test_others_are_called_by_their_name(
        self, tmp_path, name, content, said
    ):
        file = tmp_path / name
        if isinstance(content, dict):
            with zipfile.ZipFile(file, "w") as archive:
                for part, text in content.items():
                    archive.writestr(part, text)
        else:
            file.write_bytes(content)
        with pytest.raises(UnreadableFile, match=said):
            files.read(file)

    def test_no_more_of_a_bomb_is_unpacked_than_tells_what_it_is(
        self, tmp_path
    ):
        file = tmp_path / "t.xlsx"
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/workbook.xml", bytes(20_000_000))
        tracemalloc.start()
        try:
            assert kinds.is_workbook(file)
            assert tracemalloc.get_traced_memory()[1] < 2_000_000
        finally:
            tracemalloc.stop()

    @pytest.mark.parametrize("name", ["t.xlsx", "t.json"])
    def test_no_workbook(self, tmp_path, name):
        file = tmp_path / name
        file.write_bytes(b"PK\x03\x04 no zip")
        with pytest.raises(UnreadableFile):
            files.read(file)

"""Tables as people write them, in CSV and in Excel's files."""

from __future__ import annotations

import csv
import datetime
import zipfile

import openpyxl
import pytest
from click.testing import CliRunner

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action
from ckanext.digifarm.cli import digifarm
from ckanext.digifarm.exchange import columns, files, headings, workbooks
from ckanext.digifarm.exchange.record import UnreadableFile
from dev.paths import ROOT

CASES = ROOT.parent / "shared" / "cases"

pytestmark = pytest.mark.usefixtures("shared_portal")


@pytest.fixture
def read(tmp_path):
    """The records of a table, given as text or bytes."""

    def records(content, encoding="utf-8"):
        file = tmp_path / "table.csv"
        if isinstance(content, str):
            content = content.encode(encoding)
        file.write_bytes(content)
        return [*files.read(file).records()]

    return records


def one(records):
    [record] = records
    assert record.errors == {}
    return record


def workbook(path, rows, *, sheet="Projekte", change=lambda book: None):
    """A file of Excel with some rows."""
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    change(book)
    book.save(path)
    return path


class TestText:
    @pytest.mark.parametrize(
        "encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"]
    )
    @pytest.mark.parametrize("separator", [";", ",", "\t"])
    def test_is_read_as_what_it_is(self, read, encoding, separator):
        text = f"Titel{separator}Kurzbeschreibung\nBäume{separator}„süß“\n"
        found = one(read(text, encoding))
        assert found.fields == {"title": "Bäume", "summary": "„süß“"}

    def test_windows_text_far_below(self, read):
        rows = "".join(f"B{n},x\n" for n in range(30_000))
        found = read(f"title,summary\n{rows}Bäume,y".encode("cp1252"))
        assert found[-1].fields["title"] == "Bäume"

    @pytest.mark.parametrize(
        ("line", "mark"),
        [("sep=;", ";"), ('"sep=;"', ";"), ("SEP=|", "|"), ("sep=\t", "\t")],
    )
    def test_line_of_excel(self, read, line, mark):
        found = read(f"{line}\r\ntitle{mark}stage\r\nA{mark}live\r\n")
        assert one(found).fields == {"title": "A", "stage": "live"}
        assert found[0].place == "row 2 “A”"

    def test_commas_in_a_heading_mislead_nobody(self, read):
        found = read('Titel;"eins, zwei, drei, vier";Stand\nA;x;Idee\n')
        assert found[0].fields == {"title": "A", "stage": "idea"}

    def test_bytes_that_are_no_text(self, read):
        with pytest.raises(UnreadableFile, match="Windows-1252"):
            read(b"title\nA\nB\x81\xff\n")


class TestHeadings:
    @pytest.mark.parametrize(
        ("heading", "name"),
        [
            ("Kurzbeschreibung", "summary"),
            ("  KURZ beschreibung: ", "summary"),
            ("Summary", "summary"),
            ("Unterstu\u0308tzung gesucht", "help_wanted"),
            ("help_wanted", "help_wanted"),
            ("Zuständige Organisation", "owner_org"),
            ("Schlagwörter", "tag_string"),
            ("Privat", "private"),
            ("Verknüpfte Datensätze", "datasets"),
            (
                "Unterstützt durch: Inhaltliche Unterstützung",
                "supporters_content",
            ),
            ("Aufgaben", "tasks"),
        ],
    )
    def test_are_names_or_labels(self, heading, name):
        assert headings.meant(heading).name == name

    def test_unknown_ones_are_said_once(self, tmp_path):
        file = tmp_path / "table.csv"
        file.write_text("title,Farbe,Kurzbeschreibng,Farbe\nA,x,y,z\nB,x,y,z")
        found = files.read(file)
        said = "There is no such field, so nothing of it is imported."
        assert found.notes == [
            f"B1 (Farbe): {said}",
            f"C1 (Kurzbeschreibng): {said} Is “Summary” meant?",
            f"D1 (Farbe): {said}",
        ]
        assert [r.reports for r in found.records()] == [[], []]

    @pytest.mark.parametrize(
        ("heading", "meant"),
        [
            ("Organisation", "Responsible organisation"),
            ("Lizenz", "Licence of the source code"),
            ("E-Mail", "E-mail address"),
            # In several labels, and in none.
            ("Unterstützung", None),
            ("Amt", None),
            ("…", None),
        ],
    )
    def test_a_part_of_a_label_is_asked_about(self, heading, meant, tmp_path):
        file = tmp_path / "table.csv"
        file.write_text(f"title;{heading}\nA;x")
        said = " ".join(files.read(file).notes)
        assert said.partition(" Is ")[2] == (f"“{meant}” meant?" * bool(meant))

    def test_two_of_one_meaning(self, read):
        with pytest.raises(UnreadableFile, match=r"A1 \(Titel\) and C1 "):
            read("Titel,stage,title\nA,live,B")

    @pytest.mark.parametrize("heading", ["Name", "name", " NAME: "])
    def test_name_is_the_title_where_no_cell_can_be_a_short_name(
        self, heading, tmp_path
    ):
        file = tmp_path / "table.csv"
        file.write_text(
            f"{heading};Stand\nBäume gießen!;Idee\n;\nUrban Lab;\n"
        )
        found = files.read(file)
        assert [(r.fields, r.keys["title"]) for r in found.records()] == [
            (
                {"title": "Bäume gießen!", "stage": "idea"},
                f"A2 ({heading.strip()})",
            ),
            ({"title": "Urban Lab"}, f"A4 ({heading.strip()})"),
        ]
        [note] = found.notes
        assert note == (
            f"A1 ({heading.strip()}): There is no column “Title”, and what"
            " stands here can’t be short names of projects, so it is taken as"
            " their titles."
        )

    @pytest.mark.parametrize(
        "text",
        [
            # Somebody mistypes one of many short names.
            "name,stage\nBaum blick,live\nurban-lab,live\n",
            "name,stage\nurban_lab-2,live\nBaum blick,live\n",
            # There are titles.
            "Name,Titel\nBaum blick,Bäume\n",
            # It is said that they are short names.
            "Kurzname in der Adresse dieser Seite\nBaum blick\n",
            # Nothing is written there.
            "name,stage\n,live\n",
        ],
    )
    def test_name_is_the_short_name_else(self, text, tmp_path):
        file = tmp_path / "table.csv"
        file.write_text(text)
        found = files.read(file)
        assert found.notes == []
        names = [r.fields.get("name") for r in found.records()]
        written = [line.split(",")[0] for line in text.splitlines()[1:]]
        assert names == [name or None for name in written]

    def test_empty_lines_count_and_say_nothing(self, read):
        found = read("\n\ntitle,stage\n\nA,live\n ,\nB,live\n")
        assert [r.place for r in found] == ["row 5 “A”", "row 7 “B”"]


class TestCells:
    @pytest.mark.parametrize(
        ("column", "cell", "value"),
        [
            ("stage", "In Betrieb", "live"),
            ("stage", "in  betrieb", "live"),
            ("stage", "live", "live"),
            (
                "help_wanted",
                "content; Jemand, der sich kümmert",
                ["content", "care"],
            ),
            (
                "sdgs",
                "9 Industrie, Innovation und Infrastruktur; 1",
                ["9", "1"],
            ),
            ("sdgs", "1, 2", ["1", "2"]),
            ("open_source_intended", "WAHR", True),
            ("open_source_intended", "ja", True),
            ("open_source_intended", "x", True),
            ("open_source_intended", "1", True),
            ("open_source_intended", "Falsch", False),
            ("open_source_intended", "nein", False),
            ("private", "JA", True),
            ("private", "0", False),
            ("started", "12.5.2026", "2026-05-12"),
            ("started", "Mai 2026", "2026-05"),
            ("started", "2026", "2026"),
            ("features", "a, b\nc", ["a, b", "c"]),
            ("technologies", "Python; Go, C", ["Python", "Go", "C"]),
            ("technologies", '["a;b"]', ["a;b"]),
            ("summary", "'=1", "=1"),
        ],
    )
    def test_are_understood(self, read, column, cell, value):
        quoted = '"' + cell.replace('"', '""') + '"'
        found = one(read(f"title;{column}\nA;{quoted}\n"))
        assert found.fields[column] == value

    def test_links(self, read):
        found = one(read('title;datasets\nA;"a | provides | x|y\nb"'))
        assert found.links == [
            {"dataset": "a", "relation": "provides", "note": "x|y"},
            {"dataset": "b"},
        ]

    def test_supporters(self, read):
        cell = "Ein Verein e.V.\nKim\nPrivatperson\nX | Unternehmen | | | y"
        found = one(read(f'title;supporters_content\nA;"{cell}"'))
        assert [
            (s.title, s.kind, s.is_guessed, s.texts.get("scope", ""))
            for s in found.supporters
        ] == [
            ("Ein Verein e.V.", "association", True, ""),
            ("Kim", "other", True, ""),
            ("", "", False, ""),
            ("X", "company", False, "y"),
        ]

    def test_tasks(self, read):
        cell = "Zählen\nGießen | Ein Nachmittag | ja | Gehen, Sehen"
        found = one(read(f'title;Aufgaben\nA;"{cell}"'))
        assert [(t["title"], t["effort"]) for t in found.tasks] == [
            ("Zählen", ""),
            ("Gießen", "afternoon"),
        ]
        assert found.tasks[1]["for_beginners"] is True
        assert found.tasks[1]["skills"] == ["Gehen", "Sehen"]


class TestWorkbooks:
    def test_are_read_as_people_see_them(self, tmp_path):
        def change(book):
            sheet = book.active
            for cell, format_ in (("C2", "MMM YYYY"), ("C3", "YYYY")):
                sheet[cell].number_format = format_

        day = datetime.date(2026, 5, 1)
        file = workbook(
            tmp_path / "t.XLSX",
            [
                ["Titel", "Stand", "Beginn", "Laufende Kosten", "Privat"],
                ["A", "Idee", day, 120, True],
                [1984.0, "Idee", day, 12.5, False],
                [None, None, None, None, None],
                ["C", "Idee", day, "=1+1", None],
            ],
            change=change,
        )
        found = [*files.read(file).records()]
        assert [r.place for r in found] == [
            "row 2 “A”",
            "row 3 “1984”",
            "row 5 “C”",
        ]
        assert found[0].fields == {
            "title": "A",
            "stage": "idea",
            "started": "2026-05",
            "running_costs": "120",
            "private": True,
        }
        assert found[1].fields["started"] == "2026"
        assert found[1].fields["running_costs"] == "12.5"
        assert found[2].fields["started"] == "2026-05-01"
        [(key, [message])] = found[2].errors.items()
        assert key == "D5 (Laufende Kosten)"
        assert "has no value yet" in message

    def test_values_of_formulas_and_their_errors(self, tmp_path):
        file = workbook(
            tmp_path / "t.xlsx",
            [["title", "summary"], ["=A9", "=B9"]],
        )
        values = {
            b'<c r="A2"><f>A9</f><v></v></c>': (
                b'<c r="A2" t="str"><f>A9</f><v>Baum</v></c>'
            ),
            b'<c r="B2"><f>B9</f><v></v></c>': (
                b'<c r="B2" t="e"><f>B9</f><v>#REF!</v></c>'
            ),
        }
        replace_in(file, "xl/worksheets/sheet1.xml", values)
        [found] = files.read(file).records()
        assert found.fields == {"title": "Baum"}
        assert list(found.errors) == ["B2 (summary)"]
        assert "#REF!" in found.errors["B2 (summary)"][0]

    def test_the_sheet_with_the_table_is_read_and_named(self, tmp_path):
        def change(book):
            book.create_sheet("Geheim", 0).sheet_state = "hidden"
            book["Geheim"].append(["title"])
            book.create_sheet("Deckblatt", 1).append(["Unsere Projekte"])

        file = workbook(tmp_path / "t.xlsx", [["title"], ["A"]], change=change)
        found = files.read(file)
        assert found.notes == [
            "The sheet “Projekte” is read, not “Geheim”, “Deckblatt”."
        ]
        assert [r.fields["title"] for r in found.records()] == ["A"]

    def test_all_sheets_hidden(self, tmp_path):
        file = workbook(tmp_path / "t.xlsx", [["title"], ["A"]])
        replace_in(
            file,
            "xl/workbook.xml",
            {b'state="visible"': b'state="hidden"'},
        )
        with pytest.raises(UnreadableFile, match="hidden"):
            files.read(file)

    @pytest.mark.parametrize(
        "content", [b"", b"title\nA", b"PK\x03\x04 no zip"]
    )
    def test_other_files(self, tmp_path, content):
        file = tmp_path / "t.xlsx"
        file.write_bytes(content)
        with pytest.raises(UnreadableFile, match="no file of Excel"):
            files.read(file)

    def test_a_zip_of_something_else(self, tmp_path):
        file = tmp_path / "t.xlsx"
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("a.txt", "x")
        with pytest.raises(UnreadableFile, match="no file of Excel"):
            files.read(file)

    def test_what_unpacks_to_too_much(self, tmp_path, monkeypatch):
        file = workbook(tmp_path / "t.xlsx", [["title"], ["A"]])
        with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/bomb.xml", b" " * 2_000_000)
        files.read(file)
        monkeypatch.setattr(workbooks, "MOST_UNPACKED", 1_000_000)
        with pytest.raises(UnreadableFile, match="too large"):
            files.read(file)
        monkeypatch.setattr(workbooks, "MOST_BYTES", 100)
        with pytest.raises(UnreadableFile, match="too large"):
            files.read(file)

    @pytest.mark.parametrize(
        ("cell", "message"), [("A70000", "50000 rows"), ("ZZ2", "300 columns")]
    )
    def test_too_many_rows_or_columns(self, tmp_path, cell, message):
        def change(book):
            book.active[cell] = "x"

        file = workbook(tmp_path / "t.xlsx", [["title"], ["A"]], change=change)
        with pytest.raises(UnreadableFile, match=message):
            files.read(file)


def replace_in(path, part, changes):
    """Change the XML of a file of Excel."""
    with zipfile.ZipFile(path) as archive:
        content = {n: archive.read(n) for n in archive.namelist()}
    for before, after in changes.items():
        content[part] = content[part].replace(before, after)
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in content.items():
            archive.writestr(name, text)


def run(*args, language="C"):
    env = {"LC_ALL": "", "LC_MESSAGES": "", "LANG": language}
    return CliRunner(env=env).invoke(digifarm, ["import", *map(str, args)])


#: A column, what somebody writes there, and a part of what is said.
MISTAKES = [
    ("Titel", "x" * 201, "at most 200 characters"),
    ("Kurzbeschreibung", "eins\nzwei", "in one line"),
    ("Was die Menschen in der Stadt davon haben", "x" * 1001, "at most 1000"),
    ("Beschreibung", "a\x07b", "invisible"),
    ("Adresse der Anwendung", "nirgends", "web address"),
    ("Stand", "unterwegs", "none of the choices"),
    ("Anmerkung zum Stand", "x" * 301, "at most 300"),
    ("Handlungsfelder", "Umwelt, Kunst", "none of the choices"),
    ("Art des Projekts", "Brettspiel", "none of the choices"),
    ("Unterstützung gesucht", "Geld", "none of the choices"),
    ("Quellcode", "ftp://example.org", "web address"),
    ("Lizenz des Quellcodes", "x" * 201, "at most 200"),
    (
        "open_source_intended",
        "vielleicht",
        "neither yes nor no",
    ),
    ("Infoseite", "im Rathaus", "web address"),
    ("Funktionen", "x" * 101, "at most"),
    ("Dokumentation", "http://", "web address"),
    ("Nachhaltigkeitsziele der Vereinten Nationen", "18", "none of the"),
    ("Sprache der Texte", "Klingonisch", "none of the choices"),
    ("Mehr zur Entstehung", "siehe oben", "web address"),
    ("Beginn", "irgendwann", "date such as"),
    ("Im Verzeichnis seit", "31.2.2021", "date such as"),
    ("Wo es läuft", "überall", "none of the choices"),
    ("Kosten gedeckt bis", "bald", "date such as"),
    ("Technologien", "x" * 101, "at most"),
    ("Komplexität", "3", "none of the choices"),
    ("Zuständige Organisation", "Amt für Nichts", "no organisation"),
    ("E-Mail-Adresse", "kim(at)example", "mail address"),
    ("Privat", "halb", "neither yes nor no"),
    ("Verknüpfte Datensätze", "nirgendwo", "no dataset"),
    (
        "Unterstützt durch: Inhaltliche Unterstützung",
        "Ein Verein | Klub",
        "none of the choices",
    ),
    ("Aufgaben", "Zählen | ewig", "none of the choices"),
    ("Kurzname in der Adresse dieser Seite", "Groß & schön", "letters"),
]


def table_of_mistakes(path):
    """Each mistake in a row of its own, in another column."""
    heads = [head for head, _, _ in MISTAKES]
    rows = []
    for place, (_, cell, _) in enumerate(MISTAKES):
        row = [""] * len(heads)
        row[0], row[place] = f"Projekt {place}", cell
        rows.append(row)
    with path.open("w", encoding="cp1252", newline="") as file:
        csv.writer(file, delimiter=";").writerows([heads, *rows])
    return path


def test_all_mistakes_of_a_file_are_said_by_cell_in_one_run(tmp_path):
    organization = factories.Organization()["name"]
    file = table_of_mistakes(tmp_path / "table.csv")
    result = run(file, "-o", organization)
    assert result.exit_code == 1
    lines = [
        line.strip()
        for line in result.stderr.splitlines()
        if line.startswith("    ") and "Nothing else is filled in" not in line
    ]
    assert len(MISTAKES) >= 30
    for number, (line, (head, _, message)) in enumerate(
        zip(lines, MISTAKES, strict=True), start=2
    ):
        assert line.startswith(
            f"{headings.letter(number - 2)}{number} ({head}): "
        )
        assert message in line
    assert f"0 created, 0 updated, 0 unchanged, {len(MISTAKES)} failed" in (
        result.stdout
    )


def test_all_mistakes_of_a_row_are_said_at_once(tmp_path):
    file = tmp_path / "table.csv"
    file.write_text(
        "title;stage;url;started;owner_org;datasets\n"
        ";nie;nirgends;nie;niemand;nichts\n"
    )
    lines = run(file).stderr.splitlines()[1:]
    assert sorted(line.split(" ")[4] for line in lines) == [
        f"{letter}2" for letter in "ABCDEF"
    ]


def test_what_is_wrong_is_said_in_the_language_of_the_console(tmp_path):
    file = tmp_path / "table.csv"
    file.write_text("title;url;stage\nA;nirgends;nie\n")
    german = run(file, language="de_DE.UTF-8").stderr
    assert "B2 (url): Bitte geben Sie eine Webadresse an" in german
    assert "In Betrieb" in german
    assert "Live elsewhere" in run(file, language="C").stderr
    assert "Live elsewhere" in run(file, language="fr_FR.UTF-8").stderr or (
        "In Betrieb" in run(file, language="fr_FR.UTF-8").stderr
    )
    assert "Bitte geben" in run(file, "--language", "de").stderr


class TestOrganizations:
    def test_by_title(self, tmp_path):
        group = factories.Organization(title="Amt für Grün & Bäume")
        file = tmp_path / "table.csv"
        file.write_text("title;owner_org\nGrünblick;amt für grün & bäume\n")
        assert run(file).exit_code == 0
        found = call_action("package_show", id="gruenblick")
        assert found["owner_org"] == group["id"]

    def test_two_of_one_title(self, tmp_path):
        for _ in range(2):
            factories.Organization(title="Zweimal")
        file = tmp_path / "table.csv"
        file.write_text("title;owner_org\nDoppelt;Zweimal\n")
        assert "There are several organisations" in run(file).stderr


class TestTemplate:
    @pytest.mark.parametrize("ending", ["csv", "xlsx"])
    @pytest.mark.parametrize(
        ("language", "label"), [("de_DE.UTF-8", "Titel"), ("C", "Title")]
    )
    def test_can_be_filled_in(self, tmp_path, ending, language, label):
        file = tmp_path / f"new.{ending}"
        result = run("--template", file, language=language)
        assert result.exit_code == 0, result.output
        if ending == "csv":
            text = file.read_text("utf-8-sig")
            mark = ";" if label == "Titel" else ","
            [heads] = csv.reader(text.splitlines()[:1], delimiter=mark)
            assert "In Betrieb" in text or "Being tested" in text
            text += f"A{mark * (len(heads) - 1)}\n"
            file.write_text(text)
        else:
            book = openpyxl.load_workbook(file)
            heads = [cell.value for cell in book.worksheets[0][1]]
            book.worksheets[0].cell(2, heads.index(label) + 1, "A")
            assert book.worksheets[1].max_row == len(heads) + 1
            book.save(file)
        assert label in heads
        assert len(heads) == len(columns.given())
        found = files.read(file)
        [record] = found.records()
        assert list(record.fields) in (["title"], ["name"])
        assert record.errors == {}
        assert [note for note in found.notes if "no such field" in note] == []

    def test_nothing_is_overwritten(self, tmp_path):
        file = tmp_path / "new.csv"
        file.write_text("mine")
        assert run("--template", file).exit_code == 2
        assert file.read_text() == "mine"

    def test_other_endings(self, tmp_path):
        result = run("--template", tmp_path / "new.pdf")
        assert result.exit_code == 2
        assert ".csv, .xlsx" in result.output

    def test_a_file_or_a_template(self):
        assert run().exit_code == 2


@pytest.mark.skipif(not CASES.is_dir(), reason="The cases are not there")
class TestCases:
    @pytest.fixture
    def take(self):
        organization = factories.Organization()["name"]

        def take(name):
            return run(CASES / name, "-o", organization)

        return take

    def test_windows_1252(self, take):
        assert take("cp1252.csv").exit_code == 0
        assert call_action("package_show", id="baeume")["title"] == "Bäume"

    def test_decomposed(self, take):
        assert take("decomposed-umlauts.csv").exit_code == 0
        found = call_action("package_show", id="oeffentliche-buecherschraenke")
        assert found["title"] == "Öffentliche Bücherschränke"
        assert found["technologies"] == ["Köln-GIS"]

    def test_line_of_excel(self, take):
        assert take("sep-line.csv").exit_code == 0
        assert call_action("package_show", id="sep-test")["stage"] == "idea"

    def test_tags(self, take):
        result = take("tags-ampersand.csv")
        assert result.exit_code == 0
        found = call_action("package_show", id="statistik-werkstatt")
        assert [tag["name"] for tag in found["tags"]] == ["OpenData"]
        found = call_action("package_show", id="hofladen-finder")
        assert [tag["name"] for tag in found["tags"]] == ["Essen"]
        assert result.stdout.count("D2 (tag_string): not imported; ") == 1
        assert result.stdout.count("D3 (tag_string): not imported; ") == 1

    def test_yes_and_no(self, take):
        result = take("excel-wahr.csv")
        assert result.exit_code == 1
        assert "D6 (open_source_intended): “vielleicht” is neither" in (
            result.stderr
        )
        for name in "wahr-test", "ja-test", "x-test", "true-test":
            found = call_action("package_show", id=name)
            assert found["open_source_intended"] is True
        assert model.Package.get("quatsch-test") is None
        assert "1 unchanged" in take("excel-wahr-update.csv").stdout


def test_the_private_column_is_obeyed(tmp_path):
    organization = factories.Organization()["name"]
    file = tmp_path / "table.csv"
    file.write_text("name;title;private\np-1;P;ja\np-2;P;nein\np-3;P;\n")
    assert run(file, "-o", organization).exit_code == 0
    private = [
        call_action("package_show", id=f"p-{n}")["private"] for n in (1, 2, 3)
    ]
    assert private == [True, False, False]
    file.write_text("name;private\np-1;nein\np-2;\n")
    assert "1 updated, 1 unchanged" in run(file).stdout
    assert call_action("package_show", id="p-1")["private"] is False

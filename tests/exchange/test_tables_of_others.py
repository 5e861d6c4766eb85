"""Tables as others write them: what people see in a cell is what counts."""

from __future__ import annotations

import pytest

from ckanext.digifarm.exchange import files
from ckanext.digifarm.exchange.record import UnreadableFile

pytestmark = pytest.mark.usefixtures("shared_portal")


@pytest.fixture
def source(tmp_path):
    """A table of a text, or of a column below a title."""

    def read(content, *cells):
        if cells:
            quoted = (cell.replace('"', '""') for cell in cells)
            rows = (f'P{n};"{cell}"' for n, cell in enumerate(quoted))
            content = "\n".join([f'Titel;"{content}"', *rows])
        file = tmp_path / "table.csv"
        file.write_text(content)
        return files.read(file)

    return read


def record(source):
    [found] = source.records()
    return found


def fields(source):
    return [found.fields for found in source.records()]


class TestRows:
    @pytest.mark.parametrize(
        "above",
        [
            "Unsere Projekte 2026\n\n",
            "Projekte, Stand: 1.11.2026;;\n;;\n",
            "Titel;;\n",
            "\n \n;Kontakt;\n",
        ],
    )
    def test_above_the_headings(self, source, above):
        found = source(f"{above}Titel;Stand;Kurzbeschreibung\nA;Idee;x\n")
        assert fields(found) == [
            {"title": "A", "stage": "idea", "summary": "x"}
        ]
        assert found.notes == ["Rows above the headings are left out: 1."]

    @pytest.mark.parametrize(
        "row", ["Titel;Stand", "title;stage", "TITLE:;", ";Stand"]
    )
    def test_that_repeat_the_headings(self, source, row):
        found = source(f"Titel;Stand\nA;Idee\n{row}\nB;Idee\n")
        assert [row["title"] for row in fields(found)] == ["A", "B"]
        assert found.count == 2
        assert "repeat the headings are left out: 1." in found.notes[0]

    def test_projects_called_as_a_field_stay(self, source):
        found = source("Titel;Stand\nDokumentation;Idee\nTitel;Idee\n")
        assert len(fields(found)) == 2

    def test_a_turned_table(self, source):
        with pytest.raises(UnreadableFile, match="Please turn the table"):
            source("Titel;A;B\nStand;Idee;Im Test\nKurzbeschreibung;x;y\n")

    @pytest.mark.parametrize(
        "word", ["Summe", "Gesamt:", "Σ", "TOTAL", "Ergebnis"]
    )
    def test_totals(self, source, word):
        found = source(
            f"Titel;Laufende Kosten\nA;120\n{word};1.234,50 €\n{word};viel\n"
        )
        _, total, project = found.records()
        assert list(total.errors) == ["A3 (Titel)"]
        assert "seems to be a total" in total.errors["A3 (Titel)"][0]
        assert project.errors == {}

    def test_with_nothing_but_a_title_are_asked_about(self, source):
        heads = "Titel;Stand;Tags"
        found = source(f"{heads}\nUmwelt;;\nA;Idee;\nB;;x1\nC;weg;\n")
        asked, *others = found.records()
        assert asked.errors == {}
        [said] = asked.reports
        assert said.startswith("A2 (Titel): Nothing else is filled in.")
        assert [other.reports for other in others] == [[], [], []]
        # A narrow table may have nothing else.
        assert record(source("Titel;Stand\nA;\n")).reports == []

    def test_with_nothing_that_people_see(self, source):
        found = source(
            "Titel;Stand\nA;Idee\n\u200b;\u00a0\n\ufeff;\n\x1a\n;\u00ad\nB;\n"
        )
        assert [r.place for r in found.records()] == ["row 2 “A”", "row 7 “B”"]


class TestHeadings:
    @pytest.mark.parametrize(
        ("heading", "name"),
        [
            ("\u00a0Kurz\u00adbeschreibung\u200b *:", "summary"),
            ("Kurzbeschreibung (höchstens 220 Zeichen)", "summary"),
            ("Kurzbeschreibung [optional]", "summary"),
            ("Kurzbeschreibung (max. 220)", "summary"),
            ("Kurzbeschreibung (Pflichtangabe)", "summary"),
            ("Kurz-\r\nbeschreibung", "summary"),
            ("Kurzbeschreibung\nPflichtfeld", "summary"),
            ("Unterstuetzung gesucht", "help_wanted"),
            ("VERKNUEPFTE DATENSÄTZE", "datasets"),
        ],
    )
    def test_are_what_people_see(self, heading, name, source):
        found = source(f'Titel;"{heading}"\nA;content\n')
        assert found.notes == []
        assert name in record(found).keys

    @pytest.mark.parametrize(
        "heading", ["Kontakt (E-Mail)", "Kontakt\nTelefon", "Kontakt [neu]"]
    )
    def test_with_another_meaning_are_asked_about(self, source, heading):
        found = source(f'Titel;"{heading}"\nA;a@example.org\n')
        assert found.notes[0].endswith("Is “Contact” meant?")
        assert fields(found) == [{"title": "A"}]

    @pytest.mark.parametrize(
        "behind", ["Aktenzeichen", "Ministerium", "Maxvorstadt", "Minuten"]
    )
    def test_words_that_only_begin_as_a_hint_are_none(self, source, behind):
        found = source(f"Titel;Kurzbeschreibung ({behind})\nA;x\n")
        assert fields(found) == [{"title": "A"}]
        assert len(found.notes) == 1

    def test_what_is_never_imported_may_come_twice(self, source):
        found = source("Titel;page;Seite auf diesem Portal\nA;x;y\n")
        assert fields(found) == [{"title": "A"}]

    def test_a_name_that_may_be_a_title_is_asked_about(self, source):
        [said] = source("Name;Stand\nabc;Idee\n").notes
        assert said.startswith("A1 (Name): This is read as the short name")
        assert source("name;Stand\na-1;Idee\n").notes == []
        assert source("Name;Titel\na-1;A\n").notes == []


class TestCells:
    @pytest.mark.parametrize(
        ("column", "cell", "value"),
        [
            ("Stand", "in\u00a0BETRIEB.", "live"),
            ("Stand", "Anderswo in Betrieb - hier gesucht", "wanted_here"),
            ("Unterstützung gesucht", "content / care", ["content", "care"]),
            ("Unterstützung gesucht", "content und care", ["content", "care"]),
            ("Unterstützung gesucht", "content\tcare", ["content", "care"]),
            (
                "Unterstützung gesucht",
                "• Inhaltliche Unterstützung\n- jemand der sich kuemmert",
                ["content", "care"],
            ),
            ("sdgs", "9/11", ["9", "11"]),
            ("private", "✔️", True),
            ("private", "\u200bJa.", True),
            ("private", "−", False),
            ("private", "-", False),
            ("started", "2026-12-31T00:00:00", "2026-12-31"),
            ("started", "31.12.2026 12:30", "2026-12-31"),
            ("started", "2026-12-31 00:00:00.000+01:00", "2026-12-31"),
        ],
    )
    def test_are_understood(self, source, column, cell, value):
        found = record(source(column, cell))
        assert found.errors == {}
        assert [*found.fields.values()][1:] == [value]

    @pytest.mark.parametrize(
        ("column", "cell"),
        [
            # They are no goal 13, and none 11.
            ("sdgs", "1.3"),
            ("sdgs", "1-3"),
            ("sdgs", "1,3.1"),
            ("help_wanted", "content / Geld"),
            ("private", "✗"),
            ("started", "31.02.2026"),
            ("started", "12:30"),
            ("summary", "#NV"),
            ("summary", "#BEZUG!"),
            ("summary", "#NAME?"),
            ("summary", "#WERT!"),
            ("summary", "#DIV/0!"),
            ("summary", "#ÜBERLAUF!"),
            ("title", "#N/A"),
            ("datasets", "########"),
            ("url", "Fehler:502"),
        ],
    )
    def test_are_refused(self, source, column, cell):
        text = f"name;title;{column}\na-1;A;{cell}"
        place = "C"
        if column == "title":
            text, place = f"name;title\na-1;{cell}", "B"
        found = record(source(text))
        assert list(found.errors) == [f"{place}2 ({column})"]

    @pytest.mark.parametrize("cell", ["-", "--", "–", " — ", "\u00a0-"])
    @pytest.mark.parametrize(
        "column", ["stage", "sdgs", "tag_string", "tasks", "started"]
    )
    def test_a_dash_says_that_there_is_nothing(self, source, column, cell):
        found = record(source(column, cell))
        assert found.errors == {}
        assert found.fields == {"title": "P0"}
        assert found.tasks == []

    @pytest.mark.parametrize(
        "title", ["#MACHMIT!", "#WASGEHT?", "Summe", "Total Recall", "2048"]
    )
    def test_titles_that_are_no_error(self, source, title):
        found = record(source(f"title;summary\n{title};x"))
        assert found.errors == {}
        assert found.fields == {"title": title, "summary": "x"}

    def test_text_that_is_written_as_a_formula(self, source):
        found = source('="Titel";Entstanden in\n="A ""B""";="01234"\nC;="a\n')
        assert fields(found) == [
            {"title": 'A "B"', "origin_place": "01234"},
            {"title": "C", "origin_place": '="a'},
        ]
        assert fields(source('Titel\n\'="A"\n')) == [{"title": '="A"'}]

    def test_words_for_nothing(self, source):
        for column in "datasets", "supporters_content", "tasks":
            found = record(source(column, "k. A."))
            assert (found.links, found.supporters, found.tasks) == ([], [], [])
        assert fields(source("summary", "keine", "'-", "–")) == [
            {"title": "P0", "summary": "keine"},
            {"title": "P1", "summary": "-"},
            {"title": "P2", "summary": "–"},
        ]

"""Text of whatever program, in whatever encoding."""

from __future__ import annotations

import pytest

from ckanext.digifarm.exchange import encodings, files
from ckanext.digifarm.exchange.record import UnreadableFile

pytestmark = pytest.mark.usefixtures("shared_portal")

TEXT = "Titel;Kurzbeschreibung;Stand\r\nBäume;„süß“ – größer & Öl;Idee\r\n"


@pytest.fixture
def source(tmp_path):
    """A table of some bytes."""

    def read(content, name="table.csv"):
        file = tmp_path / name
        file.write_bytes(content)
        return files.read(file)

    return read


def fields(source):
    return [found.fields for found in source.records()]


def marked(encoding, text=TEXT):
    """The text with the mark of its encoding."""
    return f"\ufeff{text}".encode(encoding)


class TestEncodings:
    @pytest.mark.parametrize(
        "content",
        [
            *(TEXT.encode(one) for one in ("utf-8", "utf-8-sig", "cp1252")),
            *(TEXT.encode(one) for one in ("utf-16-le", "utf-16-be")),
            *(TEXT.encode(one) for one in ("utf-32-le", "utf-32-be")),
            *(marked(one) for one in ("utf-16-le", "utf-16-be")),
            *(marked(one) for one in ("utf-32-le", "utf-32-be")),
            marked("utf-8-sig"),
            marked("utf-16-le", TEXT.replace(";", "\t")),
            TEXT.replace("\r\n", "\r").encode("cp1252"),
            TEXT.replace("Titel", "Titel für Öl*").encode("utf-16-le"),
        ],
    )
    def test_are_found_out(self, source, content):
        content = content.replace(b"f\0\xfc\0r\0 \0\xd6\0l\0", b"f\0")
        found = source(content.replace(b" \0f\0*\0", b"*\0"))
        assert fields(found) == [
            {
                "title": "Bäume",
                "summary": "„süß“ – größer & Öl",
                "stage": "idea",
            }
        ]
        assert found.notes == []

    @pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
    @pytest.mark.parametrize(
        ("encoding", "shown"),
        [("mac_roman", "Mac Roman"), ("cp850", "MS-DOS 850")],
    )
    def test_of_other_computers_are_said(self, source, encoding, shown, end):
        text = f"Titel;Zuständige Organisation{end}Bäume;Amt für Öl{end}"
        found = source(text.encode(encoding))
        assert fields(found) == [{"title": "Bäume", "owner_org": "Amt für Öl"}]
        [note] = found.notes
        assert shown in note

    @pytest.mark.parametrize(
        "text",
        [
            "Größe",
            "Ähre",
            "„Ü“",
            "5 € – 7 m² © ½",
            "Café São José, Øresund, señor, Besançon, Pokémon’s",
            "Straße §5, „Zitat“, «Zitat», ‚so‘ … 20°",
        ],
    )
    def test_windows_stays_windows(self, source, text):
        found = source(f"Titel\nx\n{text}\n".encode("cp1252"))
        assert fields(found)[1] == {"title": text}
        assert found.notes == []

    @pytest.mark.parametrize(
        "content",
        [
            "Titel\nŁódź\nżółw\n".encode("cp1250"),
            "Titel\nДерева\n".encode("cp1251"),
            b"Titel\nM\x8ac\n",
        ],
    )
    def test_what_is_not_clear_is_refused(self, source, content):
        with pytest.raises(UnreadableFile, match="CSV UTF-8"):
            source(content)

    def test_a_single_byte_does_not_garble_a_file(self, source):
        content = TEXT.encode() + "Öl;x;Idee\r\n".encode("cp1252")
        with pytest.raises(UnreadableFile, match="Line 3 is no UTF-8"):
            source(content)

    def test_a_mark_that_promises_too_much(self, source):
        content = b"\xef\xbb\xbf" + "Titel\nx\nÖl\n".encode("cp1252")
        with pytest.raises(UnreadableFile, match="Line 3 is no UTF-8"):
            source(content)

    @pytest.mark.parametrize("encoding", ["utf-16-be", "utf-32", "utf-8-sig"])
    def test_of_json(self, source, encoding):
        found = source('[{"Name": "Bäume"}]'.encode(encoding), "a.json")
        assert fields(found)[0]["title"] == "Bäume"

    def test_no_such_json(self, source):
        with pytest.raises(UnreadableFile, match="Line 2 is no UTF-8"):
            source('[{"Name":\n "Bäume"}]'.encode("mac_roman"), "a.json")

    def test_no_more_is_kept_than_has_to_be(self, tmp_path, monkeypatch):
        file = tmp_path / "a.csv"
        file.write_bytes(TEXT.encode("cp1252") * 9)
        monkeypatch.setattr(encodings, "_CHUNK", 7)
        assert encodings.encoding(file) == "cp1252"

    @pytest.mark.parametrize(
        "text", ["BÃ¤ume", "â€žZitatâ€œ", "B\ufffdume", "5 â‚¬", "Â§ 5"]
    )
    def test_garbled_letters_are_said(self, source, text):
        found = source(f"Titel\n{text}\nÂngström, Ã und â\n".encode())
        garbled, other = found.records()
        assert garbled.errors == {}
        [said] = garbled.reports
        assert said.startswith("A2 (Titel): Some letters seem to be garbled")
        assert other.reports == []


class TestSeparators:
    @pytest.mark.parametrize(
        "content",
        [
            "sep=;\rTitel;Stand\rA;Idee\r",
            "sep=;;\r\nTitel;Stand;\r\nA;Idee;\r\n",
            '"sep=\t"\nTitel\tStand\nA\tIdee\n',
            "sep=\\t\nTitel\tStand\nA\tIdee\n",
            "sep=,\nTitel;Stand\nA;Idee\n",
            "\ufeffsep=;\nTitel;Stand\nA;Idee\n",
            "Eins, zwei, drei, vier, fünf\nTitel;Stand\nA;Idee\n",
            'Titel, "Stand"\nA, Idee\n',
            "Titel| Stand\nA| Idee\n",
        ],
    )
    def test_are_found_out(self, source, content):
        found = source(content.encode())
        assert fields(found) == [{"title": "A", "stage": "idea"}]

    def test_blanks_behind_them_are_no_part_of_a_value(self, source):
        found = source(b'Titel, Beschreibung\nA, "eins, zwei"\nB,  x\n')
        assert [row["notes"] for row in fields(found)] == ["eins, zwei", "x"]
        found = source(b"Titel,Beschreibung\nA,  x\n")
        assert fields(found)[0]["notes"] == "  x"

    @pytest.mark.parametrize(
        ("row", "said"),
        [
            ('"das" Beste', 'In row 3, .* each " is to be written twice'),
            (
                '"das \\"Beste\\""',
                'In row 3, .* each " is to be written twice',
            ),
            ('"das Beste', "In row 3, .* and none ends it"),
            ("x" * 140_000, "Row 3 has a cell of more than 131072"),
        ],
    )
    def test_what_is_no_csv_is_said_in_words(self, source, row, said):
        with pytest.raises(UnreadableFile, match=said):
            source(f"Titel;Kurzbeschreibung\nA;b\nC;{row}\n".encode())

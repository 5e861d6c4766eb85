from __future__ import annotations

from typing import Any

import ckantoolkit as tk
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ckan import model
from ckan.cli.cli import ckan
from ckan.lib.search import SearchIndexError, index
from ckan.tests import factories
from ckan.tests.helpers import call_action, changed_config
from ckanext.activity.model import Activity
from ckanext.digifarm.cli import digifarm
from ckanext.digifarm.exchange import files
from ckanext.digifarm.exchange.record import UnreadableFile
from ckanext.digifarm.exchange.run import Importer
from ckanext.digifarm.lib import index as lib_index
from ckanext.digifarm.links.model import Link
from dev.counting import counting

from .records import of_digifarm_ms

with_database = pytest.mark.usefixtures("empty_portal")

SOME_KEYS = [
    "Name",
    "Status",
    "Lizenz",
    "Projektstart",
    "Projekt-Url",
    "Digifarm-Url",
    "Kategorie",
    "Technologien",
    "Sponsor",
    "datasets",
    "x",
]

#: What a file may hold in the place of a value.
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=())),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["dataset", "note", "y"]), inner)
    ),
    max_leaves=4,
)


def record(**row):
    """The record that one project in the JSON of DIGIFARM.MS becomes."""
    rows = [{"Name": "Ein Projekt", **row}]
    [found] = of_digifarm_ms(rows)
    return found


@pytest.fixture
def table(tmp_path):
    """What a table says: its records, as a list."""

    def read(text):
        file = tmp_path / "table.csv"
        file.write_bytes(text.encode())
        return [*files.read(file).records()]

    return read


class TestDigifarmMs:
    def test_texts_become_fields(self):
        fields = record(
            Name="Baumblick",
            Ursprung="Köln?",
            Quelle="Ein Hackathon",
            Technologien="Python, Go",
            Quellcode=" https://example.org/code ",
        ).fields
        assert fields["title"] == "Baumblick"
        assert fields["origin_place"] == "Köln?"
        assert fields["origin_community"] == "Ein Hackathon"
        assert fields["technologies"] == "Python, Go"
        assert fields["source_url"] == "https://example.org/code"

    @pytest.mark.parametrize(
        ("value", "expected", "tags"),
        [
            ("Mobilität", ["mobility"], []),
            ("umwelt", ["environment"], []),
            (
                "Demokratie, Politik",
                ["participation"],
                ["Demokratie", "Politik"],
            ),
            ("Freizeit, Umwelt", ["lifestyle", "environment"], ["Freizeit"]),
            ("Kunst", None, ["Kunst"]),
        ],
    )
    def test_categories(self, value, expected, tags):
        """What is no action field stays as a tag, and each is named."""
        found = record(Kategorie=value)
        assert found.fields.get("action_fields") == expected
        assert found.fields.get("tags", []) == [{"name": t} for t in tags]
        assert len(found.reports) == len(tags)
        for tag, report in zip(tags, found.reports, strict=True):
            assert report.startswith(f"Kategorie: “{tag}” ")

    def test_what_becomes_of_a_category_is_said(self):
        found = record(Kategorie="Politik, Handwerk")
        assert found.reports == [
            "Kategorie: “Politik” becomes “Participation”, and a tag",
            "Kategorie: “Handwerk” is no action field here; it becomes a tag",
        ]

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ("Webseite (statisch)", "website"),
            ("Dynamische Webseite", "web_app"),
            ("Android-App", "mobile_app"),
        ],
    )
    def test_types(self, value, expected):
        assert record(Typ=value).fields["project_type"] == expected

    def test_unknown_type_is_reported(self):
        found = record(Typ="Brettspiel")
        assert "project_type" not in found.fields
        assert found.reports == ["Typ: “Brettspiel” has no counterpart here"]

    @pytest.mark.parametrize(
        ("value", "expected"),
        [("niedrig", "low"), ("hoch", "high"), ("sehr hoch", "very_high")],
    )
    def test_complexity(self, value, expected):
        assert record(Komplexität=value).fields["complexity"] == expected

    @pytest.mark.parametrize(
        ("value", "stage", "note"),
        [
            ("Live", "live", None),
            ("unfertig", "in_progress", None),
            ("In Progress", "in_progress", "In Progress"),
            (
                "Probleme bei Datenanbindung",
                "broken",
                "Probleme bei Datenanbindung",
            ),
        ],
    )
    def test_status(self, value, stage, note):
        found = record(Status=value)
        assert found.fields["stage"] == stage
        assert found.fields.get("stage_note") == note
        assert not found.reports

    def test_status_without_counterpart_is_kept_as_note_and_reported(self):
        found = record(Status="mal so, mal so")
        assert "stage" not in found.fields
        assert found.fields["stage_note"] == "mal so, mal so"
        assert "names no stage" in found.reports[0]

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ("2017", "2017"),
            (2017, "2017"),
            ("9/2021", "2021-09"),
            ("10/2021", "2021-10"),
            ("01.02.2021", "2021-02-01"),
        ],
    )
    def test_dates(self, value, expected):
        assert record(Projektstart=value).fields["started"] == expected

    def test_date_that_is_none_is_reported(self):
        found = record(Projektstart="im Herbst")
        assert "started" not in found.fields
        assert found.reports == [
            "Projektstart: “im Herbst” is no date such as 10/2021"
        ]

    def test_short_description_that_fits_is_the_summary(self):
        found = record(Kurzbeschreibung="Zeigt Bäume. ")
        assert found.fields["summary"] == "Zeigt Bäume."
        assert "notes" not in found.fields

    @pytest.mark.parametrize(
        ("text", "summary"),
        [
            (
                f"{'wort ' * 30}Satzende. {'noch ' * 30}",
                f"{'wort ' * 30}Satzende. …",
            ),
            (f"Kurz. {'wort ' * 50}", f"Kurz. {'wort ' * 41}wort…"),
            ("x" * 300, "x" * 219 + "…"),
        ],
        ids=["sentences", "words", "one word"],
    )
    def test_long_short_description_is_cut_and_kept_whole(self, text, summary):
        fields = record(
            Kurzbeschreibung=text, Langbeschreibung="Mehr davon."
        ).fields
        assert fields["summary"] == summary
        assert len(summary) <= 220
        assert fields["notes"] == f"{text.strip()}\n\nMehr davon."

    @given(st.text(min_size=1, max_size=600))
    def test_summary_fits_always(self, text):
        fields = record(Kurzbeschreibung=text).fields
        assert len(fields.get("summary", "")) <= 220

    def test_nobody_in_an_area_means_help_wanted(self):
        found = record(Inhalt="Ein Amt", Technik=None, Sponsor="--")
        assert found.fields["help_wanted"] == ["technology", "sponsoring"]
        assert found.reports == ["Sponsor: “--” counts as empty"]

    def test_silence_about_an_area_means_nothing(self):
        assert "help_wanted" not in record().fields

    @pytest.mark.parametrize(
        ("need", "supporters", "wanted"),
        [
            ("Ein Umzug", None, True),
            ("Ein Umzug", "", True),
            ("Ein Umzug", "Ein Amt", False),
            ("kein weiteres Sponsoring", None, False),
            ("kein weiteres Sponsoring", "", False),
            ("Zurzeit nicht nötig", "", False),
        ],
    )
    def test_what_is_needed_is_wanted_where_nobody_gives_it(
        self, need, supporters, wanted
    ):
        row = {} if supporters is None else {"Sponsor": supporters}
        found = record(**{"Benötigtes Sponsoring": need, **row})
        assert found.fields["sponsoring_help"] == need
        expected = ["sponsoring"] if wanted else None
        assert found.fields.get("help_wanted") == expected
        is_said = not wanted and not supporters
        assert any(need in report for report in found.reports) is is_said

    @pytest.mark.parametrize("value", ["MIT License ", "GPL v3"])
    def test_known_license(self, value):
        found = record(Lizenz=value)
        assert found.fields["source_license"] == value.strip()
        assert not found.reports

    def test_license_that_is_none_is_kept_and_reported(self):
        found = record(Lizenz="eigener Text")
        assert found.fields["source_license"] == "eigener Text"
        assert "not verified" in found.reports[0]

    @pytest.mark.parametrize("value", ["--", "-", " ? "])
    def test_placeholders_count_as_empty_and_are_reported(self, value):
        found = record(Lizenz=value)
        assert "source_license" not in found.fields
        assert found.reports == [f"Lizenz: “{value.strip()}” counts as empty"]

    def test_what_fits_no_field_is_mentioned(self):
        fields = record(
            **{
                "Weitere Infos": "Ein Text",
                "Infoseite": "im Rathaus",
                "Aufnahmedatum": "vor langer Zeit",
                "Kollaborationsplattform": "Github.com",
            }
        ).fields
        mentioned = fields["further_information"].split("\n\n")
        assert mentioned[0] == "Ein Text"
        for expected in "im Rathaus", "vor langer Zeit", "Github.com":
            assert any(text.endswith(expected) for text in mentioned)
        assert not {"info_url", "listed"} & fields.keys()

    def test_page_and_day_of_the_entry(self):
        fields = record(
            Infoseite="https://example.org/info", Aufnahmedatum="01.10.2021"
        ).fields
        assert fields["info_url"] == "https://example.org/info"
        assert fields["listed"] == "2021-10-01"
        assert "further_information" not in fields

    @pytest.mark.parametrize(
        ("value", "is_accompanied"), [("ja", True), ("Nein", False)]
    )
    def test_projects_of_the_city(self, value, is_accompanied):
        found = record(**{"Digifarm-Projekt": value})
        assert found.fields["accompanied"] is is_accompanied
        assert not found.reports

    def test_address_of_the_collaboration(self):
        fields = record(Kollaborationsplattform="https://example.org/").fields
        assert fields["collaboration_url"] == "https://example.org/"
        assert "further_information" not in fields

    @pytest.mark.parametrize(
        ("url", "name"),
        [
            ("https://example.org/projekte/Baum-Blick/", "baum-blick"),
            ("https://example.org/p/gie%C3%9Fen?x=1", "giessen"),
            ("https://example.org/", None),
            ("https://[", None),
        ],
    )
    def test_name_is_the_end_of_the_address(self, url, name):
        found = record(**{"Digifarm-Url": url})
        assert found.fields.get("name") == name

    def test_keys_and_values_without_place_are_reported(self):
        found = record(**{"Digifarm-Projekt": "bald", "Farbe": "grün"})
        assert found.reports == [
            "Farbe: unknown, not imported: “grün”",
            "Digifarm-Projekt: “bald” is neither ja nor nein",
        ]

    @pytest.mark.parametrize("value", [["x"], {"a": 1}, True])
    def test_only_text_is_text(self, value):
        found = record(Ursprung=value, Unbekannt=value)
        assert list(found.errors) == ["Ursprung"]
        assert found.reports == [
            f"Unbekannt: unknown, not imported: “{value!r}”"
        ]

    @pytest.mark.parametrize("name", [None, "", " -- "])
    def test_a_project_needs_a_name(self, name):
        assert record(Name=name).errors == {"Name": ["missing"]}

    def test_place_names_the_project(self):
        assert record(Name="Baumblick").place == "record 1 “Baumblick”"

    def test_datasets(self):
        links = record(
            datasets=["bäume", {"dataset": " x ", "note": "n", "relation": ""}]
        ).links
        assert links == [
            {"dataset": "bäume"},
            {"dataset": "x", "note": "n"},
        ]

    @pytest.mark.parametrize(
        "value",
        [
            "bäume",
            3,
            [3],
            [""],
            [None],
            [{"note": "x"}],
            [{"dataset": ["x"]}],
            [{"dataset": "x", "colour": "green"}],
        ],
    )
    def test_datasets_of_another_shape_are_refused(self, value):
        assert list(record(datasets=value).errors) == ["datasets"]


@pytest.mark.usefixtures("shared_portal")
class TestTable:
    @pytest.mark.parametrize("separator", [",", ";"])
    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    def test_columns_are_fields(self, table, separator, end):
        rows = ["title", "summary", "stage"], ["Baum", '"ein, zwei"', "live"]
        text = end.join(separator.join(row) for row in rows)
        [found] = table(text)
        assert found.fields == {
            "title": "Baum",
            "summary": "ein, zwei",
            "stage": "live",
        }

    def test_several_values(self, table):
        [found] = table(
            "name;technologies;help_wanted;tag_string;datasets\n"
            "x;Python, Go;content, care;b, a, b;bäume, parks"
        )
        assert found.fields == {
            "name": "x",
            "technologies": ["Python", "Go"],
            "help_wanted": ["content", "care"],
            "tags": [{"name": "a"}, {"name": "b"}],
        }
        assert found.links == [{"dataset": "bäume"}, {"dataset": "parks"}]

    def test_empty_cells_give_no_value(self, table):
        [found] = table("title,summary,datasets\nBaum, ,\n")
        assert found.fields == {"title": "Baum"}
        assert found.links == []

    def test_place_is_the_row_that_a_spreadsheet_shows(self, table):
        found = table('title,notes\nA,"1\n2"\n\nB,x\n,x\n')
        assert [r.place for r in found] == [
            "row 2 “A”",
            "row 4 “B”",
            "row 5",
        ]
        assert found[2].errors == {
            "A5 (title)": ["This is empty. Please fill it in"]
        }

    def test_cells_without_place_are_reported(self, table):
        [found] = table("title,colour,\nBaum,green,x")
        assert found.reports == [
            "C2: There is no heading above this cell; “x” is not imported"
        ]

    def test_more_cells_than_columns_are_refused(self, table):
        found = table("title,summary\nBaum,eins, zwei\nBlick,eins,\n")
        assert list(found[0].errors) == ["C2"]
        assert not found[1].errors

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "must name the columns"),
            ("summary,stage\nx,live", "must name the columns"),
            ("title,title\nx,y", "B1 \\(title\\) mean the same"),
            ('title\nx\n"y"z', "In row 3, something"),
            ("title\n" + "x" * 200_000, "Row 2 has a cell"),
        ],
    )
    def test_text_that_is_no_table(self, table, text, message):
        with pytest.raises(UnreadableFile, match=message):
            table(text)


def project(name):
    return call_action("package_show", id=name)


def by_hand(action, **params):
    """Call an action as somebody whom the activity streams can name."""
    user = factories.Sysadmin()["name"]
    return call_action(action, {"user": user}, **params)


def datasets(name):
    found = call_action("digifarm_dataset_list", project=name)["results"]
    return {dataset["name"]: dataset for dataset in found}


def everything():
    """How many rows each table has, and what the search index holds."""
    model.Session.rollback()
    rows = {
        name: model.Session.query(table).count()
        for name, table in model.meta.metadata.tables.items()
    }
    search = call_action(
        "package_search", fq="dataset_type:(dataset OR civic_project)"
    )
    return rows, search["count"]


@with_database
class TestImport:
    def test_creates_projects(self, run_import, organization):
        result = run_import(
            [{"Name": "Baumblick", "Lizenz": "GPL v3"}, {"Name": "Radpuls"}],
            "--organization",
            organization["id"],
        )
        assert result.exit_code == 0
        assert "record 1 “Baumblick”: created baumblick" in result.stdout
        assert (
            "2 created, 0 updated, 0 unchanged, 0 failed; 0 links added"
            in result.stdout
        )
        assert result.stderr == ""
        found = project("baumblick")
        assert found["type"] == "civic_project"
        assert found["owner_org"] == organization["id"]
        assert found["source_license"] == "GPL-3.0-only"
        assert project("radpuls")["title"] == "Radpuls"

    def test_without_description_picture_and_code(self, run_import, option):
        run_import([{"Name": "Baumblick"}], option)
        found = call_action("digifarm_project_show", id="baumblick")
        assert found["license_status"] == "not_verified"

    def test_second_import_changes_nothing(self, run_import, option):
        factories.Dataset(name="trees")
        rows = [
            {
                "Name": "Baumblick",
                "Lizenz": "GPL v3",
                "Technologien": "Python,Go",
                "Kategorie": "Umwelt, Mobilität",
                "Technik": "",
                "datasets": ["trees"],
            }
        ]
        run_import(rows, option)
        before = project("baumblick"), everything()
        result = run_import(rows, option)
        assert "0 created, 0 updated, 1 unchanged" in result.stdout
        assert "0 links added" in result.stdout
        assert (project("baumblick"), everything()) == before

    def test_second_import_of_tags_changes_nothing(self, run_import, option):
        text = 'title,tag_string\nBaumblick,"Grün, Bäume"'
        run_import(text, option)
        before = project("baumblick")
        assert "1 unchanged" in run_import(text).stdout
        assert project("baumblick") == before
        assert {tag["name"] for tag in before["tags"]} == {"Grün", "Bäume"}

    def test_tags_are_replaced(self, run_import, option):
        run_import("title,tag_string\nBaumblick,alt", option)
        run_import("title,tag_string\nBaumblick,neu")
        assert [t["name"] for t in project("baumblick")["tags"]] == ["neu"]

    def test_updates_what_the_record_gives_and_no_more(
        self, run_import, option
    ):
        run_import(
            [{"Name": "Baumblick", "Ursprung": "Köln", "Quelle": "A"}], option
        )
        by_hand(
            "package_patch",
            id="baumblick",
            summary="By hand",
            origin_place="By hand",
        )
        result = run_import(
            [{"Name": "Baumblick", "Ursprung": "Bonn", "Quelle": ""}]
        )
        assert "0 created, 1 updated" in result.stdout
        found = project("baumblick")
        assert found["origin_place"] == "Bonn"
        assert found["origin_community"] == "A"
        assert found["summary"] == "By hand"

    def test_an_update_is_one_activity(self, run_import, option):
        run_import([{"Name": "Baumblick"}], option)
        run_import([{"Name": "Baumblick", "Ursprung": "Bonn"}])
        activities = model.Session.query(Activity).filter_by(
            object_id=project("baumblick")["id"]
        )
        types = {activity.activity_type for activity in activities}
        assert types == {"new package", "changed package"}
        assert activities.count() == 2

    def test_existing_projects_keep_their_organization(
        self, run_import, option, organization
    ):
        run_import([{"Name": "Baumblick"}], option)
        before = project("baumblick")["owner_org"]
        result = run_import(
            [{"Name": "Baumblick"}], "-o", organization["name"]
        )
        assert "1 unchanged" in result.stdout
        assert project("baumblick")["owner_org"] == before

    def test_table_names_its_organizations(self, run_import, organization):
        result = run_import(
            f"title,owner_org\nBaumblick,{organization['name']}\n"
        )
        assert result.exit_code == 0
        assert project("baumblick")["owner_org"] == organization["id"]

    def test_table_from_a_spreadsheet(self, run_import, option):
        text = "title;summary\r\nGießplan;Bäume, die Wasser brauchen\r\n"
        run_import(text.encode("utf-8-sig"), option, suffix=".CSV")
        assert project("giessplan")["summary"] == "Bäume, die Wasser brauchen"

    def test_table_updates_by_name_alone(self, run_import, option):
        run_import([{"Name": "Baumblick"}], option)
        result = run_import("name,complexity\nbaumblick,high\n")
        assert "1 updated" in result.stdout
        assert project("baumblick")["complexity"] == "high"
        assert project("baumblick")["title"] == "Baumblick"

    def test_uploaded_picture_stays(self, run_import, option):
        rows = [{"Name": "Baumblick", "Vorschaubild": "https://example.org/p"}]
        run_import(rows, option)
        package: Any = model.Package.get("baumblick")
        package.extras["image_url"] = "uploaded.png"
        model.repo.commit()
        result = run_import([{**rows[0], "Ursprung": "Bonn"}], "--dry-run")
        assert "0 created, 1 updated" in result.stdout
        assert "Vorschaubild: not imported" in result.stdout
        assert "0 created, 0 updated" in run_import(rows).stdout
        model.Session.refresh(package)
        assert package.extras["image_url"] == "uploaded.png"


@with_database
class TestLinks:
    def test_are_added_and_none_is_removed(self, run_import, option):
        for name in "trees", "parks":
            factories.Dataset(name=name)
        run_import([{"Name": "Baumblick", "datasets": ["trees"]}], option)
        result = run_import(
            [{"Name": "Baumblick", "datasets": [{"dataset": "parks"}]}]
        )
        assert "1 updated" in result.stdout
        assert "1 links added" in result.stdout
        assert datasets("baumblick").keys() == {"trees", "parks"}

    def test_have_relation_and_note(self, run_import, option):
        dataset = factories.Dataset()
        link = {"dataset": dataset["id"], "relation": "provides", "note": "n"}
        run_import([{"Name": "Baumblick", "datasets": [link]}], option)
        linked = datasets("baumblick")[dataset["name"]]
        assert (linked["relation"], linked["note"]) == ("provides", "n")

    def test_keep_what_the_record_does_not_say(self, run_import, option):
        factories.Dataset(name="trees")
        rows = [{"Name": "Baumblick", "datasets": ["trees"]}]
        run_import(rows, option)
        by_hand(
            "digifarm_link_create",
            project="baumblick",
            dataset="trees",
            relation="provides",
            note="By hand",
        )
        assert "1 unchanged" in run_import(rows).stdout
        rows[0]["datasets"] = [{"dataset": "trees", "relation": "uses"}]
        result = run_import(rows)
        assert "1 updated" in result.stdout
        assert "0 links added" in result.stdout
        linked = datasets("baumblick")["trees"]
        assert (linked["relation"], linked["note"]) == ("uses", "By hand")

    def test_one_that_is_not_possible_refuses_the_record(
        self, run_import, option, project_factory
    ):
        for name in "trees", "parks", "deleted":
            factories.Dataset(name=name)
        by_hand("package_delete", id="deleted")
        project_factory(name="other")
        result = run_import(
            [
                {
                    "Name": "Baumblick",
                    "datasets": [
                        "trees",
                        "nowhere",
                        "deleted",
                        "other",
                        {"dataset": "parks", "relation": "eats"},
                    ],
                }
            ],
            option,
        )
        assert result.exit_code == 1
        place, *errors, relation = result.stderr.splitlines()
        assert place == "record 1 “Baumblick”: failed"
        assert errors == [
            "    datasets: “nowhere” is no dataset of this portal",
            "    datasets: “deleted” is no dataset of this portal",
            "    datasets: “other” is a civic project, not a dataset",
        ]
        assert relation.startswith("    datasets: “parks” – relation: ")
        assert model.Package.get("baumblick") is None

    def test_twice_the_same_refuses_the_record(self, run_import, option):
        dataset = factories.Dataset(name="trees")
        rows = [{"Name": "Baumblick", "datasets": ["trees", dataset["id"]]}]
        result = run_import(rows, option)
        assert result.exit_code == 1
        assert "is there twice" in result.stderr

    def test_of_the_table(self, run_import, option):
        factories.Dataset(name="trees")
        factories.Dataset(name="parks")
        run_import('title,datasets\nBaumblick,"trees, parks"', option)
        assert datasets("baumblick").keys() == {"trees", "parks"}


@with_database
class TestDryRun:
    def test_leaves_no_trace(self, run_import, option):
        factories.Dataset(name="trees")
        run_import([{"Name": "Alt"}], option)
        before = project("alt"), everything()
        result = run_import(
            [
                {"Name": "Neu", "Inhalt": "Amt", "datasets": ["trees"]},
                {"Name": "Alt", "Ursprung": "Bonn", "datasets": ["trees"]},
                {"Name": "Falsch", "Projekt-Url": "nirgends"},
            ],
            option,
            "--dry-run",
        )
        assert result.exit_code == 1
        assert "record 1 “Neu”: created neu" in result.stdout
        assert "record 2 “Alt”: updated alt" in result.stdout
        assert "record 3 “Falsch”: failed" in result.stderr
        assert (
            "Dry run, nothing was written: 1 created, 1 updated,"
            " 0 unchanged, 1 failed; 2 links added, 1 supporters added"
            in result.stdout
        )
        assert (project("alt"), everything()) == before
        assert model.Session.query(Link).count() == 0

    def test_writes_no_project(self, run_import, option):
        result = run_import([{"Name": "Neu"}], option, "--dry-run")
        assert result.exit_code == 0
        model.Session.rollback()
        assert model.Package.get("neu") is None


@with_database
class TestBadRecords:
    def test_are_reported_and_the_others_go_on(self, run_import, option):
        result = run_import(
            [
                {"Name": "Eins"},
                {"Name": "Zwei", "Projekt-Url": "nirgends"},
                "drei",
                {"Name": "Vier"},
            ],
            option,
        )
        assert result.exit_code == 1
        second, url, third, no_object = result.stderr.splitlines()
        assert second == "record 2 “Zwei”: failed"
        assert url.startswith("    Projekt-Url: Please give a web address")
        assert third == "record 3: failed"
        assert no_object == "    record: must be an object, not “drei”"
        assert "2 created, 0 updated, 0 unchanged, 2 failed" in result.stdout
        assert project("eins")
        assert project("vier")
        assert model.Package.get("zwei") is None

    def test_the_search_index_refuses_one(
        self, run_import, option, monkeypatch
    ):
        insert = index.PackageSearchIndex.index_package

        def refuse(self, pkg_dict, *args, **kwargs):
            if pkg_dict["name"] == "zwei":
                raise SearchIndexError("Solr says no\nat length")
            return insert(self, pkg_dict, *args, **kwargs)

        monkeypatch.setattr(index.PackageSearchIndex, "index_package", refuse)
        result = run_import(
            [{"Name": "Eins"}, {"Name": "Zwei"}, {"Name": "Drei"}], option
        )
        assert result.exit_code == 1
        assert "could not save it: Solr says no\n" in result.stderr
        assert "2 created" in result.stdout
        assert project("drei")
        assert model.Package.get("zwei") is None

    def test_values(self, run_import, option):
        bad = [
            ({"Ursprung": "a\0b"}, "Ursprung: "),
            ({"Ursprung": "a\ud800"}, "Ursprung: "),
            ({"Name": "a\0b"}, "Name: "),
            ({"Langbeschreibung": "x" * 30_000}, "Langbeschreibung: "),
            ({"Technologien": "x" * 200}, "Technologien: "),
            ({"Ursprung": {"a": [1]}}, "Ursprung: must be text"),
            ({"Projektstart": "13/2021"}, "Projektstart: "),
            ({"datasets": ["\0"]}, "datasets: “\\x00”"),
            ({"Digifarm-Url": "https://example.org/about"}, "Digifarm-Url: "),
        ]
        rows = [
            {"Name": f"Projekt {number}", **row}
            for number, (row, _) in enumerate(bad)
        ]
        result = run_import(rows, option)
        assert f"0 created, 0 updated, 0 unchanged, {len(bad)} failed" in (
            result.stdout
        )
        errors = result.stderr.split("\nrecord")
        for (_, start), error in zip(bad, errors, strict=True):
            assert f"failed\n    {start}" in error

    def test_choices_of_the_table(self, run_import, option):
        result = run_import("title,stage\nBaumblick,unterwegs", option)
        assert result.exit_code == 1
        assert "row 2 “Baumblick”" in result.stderr
        assert "B2 (stage): “unterwegs” is none of the" in result.stderr

    def test_two_with_one_name(self, run_import, option):
        result = run_import(
            [{"Name": "Baumblick"}, {"Name": "baumblick!"}], option
        )
        assert result.exit_code == 1
        assert (
            "Name: baumblick is the name of record 1 “Baumblick” too"
            in result.stderr
        )
        assert project("baumblick")["title"] == "Baumblick"

    def test_name_of_a_dataset(self, run_import, option):
        factories.Dataset(name="trees", title="Trees")
        result = run_import([{"Name": "Trees"}], option)
        assert result.exit_code == 1
        assert "Name: trees is the name of a dataset here" in result.stderr

    def test_deleted_projects_stay_deleted(self, run_import, option):
        run_import([{"Name": "Baumblick"}], option)
        by_hand("package_delete", id="baumblick")
        result = run_import([{"Name": "Baumblick"}], option)
        assert result.exit_code == 1
        assert "was deleted on this portal" in result.stderr
        package = model.Package.get("baumblick")
        assert package
        assert package.state == "deleted"

    def test_new_project_without_organization(self, run_import):
        result = run_import([{"Name": "Baumblick"}])
        assert result.exit_code == 1
        assert "owner_org: missing; give one by --organization" in (
            result.stderr
        )

    def test_output_does_nothing_to_the_terminal(self, run_import, option):
        result = run_import([{"Name": "\x1b[2J", "Farbe": "\n\ud800"}], option)
        assert "\x1b" not in result.output
        assert r"\x1b[2J" in result.output
        assert r"Farbe: unknown, not imported: “\n\ud800”" in result.output

    @settings(
        max_examples=60,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(
        rows=st.lists(
            st.dictionaries(st.sampled_from(SOME_KEYS), ANYTHING), max_size=3
        )
    )
    def test_anything_else_is_no_traceback(self, run_import, option, rows):
        result = run_import(rows, option, "--dry-run")
        assert result.exit_code in {0, 1}
        assert "Dry run" in result.stdout


@with_database
class TestIndex:
    """Solr opens its index anew once, not for each project."""

    ROWS = [{"Name": f"Projekt {n}"} for n in range(4)]

    def commits(self, run_import, option):
        with counting() as cost:
            result = run_import(self.ROWS, option)
        assert result.exit_code == 0, result.output
        return sum("commit=true" in path for path in cost.solr)

    def found(self):
        query = {"fq": "dataset_type:civic_project"}
        return call_action("package_search", **query)["count"]

    def test_once(self, run_import, option):
        assert self.commits(run_import, option) == 1
        assert self.found() == len(self.ROWS)
        assert tk.config[lib_index.COMMITS] is True

    def test_now_and_then_where_there_is_much(
        self, run_import, option, monkeypatch
    ):
        monkeypatch.setattr(lib_index, "TOGETHER", 2)
        assert self.commits(run_import, option) == 3

    def test_never_by_a_dry_run(self, run_import, option, monkeypatch):
        """Solr is only asked; it would have opened its index three times."""
        run_import(self.ROWS[:1], option)
        monkeypatch.setattr(lib_index, "TOGETHER", 2)
        with counting() as cost:
            result = run_import(self.ROWS, option, "--dry-run")
        assert "3 created, 0 updated, 1 unchanged" in result.stdout
        assert [path for path in cost.solr if "select" not in path] == []

    def test_never_where_that_is_up_to_solr(self, run_import, option):
        with changed_config(lib_index.COMMITS, False):
            assert self.commits(run_import, option) == 0
            assert tk.config[lib_index.COMMITS] is False

    def test_what_is_saved_is_so_where_solr_does_not(
        self, run_import, option, monkeypatch
    ):
        def fail(self):
            raise SearchIndexError("Solr is gone")

        monkeypatch.setattr(index.PackageSearchIndex, "commit", fail)
        result = run_import(self.ROWS, option)
        assert result.exit_code == 0
        assert "4 created" in result.stdout
        assert tk.config[lib_index.COMMITS] is True

    def test_as_before_where_an_import_breaks(
        self, run_import, option, monkeypatch
    ):
        def break_(*args):
            raise ZeroDivisionError

        monkeypatch.setattr(Importer, "run", break_)
        with pytest.raises(ZeroDivisionError):
            run_import(self.ROWS, option)
        assert tk.config[lib_index.COMMITS] is True


class TestUsage:
    @pytest.mark.parametrize(
        ("content", "suffix", "message"),
        [
            ("", ".json", "can't be read as JSON"),
            ("[{]", ".json", "can't be read as JSON"),
            ("[" + "9" * 5000 + "]", ".json", "can't be read as JSON"),
            ("[" * 100_000, ".json", "nested too deeply"),
            ("{}", ".json", "must be a list of projects"),
            ('[{"a": 1, "a": 2}]', ".json", "the key “a” twice"),
            (b'[\n"\xff"]', ".json", "Line 2 is no UTF-8"),
            ("[]", ".csv", "must name the columns"),
            ("[]", ".yml", "must end in one of: .csv, .json"),
        ],
    )
    def test_unreadable_files(self, run_import, content, suffix, message):
        result = run_import(content, suffix=suffix)
        assert result.exit_code == 2
        assert message in result.stderr
        assert result.stdout == ""

    @pytest.mark.parametrize(
        ("content", "quoted"),
        [
            ("[\x07", r"“\x07”"),
            (r'[{"\ud800": 1, "\ud800": 2}]', r"the key “\ud800” twice"),
        ],
    )
    def test_what_is_quoted_does_nothing_to_a_terminal(
        self, run_import, content, quoted
    ):
        result = run_import(content, suffix=".json")
        assert result.exit_code == 2
        assert quoted in result.stderr
        assert "\x07" not in result.stderr

    def test_missing_file(self):
        result = CliRunner().invoke(digifarm, ["import", "nowhere.json"])
        assert result.exit_code == 2
        assert "nowhere.json" in result.stderr

    @with_database
    def test_unknown_organization(self, run_import):
        result = run_import([{"Name": "Baumblick"}], "-o", "nobody")
        assert result.exit_code == 2
        assert "There is no organisation nobody" in result.stderr
        assert model.Package.get("baumblick") is None

    @with_database
    def test_by_the_command_of_the_portal(self, cli, tmp_path, option):
        file = tmp_path / "projects.json"
        file.write_text('[{"Name": "Baumblick"}]')
        result = cli.invoke(ckan, ["digifarm", "import", str(file), option])
        assert result.exit_code == 0, result.output
        assert project("baumblick")["title"] == "Baumblick"

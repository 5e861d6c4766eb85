"""Cells that name datasets, organisations, supporters and tasks."""

from __future__ import annotations

import csv

import ckantoolkit as tk
import pytest
from click.testing import CliRunner

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import changed_config
from ckanext.digifarm.cli import digifarm
from ckanext.digifarm.exchange import cells
from ckanext.digifarm.links.model import Link
from ckanext.digifarm.partners.model import Partner
from ckanext.digifarm.support.model import Support
from ckanext.digifarm.tasks.model import Task

pytestmark = pytest.mark.usefixtures("shared_portal")


@pytest.fixture
def run(tmp_path):
    """Import a cell below a heading, as the console says it in German."""
    organization = factories.Organization()["name"]

    def run(heading, cell, *more, language="de"):
        file = tmp_path / "table.csv"
        title = f"Projekt {factories.fake.unique.pyint(0, 9999999)}"
        with file.open("w", encoding="utf-8", newline="") as stream:
            rows = [["Titel", heading, *more[::2]], [title, cell, *more[1::2]]]
            csv.writer(stream, delimiter=";").writerows(rows)
        result = CliRunner().invoke(
            digifarm,
            ["import", str(file), "-o", organization, "--language", language],
        )
        assert isinstance(result.exception, SystemExit | None)
        run.said = [
            line.strip()
            for line in result.output.splitlines()
            if line.startswith("    ")
        ]
        model.Session.remove()
        project = model.Package.by_name(title.lower().replace(" ", "-"))
        assert (project is None) == (result.exit_code == 1)
        return project

    return run


def links(project):
    found = model.Session.query(Link).filter_by(project_id=project.id)
    return sorted(model.Package.get(link.dataset_id).name for link in found)


@pytest.fixture
def datasets():
    """Datasets, one of a title of its own, and two that share one."""
    names = [
        f"bestand-{factories.fake.unique.pyint(0, 999999)}" for _ in "abc"
    ]
    titles = [f"Bäume von {names[0]}", *[f"Wie {names[1]}"] * 2]
    for name, title in zip(names, titles, strict=True):
        factories.Dataset(name=name, title=title)
    return names


class TestDatasets:
    @pytest.mark.parametrize(
        "cell",
        [
            "{name}",
            " {NAME} ",
            "{title}",
            "{TITLE}",
            "Ba\u0308ume  von {name}",
            "{site}/dataset/{name}",
            "{site}/dataset/{name}/",
            "{site}/dataset/{name}?a=1#b",
            "{site}/de/dataset/{name}",
            "https://{host}/dataset/{name}/resource/abc",
            "/dataset/{name}",
            "• {name}",
            "{name} | uses | wo | sie stehen",
            "- {title}\n- {other}",
            "{name}, {other}",
            "{name};{other}",
        ],
    )
    def test_by_name_title_and_address(self, run, datasets, cell):
        site = tk.config["ckan.site_url"]
        name, other, _ = datasets
        words = {
            "name": name,
            "NAME": name.upper(),
            "title": f"Bäume von {name}",
            "TITLE": f"BÄUME VON {name}",
            "other": other,
            "site": site,
            "host": site.partition("://")[2],
        }
        project = run("Verknüpfte Datensätze", cell.format(**words))
        expected = sorted([name, other] if "{other}" in cell else [name])
        assert links(project) == expected
        assert run.said == []

    def test_below_a_root_path(self, run, datasets):
        with changed_config("ckan.root_path", "/daten/{{LANG}}"):
            site = tk.config["ckan.site_url"]
            for path in "daten/en", "daten/de":
                address = f"{site}/{path}/dataset/{datasets[0]}"
                project = run("datasets", address)
                assert links(project) == datasets[:1]

    @pytest.mark.parametrize(
        "cell",
        [
            "https://elsewhere.example/dataset/{name}",
            "{site}/dataset/activity/{name}",
            "{site}/dataset/{name}/dictionary/x",
            "{site}/organization/{name}",
            "{site}/dataset",
            "http://[/dataset/{name}",
            "{name} (uses)",
        ],
    )
    def test_others_are_none(self, run, datasets, cell):
        site = tk.config["ckan.site_url"]
        assert not run("datasets", cell.format(name=datasets[0], site=site))
        [said] = run.said
        assert said.startswith("B2 (datasets): ")
        assert "ist kein Datensatz dieses Portals" in said

    def test_several_of_a_title_are_named(self, run, datasets):
        names = ", ".join(sorted(datasets[1:]))
        title = f"Wie {datasets[1]}"
        assert not run("datasets", title, language="en")
        [said] = run.said
        assert f"B2 (datasets): “{title}” is the title of several" in said
        assert names in said

    def test_those_that_nobody_may_see_have_no_title(self, run):
        factories.Dataset(
            title="Geheime Liste",
            private=True,
            owner_org=factories.Organization()["id"],
        )
        # Whoever runs the command may all.
        assert run("datasets", "Geheime Liste")


class TestOrganizations:
    @pytest.mark.parametrize(
        "cell",
        [
            "{NAME}",
            "{site}/organization/{name}",
            "{site}/de/organization/{name}",
            "Amt fuer Groesse von {name}",
            "AMT FÜR GRÖSSE VON {name}\u00a0",
            "Amt fu\u0308r Gro\u0308ße, von - {name}",
        ],
    )
    def test_are_known(self, run, cell):
        name = f"amt-{factories.fake.unique.pyint(0, 999999)}"
        found = factories.Organization(
            name=name, title=f"Amt für Größe von {name}"
        )
        site = tk.config["ckan.site_url"]
        words = {"name": name, "NAME": name.upper(), "site": site}
        project = run("Zuständige Organisation", cell.format(**words))
        assert project.owner_org == found["id"]

    def test_an_empty_cell_that_must_not_be_is_named(self, tmp_path):
        file = tmp_path / "table.csv"
        file.write_text("Titel;Zuständige Organisation;Stand\nA;;Idee\n")
        result = CliRunner().invoke(digifarm, ["import", str(file)])
        assert "    B2 (Zuständige Organisation): missing" in result.output

    def test_a_column_that_must_be_there_is_named(self, tmp_path):
        file = tmp_path / "table.csv"
        file.write_text("name;Stand\nganz-neu;Idee\n")
        organization = factories.Organization()["name"]
        result = CliRunner().invoke(
            digifarm,
            ["import", str(file), "-o", organization, "--language", "de"],
        )
        assert " „Titel“: Bitte ausfüllen" in result.output


class TestSupporters:
    HEADING = "Unterstützt durch: Inhaltliche Unterstützung"

    def names(self, project):
        found = model.Session.query(Support).filter_by(project_id=project.id)
        ids = [support.partner_id for support in found]
        return sorted(model.Session.get(Partner, id_).title for id_ in ids)

    @pytest.mark.parametrize(
        "cell",
        [
            "Verein Eins\nVerein Zwei",
            "Verein Eins; Verein Zwei",
            "• Verein Eins\n• Verein Zwei",
            "Verein Eins | Verein\nVerein Zwei;",
        ],
    )
    def test_several(self, run, cell):
        assert self.names(run(self.HEADING, cell)) == [
            "Verein Eins",
            "Verein Zwei",
        ]

    def test_a_name_with_commas(self, run):
        title = "Verein für Rat, Tat und Tee"
        assert not run(self.HEADING, title, language="en")
        [said] = run.said
        assert said.startswith(f"B2 ({self.HEADING}): “{title}”: Is that one")
        assert self.names(run(self.HEADING, f"{title} | Verein")) == [title]
        # Now it is known.
        assert self.names(run(self.HEADING, title)) == [title]

    def test_nobody(self, run):
        for cell in "-", "–", "keine", "k. A.":
            assert self.names(run(self.HEADING, cell)) == []
            assert run.said == []


class TestTasks:
    def titles(self, project):
        found = model.Session.query(Task).filter_by(project_id=project.id)
        return sorted(task.title for task in found)

    def test_with_bullets(self, run):
        project = run("Aufgaben", "- Zählen\n• Gießen | Ein Nachmittag\n-5 x")
        assert self.titles(project) == ["-5 x", "Gießen", "Zählen"]

    def test_none(self, run):
        assert self.titles(run("Aufgaben", "keine")) == []

    def test_a_title_that_begins_so_comes_back(self):
        rows = [["- x", "y"], ["• z", ""]]
        found = cells.split(cells.joined(rows), 2)
        assert found == rows
        values = ["- x", "y"]
        text = cells.listed(values, by_line=False)
        assert cells.unlisted(text) == values


#: A column, a cell with several mistakes, and a part of each.
MISTAKES = [
    (
        "Aufgaben",
        (
            "A | ewig | vielleicht | x | kein-link\n | x\nB\nb\n"
            "C | | | | nirgends"
        ),
        [
            "„ewig“ steht nicht zur Auswahl",
            "„vielleicht“ ist weder ja noch nein",
            "In einer Zeile fehlt die Aufgabe",
            "„A“ – url: ",
            "„C“ – url: ",
            "„b“ steht zweimal da",
        ],
    ),
    (
        "Unterstützt durch: Technische Unterstützung",
        "A | wer | quark | | | nie | auch nie\n | Verein\nB, C\nD | Quatsch",
        [
            "„wer“ steht nicht zur Auswahl",
            "„nie“: ",
            "„auch nie“: ",
            "In einer Zeile fehlt der Name",
            "„Quatsch“ steht nicht zur Auswahl",
            "„A“ – url: ",
            "„B, C“",
        ],
    ),
    (
        "Verknüpfte Datensätze",
        "nie | wozu\n | uses\nnirgends | uses | " + "x" * 501,
        [
            "„wozu“ steht nicht zur Auswahl",
            "In einer Zeile fehlt der Datensatz",
            "„nie“ ist kein Datensatz",
            "„nirgends“ – note: ",
        ],
    ),
]


def test_all_that_is_wrong_in_cells_with_rows_is_said_at_once(run):
    head, cell, _ = MISTAKES[0]
    more = [text for row in MISTAKES[1:] for text in row[:2]]
    assert not run(head, cell, *more)
    expected = [
        (f"{letter}2 ({head}): ", said)
        for letter, (head, _, sentences) in zip("BCD", MISTAKES, strict=True)
        for said in sentences
    ]
    for line, (place, said) in zip(run.said, expected, strict=True):
        assert line.startswith(place)
        assert said in line

"""What leaves as tables and JSON: all of a project, and nothing private."""

from __future__ import annotations

import csv
import io
import json
from importlib import resources

import jsonschema
import pytest
from click.testing import CliRunner

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action
from ckanext.digifarm.cli import digifarm
from ckanext.digifarm.exchange import exporting
from dev.counting import counting

from ..conftest import ProjectFactory

pytestmark = pytest.mark.usefixtures("shared_portal")


def by_command(*args) -> str:
    result = CliRunner().invoke(digifarm, ["export", *args])
    assert result.exit_code == 0, result.output
    return result.stdout


def projects_of(text: str) -> dict[str, dict]:
    document = json.loads(text)
    return {project["name"]: project for project in document["projects"]}


def rows_of(text: str) -> dict[str, dict[str, str]]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    return {row["name"]: row for row in reader}


@pytest.fixture(scope="module")
def baumblick(shared_portal):
    organization = factories.Organization(name="amt", title="Ein Amt")
    trees = factories.Dataset(name="trees", title="Bäume")
    secret = factories.Dataset(
        name="secret", owner_org=organization["id"], private=True
    )
    project = ProjectFactory(
        name="baumblick",
        title="=Baumblick",
        owner_org=organization["id"],
        notes="Mehr davon.",
        stage="live",
        features=["zeigt Bäume", "zählt sie, auch einzeln"],
        technologies=["Python", "Go"],
        help_wanted=["content", "care"],
        open_source_intended=True,
        tags=[{"name": "Grün"}, {"name": "Stadt"}],
    )
    for dataset, note in ((trees, "a | b"), (secret, "")):
        call_action(
            "digifarm_link_create",
            project=project["id"],
            dataset=dataset["id"],
            relation="provides" if note else "uses",
            note=note,
        )
    partner = call_action(
        "digifarm_partner_create",
        title="Verein, der | Bäume",
        kind="association",
        name="verein",
        contact_email="kim@example.org",
    )
    for params in (
        {"partner": partner["id"], "scope": "Gießen", "since": "2021"},
        {"person": "Kim", "consent": True},
    ):
        call_action(
            "digifarm_support_create",
            project=project["id"],
            area="content",
            **params,
        )
    call_action(
        "digifarm_task_create",
        project=project["id"],
        title="Zählen",
        description="Erst\n\ndann",
        skills=["Zählen", "Laufen"],
        for_beginners=True,
    )
    ProjectFactory(name="geheim", owner_org=organization["id"], private=True)
    return project


def test_json_has_all_of_a_project(baumblick):
    found = projects_of(by_command("--format", "json"))["baumblick"]
    here = found.pop("here")
    listed = found["fields"].pop("listed")
    assert found == {
        "name": "baumblick",
        "private": False,
        "organization": {"name": "amt", "title": "Ein Amt"},
        "fields": {
            "title": "=Baumblick",
            "summary": "What it does, in a sentence",
            "notes": "Mehr davon.",
            "stage": "live",
            "help_wanted": ["content", "care"],
            "open_source_intended": True,
            "features": ["zeigt Bäume", "zählt sie, auch einzeln"],
            "accompanied": False,
            "technologies": ["Python", "Go"],
        },
        "tags": ["Grün", "Stadt"],
        "datasets": [
            {
                "dataset": "trees",
                "title": "Bäume",
                "relation": "provides",
                "note": "a | b",
            }
        ],
        "supporters": [
            {
                "area": "content",
                "partner": {
                    "title": "Verein, der | Bäume",
                    "kind": "association",
                    "url": "",
                    "name": "verein",
                },
                "scope": "Gießen",
                "since": "2021",
                "until": "",
            },
            {"area": "content", "partner": None},
        ],
        "tasks": [
            {
                "title": "Zählen",
                "effort": "",
                "for_beginners": True,
                "skills": ["Zählen", "Laufen"],
                "url": "",
                "description": "Erst\n\ndann",
            }
        ],
    }
    assert here["page"].endswith("/civic_project/baumblick")
    assert here.keys() == {"page", "created", "modified"}
    assert listed


def test_a_table_has_the_same(baumblick):
    found = rows_of(by_command())["baumblick"]
    assert found["title"] == "'=Baumblick"
    assert found["private"] == "false"
    assert found["owner_org"] == "amt"
    assert found["features"] == "zeigt Bäume\nzählt sie, auch einzeln"
    assert found["technologies"] == "Python, Go"
    assert found["tag_string"] == "Grün, Stadt"
    assert found["datasets"] == r"trees | provides | a \| b"
    assert found["supporters_content"] == (
        r"Verein, der \| Bäume | association |  | verein | Gießen | 2021"
        "\nprivate person"
    )
    assert found["tasks"] == (
        r"Zählen |  | true | Zählen, Laufen |  | Erst\n\ndann"
    )


@pytest.mark.parametrize("format_", ["csv", "json"])
def test_nothing_private_without_a_word(baumblick, format_):
    found = by_command("--format", format_)
    for hidden in "geheim", "secret", "Kim", "kim@example.org":
        assert hidden not in found
    found = by_command("--format", format_, "--private")
    assert "geheim" in found
    assert "secret" in found
    assert "Kim" not in found
    assert "kim@example.org" not in found


@pytest.mark.parametrize(
    ("language", "begin"),
    [("de", "\ufefftitle;name;"), ("en", "\ufefftitle,name,")],
)
def test_for_excel(baumblick, language, begin):
    found = by_command("--excel", "--language", language)
    assert found.startswith(begin)
    rows = csv.reader(io.StringIO(found), delimiter=begin[6])
    assert len({len(row) for row in rows}) == 1


def test_for_all_others(baumblick):
    assert by_command("--language", "de").startswith("title,name,")


def get(app, address, user=None):
    headers = (
        {"Authorization": factories.APIToken(user=user)["token"]}
        if (user)
        else {}
    )
    return app.get(f"/civic_project/{address}", headers=headers)


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_everybody_gets_what_everybody_sees(baumblick, shared_app, ending):
    answer = get(shared_app, f"export.{ending}")
    assert "baumblick" in answer.text
    for hidden in "geheim", "secret", "Kim":
        assert hidden not in answer.text
    assert (
        f"filename=civic-projects.{ending}"
        in answer.headers["Content-Disposition"]
    )


def test_editors_get_what_they_see(baumblick, shared_app):
    user = factories.User()["name"]
    call_action(
        "organization_member_create",
        id="amt",
        username=user,
        role="editor",
    )
    found = projects_of(get(shared_app, "export.json", user).text)
    assert found["geheim"]["private"] is True
    assert [d["dataset"] for d in found["baumblick"]["datasets"]] == [
        "secret",
        "trees",
    ]
    other = factories.User()["name"]
    found = projects_of(get(shared_app, "export.json", other).text)
    assert "geheim" not in found
    assert len(found["baumblick"]["datasets"]) == 1


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("?q=baumblick", True),
        ("?q=sonnenuhr", False),
        ("?vocab_stage=live", True),
        ("?vocab_stage=idea", False),
        ("?organization=amt&page=7&utm_source=x", True),
        ("?tags=Grün&tags=Stadt", True),
        ("?tags=%22", False),
    ],
)
def test_filters_are_those_of_the_list(baumblick, shared_app, query, is_found):
    found = projects_of(get(shared_app, f"export.json{query}").text)
    assert ("baumblick" in found) is is_found


def test_what_is_private_by_now_is_left_out(baumblick, shared_app):
    """The index may be behind."""
    package = model.Package.get("baumblick")
    package.private = True
    model.Session.commit()
    try:
        found = projects_of(get(shared_app, "export.json").text)
        assert "baumblick" not in found
    finally:
        package = model.Package.get("baumblick")
        package.private = False
        model.Session.commit()


def test_excel_is_told(baumblick, shared_app):
    answer = get(shared_app, "export.csv?excel=1")
    assert answer.data.startswith("\ufefftitle,".encode())
    answer = shared_app.get("/de/civic_project/export.csv?excel=1")
    assert answer.data.startswith("\ufefftitle;".encode())
    answer = shared_app.get("/de/civic_project/export.csv")
    assert answer.data.startswith(b"title,")


def schema():
    file = resources.files("ckanext.digifarm") / "exchange"
    text = (file / "projects.schema.json").read_text("utf-8")
    return json.loads(text)


def test_json_is_as_its_schema_says(baumblick):
    jsonschema.Draft202012Validator.check_schema(schema())
    document = json.loads(by_command("--format", "json", "--private"))
    jsonschema.validate(document, schema())
    assert len(document["projects"]) == 2
    document["projects"][0]["colour"] = "green"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema())


def test_each_project_stands_in_a_line(baumblick):
    head, *lines, end = by_command("--format", "json").splitlines()
    assert json.loads(f"{head}{end}")["projects"] == []
    assert [json.loads(line)["name"] for line in lines] == ["baumblick"]


def connections() -> int:
    return model.meta.engine.pool.checkedout()


@pytest.mark.parametrize("batch", [1, 100])
def test_a_reader_who_goes_away_leaves_no_connection(
    baumblick, shared_app, monkeypatch, batch
):
    monkeypatch.setattr(exporting, "BATCH", batch)
    ProjectFactory(name=f"zweites-{batch}")
    model.Session.remove()
    before = connections()
    client = shared_app.flask_app.test_client()
    answer = client.get("/civic_project/export.json", buffered=False)
    parts = answer.iter_encoded()
    assert b"projects" in next(parts)
    assert b"baumblick" in next(parts)
    assert connections() == before
    answer.close()
    assert connections() == before
    assert list(parts) == []


def test_what_is_asked_is_the_same_for_few_and_many(
    baumblick, shared_app, monkeypatch
):
    """Of each batch, not of each project."""
    for number in range(6):
        ProjectFactory(name=f"viele-{number}", tags=[{"name": "viele"}])

    def cost(size):
        monkeypatch.setattr(exporting, "BATCH", size)
        with counting() as cost:
            assert len(projects_of(get(shared_app, address).text)) == 6
        return len(cost.sql), len(cost.solr)

    address = "export.json?tags=viele"
    # One is core's own. Where the last part is full, one more search finds
    # that there are no more.
    assert cost(100) == (1 + 5, 1)
    assert cost(3) == (1 + 2 * 5, 3)


@pytest.mark.ckan_config("ckan.search.rows_max", 2)
def test_portals_that_find_few_at_once_lose_nothing(
    baumblick, shared_app, ckan_config
):
    for number in range(5):
        ProjectFactory(name=f"stueck-{number}", tags=[{"name": "stueck"}])
    found = projects_of(get(shared_app, "export.json?tags=stueck").text)
    assert len(found) == 5


def test_what_cannot_be_searched_for_is_refused(shared_app):
    answer = shared_app.get("/civic_project/export.csv?q=title:[", status=400)
    assert "can’t be searched for" in answer.text


def test_the_list_leads_there(baumblick, shared_app):
    page = get(shared_app, "?tags=Stadt&page=1&q=baumblick").text
    for address in (
        "/civic_project/export.csv?tags=Stadt&amp;q=baumblick",
        "/civic_project/export.csv?tags=Stadt&amp;q=baumblick&amp;excel=1",
        "/civic_project/export.json?tags=Stadt&amp;q=baumblick",
    ):
        assert f'href="{address}"' in page
    assert "export.csv" not in get(shared_app, "?q=sonnenuhr").text

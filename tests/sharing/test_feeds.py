"""Feeds: valid, of what everybody may read, with the filters of pages."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from lxml import etree

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action, changed_config
from ckanext.digifarm.lib import clock
from ckanext.digifarm.sharing import atom, feeds
from ckanext.digifarm.tasks.model import Task

from ..acting import as_portal
from ..browsing import Browser, html
from ..conftest import ProjectFactory
from ..indexing import one_commit
from . import demo

pytestmark = pytest.mark.usefixtures("shared_portal")

ROOT = "/civic_project/feed"
HELP = f"{ROOT}/help-wanted"
TASKS = f"{ROOT}/tasks"

SHARED = Path(__file__).parents[3] / "shared" / "data"
GRAMMAR = SHARED / "standards" / "atom-rfc4287.rng"

ATOM = {"a": "http://www.w3.org/2005/Atom"}
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@pytest.fixture
def visitor(shared_app) -> Browser:
    return Browser(shared_app)


@pytest.fixture(scope="module", autouse=True)
def projects(shared_portal) -> dict[str, dict[str, Any]]:
    return create_projects()


def create_projects() -> dict[str, dict[str, Any]]:
    """Some of each kind; who may read what is known by their titles."""
    organization = factories.Organization()["id"]
    common: dict[str, Any] = {"owner_org": organization}
    with one_commit():
        found = {
            "trees": ProjectFactory(
                title="Bäume <& Büsche>",
                summary="Für die Stadt",
                help_wanted=["content", "care"],
                content_help="Texte zu *Eichen*",
                action_fields=["environment"],
                tag_string="Baum",
                contact_email="kim@example.org",
                **common,
            ),
            "bikes": ProjectFactory(
                title="Bikes",
                summary="On English roads",
                language="en",
                help_wanted=["technology"],
                action_fields=["mobility"],
                **common,
            ),
            "secret": ProjectFactory(
                title="Geheim",
                private=True,
                help_wanted=["care"],
                **common,
            ),
            "gone": ProjectFactory(
                title="Weg", help_wanted=["care"], **common
            ),
        }
        for name in found:
            as_portal(
                "digifarm_task_create",
                project=found[name]["id"],
                title=f"Aufgabe von {found[name]['title']}",
                description="Für *30* Bilder",
                skills=["Botanik"] if name == "trees" else ["Malen"],
                effort="hour",
            )
        as_portal("package_delete", id=found["gone"]["id"])
    factories.Dataset(title="Ein Datensatz", owner_org=organization)
    return found


def read(visitor: Browser, path: str, **headers: str) -> etree._Element:
    answer = visitor.get(path, headers=headers)
    assert answer.status_code == 200
    assert answer.mimetype == "application/atom+xml"
    return etree.fromstring(answer.data)


def entries(feed: etree._Element) -> list[etree._Element]:
    return feed.findall("a:entry", ATOM)


def text(element: etree._Element, tag: str) -> str:
    return element.findtext(f"a:{tag}", "", ATOM)


def titles(visitor: Browser, path: str) -> list[str]:
    return [text(entry, "title") for entry in entries(read(visitor, path))]


def links(feed: etree._Element, relation: str) -> list[str]:
    found = feed.findall("a:link", ATOM)
    return [one.get("href") for one in found if one.get("rel") == relation]


def assert_valid(feed: etree._Element) -> None:
    if not GRAMMAR.exists():
        pytest.skip("the grammar lies beside the project")
    grammar = etree.RelaxNG(etree.parse(GRAMMAR))
    grammar.assertValid(feed)


class TestWhatIsInThem:
    def test_projects_the_last_changed_first(self, visitor):
        assert titles(visitor, ROOT) == ["Bikes", "Bäume <& Büsche>"]

    def test_help(self, visitor):
        assert titles(visitor, HELP) == [
            "Bikes looks for: Technical help",
            "Bäume <& Büsche> looks for: Help with content, A caretaker",
        ]

    def test_tasks(self, visitor):
        assert sorted(titles(visitor, TASKS)) == [
            "Aufgabe von Bikes (Bikes)",
            "Aufgabe von Bäume <& Büsche> (Bäume <& Büsche>)",
        ]

    def test_a_project(self, visitor, projects):
        [entry] = entries(read(visitor, f"{ROOT}?tags=Baum"))
        project = call_action("package_show", id=projects["trees"]["id"])
        assert text(entry, "id") == f"urn:uuid:{project['id']}"
        assert text(entry, "summary") == "Für die Stadt"
        assert (
            text(entry, "updated") == f"{project['metadata_modified']}+00:00"
        )
        [link] = entry.findall("a:link", ATOM)
        site = "http://test.ckan.net"
        assert link.get("href") == f"{site}/civic_project/{project['name']}"
        categories = entry.findall("a:category", ATOM)
        assert {(one.get("term"), one.get("label")) for one in categories} == {
            ("Baum", "Baum"),
            ("environment", "Environment"),
        }

    def test_a_task(self, visitor, projects):
        [entry] = entries(read(visitor, f"{TASKS}?skill=botanik"))
        task = model.Session.query(Task).filter_by(
            project_id=projects["trees"]["id"]
        )
        row = task.one()
        assert text(entry, "id") == f"urn:uuid:{row.id}"
        assert text(entry, "summary") == "Für 30 Bilder"
        assert text(entry, "updated") == f"{row.modified.isoformat()}+00:00"
        # They are written one after the other.
        first = min(row.created, row.modified)
        assert text(entry, "published") == f"{first.isoformat()}+00:00"
        [link] = entry.findall("a:link", ATOM)
        address = f"http://test.ckan.net/civic_project/tasks/take/{row.id}"
        assert link.get("href") == address

    def test_what_help_is_about(self, visitor):
        [entry] = entries(read(visitor, f"{HELP}?area=content"))
        assert text(entry, "title").endswith("looks for: Help with content")
        assert text(entry, "summary") == "Help with content: Texte zu Eichen"

    @pytest.mark.parametrize("path", [ROOT, HELP, TASKS])
    @pytest.mark.parametrize(
        "who", ["anonymous", "sysadmin", "member", "token"]
    )
    def test_nothing_private_whoever_asks(
        self, path, who, shared_app, projects
    ):
        headers = {}
        user = None
        if who == "sysadmin":
            user = factories.Sysadmin()["name"]
        elif who != "anonymous":
            user = factories.User()["name"]
            as_portal(
                "organization_member_create",
                id=projects["secret"]["owner_org"],
                username=user,
                role="admin",
            )
        if who == "token":
            token = call_action(
                "api_token_create", {"user": user}, user=user, name="feed"
            )
            headers["Authorization"] = token["token"]
            user = None
        answer = Browser(shared_app, user).get(path, headers=headers)
        assert "Set-Cookie" not in answer.headers
        for word in ("Geheim", "Weg", "kim@example.org", "Datensatz"):
            assert word not in answer.body


class TestFilters:
    @pytest.mark.parametrize(
        "query",
        [
            "vocab_action_fields=mobility",
            "vocab_help_wanted=care",
            "vocab_action_fields=mobility&vocab_help_wanted=care",
            "q=stadt",
            "q=stadt&vocab_action_fields=environment",
            "tags=Baum",
            "tags=",
            "q=",
            "q=+",
            "q=bikes&q=b%C3%A4ume",
            "q=&q=bikes",
            "tags=Baum&tags=Strauch",
            "utm_source=x",
            "_tags_limit=0",
            "ext_place=x",
            "organization=nobody",
            "tags=%C3%A4%26%3D%2B",
            "tags=a%5C",
        ],
    )
    def test_projects_are_those_of_the_list(self, query, visitor):
        page = html(visitor.get(f"/civic_project/?{query}"))
        shown = [
            tag.get_text(strip=True) for tag in page.select("h2.card-title")
        ]
        assert sorted(titles(visitor, f"{ROOT}?{query}")) == sorted(shown)

    @pytest.mark.parametrize(
        "query",
        [
            "area=care",
            "area=nothing",
            "action_field=mobility",
            "skill=botanik",
            "effort=hour&area=technology",
            "effort=%00",
            "page=1",
            "sort=x",
        ],
    )
    def test_help_is_that_of_the_page(self, query, visitor):
        for path, view, shown in (
            (HELP, "help", "section.digifarm-section > h2"),
            (TASKS, "tasks", ".digifarm-help .card h2"),
        ):
            page = html(
                visitor.get(f"/civic_project/help-wanted?view={view}&{query}")
            )
            found = [tag.get_text(strip=True) for tag in page.select(shown)]
            own = titles(visitor, f"{path}?{query}")
            assert len(own) == len(found)
            for title in found:
                assert any(title in one for one in own)

    @pytest.mark.parametrize(
        ("query", "title"),
        [
            ("q=+&stage=x", "Civic projects"),
            ("q=baum&q=strauch", "Civic projects – baum"),
            (
                "vocab_help_wanted=care&q=+baum+&vocab_help_wanted=content",
                (
                    "Civic projects – Help wanted: A caretaker, Help with"
                    " content; baum"
                ),
            ),
            ("vocab_stage=live", "Civic projects – Stage: Live"),
            (
                "vocab_accompanied=true",
                "Civic projects – Accompanied by the city: Yes",
            ),
            (
                "vocab_confirmed_lately=true",
                "Civic projects – Confirmed within a year: Yes",
            ),
            (
                "vocab_license_status=open",
                "Civic projects – Licence: Open-source licence",
            ),
            ("tags=Baum", "Civic projects – Tags: Baum"),
            (
                "organization=amt&organization=x",
                "Civic projects – Organization: Ein Amt, x",
            ),
            ("groups=nobody", "Civic projects – Group: nobody"),
        ],
    )
    def test_the_title_says_what_is_asked_for(self, query, title, visitor):
        organization = factories.Organization(name="amt", title="Ein Amt")
        try:
            feed = read(visitor, f"{ROOT}?{query}")
            page = html(visitor.get(f"/civic_project/?{query}"))
        finally:
            as_portal("organization_purge", id=organization["id"])
        assert text(feed, "title") == title
        link = page.select_one('link[type="application/atom+xml"]')
        assert link
        assert link["title"] == title

    @pytest.mark.parametrize("path", ["", "feed", "embed"])
    @pytest.mark.parametrize("name", ["organization", "groups"])
    def test_a_name_that_no_organization_can_have(self, path, name, visitor):
        response = visitor.get(f"/civic_project/{path}?{name}=a%00b")
        assert response.status_code == 200

    @pytest.mark.parametrize("sort", ["title_string asc", "nonsense"])
    def test_the_order_is_always_that_of_changes(self, sort, visitor):
        assert titles(visitor, f"{ROOT}?sort={sort}") == titles(visitor, ROOT)

    @pytest.mark.parametrize(
        ("page", "kind"),
        [
            (
                "/civic_project/?q=stadt&tags=Baum&utm_source=x&page=1",
                "projects",
            ),
            ("/civic_project/help-wanted?area=care&skill=Botanik", "help"),
            ("/civic_project/help-wanted?area=care&skill=Botanik", "tasks"),
            ("/de/civic_project/?tags=Baum", "projects"),
            ("/de/civic_project/help-wanted?view=tasks&effort=hour", "tasks"),
        ],
    )
    def test_pages_lead_to_their_feeds(self, page, kind, visitor):
        path = {"projects": ROOT, "help": HELP, "tasks": TASKS}[kind]
        address = urlsplit(page)
        language = "/de" if page.startswith("/de") else ""
        offered = [
            urlsplit(str(link["href"]))
            for link in html(visitor.get(page)).select(
                "head link[rel=alternate][type='application/atom+xml']"
            )
        ]
        [found] = [one for one in offered if one.path == f"{language}{path}"]
        given = dict(parse_qsl(address.query))
        for name in ("utm_source", "page", "view"):
            given.pop(name, None)
        assert dict(parse_qsl(found.query)) == given
        feed = read(visitor, f"{found.path}?{found.query}")
        # And the feed leads back.
        [back] = links(feed, "alternate")
        assert urlsplit(back).path == address.path
        assert given.items() <= dict(parse_qsl(urlsplit(back).query)).items()

    @pytest.mark.parametrize("path", [ROOT, HELP, TASKS])
    @pytest.mark.parametrize(
        ("query", "status"),
        [
            ("page=0", 400),
            ("page=x", 400),
            ("page=2", 404),
            ("page=11", 404),
            (f"page={'9' * 30}", 404),
        ],
    )
    def test_odd_pages(self, path, query, status, visitor):
        assert visitor.get(f"{path}?{query}").status_code == status

    def test_a_search_that_means_nothing(self, visitor):
        path = f"{ROOT}?q=title%3A%5B"
        assert visitor.get(path).status_code == 400

    @pytest.mark.parametrize("path", [ROOT, HELP, TASKS])
    def test_nothing_is_written_here(self, path, visitor):
        assert visitor.post(path).status_code in {400, 405}

    @pytest.mark.parametrize("rest", ["/", "/nothing", "/tasks/x"])
    def test_there_are_no_others(self, rest, visitor):
        assert visitor.get(f"{ROOT}{rest}").status_code == 404


class TestDates:
    def test_help_is_as_new_as_what_was_asked_last(self, visitor):
        project = ProjectFactory(title="Neu", help_wanted=["care"])
        began = clock.now()
        as_portal("package_patch", id=project["id"], summary="Anders")
        path = f"{HELP}?area=care"

        def updated() -> datetime.datetime:
            [entry] = [
                entry
                for entry in entries(read(visitor, path))
                if text(entry, "title").startswith("Neu ")
            ]
            return datetime.datetime.fromisoformat(text(entry, "updated"))

        first = updated()
        assert first.tzinfo is not None
        assert first.replace(tzinfo=None) <= began
        # What is no new help changes nothing for those who look for that.
        as_portal(
            "package_patch", id=project["id"], help_wanted=["care", "content"]
        )
        assert updated() == first
        as_portal("package_patch", id=project["id"], help_wanted=[])
        as_portal("package_patch", id=project["id"], help_wanted=["care"])
        assert updated() > first
        as_portal("dataset_purge", id=project["id"])

    def test_a_task_is_as_new_as_its_project(self, visitor):
        project = ProjectFactory(title="Spät", private=True)
        task = as_portal(
            "digifarm_task_create", project=project["id"], title="Früh"
        )
        row = model.Session.get(Task, task["id"])
        row.modified = row.created = datetime.datetime.fromisoformat(
            "2020-01-01"
        )
        model.Session.commit()
        as_portal("package_patch", id=project["id"], private=False)
        [entry] = [
            entry
            for entry in entries(read(visitor, TASKS))
            if text(entry, "id") == f"urn:uuid:{task['id']}"
        ]
        today = clock.now().date()
        assert text(entry, "updated") == f"{today}T00:00:00+00:00"
        assert text(entry, "published") == "2020-01-01T00:00:00+00:00"
        as_portal("dataset_purge", id=project["id"])

    def test_published_is_the_day_since_when_it_is_listed(self, visitor):
        project = ProjectFactory(title="Alt", listed="2019-05")
        [entry] = [
            entry
            for entry in entries(read(visitor, ROOT))
            if text(entry, "title") == "Alt"
        ]
        assert text(entry, "published") == "2019-05-01T00:00:00+00:00"
        as_portal("dataset_purge", id=project["id"])

    def test_what_is_no_edit_makes_nothing_newer(self, visitor):
        project = ProjectFactory(title="Stimmt noch")
        before = read(visitor, ROOT)
        as_portal(
            "digifarm_confirmation_answer",
            project=project["id"],
            answer="confirmed",
        )
        shown = as_portal("package_show", id=project["id"])
        assert shown["confirmed"] == clock.now().date().isoformat()
        as_portal("package_update", **shown)
        assert text(read(visitor, ROOT), "updated") == text(before, "updated")
        as_portal("package_patch", id=project["id"], summary="Anders")
        assert text(read(visitor, ROOT), "updated") > text(before, "updated")
        as_portal("dataset_purge", id=project["id"])

    def test_a_feed_is_as_new_as_its_newest_entry(self, visitor):
        feed = read(visitor, ROOT)
        first, *_ = entries(feed)
        assert text(feed, "updated") == text(first, "updated")
        nothing = read(visitor, f"{ROOT}?tags=nothing")
        assert entries(nothing) == []
        assert text(nothing, "updated") == "1970-01-01T00:00:00+00:00"


class TestIds:
    def test_they_stay_when_a_project_gets_another_name(self, visitor):
        project = ProjectFactory(title="Alter Name", help_wanted=["care"])
        before = self.ids(visitor)
        as_portal(
            "package_patch",
            id=project["id"],
            name="ganz-anders",
            title="Neuer Name",
        )
        assert self.ids(visitor) == before
        with changed_config("ckan.site_url", "https://example.org"):
            assert self.ids(visitor) == before
        assert {
            text(e, "id") for e in entries(read(visitor, f"/de{HELP}"))
        } <= before
        as_portal("dataset_purge", id=project["id"])

    def ids(self, visitor: Browser) -> set[str]:
        found = [
            text(entry, "id")
            for path in (ROOT, HELP, TASKS)
            for entry in entries(read(visitor, path))
        ]
        # What a project looks for is another thing than the project.
        assert len({*found}) == len(found)
        return {*found}

    def test_feeds_have_their_own(self, visitor):
        paths = (
            ROOT,
            HELP,
            TASKS,
            f"{ROOT}?tags=Baum",
            f"{HELP}?area=care",
            f"{TASKS}?area=care",
        )
        found = {text(read(visitor, path), "id") for path in paths}
        assert len(found) == len(paths)
        again = read(visitor, f"{ROOT}?utm_source=x&tags=Baum")
        assert text(again, "id") in found

    def test_those_of_two_portals_of_a_host_differ(self, visitor):
        def id_of(root: str, path: str = ROOT) -> str:
            with changed_config("ckan.root_path", root):
                return text(read(visitor, path), "id")

        here = text(read(visitor, ROOT), "id")
        town, other = id_of("/town/{{LANG}}"), id_of("/other")
        assert len({here, town, other}) == 3
        assert id_of("/town/{{LANG}}", f"/de{ROOT}") == town
        with changed_config("ckan.feeds.authority_name", "test.ckan.net"):
            assert id_of("/moved") == here
        name = "test.ckan.net/other"
        with changed_config("ckan.feeds.authority_name", name):
            assert text(read(visitor, ROOT), "id") == other

    def test_an_id_that_is_no_uuid(self):
        assert atom.urn("baum").startswith("urn:uuid:")
        assert atom.urn("baum") == atom.urn("baum") != atom.urn("strauch")


class TestLanguages:
    def test_links_stay_in_the_language_of_the_address(self, visitor):
        feed = read(visitor, f"/de{ROOT}?tags=Baum")
        assert feed.get(LANG) == "de"
        [entry] = entries(feed)
        site = "http://test.ckan.net/de/civic_project"
        assert entry.find("a:link", ATOM).get("href").startswith(f"{site}/")
        assert links(feed, "self") == [f"{site}/feed?tags=Baum"]

    def test_words_of_people_are_in_their_own(self, visitor):
        languages = {
            text(entry, "title"): entry.get(LANG)
            for entry in entries(read(visitor, f"/de{ROOT}"))
        }
        assert languages["Bikes"] == "en"

    @pytest.mark.parametrize(
        ("spoken", "words"),
        [("pt_BR", "en"), ("fr", "en"), ("de", "de")],
    )
    def test_where_there_are_no_words_others_stand_in(
        self, spoken, words, visitor
    ):
        feed = read(visitor, f"/{spoken}{ROOT}")
        assert feed.get(LANG) == words
        frame = html(visitor.get(f"/{spoken}/civic_project/embed"))
        assert frame.html["lang"] == words


class TestValid:
    @pytest.mark.parametrize("path", [ROOT, HELP, TASKS])
    def test_each_feed(self, path, visitor):
        for query in ("", "?area=care", "?tags=nothing", "?skill=nothing"):
            for language in ("", "/de"):
                assert_valid(read(visitor, f"{language}{path}{query}"))

    def test_whatever_stands_in_old_entries(self, visitor):
        project = ProjectFactory(title="Wird alt", help_wanted=["care"])
        package = model.Package.get(project["id"])
        package.title = "Vor\x0bher ]]> & \ufffe\u2028<b>"
        package.extras = {**package.extras, "summary": "\x01 \x02"}
        model.Session.commit()
        # Solr refuses what XML can't hold; so what was read is changed.
        entry = feeds._project(
            {
                **call_action("package_show", id=project["id"]),
                "summary": "\x01 \x02",
                "listed": "irgendwann",
                "tags": [{"name": "\x03"}, {"name": "a\x04b"}],
            }
        )
        feed = atom.Feed(
            "x", "\x05", "http://a.example.org", "http://b", {}, [entry]
        )
        assert_valid(etree.fromstring(atom.write(feed)))
        as_portal("dataset_purge", id=project["id"])

    def test_those_of_the_demo(self, visitor):
        with demo.projects() as projects:
            for path in (ROOT, HELP, TASKS, f"/de{ROOT}", f"/de{HELP}"):
                assert_valid(read(visitor, path))
            shown = {*titles(visitor, ROOT)}
            public = {p["title"] for p in projects if not p["private"]}
            assert shown > public
            assert not shown & ({p["title"] for p in projects} - public)

    def test_the_real_projects(self, visitor, run_import, option):
        file = SHARED / "digifarm.json"
        if not file.exists():
            pytest.skip("they lie beside the project")
        before = {*titles(visitor, ROOT)}
        result = run_import(
            file.read_text(encoding="utf-8"), option, suffix=".json"
        )
        assert result.exit_code == 0
        for path in (ROOT, HELP, TASKS, f"/de{ROOT}", f"/de{HELP}"):
            assert_valid(read(visitor, path))
        count = len(json.loads(file.read_text(encoding="utf-8")))
        new = {*titles(visitor, ROOT)} - before
        assert len(new) == count
        found = model.Session.query(model.Package).filter(
            model.Package.title.in_(new)
        )
        with one_commit():
            for project in found.all():
                as_portal("dataset_purge", id=project.id)


def test_who_has_it_is_told_that_nothing_is_new(visitor, projects):
    for path in (ROOT, HELP, TASKS):
        first = visitor.get(path)
        etag = first.headers["ETag"]
        again = visitor.get(path, headers={"If-None-Match": etag})
        assert again.status_code == 304
        assert not again.data
        assert "Last-Modified" not in first.headers
    path = f"{ROOT}?tags=Baum"
    etag = visitor.get(path).headers["ETag"]
    id_ = projects["trees"]["id"]
    # What is there no longer is new, too.
    as_portal("package_patch", id=id_, private=True)
    assert (
        visitor.get(path, headers={"If-None-Match": etag}).status_code == 200
    )
    as_portal("package_patch", id=id_, private=False)


def test_pages_of_a_feed(visitor, monkeypatch):
    monkeypatch.setattr(feeds, "PER_PAGE", 1)
    first, second = read(visitor, ROOT), read(visitor, f"{ROOT}?page=2")
    assert len(entries(first)) == len(entries(second)) == 1
    [following] = links(first, "next")
    assert following == "http://test.ckan.net/civic_project/feed?page=2"
    assert links(first, "prev") == links(second, "next") == []
    address = "http://test.ckan.net/civic_project/feed"
    assert links(second, "prev") == links(second, "first") == [address]
    assert text(first, "id") == text(second, "id")
    assert_valid(second)
    monkeypatch.setattr(feeds, "MOST_PAGES", 1)
    assert links(read(visitor, ROOT), "next") == []
    assert visitor.get(f"{ROOT}?page=2").status_code == 404

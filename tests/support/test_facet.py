"""Projects are found by who supports them now."""

from __future__ import annotations

from typing import Any

import pytest

from ckan import model
from ckan.lib.search import clear_all, rebuild
from ckan.lib.search.common import make_connection
from ckan.tests import factories
from ckan.tests.helpers import call_action
from ckanext.digifarm.lib.events import Event
from ckanext.digifarm.lib.mail import Mail
from ckanext.digifarm.partners.model import Partner
from ckanext.digifarm.support.model import Support

from ..acting import as_portal, as_user, organization_of
from ..browsing import Browser, html, text_of
from ..outbox import empty_outbox
from ..working import forget_jobs, work

pytestmark = pytest.mark.usefixtures("shared_portal", "shared_app", "nothing")

SECRET = "geheim@example.org"


@pytest.fixture
def nothing(shared_portal) -> None:
    model.Session.rollback()
    for table in (Support, Partner, Event, Mail):
        model.Session.query(table).delete()
    model.Session.commit()
    # The projects of the test before are still there, but found no more.
    clear_all()
    forget_jobs()


@pytest.fixture(scope="module")
def editor(shared_portal) -> dict[str, Any]:
    return factories.User()


@pytest.fixture
def project(project_factory, editor) -> dict[str, Any]:
    organization = organization_of(editor=[editor["name"]])
    return project_factory(title="Durstige Bäume", owner_org=organization)


@pytest.fixture
def partner() -> dict[str, Any]:
    return call_action(
        "digifarm_partner_create",
        title="Mückenstich gGmbH",
        kind="company",
        contact_name="Geheime Person",
        contact_email=SECRET,
    )


@pytest.fixture
def supported(project, partner) -> dict[str, Any]:
    """A project with a support that is in the index."""
    call_action(
        "digifarm_support_create",
        project=project["id"],
        area="technology",
        partner=partner["id"],
        scope="Der Server",
    )
    forget_jobs()
    rebuild(project["id"])
    return project


def settle() -> None:
    """Let a worker do what waits, but send no mails."""
    empty_outbox()
    work()


def facet(user: str = "", **query: Any) -> dict[str, int]:
    found = as_user(
        user,
        "package_search",
        fq="dataset_type:civic_project",
        include_private=True,
        **{"facet.field": ["vocab_partner"]},
        **query,
    )
    return found["facets"]["vocab_partner"]


def found(q: str, user: str = "") -> list[str]:
    result = as_user(
        user,
        "package_search",
        q=q,
        fq="dataset_type:civic_project",
        include_private=True,
    )
    return [package["name"] for package in result["results"]]


def indexed(project: dict[str, Any]) -> dict[str, Any]:
    """All that Solr stores of a project."""
    [document] = make_connection().search(f"id:{project['id']}", fl="*").docs
    return document


class TestAWorker:
    def test_indexes_an_accepted_offer(self, project, partner):
        offer = call_action(
            "digifarm_support_offer",
            project=project["id"],
            area="technology",
            partner=partner["id"],
            message="Geheime Nachricht",
            contact_name="Kim Geheim",
            contact_email="kim@example.org",
            consent=True,
        )["id"]
        model.Session.get(Support, offer).state = "offered"
        settle()
        assert facet() == {}
        call_action("digifarm_support_accept", id=offer)
        # It is done after the commit, by somebody else.
        assert facet() == {}
        settle()
        assert facet() == {"Mückenstich gGmbH": 1}
        document = str(indexed(project))
        assert "Mückenstich" in document
        for words in (SECRET, "Geheim", "kim@example.org"):
            assert words not in document

    def test_indexes_its_end(self, supported):
        [support] = call_action(
            "digifarm_support_list", project=supported["id"]
        )
        call_action("digifarm_support_end", id=support["id"])
        settle()
        assert facet() == {}
        assert found("Mückenstich") == []

    def test_indexes_a_new_title(self, supported, partner):
        call_action(
            "digifarm_partner_update", id=partner["id"], title="Bienenstich"
        )
        settle()
        assert facet() == {"Bienenstich": 1}
        assert found("Mückenstich") == []
        assert found("Bienenstich") == [supported["name"]]

    def test_indexes_a_partner_once(self, supported, partner):
        call_action(
            "digifarm_support_create",
            project=supported["id"],
            area="care",
            partner=partner["id"],
        )
        settle()
        assert facet() == {"Mückenstich gGmbH": 1}
        [support, _] = call_action(
            "digifarm_support_list", project=supported["id"]
        )
        call_action("digifarm_support_end", id=support["id"])
        settle()
        assert facet() == {"Mückenstich gGmbH": 1}

    def test_indexes_no_private_person(self, project):
        call_action(
            "digifarm_support_create",
            project=project["id"],
            area="care",
            person="Kim Beispiel",
            consent=True,
        )
        settle()
        assert facet() == {}
        assert "Kim Beispiel" not in str(indexed(project))

    def test_does_not_mind_a_project_that_is_gone(self, supported, partner):
        call_action(
            "digifarm_partner_update", id=partner["id"], title="Anders"
        )
        [support] = call_action(
            "digifarm_support_list", project=supported["id"]
        )
        call_action("digifarm_support_end", id=support["id"])
        as_portal("dataset_purge", id=supported["id"])
        settle()
        assert call_action("job_list") == []
        assert facet() == {}


class TestPage:
    @pytest.fixture
    def visitor(self, shared_app) -> Browser:
        return Browser(shared_app)

    def test_filters_by_partner(
        self, visitor, supported, project_factory, partner
    ):
        other = project_factory(title="Ohne Hilfe")
        page = html(visitor.get("/civic_project/"))
        [link] = page.select("a[href*='vocab_partner=']")
        assert text_of(link).startswith("Mückenstich gGmbH")
        assert "Supported by" in text_of(page)
        filtered = html(visitor.get(link["href"]))
        titles = [text_of(card) for card in filtered.select(".card-title")]
        assert titles == ["Durstige Bäume"]
        assert other["title"] not in text_of(
            filtered.select_one("[role=main]")
        )
        query = "/civic_project/?vocab_partner=Nirgends+GmbH"
        assert not html(visitor.get(query)).select(".card-title")

    def test_finds_by_the_partners_name(self, visitor, supported):
        page = html(visitor.get("/civic_project/?q=Mückenstich"))
        titles = [text_of(card) for card in page.select(".card-title")]
        assert titles == ["Durstige Bäume"]

    def test_speaks_german(self, visitor, supported):
        page = html(visitor.get("/de/civic_project/"))
        assert page.html["lang"] == "de"
        assert page.select("a[href*='vocab_partner=']")


def test_datasets_have_no_such_facet(supported, shared_app):
    factories.Dataset()
    page = html(Browser(shared_app).get("/dataset/"))
    assert not page.select("a[href*='vocab_partner']")
    assert "Mückenstich" not in text_of(page)


class TestOfAPrivateProject:
    @pytest.fixture
    def private(self, supported) -> dict[str, Any]:
        as_portal("package_patch", id=supported["id"], private=True)
        return supported

    def test_others_find_no_partner(self, private, shared_app):
        other = factories.User()
        for user in ("", other["name"]):
            assert facet(user) == {}
            assert found("Mückenstich", user) == []
        for id_ in (None, other["id"]):
            browser = Browser(shared_app, id_)
            for path in ("/civic_project/", "/civic_project/?q=Mückenstich"):
                page = html(browser.get(path))
                assert not page.select("a[href*='vocab_partner=']")
                assert not page.select(".card-title")

    def test_its_editors_do(self, private, editor):
        assert facet(editor["name"]) == {"Mückenstich gGmbH": 1}
        assert found("Mückenstich", editor["name"]) == [private["name"]]

    def test_a_worker_does_not_make_it_public(self, private, partner):
        call_action(
            "digifarm_partner_update", id=partner["id"], title="Bienenstich"
        )
        settle()
        assert facet() == {}
        assert found("Bienenstich") == []


def test_the_index_holds_what_everybody_may_know(supported, partner):
    document = str(indexed(supported))
    assert partner["title"] in document
    for words in (SECRET, "Geheim", partner["id"], "digifarm_support"):
        assert words not in document

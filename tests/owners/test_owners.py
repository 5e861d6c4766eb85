"""What owners see of their projects, and how they come to own them."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import parse_qs, urlsplit

import ckantoolkit as tk
import pytest
from bs4 import Tag

from ckan import model
from ckan.lib.search import rebuild
from ckan.tests import factories
from ckan.tests.helpers import CKANResponse, call_action, changed_config
from ckanext.digifarm.lib import clock, paging
from ckanext.digifarm.projects import fields
from ckanext.digifarm.proposals.model import Proposal
from ckanext.digifarm.support.model import Support
from dev.counting import counting

from ..acting import as_portal, as_user, organization_of
from ..browsing import Browser, html, text_of
from ..offering import (
    REVIEWERS,
    SECRETS,
    create_people,
    create_project,
    empty_tables,
    get,
    links_of,
    offer,
    store_offer,
    store_partner,
)
from ..outbox import empty_outbox, waiting_mails
from ..proposing import pending, store_pending

pytestmark = pytest.mark.usefixtures("shared_app")

MINE = "/dashboard/projects"
MINE_IN_GERMAN = f"/de{MINE}"
REVIEW = "/civic_project/review"


@pytest.fixture(autouse=True)
def nothing(shared_app) -> None:
    """No supports, proposals or projects of others."""
    model.Session.rollback()
    model.Session.query(Proposal).delete()
    empty_tables()
    model.Session.query(model.Package).update({"state": "deleted"})
    model.Session.commit()


@pytest.fixture(autouse=True)
def reviewers():
    with changed_config("ckanext.digifarm.review_organization", REVIEWERS):
        yield


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture
def project(people, nothing) -> dict[str, Any]:
    """A project with an owner, for which nothing is to be done."""
    return create_project(people, source_license="EUPL-1.2")


@pytest.fixture
def orphan(people, nothing) -> dict[str, Any]:
    """A project that nobody owns."""
    return without_owner(create_project(people, title="Waisenkind"))


def without_owner(project: dict[str, Any]) -> dict[str, Any]:
    model.Session.query(model.PackageMember).filter_by(
        package_id=project["id"]
    ).delete()
    model.Session.commit()
    return project


def mine(user: str, **data: Any) -> dict[str, Any]:
    return as_user(user, "digifarm_project_mine", **data)


def titles(found: dict[str, Any]) -> list[str]:
    return [project["title"] for project in found["results"]]


def touched(project: dict[str, Any], days_ago: int) -> None:
    """Pretend that a project was edited so many days ago."""
    package = model.Package.get(project["id"])
    package.metadata_modified = clock.days_ago(days_ago)
    model.Session.commit()
    rebuild(project["id"])


def owners_of(project: dict[str, Any]) -> set[str]:
    """Ids of the users who own a project."""
    model.Session.rollback()
    query = model.Session.query(model.PackageMember).filter_by(
        package_id=project["id"]
    )
    return {member.user_id for member in query}


def id_of(name: str) -> str:
    return model.User.get(name).id


class TestMine:
    def test_are_those_that_i_own_or_edit_for_my_organisation(
        self, people, project
    ):
        for role, is_owner in (("owner", True), ("project_editor", False)):
            found = mine(people[role])
            assert found["count"] == 1
            assert found["results"][0]["title"] == project["title"]
            assert found["results"][0]["is_owner"] is is_owner

    @pytest.mark.parametrize(
        "role", ["other", "project_member", "reviewer", "sysadmin"]
    )
    def test_are_not_those_of_others(self, role, people, project):
        assert mine(people[role]) == {"count": 0, "results": []}

    def test_are_not_those_that_i_may_only_read(self, people, project):
        as_portal(
            "package_collaborator_create",
            id=project["id"],
            user_id=people["other"],
            capacity="member",
        )
        assert mine(people["other"])["count"] == 0

    def test_have_private_ones_and_no_deleted_ones(self, people, project):
        as_portal("package_patch", id=project["id"], private=True)
        assert titles(mine(people["owner"])) == [project["title"]]
        as_portal("package_delete", id=project["id"])
        assert mine(people["owner"])["count"] == 0

    def test_have_no_datasets(self, people):
        dataset = factories.Dataset()
        as_portal(
            "package_collaborator_create",
            id=dataset["id"],
            user_id=people["owner"],
            capacity="editor",
        )
        assert mine(people["owner"])["count"] == 0

    def test_need_collaborators_to_be_owned(self, people, project):
        with changed_config("ckan.auth.allow_dataset_collaborators", False):
            assert mine(people["owner"])["count"] == 0
            [found] = mine(people["project_editor"])["results"]
            assert found["is_owner"] is False

    def test_are_those_of_organisations_below_mine(self, people):
        above = factories.Organization(
            users=[{"name": people["other"], "capacity": "admin"}]
        )
        below = factories.Organization(groups=[{"name": above["name"]}])
        factories.Dataset(type="civic_project", owner_org=below["id"])
        with changed_config(
            "ckan.auth.roles_that_cascade_to_sub_groups", "admin"
        ):
            assert mine(people["other"])["count"] == 1
        with changed_config("ckan.auth.roles_that_cascade_to_sub_groups", ""):
            assert mine(people["other"])["count"] == 0

    def test_have_no_proposals_that_wait_for_a_decision(self, people):
        proposal = pending(people["other"])
        assert mine(people["reviewer"])["count"] == 0
        organization = factories.Organization()
        as_user(
            people["sysadmin"],
            "digifarm_proposal_approve",
            id=proposal.id,
            organization=organization["name"],
        )
        rebuild(proposal.project_id)
        [found] = mine(people["other"])["results"]
        assert found["is_owner"] is True

    def test_say_what_needs_care(self, people, project):
        as_portal(
            "package_patch",
            id=project["id"],
            source_license="",
            help_wanted=["technology", "content"],
            image_url="https://bild.example.org/karte.png",
        )
        touched(project, 366)
        offer(people["offerer"], project=project["id"], area="content")
        [found] = mine(people["owner"])["results"]
        assert found["needs"] == [
            {"need": "offers", "count": 1},
            {"need": "no_supporter", "areas": ["content", "technology"]},
            {"need": "license", "status": "not_verified"},
            {"need": "image_alt"},
            {"need": "stale"},
        ]

    def test_begin_with_my_own_and_what_is_forgotten(self, people, project):
        others = [
            factories.Dataset(
                type="civic_project",
                title=f"Projekt {days}",
                owner_org=project["owner_org"],
            )
            for days in (5, 500)
        ]
        for other, days in zip(others, (5, 500), strict=True):
            touched(other, days)
        as_portal(
            "package_collaborator_create",
            id=others[0]["id"],
            user_id=people["project_editor"],
            capacity="editor",
        )
        editor = people["project_editor"]
        expected = ["Projekt 5", "Projekt 500", project["title"]]
        assert titles(mine(editor)) == expected
        assert titles(mine(editor, limit=1, offset=1)) == ["Projekt 500"]
        assert mine(editor, limit=1, offset=5) == {"count": 3, "results": []}

    def test_are_asked_for_by_somebody(self):
        with pytest.raises(tk.NotAuthorized):
            mine("")

    def test_cost_the_same_however_many_they_are(self, people, project):
        editor = people["project_editor"]
        costs = []
        for _ in range(2):
            mine(editor)
            with counting() as cost:
                mine(editor)
            costs.append((len(cost.solr), len(cost.sql)))
            for _ in range(4):
                other = factories.Dataset(
                    type="civic_project", owner_org=project["owner_org"]
                )
                offer(people["offerer"], project=other["id"])
        assert costs[0] == costs[1]
        assert costs[0][0] == 1


class TestPage:
    def open(self, shared_app, user: str | None, path: str = MINE):
        return Browser(shared_app, user).get(path)

    def test_wants_a_login(self, shared_app):
        response = self.open(shared_app, None, MINE)
        assert "/user/login" in response.request.path

    def test_leads_to_where_it_is_mended(self, shared_app, people, project):
        name = project["name"]
        as_portal(
            "package_patch",
            id=project["id"],
            private=True,
            source_license="",
            help_wanted=["technology"],
            image_url="https://bild.example.org/karte.png",
        )
        touched(project, 366)
        offer(people["owner"], project=project["id"], area="content")
        response = self.open(shared_app, people["owner"])
        [card] = html(response).select("article.card")
        links = [a["href"] for a in card.select("li a")]
        assert links == [
            f"/civic_project/support/{name}",
            f"/civic_project/support/request/{name}?area=technology",
            f"/civic_project/edit/{name}#field-source_license",
            f"/civic_project/edit/{name}#field-image_alt",
            f"/civic_project/confirm/{name}",
        ]
        for link in links:
            path, _, field = link.partition("#")
            page = html(self.open(shared_app, people["owner"], path))
            assert not field or page.find(id=field)
        words = text_of(card)
        assert "Private" in words
        assert "1 offer of support waits" in words
        assert "Technical help" in words
        assert "The licence is not verified" in words

    def test_says_that_all_is_well(self, shared_app, people, project):
        response = self.open(shared_app, people["owner"])
        assert "All is well here" in text_of(html(response))

    def test_says_what_to_do_where_there_is_nothing(self, shared_app):
        page = html(self.open(shared_app, factories.User()["id"]))
        assert "You don’t look after any project yet" in text_of(page)

    def test_is_a_tab_of_the_dashboard(self, shared_app, people):
        page = html(
            self.open(shared_app, people["other"], "/dashboard/support")
        )
        assert page.select_one(f"ul.nav-tabs a[href='{MINE}']")

    def test_has_my_proposals(self, shared_app, people):
        proposal = store_pending(people["other"])
        store_pending(people["owner"], project={"title": "Von jemand anderem"})
        page = html(self.open(shared_app, people["other"]))
        link = page.select_one(
            f"a[href='/civic_project/propose/read/{proposal.id}']"
        )
        assert text_of(link) == "Schattenwege"
        assert "Submitted" in text_of(link.parent)
        assert "Von jemand anderem" not in text_of(page)

    def test_has_all_that_is_taken_offered_and_registered(
        self, shared_app, people, project
    ):
        other = people["other"]
        tasks = [
            call_action(
                "digifarm_task_create", project=project["id"], title=title
            )
            for title in ("Gießen", "Graben")
        ]
        for task in tasks:
            as_user(
                other,
                "digifarm_task_take",
                id=task["id"],
                name="Kim",
                consent=True,
            )
        as_user(people["owner"], "digifarm_task_done", id=tasks[1]["id"])
        offered = offer(other, project=project["id"], area="care")
        registered = as_user(
            other,
            "digifarm_partner_register",
            title="Radclub",
            kind="other",
            contact_name="Kim",
            consent=True,
        )
        page = html(self.open(shared_app, other))
        links = {
            section: [str(a["href"]) for a in page.select(f"#{section} li a")]
            for section in ("tasks", "offers", "registrations")
        }
        assert links == {
            "tasks": [
                f"/civic_project/tasks/mine/{tasks[0]['id']}",
                f"/civic_project/tasks/thanks/{tasks[1]['id']}",
            ],
            "offers": [f"/civic_project/support/read/{offered.id}"],
            "registrations": [f"/partner/mine/{registered['id']}"],
        }
        for found in links.values():
            for link in found:
                page = self.open(shared_app, other, link)
                assert page.status_code == 200
        page = text_of(html(self.open(shared_app, people["project_editor"])))
        for title in ("Gießen", "Graben", "Radclub"):
            assert title not in page

    def test_has_twenty_to_a_page(self, shared_app, people, project):
        factories.Dataset.create_batch(
            20, type="civic_project", owner_org=project["owner_org"]
        )
        user = people["project_editor"]
        for path, number in ((MINE, 20), (f"{MINE}?page=2", 1)):
            page = html(self.open(shared_app, user, path))
            assert len(page.select("article.card")) == number


class TestCaretakerWanted:
    """What the page of a project says."""

    def block(self, app, project: dict[str, Any], user: str | None = None):
        response = Browser(app, user).get(f"/civic_project/{project['name']}")
        assert response.status_code == 200
        return html(response).select_one("#care")

    def test_is_said_where_nobody_is_named(self, shared_app, orphan):
        block = self.block(shared_app, orphan)
        assert "Nobody is named yet" in text_of(block)
        [link] = block.select("a")
        path = f"/civic_project/support/offer/{orphan['name']}?area=care"
        assert link["href"] == path

    def test_is_not_said_where_somebody_owns_it(self, shared_app, project):
        assert self.block(shared_app, project) is None

    def test_is_said_where_its_owners_say_so(self, shared_app, project):
        as_portal("package_patch", id=project["id"], help_wanted=["care"])
        block = self.block(shared_app, project)
        assert "The people of this project look for" in text_of(block)

    def test_names_nobody(self, shared_app, people, project):
        as_portal("package_patch", id=project["id"], help_wanted=["care"])
        page = Browser(shared_app).get(f"/civic_project/{project['name']}")
        owner = model.User.get(people["owner"])
        assert owner.name not in page.body
        assert owner.display_name not in page.body

    def test_is_not_said_while_somebody_gives_care(self, shared_app, orphan):
        support = call_action(
            "digifarm_support_create", project=orphan["id"], area="care"
        )
        assert self.block(shared_app, orphan) is None
        call_action("digifarm_support_end", id=support["id"])
        assert self.block(shared_app, orphan)

    def test_is_not_settled_by_an_offer_or_other_help(
        self, shared_app, people, orphan
    ):
        offer(people["offerer"], project=orphan["id"], area="care")
        call_action(
            "digifarm_support_create", project=orphan["id"], area="content"
        )
        assert self.block(shared_app, orphan)

    def test_is_not_settled_by_who_may_only_read(
        self, shared_app, people, orphan
    ):
        as_portal(
            "package_collaborator_create",
            id=orphan["id"],
            user_id=people["other"],
            capacity="member",
        )
        assert self.block(shared_app, orphan)

    def test_is_said_again_when_the_owner_is_gone(
        self, shared_app, people, orphan
    ):
        gone = factories.User()
        as_portal(
            "package_collaborator_create",
            id=orphan["id"],
            user_id=gone["id"],
            capacity="editor",
        )
        assert self.block(shared_app, orphan) is None
        # Core's own action would take the collaborator away as well.
        model.User.get(gone["id"]).state = "deleted"
        model.Session.commit()
        assert self.block(shared_app, orphan)

    @pytest.mark.parametrize(
        "changes", [{"private": True}, {"stage": "ended"}]
    )
    def test_is_not_said_of_what_is_private_or_over(
        self, changes, shared_app, people, orphan
    ):
        as_portal("package_patch", id=orphan["id"], **changes)
        assert self.block(shared_app, orphan, people["sysadmin"]) is None

    def test_is_not_said_where_no_owners_are(self, shared_app, orphan):
        with changed_config("ckan.auth.allow_dataset_collaborators", False):
            assert self.block(shared_app, orphan) is None
            as_portal("package_patch", id=orphan["id"], help_wanted=["care"])
            assert self.block(shared_app, orphan)

    def test_is_not_said_where_a_city_has_no_such_area(
        self, shared_app, orphan, monkeypatch
    ):
        choices = fields.choices
        monkeypatch.setattr(
            fields,
            "choices",
            lambda name: [c for c in choices(name) if c["value"] != "care"],
        )
        assert self.block(shared_app, orphan) is None

    @pytest.mark.parametrize(
        ("changes", "statements"), [({}, 1), ({"help_wanted": ["care"]}, 0)]
    )
    def test_costs_one_statement_at_most(
        self, changes, statements, shared_app, people, orphan
    ):
        def cost_of(project: dict[str, Any]) -> int:
            self.block(shared_app, project)
            with counting() as cost:
                self.block(shared_app, project)
            return len(cost.sql)

        other = without_owner(create_project(people, stage="paused"))
        as_portal("package_patch", id=orphan["id"], **changes)
        assert cost_of(orphan) == cost_of(other) + statements

    def test_is_for_readers_of_the_project(self, people, orphan):
        as_portal("package_patch", id=orphan["id"], private=True)
        for role in ("anonymous", "other"):
            with pytest.raises(tk.NotAuthorized):
                as_user(
                    people[role], "digifarm_project_owned", id=orphan["id"]
                )
        owned = as_user(
            people["project_editor"],
            "digifarm_project_owned",
            id=orphan["name"],
        )
        assert owned is False


class TestCareList:
    @pytest.mark.parametrize("role", ["reviewer", "sysadmin"])
    def test_shows_reviewers_who_needs_somebody(
        self, role, people, project, orphan
    ):
        wanting = create_project(people, title="Sucht", help_wanted=["care"])
        for hidden in ({"private": True}, {"stage": "ended"}):
            without_owner(create_project(people, **hidden))
        found = as_user(people[role], "digifarm_project_care_list")
        assert found["count"] == 2
        assert {p["name"]: p["reason"] for p in found["results"]} == {
            orphan["name"]: "nobody",
            wanting["name"]: "wanted",
        }

    @pytest.mark.parametrize("role", ["anonymous", "owner", "project_editor"])
    def test_is_for_nobody_else(self, role, people):
        with pytest.raises(tk.NotAuthorized):
            as_user(people[role], "digifarm_project_care_list")

    def test_agrees_with_the_pages(self, shared_app, people, project, orphan):
        care = call_action(
            "digifarm_support_create",
            project=create_project(people)["id"],
            area="care",
        )
        without_owner({"id": care["project_id"]})
        create_project(people, help_wanted=["content", "care"])
        found = as_user(people["reviewer"], "digifarm_project_care_list")
        listed = {p["id"] for p in found["results"]}
        for package in model.Session.query(model.Package).filter_by(
            state="active"
        ):
            page = Browser(shared_app).get(f"/civic_project/{package.name}")
            is_said = html(page).select_one("#care") is not None
            assert is_said == (package.id in listed), package.title

    def test_has_only_what_is_wanted_where_no_owners_are(self, people, orphan):
        wanting = create_project(people, help_wanted=["care"])
        with changed_config("ckan.auth.allow_dataset_collaborators", False):
            found = as_user(people["reviewer"], "digifarm_project_care_list")
        assert [p["id"] for p in found["results"]] == [wanting["id"]]

    def test_is_a_part_of_the_queue(self, shared_app, people, orphan):
        browser = Browser(shared_app, people["reviewer"])
        page = html(browser.get(f"{REVIEW}?part=care"))
        [card] = page.select("article.card")
        assert "Nobody is named who looks after it" in text_of(card)
        assert card.select_one("a")["href"].endswith(orphan["name"])
        response = Browser(shared_app, people["owner"]).get(
            f"{REVIEW}?part=care"
        )
        assert response.status_code == 403


class TestEdited:
    @pytest.fixture
    def approved(self, people, nothing) -> Proposal:
        proposal = store_pending(people["other"])
        as_user(
            people["reviewer"],
            "digifarm_proposal_approve",
            id=proposal.id,
            organization=organization_of(),
        )
        return proposal

    def edited(self, people) -> dict[str, Any]:
        return as_user(
            people["reviewer"], "digifarm_proposal_list", edited=True
        )

    def test_lists_what_was_edited_after_the_approval(self, people, approved):
        assert self.edited(people) == {"count": 0, "results": []}
        as_user(
            people["other"], "package_patch", id=approved.project_id, notes="!"
        )
        found = self.edited(people)
        assert found["count"] == 1
        assert [row["id"] for row in found["results"]] == [approved.id]
        as_portal("package_delete", id=approved.project_id)
        assert self.edited(people)["count"] == 0

    def test_lists_nothing_that_waits(self, people):
        proposal = store_pending(people["other"])
        as_user(
            people["reviewer"],
            "package_patch",
            id=proposal.project_id,
            notes="!",
        )
        assert self.edited(people)["count"] == 0

    def test_lists_the_last_edit_first(self, people, approved):
        other = store_pending(people["other"], project={"title": "Zweites"})
        as_user(
            people["reviewer"],
            "digifarm_proposal_approve",
            id=other.id,
            organization=REVIEWERS,
        )
        for proposal in (approved, other, approved):
            as_user(
                people["other"],
                "package_patch",
                id=proposal.project_id,
                notes=str(clock.now()),
            )
        found = self.edited(people)["results"]
        assert [row["id"] for row in found] == [approved.id, other.id]

    def test_is_a_part_of_the_queue(self, shared_app, people, approved):
        as_user(
            people["other"], "package_patch", id=approved.project_id, notes="!"
        )
        browser = Browser(shared_app, people["reviewer"])
        [card] = html(browser.get(f"{REVIEW}?part=edited")).select(
            "article.card"
        )
        name = model.Package.get(approved.project_id).name
        links = [a["href"] for a in card.select("a")]
        assert f"{REVIEW}/{approved.id}#changes" in links
        assert f"/civic_project/edit/{name}" in links
        for link in links:
            assert browser.get(link).status_code == 200


class TestProposers:
    def test_see_their_proposals_beside_the_projects(
        self, shared_app, people, monkeypatch
    ):
        monkeypatch.setattr(paging, "PER_PAGE", 2)
        for number in range(3):
            store_pending(
                people["other"], project={"title": f"Vorschlag {number}"}
            )
        browser = Browser(shared_app, people["other"])
        for query in ("", "?proposals=2", "?page=2"):
            page = html(browser.get(f"{MINE}{query}"))
            found = page.select("#proposals li.mb-2")
            assert 1 <= len(found) <= 2, query

    def test_follow_the_link_of_the_mail(self, shared_app, people):
        proposal, mail = approved(people)
        claim(shared_app, people["other"], mail)
        assert id_of(people["other"]) in owners_of({"id": proposal.project_id})

    def test_come_back_to_it_in_their_language(self, shared_app, path):
        path = f"/de{path}"
        page = html(Browser(shared_app).get(path))
        [login] = [
            a["href"]
            for a in page.select("main a, .main a")
            if "came_from" in a["href"]
        ]
        came_from = parse_qs(urlsplit(login).query)["came_from"]
        assert came_from == [path]
        login = Browser(shared_app).get(MINE_IN_GERMAN).request
        assert login.args["came_from"] == MINE_IN_GERMAN

    def test_register_and_are_shown_the_way_back(self, shared_app, path):
        browser = Browser(shared_app)
        browser.get(f"/de{path}")
        [link] = notices(register(browser))
        assert link["href"] == f"/de{path}"
        form = browser.form(path, "form:not([action])")
        assert browser.send(form).request.path.startswith("/civic_project/")
        # It is said once.
        assert notices(browser.get(MINE)) == []

    def test_are_shown_it_no_more_once_they_have_logged_in(
        self, shared_app, people, path
    ):
        browser = Browser(shared_app)
        browser.get(path)
        browser.log_in(people["other"])
        browser.get(path)
        with browser.session() as session:
            assert "digifarm_claim" not in session

    def test_are_shown_nothing_who_came_for_something_else(self, shared_app):
        assert notices(register(Browser(shared_app))) == []

    def test_do_not_see_it_when_somebody_else_gets_an_account(
        self, shared_app, people, path
    ):
        browser = Browser(shared_app)
        browser.get(path)
        browser.log_in(people["sysadmin"])
        assert notices(register(browser)) == []

    @pytest.fixture
    def path(self, people) -> str:
        """Where the mail about an approved proposal leads."""
        _, mail = approved(people)
        [path] = [link for link in links_of(mail) if "/claim/" in link]
        return path


def approved(people: dict[str, str]) -> tuple[Proposal, Any]:
    """A proposal that was approved, and the mail that says so."""
    proposal = store_pending()
    as_user(
        people["reviewer"],
        "digifarm_proposal_approve",
        id=proposal.id,
        organization=REVIEWERS,
    )
    [mail] = waiting_mails(SECRETS["contact_email"])
    return proposal, mail


def register(browser: Browser) -> CKANResponse:
    """Register as somebody new; the page that core shows then."""
    name = f"newcomer-{secrets.token_hex(4)}"
    password = secrets.token_hex(8)
    response = browser.post(
        "/user/register",
        data={
            "_csrf_token": browser.token(),
            "name": name,
            "email": f"{name}@example.org",
            "password1": password,
            "password2": password,
            "save": "",
        },
    )
    assert model.User.get(name)
    return response


def notices(response: CKANResponse) -> list[Tag]:
    """The links that a page shows once, above what it is about."""
    return html(response).select(".flash-messages a.alert-link")


def claim(app, user: str, mail) -> None:
    """Follow the link of a mail to the page with the button, and push it."""
    [path] = [link for link in links_of(mail) if "/claim/" in link]
    browser = Browser(app, user)
    form = browser.form(path, "form:not([action])")
    response = browser.send(form)
    assert response.status_code == 200, response.body
    assert response.request.path.startswith("/civic_project/")


class TestCare:
    """Whoever is accepted to look after a project owns it."""

    @pytest.fixture
    def partner(self, people, nothing) -> dict[str, Any]:
        return store_partner(people)

    def accept(self, people, support, role: str = "project_editor", **data):
        empty_outbox()
        as_user(people[role], "digifarm_support_accept", id=support.id, **data)

    def requested(self, people, project, partner):
        result = as_user(
            people["project_editor"],
            "digifarm_support_request",
            project=project["id"],
            area="care",
            partner=partner["id"],
        )
        return get(result["id"])

    def test_with_an_account_at_once(self, people, orphan):
        support = store_offer(
            people["offerer"], project=orphan["id"], area="care"
        )
        assert owners_of(orphan) == set()
        self.accept(people, support)
        assert owners_of(orphan) == {id_of(people["offerer"])}
        as_user(people["offerer"], "package_patch", id=orphan["id"], notes="!")
        [mail] = waiting_mails("offerer@example.org")
        assert "You look after the entry from now on" in mail.body
        assert "/claim/" not in mail.body
        # Those who decided are told, and give their address.
        assert mail.reply_to == "project_editor@example.org"
        [mail] = waiting_mails("project_editor@example.org")
        assert "may change its entry from now on" in mail.body

    def test_without_an_account_by_the_link_of_the_mail(
        self, shared_app, people, orphan
    ):
        support = store_offer(project=orphan["id"], area="care")
        self.accept(people, support)
        assert owners_of(orphan) == set()
        [mail] = waiting_mails(SECRETS["contact_email"])
        claim(shared_app, people["other"], mail)
        assert owners_of(orphan) == {id_of(people["other"])}
        [claimed] = model.Session.query(Support)
        assert claimed.user_id == id_of(people["other"])

    def test_until_the_support_ends(self, shared_app, people, orphan):
        support = store_offer(project=orphan["id"], area="care")
        self.accept(people, support)
        [mail] = waiting_mails(SECRETS["contact_email"])
        [path] = [link for link in links_of(mail) if "/claim/" in link]
        call_action("digifarm_support_end", id=support.id)
        with pytest.raises(tk.ValidationError):
            as_user(
                people["other"],
                "digifarm_project_claim",
                token=path.rpartition("/")[2],
            )
        assert owners_of(orphan) == set()

    @pytest.mark.parametrize("user", ["offerer", ""])
    def test_is_another_matter_than_other_help(self, user, people, orphan):
        support = store_offer(
            people.get(user, ""), project=orphan["id"], area="technology"
        )
        self.accept(people, support)
        assert owners_of(orphan) == set()
        for mail in waiting_mails():
            assert "entry" not in mail.body
            assert "/claim/" not in mail.body

    def test_waits_for_a_password_where_nobody_can_register(
        self, shared_app, people, orphan
    ):
        support = store_offer(project=orphan["id"], area="care")
        with changed_config("ckan.auth.create_user_via_web", False):
            self.accept(people, support)
        [owner] = owners_of(orphan)
        user = model.User.get(owner)
        assert (user.email, user.state) == (
            SECRETS["contact_email"],
            "pending",
        )
        assert SECRETS["contact_email"].partition("@")[0] not in user.name
        [mail] = waiting_mails(SECRETS["contact_email"])
        [path] = [link for link in links_of(mail) if "/user/reset/" in link]
        assert Browser(shared_app).get(path).status_code == 200
        as_portal("user_delete", id=owner)

    def test_gives_nothing_where_the_portal_has_no_owners(
        self, people, orphan
    ):
        supports = [
            store_offer(people["offerer"], project=orphan["id"], area="care"),
            store_offer(project=orphan["id"], area="care"),
        ]
        with changed_config("ckan.auth.allow_dataset_collaborators", False):
            for support in supports:
                self.accept(people, support)
                assert not any(
                    "entry" in mail.body for mail in waiting_mails()
                )
        assert owners_of(orphan) == set()

    def test_gives_nothing_when_it_is_declined_or_recorded(
        self, people, orphan, partner
    ):
        support = store_offer(
            people["offerer"], project=orphan["id"], area="care"
        )
        as_user(
            people["project_editor"], "digifarm_support_decline", id=support.id
        )
        as_user(
            people["project_editor"],
            "digifarm_support_create",
            project=orphan["id"],
            area="care",
            partner=partner["id"],
        )
        assert owners_of(orphan) == set()
        assert not any("/claim/" in mail.body for mail in waiting_mails())

    def test_takes_nothing_from_whoever_may_do_more(self, people, orphan):
        with changed_config("ckan.auth.allow_admin_collaborators", True):
            as_portal(
                "package_collaborator_create",
                id=orphan["id"],
                user_id=people["offerer"],
                capacity="admin",
            )
        support = store_offer(
            people["offerer"], project=orphan["id"], area="care"
        )
        self.accept(people, support)
        [member] = model.Session.query(model.PackageMember).filter_by(
            package_id=orphan["id"]
        )
        assert member.capacity == "admin"

    def test_is_taken_on_by_the_partners_editor_who_accepts(
        self, people, orphan, partner
    ):
        support = self.requested(people, orphan, partner)
        self.accept(people, support, "partner_editor")
        editor = model.User.get(people["partner_editor"])
        assert owners_of(orphan) == {editor.id}
        # It is the partner's, whoever acts for it.
        assert get(support.id).user_id is None
        [mail] = waiting_mails("werkstatt@example.org")
        assert f"{editor.display_name} looks after the entry" in mail.body

    @pytest.mark.parametrize("role", ["reviewer", "sysadmin"])
    def test_is_not_taken_on_by_who_only_may_accept(
        self, role, shared_app, people, orphan, partner
    ):
        support = self.requested(people, orphan, partner)
        self.accept(people, support, role)
        assert owners_of(orphan) == set()
        [mail] = waiting_mails("werkstatt@example.org")
        claim(shared_app, people["other"], mail)
        assert owners_of(orphan) == {id_of(people["other"])}

    def test_is_taken_on_by_the_partners_contact(
        self, shared_app, people, orphan, partner
    ):
        self.requested(people, orphan, partner)
        [mail] = waiting_mails("werkstatt@example.org")
        [path] = [link for link in links_of(mail) if "/link/" in link]
        empty_outbox()
        as_user("", "digifarm_support_accept", token=path.rpartition("/")[2])
        [mail] = waiting_mails("werkstatt@example.org")
        claim(shared_app, people["other"], mail)
        assert owners_of(orphan) == {id_of(people["other"])}

    def test_is_of_use_for_the_language_of_the_mail(self, people, orphan):
        support = store_offer(project=orphan["id"], area="care")
        support.language = "de"
        model.Session.commit()
        self.accept(people, support)
        [mail] = waiting_mails(SECRETS["contact_email"])
        assert any(
            "/de/dashboard/projects/claim/" in p for p in links_of(mail)
        )

"""The pages on which people write, edit, delete and restore projects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest

from ckan import model
from ckan.lib import search
from ckan.lib.search import index
from ckan.tests import factories
from ckan.tests.helpers import call_action
from ckanext.digifarm.projects import fields
from dev.counting import counting

from ..acting import as_portal, copy_of
from ..browsing import Browser, html, read_form, text_of

pytestmark = [
    pytest.mark.usefixtures("no_commits", "ckan_config"),
    # As CKAN comes, and as portals of cities are.
    pytest.mark.ckan_config(
        "ckan.auth.create_dataset_if_not_in_organization", False
    ),
    pytest.mark.ckan_config("ckan.auth.create_unowned_dataset", False),
    pytest.mark.ckan_config("ckan.auth.allow_admin_collaborators", True),
]

NEW = "/civic_project/new"

EDITORS = ["sysadmin", "org_admin", "org_editor", "owner", "co_owner"]
READERS = ["org_member", "invited_reader", "other_editor", "other"]

SCRIPT = "<script>alert('x')</script>"

#: What no form asks for.
NO_FORM = {
    "accompanied",
    "care_sought_since",
    "confirmed",
    "listed",
    "silent_since",
}

#: A wrong value for each field that a form can hold wrongly.
WRONG = {
    "title": "",
    "name": "Not A Name",
    "summary": "a" * 221,
    "public_value": "a" * 1001,
    "notes": "a" * 10_001,
    "url": "javascript:alert(1)",
    "stage": "finished",
    "stage_note": "a" * 301,
    "action_fields": ["space"],
    "project_type": "game",
    "help_wanted": ["money"],
    "content_help": "a" * 2001,
    "technology_help": "a" * 2001,
    "sponsoring_help": "a" * 2001,
    "care_help": "a" * 2001,
    "source_url": "here",
    "source_license": "a" * 201,
    "image_url": "here",
    "image_alt": "a" * 301,
    "documentation_url": "here",
    "collaboration_url": "here",
    "other_data": "a" * 5001,
    "further_information": "a" * 10_001,
    "tag_string": "C#",
    "sdgs": ["18"],
    "origin_place": "a" * 201,
    "origin_community": "a" * 201,
    "origin_url": "here",
    "initiators": "a" * 501,
    "started": "soon",
    "operator": "a" * 301,
    "technologies": "a" * 101,
    "complexity": "extreme",
    "language": "Klingonisch",
    "deployment": "a" * 10_001,
    "owner_org": "",
    "contact_name": "a" * 201,
    "contact_email": "here",
    "info_url": "here",
    "features": "a" * 101,
    "meeting": "a" * 301,
    "instances": "many",
    "running_costs": "a" * 201,
    "costs_covered_until": "soon",
    "personal_data": "some",
    "privacy_url": "here",
}


@pytest.fixture(scope="module")
def organization(shared_portal) -> dict[str, Any]:
    return factories.Organization(title="Amt für Grünflächen")


@pytest.fixture(scope="module")
def other_organization(shared_portal) -> dict[str, Any]:
    return factories.Organization(title="Amt für Mobilität")


@pytest.fixture(scope="module")
def people(organization, other_organization) -> dict[str, dict[str, Any]]:
    """Users by what they may do with the project."""
    users = {
        name: factories.User()
        for name in (*EDITORS, *READERS)
        if name != "sysadmin"
    }
    users["sysadmin"] = factories.Sysadmin()
    members = {
        "org_admin": (organization, "admin"),
        "org_editor": (organization, "editor"),
        "org_member": (organization, "member"),
        "other_editor": (other_organization, "editor"),
    }
    for name, (where, capacity) in members.items():
        as_portal(
            "organization_member_create",
            id=where["id"],
            username=users[name]["name"],
            role=capacity,
        )
    return users


@pytest.fixture(scope="module")
def first_project(organization) -> dict[str, Any]:
    return factories.Dataset(
        type="civic_project",
        summary="What it does, in a sentence",
        owner_org=organization["id"],
    )


@pytest.fixture
def project(first_project, people) -> Iterator[dict[str, Any]]:
    """A project with two owners and somebody invited to read."""
    project = copy_of(first_project, title="Baumblick", name="baumblick")
    collaborators = {
        "owner": "editor",
        "co_owner": "admin",
        "invited_reader": "member",
    }
    members = [
        model.PackageMember(
            package_id=project["id"],
            user_id=people[name]["id"],
            capacity=capacity,
        )
        for name, capacity in collaborators.items()
    ]
    model.Session.add_all(members)
    model.Session.commit()
    yield project
    model.Session.rollback()
    as_portal("dataset_purge", id=project["id"])


@pytest.fixture
def browser(shared_app, people):
    """Makes the browser of one of the people, or of nobody."""
    return lambda name=None: Browser(
        shared_app, people[name]["id"] if name else None
    )


@pytest.fixture
def uploads(ckan_config, monkeypatch, tmp_path) -> None:
    """A portal that takes pictures."""
    monkeypatch.setitem(ckan_config, "ckan.storage_path", str(tmp_path))


def label(name: str) -> str:
    """The English label of a field."""
    field = fields.field(name)
    assert field
    return field["label"]["en"]


def store(project: dict[str, Any], extras: dict[str, str], **columns: Any):
    """Store what the actions would not."""
    package = model.Package.get(project["id"])
    assert package
    package.extras.update(extras)
    for name, value in columns.items():
        setattr(package, name, value)
    model.repo.commit()
    search.rebuild(project["id"])


def shown(project: dict[str, Any]) -> dict[str, Any]:
    return as_portal("package_show", id=project["id"])


def without_change_date(project: dict[str, Any]) -> dict[str, Any]:
    return {**project, "metadata_modified": None}


def check_closed(browser, path: str) -> None:
    """Check that only editors may see and send the form at an address."""
    for name in (*READERS, None):
        visitor = browser(name)
        data = {"_csrf_token": visitor.token(), "title": "Unerlaubt"}
        for response in (visitor.get(path), visitor.post(path, data=data)):
            refused = response.status_code == 403
            assert refused or response.request.path == "/user/login", name


def summary_of(page) -> dict[str, str]:
    """The summary of errors: what each link leads to, and its text."""
    items = page.select("#errors li")
    return {item.a["href"].lstrip("#"): text_of(item) for item in items}


class TestNew:
    def test_is_open_to_editors(self, browser):
        for name in ("sysadmin", "org_admin", "org_editor", "other_editor"):
            assert browser(name).get(NEW).status_code == 200, name

    def test_is_closed_to_others(self, browser, organization):
        for name in ("org_member", "owner", "invited_reader", "other"):
            visitor = browser(name)
            assert visitor.get(NEW).status_code == 403, name
            data = {
                "_csrf_token": visitor.token(),
                "title": "Unerlaubt",
                "owner_org": organization["id"],
            }
            assert visitor.post(NEW, data=data).status_code == 403, name
        assert model.Package.get("unerlaubt") is None

    def test_leads_anonymous_people_to_the_login(self, browser, organization):
        visitor = browser()
        response = visitor.get(NEW)
        assert response.request.path == "/user/login"
        assert response.request.args["came_from"].startswith(NEW)
        data = {
            "_csrf_token": visitor.token(),
            "title": "Unerlaubt",
            "owner_org": organization["id"],
        }
        response = visitor.post(NEW, data=data)
        assert response.request.path == "/user/login"
        assert model.Package.get("unerlaubt") is None

    def test_needs_little_and_leads_to_the_page(self, browser, organization):
        editor = browser("org_editor")
        form = editor.form(NEW).with_values(title="Nur ein Titel")
        response = editor.send(form)
        assert response.request.path == "/civic_project/nur-ein-titel"
        project = call_action("package_show", id="nur-ein-titel")
        assert project["type"] == "civic_project"
        assert project["state"] == "active"
        assert project["private"] is False
        # The only one that the editor may choose.
        assert project["owner_org"] == organization["id"]
        as_portal("dataset_purge", id=project["id"])

    def test_lets_choose_among_several_organisations(
        self, browser, organization, other_organization
    ):
        page = html(browser("sysadmin").get(NEW))
        options = page.select("select[name=owner_org] option")
        assert [o["value"] for o in options if not o["value"]] == [""]
        assert {organization["id"], other_organization["id"]} <= {
            option["value"] for option in options
        }

    def test_takes_first_values_from_the_address(self, browser):
        form = read_form(
            browser("org_editor").get(
                NEW,
                query_string={
                    "title": f"Baum {SCRIPT}",
                    "stage": "idea",
                    "help_wanted": "care",
                },
            ),
            "form.digifarm-form",
        )
        assert form["title"] == f"Baum {SCRIPT}"
        assert form["stage"] == "idea"
        assert form["help_wanted"] == "care"

    def test_has_every_field_of_the_schema(self, browser, uploads):
        form = browser("org_editor").form(NEW)
        page = html(browser("org_editor").get(NEW))
        assert page.select("[name=license][value=later]")
        for name in fields.names() - NO_FORM:
            # It is a choice of the licence.
            is_choice = name == "open_source_intended"
            assert page.select(f"[name={name}]") or is_choice, name
            assert page.select(f"#field-{name}"), name
        assert form["private"] == "False"

    def test_shows_below_the_title_what_is_listed_already(self, browser):
        other = factories.Dataset(
            type="civic_project",
            title="Nachtbusse der Stadt",
            owner_org=factories.Organization()["id"],
        )
        editor = browser("org_editor")
        form = editor.form(NEW).with_values(title="Nachtbusse der Stadt")
        response = editor.send(form)
        assert "send the form again" in str(summary_of(html(response)))
        shown = html(response).select_one("#field-title ~ *, #duplicates")
        assert shown
        [link] = html(response).select("#duplicates a")
        assert link["href"].endswith(f"/{other['name']}")
        # Who has seen it has decided.
        again = read_form(response, "form.digifarm-form")
        response = editor.send(again)
        assert response.request.path.startswith("/civic_project/nachtbusse")
        edit = editor.get(f"/civic_project/edit/{other['name']}")
        assert not html(edit).select("#duplicates")

    def test_does_not_take_a_field_that_the_form_has_not(
        self, browser, organization
    ):
        editor = browser("org_editor")
        form = editor.form(NEW).with_values(
            title="Fremde Felder",
            type="dataset",
            state="draft",
            author="somebody",
            resources="[]",
            id="mine",
        )
        assert editor.send(form).status_code == 200
        project = call_action("package_show", id="fremde-felder")
        assert project["type"] == "civic_project"
        assert project["state"] == "active"
        assert not project["author"]
        as_portal("dataset_purge", id=project["id"])


class TestErrors:
    @pytest.mark.parametrize("takes_pictures", [True, False])
    def test_are_summed_up_with_links_and_stand_beside_the_fields(
        self, takes_pictures, browser, request
    ):
        if takes_pictures:
            request.getfixturevalue("uploads")
        admin = browser("sysadmin")
        flags = {"open_source_intended"}
        assert set(WRONG) | flags | NO_FORM == fields.names()
        response = admin.send(admin.form(NEW).with_values(**WRONG))
        assert response.status_code == 200
        assert response.request.path == NEW
        page = html(response)
        summary = summary_of(page)
        assert set(summary) == {f"field-{name}" for name in WRONG}
        for target, text in summary.items():
            name = target.removeprefix("field-")
            assert page.select(f"#{target}"), f"{target} leads nowhere"
            beside = page.select(f"#{target}-error")
            assert len(beside) == 1, name
            assert text == f"{label(name)} : {text_of(beside[0])}"
            described = page.select(f"[aria-describedby~={target}-error]")
            assert described[0]["aria-invalid"] == "true"

    def test_open_the_folded_parts_that_they_stand_in(self, browser):
        editor = browser("org_editor")
        folded = html(editor.get(NEW)).select("form details")
        assert folded
        assert not any(part.has_attr("open") for part in folded)
        form = editor.form(NEW).with_values(title="Baum", complexity="extreme")
        page = html(editor.send(form))
        opened = page.select("form details[open]")
        assert len(opened) == 1
        assert opened[0].select("#field-complexity")

    def test_keep_what_was_typed(self, browser):
        editor = browser("org_editor")
        typed = editor.form(NEW).with_values(
            title=f"  Baum & „{SCRIPT}“ ",
            summary='Mit "Anführung" und <b>',
            notes="\r\nErste Zeile\r\n\r\n  </textarea><b>dritte",
            url="no address",
            stage="testing",
            action_fields=["mobility", "administration"],
            help_wanted=["care"],
            sdgs=["3"],
            open_source_intended="true",
            image_url="https://example.org/a.png",
            technologies="Python, , C++,",
            tag_string="eins, zwei,,",
            complexity="high",
            private="True",
            contact_email="nobody",
            name="Mein Baum",
        )
        response = editor.send(typed)
        assert SCRIPT not in response.body
        kept = read_form(response, "form.digifarm-form")
        without = {"_csrf_token", "image_upload"}
        assert {k: v for k, v in kept.values.items() if k not in without} == {
            k: v for k, v in typed.values.items() if k not in without
        }

    def test_of_an_edit_keep_what_was_typed_and_change_nothing(
        self, project, browser
    ):
        as_portal(
            "package_patch",
            id=project["id"],
            help_wanted=["content", "care"],
            open_source_intended=True,
            notes="Alt",
        )
        before = shown(project)
        editor = browser("owner")
        typed = editor.form("/civic_project/edit/baumblick").with_values(
            title="", notes="Neu", help_wanted=None, license="unknown"
        )
        response = editor.send(typed)
        kept = read_form(response, "form.digifarm-form")
        assert kept["title"] == ""
        assert kept["notes"] == "Neu"
        assert "help_wanted" not in kept.values
        assert kept["license"] == "unknown"
        assert "open_source_intended" not in kept.values
        assert set(summary_of(html(response))) == {"field-title"}
        assert shown(project) == before

    def test_are_said_in_the_language_of_the_page(self, browser):
        editor = browser("org_editor")
        form = editor.form(f"/de{NEW}").with_values(title="")
        summary = summary_of(html(editor.send(form)))
        assert summary["field-title"].startswith("Titel")


class TestEdit:
    def test_is_open_to_editors_and_owners(self, project, browser):
        for name in EDITORS:
            editor = browser(name)
            form = editor.form("/civic_project/edit/baumblick")
            response = editor.send(form.with_values(title=f"Von {name}"))
            assert response.request.path == "/civic_project/baumblick"
            assert "The project has been saved" in response.body
            assert shown(project)["title"] == f"Von {name}"
        assert shown(project)["owner_org"] == project["owner_org"]

    def test_is_closed_to_others(self, project, browser):
        check_closed(browser, "/civic_project/edit/baumblick")
        assert shown(project)["title"] == "Baumblick"

    @pytest.mark.parametrize(
        "hidden", [{"private": True}, {"state": "deleted"}]
    )
    def test_does_not_betray_a_hidden_project(self, hidden, project, browser):
        as_portal("package_patch", id=project["id"], **hidden)
        for name in ("other", None):
            visitor = browser(name)
            token = visitor.token()
            for action in ("edit", "delete", "restore"):
                path = f"/civic_project/{action}/baumblick"
                response = visitor.post(path, data={"_csrf_token": token})
                led = response.request.path == "/user/login"
                assert led is (name is None), (name, action)
                assert led or response.status_code == 404, (name, action)
                assert "Baumblick" not in response.body

    def test_by_id_works_too(self, project, browser):
        form = browser("owner").form(f"/civic_project/edit/{project['id']}")
        assert form["title"] == "Baumblick"

    def test_shows_owners_the_organisation_that_they_may_not_change(
        self, project, browser
    ):
        page = html(browser("owner").get("/civic_project/edit/baumblick"))
        assert not page.select("[name=owner_org]")
        assert text_of(page.select_one("#field-owner_org")) == (
            "Amt für Grünflächen"
        )

    def test_shows_an_owner_who_edits_elsewhere_the_right_organisation(
        self, project, browser, people
    ):
        as_portal(
            "package_collaborator_create",
            id=project["id"],
            user_id=people["other_editor"]["id"],
            capacity="editor",
        )
        editor = browser("other_editor")
        form = editor.form("/civic_project/edit/baumblick")
        assert editor.send(form).status_code == 200
        assert shown(project)["owner_org"] == project["owner_org"]

    def test_does_not_let_an_owner_move_the_project(
        self, project, browser, other_organization
    ):
        editor = browser("owner")
        form = editor.form("/civic_project/edit/baumblick")
        response = editor.send(
            form.with_values(owner_org=other_organization["id"])
        )
        assert "field-owner_org" in summary_of(html(response))
        assert shown(project)["owner_org"] == project["owner_org"]

    def test_lets_a_sysadmin_move_the_project(
        self, project, browser, other_organization
    ):
        admin = browser("sysadmin")
        form = admin.form("/civic_project/edit/baumblick")
        assert form["owner_org"] == project["owner_org"]
        admin.send(form.with_values(owner_org=other_organization["id"]))
        assert shown(project)["owner_org"] == other_organization["id"]

    def test_without_changes_changes_nothing(self, project, browser):
        before = shown(project)
        editor = browser("owner")
        editor.send(editor.form("/civic_project/edit/baumblick"))
        assert without_change_date(shown(project)) == without_change_date(
            before
        )

    def test_takes_boxes_away_that_are_not_ticked(self, project, browser):
        as_portal(
            "package_patch",
            id=project["id"],
            help_wanted=["content", "care"],
            sdgs=["1"],
            open_source_intended=True,
        )
        editor = browser("owner")
        form = editor.form("/civic_project/edit/baumblick")
        assert form.values["help_wanted"] == ["content", "care"]
        editor.send(
            form.with_values(
                help_wanted=["content"], sdgs=None, license="unknown"
            )
        )
        project = shown(project)
        assert project["help_wanted"] == ["content"]
        assert project["sdgs"] == []
        assert project["open_source_intended"] is False

    def test_empties_fields(self, project, browser):
        as_portal(
            "package_patch",
            id=project["id"],
            url="https://example.org",
            started="2021",
            stage="live",
            contact_email="team@example.org",
            technologies=["Python"],
            tags=[{"name": "baum"}],
        )
        editor = browser("owner")
        emptied = dict.fromkeys(
            [
                "url",
                "started",
                "stage",
                "contact_email",
                "technologies",
                "tag_string",
                "summary",
            ],
            "",
        )
        form = editor.form("/civic_project/edit/baumblick")
        response = editor.send(form.with_values(**emptied))
        assert summary_of(html(response)) == {}
        project = shown(project)
        assert not any(project.get(name) for name in emptied)
        assert project["tags"] == []

    def test_leaves_alone_what_the_form_does_not_hold(
        self, project, browser, people
    ):
        vocabulary = factories.Vocabulary(tags=[{"name": "amtlich"}])
        group = factories.Group()
        as_portal(
            "package_patch",
            id=project["id"],
            groups=[{"id": group["id"]}],
            extras=[{"key": "other_plugin", "value": '{"a": [1]}'}],
            tags=[
                {"name": "frei"},
                {"name": "amtlich", "vocabulary_id": vocabulary["id"]},
            ],
            author="Die Autorin",
            maintainer_email="pflege@example.org",
            license_id="cc-by",
            version="1.0",
        )
        before = shown(project)
        assert before["groups"]
        assert before["extras"]
        for name in ("owner", "sysadmin"):
            editor = browser(name)
            editor.send(editor.form("/civic_project/edit/baumblick"))
            assert without_change_date(shown(project)) == without_change_date(
                before
            )

    def test_keeps_data_that_plugins_store_beside_the_project(
        self, project, browser
    ):
        as_portal(
            "package_patch",
            id=project["id"],
            plugin_data={"other_plugin": {"a": 1}},
        )
        editor = browser("sysadmin")
        editor.send(editor.form("/civic_project/edit/baumblick"))
        assert model.Package.get(project["id"]).plugin_data == {
            "other_plugin": {"a": 1}
        }

    def test_makes_a_project_private_and_public_again(self, project, browser):
        editor = browser("owner")
        path = "/civic_project/edit/baumblick"
        editor.send(editor.form(path).with_values(private="True"))
        assert shown(project)["private"] is True
        assert browser().get("/civic_project/baumblick").status_code == 404
        form = editor.form(path)
        assert form["private"] == "True"
        editor.send(form.with_values(private="False"))
        assert browser().get("/civic_project/baumblick").status_code == 200

    def test_of_a_deleted_project_leaves_it_deleted(self, project, browser):
        as_portal("package_delete", id="baumblick")
        editor = browser("owner")
        form = editor.form("/civic_project/edit/baumblick")
        editor.send(form.with_values(title="Später"))
        assert shown(project)["title"] == "Später"
        assert shown(project)["state"] == "deleted"

    def test_of_a_project_without_organisation_is_the_owners(
        self, project, browser
    ):
        store(project, {}, owner_org=None)
        assert (
            browser("owner").get("/civic_project/edit/baumblick").status_code
            == 200
        )
        for name in ("org_editor", "other_editor", "other"):
            response = browser(name).get("/civic_project/edit/baumblick")
            assert response.status_code == 403, name


class TestDelete:
    def test_asks_editors_and_owners_first(self, project, browser):
        path = "/civic_project/delete/baumblick"
        for name in EDITORS:
            editor = browser(name)
            page = html(editor.get(path))
            assert "Baumblick" in text_of(page.h1)
            assert shown(project)["state"] == "active"
            response = editor.send(editor.form(path, f"form[action='{path}']"))
            assert response.request.path == "/civic_project/"
            assert "has been deleted" in response.body
            assert shown(project)["state"] == "deleted"
            as_portal("package_patch", id=project["id"], state="active")

    def test_is_closed_to_others(self, project, browser):
        check_closed(browser, "/civic_project/delete/baumblick")
        assert shown(project)["state"] == "active"

    @pytest.mark.usefixtures("commits")
    def test_hides_the_project_from_others(self, project, browser):
        search.rebuild(project["id"])
        assert "baumblick" in browser().get("/civic_project/").body
        as_portal("package_delete", id="baumblick")
        for name in ("other", None):
            visitor = browser(name)
            response = visitor.get("/civic_project/baumblick")
            assert response.status_code == 404
            assert "baumblick" not in visitor.get("/civic_project/").body

    @pytest.mark.usefixtures("commits")
    def test_is_undone_by_restoring(self, project, browser):
        editor = browser("owner")
        path = "/civic_project/delete/baumblick"
        editor.send(editor.form(path, f"form[action='{path}']"))
        for page in (
            "/civic_project/baumblick",
            "/civic_project/edit/baumblick",
        ):
            assert "has been deleted" in editor.get(page).body
        path = "/civic_project/restore/baumblick"
        response = editor.send(
            editor.form("/civic_project/baumblick", f"form[action='{path}']")
        )
        assert response.request.path == "/civic_project/baumblick"
        assert shown(project) == {
            **project,
            "metadata_modified": shown(project)["metadata_modified"],
        }
        assert "baumblick" in browser().get("/civic_project/").body

    def test_keeps_the_owners(self, project, browser):
        before = as_portal("package_collaborator_list", id=project["id"])
        editor = browser("owner")
        path = "/civic_project/delete/baumblick"
        editor.send(editor.form(path, f"form[action='{path}']"))
        after = as_portal("package_collaborator_list", id=project["id"])
        assert len(before) == 3
        assert after == before

    def test_says_the_title_as_text(self, project, browser):
        title = f"{SCRIPT} {{title}} %s"
        as_portal("package_patch", id=project["id"], title=title)
        editor = browser("owner")
        path = "/civic_project/delete/baumblick"
        form = editor.form(path, f"form[action='{path}']")
        pages = [
            editor.get("/civic_project/baumblick"),
            editor.get("/civic_project/edit/baumblick"),
            editor.get(path),
            editor.send(form),
            editor.get("/civic_project/baumblick"),
            editor.send(
                editor.form(
                    "/civic_project/baumblick",
                    "form[action='/civic_project/restore/baumblick']",
                )
            ),
        ]
        for page in pages:
            assert SCRIPT not in page.body
            assert title in html(page).get_text()


class TestRestore:
    def test_is_open_to_editors_and_owners(self, project, browser):
        for name in EDITORS:
            as_portal("package_delete", id="baumblick")
            editor = browser(name)
            response = editor.post(
                "/civic_project/restore/baumblick",
                data={"_csrf_token": editor.token()},
            )
            assert response.status_code == 200
            assert shown(project)["state"] == "active"

    def test_is_closed_to_who_may_read_only(self, project, browser):
        visitor = browser("org_member")
        visitor.post(
            "/civic_project/restore/baumblick",
            data={"_csrf_token": visitor.token()},
        )
        as_portal("package_delete", id="baumblick")
        response = visitor.post(
            "/civic_project/restore/baumblick",
            data={"_csrf_token": visitor.token()},
        )
        assert response.status_code in {403, 404}
        assert shown(project)["state"] == "deleted"

    def test_of_what_is_no_longer_valid_says_why(self, project, browser):
        """The schema file may have changed since, for example."""
        store(project, {"stage": "of former times"}, state="deleted")
        editor = browser("owner")
        response = editor.post(
            "/civic_project/restore/baumblick",
            data={"_csrf_token": editor.token()},
        )
        assert response.status_code == 200
        assert label("stage") in html(response).get_text()
        assert shown(project)["state"] == "deleted"


class TestContact:
    @pytest.mark.parametrize(
        "contact",
        [
            {},
            {"contact_name": "Team Baum"},
            {"contact_email": "baum@example.org"},
            {"collaboration_url": "https://example.org/forum"},
        ],
    )
    def test_is_shown_where_there_is_one(self, contact, project, browser):
        none = dict.fromkeys(
            ("contact_email", "collaboration_url", "source_url"), ""
        )
        as_portal(
            "package_patch",
            id=project["id"],
            help_wanted=["content"],
            **{**none, **contact},
        )
        page = html(browser().get("/civic_project/baumblick"))
        assert "Offer support" in page.select_one("#help").get_text()
        for value in contact.values():
            assert value in text_of(page.select_one("#contact"))


def search_is_down():
    return mock.patch.object(
        index.PackageSearchIndex,
        "index_package",
        side_effect=search.SearchIndexError("down"),
    )


class TestSearchThatIsDown:
    @pytest.mark.parametrize(
        ("path", "data"),
        [
            (NEW, {"title": "Ganz neu"}),
            ("/civic_project/edit/baumblick", {"title": "Ganz neu"}),
            ("/civic_project/delete/baumblick", {}),
        ],
    )
    def test_changes_nothing_and_says_so(self, path, data, project, browser):
        before = shown(project)
        editor = browser("org_editor")
        form = editor.form(path, f"form[action='{path}'], form.digifarm-form")
        with search_is_down():
            response = editor.send(form.with_values(**data))
        assert response.status_code == 200
        page = html(response)
        assert "search doesn’t answer" in page.select_one(".alert").get_text()
        if data:
            assert page.select_one("#field-title")["value"] == "Ganz neu"
        assert shown(project) == before
        assert model.Package.get("ganz-neu") is None

    def test_restores_nothing(self, project, browser):
        store(project, {}, state="deleted")
        editor = browser("owner")
        token = {"_csrf_token": editor.token()}
        with search_is_down():
            response = editor.post(
                "/civic_project/restore/baumblick", data=token
            )
        assert "search doesn’t answer" in response.body
        assert shown(project)["state"] == "deleted"


class TestProtection:
    @pytest.fixture
    def posts(self, project) -> dict[str, dict[str, str]]:
        return {
            NEW: {"title": "Fremd", "owner_org": project["owner_org"]},
            "/civic_project/edit/baumblick": {"title": "Fremd"},
            "/civic_project/delete/baumblick": {},
            "/civic_project/restore/baumblick": {},
        }

    def test_needs_a_token_also_after_an_anonymous_visit(
        self, project, posts, browser
    ):
        # Core stops checking a view that an anonymous person has opened.
        for path in posts:
            browser().get(path)
        before = shown(project)
        editor = browser("sysadmin")
        for path, data in posts.items():
            assert editor.post(path, data=data).status_code == 400, path
        assert shown(project) == before
        assert model.Package.get("fremd") is None

    def test_needs_a_token_of_the_own_session(self, project, posts, browser):
        before = shown(project)
        foreign = browser("owner").token()
        editor = browser("sysadmin")
        editor.token()
        for path, data in posts.items():
            data["_csrf_token"] = foreign
            assert editor.post(path, data=data).status_code == 400, path
        assert shown(project) == before
        assert model.Package.get("fremd") is None

    @pytest.mark.parametrize("method", ["get", "head", "options"])
    def test_reading_never_writes(self, method, project, browser, shared_app):
        admin = browser("sysadmin")
        pages = [
            f"{NEW}?title=Gelesen&owner_org={project['owner_org']}&save=",
            "/civic_project/baumblick",
            "/civic_project/edit/baumblick?title=Gelesen&save=",
            "/civic_project/delete/baumblick?confirm=yes",
            "/civic_project/restore/baumblick",
            "/civic_project/resources/baumblick",
            "/civic_project/about",
        ]
        with counting() as cost:
            for page in pages:
                admin.open(page, method=method.upper())
        writes = [
            statement
            for statement in cost.sql
            if statement.split()[0] in {"INSERT", "UPDATE", "DELETE"}
            # When somebody was here last.
            and not statement.startswith('UPDATE "user"')
        ]
        assert writes == []
        assert [request for request in cost.solr if "update" in request] == []
        assert cost.sql


class TestAddresses:
    @pytest.fixture
    def dataset(self, organization):
        dataset = factories.Dataset(
            name="baumkataster",
            title="Kataster",
            owner_org=organization["id"],
        )
        yield dataset
        as_portal("dataset_purge", id=dataset["id"])

    @pytest.mark.parametrize("prefix", ["", "/de"])
    @pytest.mark.parametrize("key", ["id", "name"])
    def test_lead_to_the_page_of_the_right_type(
        self, key, prefix, project, dataset, browser
    ):
        visitor = browser()
        response = visitor.get(f"{prefix}/dataset/{project[key]}")
        assert response.request.path == f"{prefix}/civic_project/baumblick"
        assert response.status_code == 200
        response = visitor.get(f"{prefix}/civic_project/{dataset[key]}")
        assert response.request.path == f"{prefix}/dataset/baumkataster"
        assert response.status_code == 200

    def test_do_not_betray_private_projects(self, project, browser):
        as_portal("package_patch", id=project["id"], private=True)
        response = browser().get("/dataset/baumblick")
        unknown = browser().get("/dataset/there-is-no-such")
        assert response.status_code == unknown.status_code == 404
        assert response.request.path == "/dataset/baumblick"

    @pytest.mark.parametrize("action", ["edit", "delete", "restore"])
    @pytest.mark.parametrize(
        "id_", ["baumkataster", "there-is-no-such", "%00"]
    )
    def test_of_forms_are_for_projects_only(
        self, id_, action, dataset, browser
    ):
        admin = browser("sysadmin")
        path = f"/civic_project/{action}/{id_}"
        if action != "restore":
            assert admin.get(path).status_code == 404
        data = {"_csrf_token": admin.token(), "title": "Falsch"}
        assert admin.post(path, data=data).status_code == 404
        dataset = shown(dataset)
        assert (dataset["title"], dataset["state"]) == ("Kataster", "active")

    @pytest.mark.parametrize(
        "path",
        [
            "/civic_project/resources/baumblick",
            "/civic_project/baumblick/resource/new",
            "/dataset/baumblick/resource/new",
            "/dataset/resources/baumblick",
        ],
    )
    @pytest.mark.parametrize("name", ["org_editor", "sysadmin"])
    def test_of_resources_lead_nowhere(self, name, path, project, browser):
        response = browser(name).get(path)
        assert response.status_code in {403, 404}

    @pytest.mark.parametrize("action", ["edit", "delete"])
    def test_of_the_dataset_forms_lead_to_ours(self, action, project, browser):
        response = browser("sysadmin").get(f"/dataset/{action}/baumblick")
        assert response.request.path == f"/civic_project/{action}/baumblick"

    def test_of_the_dataset_form_change_no_project(self, project, browser):
        before = shown(project)
        admin = browser("sysadmin")
        admin.post(
            "/dataset/edit/baumblick",
            data={
                "_csrf_token": admin.token(),
                "title": "Als Datensatz",
                "name": "baumblick",
                "owner_org": project["owner_org"],
                "save": "",
            },
        )
        assert shown(project) == before


class TestAbout:
    def test_says_what_a_project_is(self, browser):
        text = html(browser().get("/civic_project/about")).get_text()
        for word in ("Open source", "Not commercial", "Useful to residents"):
            assert word in text

    def test_says_it_in_german(self, browser):
        page = html(browser().get("/de/civic_project/about"))
        assert text_of(page.h1).startswith("So funktioniert")

    def test_shows_the_citys_own_text(
        self, browser, tmp_path, ckan_config, monkeypatch
    ):
        for lang in ("en", "de"):
            file = tmp_path / f"about.{lang}.md"
            file.write_text(f"# Eigenes ({lang})\n\n{SCRIPT}", "utf-8")
        monkeypatch.setitem(
            ckan_config,
            "ckanext.digifarm.about_file",
            str(tmp_path / "about.{lang}.md"),
        )
        for prefix, lang in (("", "en"), ("/de", "de")):
            response = browser().get(f"{prefix}/civic_project/about")
            assert f"Eigenes ({lang})" in response.body
            assert SCRIPT not in response.body
            assert "Not commercial" not in response.body

    def test_has_one_heading_and_the_portals_language_in_reserve(
        self, browser, tmp_path, ckan_config, monkeypatch
    ):
        (tmp_path / "about.en.md").write_text("Our own words", "utf-8")
        monkeypatch.setitem(
            ckan_config,
            "ckanext.digifarm.about_file",
            str(tmp_path / "about.{lang}.md"),
        )
        for path in ("/civic_project/about", "/de/civic_project/about"):
            page = html(browser().get(path))
            assert "Our own words" in page.get_text()
            assert len(page.select("h1")) == 1

    @pytest.mark.parametrize(
        ("there", "found"), [(["de", "en"], "en"), (["de"], "de")]
    )
    def test_falls_back_to_english_and_then_to_the_portals_language(
        self, there, found, browser, tmp_path, ckan_config, monkeypatch
    ):
        for lang in there:
            file = tmp_path / f"about.{lang}.md"
            file.write_text(f"Own words ({lang})", "utf-8")
        options = {
            "ckanext.digifarm.about_file": str(tmp_path / "about.{lang}.md"),
            "ckan.locale_default": "de",
        }
        for option, value in options.items():
            monkeypatch.setitem(ckan_config, option, value)
        page = html(browser().get("/fr/civic_project/about"))
        assert f"Own words ({found})" in page.get_text()

    @pytest.mark.parametrize("content", [None, b"\xff\xfe"])
    def test_falls_back_where_that_can_not_be_read(
        self, content, browser, tmp_path, ckan_config, monkeypatch
    ):
        path = tmp_path / "about.md"
        if content:
            path.write_bytes(content)
        monkeypatch.setitem(
            ckan_config, "ckanext.digifarm.about_file", str(path)
        )
        response = browser().get("/civic_project/about")
        assert response.status_code == 200
        assert "Not commercial" in response.body

    @pytest.mark.ckan_config(
        "ckanext.digifarm.contact_email", "opendata@example.org"
    )
    def test_names_the_citys_team(self, browser):
        page = html(browser().get("/civic_project/about"))
        assert page.select("a[href='mailto:opendata@example.org']")

"""Who holds what is written down, read, and could be handed over."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import changed_config
from ckanext.digifarm.handover import entries
from ckanext.digifarm.handover.entries import Kind
from ckanext.digifarm.handover.model import Handover
from dev.counting import counting

from .. import proposing
from ..acting import as_portal, as_user, copy_of, in_two_threads
from ..browsing import Browser, html, read_form, text_of
from ..dumping import dump
from .folders import COMPLETE

SHOW = "digifarm_handover_show"
UPDATE = "digifarm_handover_update"
PREPARED = "digifarm_handover_prepared"

WORDS = "Geheimwort der Domain"


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    people = proposing.create_people()
    people["owner"] = factories.User(email="owner@example.org")["name"]
    return people


@pytest.fixture(scope="module")
def kept(people) -> dict[str, Any]:
    return factories.Dataset(
        type="civic_project", title="Schatten", owner_org="green-office"
    )


@pytest.fixture(autouse=True)
def settings(people) -> Iterator[None]:
    proposing.empty_tables()
    model.Session.query(Handover).delete()
    model.Session.commit()
    with changed_config(
        "ckanext.digifarm.review_organization", proposing.REVIEWERS
    ):
        yield


@pytest.fixture
def project(kept, people) -> dict[str, Any]:
    project = copy_of(kept)
    as_portal(
        "package_collaborator_create",
        id=project["id"],
        user_id=people["owner"],
        capacity="editor",
    )
    return project


@pytest.fixture
def owner(people, shared_app) -> Browser:
    return Browser(shared_app, model.User.get(people["owner"]).id)


def entry(folder: dict[str, Any], kind: str) -> dict[str, Any]:
    [found] = [e for e in folder["entries"] if e["kind"] == kind]
    return found


class TestWriting:
    def test_what_is_written_is_read(self, project, people):
        said = as_user(
            people["owner"],
            UPDATE,
            id=project["name"],
            domain_holder=f" {WORDS} ",
            domain_payer="Verein",
            domain_paid_until="03/2027",
            domain_documented="Wiki\nSeite 3",
            domain_could_follow="Der Verein",
        )
        assert said == as_user(people["owner"], SHOW, id=project["id"])
        assert entry(said, "domain") == {
            "kind": "domain",
            "unused": False,
            "holder": WORDS,
            "payer": "Verein",
            "paid_until": "2027-03",
            "documented": "Wiki\nSeite 3",
            "could_follow": "Der Verein",
            "is_settled": True,
            "is_paid": True,
        }
        assert not said["is_complete"]
        assert [e["kind"] for e in said["entries"]] == [k.value for k in Kind]

    def test_what_is_not_given_stays(self, project, people):
        for data in (
            {"domain_holder": "A", "server_holder": "B"},
            {"server_holder": "", "domain_documented": "Wiki"},
        ):
            said = as_user(people["owner"], UPDATE, id=project["id"], **data)
        assert entry(said, "domain")["holder"] == "A"
        assert entry(said, "domain")["documented"] == "Wiki"
        assert entry(said, "server")["holder"] == ""

    def test_there_is_nothing_at_first(self, project, people):
        said = as_user(people["owner"], SHOW, id=project["id"])
        assert (said["modified"], said["is_complete"]) == ("", False)
        assert not any(e["holder"] or e["unused"] for e in said["entries"])

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("domain_holder", "Passwort: hunter2"),
            ("server_documented", "postgresql://a:b@example.org/c"),
            ("money_payer", "PIN: 4711"),
            ("data_could_follow", "-----BEGIN RSA PRIVATE KEY-----"),
            ("domain_holder", "a\nb"),
            ("domain_holder", "a" * 301),
            ("domain_documented", "a" * 2001),
            ("domain_paid_until", "bald"),
            ("domain_paid_until", "2027-13"),
            ("domain_holder", ["a"]),
        ],
    )
    def test_is_checked(self, field, value, project, people, caplog):
        caplog.set_level(logging.DEBUG)
        with pytest.raises(tk.ValidationError) as raised:
            as_user(
                people["owner"], UPDATE, id=project["id"], **{field: value}
            )
        assert [*raised.value.error_dict] == [field]
        if isinstance(value, str) and len(value) > 3:
            assert value not in str(raised.value.error_dict)
            ours = [r for r in caplog.records if "sqlalchemy" not in r.name]
            assert not any(value in r.getMessage() for r in ours)
        assert model.Session.query(Handover).count() == 0

    def test_a_date_can_be_taken_out(self, project, people):
        for date in ("2027", " "):
            said = as_user(
                people["owner"],
                UPDATE,
                id=project["id"],
                domain_paid_until=date,
            )
        assert entry(said, "domain")["paid_until"] == ""

    def test_what_was_paid_until_is_over(self, project, people, shared_app):
        for date, is_paid in (("2020", False), ("2999-01", True)):
            said = as_user(
                people["owner"],
                UPDATE,
                id=project["id"],
                domain_paid_until=date,
            )
            assert entry(said, "domain")["is_paid"] is is_paid
            path = f"/civic_project/handover/{project['name']}"
            page = Browser(shared_app, people["owner"]).get(path)
            assert ("Is it paid on?" in page.body) is not is_paid

    @pytest.mark.parametrize("columns", [{"state": "deleted"}, {"type": "x"}])
    def test_is_for_projects_that_go_on(self, columns, kept):
        project = copy_of(kept, **columns)
        for action in (SHOW, UPDATE, PREPARED):
            with pytest.raises(tk.ObjectNotFound):
                as_portal(action, id=project["id"])


class TestComplete:
    def test_is_when_each_thing_is_settled(self, project, people):
        as_user(people["owner"], UPDATE, id=project["id"], **COMPLETE)
        assert as_user("", PREPARED, id=project["id"]) is True
        # Each of them counts.
        for name, value in COMPLETE.items():
            data = {name: False if value is True else ""}
            said = as_user(people["owner"], UPDATE, id=project["id"], **data)
            assert said["is_complete"] is False
            assert as_user("", PREPARED, id=project["id"]) is False
            said = as_user(
                people["owner"], UPDATE, id=project["id"], **{name: value}
            )
            assert said["is_complete"] is True

    def test_is_said_on_the_page(self, project, people, shared_app):
        page = f"/civic_project/{project['name']}"
        visitor = Browser(shared_app)
        assert "Handover prepared" not in visitor.get(page).body
        as_user(people["owner"], UPDATE, id=project["id"], **COMPLETE)
        badges = html(visitor.get(page)).select_one(".digifarm-badges")
        assert "Handover prepared" in text_of(badges)
        assert "Handover folder" not in visitor.get(page).body

    def test_costs_the_page_one_statement_and_the_list_none(
        self, project, people, shared_app
    ):
        as_user(people["owner"], UPDATE, id=project["id"], **COMPLETE)
        visitor = Browser(shared_app)
        for page, number in (
            (f"/civic_project/{project['name']}", 1),
            ("/civic_project/", 0),
        ):
            visitor.get(page)
            with counting() as cost:
                visitor.get(page)
            asked = [sql for sql in cost.sql if "digifarm_handover" in sql]
            assert len(asked) == number


class TestMeanwhile:
    def test_nobody_overwrites_what_they_have_not_read(self, project, people):
        read = as_user(people["owner"], SHOW, id=project["id"])["version"]
        for holder in ("Erste", "Erste"):
            as_user(
                people["project_editor"],
                UPDATE,
                id=project["id"],
                domain_holder=holder,
            )
        with pytest.raises(tk.ValidationError) as raised:
            as_user(
                people["owner"],
                UPDATE,
                id=project["id"],
                version=read,
                domain_holder="Zweite",
            )
        assert [*raised.value.error_dict] == ["version"]
        said = as_user(people["owner"], SHOW, id=project["id"])
        assert entry(said, "domain")["holder"] == "Erste"

    def test_of_two_at_once_one_is_told(self, project, people, shared_app):
        read = as_user(people["owner"], SHOW, id=project["id"])["version"]
        model.Session.commit()

        def save(holder: str) -> Any:
            return as_user(
                people["owner"],
                UPDATE,
                id=project["id"],
                version=read,
                domain_holder=holder,
            )

        found = in_two_threads(
            shared_app, lambda: save("Eine"), lambda: save("Andere")
        )
        assert sum(one == {"version"} for one in found) == 1
        model.Session.rollback()
        [row] = model.Session.query(Handover)
        assert row.entries["domain"]["holder"] in {"Eine", "Andere"}

    def test_the_form_keeps_what_was_typed(self, project, people, owner):
        path = f"/civic_project/handover/{project['name']}/edit"
        form = owner.form(path, "form.digifarm-form")
        as_user(
            people["project_editor"],
            UPDATE,
            id=project["id"],
            domain_holder="Von anderen",
            server_unused=True,
        )
        form = form.with_values(
            domain_holder="Von mir", domain_documented="Wiki"
        )
        response = owner.send(form)
        page = html(response)
        assert page.title.get_text().strip().startswith("Error:")
        field = page.select_one("#field-domain_holder")
        assert field["value"] == "Von mir"
        # What only others have changed stands there already.
        assert page.select_one("#field-server_unused[checked]")
        said = {
            str(link["href"]): text_of(link.parent).replace(" :", ":")
            for link in page.select("#errors a")
        }
        domain = "Domain: the address of the website – Who holds it"
        server = "Server: where it runs – We have none, and need none"
        assert said == {
            "#field-domain_holder": (
                f"{domain}: Somebody else has written here meanwhile:"
                " “Von anderen”"
            ),
            "#field-server_unused": (
                f"{server}: Somebody else has changed this meanwhile; it"
                " stands here."
            ),
        }
        beside = page.select_one("#field-domain_holder-error")
        assert "“Von anderen”" in text_of(beside)
        # What nobody else has touched needs no word.
        marked = [str(one["id"]) for one in page.select("[id$='-error']")]
        assert marked == [
            "field-domain_holder-error",
            "field-server_unused-error",
        ]
        again = read_form(response, "form.digifarm-form")
        assert again["domain_documented"] == "Wiki"
        owner.send(again)
        said = as_user(people["owner"], SHOW, id=project["id"])
        assert entry(said, "domain")["holder"] == "Von mir"
        assert entry(said, "server")["unused"] is True


class TestPages:
    def test_show_what_is_filled_in_and_fold_the_rest(
        self, project, people, owner
    ):
        path = f"/civic_project/handover/{project['name']}/edit"

        def unfolded(page: Any) -> list[str]:
            opened = html(page).select("form details[open] summary")
            return [text_of(one).partition(":")[0] for one in opened]

        assert len(html(owner.get(path)).select("form details")) == 6
        assert unfolded(owner.get(path)) == []
        as_user(people["owner"], UPDATE, id=project["id"], server_holder="Kim")
        assert unfolded(owner.get(path)) == ["Server"]
        form = owner.form(path, "form.digifarm-form")
        wrong = owner.send(form.with_values(money_paid_until="soon"))
        assert unfolded(wrong) == ["Server", "Money"]

    def test_lead_from_the_project_to_the_form_and_back(
        self, project, people, owner
    ):
        page = owner.get(f"/civic_project/{project['name']}")
        read = f"/civic_project/handover/{project['name']}"
        assert html(page).select_one(f"a[href='{read}']")
        found = owner.get(read)
        assert "Not all is here yet" in found.body
        assert html(found).select_one(f"a[href='{read}/edit']")
        form = owner.form(f"{read}/edit", "form.digifarm-form")
        saved = owner.send(
            form.with_values(
                domain_holder=f"{WORDS} <i>",
                domain_documented="https://wiki.example.org/domain",
                domain_paid_until="1.2.2020",
                app_store_unused="true",
            )
        )
        assert saved.request.path == read
        assert "has been saved" in saved.body
        domain = html(saved).select_one("#domain")
        assert f"{WORDS} <i>" in text_of(domain)
        assert "that is over" in text_of(domain)
        assert domain.select_one("a[href='https://wiki.example.org/domain']")
        store = text_of(html(saved).select_one("#app_store"))
        assert "has none" in store
        form = owner.form(f"{read}/edit", "form.digifarm-form")
        assert form["app_store_unused"] == "true"
        assert "server_unused" not in form.values

    def test_lead_there_from_the_team(self, project, owner):
        page = html(owner.get(f"/civic_project/team/{project['name']}"))
        assert page.select_one(
            f"a[href='/civic_project/handover/{project['name']}']"
        )

    def test_lead_there_from_ending(self, project, owner):
        page = html(owner.get(f"/civic_project/end/{project['name']}"))
        assert page.select_one(
            f"a[href='/civic_project/handover/{project['name']}']"
        )

    def test_lead_there_from_ones_own(self, people, shared_app):
        user = factories.User()
        project = factories.Dataset(
            type="civic_project", owner_org="green-office"
        )
        as_portal(
            "package_collaborator_create",
            id=project["id"],
            user_id=user["id"],
            capacity="editor",
        )
        mine = Browser(shared_app, user["id"]).get("/dashboard/projects")
        assert html(mine).select_one(
            f"a[href='/civic_project/handover/{project['name']}']"
        )

    def test_refuse_a_secret_and_keep_the_rest(self, project, owner):
        path = f"/civic_project/handover/{project['name']}/edit"
        form = owner.form(path, "form.digifarm-form")
        response = owner.send(
            form.with_values(
                domain_holder="Verein", domain_documented="Passwort: hunter2"
            )
        )
        page = html(response)
        assert "looks like a password" in text_of(
            page.select_one("#field-domain_documented-error")
        )
        assert page.select_one("#errors a[href='#field-domain_documented']")
        assert page.select_one("#field-domain_holder")["value"] == "Verein"
        assert model.Session.query(Handover).count() == 0

    def test_name_their_fields_apart(self, project, owner):
        page = html(
            owner.get(f"/civic_project/handover/{project['name']}/edit")
        )
        labels = [text_of(label) for label in page.select("form label")]
        ours = [label for label in labels if "Who holds it" in label]
        assert len(ours) == len(Kind) == len(set(ours))
        assert "<span" not in "".join(labels)

    def test_need_a_token(self, project, owner):
        path = f"/civic_project/handover/{project['name']}/edit"
        response = owner.post(path, data={"domain_holder": "Fremd"})
        assert response.status_code == 400
        assert "Fremd" in response.body
        assert model.Session.query(Handover).count() == 0

    def test_are_kept_by_nobody(self, project, owner):
        response = owner.get(f"/civic_project/handover/{project['name']}")
        assert response.headers["Cache-Control"] == "private"
        assert response.headers["X-Robots-Tag"] == "noindex"

    def test_of_a_project_that_is_gone_are_gone(self, kept, owner):
        gone = copy_of(kept, state="deleted")
        for path in ("", "/edit"):
            address = f"/civic_project/handover/{gone['id']}{path}"
            assert owner.get(address).status_code == 404


def test_nothing_else_tells_of_it(project, people, shared_app):
    """No page, list, feed, index, event or activity of others."""
    as_user(
        people["owner"],
        UPDATE,
        id=project["id"],
        **{**COMPLETE, "domain_holder": WORDS},
    )
    as_portal("package_patch", id=project["id"], summary="Neu")
    for user in ("", people["owner"], people["reviewer"]):
        texts = json.dumps(
            [
                as_user(user, "package_show", id=project["id"]),
                as_user(user, "digifarm_project_show", id=project["id"]),
                as_user(
                    user,
                    "package_search",
                    q="Geheimwort",
                    fq="dataset_type:civic_project",
                ),
            ],
            default=str,
        )
        assert "Geheimwort" not in texts
        browser = Browser(shared_app, user and model.User.get(user).id)
        page = browser.get(f"/civic_project/{project['name']}")
        assert "Geheimwort" not in page.body
    assert "Geheimwort" not in json.dumps(
        as_portal("package_activity_list", id=project["id"]), default=str
    )
    assert {
        place for place, text in dump().items() if "Geheimwort" in text
    } == {"digifarm_handover"}


def test_of_what_was_never_read_all_may_be_something_else():
    names, said = entries.parameters(), entries.whole({})
    assert entries.changed_since(entries.version(said), said) == []
    # Of an older form, such as one that was open during an upgrade.
    for read in ("", "abc", "." * 99):
        assert entries.changed_since(read, said) == names

"""The directory of partners: who keeps it, what it takes, who reads what."""

from __future__ import annotations

import concurrent.futures
from typing import Any

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action, changed_config
from ckanext.digifarm.lib.events import Event, Subject
from ckanext.digifarm.partners import privacy
from ckanext.digifarm.partners.model import Partner
from dev.counting import counting

from ..acting import as_portal, as_user

pytestmark = pytest.mark.usefixtures("shared_portal", "no_partners")

FULL: dict[str, Any] = {
    "title": "Offene Werkstatt „Süd“ e. V.",
    "name": "offene-werkstatt",
    "kind": "association",
    "url": "https://werkstatt.example.org/über?a=1",
    "description": "Wir **löten**\n\nund programmieren.",
    "offer": "Zwei **Abende** im Monat",
    "areas": ["technology", "care"],
    "competences": ["PostGIS", "Löten"],
    "action_fields": ["environment"],
    "contact_name": "Das Team",
    "contact_email": "team@example.org",
}
PRIVATE = {"contact_name", "contact_email"}


@pytest.fixture(autouse=True)
def no_partners(shared_portal) -> None:
    model.Session.rollback()
    for table in (Partner, Event):
        model.Session.query(table).delete()
    model.Session.commit()


@pytest.fixture(scope="module")
def organization(people) -> dict[str, Any]:
    return factories.Organization(
        users=[
            {"name": people["editor"], "capacity": "editor"},
            {"name": people["member"], "capacity": "member"},
        ]
    )


@pytest.fixture(scope="module")
def people(shared_portal) -> dict[str, str]:
    """Names of users, by what they may do."""
    roles = ("reviewer", "looker", "editor", "member", "foreign_editor")
    names = {role: factories.User()["name"] for role in roles}
    factories.Organization(
        name="review-office",
        users=[
            {"name": names["reviewer"], "capacity": "editor"},
            {"name": names["looker"], "capacity": "member"},
        ],
    )
    factories.Organization(
        users=[{"name": names["foreign_editor"], "capacity": "admin"}]
    )
    return {
        **names,
        "sysadmin": factories.Sysadmin()["name"],
        "anonymous": "",
    }


@pytest.fixture(autouse=True)
def reviewers(people):
    with changed_config(
        "ckanext.digifarm.review_organization", "review-office"
    ):
        yield


@pytest.fixture
def partner(organization) -> dict[str, Any]:
    return call_action(
        "digifarm_partner_create",
        **FULL,
        organization_id=organization["name"],
    )


def errors_of(action: str, **data: Any) -> dict[str, Any]:
    with pytest.raises(tk.ValidationError) as raised:
        call_action(action, **data)
    return raised.value.error_dict


def titles(**query: Any) -> list[str]:
    found = as_user("", "digifarm_partner_search", **query)
    return [partner["title"] for partner in found["results"]]


def test_an_export_tells_all_that_is_known(partner):
    told = privacy.export(Partner.get(partner["id"]))
    known = {name: value for name, value in FULL.items() if name != "name"}
    assert {name: told.get(name) for name in known} == known


class TestWhoMay:
    KEEPERS = ("reviewer", "editor", "sysadmin")
    OTHERS = ("looker", "member", "foreign_editor", "anonymous")

    def test_create_for_an_organisation(self, people, organization):
        data = {"title": "T", "kind": "other"}
        for role in self.KEEPERS:
            as_user(
                people[role],
                "digifarm_partner_create",
                title=role,
                kind="other",
                organization_id=organization["name"],
            )
        for role in self.OTHERS:
            with pytest.raises(tk.NotAuthorized):
                as_user(
                    people[role],
                    "digifarm_partner_create",
                    **data,
                    organization_id=organization["id"],
                )
        assert len(titles()) == len(self.KEEPERS)

    @pytest.mark.parametrize("organization_id", [None, ""])
    def test_create_one_without_organisation(self, organization_id, people):
        for role in ("reviewer", "sysadmin"):
            as_user(
                people[role],
                "digifarm_partner_create",
                title=role,
                kind="other",
                organization_id=organization_id,
            )
        for role in ("editor", *self.OTHERS):
            with pytest.raises(tk.NotAuthorized):
                as_user(
                    people[role],
                    "digifarm_partner_create",
                    title="T",
                    kind="other",
                    organization_id=organization_id,
                )

    def test_update_and_delete(self, people, partner):
        for role in self.OTHERS:
            for action in ("update", "delete"):
                with pytest.raises(tk.NotAuthorized):
                    as_user(
                        people[role],
                        f"digifarm_partner_{action}",
                        id=partner["id"],
                        title="Changed",
                    )
        for role in self.KEEPERS:
            changed = as_user(
                people[role],
                "digifarm_partner_update",
                id=partner["name"],
                title=role,
            )
            assert changed == {
                **partner,
                "title": role,
                "modified": changed["modified"],
            }
        as_user(people["editor"], "digifarm_partner_delete", id=partner["id"])
        assert titles() == []

    def test_only_reviewers_give_it_to_another_organisation(
        self, people, partner, organization
    ):
        other = factories.Organization(
            users=[{"name": people["editor"], "capacity": "admin"}]
        )
        for organization_id in (other["id"], ""):
            with pytest.raises(tk.NotAuthorized):
                as_user(
                    people["editor"],
                    "digifarm_partner_update",
                    id=partner["id"],
                    organization_id=organization_id,
                )
        as_user(
            people["editor"],
            "digifarm_partner_update",
            id=partner["id"],
            organization_id=organization["name"],
        )
        moved = as_user(
            people["reviewer"],
            "digifarm_partner_update",
            id=partner["id"],
            organization_id=other["name"],
        )
        assert moved["organization_id"] == other["id"]

    def test_nobody_reviews_where_no_organisation_is_named(
        self, people, partner
    ):
        with (
            changed_config("ckanext.digifarm.review_organization", None),
            pytest.raises(tk.NotAuthorized),
        ):
            as_user(
                people["reviewer"], "digifarm_partner_update", id=partner["id"]
            )

    def test_read_how_to_reach_it(self, people, partner):
        for role in self.KEEPERS:
            shown = as_user(
                people[role], "digifarm_partner_show", id=partner["id"]
            )
            assert shown == partner
        public = {k: v for k, v in partner.items() if k not in PRIVATE}
        for role in self.OTHERS:
            shown = as_user(
                people[role], "digifarm_partner_show", id=partner["name"]
            )
            assert shown == public
        for role in people:
            found = as_user(people[role], "digifarm_partner_search")
            assert found == {"count": 1, "results": [public], "meant": ""}

    def test_read_a_deleted_one(self, people, partner):
        call_action("digifarm_partner_delete", id=partner["id"])
        for role in self.KEEPERS:
            shown = as_user(
                people[role], "digifarm_partner_show", id=partner["id"]
            )
            assert shown["state"] == "deleted"
        for role in self.OTHERS:
            with pytest.raises(tk.NotAuthorized):
                as_user(
                    people[role],
                    "digifarm_partner_show",
                    id="offene-werkstatt",
                )


class TestFields:
    def test_are_kept(self, partner, organization):
        assert {key: partner[key] for key in FULL} == FULL
        assert partner["organization_id"] == organization["id"]
        assert partner["state"] == "active"

    def test_are_optional_but_for_title_and_kind(self):
        partner = call_action(
            "digifarm_partner_create", title="Café", kind="company"
        )
        assert partner["name"] == "cafe"
        assert partner["areas"] == partner["competences"] == []
        assert partner["url"] == partner["contact_email"] == ""
        assert partner["organization_id"] is None
        errors = errors_of("digifarm_partner_create")
        assert set(errors) == {"title", "kind"}

    def test_are_emptied(self, partner):
        empty = {
            key: [] if isinstance(value, list) else ""
            for key, value in FULL.items()
            if key not in {"title", "name", "kind"}
        }
        changed = call_action(
            "digifarm_partner_update", id=partner["id"], **empty
        )
        assert {key: changed[key] for key in empty} == empty

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("title", "a\nb"),
            ("title", "a" * 201),
            ("title", ["a"]),
            ("title", "a\x00"),
            ("name", "Not a name"),
            ("name", "new"),
            ("name", "a" * 200),
            ("name", ["a"]),
            ("name", "a\x00"),
            ("kind", "circus"),
            ("kind", ["association"]),
            ("url", "javascript:alert(1)"),
            ("url", {"a": "b"}),
            ("description", "a" * 10_001),
            ("description", 5),
            ("description", "\ud800"),
            ("offer", "a" * 5_001),
            ("offer", 5),
            ("offer", "\ud800"),
            ("areas", ["fun"]),
            ("areas", {"content": True}),
            ("areas", [["content"]]),
            ("areas", [{"a": "b"}]),
            ("competences", ["a" * 101]),
            ("competences", [f"c{i}" for i in range(51)]),
            ("competences", [None]),
            ("action_fields", "nothing"),
            ("contact_email", "not an address"),
            ("contact_email", ["a@example.org"]),
            ("contact_email", "a@example.org\nBcc: b@example.org"),
            ("contact_name", "a" * 201),
            ("organization_id", "nowhere"),
            ("organization_id", ["a"]),
            ("organization_id", "\x00"),
        ],
    )
    def test_refuse_what_is_wrong_by_name(self, field, value, partner):
        data = {"title": "T", "kind": "other", field: value}
        assert set(errors_of("digifarm_partner_create", **data)) == {field}
        data = {"id": partner["id"], field: value}
        assert set(errors_of("digifarm_partner_update", **data)) == {field}
        assert titles() == [FULL["title"]]

    def test_the_name_stays_when_it_is_emptied(self, partner):
        for name in ("", None):
            changed = call_action(
                "digifarm_partner_update", id=partner["id"], name=name
            )
            assert changed["name"] == partner["name"]

    def test_an_old_choice_does_not_stand_in_the_way(self, partner):
        stored = Partner.get(partner["id"])
        stored.areas, stored.kind = ["of former times"], "circus"
        model.Session.commit()
        changed = call_action(
            "digifarm_partner_update", id=partner["id"], title="Anders"
        )
        assert changed["title"] == "Anders"
        assert changed["areas"] == ["of former times"]

    def test_the_same_partner_is_not_listed_twice(self, partner, organization):
        again = {**FULL, "name": "", "organization_id": organization["id"]}
        assert set(errors_of("digifarm_partner_create", **again)) == {"title"}
        call_action(
            "digifarm_partner_create", **again | {"organization_id": ""}
        )

    def test_two_may_take_a_name_at_the_same_moment(self):
        def create(number: int) -> str:
            try:
                call_action(
                    "digifarm_partner_create",
                    title=f"Verein {number}",
                    name="verein",
                    kind="other",
                )
            except tk.ValidationError as e:
                return str(e.error_dict)
            finally:
                model.Session.remove()
            return "created"

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            results = sorted(pool.map(create, range(4)))
        assert results.count("created") == 1
        assert all("short name" in r for r in results if r != "created")

    def test_names_are_taken_once(self, partner):
        second = call_action(
            "digifarm_partner_create", title="Offene Werkstatt", kind="other"
        )
        assert second["name"] == "offene-werkstatt-2"
        taken = "Another partner has this short name already"
        assert errors_of(
            "digifarm_partner_update", id=second["id"], name=partner["name"]
        ) == {"name": [taken]}
        call_action(
            "digifarm_partner_update", id=second["id"], name=second["name"]
        )

    def test_a_group_is_no_organisation(self):
        group = factories.Group()
        errors = errors_of(
            "digifarm_partner_create",
            title="T",
            kind="other",
            organization_id=group["id"],
        )
        assert set(errors) == {"organization_id"}


@pytest.mark.parametrize(
    ("id_", "error"),
    [
        ("nothing", tk.ObjectNotFound),
        (None, tk.ValidationError),
        ("\x00", tk.ValidationError),
        (["a"], tk.ValidationError),
    ],
)
@pytest.mark.parametrize("action", ["show", "update", "delete"])
def test_an_unknown_id(action, id_, error):
    with pytest.raises(error):
        call_action(f"digifarm_partner_{action}", id=id_)


class TestSearch:
    @pytest.fixture(autouse=True)
    def directory(self, no_partners) -> None:
        for title, kind, areas, competences in (
            ("Zebra 100%", "company", ["sponsoring"], []),
            ("ampel_Labor", "university", ["technology"], ["Python"]),
            ("Bücherei", "department", ["content", "care"], ["Texte"]),
        ):
            call_action(
                "digifarm_partner_create",
                title=title,
                kind=kind,
                areas=areas,
                competences=competences,
                description=f"Über {title}",
            )

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({}, ["ampel_Labor", "Bücherei", "Zebra 100%"]),
            ({"q": "bücherei"}, ["Bücherei"]),
            ({"q": "python labor"}, ["ampel_Labor"]),
            ({"q": "python bücherei"}, []),
            ({"q": "100%"}, ["Zebra 100%"]),
            ({"q": "%"}, []),
            ({"q": "_"}, ["ampel_Labor"]),
            ({"q": "'; drop table digifarm_partner; --"}, []),
            ({"kind": "company"}, ["Zebra 100%"]),
            ({"area": "care"}, ["Bücherei"]),
            ({"area": "care", "kind": "company"}, []),
            ({"action_field": "mobility"}, []),
            ({"kind": "circus"}, []),
        ],
    )
    def test_finds(self, query, found):
        assert titles(**query) == found

    def test_pages(self):
        first = as_user("", "digifarm_partner_search", limit=2)
        assert first["count"] == 3
        assert titles(limit=2) == ["ampel_Labor", "Bücherei"]
        assert titles(limit=2, offset=2) == ["Zebra 100%"]

    def test_costs_two_statements_however_many_there_are(self):
        with counting() as cost:
            titles()
        assert len(cost.sql) <= 2
        assert not cost.solr

    @pytest.mark.parametrize(
        "query",
        [
            {"q": "\x00"},
            {"limit": -1},
            {"limit": 10**20},
            {"offset": 2**31},
            {"kind": ["a"]},
            {"q": "a" * 201},
        ],
    )
    def test_refuses_what_is_no_query(self, query):
        assert set(errors_of("digifarm_partner_search", **query)) == set(query)


def test_what_happens_to_a_partner_is_kept(people, partner):
    as_user(people["reviewer"], "digifarm_partner_delete", id=partner["id"])
    created, deleted = Event.of(Subject.PARTNER, partner["id"])
    assert (created.target, deleted.target) == ("active", "deleted")
    as_user(people["reviewer"], "digifarm_partner_delete", id=partner["id"])
    assert len(Event.of(Subject.PARTNER, partner["id"])) == 2
    with pytest.raises(tk.NotAuthorized):
        as_user(people["looker"], "digifarm_partner_restore", id=partner["id"])
    as_user(people["editor"], "digifarm_partner_restore", id=partner["id"])
    *_, restored = Event.of(Subject.PARTNER, partner["id"])
    assert restored.target == "active"
    assert titles() == [partner["title"]]
    reviewer = model.User.get(people["reviewer"])
    assert deleted.created_by == reviewer.id


def test_a_partner_outlives_its_organisation(people):
    organization = factories.Organization()
    partner = call_action(
        "digifarm_partner_create",
        title="T",
        kind="other",
        organization_id=organization["id"],
    )
    call_action("organization_purge", id=organization["id"])
    model.Session.expire_all()
    assert Partner.get(partner["id"]).organization_id is None


class TestProposed:
    """Whoever records a partner lets a reviewer look at it first."""

    def test_waits_until_a_reviewer_lets_it_in(self):
        partner = as_portal(
            "digifarm_partner_create",
            title="Kim Kern",
            kind="other",
            proposed=True,
        )
        assert partner["state"] == "proposed"
        found = as_portal("digifarm_partner_search", q="Kern")
        assert found["count"] == 0
        waiting = as_portal("digifarm_partner_proposed_list")
        assert partner["id"] in {one["id"] for one in waiting}
        as_portal("digifarm_partner_accept", id=partner["id"])
        found = as_portal("digifarm_partner_search", q="Kern")
        assert [one["id"] for one in found["results"]] == [partner["id"]]

    def test_nobody_reads_it_before(self):
        partner = as_portal(
            "digifarm_partner_create",
            title="Robin Kern",
            kind="other",
            proposed=True,
        )
        with pytest.raises(tk.NotAuthorized):
            as_user("", "digifarm_partner_show", id=partner["id"])

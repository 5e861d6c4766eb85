"""Partners follow, change and delete what they have registered."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from typing import Any
from unittest import mock

import ckantoolkit as tk
import pytest

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action, changed_config
from ckanext.digifarm import privacy
from ckanext.digifarm.lib import clock, forms, tokens
from ckanext.digifarm.lib.events import Event, Subject
from ckanext.digifarm.lib.tokens import Purpose
from ckanext.digifarm.partners.model import Partner
from ckanext.digifarm.support.model import Support

from ..acting import as_user
from ..browsing import Browser, html, text_of
from ..offering import empty_tables
from ..outbox import empty_outbox, link_in, waiting_mails

pytestmark = pytest.mark.usefixtures("shared_portal", "nothing", "patient")

CONTACT = "kontakt@example.org"
FULL: dict[str, Any] = {
    "title": "Radclub Süd",
    "kind": "association",
    "description": "Wir zählen Räder",
    "areas": ["technology"],
    "contact_name": "Das Team",
    "contact_email": CONTACT,
    "consent": True,
}


@pytest.fixture
def nothing(shared_portal) -> None:
    empty_tables()


@pytest.fixture
def patient():
    """Let tests fill in a form as fast as programs do."""
    with mock.patch.object(forms, "MIN_SECONDS", 0):
        yield


@pytest.fixture(scope="module")
def people(shared_portal) -> dict[str, str]:
    names = {role: factories.User()["name"] for role in ("reviewer", "other")}
    factories.Organization(
        name="review-office",
        users=[{"name": names["reviewer"], "capacity": "editor"}],
    )
    return {**names, "sysadmin": factories.Sysadmin()["name"], "anonymous": ""}


@pytest.fixture(autouse=True)
def reviewers(people) -> Iterator[None]:
    option = "ckanext.digifarm.review_organization"
    with changed_config(option, "review-office"):
        yield


def link_of(id_: str, purpose: Purpose = Purpose.PARTNER) -> str:
    """The token that the contact of a partner has now."""
    row = get(id_)
    return tokens.make(purpose, id_, row.token_key)


def get(id_: str) -> Partner:
    model.Session.rollback()
    model.Session.expire_all()
    found = Partner.get(id_)
    assert found
    return found


def get_named(title: str) -> str:
    """The id of a partner of this title."""
    row = model.Session.query(Partner).filter_by(title=title).one()
    return row.id


@pytest.fixture
def proposed() -> str:
    """The id of a partner that somebody without an account registered."""
    id_ = as_user("", "digifarm_partner_register", **FULL)["id"]
    token = link_of(id_, Purpose.PARTNER_CONFIRM)
    as_user("", "digifarm_partner_confirm", token=token)
    return id_


@pytest.fixture
def listed(proposed) -> str:
    """The same once it is in the directory; its mails are sent."""
    call_action("digifarm_partner_accept", id=proposed)
    empty_outbox()
    return proposed


@pytest.fixture
def of_account(people) -> str:
    """The id of a partner that is registered by account."""
    data = {**FULL, "title": "Fahrradküche"}
    return as_user(people["other"], "digifarm_partner_register", **data)["id"]


@pytest.fixture
def visitor(shared_app) -> Browser:
    return Browser(shared_app)


def change(token: str, **data: Any) -> dict[str, Any]:
    return as_user("", "digifarm_partner_change", token=token, **data)


def subjects() -> list[tuple[str, str]]:
    return sorted((m.recipient_email, m.subject) for m in waiting_mails())


class TestReceipt:
    def test_says_what_comes_next_and_leads_to_the_page(
        self, proposed, visitor
    ):
        [mail] = waiting_mails(CONTACT)[-1:]
        assert "has arrived" in mail.subject
        assert "the city’s team looks at it" in mail.body
        page = visitor.get(link_in(mail))
        assert page.status_code == 200
        assert "has reached the city’s team" in page.body
        assert page.headers["X-Robots-Tag"] == "noindex"
        assert "no-store" in page.headers["Cache-Control"]

    def test_comes_to_an_account_too(self, of_account, people):
        email = model.User.get(people["other"]).email
        [mail] = waiting_mails(email)
        assert "has arrived" in mail.subject

    def test_of_a_listed_one_leads_there_too(self, proposed, visitor):
        empty_outbox()
        call_action("digifarm_partner_accept", id=proposed)
        [mail] = waiting_mails()
        assert f"/partner/link/{link_of(proposed)}" in mail.body


class TestWhoMay:
    STEPS = ("change", "withdraw", "delete", "own_show")

    @pytest.mark.parametrize("step", STEPS)
    def test_not_others(self, step, proposed, people):
        action = f"digifarm_partner_{step}"
        data = {"id": proposed, "title": "Fremd"}
        roles = ["other", "anonymous"]
        if step != "delete":
            # What reviewers may, they do by their own actions.
            roles.append("reviewer")
        for role in roles:
            with pytest.raises(tk.NotAuthorized):
                as_user(people[role], action, **data)
        assert get(proposed).title == FULL["title"]
        assert get(proposed).state == "proposed"

    @pytest.mark.parametrize("step", STEPS)
    def test_not_by_other_links(self, step, proposed):
        other = as_user(
            "", "digifarm_partner_register", **{**FULL, "title": "Anders"}
        )["id"]
        for token in (
            link_of(proposed, Purpose.PARTNER_CONFIRM),
            link_of(proposed, Purpose.SUPPORT),
            link_of(other),
            tokens.make(Purpose.PARTNER, proposed, tokens.new_key()),
            "abc",
        ):
            with pytest.raises((tk.ValidationError, tk.NotAuthorized)):
                as_user(
                    "",
                    f"digifarm_partner_{step}",
                    id=proposed,
                    token=token,
                    title="Fremd",
                )
        assert get(proposed).title == FULL["title"]
        assert get(proposed).state == "proposed"

    def test_by_account_who_has_registered_it(self, of_account, people):
        user = people["other"]
        call = {"id": of_account, "title": "Neu"}
        as_user(user, "digifarm_partner_change", **call)
        assert get(of_account).title == "Neu"
        found = as_user(user, "digifarm_partner_own_list")
        assert [p["id"] for p in found["results"]] == [of_account]
        assert (
            as_user(people["reviewer"], "digifarm_partner_own_list")["count"]
            == 0
        )
        as_user(user, "digifarm_partner_withdraw", id=of_account)
        assert get(of_account).state == "deleted"

    def test_nobody_lists_what_strangers_have_registered(self, proposed):
        with pytest.raises(tk.NotAuthorized):
            as_user("", "digifarm_partner_own_list")
        assert call_action("digifarm_partner_own_list")["count"] == 0

    def test_not_any_more_with_another_contact(self, listed, of_account):
        call_action(
            "digifarm_partner_update",
            id=of_account,
            contact_email="neu@example.org",
        )
        assert get(of_account).user_id is None
        token = link_of(listed)
        call_action(
            "digifarm_partner_update",
            id=listed,
            contact_email="neu@example.org",
        )
        with pytest.raises(tk.ValidationError):
            change(token, title="Fremd")
        # What else the city changes leaves the link as it is.
        token = link_of(listed)
        call_action("digifarm_partner_update", id=listed, description="X")
        change(token, title="Eigen")


class TestAnotherContact:
    NEW = "neu@example.org"

    def link_to(self, email: str) -> str:
        [mail] = waiting_mails(email)
        [path] = re.findall(r"/partner/(?:link|confirm)/\S+", mail.body)
        return path

    @pytest.mark.parametrize(
        ("state", "words"),
        [
            ("proposed", "has reached the city’s team"),
            ("active", "You are in the directory of partners"),
        ],
    )
    def test_gets_a_link_of_their_own(self, state, words, proposed, visitor):
        if state == "active":
            call_action("digifarm_partner_accept", id=proposed)
        empty_outbox()
        update = {"id": proposed, "contact_email": self.NEW}
        call_action("digifarm_partner_update", **update)
        assert words in visitor.get(self.link_to(self.NEW)).body
        # The same again is no other one.
        empty_outbox()
        call_action("digifarm_partner_update", **update, description="X")
        assert waiting_mails() == []

    def test_of_an_unconfirmed_one_confirms_it(self, visitor):
        id_ = as_user("", "digifarm_partner_register", **FULL)["id"]
        empty_outbox()
        call_action("digifarm_partner_update", id=id_, contact_email=self.NEW)
        page = visitor.get(self.link_to(self.NEW))
        assert "Confirm the registration" in page.body

    def test_of_a_deleted_one_gets_none(self, listed):
        call_action("digifarm_partner_delete", id=listed)
        empty_outbox()
        call_action(
            "digifarm_partner_update", id=listed, contact_email=self.NEW
        )
        assert get(listed).contact_email == self.NEW
        assert waiting_mails() == []

    def test_of_a_new_entry_is_told(self, visitor, people):
        with changed_config("ckanext.digifarm.contact_email", "s@example.org"):
            as_user(
                people["reviewer"],
                "digifarm_partner_create",
                title="Radhaus",
                kind="association",
                contact_name="Kim",
                contact_email=self.NEW,
            )
        [mail] = waiting_mails()
        assert mail.recipient_email == self.NEW
        assert mail.subject == "You are the contact of “Radhaus”"
        assert "Is that a mistake? Please write to: s@example.org" in mail.body
        page = visitor.get(f"/partner/link/{link_of(get_named('Radhaus'))}")
        assert "You are in the directory of partners" in page.body

    def test_hears_when_it_comes_back_and_when_it_is_merged(self, listed):
        call_action("digifarm_partner_delete", id=listed)
        call_action("digifarm_partner_restore", id=listed)
        other = call_action(
            "digifarm_partner_create", title="Radverein", kind="association"
        )
        call_action("digifarm_partner_merge", id=listed, into=other["id"])
        deleted = "“Radclub Süd” is not in the directory of partners any more"
        assert [mail.subject for mail in waiting_mails(CONTACT)] == [
            deleted,
            "“Radclub Süd” is in the directory of partners",
            "“Radclub Süd” and “Radverein” are one entry now",
        ]
        assert other["name"] in waiting_mails(CONTACT)[-1].body


class TestChange:
    def test_of_what_waits_tells_nobody(self, proposed):
        empty_outbox()
        token = link_of(proposed)
        change(token, description="Neu")
        change(token, contact_name="Kim")
        change(token, offer="Geld")
        assert get(proposed).offer == "Geld"
        assert (get(proposed).description, get(proposed).contact_name) == (
            "Neu",
            "Kim",
        )
        assert waiting_mails() == []

    def test_of_what_is_listed_tells_reviewers_what(self, listed, people):
        change(link_of(listed), title="Radclub Nord", areas=["care"])
        assert get(listed).title == "Radclub Nord"
        [mail] = waiting_mails()
        assert mail.recipient_email == model.User.get(people["reviewer"]).email
        assert "“Radclub Süd” calls itself “Radclub Nord” now" in mail.body
        assert "Name" in mail.body.splitlines()[-6] or "Name" in mail.body
        assert CONTACT not in mail.body
        *_, event = Event.of(Subject.PARTNER, listed)
        assert event.action == "digifarm_partner_change"
        assert (event.source, event.target) == ("active", "active")
        assert event.data["fields"] == ["areas", "title"]
        assert event.actor == "contact"

    def test_of_nothing_is_none(self, listed):
        change(link_of(listed), title=FULL["title"])
        assert waiting_mails() == []

    def test_keeps_what_is_the_citys(self, listed):
        before = get(listed).name
        organization = factories.Organization()["id"]
        change(
            link_of(listed),
            name="fremd",
            organization_id=organization,
            contact_email="fremd@example.org",
            state="deleted",
        )
        row = get(listed)
        assert (row.name, row.organization_id, row.state) == (
            before,
            None,
            "active",
        )
        assert row.contact_email == CONTACT

    def test_says_what_is_wrong(self, listed):
        call_action("digifarm_partner_create", title="Da", kind="other")
        for data, field in (
            ({"title": ""}, "title"),
            ({"title": "Da"}, "title"),
            ({"url": "ftp://a"}, "url"),
            ({"contact_name": ""}, "contact_name"),
        ):
            with pytest.raises(tk.ValidationError) as raised:
                change(link_of(listed), **data)
            model.Session.rollback()
            assert set(raised.value.error_dict) == {field}

    @pytest.mark.usefixtures("clean_redis")
    def test_has_limits(self, listed, visitor):
        path = f"/partner/link/{link_of(listed)}/edit"
        with changed_config("ckanext.digifarm.limits.address", "1 per hour"):
            for title, status in (("Eins", 200), ("Zwei", 429)):
                response = visitor.send(
                    visitor.form(path).with_values(title=title)
                )
                assert response.status_code == status
        assert get(listed).title == "Eins"

    def test_is_read_by_reviewers_before_they_decide(self, proposed, people):
        seen = as_user(people["reviewer"], "digifarm_partner_proposed_list")
        change(link_of(proposed), title="Etwas ganz anderes")
        accept = {"id": proposed, "version": seen[0]["modified"]}
        with pytest.raises(tk.ValidationError):
            as_user(people["reviewer"], "digifarm_partner_accept", **accept)
        seen = as_user(people["reviewer"], "digifarm_partner_proposed_list")
        accept["version"] = seen[0]["modified"]
        as_user(people["reviewer"], "digifarm_partner_accept", **accept)
        assert get(proposed).state == "active"


class TestEnd:
    def test_withdrawing_tells_both_sides(self, proposed, people):
        empty_outbox()
        as_user(
            "",
            "digifarm_partner_withdraw",
            token=link_of(proposed),
            reason="Umzug",
        )
        reviewer = model.User.get(people["reviewer"]).email
        assert subjects() == sorted(
            [
                (CONTACT, "Your registration of “Radclub Süd” is withdrawn"),
                (reviewer, "A registration was withdrawn: Radclub Süd"),
            ]
        )
        assert all("> Umzug" in mail.body for mail in waiting_mails())

    def test_leaving_the_directory_tells_both_sides(self, listed, people):
        as_user("", "digifarm_partner_withdraw", token=link_of(listed))
        assert get(listed).state == "deleted"
        reviewer = model.User.get(people["reviewer"]).email
        assert [to for to, _ in subjects()] == sorted([CONTACT, reviewer])
        assert (
            reviewer,
            "A partner has left the directory: Radclub Süd",
        ) in subjects()

    def test_what_was_withdrawn_stays_withdrawn(self, listed, people):
        as_user("", "digifarm_partner_withdraw", token=link_of(listed))
        with pytest.raises(tk.ValidationError):
            as_user(people["reviewer"], "digifarm_partner_restore", id=listed)
        assert get(listed).state == "deleted"

    def test_the_contact_deletes_nothing_as_others_do(self, listed, people):
        token = link_of(listed)
        with pytest.raises(tk.NotAuthorized):
            as_user("", "digifarm_partner_delete", id=listed, token=token)

    def test_the_contact_hears_of_a_deletion(self, listed, people):
        as_user(people["reviewer"], "digifarm_partner_delete", id=listed)
        [mail] = waiting_mails()
        assert mail.recipient_email == CONTACT
        assert "not in the directory of partners any more" in mail.subject

    def test_all_goes_in_time(self, proposed, of_account):
        as_user("", "digifarm_partner_withdraw", token=link_of(proposed))
        days = tk.config["ckanext.digifarm.retention_days"]
        then = clock.now() + datetime.timedelta(days=days + 1)
        with mock.patch.object(clock, "now", return_value=then):
            privacy.purge()
        model.Session.rollback()
        assert Partner.get(proposed) is None

    def test_who_is_forgotten_has_no_page(self, listed, people):
        row = get(listed)
        row.user_id = model.User.get(people["other"]).id
        model.Session.commit()
        token = link_of(listed)
        privacy.erase(CONTACT)
        assert get(listed).user_id is None
        with pytest.raises(tk.ValidationError):
            change(token, title="Doch")


class TestUsedLinks:
    """They say what has become of it, and never more than that."""

    @pytest.mark.parametrize(
        ("step", "words"),
        [
            ("withdraw", "It was withdrawn."),
            ("decline", "has declined the registration"),
            ("accept", "The partner is in the directory"),
        ],
    )
    def test_of_a_registration(self, step, words, proposed, visitor):
        token = link_of(proposed)
        call_action(f"digifarm_partner_{step}", id=proposed)
        for page in ("", "/edit", "/delete"):
            response = visitor.get(f"/partner/link/{token}{page}")
            assert response.status_code == 410
            assert words in response.body
            assert CONTACT not in response.body

    def test_of_what_was_listed(self, listed, visitor):
        token = link_of(listed)
        call_action("digifarm_partner_delete", id=listed)
        response = visitor.get(f"/partner/link/{token}")
        assert "is not in the directory" in response.body

    def test_to_confirm(self, proposed, visitor):
        row = get(proposed)
        old = tokens.make(Purpose.PARTNER_CONFIRM, row.id, "before")
        page = f"/partner/confirm/{old}"
        token = {"_csrf_token": visitor.token()}
        response = visitor.post(page, data=token)
        assert response.status_code == 410
        assert "is confirmed, and the city’s team looks at it" in response.body


class TestPages:
    def test_from_registering_to_an_own_change(
        self, visitor, shared_app, people
    ):
        form = visitor.form("/partner/register").with_values(
            **{**FULL, "consent": "true"}
        )
        visitor.send(form)
        [mail] = waiting_mails(CONTACT)
        response = visitor.send(
            visitor.form(link_in(mail), "form[method=post]:not(.d-none)")
        )
        assert "has reached the city’s team" in response.body
        path = response.request.path
        assert path.startswith("/partner/link/")
        response = visitor.send(
            visitor.form(f"{path}/edit").with_values(description="Ganz neu")
        )
        assert response.request.path == path
        assert "Your changes have been saved" in response.body
        assert "Ganz neu" in response.body
        wrong = visitor.send(
            visitor.form(f"{path}/edit").with_values(title="")
        )
        assert html(wrong).select_one("#errors a[href='#field-title']")

        reviewer = Browser(shared_app, people["reviewer"])
        reviewer.send(
            reviewer.form("/partner/review", "form[action$='/accept']")
        )
        mail = waiting_mails(CONTACT)[-1]
        [path] = {
            word.partition("test.ckan.net")[2]
            for word in mail.body.split()
            if "/partner/link/" in word
        }
        page = visitor.get(path)
        assert "You are in the directory" in page.body
        response = visitor.send(
            visitor.form(f"{path}/edit").with_values(title="Radclub Ost")
        )
        assert "public now" in response.body
        assert "Radclub Ost" in visitor.get("/partner/").body
        response = visitor.send(visitor.form(f"{path}/delete"))
        assert "has been deleted" in response.body
        assert "Radclub Ost" not in visitor.get("/partner/").body

    @pytest.mark.parametrize("is_link", [True, False])
    def test_offer_help_with_themselves_filled_in(
        self, is_link, listed, people, shared_app, project_factory
    ):
        project_factory(help_wanted=["technology"])
        browser, path = Browser(shared_app), f"/partner/link/{link_of(listed)}"
        if not is_link:
            user = model.User.get(people["other"])
            get(listed).user_id = user.id
            model.Session.commit()
            browser = Browser(shared_app, user.id)
            path = f"/partner/mine/{listed}"
        page = html(browser.get(path))
        button = page.select_one("#matches a.btn")
        address = str(button["href"])
        response = browser.get(address)
        assert response.headers["Referrer-Policy"] == "no-referrer"
        form = browser.form(address)
        assert (form["who"], form["area"]) == ("partner", "technology")
        assert form["partner"] == get(listed).name
        if is_link:
            assert form["contact_email"] == CONTACT
            assert form["contact_name"] == FULL["contact_name"]
        browser.send(form.with_values(consent="true"))
        model.Session.rollback()
        support = model.Session.query(Support).one()
        assert support.partner_id == listed
        assert model.Package.get(support.project_id).name in address
        # It goes the usual way.
        state = "unconfirmed" if is_link else "offered"
        assert support.state == state

    def test_tell_nobody_else_how_a_partner_is_reached(
        self, listed, visitor, project_factory
    ):
        project = project_factory()
        path = f"/civic_project/support/offer/{project['name']}"
        token = link_of(listed, Purpose.SUPPORT)
        for query in (f"partner={get(listed).name}", f"as={token}", "as=x"):
            response = visitor.get(f"{path}?{query}")
            assert response.status_code == 200
            assert CONTACT not in response.body
            assert FULL["contact_name"] not in text_of(html(response))

    def test_of_an_account_are_for_nobody_else(
        self, of_account, people, shared_app
    ):
        path = f"/partner/mine/{of_account}"
        assert (
            Browser(shared_app, people["other"]).get(path).status_code == 200
        )
        for page in ("", "/edit", "/delete"):
            reviewer = Browser(shared_app, people["reviewer"])
            assert reviewer.get(f"{path}{page}").status_code == 403
            visitor = Browser(shared_app)
            answer = visitor.get(f"{path}{page}", follow_redirects=False)
            assert answer.status_code == 302

"""Support is offered and asked for on pages, in a browser without scripts."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action, changed_config
from ckanext.digifarm.lib import forms, tokens
from ckanext.digifarm.lib.tokens import Purpose
from ckanext.digifarm.partners.model import Partner
from ckanext.digifarm.support.model import Support, SupportState

from ..acting import as_portal, as_user
from ..browsing import Browser, Form, html, read_form, text_of
from ..offering import (
    OFFER,
    REVIEWERS,
    SECRETS,
    confirm,
    create_partner,
    create_people,
    create_project,
    empty_tables,
    get,
    links_of,
    offer,
    outbox,
    store_offer,
    store_partner,
    token_of,
)

pytestmark = pytest.mark.usefixtures("shared_app")

SCRIPT = "<script>alert(1)</script>"
FILLED = {**OFFER, "consent": "true"}
ROOT = "/civic_project/support"


@pytest.fixture(autouse=True)
def nothing(shared_app) -> None:
    empty_tables()


@pytest.fixture(autouse=True)
def settings(monkeypatch):
    monkeypatch.setattr(forms, "MIN_SECONDS", 0)
    with changed_config("ckanext.digifarm.review_organization", REVIEWERS):
        yield


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture(scope="module")
def project(people) -> dict[str, Any]:
    return create_project(people)


@pytest.fixture
def partner(people, nothing) -> dict[str, Any]:
    return store_partner(people)


@pytest.fixture
def browser_of(shared_app, people):
    """Gives the browser of somebody."""

    def browser_of(role: str) -> Browser:
        if role == "anonymous":
            return Browser(shared_app)
        return Browser(shared_app, model.User.get(people[role]).id)

    return browser_of


@pytest.fixture
def visitor(browser_of) -> Browser:
    return browser_of("anonymous")


@pytest.fixture
def path(project) -> str:
    return f"{ROOT}/offer/{project['name']}"


def stored() -> list[Support]:
    model.Session.rollback()
    return model.Session.query(Support).order_by(Support.created).all()


def main(response: Any) -> str:
    return text_of(html(response).select_one("[role=main], div.main"))


class TestForm:
    def test_from_the_project_to_the_settled_support(
        self, visitor, browser_of, project
    ):
        page = html(visitor.get(f"/civic_project/{project['name']}"))
        [way] = {
            a["href"].partition("?")[0]
            for a in page.select(f"a[href^='{ROOT}/offer']")
        }
        response = visitor.send(visitor.form(way).with_values(**FILLED))
        assert response.request.path == f"{way}/sent"
        assert "check your e-mail" in main(response)

        [mail] = outbox()
        [link, *_] = links_of(mail)
        shown = visitor.get(link)
        for words in (SECRETS["message"], "Technical help", OFFER["scope"]):
            assert words in main(shown)
        assert stored()[0].state == "unconfirmed"
        response = visitor.send(visitor.form(link, "form:not([action])"))
        assert response.request.path.startswith(f"{ROOT}/link/")
        assert "Your offer has arrived" in response.body
        assert stored()[0].state == "offered"

        owner = browser_of("owner")
        support_page = f"{ROOT}/{project['name']}"
        assert links_of(outbox()[-1])[0] == support_page
        form = owner.form(support_page, "form[action$='/step/accept']")
        response = owner.send(form)
        assert "has been accepted" in response.body
        assert response.request.path == support_page
        assert SECRETS["contact_email"] in main(response)
        page = main(visitor.get(f"/civic_project/{project['name']}"))
        assert OFFER["scope"] in page
        assert "A private person" in page

        [to_supporter] = [m for m in outbox() if "it is settled" in m.subject]
        link = links_of(to_supporter)[0]
        form = visitor.form(link, "form[action$='/step/end']")
        response = visitor.send(form.with_values(reason="Umzug"))
        assert response.request.path == f"{ROOT}/done/{stored()[0].id}"
        assert stored()[0].state == "ended"

    def test_that_is_accepted_asks_whether_more_is_wanted(
        self, people, browser_of
    ):
        project = create_project(people, help_wanted=["technology", "care"])
        support = store_offer(
            people["offerer"], project=project["id"], area="technology"
        )
        owner = browser_of("owner")
        form = owner.form("/dashboard/support", "form[action$='/accept']")
        response = owner.send(form)
        page = html(response)
        assert [f["id"] for f in page.select("form[id^=still-]")] == [
            "still-technology"
        ]
        form = read_form(response, "#still-technology")
        response = owner.send(form)
        assert (
            "looks for this help no longer: Technical help" in main(response)
            or "Technical help" in response.body
        )
        shown = as_user("", "package_show", id=project["id"])
        assert shown["help_wanted"] == ["care"]
        assert not html(response).select("form[id^=still-]")
        # Others don't.
        other = browser_of("offerer")
        answer = other.post(
            f"{ROOT}/found/{project['name']}",
            data={"area": "care", "_csrf_token": other.token()},
        )
        assert answer.status_code == 403
        assert support.id

    def test_with_an_account_reaches_the_project_at_once(
        self, browser_of, path
    ):
        offerer = browser_of("offerer")
        form = offerer.form(path)
        assert "contact_email" not in form.values
        assert form["contact_name"]
        data = {k: v for k, v in FILLED.items() if k != "contact_email"}
        response = offerer.send(form.with_values(**data))
        assert response.request.path == "/dashboard/support"
        assert OFFER["scope"] in main(response)
        [support] = stored()
        assert support.state == "offered"
        assert support.contact_email == "offerer@example.org"

    def test_is_filled_by_the_address(self, visitor, path):
        form = visitor.form(f"{path}?area=care&scope=%3Cb%3EHallo")
        assert form["area"] == "care"
        assert form["scope"] == "<b>Hallo"

    def test_says_what_care_means(self, visitor, path):
        words = "you may change its entry"
        assert words in main(visitor.get(path))
        with changed_config("ckan.auth.allow_dataset_collaborators", False):
            assert words not in main(visitor.get(path))

    @pytest.mark.parametrize(
        ("mistake", "label"),
        [
            ({"consent": None}, "Consent"),
            ({"contact_email": "nobody"}, "Your e-mail address"),
            ({"contact_email": ""}, "Your e-mail address"),
            ({"contact_name": ""}, "Your name"),
            ({"area": ""}, "Area"),
            ({"scope": "a" * 301}, "What exactly"),
            ({"who": "new", "partner_url": "ftp://a"}, "Website"),
            (
                {"who": "new", "partner_title": "Verein", "partner_kind": ""},
                "Kind of partner",
            ),
        ],
    )
    def test_keeps_everything_after_a_mistake(
        self, mistake, label, visitor, path
    ):
        filled = {
            **FILLED,
            "named": "true",
            "message": f"Hallo\r\n{SCRIPT}",
            "partner_query": "Werk",
            "partner_title": 'Ein "Verein" & mehr',
            "partner_kind": "association",
            "partner_url": "https://example.org/?a=1&b=2",
            **mistake,
        }
        form = visitor.form(path).with_values(**filled)
        response = visitor.send(form)
        assert response.status_code == 200
        assert label in text_of(html(response).select_one("#errors"))
        again = _form_of(response)
        kept = {
            name: value
            for name, value in form.values.items()
            if name != "_csrf_token"
        }
        assert {name: again.values.get(name) for name in kept} == kept
        assert SCRIPT not in response.body
        assert stored() == []
        assert outbox() == []

    def test_a_new_partner(self, visitor, path):
        form = visitor.form(path).with_values(
            **FILLED,
            who="new",
            partner_title="Neuer Verein",
            partner_kind="association",
            # What belongs to the other choices is left out.
            named="true",
            partner="nothing",
        )
        visitor.send(form)
        [support] = stored()
        partner = model.Session.get(Partner, support.partner_id)
        assert (partner.title, partner.state) == (
            "Neuer Verein",
            "unconfirmed",
        )
        assert support.person == ""

    def test_a_partner_is_picked_without_scripts(
        self, visitor, people, path, partner
    ):
        create_partner(people, title="Werkbank", contact_email="")
        form = visitor.form(path).with_values(**FILLED, who="partner")

        response = visitor.send(form)
        assert "Please fill this in" in main(response)
        response = visitor.send(form.with_values(partner_query="gibtsnicht"))
        assert "Nothing matches" in main(response)
        assert stored() == []

        response = visitor.send(form.with_values(partner_query="werk"))
        page = html(response)
        offered = [box["value"] for box in page.select("[name=partner]")]
        assert offered == [partner["name"], "werkbank"]
        assert "geheim" not in text_of(page.select_one("fieldset"))
        again = _form_of(response)
        assert again["message"] == FILLED["message"]
        visitor.send(again.with_values(partner="werkbank", scope=""))
        [support] = stored()
        assert model.Session.get(Partner, support.partner_id).name == (
            "werkbank"
        )

    def test_a_picked_partner_stays_after_a_mistake(
        self, visitor, path, partner
    ):
        form = visitor.form(path).with_values(
            **FILLED,
            who="partner",
            partner=partner["name"],
            partner_query="Werk",
        )
        response = visitor.send(form.with_values(contact_name=""))
        assert _form_of(response)["partner"] == partner["name"]

    def test_a_partner_that_is_gone_is_said(self, visitor, path):
        form = visitor.form(path).with_values(
            **FILLED, who="partner", partner="gone"
        )
        response = visitor.send(form)
        assert response.status_code == 200
        errors = text_of(html(response).select_one("#errors"))
        assert "Partner not found" in errors


def _form_of(response: Any) -> Form:
    return read_form(response, "form.digifarm-form")


class TestGuard:
    def test_whoever_fills_in_the_trap_is_told_and_sends_it_again(
        self, visitor, path
    ):
        form = visitor.form(path).with_values(**FILLED, leave_empty="spam")
        trapped = visitor.send(form)
        assert "a field that people don’t see" in main(trapped)
        assert stored() == []
        assert outbox() == []
        visitor.send(read_form(trapped, "form.digifarm-form"))
        assert len(stored()) == 1

    def test_people_do_not_see_the_trap(self, visitor, path):
        page = html(visitor.get(path))
        trap = page.select_one("[name=leave_empty]")
        assert trap["tabindex"] == "-1"
        assert trap.find_parent(attrs={"aria-hidden": "true"})

    def test_whoever_is_too_fast_sends_it_again(
        self, visitor, path, monkeypatch
    ):
        monkeypatch.setattr(forms, "MIN_SECONDS", 3)
        form = visitor.form(path).with_values(**FILLED)
        response = visitor.send(form)
        assert "send them again" in main(response)
        assert stored() == []
        again = _form_of(response)
        assert again["message"] == FILLED["message"]
        assert again["stamp"] == form["stamp"]
        now = forms.time.time()
        monkeypatch.setattr(forms.time, "time", lambda: now + 4)
        visitor.send(again.with_values(consent="true"))
        assert len(stored()) == 1

    @pytest.mark.parametrize("stamp", [None, "", "nonsense", "of a support"])
    def test_whoever_has_not_seen_the_form_gets_a_new_one(
        self, stamp, visitor, path
    ):
        if stamp == "of a support":
            stamp = tokens.make(Purpose.SUPPORT, "id", "0")
        form = visitor.form(path).with_values(**FILLED, stamp=stamp)
        response = visitor.send(form)
        assert "send them again" in main(response)
        assert stored() == []
        visitor.send(_form_of(response))
        assert len(stored()) == 1

    def test_a_form_that_is_sent_twice_counts_once(self, visitor, path):
        form = visitor.form(path).with_values(**FILLED)
        for _ in range(2):
            response = visitor.send(form)
            assert "check your e-mail" in main(response)
        assert len(stored()) == 1
        assert len(outbox()) == 1

    def test_needs_a_token_of_the_session(self, visitor, browser_of, path):
        form = visitor.form(path).with_values(**FILLED)
        for token in (None, "", "nonsense", browser_of("other").token()):
            bad = form.with_values(_csrf_token=token)
            assert visitor.send(bad).status_code == 400
        assert stored() == []

    def test_needs_a_token_at_each_step(self, visitor, browser_of, project):
        support = confirm(offer(project=project["id"]))
        unconfirmed = offer(project=project["id"])
        link = token_of(unconfirmed, Purpose.SUPPORT_CONFIRM)
        owner = browser_of("owner")
        data = {"id": support.id, "token": token_of(support)}
        for browser in (visitor, owner):
            assert browser.post(f"{ROOT}/confirm/{link}").status_code == 400
            for step in ("accept", "decline", "withdraw", "end"):
                answer = browser.post(f"{ROOT}/step/{step}", data=data)
                assert answer.status_code == 400
        request = f"{ROOT}/request/{project['name']}"
        assert owner.post(request, data={}).status_code == 400
        assert [s.state for s in stored()] == ["offered", "unconfirmed"]


class TestLinks:
    @pytest.fixture
    def unconfirmed(self, project) -> Support:
        return offer(project=project["id"])

    def test_opening_the_link_changes_nothing(self, visitor, unconfirmed):
        """Mail scanners open all links."""
        token = token_of(unconfirmed, Purpose.SUPPORT_CONFIRM)
        path = f"{ROOT}/confirm/{token}"
        for method in ("GET", "HEAD", "GET"):
            assert visitor.open(path, method=method).status_code == 200
        assert get(unconfirmed.id).state == "unconfirmed"
        assert len(outbox()) == 1
        for step in ("accept", "decline", "withdraw", "end"):
            answer = visitor.get(f"{ROOT}/step/{step}?token={token}")
            assert answer.status_code in {404, 405}

    @pytest.mark.parametrize("prefix", ["", "/de"])
    @pytest.mark.parametrize("kind", ["confirm", "link"])
    @pytest.mark.parametrize(
        "problem",
        ["used", "forged", "expired", "cut off", "of another kind", "deleted"],
    )
    def test_that_are_of_no_use_say_why(
        self, problem, kind, prefix, visitor, people, project
    ):
        if problem == "deleted":
            project = create_project(people)
        purpose, state = {
            "confirm": (Purpose.SUPPORT_CONFIRM, SupportState.UNCONFIRMED),
            # What waits could still be withdrawn from a deleted project.
            "link": (Purpose.SUPPORT, SupportState.DECLINED),
        }[kind]
        support = store_offer(state=state, project=project["id"])
        token = token_of(support, purpose)
        days = 7
        if problem == "used":
            support.token_key = tokens.new_key()
            model.Session.commit()
        elif problem == "forged":
            token = f"{token[:-4]}AAAA"
        elif problem == "cut off":
            token = token[: len(token) // 2]
        elif problem == "of another kind":
            token = tokens.make(Purpose.FORM, support.id, support.token_key)
        elif problem == "deleted":
            as_portal("package_delete", id=project["id"])
        else:
            days = -1
        with (
            changed_config("ckanext.digifarm.token_days", days),
            mock.patch.object(tokens, "FOLLOW_DAYS", days),
        ):
            response = visitor.get(f"{prefix}{ROOT}/{kind}/{token}")
        assert response.status_code == 410
        assert html(response).select_one("[role=main] h1")
        assert SECRETS["message"] not in response.body
        if not prefix:
            sentence = {
                "used": "has been used already",
                "expired": "has expired",
                "deleted": "of no use any more",
            }
            expected = sentence.get(problem, "is not valid")
            assert expected in main(response)

    def test_are_used_up_by_the_button(self, visitor, unconfirmed):
        token = token_of(unconfirmed, Purpose.SUPPORT_CONFIRM)
        form = visitor.form(f"{ROOT}/confirm/{token}", "form:not([action])")
        visitor.send(form)
        count = len(outbox())
        response = visitor.send(form)
        assert response.status_code == 410
        assert "used already" in main(response)
        assert len(outbox()) == count

    def test_used_ones_take_no_step(self, visitor, unconfirmed):
        support = confirm(unconfirmed)
        path = f"{ROOT}/link/{token_of(support)}"
        form = visitor.form(path, "form[action$='/step/withdraw']")
        assert visitor.send(form).status_code == 200
        response = visitor.send(form)
        assert response.status_code == 410
        assert "used already" in main(response)

    def test_of_one_support_take_no_step_of_another(
        self, visitor, project, unconfirmed
    ):
        support = confirm(unconfirmed)
        other = confirm(offer(project=project["id"]))
        path = f"{ROOT}/link/{token_of(support)}"
        form = visitor.form(path, "form[action$='/step/withdraw']")
        response = visitor.send(form.with_values(id=other.id))
        assert response.status_code == 410
        assert {s.state for s in stored()} == {"offered"}

    @pytest.mark.parametrize("kind", ["confirm", "link", "nonsense", "form"])
    def test_stay_secret(self, kind, visitor, project, unconfirmed):
        if kind == "confirm":
            token = token_of(unconfirmed, Purpose.SUPPORT_CONFIRM)
            path = f"confirm/{token}"
        elif kind == "link":
            path = f"link/{token_of(confirm(unconfirmed))}"
        elif kind == "form":
            # Else many people would send the same form.
            path = f"offer/{project['name']}"
        else:
            path = "link/nonsense"
        with (
            changed_config("ckan.cache_enabled", True),
            changed_config("ckan.cache_expires", 600),
        ):
            response = visitor.get(f"{ROOT}/{path}")
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["X-Robots-Tag"] == "noindex"
        assert "private" in response.headers["Cache-Control"]
        assert "public" not in response.headers["Cache-Control"]

    def test_headers_are_those_of_our_pages_only(self, visitor):
        response = visitor.get("/civic_project/")
        assert "X-Robots-Tag" not in response.headers


class TestSteps:
    @pytest.fixture
    def support(self, people, project, partner) -> Support:
        return store_offer(
            people["offerer"], project=project["id"], partner=partner["id"]
        )

    @pytest.mark.parametrize(
        "came_from",
        [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "\\\\evil.example",
            "javascript:alert(1)",
            "evil.example",
            "http:evil.example",
            "",
        ],
    )
    def test_lead_to_no_other_site(self, came_from, browser_of, support):
        owner = browser_of("owner")
        form = owner.form("/dashboard/support", "form[action$='/decline']")
        response = owner.post(
            form.action,
            data=form.with_values(came_from=came_from).values,
            follow_redirects=False,
        )
        assert response.status_code == 302
        location = response.headers["Location"]
        assert location.startswith(("http://test.ckan.net/", "/"))
        assert not location.startswith(("//", "/\\", "/\t", "/\n"))
        assert get(support.id).state == "declined"

    def test_lead_back(self, browser_of, support):
        owner = browser_of("owner")
        form = owner.form("/de/dashboard/support", "form[action$='/decline']")
        response = owner.send(form)
        assert response.request.path.endswith("/dashboard/support")

    def test_that_come_too_late_are_explained(self, browser_of, support):
        owner, offerer = browser_of("owner"), browser_of("offerer")
        form = owner.form("/dashboard/support", "form[action$='/accept']")
        theirs = "form[action$='/withdraw']"
        offerer.send(offerer.form("/dashboard/support", theirs))
        response = owner.send(form)
        assert "was withdrawn" in response.body
        assert get(support.id).state == "withdrawn"

    @pytest.mark.parametrize("step", ["accept", "decline", "withdraw", "end"])
    def test_are_closed_to_others(self, step, browser_of, support):
        path = f"{ROOT}/step/{step}"
        for role in ("other", "anonymous", "project_member"):
            browser = browser_of(role)
            data = {"_csrf_token": browser.token(), "id": support.id}
            response = browser.post(path, data=data, follow_redirects=False)
            assert response.status_code == (
                302 if role == "anonymous" else 403
            )
            nothing = {**data, "id": "nothing"}
            assert browser.post(path, data=nothing).status_code == 404
        assert get(support.id).state == "offered"


class TestDashboard:
    def test_needs_somebody(self, visitor):
        response = visitor.get("/dashboard/support", follow_redirects=False)
        assert response.status_code == 302
        assert "/user/login" in response.headers["Location"]
        assert "came_from=/dashboard/support" in (
            response.headers["Location"].replace("%2F", "/")
        )

    def test_shows_each_side_what_it_can_do(
        self, browser_of, people, project, partner
    ):
        offer(people["offerer"], project=project["id"], scope="Ein Angebot")
        as_user(
            people["owner"],
            "digifarm_support_request",
            project=project["id"],
            partner=partner["id"],
            area="care",
            scope="Eine Anfrage",
        )
        offer(project=project["id"], scope="Unbestätigt")
        expected = {
            "owner": {"Ein Angebot", "Eine Anfrage"},
            "project_editor": {"Ein Angebot", "Eine Anfrage"},
            "offerer": {"Ein Angebot"},
            "partner_editor": {"Eine Anfrage"},
            "other": set(),
        }
        steps = {
            "owner": {"accept", "decline", "withdraw"},
            "project_editor": {"accept", "decline", "withdraw"},
            "offerer": {"withdraw"},
            "partner_editor": {"accept", "decline"},
            "other": set(),
        }
        for role, scopes in expected.items():
            page = html(browser_of(role).get("/dashboard/support"))
            shown = text_of(page.select_one("div.main"))
            for scope in ("Ein Angebot", "Eine Anfrage", "Unbestätigt"):
                assert (scope in shown) == (scope in scopes), role
            forms_ = page.select("form[action*='/step/']")
            found = {form["action"].rpartition("/")[2] for form in forms_}
            assert found == steps[role]

    def test_leaves_out_deleted_projects(self, browser_of, people):
        """But not what whoever has offered it can take back there."""
        project = create_project(people, title="Gelöscht")
        offer(people["offerer"], project=project["id"])
        as_portal("package_delete", id=project["id"])
        for role, is_listed in (("owner", False), ("offerer", True)):
            response = browser_of(role).get("/dashboard/support")
            assert response.status_code == 200
            assert ("Gelöscht" in response.body) == is_listed


class TestRequest:
    def test_by_a_project_is_accepted_by_link(
        self, browser_of, visitor, project, partner
    ):
        owner = browser_of("owner")
        form = owner.form(f"{ROOT}/request/{project['name']}")
        response = owner.send(
            form.with_values(
                partner=partner["name"],
                area="technology",
                message=f"Bitte {SCRIPT}",
            )
        )
        assert "has been asked" in response.body
        assert "werkstatt@" not in response.body
        [mail] = outbox()
        link = next(link for link in links_of(mail) if "/link/" in link)
        shown = visitor.get(link)
        assert f"Bitte {SCRIPT}" in main(shown)
        assert SCRIPT not in shown.body
        form = visitor.form(link, "form[action$='/step/accept']")
        assert "Thank you" in main(visitor.send(form))
        assert stored()[0].state == "accepted"
        response = visitor.get(f"/civic_project/{project['name']}")
        assert partner["title"] in main(response)

    def test_mistakes_are_shown(self, browser_of, people, project):
        silent = create_partner(people, contact_email="")
        owner = browser_of("owner")
        form = owner.form(f"{ROOT}/request/{project['name']}")
        response = owner.send(
            form.with_values(
                partner=silent["name"], area="", message="Bitte\r\nhelft"
            )
        )
        assert "Area" in text_of(html(response).select_one("#errors"))
        again = _form_of(response)
        assert again["message"] == "Bitte\r\nhelft"
        response = owner.send(again.with_values(area="care"))
        assert "how to reach this partner" in response.body
        assert stored() == []


@pytest.fixture
def pages(people, project, partner) -> dict[str, str]:
    """Role and path of each page."""
    unconfirmed = offer(project=project["id"])
    support = offer(
        people["offerer"], project=project["id"], partner=partner["id"]
    )
    name = project["name"]
    confirming = token_of(unconfirmed, Purpose.SUPPORT_CONFIRM)
    return {
        f"{ROOT}/offer/{name}": "anonymous",
        f"{ROOT}/offer/{name}/sent": "anonymous",
        f"{ROOT}/confirm/{confirming}": "anonymous",
        f"{ROOT}/link/{token_of(support)}": "anonymous",
        f"{ROOT}/read/{support.id}": "offerer",
        f"{ROOT}/done/{support.id}": "anonymous",
        f"{ROOT}/request/{name}": "owner",
        f"{ROOT}/{name}": "owner",
        "/dashboard/support": "owner",
    }


@pytest.mark.parametrize("prefix", ["", "/de"])
def test_every_page_opens(prefix, pages, browser_of):
    for path, role in pages.items():
        response = browser_of(role).get(f"{prefix}{path}")
        assert response.status_code == 200, path
        page = html(response)
        assert page.html["lang"] == (prefix[1:] or "en")
        assert page.select("h1"), path
        assert page.title.get_text().strip(), path


@pytest.mark.parametrize(
    "path",
    [
        "/offer/nothing",
        "/offer/nothing/sent",
        "/offer/%00",
        "/read/nothing",
        "/read/%00",
        "/request/nothing",
        "/step/nothing",
    ],
)
@pytest.mark.parametrize("role", ["anonymous", "owner", "sysadmin"])
def test_what_is_not_there_is_not_found(path, role, browser_of):
    response = browser_of(role).get(f"{ROOT}{path}")
    if role == "anonymous" and response.status_code != 404:
        # What needs an account leads to the login, whatever it names.
        assert response.request.path == "/user/login"
        assert path.startswith(("/request", "/read"))
    else:
        assert response.status_code == 404


@pytest.mark.parametrize("kind", ["dataset", "private", "deleted"])
def test_only_open_projects_have_a_form(kind, visitor, people):
    project = create_project(people)
    if kind == "dataset":
        project = factories.Dataset()
    elif kind == "private":
        as_portal("package_patch", id=project["id"], private=True)
    else:
        as_portal("package_delete", id=project["id"])
    for page in ("", "/sent"):
        path = f"{ROOT}/offer/{project['name']}{page}"
        assert visitor.get(path).status_code == 404
    data = {**FILLED, "_csrf_token": visitor.token()}
    path = f"{ROOT}/offer/{project['name']}"
    assert visitor.post(path, data=data).status_code == 404
    assert stored() == []


def test_pages_of_both_sides_are_closed_to_others(browser_of, people, project):
    support = offer(people["offerer"], project=project["id"])
    for path in (
        f"{ROOT}/read/{support.id}",
        f"{ROOT}/request/{project['name']}",
    ):
        for role in ("other", "project_member"):
            response = browser_of(role).get(path)
            assert response.status_code == 403
            assert SECRETS["message"] not in response.body
    response = browser_of("anonymous").get(
        f"{ROOT}/read/{support.id}", follow_redirects=False
    )
    assert response.status_code == 302
    assert "/user/login" in response.headers["Location"]


def test_pages_escape_what_people_wrote(browser_of, people, project):
    data = {
        "contact_name": f"Kim {SCRIPT}",
        "scope": f"Alles {SCRIPT}",
        "message": f"Hallo {SCRIPT}",
        "partner_title": f"Verein {SCRIPT}",
        "partner_kind": "association",
    }
    support = offer(people["offerer"], project=project["id"], **data)
    for path in (
        f"{ROOT}/read/{support.id}",
        f"{ROOT}/{project['name']}",
        "/dashboard/support",
    ):
        for role in ("owner", "sysadmin"):
            if (path, role) == ("/dashboard/support", "sysadmin"):
                continue
            response = browser_of(role).get(path)
            assert response.status_code == 200
            assert SCRIPT not in response.body
            assert f"Hallo {SCRIPT}" in main(response)
    call_action("digifarm_support_accept", id=support.id)
    response = browser_of("anonymous").get(f"/civic_project/{project['name']}")
    assert SCRIPT not in response.body
    assert f"Verein {SCRIPT}" in main(response)

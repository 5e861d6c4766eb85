"""Projects are proposed and decided on by a browser without scripts."""

from __future__ import annotations

from typing import Any
from unittest import mock
from urllib.parse import parse_qs, urlsplit

import pytest

from ckan import model
from ckan.lib.search import SearchError
from ckan.tests import factories
from ckan.tests.helpers import changed_config
from ckanext.digifarm.lib import forms, paging, tokens
from ckanext.digifarm.lib.tokens import Purpose
from ckanext.digifarm.links import picking
from ckanext.digifarm.links.model import Link
from ckanext.digifarm.proposals.model import Proposal

from ..acting import as_user
from ..browsing import Browser, Form, html, read_form, text_of
from ..outbox import link_in, waiting_mails
from ..proposing import (
    CONDITIONS,
    PROJECT,
    REVIEWERS,
    SECRETS,
    confirm,
    create_people,
    delete_packages,
    empty_tables,
    get,
    pending,
    project_of,
    propose,
    put_into,
    store_pending,
    token_of,
)
from ..uses import forget_uses

pytestmark = pytest.mark.usefixtures("shared_app")

SCRIPT = "<script>alert(1)</script>"
CODE = "https://code.example.org/schattenwege"

ROOT = "/civic_project/propose"
REVIEW = "/civic_project/review"
FILLED: dict[str, Any] = {
    **PROJECT,
    **SECRETS,
    "conditions": CONDITIONS,
    "consent": "true",
}
NAVIGATION = "ckanext.digifarm.show_propose_in_navigation"
STRANGERS = ("other", "proposer", "review_member", "project_editor")


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture(autouse=True)
def options(people, monkeypatch):
    empty_tables()
    delete_packages()
    monkeypatch.setattr(forms, "MIN_SECONDS", 0)
    with (
        changed_config("ckanext.digifarm.review_organization", REVIEWERS),
        changed_config("ckanext.digifarm.limits.email", "999 per hour"),
        changed_config("ckanext.digifarm.limits.address", "999 per hour"),
    ):
        yield


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


def stored() -> list[Proposal]:
    model.Session.rollback()
    return model.Session.query(Proposal).all()


def main(response: Any) -> str:
    return text_of(html(response).select_one("[role=main], div.main"))


def errors(response: Any) -> str:
    return text_of(html(response).select_one("#errors"))


def form_of(response: Any) -> Form:
    return read_form(response, "form.digifarm-form")


class TestForm:
    def test_leads_from_the_idea_to_the_project(self, visitor, browser_of):
        dataset = factories.Dataset(title="Bäume der Stadt")
        form = visitor.form(ROOT).with_values(
            **FILLED, datasets=dataset["name"]
        )
        response = visitor.send(form)
        assert response.request.path == f"{ROOT}/sent"
        assert "check your e-mail" in main(response)

        link = link_in(waiting_mails()[0])
        shown = visitor.get(link)
        for words in (PROJECT["title"], PROJECT["summary"], dataset["title"]):
            assert words in main(shown)
        assert stored()[0].state == "unconfirmed"
        response = visitor.send(visitor.form(link, "div.main form"))
        assert response.request.path.startswith(f"{ROOT}/link/")
        assert "looks at it" in main(response)

        reviewer = browser_of("reviewer")
        page = html(reviewer.get(REVIEW))
        [way] = {a["href"] for a in page.select(f"a[href^='{REVIEW}/']")}
        shown = reviewer.get(way)
        assert SECRETS["proposer_email"] in main(shown)
        response = reviewer.send(
            read_form(shown, "form[action$='/request_changes']").with_values(
                reason="Bitte\r\ngenauer"
            )
        )
        assert response.request.path == REVIEW

        link = link_in(waiting_mails(SECRETS["proposer_email"])[-1])
        assert "genauer" in main(visitor.get(link))
        form = visitor.form(f"{link}/edit")
        assert form["title"] == PROJECT["title"]
        assert form["datasets"] == dataset["name"]
        response = visitor.send(
            form.with_values(notes="Genauer", reason="So?", datasets=None)
        )
        assert response.request.path.startswith(f"{ROOT}/link/")
        assert project_of(stored()[0]).notes == "Genauer"
        assert model.Session.query(Link).count() == 0

        response = reviewer.send(
            reviewer.form(way, "form[action$='/approve']").with_values(
                organization="green-office", reason="Schön"
            )
        )
        assert "is public now" in response.body
        name = project_of(stored()[0]).name
        assert "Genauer" in main(visitor.get(f"/civic_project/{name}"))

    def test_with_an_account_needs_no_mail(self, browser_of):
        proposer = browser_of("proposer")
        form = proposer.form(ROOT)
        assert "proposer_email" not in form.values
        assert form["proposer_name"]
        data = {k: v for k, v in FILLED.items() if k != "proposer_email"}
        response = proposer.send(form.with_values(**data))
        [proposal] = stored()
        assert response.request.path == f"{ROOT}/read/{proposal.id}"
        assert proposal.proposer_email == "proposer@example.org"

    def test_is_filled_by_the_address(self, visitor):
        dataset = factories.Dataset()
        form = visitor.form(
            f"{ROOT}?title=%3Cb%3EIdee&stage=idea&help_wanted=care"
            f"&help_wanted=content&datasets={dataset['name']}"
            "&origin_community=Hackathon&proposer_name=Kim"
        )
        assert form["title"] == "<b>Idee"
        assert form["stage"] == "idea"
        assert set(form.values["help_wanted"]) == {"care", "content"}
        assert form["datasets"] == dataset["name"]
        assert form["origin_community"] == "Hackathon"
        assert form["proposer_name"] == "Kim"
        assert stored() == []

    def test_lets_no_address_confirm_anything(self, visitor):
        form = visitor.form(
            f"{ROOT}?consent=true&conditions=open_source&conditions="
            "not_commercial&conditions=public_value&conditions=lawful"
            "&distinct=true"
        )
        assert not {"consent", "conditions", "distinct"} & form.values.keys()

    @pytest.mark.parametrize(
        ("mistake", "field", "label"),
        [
            ({"title": ""}, "title", "Title"),
            ({"summary": "a" * 221}, "summary", "Summary"),
            ({"public_value": ""}, "public_value", "What residents gain"),
            ({"source_license": "nichts"}, "source_license", "licence"),
            ({"tag_string": "!"}, "tag_string", "Tags"),
            ({"url": "ftp://a"}, "url", "Address of the application"),
            ({"conditions": CONDITIONS[:2]}, "conditions", "conditions"),
            ({"consent": None}, "consent", "agree"),
            ({"proposer_name": ""}, "proposer_name", "Your name"),
            ({"proposer_email": "a"}, "proposer_email", "e-mail"),
            ({"datasets": "nothing"}, "datasets", "Datasets"),
        ],
    )
    def test_keeps_everything_after_a_mistake(
        self, mistake, field, label, visitor
    ):
        filled = {
            **FILLED,
            "notes": f"Hallo\r\n{SCRIPT}",
            "action_fields": ["mobility", "environment"],
            "tag_string": "hitze, wege",
            "technologies": "Python",
            **mistake,
        }
        form = visitor.form(ROOT).with_values(**filled)
        response = visitor.send(form)
        assert response.status_code == 200
        assert label.lower() in errors(response).lower()
        page = html(response)
        assert page.select_one(f"#field-{field}-error, #{field}-error") or (
            page.select_one(f"[aria-invalid][name={field}]")
        )
        again = form_of(response)
        kept = {
            name: value
            for name, value in form.values.items()
            # What isn't there can't be chosen.
            if name not in {"_csrf_token", "image_upload", "datasets"}
        }
        assert {name: again.values.get(name) for name in kept} == kept
        assert SCRIPT not in response.body
        assert stored() == []
        assert waiting_mails() == []

    def test_offers_datasets_to_choose_without_scripts(self, visitor):
        public = factories.Dataset(title="Bäume der Stadt")
        factories.Dataset(
            title="Bäume geheim",
            private=True,
            owner_org=factories.Organization()["id"],
        )
        form = visitor.form(ROOT).with_values(**FILLED)
        response = visitor.send(form.with_values(dataset_query="gibtsnicht"))
        assert "Nothing matches" in errors(response)
        response = visitor.send(form.with_values(dataset_query="bäum"))
        assert "choose the datasets you meant" in errors(response)
        boxes = html(response).select("input[name=datasets]")
        assert [box["value"] for box in boxes] == [public["name"]]
        assert stored() == []
        visitor.send(form_of(response).with_values(datasets=public["name"]))
        assert stored()[0].payload["datasets"] == [public["id"]]

    def test_completes_with_public_datasets_only(self, browser_of):
        public = factories.Dataset(title="Bäume der Stadt")
        organization = factories.Organization()["id"]
        for fields in (
            {"private": True},
            {"type": "civic_project"},
        ):
            factories.Dataset(
                title="Bäume geheim", owner_org=organization, **fields
            )
        for role in ("anonymous", "sysadmin"):
            found = browser_of(role).get(f"{ROOT}/datasets?q=bäum").json
            assert [one["name"] for one in found] == [public["name"]]

    def test_keeps_datasets_where_the_search_does_not_answer(self, visitor):
        organization = factories.Organization()["id"]
        chosen, private = (
            factories.Dataset(owner_org=organization, private=private)
            for private in (False, True)
        )
        form = visitor.form(ROOT).with_values(
            **FILLED,
            datasets=[chosen["name"], private["name"], "no-such", "\x00"],
            dataset_query="bäum",
        )
        with mock.patch.object(
            picking, "_search", side_effect=SearchError("down")
        ):
            response = visitor.send(form)
        assert "search doesn’t answer" in errors(response)
        assert form_of(response).values["datasets"] == [chosen["name"]]

    def test_asks_once_whether_it_is_listed_already(self, visitor):
        factories.Dataset(
            type="civic_project",
            title="Schattenwege Münster",
            source_url=CODE,
            owner_org=factories.Organization()["id"],
        )
        form = visitor.form(ROOT).with_values(
            **{**FILLED, "source_url": f"{CODE}.git"}
        )
        response = visitor.send(form)
        assert "listed already" in errors(response)
        assert "Schattenwege Münster" in main(response)
        assert stored() == []
        visitor.send(form_of(response).with_values(distinct="true"))
        assert len(stored()) == 1

    def test_shows_once_titles_that_are_near(self, visitor):
        factories.Dataset(
            type="civic_project",
            title="Schattenwege Münster",
            owner_org=factories.Organization()["id"],
        )
        form = visitor.form(ROOT).with_values(**FILLED)
        page = visitor.get(f"{ROOT}/duplicates?title=Schattenwege")
        assert "Schattenwege Münster" in page.body
        assert not html(page).select("input[name=distinct]")
        response = visitor.send(form)
        assert "send the form again" in errors(response)
        assert "Schattenwege Münster" in main(response)
        assert stored() == []
        visitor.send(form_of(response))
        assert len(stored()) == 1

    def test_lets_pass_who_has_seen_them_while_typing(self, visitor):
        other = factories.Dataset(
            type="civic_project",
            title="Schattenwege Münster",
            owner_org=factories.Organization()["id"],
        )
        page = visitor.get(f"{ROOT}/duplicates?title=Schattenwege")
        [seen] = html(page).select("input[name=seen]")
        assert seen["value"] == other["name"]
        form = visitor.form(ROOT).with_values(**FILLED, seen=other["name"])
        visitor.send(form)
        assert len(stored()) == 1

    def test_says_while_it_is_entered_what_is_likely_the_same(self, visitor):
        factories.Dataset(
            type="civic_project",
            title=f"Schattenwege {SCRIPT}",
            owner_org=factories.Organization()["id"],
        )
        page = visitor.get(f"{ROOT}/duplicates?title=schattenwege+alert")
        assert "Is it one of these?" in page.body
        assert SCRIPT not in page.body
        assert "Is it" not in visitor.get(f"{ROOT}/duplicates?title=x").body

    def test_says_while_it_is_entered_what_the_licence_is(self, visitor):
        for license_, words in (
            ("MIT", "alert-success"),
            ("CC-BY-NC-4.0", "not an open-source licence"),
            (SCRIPT, "don’t know the licence"),
        ):
            page = visitor.get(f"{ROOT}/license?source_license={license_}")
            assert words in page.body
            assert SCRIPT not in page.body
        assert (
            "needs an open-source licence"
            in visitor.get(f"{ROOT}/license").body
        )

    @pytest.mark.parametrize("role", ["project_editor", "reviewer"])
    def test_leads_those_who_create_projects_to_their_own(
        self, role, browser_of
    ):
        datasets = [factories.Dataset()["name"] for _ in range(2)]
        query = "&".join(f"datasets={name}" for name in datasets)
        response = browser_of(role).get(
            f"{ROOT}?title=Neu&help_wanted=care&help_wanted=content&{query}"
        )
        assert response.request.path == "/civic_project/new"
        form = form_of(response)
        assert form["title"] == "Neu"
        assert set(form.values["help_wanted"]) == {"care", "content"}
        assert sorted(form.values["datasets"]) == sorted(datasets)

    def test_of_editors_links_the_datasets(self, browser_of):
        dataset = factories.Dataset(title="Bäume der Stadt")
        editor = browser_of("project_editor")
        form = editor.form(f"{ROOT}?title=Neu&datasets={dataset['name']}")
        form.action = "/civic_project/new"
        response = editor.send(form)
        assert "Bäume der Stadt" in main(response)
        project = model.Package.get(response.request.path.rpartition("/")[2])
        assert Link.get(project.id, dataset["id"])


class TestGuard:
    def test_whoever_fills_in_the_trap_is_told_and_sends_it_again(
        self, visitor
    ):
        """A browser may fill it in, for people who don't see it."""
        form = visitor.form(ROOT).with_values(**FILLED)
        trapped = visitor.send(form.with_values(leave_empty="spam"))
        assert "a field that people don’t see" in errors(trapped)
        assert stored() == []
        assert waiting_mails() == []
        visitor.send(form_of(trapped))
        assert len(stored()) == 1

    def test_whoever_is_too_fast_sends_it_again(self, visitor, monkeypatch):
        monkeypatch.setattr(forms, "MIN_SECONDS", 3)
        form = visitor.form(ROOT).with_values(**FILLED)
        response = visitor.send(form)
        assert "send them again" in main(response)
        assert stored() == []
        again = form_of(response)
        assert again["stamp"] == form["stamp"]
        now = forms.time.time()
        monkeypatch.setattr(forms.time, "time", lambda: now + 4)
        visitor.send(again)
        assert len(stored()) == 1

    @pytest.mark.parametrize("stamp", [None, "", "nonsense", "of a proposal"])
    def test_whoever_has_not_seen_the_form_gets_a_new_one(
        self, stamp, visitor
    ):
        if stamp == "of a proposal":
            stamp = tokens.make(Purpose.PROPOSAL, "id", "0")
        form = visitor.form(ROOT).with_values(**FILLED, stamp=stamp)
        response = visitor.send(form)
        assert "send them again" in main(response)
        assert stored() == []
        visitor.send(form_of(response))
        assert len(stored()) == 1

    def test_a_form_that_is_sent_twice_counts_once(self, visitor):
        form = visitor.form(ROOT).with_values(**FILLED)
        for _ in range(2):
            assert "check your e-mail" in main(visitor.send(form))
        assert len(stored()) == len(waiting_mails()) == 1
        visitor.send(form.with_values(proposer_email="neu@example.org"))
        assert len(stored()) == 2
        confirm(
            next(p for p in stored() if p.proposer_email != "neu@example.org")
        )
        assert "is confirmed" in main(visitor.send(form))
        assert len(stored()) == 2

    def test_too_often_is_said_on_the_form(self, visitor):
        forget_uses()
        with changed_config("ckanext.digifarm.limits.address", "1 per hour"):
            visitor.send(visitor.form(ROOT).with_values(**FILLED))
            form = visitor.form(ROOT).with_values(**FILLED)
            response = visitor.send(form)
        assert response.status_code == 429
        assert response.headers["Retry-After"]
        assert "try again" in errors(response)
        assert form_of(response)["title"] == PROJECT["title"]
        assert len(stored()) == 1

    def test_needs_a_token_of_the_session(self, visitor, browser_of):
        form = visitor.form(ROOT).with_values(**FILLED)
        for token in (None, "", "nonsense", browser_of("other").token()):
            bad = form.with_values(_csrf_token=token)
            assert visitor.send(bad).status_code == 400
        assert stored() == []

    def test_needs_a_token_at_each_step(self, visitor, browser_of, people):
        asked = put_into(
            store_pending(people["proposer"]), "changes_requested"
        )
        unconfirmed, approved = (
            propose(),
            put_into(store_pending(), "approved"),
        )
        token = token_of(asked)
        posts = {
            f"{ROOT}/confirm/"
            f"{token_of(unconfirmed, Purpose.PROPOSAL_CONFIRM)}": visitor,
            f"{ROOT}/link/{token}/edit": visitor,
            f"{ROOT}/read/{asked.id}/edit": browser_of("proposer"),
            f"{ROOT}/withdraw": browser_of("proposer"),
            **{
                f"{REVIEW}/{asked.id}/{step}": browser_of("sysadmin")
                for step in ("approve", "decline", "request_changes")
            },
            "/dashboard/projects/claim/"
            f"{token_of(approved, Purpose.CLAIM)}": browser_of("other"),
        }
        data = {
            "id": asked.id,
            "reason": "a",
            "organization": "green-office",
            **PROJECT,
        }
        before = sorted((p.id, p.state, p.user_id) for p in stored())
        for path, browser in posts.items():
            assert browser.post(path, data=data).status_code == 400, path
        assert sorted((p.id, p.state, p.user_id) for p in stored()) == before


@pytest.fixture
def pages(people) -> dict[str, str]:
    """Role and path of each page."""
    asked = put_into(store_pending(people["proposer"]), "changes_requested")
    unconfirmed, waiting = propose(), store_pending()
    approved = put_into(store_pending(), "approved")
    confirming = token_of(unconfirmed, Purpose.PROPOSAL_CONFIRM)
    claiming = token_of(approved, Purpose.CLAIM)
    return {
        ROOT: "anonymous",
        f"{ROOT}/sent": "anonymous",
        f"{ROOT}/confirm/{confirming}": "anonymous",
        f"{ROOT}/link/{token_of(waiting)}": "anonymous",
        f"{ROOT}/link/{token_of(asked)}/edit": "anonymous",
        f"{ROOT}/read/{asked.id}": "proposer",
        f"{ROOT}/read/{asked.id}/edit": "proposer",
        REVIEW: "reviewer",
        f"{REVIEW}?part=changes": "reviewer",
        f"{REVIEW}?part=decided": "reviewer",
        f"{REVIEW}/{waiting.id}": "reviewer",
        f"{REVIEW}/{approved.id}": "reviewer",
        f"/dashboard/projects/claim/{claiming}": "other",
    }


@pytest.mark.parametrize("prefix", ["", "/de"])
def test_every_page_opens_and_changes_nothing(prefix, pages, browser_of):
    """Mail scanners open all links; addresses may be secret."""

    def rows() -> list[tuple[Any, ...]]:
        return sorted(
            (p.id, p.state, p.token_key, p.modified, p.user_id)
            for p in stored()
        )

    before, mails = rows(), len(waiting_mails())
    for path, role in pages.items():
        with (
            changed_config("ckan.cache_enabled", True),
            changed_config("ckan.cache_expires", 600),
        ):
            response = browser_of(role).get(f"{prefix}{path}")
            browser_of(role).open(f"{prefix}{path}", method="HEAD")
        assert response.status_code == 200, path
        page = html(response)
        assert page.html["lang"] == (prefix[1:] or "en")
        assert page.select("h1"), path
        assert page.title.get_text().strip(), path
        assert response.headers["Referrer-Policy"] == "no-referrer", path
        assert response.headers["X-Robots-Tag"] == "noindex"
        assert "private" in response.headers["Cache-Control"], path
        assert "public" not in response.headers["Cache-Control"], path
    assert rows() == before
    assert len(waiting_mails()) == mails


@pytest.mark.parametrize(
    "path",
    [
        f"{ROOT}/withdraw",
        f"{REVIEW}/an-id/approve",
        f"{REVIEW}/an-id/decline",
        f"{REVIEW}/an-id/request_changes",
    ],
)
def test_steps_are_no_pages(path, browser_of):
    for role in ("anonymous", "sysadmin"):
        assert browser_of(role).get(path).status_code in {404, 405}


@pytest.mark.parametrize(
    "path",
    [
        f"{ROOT}/read/nothing",
        f"{ROOT}/read/%00",
        f"{ROOT}/read/nothing/edit",
        f"{ROOT}/link/nonsense/edit",
        f"{ROOT}/nothing",
        f"{REVIEW}/nothing",
        f"{REVIEW}/%00",
        f"{REVIEW}?part=nothing",
        f"{REVIEW}/nothing/else",
    ],
)
def test_what_is_not_there_is_not_found(path, browser_of):
    for role in ("proposer", "reviewer", "sysadmin"):
        assert browser_of(role).get(path).status_code == 404
    # Who isn't logged in may have something there.
    assert browser_of("anonymous").get(path).status_code in {200, 404}


class TestLinks:
    @pytest.mark.parametrize("kind", ["confirm", "link"])
    @pytest.mark.parametrize(
        ("problem", "words"),
        [
            ("used", "has been used already"),
            ("forged", "is not valid"),
            ("cut off", "is not valid"),
            ("of another kind", "is not valid"),
            ("purged", "has been used already"),
        ],
    )
    def test_that_are_of_no_use_say_why(self, problem, words, kind, visitor):
        proposal = propose() if kind == "confirm" else store_pending()
        purpose = (
            Purpose.PROPOSAL_CONFIRM if kind == "confirm" else Purpose.PROPOSAL
        )
        token = token_of(proposal, purpose)
        if problem == "used":
            proposal.token_key = tokens.new_key()
        elif problem == "forged":
            token = f"{token[:-4]}AAAA"
        elif problem == "cut off":
            token = token[: len(token) // 2]
        elif problem == "of another kind":
            token = token_of(proposal, Purpose.CLAIM)
        else:
            model.Session.delete(proposal)
        model.Session.commit()
        response = visitor.get(f"{ROOT}/{kind}/{token}")
        assert response.status_code == 410
        assert words in main(response)
        assert PROJECT["title"] not in response.body

    def test_confirm_once_however_often_they_are_followed(self, visitor):
        token = token_of(propose(), Purpose.PROPOSAL_CONFIRM)
        path = f"{ROOT}/confirm/{token}"
        form = visitor.form(path, "div.main form")
        visitor.send(form)
        count = len(waiting_mails())
        for again in (visitor.send(form), visitor.get(path)):
            assert again.status_code == 200
            assert "is confirmed" in main(again)
            assert PROJECT["title"] not in again.body
            assert "/link/" not in again.body
        assert len(waiting_mails()) == count

    def test_thank_nobody_for_what_was_withdrawn(self, visitor):
        proposal = propose()
        token = token_of(proposal, Purpose.PROPOSAL_CONFIRM)
        form = visitor.form(f"{ROOT}/confirm/{token}", "div.main form")
        assert "Thank you!" in visitor.send(form).body
        put_into(get(proposal.id), "withdrawn")
        response = visitor.send(form)
        assert "Your proposal was withdrawn." in main(response)
        assert "Thank you!" not in response.body

    def test_say_why_a_proposal_can_not_be_confirmed(self, visitor):
        """The city may ask for more by now."""
        proposal = propose()
        project = {**proposal.payload["project"], "stage": "gone"}
        proposal.payload = {**proposal.payload, "project": project}
        model.Session.commit()
        token = token_of(proposal, Purpose.PROPOSAL_CONFIRM)
        path = f"{ROOT}/confirm/{token}"
        response = visitor.send(visitor.form(path, "div.main form"))
        alert = text_of(html(response).select_one("[role=alert]"))
        assert "Stage" in alert
        assert PROJECT["title"] in main(response)
        assert get(proposal.id).state == "unconfirmed"

    def test_withdraw_by_a_button(self, visitor):
        proposal = store_pending()
        path = f"{ROOT}/link/{token_of(proposal)}"
        form = visitor.form(path, "form[action$='/withdraw']")
        response = visitor.send(form.with_values(reason="Doch\r\nnicht"))
        assert "has been withdrawn" in response.body
        assert get(proposal.id).state == "withdrawn"
        assert "was withdrawn" in visitor.send(form).body

    def test_of_one_proposal_change_no_other(self, visitor):
        mine, other = store_pending(), store_pending()
        form = visitor.form(
            f"{ROOT}/link/{token_of(mine)}", "form[action$='/withdraw']"
        )
        response = visitor.send(form.with_values(id=other.id))
        assert response.status_code == 410
        assert {p.state for p in stored()} == {"pending"}


class TestOwnPages:
    @pytest.mark.parametrize("state", ["pending", "changes_requested"])
    def test_are_closed_to_others(self, state, browser_of):
        proposal = put_into(store_pending(), state)
        for page in ("", "/edit"):
            path = f"{ROOT}/read/{proposal.id}{page}"
            for role in STRANGERS:
                response = browser_of(role).get(path)
                assert response.status_code == 403
                assert PROJECT["title"] not in response.body
            response = browser_of("anonymous").get(
                path, follow_redirects=False
            )
            assert response.status_code in {302, 403}
            assert PROJECT["title"] not in response.body
        for role in ("anonymous", *STRANGERS):
            browser = browser_of(role)
            data = {
                "_csrf_token": browser.token(),
                "id": proposal.id,
                **PROJECT,
            }
            for path in (
                f"{ROOT}/withdraw",
                f"{ROOT}/read/{proposal.id}/edit",
            ):
                response = browser.post(
                    path, data=data, follow_redirects=False
                )
                assert response.status_code in {302, 403}, (role, path)
        assert get(proposal.id).state == state

    def test_say_what_comes_too_late(self, browser_of, people):
        proposal = put_into(
            store_pending(people["proposer"]), "changes_requested"
        )
        proposer = browser_of("proposer")
        path = f"{ROOT}/read/{proposal.id}"
        edit = proposer.form(f"{path}/edit")
        withdraw = proposer.form(path, "form[action$='/withdraw']")
        put_into(proposal, "approved")
        response = proposer.send(edit)
        assert "nothing to change here now" in response.body
        assert response.request.path == path
        assert "approved already" in proposer.send(withdraw).body
        assert get(proposal.id).state == "approved"

    @pytest.mark.parametrize("state", ["approved", "declined", "withdrawn"])
    def test_change_nothing_that_nobody_asked_for(self, state, browser_of):
        proposal = put_into(store_pending(), state)
        path = f"{ROOT}/link/{token_of(proposal)}"
        visitor = browser_of("anonymous")
        response = visitor.get(f"{path}/edit")
        assert response.request.path == path
        assert "nothing to change here now" in response.body

    def test_are_not_changed_by_reviewers(self, browser_of):
        proposal = put_into(store_pending(), "changes_requested")
        reviewer = browser_of("reviewer")
        path = f"{ROOT}/read/{proposal.id}/edit"
        data = {"_csrf_token": reviewer.token(), **PROJECT}
        for response in (reviewer.get(path), reviewer.post(path, data=data)):
            assert response.status_code == 403
        assert get(proposal.id).state == "changes_requested"

    def test_keep_what_was_entered_after_a_mistake(self, visitor):
        proposal = put_into(store_pending(), "changes_requested")
        path = f"{ROOT}/link/{token_of(proposal)}/edit"
        form = visitor.form(path).with_values(
            title="", notes=SCRIPT, reason="Bitte"
        )
        response = visitor.send(form)
        assert "Title" in errors(response)
        again = form_of(response)
        assert (again["notes"], again["reason"]) == (SCRIPT, "Bitte")
        assert SCRIPT not in response.body
        assert get(proposal.id).state == "changes_requested"


class TestReview:
    def test_is_for_reviewers(self, browser_of):
        proposal = store_pending()
        for path in (REVIEW, f"{REVIEW}/{proposal.id}"):
            for role in STRANGERS:
                response = browser_of(role).get(path)
                assert response.status_code == 403, (role, path)
                assert PROJECT["title"] not in response.body
            response = browser_of("anonymous").get(
                path, follow_redirects=False
            )
            assert "/user/login" in response.headers["Location"]
            for role in ("reviewer", "other_reviewer", "sysadmin"):
                response = browser_of(role).get(path)
                assert PROJECT["title"] in main(response)

    def test_of_your_own_proposal_is_somewhere_else(self, browser_of, people):
        proposal = store_pending(people["proposer"])
        response = browser_of("proposer").get(f"{REVIEW}/{proposal.id}")
        assert response.status_code == 403

    @pytest.mark.parametrize("step", ["approve", "decline", "request_changes"])
    def test_is_decided_by_reviewers(self, step, browser_of):
        proposal = store_pending()
        for role in ("anonymous", *STRANGERS):
            browser = browser_of(role)
            response = browser.post(
                f"{REVIEW}/{proposal.id}/{step}",
                data={
                    "_csrf_token": browser.token(),
                    "reason": "a",
                    "organization": "green-office",
                },
                follow_redirects=False,
            )
            assert response.status_code == (
                302 if role == "anonymous" else 403
            )
        assert get(proposal.id).state == "pending"

    def test_has_parts_and_pages(self, browser_of, monkeypatch):
        monkeypatch.setattr(paging, "PER_PAGE", 2)
        states = ["pending"] * 3 + ["changes_requested"] + ["declined"] * 2
        for number, state in enumerate(states):
            proposal = store_pending(project={"title": f"Projekt {number} x"})
            put_into(proposal, state)
        shown = {
            query: [
                text_of(heading)
                for heading in html(
                    browser_of("reviewer").get(f"{REVIEW}{query}")
                ).select("article h2")
            ]
            for query in (
                "",
                "?page=2",
                "?part=pending&page=2",
                "?part=changes",
                "?part=decided",
                "?page=99",
                "?page=99999999999",
            )
        }
        expected = {
            "": [0, 1],
            "?page=2": [2],
            "?part=pending&page=2": [2],
            "?part=changes": [3],
            "?part=decided": [5, 4],
            # Beyond the last one, that is shown.
            "?page=99": [2],
            "?page=99999999999": [2],
        }
        assert shown == {
            query: [f"Projekt {number} x" for number in numbers]
            for query, numbers in expected.items()
        }
        page = html(browser_of("reviewer").get(f"{REVIEW}?part=decided"))
        [tab] = page.select(".nav-link[aria-current=page]")
        assert "part=decided" in tab["href"]

    def test_shows_mistakes_where_they_were_made(self, browser_of):
        proposal = store_pending()
        reviewer = browser_of("reviewer")
        path = f"{REVIEW}/{proposal.id}"
        for step, label in (
            ("approve", "Responsible organisation"),
            ("decline", "Reason"),
            ("request_changes", "Reason"),
        ):
            form = reviewer.form(path, f"form[action$='/{step}']")
            response = reviewer.send(form)
            assert response.status_code == 200
            assert label in errors(response)
            opened = html(response).select("details[open] form")
            assert [f["action"].rpartition("/")[2] for f in opened] == [step]
        assert get(proposal.id).state == "pending"

    def test_of_your_own_offers_no_buttons(self, browser_of, people):
        own = store_pending(people["reviewer"])
        page = browser_of("reviewer").get(f"{REVIEW}/{own.id}")
        assert "your own proposal" in main(page)
        assert not html(page).select("form[action$='/approve']")
        other = browser_of("other_reviewer").get(f"{REVIEW}/{own.id}")
        assert html(other).select("form[action$='/approve']")

    def test_that_comes_too_late_is_said(self, browser_of):
        proposal = store_pending()
        reviewer = browser_of("reviewer")
        form = reviewer.form(
            f"{REVIEW}/{proposal.id}", "form[action$='/decline']"
        )
        put_into(proposal, "withdrawn")
        response = reviewer.send(form.with_values(reason="Nein"))
        assert "was withdrawn" in errors(response)
        assert get(proposal.id).state == "withdrawn"

    @pytest.mark.parametrize(
        ("who", "step"),
        [
            ("proposer", "approve"),
            ("proposer", "decline"),
            ("reviewer", "approve"),
            ("reviewer", "decline"),
            ("reviewer", "request_changes"),
        ],
    )
    def test_of_what_has_changed_is_asked_for_again(
        self, who, step, browser_of, people
    ):
        proposal = store_pending(people["proposer"])
        if who == "proposer":
            proposal = put_into(proposal, "changes_requested")
        reviewer = browser_of("reviewer")
        path = f"{REVIEW}/{proposal.id}"
        selector = f"form[action$='/{step}']"
        form = reviewer.form(path, selector)
        if who == "proposer":
            as_user(
                people["proposer"],
                "digifarm_proposal_update",
                id=proposal.id,
                project={"title": "Ganz anders"},
            )
        else:
            as_user(
                people["other_reviewer"],
                "package_patch",
                id=proposal.project_id,
                title="Ganz anders",
            )
        given = {"reason": "Gut so"}
        if step == "approve":
            given["organization"] = "green-office"
        response = reviewer.send(form.with_values(**given))
        assert "read it once more" in errors(response)
        assert "Ganz anders" in main(response)
        assert get(proposal.id).state == "pending"
        # Now they have.
        again = read_form(response, selector)
        assert again["reason"] == "Gut so"
        reviewer.send(again)
        assert get(proposal.id).state != "pending"

    def test_is_not_undone_by_a_form_that_was_open_before(self, browser_of):
        proposal = store_pending()
        reviewer = browser_of("sysadmin")
        name = project_of(proposal).name
        form = reviewer.form(f"/civic_project/edit/{name}")
        assert "private" not in form.values
        assert "owner_org" not in form.values
        put_into(proposal, "approved")
        response = reviewer.send(form.with_values(title="Schattigere Wege"))
        assert "Schattigere Wege" in main(response)
        project = project_of(proposal)
        assert not project.private
        assert model.Group.get(project.owner_org).name == "green-office"
        form = reviewer.form(f"/civic_project/edit/{name}")
        assert form["private"] == "False"


def test_pages_escape_what_people_wrote(browser_of, people):
    texts = {
        "title": f"Wege {SCRIPT}",
        "summary": f"Kurz {SCRIPT}",
        "public_value": f"Wert {SCRIPT}",
        "notes": f"Lang {SCRIPT}",
        "stage_note": f"Stand {SCRIPT}",
    }
    proposal = store_pending(
        people["proposer"], project=texts, proposer_name=f"Kim {SCRIPT}"
    )
    put_into(proposal, "changes_requested", f"Grund {SCRIPT}")
    for role, path in (
        ("proposer", f"{ROOT}/read/{proposal.id}"),
        ("proposer", f"{ROOT}/read/{proposal.id}/edit"),
        ("reviewer", f"{REVIEW}/{proposal.id}"),
        ("reviewer", f"{REVIEW}?part=changes"),
    ):
        response = browser_of(role).get(path)
        assert response.status_code == 200
        assert SCRIPT not in response.body, path
        assert f"Wege {SCRIPT}" in main(response), path


class TestWithoutReviewers:
    @pytest.fixture(autouse=True)
    def closed(self, options):
        with changed_config("ckanext.digifarm.review_organization", None):
            yield

    @pytest.mark.parametrize("role", ["anonymous", "proposer"])
    def test_there_is_no_form(self, role, browser_of):
        browser = browser_of(role)
        assert browser.get(ROOT).status_code == 404
        data = {**FILLED, "_csrf_token": browser.token()}
        assert browser.post(ROOT, data=data).status_code == 404
        assert stored() == []

    def test_nothing_leads_to_it(self, visitor):
        with changed_config(NAVIGATION, True):
            for path in ("/", "/civic_project/", "/civic_project/about"):
                assert f'href="{ROOT}' not in visitor.get(path).body


class TestWays:
    def test_lead_to_the_form(self, visitor):
        assert f'href="{ROOT}' in visitor.get("/civic_project/").body
        for shown in (False, True):
            with changed_config(NAVIGATION, shown):
                page = html(visitor.get("/"))
            navigation = page.select(f"nav a[href='{ROOT}']")
            assert bool(navigation) == shown

    def test_of_a_dataset_brings_it_along(self, visitor):
        dataset = factories.Dataset()
        page = html(visitor.get(f"/dataset/{dataset['name']}"))
        [way] = page.select(f"a[href^='{ROOT}?']")
        query = parse_qs(urlsplit(str(way["href"])).query)
        assert query == {"datasets": [dataset["name"]]}


def test_no_project_is_called_like_a_page(people):
    for title in ("Propose", "Review"):
        project = project_of(pending(project={"title": title}))
        assert project.name not in {"propose", "review"}

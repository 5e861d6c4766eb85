"""Whatever is proposed, it is saved and shown, or the answer says what is
wrong.
"""

from __future__ import annotations

import json
from typing import Any

import ckantoolkit as tk
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ckan import model
from ckan.tests.helpers import changed_config
from ckanext.digifarm.lib import forms
from ckanext.digifarm.lib.tokens import Purpose
from ckanext.digifarm.proposals.model import Proposal

from ..acting import as_user
from ..browsing import Browser, Form, html
from ..projects.test_bad_input import FIELDS, JSON, SCRIPT, TEXTS, VALUES
from ..proposing import (
    CONDITIONS,
    PROJECT,
    REVIEWERS,
    SECRETS,
    create_people,
    empty_tables,
    get,
    token_of,
)

pytestmark = pytest.mark.usefixtures("shared_app")

PARAMETERS = (
    "conditions",
    "consent",
    "datasets",
    "project",
    "proposer_email",
    "proposer_name",
    "submission",
)

NAMES = st.one_of(
    st.sampled_from(PARAMETERS),
    st.sampled_from(FIELDS),
    st.sampled_from(FIELDS),
    st.sampled_from(["extras", "tags", "groups", "resources", "id", "state"]),
    TEXTS,
)

#: Fields whose errors stand under another name.
ELSEWHERE = {
    "name": "title",
    "open_source_intended": "source_license",
    "stage": "source_license",
}

KNOWN: list[tuple[str, Any]] = [
    ("title", "🌳"),
    ("title", "..."),
    ("title", "a"),
    ("title", "propose"),
    ("title", True),
    ("title", float("nan")),
    ("title", "a" * 40_000),
    ("title", f"</title>{SCRIPT}"),
    ("summary", SCRIPT),
    ("notes", f"[x](javascript:alert(1)) {SCRIPT}"),
    ("notes", "![]( " * 2_000),
    ("technologies", [None]),
    ("technologies", {"a": "b"}),
    ("sdgs", ["1", "1", "17"]),
    ("sdgs", [[]]),
    ("tag_string", "a,b,ä ö," * 50),
    ("tag_string", ",,,"),
    ("tag_string", f"{SCRIPT},x"),
    ("started", "0000"),
    ("source_license", "(" * 5_000),
    ("source_license", "MIT " + "OR MIT " * 500),
    ("source_license", "\u202eTIM"),
    ("source_url", "http://[::1"),
    ("source_url", "https://EXAMPLE.org/%00"),
    ("url", "https://ex\u00e4mple.org/ü?q=<>"),
    ("tags", [{"name": "hitze"}]),
    ("extras", [{"key": "a", "value": "b"}]),
    ("project", [[PROJECT]]),
    ("project", {"title": PROJECT}),
    ("project", {}),
    ("datasets", [{"id": "a"}]),
    ("datasets", ["a"] * 2_000),
    ("datasets", "*:*"),
    ("conditions", [{"a": 1}]),
    ("consent", float("nan")),
    ("proposer_name", f"Kim {SCRIPT}"),
    ("proposer_name", "\u202ekim"),
    ("proposer_email", "a@b" * 100),
    ("proposer_email", f"{SCRIPT}@example.org"),
    ("submission", {"a": 1}),
    ("\ud800", "\ud800"),
    ("a" * 40_000, ""),
]

bounded = settings(
    deadline=None,
    derandomize=True,
    max_examples=200,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
    ],
)


def known_examples(test):
    for name, value in KNOWN:
        test = example(name=name, value=value)(test)
    return test


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture(autouse=True)
def nothing(people) -> None:
    empty_tables()


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """All of them come from one address, and fast."""
    monkeypatch.setattr(forms, "MIN_SECONDS", 0)
    with (
        changed_config("ckanext.digifarm.review_organization", REVIEWERS),
        changed_config("ckanext.digifarm.limits.address", "99999 per hour"),
        changed_config("ckanext.digifarm.limits.email", "99999 per hour"),
    ):
        yield


@pytest.fixture(scope="module")
def reader(people, shared_app) -> Browser:
    return Browser(shared_app, model.User.get(people["reviewer"]).id)


def submitted(name: str, value: Any) -> dict[str, Any]:
    """A proposal that is right but for one thing."""
    data = {
        "project": {**PROJECT},
        "conditions": CONDITIONS,
        "consent": True,
        **SECRETS,
    }
    place = data if name in PARAMETERS else data["project"]
    place[name] = value
    return data


def check_life(id_: str, people: dict[str, str], reader: Browser) -> None:
    """Confirm, preview, list and show what was saved."""
    proposal = get(id_)
    token = token_of(proposal, Purpose.PROPOSAL_CONFIRM)
    visitor = reader.stranger()
    path = f"/civic_project/propose/confirm/{token}"
    page = visitor.get(path)
    assert page.status_code == 200
    assert SCRIPT not in page.body
    try:
        confirmed = as_user("", "digifarm_proposal_confirm", token=token)
    except tk.ValidationError as e:
        assert e.error_dict
        model.Session.rollback()
        return
    for browser, address in (
        (visitor, f"/civic_project/propose/link/{confirmed['token']}"),
        (reader, f"/civic_project/review/{id_}"),
        (reader, "/civic_project/review"),
        (reader, f"/civic_project/{get(id_).project_id}"),
    ):
        page = browser.get(address)
        assert page.status_code == 200, address
        assert SCRIPT not in page.body, address
        assert not html(page).select("a[href^='javascript:']"), address


@known_examples
@given(name=NAMES, value=VALUES)
@bounded
def test_the_action_saves_or_names_what_is_wrong(name, value, people, reader):
    try:
        saved = as_user(
            "", "digifarm_proposal_submit", **submitted(name, value)
        )
    except tk.ValidationError as e:
        model.Session.rollback()
        assert json.dumps(e.error_dict) + json.dumps(e.error_summary)
        named = {name, ELSEWHERE.get(name), "datasets"}
        if name == "project":
            named |= {*e.error_dict}
        assert named & e.error_dict.keys(), e.error_dict
    else:
        check_life(saved["id"], people, reader)
        empty_tables()
    assert model.Session.scalar(sa.select(model.Group.name).limit(1))


@known_examples
@given(name=NAMES, value=JSON)
@bounded
def test_the_api_answers(name, value, shared_app):
    response = shared_app.post(
        "/api/3/action/digifarm_proposal_submit",
        data=json.dumps(submitted(name, value)),
        headers={"Content-Type": "application/json"},
    )
    assert response.status_code in {200, 400, 403, 409}
    assert response.json["success"] is (response.status_code == 200)
    assert response.json.get("result") or response.json["error"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"5",
        b"null",
        b"{}",
        b'{"project": NaN}',
        b'{"project": {"title": 1%s}}' % (b"0" * 5_000),
        b'{"project": {"title": "\xff"}}',
        b'{"project": %s}' % (b"[" * 500 + b"]" * 500),
        b'{"project": {"title": 1e999}}',
    ],
    ids=lambda body: body[:40].decode("latin-1"),
)
def test_the_api_answers_to_what_is_no_proposal(body, shared_app):
    response = shared_app.post(
        "/api/3/action/digifarm_proposal_submit",
        data=body,
        headers={"Content-Type": "application/json"},
    )
    assert response.status_code in {400, 403, 409}


class TestForm:
    @pytest.fixture(scope="class")
    @classmethod
    def browser(cls, shared_app, people) -> Browser:
        return Browser(shared_app)

    @pytest.fixture
    def form(self, browser) -> Form:
        return browser.form("/civic_project/propose").with_values(
            conditions=CONDITIONS, consent="true", **PROJECT, **SECRETS
        )

    @known_examples
    @given(name=NAMES, value=TEXTS)
    @bounded
    def test_says_what_is_wrong_or_saves(self, name, value, browser, form):
        if not isinstance(value, str):
            value = json.dumps(value)
        response = browser.post(
            form.action,
            data=form.with_values(
                **{_sendable(name): _sendable(value)}
            ).values,
            follow_redirects=False,
        )
        assert response.status_code in {200, 302, 400}
        if response.status_code == 200:
            assert html(response).select("#errors")
            assert SCRIPT not in response.body
        else:
            assert model.Session.query(Proposal).count()
        empty_tables()

    @pytest.mark.parametrize(
        "body",
        [
            b"title=%00",
            b"title=%FF%FE",
            b"title=%ED%A0%80",
            b"title=a&title=b",
            b'datasets=a&datasets=%00&datasets="',
            b"dataset_query=%00",
            b"dataset_query=" + b"a " * 5_000,
            b"dataset_query=%2A%3A%2A%20AND%20(",
            b"conditions[]=a&consent=a",
            b"stamp=%00&distinct=%00",
            b"=a&&&",
            b"title=" + b"a" * 400_000,
        ],
        ids=lambda body: body[:30].decode(),
    )
    def test_holds_out_against_what_no_browser_sends(
        self, body, browser, form
    ):
        stamp = (
            b"" if b"stamp" in body else b"&stamp=" + form["stamp"].encode()
        )
        response = browser.post(
            form.action,
            data=b"_csrf_token="
            + form["_csrf_token"].encode()
            + stamp
            + b"&"
            + body,
            content_type="application/x-www-form-urlencoded",
        )
        assert response.status_code == 200
        assert html(response).select("#errors")

    @pytest.mark.parametrize(
        "query",
        [
            "title=%00%FF%ED%A0%80",
            f"title={SCRIPT}&notes={SCRIPT}&stage={SCRIPT}",
            f"datasets={SCRIPT}&datasets=%00&datasets=%22&dataset_query=%5C",
            f"conditions={SCRIPT}&proposer_name={SCRIPT}&proposer_email=a",
            "help_wanted=care&help_wanted=content&technologies=a&sdgs[]=1",
            "source_license=%00&stage=idea&open_source_intended=5",
            "title=" + "a" * 5_000,
        ],
    )
    @pytest.mark.parametrize("page", ["", "/duplicates", "/license"])
    def test_opens_with_any_first_values(self, page, query, browser):
        response = browser.get(f"/civic_project/propose{page}?{query}")
        assert response.status_code == 200
        assert SCRIPT not in response.body

    @pytest.mark.parametrize(
        "query", ["", "q=", "q=%00", "q=%22", "q=%5C", "q=*:*", "q=a&q=b"]
    )
    def test_finds_datasets_by_any_letters(self, query, browser):
        response = browser.get(f"/civic_project/propose/datasets?{query}")
        assert response.status_code == 200
        assert isinstance(response.json, list)


def _sendable(text: str) -> str:
    """What a form can send; the rest is for the API."""
    return text.encode("utf-8", "replace").decode()

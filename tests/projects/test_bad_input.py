"""Whatever is sent, the answer is a saved project or names what is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ckantoolkit as tk
import pytest
import sqlalchemy as sa
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import ckanext.digifarm
from ckan import model
from ckan.lib.search.common import make_connection
from ckan.tests import factories

from ..acting import as_portal, as_user
from ..browsing import Browser, Form, html

pytestmark = pytest.mark.usefixtures("no_commits")

SCHEMA_FILE = Path(ckanext.digifarm.__path__[0]) / "civic_project.yaml"

FIELDS = [
    field["field_name"]
    for field in yaml.safe_load(SCHEMA_FILE.read_text("utf-8"))[
        "dataset_fields"
    ]
]

ROWS = [
    "extras",
    "groups",
    "relationships_as_object",
    "relationships_as_subject",
    "resources",
    "tags",
]

CORE_FIELDS = [
    "author",
    "author_email",
    "clear_upload",
    "creator_user_id",
    "image_upload",
    "isopen",
    "license_id",
    "maintainer_email",
    "metadata_created",
    "metadata_modified",
    "num_tags",
    "organization",
    "plugin_data",
    "private",
    "return_to",
    "save",
    "state",
    "version",
    "__after",
    "__before",
    "__extras",
    "__junk",
]

#: A field whose error stands under another name.
ELSEWHERE = {
    "extras": "extras_validation",
    "id": "message",
    "tag_string": "tags",
}

#: Where another organisation, group or package is named, it may be none, or
#: not this user's.
REFERENCES = {"groups", "id", "name", "owner_org", "type"}

SCRIPT = "<script>alert('x')</script>"

TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=20),
    st.sampled_from(
        [
            "a\x00b",
            "\ud800",
            "\x1b[31m",
            "\u202e",
            "\ufffe",
            "a" * 40_000,
            "🌳" * 9_000,
            "9" * 5_000,
            SCRIPT,
            "{{ 7 * 7 }}",
            "%s%n",
            "' OR 1=1 --",
            "*:*",
            "[",
            "http://[",
            "true",
            "0",
        ]
    ),
)

NUMBERS = st.one_of(
    st.integers(),
    st.floats(),
    st.sampled_from([0, 1, -1, 2**63, 10**400, 0.0, 1e308]),
)

JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)
    ),
    max_leaves=5,
)

COLUMNS = st.sampled_from(
    [
        "id",
        "key",
        "name",
        "object",
        "state",
        "subject",
        "title",
        "type",
        "value",
        "vocabulary_id",
    ]
)

VALUES = JSON | st.lists(
    st.dictionaries(COLUMNS, JSON, max_size=3), max_size=3
)

NAMES = st.one_of(
    st.sampled_from(FIELDS), st.sampled_from([*ROWS, *CORE_FIELDS]), TEXTS
)

#: What has been an exception once, or is on CKAN itself.
KNOWN: list[tuple[str, Any]] = [
    ("title", "a\x00b"),
    ("notes", "\ud800"),
    ("title", ["a"]),
    ("title", {"a": "b"}),
    ("action_fields", [["mobility"]]),
    ("action_fields", {"mobility": True}),
    ("help_wanted", 5),
    ("technologies", 0),
    ("technologies", False),
    ("technologies", [None]),
    ("open_source_intended", 5),
    ("open_source_intended", []),
    ("owner_org", {"id": "a"}),
    ("owner_org", ["a"]),
    ("owner_org", 5),
    ("owner_org", True),
    ("private", 5.5),
    ("private", {}),
    ("state", 5),
    ("state", "archived"),
    ("type", None),
    ("type", ["civic_project"]),
    ("type", "dataset"),
    ("type", "no-such-type"),
    ("name", 5),
    ("name", None),
    ("version", 10**400),
    ("notes", float("nan")),
    ("tag_string", 5),
    ("tag_string", ["a"]),
    ("tags", "a,b"),
    ("tags", ["a", "b"]),
    ("tags", {"name": "a"}),
    ("tags", [{"name": 5}]),
    ("tags", [{"name": None}]),
    ("tags", [{}]),
    ("tags", [{"name": "ab", "vocabulary_id": 5}]),
    ("groups", "a"),
    ("groups", ["a"]),
    ("groups", {"id": "a"}),
    ("groups", [{"id": 5}]),
    ("groups", [{"id": ["a"]}]),
    ("groups", [{"name": {}}]),
    ("groups", [{}]),
    ("groups", 5),
    ("extras", "a"),
    ("extras", None),
    ("tags", None),
    ("groups", None),
    ("resources", None),
    ("extras", [{"key": "a"}]),
    ("extras", [{"key": "a", "value": "a" * 40_000}]),
    ("extras", [{"key": "a", "value": "🌳" * 9_000}]),
    ("license_id", "🌳" * 9_000),
    ("extras", [{"key": "a", "value": {"b": "c"}}]),
    ("extras", [{"key": "summary", "value": "again"}]),
    ("extras", [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]),
    ("extras", [{"key": "a" * 40_000, "value": "a"}]),
    ("extras", {"a": "b"}),
    ("resources", [{"url": "https://example.org"}]),
    ("resources", "https://example.org"),
    ("resources", {"url": "https://example.org"}),
    ("relationships_as_subject", [{"object": "a", "type": "depends_on"}]),
    ("relationships_as_object", "a"),
    ("plugin_data", "a"),
    ("plugin_data", {"a": {"b": 1}}),
    ("metadata_modified", "yesterday"),
    ("metadata_created", 5),
    ("image_url", ["a"]),
    ("image_upload", "a.png"),
    ("image_upload", {"filename": "a.png"}),
    ("clear_upload", "maybe"),
    ("organization", "a"),
    ("unknown", {"a": ["b"]}),
    ("a\x00b", "a"),
    ("\ud800", "a"),
    ("a" * 40_000, "a"),
    ("unknown", "a" * 40_000),
    ("__before", "a"),
    ("__extras", {"a": "b"}),
    ("__junk", "a"),
]

bounded = settings(
    deadline=None,
    derandomize=True,
    max_examples=40,
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
def editor(shared_portal) -> dict[str, Any]:
    return factories.UserWithToken()


@pytest.fixture(scope="module")
def base(editor) -> dict[str, Any]:
    """A project that is right."""
    organization = factories.Organization(
        users=[{"name": editor["name"], "capacity": "editor"}]
    )
    return {
        "type": "civic_project",
        "title": "Baumblick",
        "owner_org": organization["id"],
        "stage": "live",
    }


@pytest.fixture(scope="module")
def project(base) -> dict[str, Any]:
    return as_portal("package_create", name="the-project", **base)


@pytest.fixture
def saved() -> Iterator[set[str]]:
    """Ids of saved projects; at last what the index holds of them is shown."""
    ids: set[str] = set()
    yield ids
    make_connection().commit()
    for id_ in ids:
        check_shown(id_)


def check_shown(id_: str) -> None:
    shown = as_portal("package_show", id=id_)
    assert json.dumps(shown, ensure_ascii=False).encode()
    assert shown["type"] == "civic_project"


def check_answer(
    name: str, action: str, user: str, data: dict[str, Any]
) -> str | None:
    """Call an action; it saves a project or names what is wrong.

    :param name: the field that may be wrong
    :returns: the id of the project that was saved
    """
    saved = None
    try:
        saved = as_user(user, action, **data)
    except tk.ValidationError as e:
        answers = json.dumps(e.error_dict) + json.dumps(e.error_summary)
        assert answers.encode()
        assert {name, ELSEWHERE.get(name)} & set(e.error_dict), e.error_dict
    except (tk.ObjectNotFound, tk.NotAuthorized):
        assert name in REFERENCES
    else:
        check_shown(saved["id"])
    # What went wrong leaves the next caller a database that answers.
    assert model.Session.scalar(sa.select(model.Group.name).limit(1))
    return saved and saved["id"]


class TestActions:
    @known_examples
    @given(name=NAMES, value=VALUES)
    @bounded
    def test_create(self, name, value, base, editor, saved):
        data = {**base, name: value}
        if data["type"] != "civic_project":
            return
        if id_ := check_answer(name, "package_create", editor["name"], data):
            saved.add(id_)

    @known_examples
    @given(name=NAMES, value=VALUES)
    @bounded
    def test_update(self, name, value, base, project, editor, saved):
        saved.add(project["id"])
        data = {**base, "id": project["id"], name: value}
        check_answer(name, "package_update", editor["name"], data)

    @known_examples
    @given(name=NAMES, value=VALUES)
    @bounded
    def test_patch(self, name, value, base, project, editor, saved):
        saved.add(project["id"])
        data = {"id": project["id"], name: value}
        if check_answer(name, "package_patch", editor["name"], data):
            as_portal("package_update", id=project["id"], **base)

    @pytest.mark.parametrize("action", ["package_update", "package_patch"])
    @pytest.mark.parametrize(
        "id_",
        [5, None, True, ["a"], {"a": "b"}, "", "a\x00b", "\ud800", 1e308],
    )
    def test_of_an_id_that_is_none(self, id_, action, base, editor):
        check_answer("id", action, editor["name"], {**base, "id": id_})


class TestApi:
    @given(name=NAMES, value=VALUES)
    @example(name="tags", value="a,b")
    @example(name="owner_org", value={"id": "a"})
    @example(name="title", value="\ud800\x00")
    @bounded
    def test_answers(self, name, value, base, project, editor, shared_app):
        data = {**base, "id": project["id"], name: value}
        response = shared_app.post(
            "/api/3/action/package_update",
            data=json.dumps(data),
            headers={
                "Authorization": editor["token"],
                "Content-Type": "application/json",
            },
        )
        assert response.status_code in {200, 400, 403, 404, 409}
        assert response.json["success"] is (response.status_code == 200)
        assert response.json.get("result") or response.json["error"]

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"[]",
            b"5",
            b"null",
            b'{"type": "civic_project"}',
            b'{"type": "civic_project", "title": NaN}',
            b'{"type": "civic_project", "title": 1%s}' % (b"0" * 5_000),
            b'{"type": "civic_project", "title": "\xff"}',
            b'{"type": "civic_project", "extras": %s}'
            % (b"[" * 500 + b"]" * 500),
        ],
        ids=lambda body: body[:60].decode("latin-1"),
    )
    def test_answers_to_what_is_no_project(self, body, editor, shared_app):
        response = shared_app.post(
            "/api/3/action/package_create",
            data=body,
            headers={
                "Authorization": editor["token"],
                "Content-Type": "application/json",
            },
        )
        assert response.status_code in {400, 403, 409}


class TestForm:
    @pytest.fixture(scope="class")
    @classmethod
    def browser(cls, editor, shared_app) -> Browser:
        return Browser(shared_app, editor["id"])

    @pytest.fixture(scope="class")
    @classmethod
    def form(cls, browser, project) -> Form:
        return browser.form(f"/civic_project/edit/{project['id']}")

    @given(
        name=st.sampled_from([*FIELDS, "private", "clear_upload"]),
        value=TEXTS.filter(lambda text: text.isprintable()) | st.just(SCRIPT),
    )
    @example(name="title", value="a\x00b")
    @example(name="title", value="\x1b")
    @example(name="notes", value=f"</textarea>{SCRIPT}")
    @example(name="help_wanted", value=SCRIPT)
    @example(name="owner_org", value="a\x00b")
    @example(name="tag_string", value="a\x00b,\ufffe")
    @example(name="name", value="a\x00b")
    @example(name="private", value="maybe")
    @example(name="clear_upload", value="maybe")
    @settings(bounded, max_examples=20)
    def test_says_what_is_wrong_or_saves(self, name, value, browser, form):
        response = browser.send(form.with_values(**{name: value}))
        assert response.status_code == 200
        page = html(response)
        assert page.select("#errors") or page.select(".digifarm-project")
        assert SCRIPT not in response.body

    @pytest.mark.parametrize(
        "body",
        [
            b"title=%00",
            b"title=%FF%FE",
            b"title=%ED%A0%80",
            b"title=a&title=b",
            b"title=a&owner_org=a&owner_org=b",
            b"title[]=a&stage[a]=b",
            b"=a&&&",
            b"title=" + b"a" * 400_000,
        ],
        ids=lambda body: body[:30].decode(),
    )
    def test_holds_out_against_what_no_browser_sends(self, body, browser):
        response = browser.post(
            "/civic_project/new",
            data=b"_csrf_token=" + browser.token().encode() + b"&" + body,
            content_type="application/x-www-form-urlencoded",
        )
        # An organisation in which the user may not write is forbidden.
        if response.status_code != 403:
            assert response.status_code == 200
            assert html(response).select("#errors")

    @pytest.mark.parametrize(
        "query",
        [
            "title=%00%FF%ED%A0%80",
            f"title={SCRIPT}&notes={SCRIPT}&stage={SCRIPT}",
            "help_wanted=care&help_wanted=content&technologies=a&sdgs[]=1",
            "image_url=5&private=5&owner_org=5&tags=5&extras=5",
        ],
    )
    def test_opens_with_any_first_values(self, query, browser):
        response = browser.get(f"/civic_project/new?{query}")
        assert response.status_code == 200
        assert SCRIPT not in response.body

"""What all forms do with mistakes: they say all of them, and lose nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from inspect import getsource
from typing import Any

import pytest
from bs4 import BeautifulSoup

from ckan import model
from ckan.lib.navl import validators as navl_validators
from ckan.logic import validators
from ckan.tests.helpers import changed_config
from ckanext.digifarm.lib import core_words, forms
from ckanext.digifarm.lib.forms import HONEYPOT
from ckanext.digifarm.partners.model import Partner
from ckanext.digifarm.proposals.model import Proposal
from ckanext.digifarm.support.model import Support
from ckanext.digifarm.tasks.model import Task, TaskAssignment
from ckanext.scheming import validation

from ..browsing import Browser, Form, html, read_form, text_of
from ..offering import REVIEWERS
from ..scenes import Scene, partner, support, task

SELECTOR = "form.digifarm-form"

LONG = "a" * 6000

CONTACT = ["contact_name", "contact_email", "consent"]

#: By the path of a form: what is wrong, and in which order it says so.
WRONG: dict[str, tuple[dict[str, Any], list[str]]] = {
    "/civic_project/propose": (
        {
            "proposer_email": "kim",
            "dataset_query": "gibtsnicht",
            "tag_string": "R, !",
            "stage": "nothing",
            "url": "!",
        },
        [
            "conditions",
            "title",
            "summary",
            "public_value",
            "stage",
            "source_license",
            "datasets",
            "url",
            "tag_string",
            "proposer_name",
            "proposer_email",
            "consent",
        ],
    ),
    "/civic_project/new": (
        {
            "help_wanted": ["money"],
            "started": "gestern",
            "tag_string": "R",
            "contact_email": "kim",
            "name": "Groß",
            "dataset_query": "gibtsnicht",
        },
        [
            "title",
            "help_wanted",
            "tag_string",
            "started",
            "owner_org",
            "contact_email",
            "name",
            "datasets",
        ],
    ),
    "/civic_project/edit/{project}": (
        {"title": "", "sdgs": ["99"], "origin_url": "!", "name": "Groß"},
        ["title", "sdgs", "origin_url", "name"],
    ),
    "/partner/new": (
        {"url": "!", "areas": ["luck"], "contact_email": "kim", "name": "Ä"},
        ["title", "kind", "url", "areas", "contact_email", "name"],
    ),
    "/partner/register": (
        {"url": "!", "areas": ["luck"], "contact_name": ""},
        ["title", "kind", "url", "areas", *CONTACT],
    ),
    "/civic_project/support/offer/{project}": (
        {"who": "new", "partner_url": "!", "scope": LONG, "message": LONG},
        ["area", "partner_title", "partner_url", "scope", "message", *CONTACT],
    ),
    "/civic_project/support/offer/{project}?who=partner": (
        {"who": "partner", "partner_query": "gibtsnicht", "scope": LONG},
        ["area", "partner_query", "scope", *CONTACT],
    ),
    "/civic_project/support/request/{project}": (
        {"partner_query": "gibtsnicht", "scope": LONG, "message": LONG},
        ["partner", "area", "scope", "message"],
    ),
    "/civic_project/support/{project}": (
        {
            "partner_query": "gibtsnicht",
            "person": "Kim",
            "scope": LONG,
            "since": "gestern",
        },
        ["area", "partner", "consent", "scope", "since"],
    ),
    "/civic_project/tasks/{project}": (
        {"description": LONG, "skills": LONG, "url": "!"},
        ["title", "description", "skills", "url"],
    ),
    "/civic_project/tasks/edit/{task}": (
        {"title": "", "description": LONG, "skills": LONG, "url": "!"},
        ["title", "description", "skills", "url"],
    ),
    "/civic_project/tasks/take/{task}": (
        {},
        ["name", "email", "consent"],
    ),
}

#: Forms for everybody, who may be too fast.
FOR_ALL = (
    "/civic_project/propose",
    "/partner/register",
    "/civic_project/support/offer/{project}",
    "/civic_project/tasks/take/{task}",
)


@pytest.fixture
def places(scene: Scene) -> dict[str, str]:
    """What stands in the paths."""
    return {
        "project": scene.project["name"],
        "task": task("open")(scene).id,
    }


@pytest.fixture(autouse=True)
def options(scene, monkeypatch) -> Iterator[None]:
    monkeypatch.setattr(forms, "MIN_SECONDS", 0)
    with (
        changed_config("ckanext.digifarm.limits.address", "999 per hour"),
        changed_config("ckanext.digifarm.review_organization", REVIEWERS),
    ):
        yield


@pytest.fixture
def browser_for(shared_app, scene):
    """Whoever has a form: nobody in particular, or a sysadmin."""

    def browser_for(path: str) -> Browser:
        if path.partition("?")[0] in FOR_ALL:
            return Browser(shared_app)
        return Browser(shared_app, scene.named("sysadmin"))

    return browser_for


def stored() -> list[int]:
    model.Session.rollback()
    tables = (Proposal, Partner, Support, Task, TaskAssignment, model.Package)
    return [model.Session.query(table).count() for table in tables]


def twice(page: BeautifulSoup) -> list[str]:
    """Ids that stand on a page more than once."""
    counts = Counter(tag["id"] for tag in page.select("[id]"))
    return [id_ for id_, count in counts.items() if count > 1]


def targets(page: BeautifulSoup) -> list[str]:
    return [a["href"] for a in page.select("#errors li a")]


def title(page: BeautifulSoup) -> str:
    return text_of(page.select_one("title"))


@pytest.fixture(params=WRONG, ids=lambda path: path.replace("/", " ").strip())
def case(request) -> tuple[str, dict[str, Any], list[str]]:
    return request.param, *WRONG[request.param]


@pytest.fixture
def sent(case, places, browser_for) -> tuple[Form, Any]:
    """A form with mistakes, and what comes of it."""
    path, wrong, _ = case
    browser = browser_for(path)
    form = browser.form(path.format(**places)).with_values(**wrong)
    return form, browser.send(form)


def test_all_mistakes_are_said_at_once_in_their_order(case, sent):
    _, response = sent
    page = html(response)
    assert targets(page) == [f"#field-{name}" for name in case[2]]
    everything = [tag.get("id") for tag in page.find_all(True)]
    order = [everything.index(target[1:]) for target in targets(page)]
    assert order == sorted(order)


def test_each_stands_beside_its_field_too(sent):
    page = html(sent[1])
    for entry in page.select("#errors li"):
        target = entry.a["href"][1:]
        field = page.select_one(f"#{target}")
        assert field.name in {"input", "select", "textarea"}, target
        assert field.get("aria-invalid") == "true", target
        [words] = page.select(f"#{target}-error")
        assert text_of(words) in text_of(entry)
        described = page.select(f"[aria-describedby~='{target}-error']")
        assert field in described or field.find_parent("fieldset") in described


def test_the_title_of_the_page_says_so(case, places, browser_for, sent):
    path = case[0].format(**places)
    before = title(html(browser_for(case[0]).get(path)))
    assert not before.startswith("Error")
    assert title(html(sent[1])).startswith("Error: ")


def test_nothing_that_was_typed_is_lost(sent):
    form, response = sent
    again = read_form(response, SELECTOR)
    lost = {
        name
        for name, values in form.values.items()
        if values != again.values.get(name)
        # What isn't offered can't be chosen.
        and name
        not in {"_csrf_token", "image_upload", "stage", "areas"}
        | {"help_wanted", "sdgs"}
    }
    assert lost == set()


def test_no_word_is_that_of_a_program(sent):
    words = text_of(html(sent[1]).select_one("#errors"))
    for not_plain in ("Missing value", "unexpected", "alphanumeric", "Tag "):
        assert not_plain not in words


def test_nothing_is_stored(case, places, browser_for):
    path, wrong, _ = case
    browser = browser_for(path)
    form = browser.form(path.format(**places))
    before = stored()
    browser.send(form.with_values(**wrong))
    assert stored() == before


def test_no_id_stands_on_a_page_twice(sent):
    assert twice(html(sent[1])) == []


@pytest.mark.parametrize("path", FOR_ALL)
class TestWhoeverHurries:
    @pytest.fixture
    def visitor(self, shared_app) -> Browser:
        return Browser(shared_app)

    @pytest.fixture
    def form(self, path, places, visitor) -> Form:
        wrong = {k: v for k, v in WRONG[path][0].items() if k != "who"}
        return visitor.form(path.format(**places)).with_values(**wrong)

    def check(self, response: Any, form: Form, words: str) -> None:
        page = html(response)
        first = page.select("#errors li")[0]
        assert words in text_of(first)
        assert not first.a
        # What else is wrong is not hidden by it.
        assert "#field-consent" in targets(page)
        assert title(page).startswith("Error: ")
        again = read_form(response, SELECTOR)
        skipped = {"_csrf_token", "image_upload", "stage", "areas", HONEYPOT}
        typed = {k: v for k, v in form.values.items() if k not in skipped}
        assert {k: again.values.get(k) for k in typed} == typed

    def test_is_told_so(self, form, visitor, monkeypatch):
        monkeypatch.setattr(forms, "MIN_SECONDS", 60)
        before = stored()
        response = visitor.send(form)
        self.check(response, form, "came back very fast")
        assert stored() == before

    def test_by_a_program_is_told_so(self, form, visitor):
        before = stored()
        form = form.with_values(**{HONEYPOT: "spam"})
        response = visitor.send(form)
        self.check(response, form, "a field that people don’t see")
        assert stored() == before

    def test_or_waits_for_long_is_told_so(self, form, visitor):
        before = stored()
        form = form.with_values(_csrf_token="old")
        response = visitor.send(form, status=400)
        self.check(response, form, "open for very long")
        assert stored() == before


def test_whoever_waits_for_long_loses_nothing(case, places, browser_for):
    path, wrong, order = case
    browser = browser_for(path)
    form = browser.form(path.format(**places))
    before = stored()
    response = browser.send(
        form.with_values(**wrong, _csrf_token="old"), status=400
    )
    page = html(response)
    assert "open for very long" in text_of(page.select_one("#errors li"))
    assert targets(page) == [f"#field-{name}" for name in order]
    assert stored() == before


def new() -> int:
    """How much there is that is called so."""
    model.Session.rollback()
    return sum(
        model.Session.query(table).filter_by(title="Neu").count()
        for table in (model.Package, Task, Partner)
    )


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("/civic_project/new", {"title": "Neu", "owner_org": REVIEWERS}),
        ("/civic_project/edit/{project}", {"title": "Neu"}),
        ("/partner/new", {"title": "Neu", "kind": "other"}),
        ("/civic_project/tasks/{project}", {"title": "Neu"}),
        ("/civic_project/tasks/edit/{task}", {"title": "Neu"}),
        ("/civic_project/support/{project}", {"area": "content"}),
    ],
)
def test_what_waits_for_long_is_not_done(path, values, places, browser_for):
    """Also where nothing else is wrong with it."""
    browser = browser_for(path)
    form = browser.form(path.format(**places)).with_values(**values)
    before = stored(), new()
    browser.send(form.with_values(_csrf_token="old"), status=400)
    assert (stored(), new()) == before
    # The page that comes back can be sent.
    response = browser.send(form.with_values(_csrf_token="old"), status=400)
    browser.send(read_form(response, SELECTOR))
    assert (stored(), new()) != before


class TestSmallForms:
    """Parts of pages in which people say why they do something."""

    @pytest.fixture
    def sysadmin(self, shared_app, scene) -> Browser:
        return Browser(shared_app, scene.named("sysadmin"))

    def check(self, response: Any) -> None:
        page = html(response)
        assert title(page).startswith("Error: ")
        assert page.select_one("textarea").text.strip() == "Weil es so ist"

    def test_keep_what_was_said_of_an_offer(self, sysadmin, scene):
        start = support("offered")(scene)
        path = "/civic_project/support/step/decline"
        data = {"id": start.id, "reason": "Weil es so ist"}
        token = {"_csrf_token": sysadmin.token()}
        wrong = {**data, "reason_code": "nonsense"}
        response = sysadmin.post(path, data={**wrong, **token})
        self.check(response)
        form = read_form(response, SELECTOR)
        assert form["id"] == start.id
        sysadmin.send(form.with_values(reason_code=None))
        assert model.Session.get(Support, start.id).state == "declined"

    def test_keep_it_where_somebody_was_faster(self, sysadmin, scene):
        start = support("declined")(scene)
        data = {"id": start.id, "reason": "Weil es so ist"}
        token = {"_csrf_token": sysadmin.token()}
        path = "/civic_project/support/step/decline"
        self.check(sysadmin.post(path, data={**data, **token}))

    def test_keep_it_where_the_page_was_open_for_long(self, sysadmin, scene):
        start = support("offered")(scene)
        data = {"id": start.id, "reason": "Weil es so ist"}
        path = "/civic_project/support/step/decline"
        response = sysadmin.post(path, data=data, status=400)
        self.check(response)
        assert "open for very long" in response.body
        # Who has sent it is not known: one click must not do it.
        page = html(response)
        assert not page.select(f"{SELECTOR} button, [name=id]")
        assert model.Session.get(Support, start.id).state == "offered"

    def test_keep_what_was_said_of_a_task(self, sysadmin, scene):
        start = task("taken")(scene)
        token = {"_csrf_token": sysadmin.token()}
        data = {"id": start.id, "reason": "Weil es so ist", **token}
        wrong = {**data, "reason_code": "nonsense"}
        path = "/civic_project/tasks/step/return"
        self.check(sysadmin.post(path, data=wrong))

    def test_keep_what_was_said_of_a_registration(self, sysadmin, scene):
        start = partner("proposed")(scene)
        token = {"_csrf_token": sysadmin.token()}
        data = {"id": start.id, "reason": "Weil es so ist", **token}
        wrong = {**data, "reason_code": "nonsense"}
        self.check(sysadmin.post("/partner/review/decline", data=wrong))


def test_the_page_of_supports_has_no_id_twice(shared_app, scene):
    for _ in range(2):
        support("offered")(scene)
    browser = Browser(shared_app, scene.named("sysadmin"))
    page = html(browser.get(f"/civic_project/support/{scene.project['name']}"))
    assert len(page.select("details form")) >= 4
    assert twice(page) == []


#: What core says of tags, and what our pages do.
TAG_SHORT = 'Tag "{0}" length is less than minimum 2'
TAG_ODD = (
    'Tag "{0}" can only contain alphanumeric characters, spaces (" "),'
    ' hyphens ("-"), underscores ("_") or dots (".")'
)
SHORT = "“{0}” is too short: a tag needs at least 2 characters."
ODD = (
    "“{0}” can’t be a tag: please use only letters, digits, spaces, hyphens"
    " and dots."
)


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("Missing value", "Please fill this in"),
        ('unexpected choice "x"', "Please choose what is offered"),
        ("Value must be one of ['a', 'b']", "Please choose what is offered"),
        (TAG_SHORT.format("R"), SHORT.format("R")),
        (TAG_ODD.format("a, b"), ODD.format("a, b")),
        (
            f"{TAG_SHORT.format('!')}, {TAG_ODD.format('!')}",
            f"{SHORT.format('!')} {ODD.format('!')}",
        ),
        (
            f'Tag "{"a" * 101}" length is more than maximum 100',
            f"“{'a' * 50}…” is too long: a tag has at most 100 characters.",
        ),
        ("{0} “%s” stays", "{0} “%s” stays"),
    ],
)
def test_words_of_core_become_plain(said, plain, shared_app):
    with shared_app.flask_app.test_request_context():
        assert core_words.plain(said) == plain


def test_core_has_the_words_that_are_replaced():
    """Else an upgrade of CKAN brings them back."""
    modules = (validators, navl_validators, validation)
    sources = "".join(
        # Long ones are written in several parts.
        re.sub(r"'\s*\n\s*'", "", getsource(module))
        for module in modules
    )
    for words in core_words.WORDS:
        assert words in sources, words

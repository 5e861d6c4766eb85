"""No project and no partner has the address of a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import ckantoolkit as tk
import pytest
import sqlalchemy as sa

from ckan import model
from ckan.lib.search import rebuild
from ckan.tests import factories
from ckan.tests.helpers import call_action
from ckanext.digifarm.partners.model import Partner
from ckanext.digifarm.partners.names import RESERVED as PARTNERS
from ckanext.digifarm.projects.names import RESERVED as PROJECTS

from ..acting import as_portal
from ..browsing import Browser, html, text_of
from ..proposing import REVIEWERS, create_people, pending, project_of

pytestmark = [
    pytest.mark.ckan_config("ckanext.digifarm.review_organization", REVIEWERS),
    pytest.mark.usefixtures("shared_app", "ckan_config"),
]


def words(name: str) -> str:
    return (
        f"“{name}” is the address of another page;"
        " please choose another short name"
    )


def errors_of(action: str, **data: Any) -> dict[str, Any]:
    with pytest.raises(tk.ValidationError) as raised:
        as_portal(action, **data)
    model.Session.rollback()
    return raised.value.error_dict


@pytest.fixture(scope="module")
def organization(shared_portal) -> dict[str, Any]:
    return factories.Organization()


@pytest.fixture
def project(project_factory, organization) -> dict[str, Any]:
    return project_factory(owner_org=organization["id"])


def rename(table: Any, id_: str, name: str) -> None:
    """Give a name that was free once."""
    model.Session.execute(
        sa.update(table).where(table.c.id == id_).values(name=name)
    )
    model.Session.commit()


#: What stands for names in routes.
NAME = "<id>"

#: A part of a route that is one of some words.
CHOICE = re.compile(r"<any\((?P<words>[^)]*)\):\w+>")


def paths(rule: str) -> Iterator[tuple[str, ...]]:
    """What a route may be, in parts."""
    choices = []
    for part in rule.strip("/").split("/"):
        choice = CHOICE.fullmatch(part)
        choices.append(
            re.split(r",\s*", choice["words"]) if choice else [part]
        )
    yield from product(*choices)


def is_word(part: str) -> bool:
    return bool(part) and not part.startswith("<")


def in_place_of_a_name(rules: list[str], top: str) -> set[str]:
    """Words of routes below /top/ that stand where others have a name.

    The first part always counts: what is beside it today need not be tomorrow.
    """
    found = [
        path[1:]
        for rule in rules
        for path in paths(rule)
        if len(path) > 1 and (path[0] == top or not is_word(path[0]))
    ]
    words = {path[0] for path in found}
    for path, other in product(found, repeat=2):
        pairs = list(zip(path, other, strict=False))
        if len(path) == len(other) and all(
            a == b or not (is_word(a) and is_word(b)) for a, b in pairs
        ):
            words |= {word for part, word in pairs if part == NAME}
    return {word for word in words if is_word(word)}


class TestRoutes:
    @pytest.fixture
    def rules(self, shared_app) -> list[str]:
        return [
            str(rule) for rule in shared_app.flask_app.url_map.iter_rules()
        ]

    @pytest.mark.parametrize(
        ("top", "word", "reserved"),
        [
            ("civic_project", "help-wanted", PROJECTS),
            ("partner", "register", PARTNERS),
        ],
    )
    def test_no_name_is_like_a_page(self, top, word, reserved, rules):
        found = in_place_of_a_name(rules, top)

        assert word in found
        # Names have no dots, as files have.
        assert {one for one in found if "." not in one} - reserved == set()

    @pytest.mark.parametrize(
        ("rules", "expected"),
        [
            (["/top/<id>", "/top/new"], {"new"}),
            (["/top/edit/<id>"], {"edit"}),
            (["/top/a/<id>", "/top/a/b"], {"a", "b"}),
            (
                ["/top/a/<id>", "/top/a/<any(up, down):by>"],
                {"a", "up", "down"},
            ),
            (["/top/a/<id>", "/top/a/b/<id>"], {"a"}),
            (["/top/a/<id>/new", "/top/<id>/b/new"], {"a", "b"}),
            (["/<type>/old/<id>", "/other/new"], {"old"}),
            (["/top/a/<token>", "/top/a/b"], {"a"}),
            (["/top", "/top/"], set()),
        ],
    )
    def test_are_read_as_they_are_meant(self, rules, expected):
        assert in_place_of_a_name(rules, "top") == expected


@pytest.mark.parametrize("name", sorted(PROJECTS))
def test_no_project_is_called_like_a_page(name):
    errors = errors_of(
        "package_create", type="civic_project", title="Baum", name=name
    )
    assert words(name) in errors["name"]


@pytest.mark.parametrize("name", sorted(PARTNERS))
def test_no_partner_is_called_like_a_page(name):
    data = {"title": "Verein", "kind": "other", "name": name}
    errors = errors_of("digifarm_partner_create", **data)
    # Core knows some words itself.
    assert errors["name"][-1] in {words(name), "That name cannot be used"}


def test_a_dataset_may_be_called_so():
    assert factories.Dataset(name="statistics")["name"] == "statistics"
    as_portal("dataset_purge", id="statistics")


def test_the_form_says_so_beside_the_field(shared_app, organization):
    browser = Browser(shared_app, factories.Sysadmin()["id"])
    form = browser.form("/civic_project/new").with_values(
        title="Baum", name="statistics", owner_org=organization["id"]
    )
    page = html(browser.send(form))
    assert (
        "field-name-error"
        in page.select_one("#field-name")["aria-describedby"]
    )
    assert words("statistics") in text_of(page.select_one("#field-name-error"))


def test_the_importer_says_so(run_import, organization):
    option = f"--organization={organization['name']}"
    result = run_import("title,name\nBaum,statistics", option)
    assert result.exit_code == 1
    assert f"B2 (name): {words('statistics')}" in result.stderr


def test_what_is_made_of_a_title_is_no_page():
    create_people()
    proposal = pending(project={"title": "Statistics"})
    assert project_of(proposal).name == "statistics-2"
    partner = call_action(
        "digifarm_partner_create", title="Statistics", kind="other"
    )
    assert partner["name"] == "statistics-2"


class TestNameThatWasThereBeforeThePage:
    def test_of_a_project_may_stay(self, project):
        rename(model.package_table, project["id"], "statistics")
        rebuild(project["id"])
        changed = as_portal("package_patch", id=project["id"], title="Neu")
        assert (changed["name"], changed["title"]) == ("statistics", "Neu")
        assert errors_of("package_patch", id=project["id"], name="about") == {
            "name": [words("about")]
        }
        as_portal("dataset_purge", id=project["id"])

    def test_of_a_partner_may_stay(self):
        partner = call_action(
            "digifarm_partner_create", title="Verein", kind="other"
        )
        rename(Partner.__table__, partner["id"], "statistics")
        changed = call_action(
            "digifarm_partner_update",
            id=partner["id"],
            title="Neu",
            # As the form sends it.
            name="statistics",
        )
        assert (changed["name"], changed["title"]) == ("statistics", "Neu")
        changes = {"id": partner["id"], "name": "review"}
        assert errors_of("digifarm_partner_update", **changes) == {
            "name": [words("review")]
        }

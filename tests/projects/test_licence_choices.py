"""The licence is chosen, written, not known, or comes later."""

from __future__ import annotations

import pytest
from werkzeug.datastructures import MultiDict

from ckan import model
from ckan.tests import factories
from ckanext.digifarm.projects import fields, licence_choices, licences
from ckanext.digifarm.projects.licence_choices import Chosen, chosen, read

from ..acting import as_portal, as_user
from ..browsing import Browser, html, text_of

pytestmark = pytest.mark.usefixtures("shared_app")

NEW = "/civic_project/new"
SUGGEST = "/civic_project/new/licenses"


@pytest.fixture(scope="module")
def editor(shared_app) -> Browser:
    user = factories.User()
    member = {"name": user["name"], "capacity": "editor"}
    factories.Organization(name="licence-office", users=[member])
    return Browser(shared_app, user["id"])


def stored_of(data: dict) -> dict:
    found = read(MultiDict(data))
    return {k: v for k, v in found.items() if k != licence_choices.ENTERED}


class TestValues:
    @pytest.mark.parametrize(
        ("sent", "stored"),
        [
            ({}, {}),
            ({"license": "MIT"}, {"source_license": "MIT"}),
            (
                {"license": "MIT", "source_license": " "},
                {"source_license": "MIT"},
            ),
            # What is written counts.
            ({"license": "MIT", "source_license": "ISC"}, {}),
            ({"license": "other", "source_license": "ISC"}, {}),
            ({"source_license": "ISC"}, {}),
            (
                {"license": "unknown", "source_license": "ISC"},
                {
                    "source_license": "NOASSERTION",
                    "open_source_intended": False,
                },
            ),
            (
                {"license": "later"},
                {"source_license": "", "open_source_intended": True},
            ),
        ],
    )
    def test_are_those_of_the_fields(self, sent, stored):
        assert stored_of(sent) == stored

    @pytest.mark.parametrize(
        ("stored", "shown"),
        [
            ({}, Chosen("", "")),
            ({"source_license": "MIT"}, Chosen("MIT", "")),
            ({"source_license": "ISC"}, Chosen("other", "ISC")),
            ({"source_license": "NOASSERTION"}, Chosen("unknown", "")),
            ({"open_source_intended": True}, Chosen("later", "")),
            (
                {"source_license": "MIT", "open_source_intended": True},
                Chosen("MIT", ""),
            ),
        ],
    )
    def test_show_what_is_stored(self, stored, shown):
        assert chosen(stored) == shown

    def test_of_common_ones_are_what_is_understood(self):
        common = fields.licenses()
        assert len(common) >= 5
        for one in common:
            assert licences.normalize(one["value"]) == one["value"]
            assert licences.is_open(one["value"], [])
            assert {*one["help"]} >= {"en", "de"}


class TestForm:
    def test_offers_all_of_them_with_what_they_mean(self, editor):
        page = html(editor.get(NEW))
        group = page.select_one("fieldset.digifarm-license")
        values = [r["value"] for r in group.select("[name=license]")]
        common = [one["value"] for one in fields.licenses()]
        assert values == [*common, "other", "unknown", "later"]
        assert "SPDX" in text_of(group)
        for radio in group.select("[name=license]"):
            assert group.select(f"label[for='{radio['id']}']")
            if described := radio.get("aria-describedby"):
                assert text_of(group.select_one(f"#{described}"))

    @pytest.mark.parametrize(
        ("entered", "license_", "intended"),
        [
            ({"license": "EUPL-1.2"}, "EUPL-1.2", False),
            (
                {
                    "license": "other",
                    "source_license": "opensource.org/license/mit",
                },
                "MIT",
                False,
            ),
            ({"source_license": "MIT/Apache-2.0"}, "MIT OR Apache-2.0", False),
            ({"license": "unknown"}, "NOASSERTION", False),
            ({"license": "later"}, "", True),
        ],
    )
    def test_stores_what_is_chosen(self, entered, license_, intended, editor):
        title = f"Lizenz {sorted(entered.values())}"
        form = editor.form(NEW).with_values(
            title=title, owner_org="licence-office", private="True"
        )
        response = editor.send(form.with_values(**entered))
        name = response.request.path.rpartition("/")[2]
        project = as_portal("package_show", id=name)
        assert project.get("source_license", "") == license_
        assert project["open_source_intended"] is intended
        assert "NOASSERTION" not in text_of(html(response))
        # Saved once more as it is, it stays what it was.
        edit = f"/civic_project/edit/{name}"
        editor.send(editor.form(edit))
        again = as_portal("package_show", id=name)
        assert again.get("source_license", "") == license_
        assert again["open_source_intended"] is intended

    def test_lets_change_from_one_to_another(self, editor):
        project = factories.Dataset(
            type="civic_project",
            owner_org=model.Group.get("licence-office").id,
            source_license="ISC",
        )
        edit = f"/civic_project/edit/{project['name']}"
        form = editor.form(edit)
        assert (form["license"], form["source_license"]) == ("other", "ISC")
        editor.send(form.with_values(license="MIT", source_license=""))
        found = as_portal("package_show", id=project["id"])
        assert found["source_license"] == "MIT"
        editor.send(editor.form(edit).with_values(license="later"))
        found = as_portal("package_show", id=project["id"])
        assert not found.get("source_license")
        assert found["open_source_intended"] is True


class TestSuggestions:
    @pytest.mark.parametrize(
        ("typed", "first"),
        [
            ("eup", "EUPL-1.2"),
            ("bsd 3", "BSD-3-Clause"),
            ("affero", "AGPL-3.0-or-later"),
            ("spdx.org/licenses/ISC", "ISC"),
            ("gpl v3", "GPL-3.0-only"),
        ],
    )
    def test_find_what_may_be_meant(self, typed, first, editor):
        visitor = editor.stranger()
        found = visitor.get(f"{SUGGEST}?q={typed}").json
        assert found[0]["name"] == found[0]["title"] == first
        assert len(found) <= licence_choices.MOST

    @pytest.mark.parametrize("typed", ["", "%00", "x" * 5000, "qqqq", "[(*"])
    def test_find_nothing_where_nothing_is(self, typed, editor):
        assert editor.stranger().get(f"{SUGGEST}?q={typed}").json == []


class TestCheck:
    def test_who_does_not_know_it_may_propose(self):
        verdict = as_user(
            "", "digifarm_license_check", source_license="NOASSERTION"
        )
        assert verdict["status"] == "not_verified"
        assert verdict["complaint"] == ""
        assert "NOASSERTION" not in verdict["label"]

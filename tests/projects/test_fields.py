"""The fields of a project: what they accept, and that they keep it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckantoolkit as tk
import pytest

from ckan.tests import factories
from ckanext.digifarm.lib import validators as lib_validators
from ckanext.digifarm.projects import fields
from ckanext.digifarm.projects import validators as project_validators

from ..acting import as_portal
from ..browsing import Browser
from ..conftest import ProjectFactory
from ..keeping import Kept

#: A value for every field, as the API takes and gives it.
FULL: dict[str, Any] = {
    "title": "Baumblick: Bäume & „Straßen“ <im> Blick",
    "name": "baumblick",
    "summary": "Zeigt, welcher Baum Wasser braucht – 100 % ehrenamtlich",
    "public_value": "Bäume überleben den Sommer.\n\nAlle lernen sich kennen.",
    "notes": "Eine **Karte**\n\n- mit Bäumen\n- mit <b>Durst</b> & 🌳\n",
    "url": "https://example.org/bäume?q=1&r=2#karte",
    "stage": "in_progress",
    "stage_note": "Es fehlt jemand, der die Sensoren wartet",
    "action_fields": ["environment", "participation"],
    "project_type": "web_app",
    "help_wanted": ["content", "care"],
    "content_help": "Texte über *Stadtbäume*",
    "technology_help": "Zurzeit keine",
    "sponsoring_help": "500 € im Jahr",
    "care_help": "Eine Gruppe, die das Projekt übernimmt",
    "source_url": "https://example.org/code.git",
    "source_license": "AGPL-3.0-or-later OR MIT",
    "open_source_intended": True,
    "image_url": "https://example.org/baum.jpg",
    "image_alt": "Eine Karte mit grünen und roten Punkten",
    "documentation_url": "http://example.org:8080/docs",
    "collaboration_url": "https://example.org/issues",
    "other_data": "[OpenStreetMap](https://www.openstreetmap.org)",
    "further_information": "Vorgestellt in der *Stadtbücherei*",
    "sdgs": ["6", "11", "13"],
    "origin_place": "Gießen",
    "origin_community": "Ein Hackathon",
    "origin_url": "https://example.org/hackathon",
    "initiators": "Verein „Grüne Stadt“ e. V.",
    "started": "2021-10",
    "operator": "Der Verein, auf einem Server in Münster",
    "technologies": ["Python", "PostgreSQL", "C++"],
    "complexity": "very_high",
    "deployment": "`make demo`",
    "contact_name": "Das Team von Baumblick",
    "contact_email": "team@example.org",
    "language": "nl",
    "info_url": "https://example.org/ueber",
    "features": ["Zeigt Bäume, auch kleine", "Ohne Anmeldung"],
    "meeting": "Jeden Dienstag um 19 Uhr in der Bücherei",
    "listed": "2021-10-01",
    "accompanied": True,
    "instances": "per_city",
    "running_costs": "120 Euro im Jahr",
    "costs_covered_until": "2027-12",
    "personal_data": "yes",
    "privacy_url": "https://example.org/datenschutz",
}
#: Fields that hold something else in what the API takes and gives.
ELSEWHERE = {
    "care_sought_since",
    "confirmed",
    "owner_org",
    "silent_since",
    "tag_string",
}
TAGS = ["Bäume", "open data", "straßen-grün"]

#: Another value for every field.
OTHER: dict[str, Any] = {
    "title": "Baumblick 2",
    "name": "baumblick-2",
    "summary": "Noch ein Satz",
    "public_value": "Anderes",
    "notes": "Andere Beschreibung",
    "url": "https://example.com/",
    "stage": "ended",
    "stage_note": "Vorbei",
    "action_fields": [],
    "project_type": "hardware",
    "help_wanted": ["sponsoring"],
    "content_help": "Nichts mehr",
    "technology_help": "Ein wenig",
    "sponsoring_help": "Mehr",
    "care_help": "Niemand",
    "source_url": "https://example.com/code",
    "source_license": "EUPL-1.2",
    "open_source_intended": False,
    "image_url": "https://example.com/2.png",
    "image_alt": "Ein Baum",
    "documentation_url": "https://example.com/docs",
    "collaboration_url": "https://example.com/forum",
    "other_data": "Keine",
    "further_information": "Keine weiteren",
    "sdgs": ["17"],
    "origin_place": "Köln",
    "origin_community": "Eine Initiative",
    "origin_url": "https://example.com/initiative",
    "initiators": "Die Nachbarschaft",
    "started": "1999-12-31",
    "operator": "Niemand",
    "technologies": [],
    "complexity": "low",
    "language": "uk",
    "deployment": "Von Hand",
    "contact_name": "Die Nachbarn",
    "contact_email": "nachbarn@example.com",
    "info_url": "https://example.com/info",
    "features": [],
    "meeting": "Nie",
    "listed": "2022",
    "accompanied": False,
    "instances": "one",
    "running_costs": "Keine",
    "costs_covered_until": "2028",
    "personal_data": "none",
    "privacy_url": "https://example.com/privacy",
}

#: What a project always says; `listed` stays once it is known.
NOT_EMPTY = {"title", "name", "listed"}

#: What no form asks for.
NO_FORM = {"listed", "accompanied"}

ADDRESS = "Please give a web address such as https://example.org"
DATE = "Please give a date such as 2021, 10/2021, 01.10.2021 or 2021-10-01"
ONE_LINE = "Please write it in one line"
UNSTORABLE = "Please remove invisible control characters"


def values_of(project: dict[str, Any]) -> dict[str, Any]:
    return {name: project[name] for name in FULL if name in project}


def tags_of(project: dict[str, Any]) -> list[str]:
    return sorted(tag["name"] for tag in project["tags"])


def errors_of(action: str, **data: Any) -> dict[str, Any]:
    with pytest.raises(tk.ValidationError) as raised:
        as_portal(action, **data)
    return raised.value.error_dict


@pytest.fixture(scope="module")
def kept_project(shared_portal) -> Kept:
    made: list[str] = []

    def create() -> dict[str, Any]:
        # Its name is taken while another one has it.
        while made:
            as_portal("dataset_purge", id=made.pop())
        tags = [{"name": name} for name in TAGS]
        project = ProjectFactory(**FULL, tags=tags)
        made.append(project["id"])
        return project

    return Kept(create)


@pytest.fixture
def full_project(kept_project) -> dict[str, Any]:
    """A project that fills every field."""
    return kept_project.get()


class TestEveryField:
    def test_has_values_here(self, shared_portal):
        assert fields.names() == set(FULL) | ELSEWHERE
        assert set(OTHER) == set(FULL)
        assert all(OTHER[name] != FULL[name] for name in FULL)

    def test_is_created(self, full_project):
        assert values_of(full_project) == FULL
        assert tags_of(full_project) == TAGS

    def test_is_shown(self, full_project):
        for action in ("package_show", "digifarm_project_show"):
            shown = as_portal(action, id=full_project["name"])
            assert values_of(shown) == FULL
            assert tags_of(shown) == TAGS

    def test_is_found_by_search(self, full_project):
        [found] = as_portal(
            "package_search", fq="type:civic_project +name:baumblick"
        )["results"]
        assert values_of(found) == FULL
        assert tags_of(found) == TAGS

    def test_survives_an_update_with_what_was_shown(self, full_project):
        shown = as_portal("package_show", id=full_project["id"])
        updated = as_portal("package_update", **shown)
        assert values_of(updated) == FULL
        assert tags_of(updated) == TAGS

    def test_is_updated(self, full_project):
        updated = as_portal(
            "package_update",
            id=full_project["id"],
            type="civic_project",
            owner_org=full_project["owner_org"],
            **OTHER,
        )
        assert values_of(updated) == OTHER
        assert updated["tags"] == []

    def test_is_patched_alone(self, full_project):
        expected = dict(FULL)
        for name, value in OTHER.items():
            patched = as_portal(
                "package_patch", id=full_project["id"], **{name: value}
            )
            expected[name] = value
            assert values_of(patched) == expected
            assert tags_of(patched) == TAGS

    @pytest.mark.parametrize("nothing", ["", None])
    def test_can_be_emptied(self, nothing, full_project):
        lists = fields.multiple_fields()
        as_portal(
            "package_patch",
            id=full_project["id"],
            tags=[],
            **{
                name: [] if name in lists else nothing
                for name in FULL
                if name not in NOT_EMPTY
            },
        )
        shown = as_portal("package_show", id=full_project["id"])
        held = {
            name: value for name, value in values_of(shown).items() if value
        }
        assert held["listed"] == FULL["listed"]
        assert held == {name: FULL[name] for name in NOT_EMPTY}
        assert shown["tags"] == []

    def test_survives_the_form_unchanged(self, full_project, shared_app):
        browser = Browser(shared_app, factories.Sysadmin()["id"])
        before = as_portal("package_show", id=full_project["id"])
        for _ in range(2):
            form = browser.form(f"/civic_project/edit/{full_project['name']}")
            assert browser.send(form).status_code == 200
        after = as_portal("package_show", id=full_project["id"])
        assert after == {
            **before,
            "metadata_modified": after["metadata_modified"],
        }

    def test_is_filled_in_by_the_form(self, full_project, shared_app):
        browser = Browser(shared_app, factories.Sysadmin()["id"])
        form = browser.form(f"/civic_project/edit/{full_project['name']}")
        typed = {
            **{n: value for n, value in OTHER.items() if n not in NO_FORM},
            "open_source_intended": None,
            "technologies": ", ".join(OTHER["technologies"]),
            "features": "\n".join(OTHER["features"]),
            "tag_string": "neu,  ganz neu ,",
        }
        response = browser.send(form.with_values(**typed))
        as_portal("package_patch", id=full_project["id"], stage=OTHER["stage"])
        # Its stage is one of projects that are over: that asks why.
        assert response.request.path == "/civic_project/end/baumblick-2"
        shown = as_portal("package_show", id=full_project["id"])
        kept = {name: FULL[name] for name in NO_FORM}
        assert values_of(shown) == {**OTHER, **kept}
        assert tags_of(shown) == ["ganz neu", "neu"]

    def test_refuses_a_wrong_value_and_says_what_is_expected(
        self, full_project
    ):
        wrong: dict[str, tuple[Any, str]] = {
            "title": (
                "a" * 201,
                "Please use at most 200 characters; there are 201 now",
            ),
            "name": ("Not A Name", "Must be purely lowercase alphanumeric"),
            "summary": ("a" * 221, "at most 220 characters"),
            "public_value": ("a" * 1001, "at most 1000 characters"),
            "notes": ("a" * 10_001, "at most 10000 characters"),
            "url": ("javascript:alert(1)", ADDRESS),
            "stage": ("finished", "Value must be one of"),
            "stage_note": ("one\ntwo", ONE_LINE),
            "action_fields": (["space"], 'unexpected choice "space"'),
            "project_type": ("game", "Value must be one of"),
            "help_wanted": (["money"], 'unexpected choice "money"'),
            "content_help": ("a" * 2001, "at most 2000 characters"),
            "technology_help": ("a" * 2001, "at most 2000 characters"),
            "sponsoring_help": ("a" * 2001, "at most 2000 characters"),
            "care_help": ("a" * 2001, "at most 2000 characters"),
            "source_url": ("git@example.org:code", ADDRESS),
            "source_license": ("MIT\nGPL", ONE_LINE),
            "image_url": ("another-projects-file.png", ADDRESS),
            "image_alt": ("a" * 301, "at most 300 characters"),
            "documentation_url": ("example", ADDRESS),
            "collaboration_url": ("ftp://example.org", ADDRESS),
            "other_data": ("a" * 5001, "at most 5000 characters"),
            "further_information": ("a" * 10_001, "at most 10000 characters"),
            "sdgs": (["18"], 'unexpected choice "18"'),
            "origin_place": ("a\tb", ONE_LINE),
            "origin_community": ("a" * 201, "at most 200 characters"),
            "origin_url": ("//example", ADDRESS),
            "initiators": ("a" * 501, "at most 500 characters"),
            "started": ("2021-13", DATE),
            "operator": ("a" * 301, "at most 300 characters"),
            "technologies": ("a" * 101, "at most 100 characters each"),
            "complexity": ("extreme", "Value must be one of"),
            "language": ("Klingonisch", "Value must be one of"),
            "deployment": ("a" * 10_001, "at most 10000 characters"),
            "contact_name": ("a" * 201, "at most 200 characters"),
            "contact_email": ("team", "Please give an e-mail address"),
            "info_url": ("mehr", ADDRESS),
            "features": ("a" * 101, "at most 100 characters each"),
            "meeting": ("a" * 301, "at most 300 characters"),
            "listed": ("vor langer Zeit", DATE),
            "instances": ("many", "Value must be one of"),
            "running_costs": ("a" * 201, "at most 200 characters"),
            "costs_covered_until": ("bald", DATE),
            "personal_data": ("some", "Value must be one of"),
            "privacy_url": ("hier", ADDRESS),
            "owner_org": (
                "no-such-organisation",
                "Organization does not exist",
            ),
        }
        # These are always yes or no.
        flags = {"open_source_intended", "accompanied"}
        assert set(wrong) == (set(FULL) - flags) | {"owner_org"}
        data = {name: value for name, (value, _) in wrong.items()}
        errors = errors_of("package_patch", id=full_project["id"], **data)
        assert set(errors) == set(wrong)
        for name, (_, message) in wrong.items():
            assert message in " ".join(errors[name]), name
        unchanged = as_portal("package_show", id=full_project["id"])
        assert values_of(unchanged) == FULL

    def test_refuses_what_can_not_be_stored(self, full_project):
        names = set(FULL) - fields.multiple_fields()
        data = dict.fromkeys(names, "a\x00b\ud800c\x1bd")
        errors = errors_of("package_patch", id=full_project["id"], **data)
        assert errors == {name: [UNSTORABLE] for name in names}

    def test_holds_the_longest_text_that_is_allowed(self, full_project):
        # Four bytes a character, as Solr counts bytes.
        longest = {
            "title": 200,
            "summary": 220,
            "notes": 10_000,
            "further_information": 10_000,
            "deployment": 10_000,
        }
        data = {name: "🌳" * length for name, length in longest.items()}
        updated = as_portal("package_patch", id=full_project["id"], **data)
        assert {name: updated[name] for name in data} == data

    def test_is_optional_but_for_title_and_organisation(self, shared_portal):
        errors = errors_of("package_create", type="civic_project")
        assert set(errors) == {"title", "name", "owner_org"}
        project = as_portal(
            "package_create",
            type="civic_project",
            title="Nur ein Titel",
            owner_org=factories.Organization()["id"],
        )
        assert project["name"] == "nur-ein-titel"
        assert project["open_source_intended"] is False
        assert project["action_fields"] == project["technologies"] == []


def refuses(validator: Callable[..., Any], value: Any, *args: Any) -> str:
    """The message with which a validator refuses a value."""
    with pytest.raises(tk.Invalid) as raised:
        validator(value, *args)
    return raised.value.error


class TestAddress:
    @pytest.mark.parametrize(
        "value",
        [
            "https://example.org",
            "http://example.org:8080/a?b=c&d=%20#e",
            "https://münster.example/straße",
            "https://[2001:db8::1]/",
            "https://EXAMPLE.ORG/",
            "https://example.org/(in_brackets)",
            "https://" + "a" * (lib_validators.MAX_URL_LENGTH - 8),
        ],
    )
    def test_on_the_web_is_accepted(self, value):
        assert lib_validators.digifarm_http_url(value) == value

    def test_loses_the_spaces_around_it(self):
        url = lib_validators.digifarm_http_url("  https://example.org \n")
        assert url == "https://example.org"

    @pytest.mark.parametrize(
        ("typed", "url"),
        [
            ("example.org", "https://example.org"),
            ("www.example.org/a?b=c#d", "https://www.example.org/a?b=c#d"),
            ("github.com/x", "https://github.com/x"),
            ("münster.example", "https://münster.example"),
            ("example.org:8080", "https://example.org:8080"),
            ("//example.org", "https://example.org"),
            ("HTTP://Example.org", "http://Example.org"),
        ],
    )
    def test_is_completed(self, typed, url):
        assert lib_validators.digifarm_http_url(typed) == url

    @pytest.mark.parametrize(
        "value",
        [
            "example",
            "1.2.3",
            "//example",
            "kim@example.org",
            "user.name:secret@example.org",
            "example.org:port",
            "example.org/a b",
            "https://",
            "https:///path",
            "https://?q",
            "https://:80",
            "http:example.org",
            "javascript:alert(1)",
            "java\nscript:alert(1)",
            "data:text/html,hello",
            "ftp://example.org",
            "mailto:team@example.org",
            "file:///etc/passwd",
            "https://user:secret@example.org",
            "https://example.org@evil.example",
            "https://example.org:99999",
            "https://example.org:0",
            "https://example.org:port",
            "https://[example",
            "https://example.org/a b",
            'https://example.org/"><script>',
            "https://example.org/\u3000a",
            "https://" + "a" * lib_validators.MAX_URL_LENGTH,
        ],
    )
    def test_of_another_kind_is_refused(self, value):
        assert refuses(lib_validators.digifarm_http_url, value) in {
            ADDRESS,
            ONE_LINE,
        }

    def test_of_a_picture_may_be_the_own_file(self):
        context = {"digifarm_pictures": {"own.png"}}
        assert (
            project_validators.digifarm_image_url("own.png", context)
            == "own.png"
        )
        assert (
            refuses(
                project_validators.digifarm_image_url, "other.png", context
            )
            == ADDRESS
        )


class TestPartialDate:
    @pytest.mark.parametrize(
        "value", ["2021", "2021-10", "2021-10-01", "2024-02-29", "0001"]
    )
    def test_is_as_precise_as_known(self, value):
        assert project_validators.digifarm_partial_date(f" {value} ") == value

    @pytest.mark.parametrize(
        "value",
        [
            "21",
            "0000",
            "2021-",
            "2021-13",
            "2021-00",
            "2021-10-00",
            "2021-02-29",
            "2021-10-32",
            "2021-10-01T00:00",
            "2021-10.01",
            "32.10.2021",
            "00.10.2021",
            "01/10/2021",
            "01-10-2021",
            "-2021",
            "٢٠٢١",
            "Herbst 2021",
            "32. Oktober 2021",
            "1. Oktober 1, 2021",
            "gestern",
            "Oktober",
            "1" * 1000,
            " " * 100 + "a" * 100_000,
        ],
    )
    def test_that_is_none_is_refused(self, value):
        assert refuses(project_validators.digifarm_partial_date, value) == DATE

    @pytest.mark.parametrize(
        ("typed", "stored"),
        [
            ("01.10.2021", "2021-10-01"),
            ("1.10.2021", "2021-10-01"),
            ("1. 10. 2021", "2021-10-01"),
            ("10/2021", "2021-10"),
            ("10.2021", "2021-10"),
            ("2021/10", "2021-10"),
            ("2021-1", "2021-01"),
            ("2021-10-1", "2021-10-01"),
            ("2021.10.01", "2021-10-01"),
            ("31/10/2021", "2021-10-31"),
            ("10/31/2021", "2021-10-31"),
            ("10/10/2021", "2021-10-10"),
            ("Oktober 2021", "2021-10"),
            ("oktober  2021", "2021-10"),
            ("Okt. 2021", "2021-10"),
            ("October 2021", "2021-10"),
            ("Oct 2021", "2021-10"),
            ("März 2021", "2021-03"),
            ("Ma\u0308rz 2021", "2021-03"),
            ("1. Oktober 2021", "2021-10-01"),
            ("1 October 2021", "2021-10-01"),
            ("1st of October 2021", "2021-10-01"),
            ("October 1, 2021", "2021-10-01"),
            ("October 1st, 2021", "2021-10-01"),
            ("octobre 2021", "2021-10"),
        ],
    )
    def test_is_read_as_people_write_it(self, typed, stored):
        assert project_validators.digifarm_partial_date(typed) == stored


class TestLicense:
    @pytest.mark.parametrize(
        ("typed", "stored"),
        [
            ("MIT", "MIT"),
            ("mit", "MIT"),
            ("GPL v3", "GPL-3.0-only"),
            ("Apache License, Version 2.0", "Apache-2.0"),
            ("MIT License", "MIT"),
            ("mit or apache-2.0", "MIT OR Apache-2.0"),
            ("LicenseRef-Own", "LicenseRef-Own"),
        ],
    )
    def test_becomes_an_spdx_expression(self, typed, stored):
        assert project_validators.digifarm_license_expression(typed) == stored

    @pytest.mark.parametrize(
        "typed", ["noch offen", "siehe README", "MIT AND"]
    )
    def test_that_is_unknown_stays_as_it_was_typed(self, typed):
        assert project_validators.digifarm_license_expression(typed) == typed


class TestText:
    @pytest.mark.parametrize(
        "character", ["\n", "\r", "\t", "\v", "\f", "\x85", "\u2028", "\u2029"]
    )
    def test_of_one_line_has_no_line_break(self, character):
        message = refuses(
            lib_validators.digifarm_single_line, f"one{character}two"
        )
        assert message in {ONE_LINE, UNSTORABLE}

    def test_of_one_line_loses_the_spaces_around_it(self):
        assert lib_validators.digifarm_single_line(" a  b\n") == "a  b"

    @pytest.mark.parametrize("value", [None, 5, True, ["a"], {"a": "b"}])
    def test_is_text(self, value):
        assert (
            refuses(lib_validators.digifarm_single_line, value)
            == "Must be text"
        )

    @pytest.mark.parametrize(
        "character", ["\x00", "\x08", "\x1b", "\ud800", "\uffff"]
    )
    def test_that_can_not_be_stored_is_refused(self, character):
        value = f"a{character}b"
        assert (
            refuses(lib_validators.digifarm_single_line, value) == UNSTORABLE
        )

    def test_has_a_greatest_length_in_characters(self):
        validator = lib_validators.digifarm_max_length(3)
        assert validator("🌳🌳🌳") == "🌳🌳🌳"
        assert refuses(validator, "four") == (
            "Please use at most 3 characters; there are 4 now"
        )


class TestOneOf:
    def test_message_names_what_is_allowed(self):
        validator = lib_validators.digifarm_one_of(["uses", "provides"])
        assert validator("uses") == "uses"
        for value in ("", "Uses", None, 5, ["uses"]):
            assert (
                refuses(validator, value) == "Must be one of: uses, provides"
            )


class TestNaturalNumber:
    @pytest.mark.parametrize(
        ("value", "number"), [("0", 0), (7, 7), ("12", 12)]
    )
    def test_is_whole_and_not_negative(self, value, number):
        assert lib_validators.digifarm_natural_number(value) == number

    @pytest.mark.parametrize(
        "value",
        [
            "-1",
            -1,
            "",
            "a",
            None,
            [],
            {},
            "1.5",
            1.5,
            float("inf"),
            float("nan"),
        ],
    )
    def test_else_is_refused(self, value):
        assert refuses(lib_validators.digifarm_natural_number, value) == (
            "Must be a whole number, 0 or more"
        )


class TestTechnologies:
    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("Python, PostgreSQL", ["Python", "PostgreSQL"]),
            (["Python", "PostgreSQL"], ["Python", "PostgreSQL"]),
            (["Python, Go", " C++ "], ["Python", "Go", "C++"]),
            ("Python,, python ,PYTHON", ["Python"]),
            ("Ruby  on\nRails", ["Ruby on Rails"]),
            ("", []),
            ([], []),
            (None, []),
        ],
    )
    def test_are_names_without_repetition(self, given, kept, full_project):
        patched = as_portal(
            "package_patch", id=full_project["id"], technologies=given
        )
        assert patched["technologies"] == kept

    @pytest.mark.parametrize(
        "given",
        [
            ",".join(f"t{i}" for i in range(51)),
            ["a" * 101],
        ],
    )
    def test_are_few_and_short(self, given, full_project):
        errors = errors_of(
            "package_patch", id=full_project["id"], technologies=given
        )
        assert errors == {
            "technologies": [
                "Please give at most 50 names of at most 100 characters each"
            ]
        }

    @pytest.mark.parametrize(
        "given", [5, True, 0, False, {"a": "b"}, [["a"]], [5]]
    )
    def test_are_texts(self, given, full_project):
        errors = errors_of(
            "package_patch", id=full_project["id"], technologies=given
        )
        assert set(errors) == {"technologies"}


class TestChoices:
    def test_are_kept_once_and_in_the_order_of_the_schema(self, full_project):
        patched = as_portal(
            "package_patch",
            id=full_project["id"],
            help_wanted=["care", "content", "care"],
            sdgs="9",
        )
        assert patched["help_wanted"] == ["content", "care"]
        assert patched["sdgs"] == ["9"]

    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("true", True),
            ("false", False),
            ("", False),
            (None, False),
            (True, True),
            (1, True),
            (0, False),
        ],
    )
    def test_of_yes_or_no(self, given, kept, full_project):
        patched = as_portal(
            "package_patch", id=full_project["id"], open_source_intended=given
        )
        assert patched["open_source_intended"] is kept


class TestTags:
    def test_come_as_text_too(self, full_project):
        patched = as_portal(
            "package_patch",
            id=full_project["id"],
            tags=[],
            tag_string="Wasser, Straßengrün , ,Wasser",
        )
        assert tags_of(patched) == ["Straßengrün", "Wasser"]

    @pytest.mark.parametrize(
        ("name", "message"),
        [
            ("a", "less than minimum 2"),
            ("a" * 101, "more than maximum 100"),
            ("C#", "can only contain"),
            ("<b>", "can only contain"),
        ],
    )
    def test_are_words(self, name, message, full_project):
        errors = errors_of(
            "package_patch", id=full_project["id"], tags=[{"name": name}]
        )
        assert set(errors) == {"tags"}
        assert message in str(errors)
        errors = errors_of(
            "package_patch", id=full_project["id"], tag_string=name
        )
        assert message in str(errors["tag_string"])

    def test_are_found_by(self, full_project):
        found = as_portal(
            "package_search", fq='type:civic_project +tags:"straßen-grün"'
        )
        assert [p["id"] for p in found["results"]] == [full_project["id"]]


class TestType:
    def test_of_a_project_does_not_change(self, full_project):
        project = as_portal("package_show", id=full_project["id"])
        for type_ in ("dataset", None, ""):
            project["type"] = type_
            try:
                as_portal("package_update", **project)
            except tk.ValidationError as e:
                assert set(e.error_dict) == {"type"}
            shown = as_portal("package_show", id=full_project["id"])
            assert shown["type"] == "civic_project"
            assert values_of(shown) == FULL

    def test_of_a_dataset_does_not_change(self, shared_portal):
        dataset = factories.Dataset()
        try:
            as_portal("package_patch", id=dataset["id"], type="civic_project")
        except tk.ValidationError as e:
            assert set(e.error_dict) == {"type"}
        shown = as_portal("package_show", id=dataset["id"])
        assert shown["type"] == "dataset"
        as_portal("dataset_purge", id=dataset["id"])


class TestName:
    @pytest.fixture
    def create(self, shared_portal):
        organization = factories.Organization()["id"]
        made: list[str] = []

        def create(**data: Any) -> dict[str, Any]:
            project = as_portal(
                "package_create",
                type="civic_project",
                owner_org=organization,
                **data,
            )
            made.append(project["id"])
            return project

        yield create
        for id_ in made:
            as_portal("dataset_purge", id=id_)

    @pytest.mark.parametrize(
        ("title", "name"),
        [
            ("Baum Blick", "baum-blick"),
            ("Bäume für Gießen & Œuvre", "baeume-fuer-giessen-oeuvre"),
            ("ÖPNV-Übersicht", "oepnv-uebersicht"),
            ("Stra\N{LATIN CAPITAL LETTER SHARP S}e", "strasse"),
            ("Ba\u0308ume", "baeume"),
            ("Kraków, Århus, Łódź", "krakow-arhus-lodz"),
            ("Погода в городе", "pogoda-v-gorode"),
            ("生物多样性", "shengwuduoyangxing"),
            ("مكتبة", "mktbh"),
            ("Wiese 🌳", "wiese"),
            ("!?", "project"),
            ("  Haus/Garten: 2021. ", "haus-garten-2021"),
            ("X", "x_"),
            ("🌳🌳", "project"),
            ("About", "about-2"),
            ("New", "new-2"),
        ],
    )
    def test_is_made_from_the_title(self, title, name, create):
        assert create(title=title)["name"] == name

    def test_that_is_empty_is_made_from_the_title(self, create):
        assert create(title="Baum Blick", name="")["name"] == "baum-blick"

    def test_that_is_taken_gets_a_number(self, create):
        factories.Dataset(name="baum-blick")
        names = [create(title="Baum Blick")["name"] for _ in range(3)]
        assert names == ["baum-blick-2", "baum-blick-3", "baum-blick-4"]

    def test_that_is_taken_by_a_deleted_project_gets_a_number(self, create):
        deleted = create(title="Weg damit")
        as_portal("package_delete", id=deleted["id"])
        assert create(title="Weg damit")["name"] == "weg-damit-2"

    def test_that_only_begins_alike_is_free(self, create):
        create(title="Baumblicke")
        assert create(title="Baumblic")["name"] == "baumblic"

    def test_of_a_long_title_fits(self, create):
        title = "Sehr langer Titel " * 11
        names = [create(title=title)["name"] for _ in range(11)]
        assert len(set(names)) == 11
        assert all(len(name) <= 100 for name in names)

    def test_that_is_given_is_never_changed(self, create):
        assert create(title="Baum", name="wald")["name"] == "wald"
        errors = errors_of(
            "package_create",
            type="civic_project",
            title="Baum",
            name="wald",
            owner_org=factories.Organization()["id"],
        )
        assert errors == {"name": ["That URL is already in use."]}

    def test_that_is_emptied_later_stays_as_the_title_made_it(self, create):
        project = create(title="Baum Blick Zwei")
        patched = as_portal("package_patch", id=project["id"], name="")
        assert patched["name"] == "baum-blick-zwei"

    def test_of_the_own_project_is_not_taken(self, create):
        project = create(title="Mein Baum", name="mein-baum")
        patched = as_portal(
            "package_patch", id=project["id"], name="mein-baum", title="Baum"
        )
        assert patched["name"] == "mein-baum"


def test_a_schema_file_may_say_only_a_part_of_what_proposals_need(monkeypatch):
    conditions = [{"value": "ours", "label": "Ours"}]
    own = {**fields._own_file(), "proposal": {"conditions": conditions}}
    monkeypatch.setattr(fields, "schema", lambda: own)
    assert fields.proposal_conditions() == conditions
    assert fields.proposal_required() == ["title", "summary", "public_value"]
    [head, *_] = fields.proposal_groups()
    assert head["fields"][0]["field_name"] == "title"

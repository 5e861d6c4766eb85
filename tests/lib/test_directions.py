"""What turns the reading direction makes no word look like another one."""

from __future__ import annotations

from typing import Any

import ckantoolkit as tk
import pytest

from ckan.tests import factories
from ckanext.digifarm.lib import validators

from ..acting import as_portal

#: Embeddings, overrides and isolates, with what ends them.
TURNING = [*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))]

#: What nobody sees.
HIDDEN = ["\u061c", "\u200b", "\u200e", "\u200f", "\u2060", "\ufeff"]

SAID = "Please remove invisible characters that change the reading direction"


@pytest.mark.parametrize("char", TURNING, ids=ascii)
def test_lines_and_words_have_none(char):
    for refuse in (
        validators.digifarm_single_line,
        validators.digifarm_words,
        validators.digifarm_http_url,
    ):
        with pytest.raises(tk.Invalid) as raised:
            refuse(f"https://example.org/{char}gpj.exe")
        assert raised.value.error == SAID


@pytest.mark.parametrize("char", HIDDEN, ids=ascii)
def test_addresses_hide_nothing(char):
    with pytest.raises(tk.Invalid):
        validators.digifarm_http_url(f"https://exam{char}ple.org/")
    # Words in two directions may need them.
    assert validators.digifarm_single_line(f"a{char}b") == f"a{char}b"


@pytest.mark.usefixtures("shared_app")
@pytest.mark.parametrize(
    "fields",
    [
        {"title": "Karte\u202egpj"},
        {"summary": "\u2066Karte"},
        {"contact_name": "Kim\u202d"},
        {"technologies": ["Py\u202ethon"]},
        {"url": "https://example.org/\u202egpj"},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_projects_have_none(fields: dict[str, Any]):
    organization = factories.Organization()["id"]
    with pytest.raises(tk.ValidationError) as raised:
        as_portal(
            "package_create",
            **{
                "type": "civic_project",
                "name": "karte",
                "title": "Karte",
                "owner_org": organization,
                **fields,
            },
        )
    [(field, messages)] = raised.value.error_dict.items()
    assert (field, messages) == (next(iter(fields)), [SAID])

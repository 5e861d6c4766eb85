"""E-mail addresses are stored as CKAN can send mails to them."""

from __future__ import annotations

import json
from typing import Any

import ckantoolkit as tk
import pytest
from click.testing import CliRunner

from ckanext.digifarm.cli import digifarm
from ckanext.digifarm.lib import addresses, outbox

from ..acting import as_user
from ..offering import OFFER, get
from ..scenes import KIM, PARTNER, task

pytestmark = pytest.mark.usefixtures("shared_app")


def clean(value: Any) -> Any:
    return tk.get_validator("digifarm_email")(value)


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("kim@example.org", "kim@example.org"),
        ("  kim@example.org ", "kim@example.org"),
        ("Kim@Example.ORG", "Kim@Example.ORG"),
        ("kim+a_b@mail.example.co.uk", "kim+a_b@mail.example.co.uk"),
        ("o'neil@example.org", "o'neil@example.org"),
        ("kim@müller.example", "kim@xn--mller-kva.example"),
        ("kim@MÜLLER.example", "kim@xn--mller-kva.example"),
        ("kim@mu\u0308ller.example", "kim@xn--mller-kva.example"),
        ("kim@straße.example", "kim@xn--strae-oqa.example"),
        ("kim@xn--mller-kva.example", "kim@xn--mller-kva.example"),
        ("kim@例え.テスト", "kim@xn--r8jz45g.xn--zckzah"),
        # What people copy.
        ("mailto:kim@example.org", "kim@example.org"),
        ("MAILTO:kim@example.org?subject=Hi", "kim@example.org"),
        ("Kim Müller <kim@example.org>", "kim@example.org"),
        ('"Müller, Kim" <kim@example.org>', "kim@example.org"),
        ("<kim@example.org>", "kim@example.org"),
        ("<mailto:kim@example.org>", "kim@example.org"),
    ],
)
def test_is_stored_as_the_mail_system_wants_it(given, stored):
    assert clean(given) == stored
    # What was stored stays the same.
    assert clean(stored) == stored
    assert addresses.stored(given) == stored


@pytest.mark.parametrize(
    "value",
    [
        "kim",
        "@example.org",
        "kim@",
        "kim@localhost",
        "kim@example",
        "kim@müller",
        "kim@example.",
        "kim@.example.org",
        "kim@exa..mple.org",
        "kim@example.org.",
        "kim@-example.org",
        "kim@example-.org",
        "kim@exa_mple.org",
        "kim@192.0.2.1",
        "kim@[192.0.2.1]",
        "kim@example.o",
        "kim@example.123",
        "kim@x.xn--a",
        "kim@xn--a.example",
        "kim@a@example.org",
        "kim kim@example.org",
        "kim@exam ple.org",
        ".kim@example.org",
        "kim.@example.org",
        "k..im@example.org",
        '"kim"@example.org',
        "kim,pat@example.org",
        "kim@example.org, pat@example.org",
        "kim@example.org;pat@example.org",
        "Kim <kim@example.org> <pat@example.org>",
        "Kim <>",
        "kim@example.org>",
        "kim@ex\u200bample.org",
        "kim@ex\u00adample.org\u3002",
        "k\u200bim@example.org",
        "kim@" + "a" * 64 + ".org",
        "k" * 65 + "@example.org",
    ],
)
def test_is_refused_without_being_repeated(value):
    with pytest.raises(tk.Invalid) as error:
        clean(value)
    # Whatever is given, it says the same.
    said = str(error.value.error)
    assert said == "Please give an e-mail address such as kim@example.org"
    assert addresses.stored(value) == value


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("kim@example.org\nBcc: pat@example.org", "in one line"),
        ("kim@example.org\r\n", None),
        ("kim\x00@example.org", "control characters"),
        ("kim\x1b@example.org", "control characters"),
        ("kim@\u202egro.elpmaxe", "reading direction"),
        ("müller@example.org", "before the @"),
        ("кім@example.org", "before the @"),
        ("kim@" + ".".join(["a" * 62] * 4) + ".org", "at most 254"),
        (None, "Must be text"),
        (["kim@example.org"], "Must be text"),
        ({"a": 1}, "Must be text"),
        (1, "Must be text"),
    ],
)
def test_says_what_is_wrong(value, words):
    if words is None:
        assert clean(value) == "kim@example.org"
        return
    with pytest.raises(tk.Invalid) as error:
        clean(value)
    assert words in str(error.value.error)


def test_an_umlaut_domain_gets_its_mail(scene, server):
    """By core's mailer, which can't write anything else."""
    data = {**OFFER, "contact_email": "Kim <kim@müller.example>"}
    data["project"] = scene.project["id"]
    support = get(as_user("", "digifarm_support_offer", **data)["id"])
    assert support.contact_email == "kim@xn--mller-kva.example"
    assert outbox.send_due() == {"done": 1}
    assert server.recipients == ["kim@xn--mller-kva.example"]


@pytest.mark.parametrize(
    ("action", "field", "data"),
    [
        ("support_offer", "contact_email", OFFER),
        ("partner_register", "contact_email", PARTNER),
        ("task_take", "email", KIM),
    ],
)
def test_forms_refuse_what_is_none(action, field, data, scene):
    ids = {
        "support_offer": {"project": scene.project["id"]},
        "task_take": {"id": task("open")(scene).id},
    }
    data = {**data, **ids.get(action, {}), field: "kim@localhost"}
    with pytest.raises(tk.ValidationError) as error:
        as_user("", f"digifarm_{action}", **data)
    assert [*error.value.error_dict] == [field]
    assert "localhost" not in str(error.value)


def test_a_projects_public_address_is_checked_alike(scene):
    def patched(email: str) -> str:
        return as_user(
            scene.named("project_editor"),
            "package_patch",
            id=scene.project["id"],
            contact_email=email,
        )["contact_email"]

    assert patched("mailto:team@MÜLLER.example") == (
        "team@xn--mller-kva.example"
    )
    with pytest.raises(tk.ValidationError) as error:
        patched("team@localhost")
    assert [*error.value.error_dict] == ["contact_email"]
    assert "team@" not in str(error.value)


@pytest.mark.parametrize(
    "spelling",
    [
        "kim@müller.example",
        "Kim <KIM@MÜLLER.example>",
        " kim@xn--mller-kva.example",
    ],
)
def test_the_command_line_finds_what_is_stored(spelling, scene):
    data = {**OFFER, "contact_email": "kim@müller.example"}
    as_user("", "digifarm_support_offer", project=scene.project["id"], **data)
    command = ["privacy", "export", spelling]
    result = CliRunner().invoke(digifarm, command, catch_exceptions=False)
    [offer] = json.loads(result.output)["support"]
    assert offer["contact_email"] == "kim@xn--mller-kva.example"


def test_an_account_is_found_as_ckan_has_stored_it():
    stored = {"kim@xn--mller-kva.example", "kim@müller.example"}
    assert addresses.spellings("Kim@xn--mller-kva.example") == stored
    assert addresses.spellings("Kim@Example.org") == {"kim@example.org"}

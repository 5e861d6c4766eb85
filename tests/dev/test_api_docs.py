"""docs/api.md is made of the docstrings, which say what it needs."""

from __future__ import annotations

import re

import ckantoolkit as tk
import pytest
from docutils.utils import SystemMessage

from dev import api_docs, paths


def refused(context, data_dict):
    """A function as auth functions are, for those who are logged in."""


@tk.auth_allow_anonymous_access
def allowed(context, data_dict):
    """One for everybody."""


def documented(docstring):
    """A function as actions are."""

    def action(context, data_dict):
        pass

    action.__doc__ = docstring
    return action


def test_page_says_what_the_docstrings_say():
    assert api_docs.PAGE.read_text(encoding="utf-8") == api_docs.page(), (
        "make docs"
    )


@pytest.mark.parametrize("page", ["README.md", "docs/api.md"])
def test_links_lead_to_an_action(page):
    actions = re.findall(r"^### (\w+)$", api_docs.page(), re.MULTILINE)

    linked = re.findall(
        r"\((?:docs/api\.md)?#(\w+)\)", (paths.ROOT / page).read_text()
    )

    assert linked
    assert {*linked} <= {*actions}


def test_what_needs_an_account_must_say_who_may():
    action = documented("Settle it.")

    with pytest.raises(api_docs.Undocumented, match="settle must say who"):
        api_docs.read("settle", action, refused)


def test_who_may_follows_from_refusals():
    action = documented("A thing.\n\n:raises NotAuthorized: where it is late")

    assert api_docs.read("thing", action, allowed).paragraphs == [
        "A thing.",
        "Everybody may, except where it is late.",
    ]


def test_what_only_reads_is_marked():
    action = tk.side_effect_free(documented("A thing."))

    entry = api_docs.read("thing", action, allowed)

    assert entry.paragraphs[0] == "A thing. *Only reads.*"


def test_broken_markup_is_an_error():
    with pytest.raises(SystemMessage, match="without end-string"):
        api_docs.read("thing", documented("A ``thing."), allowed)


def test_action_without_docstring_is_an_error():
    with pytest.raises(api_docs.Undocumented, match="no docstring"):
        api_docs.read("thing", documented(None), allowed)

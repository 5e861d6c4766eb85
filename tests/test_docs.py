"""Where the docs, docstrings and comments name a file, there is one."""

from __future__ import annotations

import re

import pytest

from dev.paths import ROOT

EXTENSION = ROOT / "ckanext" / "digifarm"

#: What a path may begin at, besides the folder of the file that names it.
FROM = (ROOT, EXTENSION, EXTENSION / "templates", ROOT / "tests")

#: With a folder, so that what CKAN has by the same name is not meant.
IN_DOCS = re.compile(r"`([\w.-]+(?:/[\w.-]+)+\.(?:py|yaml|html|md|ini|txt))`")
IN_CODE = re.compile(r"\b((?:\w+/)+\w+\.py)\b")

FILES = {
    **dict.fromkeys([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")], IN_DOCS),
    **dict.fromkeys(EXTENSION.rglob("*.py"), IN_CODE),
}


@pytest.mark.parametrize(
    "file", FILES, ids=lambda file: str(file.relative_to(ROOT))
)
def test_each_file_that_is_named_is_there(file):
    named = FILES[file].findall(file.read_text(encoding="utf-8"))
    missing = {
        path
        for path in named
        if not any((base / path).exists() for base in (*FROM, file.parent))
    }
    assert missing == set()

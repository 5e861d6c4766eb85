"""Templates stand where nobody shadows them, and none is forgotten."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

import ckanext.digifarm
import ckanext.digifarm.plugin
from ckanext.digifarm.links import activity

from .workflows import all_workflows

ROOT = Path(ckanext.digifarm.__file__).parent
OWN = ROOT / "templates"

NAME = re.compile(r"[\w-]+(?:/[\w-]+)*\.(?:html|txt)")
IN_TEMPLATE = re.compile(rf"""(['"])({NAME.pattern})\1""")

#: Who has the templates that we override.
OTHERS = ("ckan", "ckanext.activity", "ckanext.scheming")


def templates_of(folder: Path) -> set[str]:
    return {
        file.relative_to(folder).as_posix()
        for file in folder.rglob("*")
        if file.is_file()
    }


def folder_of(package: str) -> Path:
    # The plugins themselves can't be imported without an application.
    spec = find_spec(package)
    assert spec
    assert spec.origin
    return Path(spec.origin).parent / "templates"


OURS = templates_of(OWN)
THEIRS = set().union(*(templates_of(folder_of(name)) for name in OTHERS))


def text_of(template: str) -> str:
    return (OWN / template).read_text(encoding="utf-8")


@cache
def strings() -> dict[Path, tuple[set[str], set[str]]]:
    """Of each module its texts, and patterns of what it puts together."""
    found = {}
    for file in sorted(ROOT.rglob("*.py")):
        nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
        parts = {id(n) for f in nodes for n in pieces(f)}
        texts = {
            node.value
            for node in nodes
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in parts
        }
        patterns = {
            "".join(
                re.escape(part.value)
                if isinstance(part, ast.Constant)
                else "(.+)"
                for part in node.values
            )
            for node in nodes
            if isinstance(node, ast.JoinedStr)
        }
        found[file] = texts, patterns
    return found


def pieces(node: ast.AST) -> list[Any]:
    return node.values if isinstance(node, ast.JoinedStr) else []


def words() -> set[str]:
    """All texts of all modules."""
    return set().union(*(texts for texts, _ in strings().values()))


def in_python() -> set[str]:
    """Templates that the code names, or puts together of words it has."""
    named = {text for text in words() if NAME.fullmatch(text) and "/" in text}
    for texts, patterns in strings().values():
        for pattern in patterns:
            for template in OURS:
                match = re.fullmatch(pattern, template)
                if match and set(match.groups()) <= texts:
                    named.add(template)
    return named


def in_yaml() -> set[str]:
    """Templates that the files of fields name."""

    def values(node: Any) -> Iterator[str]:
        if isinstance(node, list):
            for item in node:
                yield from values(item)
        if isinstance(node, dict):
            for key, value in node.items():
                if key in {"form_snippet", "display_snippet"} and value:
                    yield value
                yield from values(value)

    return {
        value
        for file in ROOT.glob("*.yaml")
        for value in values(yaml.safe_load(file.read_text(encoding="utf-8")))
    }


def in_template(template: str) -> set[str]:
    """Templates that a template names."""
    return {name for _, name in IN_TEMPLATE.findall(text_of(template))}


def mails() -> set[str]:
    """The templates of mails, but for what they share."""
    return {
        template
        for template in OURS
        if re.fullmatch(
            r"digifarm/\w+/emails/(?:\w+/)?[a-z]\w+\.txt", template
        )
        and template != "digifarm/lib/emails/base.txt"
    }


def is_of_activity(template: str) -> bool:
    """Whether the activity stream finds it by the type of an activity."""
    path = Path(template)
    return path.parent == Path("snippets/activities") and (
        path.stem.replace("_", " ") in activity.TYPES
    )


def test_ours_stand_in_our_folder():
    others = {name for name in OURS if not name.startswith("digifarm/")}

    strangers = {name for name in others - THEIRS if not is_of_activity(name)}

    assert others
    assert strangers == set(), "they override nothing: move to digifarm/"


def test_our_folder_is_ours_alone():
    assert not {name for name in THEIRS if name.startswith("digifarm/")}


@pytest.mark.parametrize("named", [in_python, in_yaml])
def test_all_that_is_named_is_there(named):
    assert named()
    assert named() - OURS - THEIRS == set()


@pytest.mark.parametrize("template", sorted(OURS))
def test_all_that_a_template_names_is_there(template):
    assert in_template(template) - OURS - THEIRS == set()


def test_all_are_used():
    used = {name for name in OURS if not name.startswith("digifarm/")}
    used |= in_python() | in_yaml()
    used |= {
        template
        for template in mails()
        if {Path(template).stem, template[len("digifarm/") : -len(".txt")]}
        & words()
    }
    while more := OURS & set().union(*map(in_template, used & OURS)) - used:
        used |= more

    assert OURS - used == set()


def test_titles_of_pages_say_that_something_is_wrong():
    shown = {"digifarm/lib/forms/errors.html"}
    while more := {t for t in OURS if in_template(t) & shown} - shown:
        shown |= more
    pages = {t for t in shown if "{% block subtitle %}" in text_of(t)}
    assert len(pages) > 20
    assert {t for t in pages if "digifarm_error_mark" not in text_of(t)} == (
        set()
    )


#: Those that write mails, by their folder.
WORKFLOWS = {
    workflow.__module__.split(".")[2]: workflow
    for workflow in all_workflows()
    if any(transition.mails for transition in workflow.transitions)
}


@pytest.mark.parametrize("subject", WORKFLOWS)
def test_every_step_has_its_mails(subject):
    named = {
        f"digifarm/{subject}/emails/{name}.txt"
        for transition in WORKFLOWS[subject].transitions
        for name in transition.mails.values()
    }

    assert named - OURS == set()


ENDPOINT = re.compile(r"""['"]((?:digifarm_\w+|civic_project)\.[a-z_]+)['"]""")


def test_links_lead_to_pages_that_are_there(shared_app):
    """A link that only some readers get is built by no other test."""
    found = {
        (file.relative_to(ROOT).as_posix(), endpoint)
        for pattern in ("**/*.html", "**/*.txt", "**/*.py")
        for file in ROOT.glob(pattern)
        for endpoint in ENDPOINT.findall(file.read_text(encoding="utf-8"))
        # Columns of tables are called in the same way.
        if endpoint.partition(".")[0] in shared_app.flask_app.blueprints
    }
    known = shared_app.flask_app.view_functions
    assert found
    assert {(file, name) for file, name in found if name not in known} == set()

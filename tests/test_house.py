"""How the modules of the extension lie: what may import what."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import ckanext.digifarm
from ckanext.digifarm.subjects import SUBJECTS

ROOT = Path(ckanext.digifarm.__file__).parent
PACKAGE = "ckanext.digifarm"

#: No file is longer, in lines.
LONGEST = 400

#: The folders from the ground up. `config` is read by all of them.
FLOORS = (
    {"config", "lib"},
    {subject for subject in SUBJECTS if subject != "core"},
    {"core"},
    {"subjects", "privacy", "startup"},
    {"cli", "plugin"},
)

MODULES = {
    ".".join((PACKAGE, *file.relative_to(ROOT).with_suffix("").parts)): file
    for file in ROOT.rglob("*.py")
    if "migration" not in file.parts and file.name != "__init__.py"
}


def imports_of(module: str) -> set[str]:
    """The modules of ours that a module imports, anywhere in it."""
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = module.split(".")[: -node.level]
                base = ".".join([*above, *filter(None, [node.module])])
            names = {f"{base}.{alias.name}" for alias in node.names}
            found |= ({base} | names) & MODULES.keys()
    return found


def ckan_imports_of(module: str) -> set[str]:
    """The modules of CKAN that a module imports, or imports from."""
    found = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module or "")
    return {name for name in found if name.split(".")[0] == "ckan"}


IMPORTS = {module: imports_of(module) for module in MODULES}


def folder_of(module: str) -> str:
    return module.removeprefix(f"{PACKAGE}.").split(".")[0]


def floor_of(module: str) -> int:
    folder = folder_of(module)
    [floor] = [n for n, floor in enumerate(FLOORS) if folder in floor]
    return floor


def test_nothing_imports_in_a_circle():
    try:
        TopologicalSorter(IMPORTS).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def test_nothing_imports_what_lies_above():
    upwards = {
        (module, imported)
        for module, found in IMPORTS.items()
        for imported in found
        if floor_of(imported) > floor_of(module)
    }
    assert upwards == set()


@pytest.mark.parametrize("module", sorted(MODULES))
def test_no_module_is_long(module):
    lines = MODULES[module].read_text(encoding="utf-8").count("\n")
    assert lines <= LONGEST


def test_what_is_no_toolkit_of_ckan_is_imported_in_one_place():
    elsewhere = {
        (module, name)
        for module in MODULES.keys() - {f"{PACKAGE}.lib.ckan"}
        for name in ckan_imports_of(module) - {"ckan.plugins"}
    }
    assert elsewhere == set()


def test_nothing_private_is_imported():
    private = {
        (module, alias.name)
        for module, file in MODULES.items()
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name.startswith("_")
    }
    assert private == set()


def test_no_test_stands_in_a_function():
    """There pytest would not find it."""
    hidden = [
        f"{file.name}: {inner.name}"
        for file in Path(__file__).parent.rglob("test_*.py")
        for outer in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(outer, ast.FunctionDef)
        for inner in ast.walk(outer)
        if isinstance(inner, ast.FunctionDef) and inner is not outer
        if inner.name.startswith("test_")
    ]
    assert hidden == []

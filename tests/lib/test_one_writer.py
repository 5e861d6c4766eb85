"""States are written in one place, or rules that hold there hold nowhere."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import ckantoolkit as tk
import pytest

import ckanext.digifarm
import ckanext.digifarm.plugin

from ..workflows import all_workflows

ROOT = Path(ckanext.digifarm.__file__).parent
WRITER = ROOT / "lib" / "step.py"

#: Classes whose rows have a state that the engine writes.
WITH_WORKFLOWS = {workflow.model.__name__ for workflow in all_workflows()}

#: What has a state of its own: mails of the outbox and packages of core. By
#: file, what the name of the variable is there.
OTHERS = {
    # Those of packages, of all at once.
    "core/retiring.py": {"values"},
    "lib/outbox.py": {"mail"},
    "mails/actions.py": {"mail"},
    "proposals/packages.py": {"project"},
}


def writes_in(source: str) -> Iterator[tuple[str, int]]:
    """Where a state is written: the name of what has it, and the line."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            targets = getattr(node, "targets", None) or [node.target]
            for target in targets:
                for part in ast.walk(target):
                    if isinstance(part, ast.Attribute) and (
                        part.attr == "state"
                    ):
                        yield ast.unparse(part.value), node.lineno
        if isinstance(node, ast.Call):
            yield from _written_by(node)


def _written_by(call: ast.Call) -> Iterator[tuple[str, int]]:
    name = ast.unparse(call.func).rpartition(".")[2]
    words = {keyword.arg for keyword in call.keywords}
    if (name in WITH_WORKFLOWS or name == "values") and "state" in words:
        yield name, call.lineno
    if name == "setattr" and ast.unparse(call.args[1]) == "'state'":
        yield name, call.lineno


def test_no_module_but_the_engine_writes_a_state():
    found = {
        (str(file.relative_to(ROOT)), who, line)
        for file in sorted(ROOT.rglob("*.py"))
        if file != WRITER and "migration" not in file.parts
        for who, line in writes_in(file.read_text(encoding="utf-8"))
    }
    others = {
        (file, who, line)
        for file, who, line in found
        if who in OTHERS.get(file, ())
    }
    assert found == others


def test_the_engine_writes_it_once():
    assert len(list(writes_in(WRITER.read_text(encoding="utf-8")))) == 1


def test_all_states_are_known():
    classes = {
        mapper.class_.__name__
        for mapper in tk.BaseModel.registry.mappers
        if mapper.class_.__module__.startswith("ckanext.digifarm.")
        and "state" in mapper.columns
    }
    # That of a dataset is CKAN's own, as it was seen.
    others = {"LinkedDataset", "Mail", "Retired", "Waiting"}
    assert classes == WITH_WORKFLOWS | others


@pytest.mark.parametrize(
    "source",
    [
        "support.state = 'ended'",
        "a.b.state = x",
        "a, support.state = 1, 2",
        "support.state += 'x'",
        "support.state: str = 'x'",
        "Support(area='care', state='ended')",
        "model.Support(state='ended')",
        "sa.update(Support).values(state='ended')",
        "setattr(support, 'state', 'ended')",
    ],
)
def test_a_writer_is_seen(source):
    assert len(list(writes_in(source))) == 1


@pytest.mark.parametrize(
    "source",
    [
        "state = 'ended'",
        "x = support.state",
        "if support.state == 'ended': pass",
        "dict(state='ended')",
        "Support(area='care')",
    ],
)
def test_a_reader_is_none(source):
    assert list(writes_in(source)) == []

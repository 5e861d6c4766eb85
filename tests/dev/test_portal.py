"""What is said where the demo can't be brought up."""

from __future__ import annotations

import pytest

from dev import paths, portal
from dev.progress import SetupError


@pytest.fixture
def broken(monkeypatch, tmp_path) -> None:
    """Programs that say what is wrong with an old database, and end."""
    for name in ("ckan", "python"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\necho stands at 008 >&2\nexit 1\n")
        program.chmod(0o700)
    monkeypatch.setattr(paths, "BIN", tmp_path)
    monkeypatch.setattr(paths, "LOG", tmp_path)


@pytest.mark.parametrize("step", [portal._create_tables, portal._load_content])
@pytest.mark.usefixtures("broken")
def test_who_has_an_old_demo_hears_how_to_make_it_anew(step):
    with pytest.raises(SetupError) as raised:
        step()
    assert "make clean removes all that was made here" in str(raised.value)
    assert "make demo makes it anew" in str(raised.value)
    assert "stands at 008" in raised.value.log.read_text("utf-8")

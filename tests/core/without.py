"""What a portal is without this extension, with the same database and Solr."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from dev.paths import ROOT

SCRIPT = Path(__file__).with_name("plain_portal.py")
CKAN = Path(sys.executable).parent / "ckan"


class Answer(NamedTuple):
    """What a portal answers."""

    status: int
    text: str


class PlainPortal:
    """A portal in a process of its own.

    :param ini: its configuration
    """

    def __init__(self, ini: Path) -> None:
        self.ini = ini
        with ini.with_suffix(".log").open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, SCRIPT, ini],
                cwd=ROOT,
                env={**os.environ},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def wait(self) -> None:
        """Wait until it is there."""
        assert self._read() == {}

    def get(self, address: str, token: str = "") -> Answer:
        """What it answers to whoever has a token of the API."""
        assert self._process.stdin
        request = {"address": address, "token": token}
        print(json.dumps(request), file=self._process.stdin, flush=True)
        return Answer(**self._read())

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command of CKAN."""
        return subprocess.run(
            [CKAN, "-c", self.ini, *command],
            cwd=ROOT,
            env={**os.environ},
            capture_output=True,
            text=True,
            check=False,
        )

    def stop(self) -> None:
        """End its process."""
        self._process.communicate()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, "The process has ended."
        return json.loads(line)


@contextmanager
def plain_portal(directory: Path, **options: str) -> Iterator[PlainPortal]:
    """A portal without our plugin and schema, and with some options.

    :param directory: where its configuration is written
    :param options: with `__` for each full stop
    """
    defaults = {"ckan__plugins": "activity", "scheming__dataset_schemas": ""}
    lines = [
        "[app:main]",
        f"use = config:{ROOT / 'test.ini'}",
        f"ckan.webassets.path = {directory / 'webassets'}",
        *(
            f"{k.replace('__', '.')} = {v}"
            for k, v in (defaults | options).items()
        ),
    ]
    ini = directory / "plain.ini"
    ini.write_text("\n".join(lines), encoding="utf-8")
    portal = PlainPortal(ini)
    try:
        portal.wait()
        yield portal
    finally:
        portal.stop()

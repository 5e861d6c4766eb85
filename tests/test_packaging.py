"""What is installed is complete, and runs without the checkout."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import (
    Distribution,
    distribution,
    packages_distributions,
    requires,
)
from pathlib import Path
from zipfile import ZipFile

import ckantoolkit as tk
import pytest
import sqlalchemy as sa
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ckan import model
from dev import paths

NAME = "ckanext-digifarm"

#: A schema of the tests' database, for an empty portal.
SCHEMA = "portal_of_wheel"


def run(*command: str | Path, **options) -> str:
    """The output of a program, which must succeed."""
    done = subprocess.run(
        command, text=True, capture_output=True, check=False, **options
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def sources() -> list[str]:
    """The files of the repository, also those that are not yet committed."""
    listed = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    found = run("git", *listed, cwd=paths.ROOT).split("\0")
    return [file for file in found if (paths.ROOT / file).is_file()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel of a clean checkout."""
    here = tmp_path_factory.mktemp("wheel")
    for file in sources():
        copy = here / "checkout" / file
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(paths.ROOT / file, copy)
    build = ["build", "--wheel", "--no-isolation", f"--outdir={here}"]
    run(sys.executable, "-m", *build, here / "checkout")
    (built,) = here.glob("*.whl")
    return built


@pytest.fixture
def schema() -> Iterator[str]:
    """An empty schema of the tests' database."""
    drop = sa.text(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
    engine = model.ensure_engine()
    with engine.begin() as connection:
        connection.execute(drop)
        connection.execute(sa.schema.CreateSchema(SCHEMA))
    yield SCHEMA
    with engine.begin() as connection:
        connection.execute(drop)


def test_wheel_has_the_files_of_the_package_and_no_others(wheel):
    contents = ZipFile(wheel).namelist()

    package = {file for file in contents if ".dist-info/" not in file}

    assert package == {
        file for file in sources() if file.startswith("ckanext/")
    }


def test_portal_runs_on_the_wheel_alone(wheel, schema, tmp_path):
    target = tmp_path / "installed"
    ZipFile(wheel).extractall(target)
    ini = shutil.copy(paths.ROOT / "test.ini", tmp_path)

    extension = run(
        sys.executable,
        Path(__file__).with_name("portal_of_wheel.py"),
        ini,
        paths.ROOT,
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": str(target),
            "PGOPTIONS": f"-c search_path={schema}",
            "CKAN_SQLALCHEMY_URL": tk.config["sqlalchemy.url"],
            "CKAN_SOLR_URL": tk.config["solr_url"],
            "CKAN_REDIS_URL": tk.config["ckan.redis.url"],
            # Other tests may have left packages in the index.
            "CKAN_SITE_ID": schema,
        },
    )

    assert Path(extension.strip()).is_relative_to(target)


def modules() -> set[str]:
    """What the extension imports from elsewhere: `limits`, `ckanext.…`."""
    named = {
        name
        for file in (paths.ROOT / "ckanext").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        for name in imported(node)
    }
    tops = {re.match(r"(ckanext\.)?\w+", name)[0] for name in named}
    return tops - sys.stdlib_module_names - {"ckanext.digifarm"}


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and not node.level:
        return [node.module or ""]
    return []


@cache
def installed() -> Mapping[str, list[str]]:
    return packages_distributions()


def distributions(module: str) -> set[str]:
    """Names of what installs a module."""
    top, _, part = module.partition(".")
    return {
        canonicalize_name(name)
        for name in installed()[top]
        if not part or has(distribution(name), f"{top}/{part}/")
    }


def has(found: Distribution, folder: str) -> bool:
    return any(str(file).startswith(folder) for file in found.files or ())


def required(name: str, extra: str = "") -> set[str]:
    """Names of what a distribution requires."""
    found = map(Requirement, requires(name) or ())
    return {
        canonicalize_name(requirement.name)
        for requirement in found
        if not requirement.marker
        or requirement.marker.evaluate({"extra": extra})
    }


def test_what_is_imported_is_required():
    known = required(NAME) | required("ckan", "requirements") | {"ckan"}

    unknown = {
        module for module in modules() if not distributions(module) & known
    }

    assert unknown == set()


def test_what_is_required_is_imported():
    used = set().union(*map(distributions, modules()))

    assert required(NAME) - used == set()


def test_what_every_ckan_brings_is_not_required_again():
    assert required(NAME) & required("ckan", "requirements") == set()


def test_nothing_that_is_required_replaces_the_ckan_of_a_portal():
    known, wanted = set(), {NAME}
    while wanted:
        known |= wanted
        wanted = set().union(*map(required, wanted)) - known

    assert "ckan" not in known


@pytest.mark.parametrize("version", ["2.11.4", "2.1", "2.13.0", "3.0.0a0"])
def test_another_ckan_is_refused_with_a_sentence(version):
    start = (
        f"import ckan; ckan.__version__ = {version!r}\n"
        "import ckanext.digifarm.plugin"
    )

    done = subprocess.run(
        [sys.executable, "-c", start],
        text=True,
        capture_output=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "ckan.exceptions.CkanConfigurationException: The plugin digifarm needs"
        f" CKAN 2.12, and this is CKAN {version}. Take digifarm out of"
        " ckan.plugins, or upgrade CKAN."
    )


@pytest.mark.parametrize("version", ["2.12.0", "2.12.7", "2.12.0a0"])
def test_each_patch_of_the_right_one_will_do(version):
    run(
        sys.executable,
        "-c",
        f"import ckan; ckan.__version__ = {version!r}\n"
        "import ckanext.digifarm",
    )

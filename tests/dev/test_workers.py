"""How many processes run the tests, and what each has for itself."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from dev import workers
from dev.servers import Servers


def config(*arguments: str, **options: object) -> SimpleNamespace:
    values = {"capture": "fd", "collectonly": False, **options}
    return SimpleNamespace(args=arguments, option=SimpleNamespace(**values))


@pytest.fixture
def processors(monkeypatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 4)


@pytest.mark.usefixtures("processors")
@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (config("tests"), 4),
        (config("tests/browser"), 4),
        (config("tests/dev/test_workers.py"), 1),
        (
            config(
                "tests/dev/test_workers.py::test_a",
                "tests/dev/test_workers.py",
            ),
            1,
        ),
        (config("tests/dev/test_workers.py", "tests/links/test_links.py"), 2),
        (config("tests", capture="no"), 1),
        (config("tests", collectonly=True), 1),
    ],
)
def test_there_are_as_many_as_are_of_use(wanted, found):
    assert workers._wanted(wanted) == found


def test_servers_of_the_environment_are_for_one_process(monkeypatch):
    named = Servers(
        "postgresql://a:b@db.example.org/ckan",
        "http://solr.example.org/solr/ckan_test",
        "redis://redis.example.org/3",
    )
    for name, value in named.environment().items():
        monkeypatch.setenv(name, value)
    assert workers.all_servers(4) == [named]


@pytest.mark.parametrize(
    ("test", "unit"),
    [
        (
            "tests/links/test_links.py::TestCreate::test_a[b]",
            "tests/links/test_links.py",
        ),
        ("tests/browser/test_links.py::test_a", "tests/browser"),
        ("tests/isolation/test_dcat.py::test_a", "tests/isolation"),
    ],
)
def test_what_shares_a_portal_stays_together(test, unit):
    assert workers._ByFile._split_scope(None, test) == unit

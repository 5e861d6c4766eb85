"""Projects that are likely the same are found before they are there twice."""

from __future__ import annotations

import time
from typing import Any

import pytest
import sqlalchemy as sa

from ckan import model
from ckan.tests import factories
from ckanext.digifarm.proposals import duplicates
from ckanext.digifarm.proposals.duplicates import Project, among, normalize_url
from dev.counting import counting

from ..acting import as_portal, as_user
from ..proposing import (
    REVIEWERS,
    create_people,
    empty_tables,
    pending,
    project_of,
    put_into,
)

CODE = "https://github.com/Code4MS/Schattenwege"

#: So many that PostgreSQL would rather not look at each.
MANY = sa.text(
    """
    INSERT INTO package (id, name, title, type, state, private, extras)
    SELECT n, n, md5(n::text), 'civic_project', 'active', false,
        jsonb_build_object('source_url', 'https://github.com/' || n)
    FROM generate_series(1, 2000) AS n
    """
)


@pytest.mark.parametrize(
    "url",
    [
        "http://github.com/Code4MS/Schattenwege",
        "https://www.github.com/Code4MS/Schattenwege",
        f"{CODE}.git",
        f"{CODE}/",
        f"{CODE}.git/",
        f"{CODE}//",
        "https://github.com//Code4MS//Schattenwege",
        "https://GitHub.com/code4ms/SCHATTENWEGE",
        f"{CODE}?tab=readme",
        f"{CODE}#readme",
        "https://github.com:443/Code4MS/Schattenwege",
        f"  {CODE} ",
        "git+ssh://git@github.com/Code4MS/Schattenwege.git",
        "ssh://git@github.com:22/Code4MS/Schattenwege.git",
        "git@github.com:Code4MS/Schattenwege.git",
        "github.com:Code4MS/Schattenwege",
        "github.com/Code4MS/Schattenwege",
        f"{CODE}/tree/main",
        f"{CODE}/blob/main/README.md",
        f"{CODE}/-/tree/main/src?ref_type=heads",
        f"{CODE}/src/branch/main",
        f"{CODE}?utm_source=x",
    ],
)
def test_addresses_of_the_same_code_are_the_same(url):
    assert normalize_url(url) == normalize_url(CODE)


@pytest.mark.parametrize(
    "url",
    [
        "",
        None,
        "github.com",
        "https://",
        "http://[::1",
        "https://github.com/Code4MS",
        "https://github.com/Code4MS/Schattenwege2",
        "https://gitlab.com/Code4MS/Schattenwege",
        "https://github.com/Code4MS/Schattenwege/issues",
        "https://github.com/Schattenwege/tree/main",
        f"{CODE}?p=a",
        "nonsense",
    ],
)
def test_other_addresses_are_not(url):
    assert normalize_url(url) != normalize_url(CODE)


@pytest.mark.parametrize(
    ("title", "is_near"),
    [
        ("Schattenwege", True),
        ("SCHATTENWEGE!", True),
        ("Schattenwege Münster", True),
        ("Die Schattenwege-App", True),
        ("Die Schattenwege-App für Münster", False),
        ("Schattenweg", True),
        ("Schatenwege", True),
        ("Sonnenwege", False),
        ("Wege", False),
        ("Die App", False),
        ("", False),
        ("!!!", False),
        ("Igelkarte", False),
    ],
)
def test_titles_may_be_near(title, is_near):
    known = [Project("1", "a", title, False, None)]
    assert bool(among(known, "Schattenwege", "")) == is_near


def test_two_words_of_a_long_title_are_enough():
    known = [Project("1", "a", "Kühle Schattenwege in Münster", False, None)]
    assert among(known, "Schattenwege Münster", "")
    assert not among(known, "Münster", "")


@pytest.mark.parametrize("query", ["?p=a", "?p=a&x=1"])
def test_parameters_tell_repositories_apart(query):
    root = "https://git.example.org/gitweb"
    assert normalize_url(root + query) != normalize_url(f"{root}?p=b")
    assert normalize_url(root + query) == normalize_url(f"{root}/{query}")


@pytest.mark.parametrize(
    ("one", "other"), [("Rad", "Rad und Bus"), ("", ""), ("…", "—")]
)
def test_short_words_say_too_little(one, other):
    assert among([Project("1", "a", other, False, None)], one, "") == []


@pytest.mark.parametrize("word", ["ab ", "aaaa ", "a", "abcd "])
def test_no_title_takes_long(word):
    """Compared with usual ones of the same length, so that no machine counts.

    difflib takes a thousand times as long for these.
    """

    def seconds(title: str) -> float:
        known = [
            Project(str(n), f"p{n}", title[::-1], False, None)
            for n in range(duplicates.MAX_CANDIDATES)
        ]
        start = time.perf_counter()
        among(known, title, "")
        return time.perf_counter() - start

    usual = max(seconds("Kühle Schattenwege in Münster " * 7) for _ in "123")
    assert min(seconds((word * 200)[:200]) for _ in "123") < 100 * usual


def test_two_without_code_are_not_the_same():
    known = [
        Project("1", "a", "Igelkarte", False, url)
        for url in (None, "", "nonsense")
    ]
    for url in ("", "nonsense", "http://[::1"):
        assert among(known, "Schattenwege", url) == []


def test_the_same_code_comes_first_and_some_are_enough():
    near = [
        Project(str(n), f"p{n}", "Schattenwege", False, None) for n in range(9)
    ]
    same = Project("s", "same", "Ganz anders", False, f"{CODE}.git")
    found = among([*near, same], "Schattenwege", CODE)
    assert found[0] == {
        "name": "same",
        "title": "Ganz anders",
        "private": False,
        "same_source": True,
    }
    assert len(found) == duplicates.MOST
    assert among([same], "Schattenwege", CODE, but_not="s") == []


@pytest.mark.usefixtures("shared_app")
@pytest.mark.ckan_config("ckanext.digifarm.review_organization", REVIEWERS)
class TestOfThePortal:
    @pytest.fixture(scope="class")
    @classmethod
    def people(cls, shared_app) -> dict[str, str]:
        return create_people()

    @pytest.fixture(scope="class")
    @classmethod
    def projects(cls, people) -> dict[str, dict[str, Any]]:
        organization = factories.Organization()["id"]

        def project(name: str, **fields: Any) -> dict[str, Any]:
            data = {"title": "Schattenwege", "source_url": CODE, **fields}
            return factories.Dataset(
                name=name,
                type=data.pop("type", "civic_project"),
                owner_org=organization,
                **data,
            )

        project("deleted")
        as_portal("package_delete", id="deleted")
        project("dataset", type="dataset", source_url="")
        return {
            "public": project("public"),
            "private": project("private", private=True),
        }

    @pytest.mark.parametrize("role", ["anonymous", "other", "sysadmin"])
    def test_only_public_ones_are_told(self, role, people, projects):
        for query in ({"title": "Schattenwege"}, {"source_url": CODE}):
            found = as_user(
                people[role], "digifarm_proposal_duplicates", **query
            )
            assert [p["name"] for p in found] == ["public"]

    def test_reviewers_see_what_they_may_read(self, people, projects):
        """But not the proposal itself."""
        empty_tables()
        proposal = pending(people["proposer"], project={"source_url": CODE})
        other = pending(people["other"], project={"source_url": CODE})
        waiting = project_of(other).name
        for role, private in (
            ("reviewer", {waiting: True}),
            ("sysadmin", {waiting: True, "private": True}),
        ):
            shown = as_user(
                people[role], "digifarm_proposal_show", id=proposal.id
            )
            known = {"public": False, **private}
            assert {
                p["name"]: p["private"] for p in shown["duplicates"]
            } == known
            [row] = [
                row
                for row in as_user(people[role], "digifarm_proposal_list")[
                    "results"
                ]
                if row["id"] == proposal.id
            ]
            assert row["num_duplicates"] == len(known)
        own = as_user(
            people["proposer"], "digifarm_proposal_show", id=proposal.id
        )
        assert "duplicates" not in own
        for each in (proposal, other):
            as_portal("dataset_purge", id=each.project_id)

    def test_only_those_that_wait_have_their_number(self, people, projects):
        empty_tables()
        for state in ("pending", "changes_requested", "declined"):
            put_into(pending(people["proposer"]), state)
        found = as_user(people["reviewer"], "digifarm_proposal_list")
        assert {
            row["state"]: row.get("num_duplicates") for row in found["results"]
        } == {"pending": 2, "changes_requested": 2, "declined": None}
        for row in found["results"]:
            as_portal("dataset_purge", id=row["project"]["id"])

    def test_are_found_by_one_statement(self, projects):
        with counting() as cost:
            duplicates.likely("Schattenwege", CODE)
        assert len(cost.sql) == 1
        asked = [duplicates.Asked("Schattenwege", CODE)] * 20
        with counting() as cost:
            found = duplicates.likely_of_each(asked, private_of=())
        assert len(cost.sql) == 1
        assert [[p["name"] for p in each] for each in found] == [
            ["public"]
        ] * 20
        assert duplicates.likely_of_each([], private_of=()) == []

    @pytest.mark.parametrize(
        ("title", "source_url"),
        [
            ("SCHATTENWEGE!", ""),
            ("Schattenwege/Karte", ""),
            ("Schatten-Wege", ""),
            ("Schattenwge", ""),
            ("Wege", f"{CODE.upper()}.git"),
            ("", f"{CODE}/tree/main?plain=1"),
            ("", f"git@{CODE.removeprefix('https://').replace('/', ':', 1)}"),
        ],
    )
    def test_are_found_among_all(self, title, source_url, projects):
        found = duplicates.likely(title, source_url)
        assert [project["name"] for project in found] == ["public"]

    @pytest.mark.parametrize(
        ("title", "source_url"),
        [
            ("", ""),
            ("!!!", "nonsense"),
            ("' | 'a':* & \\", "https://'"),
            ("___", "https://_"),
            ("Igelkarte", CODE.rpartition("/")[0]),
            ("\u00b2\u00bd", "https://example.org/%_"),
        ],
    )
    def test_none_is_found_by(self, title, source_url, projects):
        assert duplicates.likely(title, source_url) == []

    def test_index_finds_them(self, projects):
        """Which PostgreSQL uses where it reads the same as the query."""
        sent = []

        def note(_: Any, cursor: Any, *statement: Any) -> None:
            sent.append(statement[:2])

        engine = model.ensure_engine()
        sa.event.listen(engine, "before_cursor_execute", note, once=True)
        duplicates.likely("Schattenwege", CODE)
        [(statement, parameters)] = sent
        with engine.connect() as connection:
            # Nothing is ever committed.
            connection.execute(MANY)
            connection.execute(sa.text("ANALYZE package"))
            plan = connection.exec_driver_sql(
                f"EXPLAIN {statement}", parameters
            )
            text = "\n".join(plan.scalars())
        assert "Index Scan on digifarm_package_title" in text
        assert "Index Scan on digifarm_package_source" in text

    def test_few_are_compared(self, projects, monkeypatch):
        """However many there are; those of the same code never drop out."""
        monkeypatch.setattr(duplicates, "MAX_CANDIDATES", 1)
        compared = []

        def among(known, *args, **kwargs):
            compared.extend(known)
            return []

        monkeypatch.setattr(duplicates, "among", among)
        duplicates.likely("Ganz anders", f"{CODE}/tree/main")
        duplicates.likely("Schatenwege", "")
        assert [project.name for project in compared] == ["public"] * 2
        duplicates.likely("Igelkarte", "https://example.org/%_")
        assert len(compared) == 2

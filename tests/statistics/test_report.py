"""The report of a year says what a council has to know, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest

from ckan import model
from ckan.tests.helpers import changed_config
from ckanext.digifarm.confirmations.achievements import Achievement
from ckanext.digifarm.lib import clock
from ckanext.digifarm.statistics import (
    aggregating,
    reading,
    reporting,
    summary,
    views,
)
from ckanext.digifarm.support.model import SupportState

from ..acting import as_portal, as_user
from ..browsing import Browser, html, text_of
from ..offering import (
    REVIEWERS,
    create_people,
    create_project,
    empty_tables,
    store_offer,
)
from . import story

NOW = story.noon("2025-12-15")
PAGE = "/civic_project/statistics/2025"

pytestmark = pytest.mark.usefixtures("no_numbers")


@pytest.fixture(scope="module")
def people(shared_app) -> dict[str, str]:
    return create_people()


@pytest.fixture
def told(no_numbers) -> Iterator[None]:
    story.write()
    with mock.patch.object(clock, "now", return_value=NOW):
        aggregating.rebuild()
        model.Session.commit()
        yield


def of_year(year: int) -> dict[str, Any]:
    return as_user(
        "",
        "digifarm_statistics",
        since=str(year - 1),
        until=str(year),
        step="year",
    )


def rows(year: int) -> dict[str, list[str]]:
    """The rows of the report; what they are made of stands last."""
    return {
        row.label: [*row.values, *filter(None, [row.parts])]
        for part in reporting.parts(of_year(year))
        for row in part.rows
    }


@pytest.fixture
def spoken(app) -> Iterator[None]:
    """There is somebody to whom it is told."""
    with app.flask_app.test_request_context():
        yield


class TestNumbers:
    def test_rows(self, told, spoken):
        assert rows(2025) == {
            "Projects that go on, at the end": [
                *("2", "2"),
                "2025: In progress 1, Being tested 1",
            ],
            "New projects": ["2", "0"],
            "Taken over from another directory": ["1", "0"],
            "Completed or ended": ["1", "0"],
            "Listed for one year, of these went on": [
                *(f"1 of 1 ({_percent(100)})", f"2 of 2 ({_percent(100)})")
            ],
            "Listed for two years, of these went on": [
                *("–", f"1 of 1 ({_percent(100)})")
            ],
            "Help that began": ["1", "0"],
            "Technical help: found after": [
                *("60 days", "–", "2024: a single case")
            ],
            "Help that is given, at the end": ["1", "0"],
            "Help that ended": ["0", "1"],
            "Offers of help": ["1", "1"],
            "Offers that were accepted": ["1", "0"],
            "Partners in the directory": ["1", "1"],
            "Partners that support a project": ["1", "0"],
            "Proposals sent": ["2", "0"],
            "Proposals approved": ["1", "0"],
            "Proposals declined": ["1", "0"],
            "Decided after": ["30 days", "–", "2024: the longest of 2 cases"],
            "New tasks": ["2", "0"],
            "Tasks taken": ["2", "0"],
            "Tasks done": ["1", "0"],
            "Tasks to be taken, at the end": ["1", "1"],
            "Datasets (tables, maps) of the city that a project uses": [
                *(f"3 of 50 ({_percent(6)})", f"1 of 50 ({_percent(2)})")
            ],
            "Confirmed in the twelve months up to then": [
                *(f"1 of 2 ({_percent(50)})", f"0 of 2 ({_percent(0)})")
            ],
            "Web addresses that don’t answer, at the end": ["2", "0"],
        }

    def test_parts_are_of_the_year_of_the_report(self, told, spoken):
        assert rows(2024)["Help that began"] == ["1", "2024: Technical help 1"]
        assert rows(2024)["Decided after"] == [
            "30 days",
            "2024: the longest of 2 cases",
        ]

    @pytest.mark.parametrize(
        ("count", "told"),
        [
            (1, ["40 days", "2025: a single case"]),
            (9, ["40 days", "2025: the longest of 9 cases"]),
            (10, ["5 days", "2025: half of 10 cases; nine of ten: 40 days"]),
        ],
    )
    def test_of_few_cases_all_are_told(self, count, told, spoken):
        found = {
            "periods": ["2025"],
            "numbers": [
                {
                    "number": "proposal_days",
                    "key": "",
                    "values": [{"count": count, "median": 5, "ninety": 40}],
                }
            ],
        }
        [part] = reporting.parts(found)
        assert part.rows == [reporting.Row("Decided after", told[:1], told[1])]

    def test_sentences(self, told, spoken):
        # What there was in the year before is told where it is nothing.
        assert summary.sentences(of_year(2025)) == [
            (
                "Projects in the end: 2, of these in use: 0. New: 0;"
                " completed: 0; given up: 0."
            ),
            "One year after they were listed, 2 of 2 projects went on.",
            (
                "Help that began: 0; that was given in the end: 0; that was"
                " wanted in the end: 0."
            ),
            "Residents’ proposals: 0; approved by the city: 0; declined: 0.",
            "Tasks that volunteers have done: 0; open in the end: 1.",
            f"Of 50 datasets of the city, projects used 1 ({_percent(2)}).",
            (
                f"Of 2 projects, the people of 0 ({_percent(0)}) confirmed in"
                " the twelve months up to then that their entry is right."
            ),
        ]
        first = summary.sentences(of_year(2024))
        assert first[0] == (
            "Projects in the end: 2, of these in use: 1. New: 2; completed: 0;"
            " given up: 1."
        )
        assert (
            "Residents’ proposals: 2; approved by the city: 1; declined: 1."
            in first
        )

    def test_nothing_is_told_of_nothing(self, spoken):
        assert not summary.sentences({"periods": ["2025"], "numbers": []})

    @pytest.mark.parametrize(
        ("yes", "no", "row"),
        [
            (2, 0, None),
            (3, 0, ["3", "2025: yes 3"]),
            (4, 3, ["7", "2025: no 3, yes 4"]),
            (4, 2, ["6", "2025: several, each of them rare 6"]),
            (4, 1, ["5", "2025: several, each of them rare 5"]),
        ],
    )
    def test_what_is_too_little_is_not_told(self, yes, no, row, spoken):
        found = {
            "periods": ["2025"],
            "numbers": [
                {"number": "helped", "key": key, "values": [value]}
                for key, value in reading.folded(
                    {k: n for k, n in (("yes", yes), ("no", no)) if n}
                ).items()
            ],
        }
        told = [
            [*one.values, one.parts]
            for part in reporting.parts(found)
            for one in part.rows
        ]
        assert told == ([row] if row else [])

    def test_a_year_that_is_hidden_says_so(self, spoken):
        found = {
            "periods": ["2024", "2025"],
            "numbers": [
                {"number": "helped", "key": "yes", "values": [None, 3]},
                {"number": "helped", "key": "folded", "values": [None, None]},
            ],
        }
        [part] = reporting.parts(found)
        assert [row.values for row in part.rows] == [["fewer than 3", "3"]]

    @pytest.mark.parametrize(
        ("begins", "as_of", "labels"),
        [
            ("2024-01", "2026-01-01T00:00", ["2024", "2025"]),
            ("2024-03", "2026-01-01T00:00", ["2024 (from Mar on)", "2025"]),
            ("2023-03", "2025-12-31T23:59", ["2024", "2025 (so far)"]),
        ],
    )
    def test_a_year_that_is_not_whole_says_so(
        self, begins, as_of, labels, spoken
    ):
        found = {"begins": begins, "as_of": as_of}
        years = ("2024", "2025")
        told = [reporting.year_label(year, found) for year in years]
        assert told == labels


class TestPage:
    @pytest.fixture(autouse=True)
    def city(self, people) -> Iterator[None]:
        empty_tables()
        model.Session.query(Achievement).delete()
        model.Session.commit()
        with changed_config("ckanext.digifarm.review_organization", REVIEWERS):
            yield

    @pytest.fixture
    def project(self, people) -> dict[str, Any]:
        return create_project(people, title="Ein <b>Garten</b>")

    def test_what_was_achieved(self, told, app, project):
        text = "Äpfel für <i>alle</i>."
        for year, said in ((2024, "Anderes"), (2025, text)):
            model.Session.add(
                Achievement(project_id=project["id"], year=year, text=said)
            )
        model.Session.commit()
        page = html(app.get(PAGE))
        [line] = page.select(".digifarm-achievements li")
        assert text_of(line) == f"Ein <b>Garten</b> : {text}"
        link = line.select_one("a")
        assert link
        assert link["href"] == f"/civic_project/{project['name']}"
        as_portal("package_patch", id=project["id"], private=True)
        page = html(app.get(PAGE))
        assert not page.select(".digifarm-achievements")
        assert "Nobody has told of it yet." in text_of(page)

    def test_as_much_as_the_sheet_has_room_for(self):
        achieved = [
            {"title": title, "text": "x" * 300}
            for title in ("Zebra", *("anders" for _ in range(9)))
        ]
        told = reporting.with_room(achieved)
        assert [one["title"] for one in told] == ["anders", "Zebra"]
        [long] = reporting.with_room([{"title": "Lang " * 20, "text": "."}])
        assert long["title"] == "Lang " * 14 + "Lang…"
        short = [{"title": "Kurz", "text": "Gut."}] * 9
        assert reporting.with_room(short) == short
        assert reporting.with_room([]) == []

    def test_says_so_where_there_is_no_room(self, told, app, people, project):
        model.Session.add(
            Achievement(project_id=project["id"], year=2025, text="Eins.")
        )
        model.Session.commit()
        with mock.patch.object(views, "MOST_ACHIEVEMENTS", 1):
            assert "there is room" not in app.get(PAGE).text
        other = create_project(people, title="Noch einer")
        model.Session.add(
            Achievement(project_id=other["id"], year=2025, text="Zwei.")
        )
        model.Session.commit()
        with mock.patch.object(views, "MOST_ACHIEVEMENTS", 1):
            page = text_of(html(app.get(PAGE)))
        assert "Zwei." in page
        assert "Eins." not in page
        assert "there is room for 1 here" in page

    @pytest.mark.parametrize(
        ("helped", "words"),
        [
            ("yes", "It helped."),
            ("partly", "It helped partly."),
            ("no", "It did not help."),
            ("", "Nobody has said whether it helped."),
        ],
    )
    def test_which_supports_helped_is_for_reviewers(
        self, helped, words, told, app, people, project
    ):
        support = store_offer(
            people["offerer"], SupportState.ENDED, project=project["id"]
        )
        support.helped = helped
        support.modified = story.noon("2025-06-01").replace(tzinfo=None)
        model.Session.commit()

        def read(user: str, path: str = PAGE) -> str:
            return text_of(html(Browser(app, user).get(path)))

        for reader in (people["reviewer"], people["sysadmin"]):
            page = read(reader)
            assert "For reviewers: support that ended in 2025" in page
            assert words in page
        may = {"reviewer", "sysadmin"}
        others = [name for role, name in people.items() if role not in may]
        for reader in others:
            page = read(reader)
            assert "Civic projects in 2025" in page
            assert "For reviewers" not in page
            assert words not in page
        page = read(people["reviewer"], "/civic_project/statistics/2024")
        assert "None ended in this year." in page


def _percent(number: int) -> str:
    return f"{number}\N{NO-BREAK SPACE}%"

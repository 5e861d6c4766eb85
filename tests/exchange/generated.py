"""Projects that hypothesis makes up: each field holds what it may hold."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ckanext.digifarm.exchange import columns, documents
from ckanext.digifarm.exchange.columns import Kind
from ckanext.digifarm.projects import fields

#: What tables, spreadsheets and Markdown may stumble over.
AWKWARD = st.sampled_from(
    [
        *("=1+1", "'=1", "@x", "-", "|", " | ", "\\", "\\n", "[", '["a"]'),
        *("'", '"', "a;b", "a,b", "##", "sep=;", "ß", "İ", "\u0301", "1.0"),
    ]
)
LETTERS = st.characters(
    codec="utf-8",
    categories=["L", "M", "N", "P", "S", "Zs"],
)
WORD = st.text(LETTERS, min_size=1, max_size=12)
LINE = st.lists(AWKWARD | WORD, min_size=1, max_size=3).map("".join)
BREAK = st.sampled_from(["\n", "\r\n", "\n\n", "\n    ", "\n- "])
TEXT = st.lists(LINE | BREAK, min_size=1, max_size=5).map("".join)
SKILL = st.sampled_from(["Zählen", "Go", "UX | Design", "=A", "[b]"])
DATE = st.dates().map(str) | st.sampled_from(["2021", "10/2021", "Mai 2021"])
URL = st.sampled_from(
    [
        "https://example.org/=1",
        "http://example.org/a,b;c?d=e#f",
        "https://example.org/%C3%A4",
    ]
)

#: Fields with a form of their own.
SPECIAL = {
    "title": WORD.map("T{}".format),
    "contact_email": st.just("info@example.org"),
    "personal_data": st.just("none"),
    "listed": DATE,
    "source_license": st.sampled_from(["MIT", "GPL v3", "=eigene"]),
}


def document(count: int) -> dict[str, Any]:
    """A file with so many projects, always the same."""
    projects: list[dict[str, Any]] = []

    @settings(
        max_examples=count * 2,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(_project())
    def collect(project: dict[str, Any]) -> None:
        projects.append({**project, "name": f"project-{len(projects)}"})

    collect()
    assert len(projects) >= count
    return {
        "format": documents.FORMAT,
        "version": documents.VERSION,
        "projects": projects[:count],
    }


def _project() -> st.SearchStrategy[dict[str, Any]]:
    optional = {
        column.name: SPECIAL.get(column.name, _value(column))
        for column in columns.of_fields()
        if column.name != "title"
    }
    return st.fixed_dictionaries(
        {
            "private": st.booleans(),
            "fields": st.fixed_dictionaries(
                {"title": SPECIAL["title"]}, optional=optional
            ),
            "tags": st.lists(
                st.sampled_from(["Grün", "a.b", "R-Kurs", "x_y"]), unique=True
            ).map(sorted),
            "datasets": st.lists(
                st.fixed_dictionaries(
                    {
                        "dataset": st.sampled_from(
                            ["trees", "parks", "lamps"]
                        ),
                        "relation": st.sampled_from(["uses", "provides"]),
                        "note": LINE,
                    }
                ),
                max_size=3,
                unique_by=lambda link: link["dataset"],
            ),
            "supporters": st.lists(
                _supporter(), max_size=2, unique_by=lambda s: s["area"]
            ),
            "tasks": st.lists(
                _task(), max_size=2, unique_by=lambda t: t["title"].casefold()
            ),
        }
    )


def _value(column: columns.Column) -> st.SearchStrategy[Any]:
    field: Any = fields.field(column.name)
    choices = st.sampled_from(
        [choice["value"] for choice in column.choices] or [""]
    )
    lines = st.lists(LINE, min_size=1, max_size=4)
    by_kind = {
        Kind.CHOICE: choices,
        Kind.CHOICES: st.lists(choices, min_size=1, unique=True),
        Kind.FLAG: st.booleans(),
        Kind.DATE: DATE,
        Kind.WORDS: lines,
        Kind.LINES: lines,
    }
    if column.kind in by_kind:
        return by_kind[column.kind]
    if "url" in column.name:
        return URL
    is_line = "digifarm_single_line" in field["validators"]
    return LINE if is_line else TEXT


def _supporter() -> st.SearchStrategy[dict[str, Any]]:
    partner = st.sampled_from(
        [
            {"title": "Verein | Bäume", "kind": "association", "name": "v"},
            {"title": "=Firma; GmbH", "kind": "company", "name": "f-1"},
            {"title": "Kim", "kind": "other", "url": "https://example.org/k"},
            None,
        ]
    )
    return st.fixed_dictionaries(
        {"area": st.sampled_from(fields.areas()), "partner": partner},
        optional={
            "scope": LINE,
            "since": st.dates().map(str),
            "until": st.just("2099-10"),
        },
    )


def _task() -> st.SearchStrategy[dict[str, Any]]:
    efforts = st.sampled_from(fields.task_effort_values())
    return st.fixed_dictionaries(
        {"title": WORD.map("T{}".format)},
        optional={
            "description": TEXT,
            "skills": st.lists(SKILL, max_size=3, unique=True),
            "effort": efforts,
            "url": URL,
            "for_beginners": st.booleans(),
        },
    )

"""What there is of a project in tables and files: all who write or read ask.

The fields are those of the schema file; the others are the same everywhere.
"""

from __future__ import annotations

import dataclasses
import enum
from typing import Any

from ..lib.language import in_all_languages
from ..partners import fields as partner_fields
from ..projects import fields

#: How the columns of those who support in an area begin.
SUPPORTERS = "supporters_"

PRIVATE = "private"
DATASETS = "datasets"
TASKS = "tasks"
ORGANIZATION = "owner_org"
TAGS = "tag_string"

#: What holds on this portal only, besides the fields that say so themselves.
PAGE = "page"
CREATED = "created"
MODIFIED = "modified"


class Kind(enum.Enum):
    """What a cell of a column holds."""

    TEXT = enum.auto()
    DATE = enum.auto()
    CHOICE = enum.auto()
    CHOICES = enum.auto()
    #: Short names.
    WORDS = enum.auto()
    #: Short texts, one a line.
    LINES = enum.auto()
    FLAG = enum.auto()
    TAGS = enum.auto()
    ORGANIZATION = enum.auto()
    #: Rows of a field with subfields.
    ROWS = enum.auto()
    DATASETS = enum.auto()
    SUPPORTERS = enum.auto()
    TASKS = enum.auto()
    #: What is so on this portal, and nobody can take elsewhere.
    HERE = enum.auto()


@dataclasses.dataclass(frozen=True)
class Column:
    """A column of a table of projects.

    :param name: how our files call it
    :param labels: how people call it: a word, or words by language
    :param help: what to write into it, in the same way
    :param choices: what may stand there, as schema files have choices
    :param parts: what a row in one of its cells consists of, in order
    """

    name: str
    kind: Kind
    labels: Any = ""
    help: Any = ""
    choices: tuple[dict[str, Any], ...] = ()
    parts: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """How it is called in the language of the request."""
        return fields.text(self.labels) if self.labels else self.name

    @property
    def area(self) -> str:
        """The area of those who support, where it holds some."""
        return self.name.removeprefix(SUPPORTERS)


#: What is told of a link, a support and a task, in the order of a cell.
LINK_PARTS = ("dataset", "relation", "note")
PARTNER_PARTS = ("title", "kind", "url", "name")
SUPPORT_TEXTS = ("scope", "since", "until")
SUPPORT_PARTS = (*PARTNER_PARTS, *SUPPORT_TEXTS)
TASK_PARTS = (
    "title",
    "effort",
    "for_beginners",
    "skills",
    "url",
    "description",
)


@fields.once_per_schema
def columns() -> tuple[Column, ...]:
    """All columns, in order."""
    found = [_of_field(field) for field in fields.fields()]
    here = [column for column in found if column.kind is Kind.HERE]
    given = [column for column in found if column.kind is not Kind.HERE]
    given.sort(key=lambda column: column.name not in {"name", "title"})
    return (
        *given,
        _own(PRIVATE, Kind.FLAG),
        _own(DATASETS, Kind.DATASETS, LINK_PARTS),
        *map(_of_area, fields.choices("help_wanted")),
        _own(TASKS, Kind.TASKS, TASK_PARTS),
        *here,
        *(_own(name, Kind.HERE) for name in (PAGE, CREATED, MODIFIED)),
    )


def by_name() -> dict[str, Column]:
    """The columns, by how our files call them."""
    return {column.name: column for column in columns()}


def given() -> list[Column]:
    """The columns that people can fill in."""
    return [column for column in columns() if column.kind is not Kind.HERE]


def of_fields() -> list[Column]:
    """The columns that are fields and nothing else, in order."""
    apart = {
        *(ORGANIZATION, TAGS, "name", PRIVATE, DATASETS, TASKS),
        *(column.name for column in columns() if _is_extra(column)),
    }
    return [column for column in columns() if column.name not in apart]


def of_supporters() -> list[Column]:
    """The columns of those who support, an area each."""
    return [c for c in columns() if c.kind is Kind.SUPPORTERS]


def has_rows(name: str) -> bool:
    """Whether a cell, or a key of JSON, has a row for each thing it tells."""
    return name in {DATASETS, TASKS, "supporters"} or name.startswith(
        SUPPORTERS
    )


def partner_kinds() -> list[dict[str, Any]]:
    """The kinds of partners that there are: `value` and `label`."""
    return partner_fields.choices("kind")


def yes_or_no(*, is_so: bool) -> str:
    """How tables say yes and no."""
    return "true" if is_so else "false"


def all_words(words: Any) -> list[str]:
    """What people may call something, in every language that it has."""
    return [word for word in fields.all_languages(words) if word]


def _is_extra(column: Column) -> bool:
    return column.kind in {Kind.SUPPORTERS, Kind.HERE}


def _own(name: str, kind: Kind, parts: tuple[str, ...] = ()) -> Column:
    words = fields.table_columns().get(name, {})
    labels, help_ = words.get("label", ""), words.get("help_text", "")
    return Column(name, kind, labels, help_, parts=parts)


def _of_area(choice: dict[str, Any]) -> Column:
    words = fields.table_columns().get("supporters", {})
    before, label = words.get("label", ""), choice.get("label", "")
    labels = {
        language: f"{before[language]}: {label[language]}"
        for language in {*before} | {*label}
        if isinstance(before, dict) and isinstance(label, dict)
    }
    return Column(
        f"{SUPPORTERS}{choice['value']}",
        Kind.SUPPORTERS,
        in_all_languages(labels) if labels else "",
        words.get("help_text", ""),
        parts=SUPPORT_PARTS,
    )


def _of_field(field: dict[str, Any]) -> Column:
    subfields = field.get("repeating_subfields", [])
    return Column(
        field["field_name"],
        _kind(field),
        field.get("label", ""),
        field.get("help_text", ""),
        tuple(field.get("choices", ())),
        tuple(subfield["field_name"] for subfield in subfields),
    )


def _kind(field: dict[str, Any]) -> Kind:
    name = field["field_name"]
    validators = set(field.get("validators", "").split())
    kinds = {
        Kind.HERE: "digifarm_by_itself" in validators,
        Kind.ORGANIZATION: name == ORGANIZATION,
        Kind.TAGS: name == TAGS,
        Kind.ROWS: "repeating_subfields" in field,
        Kind.CHOICES: "scheming_multiple_choice" in validators,
        Kind.FLAG: name in fields.flags(),
        Kind.WORDS: "digifarm_word_list" in validators,
        Kind.LINES: name in fields.multiple_fields(),
        Kind.CHOICE: bool(field.get("choices")),
        Kind.DATE: "digifarm_partial_date" in validators,
        Kind.TEXT: True,
    }
    return next(kind for kind, is_so in kinds.items() if is_so)

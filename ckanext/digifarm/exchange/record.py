"""What every format yields: projects as a file describes them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

import ckantoolkit as tk

#: A link with all that can be said of it.
EXAMPLE = '{"dataset": "trees", "relation": "uses", "note": "all of them"}'

#: Characters of a value that a message quotes.
QUOTE_LENGTH = 200


class UnreadableFile(Exception):  # noqa: N818 – named as CKAN names its own
    """A file from which no projects can be read; the text says why."""


@dataclasses.dataclass
class Supporter:
    """Who supports a project, as a file names them.

    :param area: in which area
    :param key: what the file calls the area
    :param title: name of a partner; "" for a private person, of whom nothing
        else is kept
    :param kind: which kind of partner that is
    :param url: its address, where the file gives one
    :param name: its short name, where the file gives one
    :param texts: `scope`, `since` and `until`, where the file gives them
    :param is_guessed: whether the kind is only guessed from the title
    """

    area: str
    key: str
    title: str = ""
    kind: str = ""
    url: str = ""
    name: str = ""
    texts: dict[str, str] = dataclasses.field(default_factory=dict)
    is_guessed: bool = False


@dataclasses.dataclass
class Complaint:
    """What is wrong in a record.

    :param key: what the file calls the place: a cell, or a key
    :param message: what is wrong, or what to do
    :param field: our name of the field, where it is one
    """

    key: str
    message: str
    field: str = ""

    def __str__(self) -> str:
        return f"{self.key}: {self.message}"


@dataclasses.dataclass
class Record:
    """A project as a file describes it.

    :param place: where it stands in the file, for messages
    :param name: short name of its project, as soon as that is known
    :param fields: values by our field names, only those that the file gives
    :param links: the datasets to link with: parameters of
        `digifarm_link_create` without the project
    :param supporters: who supports the project
    :param tasks: what is to be done, as `digifarm_task_create` wants it
    :param reports: what of the record is not imported as it stands there
    :param errors: what makes the record unusable, by its own keys
    :param keys: what the file calls a field, where the names differ
    :param organization_title: that of the organisation that it names
    :param is_elsewhere: whether it was written by another portal, whose
        datasets and organisations may not be here
    :param here: what held on the portal that has written it; it is not
        imported
    """

    place: str
    name: str = ""
    fields: dict[str, Any] = dataclasses.field(default_factory=dict)
    links: list[dict[str, str]] = dataclasses.field(default_factory=list)
    supporters: list[Supporter] = dataclasses.field(default_factory=list)
    tasks: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    reports: list[str] = dataclasses.field(default_factory=list)
    errors: dict[str, list[str]] = dataclasses.field(default_factory=dict)
    keys: dict[str, str] = dataclasses.field(default_factory=dict)
    organization_title: str = ""
    is_elsewhere: bool = False
    here: dict[str, str] = dataclasses.field(default_factory=dict)

    def give(self, field: str, value: Any, key: str) -> None:
        """Set a field of the project.

        :param field: our name of the field
        :param key: what the file calls it
        """
        self.fields[field] = value
        self.keys[field] = key

    def add_paragraph(self, field: str, text: str, key: str) -> None:
        """Add to a long text.

        :param field: our name of the field
        :param text: Markdown
        :param key: what the file calls the text
        """
        before = self.fields.get(field)
        self.give(field, f"{before}\n\n{text}" if before else text, key)

    def add_choice(self, field: str, choice: str, key: str) -> None:
        """Add to the choices of a field that can have several.

        :param field: our name of the field
        :param choice: the choice; twice is as good as once
        :param key: what the file calls it
        """
        chosen = self.fields.get(field, [])
        if choice not in chosen:
            self.give(field, [*chosen, choice], key)

    def report(self, key: str, message: str) -> None:
        """Say that a value is not imported as it stands in the file.

        :param key: what the file calls the value
        :param message: what becomes of it instead
        """
        self.reports.append(f"{key}: {message}")

    def refuse(self, key: str, message: str) -> None:
        """Say what makes this record unusable.

        :param key: what the file calls the value
        :param message: what is wrong, or what to do
        """
        self.errors.setdefault(key, []).append(message)

    def link(self, datasets: Any) -> None:
        """Take over the list of datasets to link with.

        :param datasets: names or ids, or objects with `dataset` and, where
            wanted, `relation` and `note`
        """
        if not isinstance(datasets, list):
            self.refuse("datasets", tk._("must be a list"))
            return
        for item in datasets:
            link = {"dataset": item} if isinstance(item, str) else item
            if _is_link(link):
                self.links.append(_without_blanks(link))
            else:
                self.refuse(
                    "datasets",
                    tk._(
                        "{value} must be the name or id of a dataset, or an"
                        " object such as {example}"
                    ).format(value=quoted(item), example=EXAMPLE),
                )


@dataclasses.dataclass
class Source:
    """A file that can be read.

    :param records: gives its projects in their order, each time anew: only
        one at a time is kept in mind
    :param count: how many they are
    :param notes: what is to be said of the file as a whole
    """

    records: Callable[[], Iterable[Record]]
    count: int
    notes: list[str] = dataclasses.field(default_factory=list)


def _is_link(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and "dataset" in value
        and value.keys() <= {"dataset", "relation", "note"}
        and all(isinstance(text, str) for text in value.values())
        and bool(value["dataset"].strip())
    )


def _without_blanks(texts: dict[str, str]) -> dict[str, str]:
    return {key: text.strip() for key, text in texts.items() if text.strip()}


def quoted(value: Any) -> str:
    """A value of the file as a message shows it, not too long."""
    text = value if isinstance(value, str) else repr(value)
    if len(text) > QUOTE_LENGTH:
        text = text[:QUOTE_LENGTH] + "…"
    return tk._("“{text}”").format(text=text)

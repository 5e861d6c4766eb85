"""Projects as JSON; projects.schema.json describes it, docs/exchange.md too.

Each stands in a line, so that programs can read them one by one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any

import ckantoolkit as tk

from . import columns, values
from .columns import Kind
from .digifarm_ms_words import partner_kind
from .json_files import Document
from .record import Record, Source, Supporter, UnreadableFile, quoted

#: By these a file is known. The version changes with what readers must know.
FORMAT = "ckanext-digifarm-projects"
VERSION = 1

#: The key of the list of projects.
PROJECTS = "projects"


def lines(
    projects: Iterable[dict[str, Any]],
) -> Generator[str, None, None]:
    """The document, part by part."""
    head = {
        "format": FORMAT,
        "version": VERSION,
        "portal": tk.config["ckan.site_url"],
    }
    yield f'{_dumped(head)[:-1]}, "{PROJECTS}": ['
    mark = "\n"
    for project in projects:
        yield f"{mark}{_dumped(project)}"
        mark = ",\n"
    yield "\n]}\n"


def is_one(found: Document) -> bool:
    """Whether a JSON file is such a document."""
    return bool(found.head) and found.head.get("format") == FORMAT


def read(found: Document) -> Source:
    """The projects of a document.

    :param found: what :py:func:`is_one`
    :raises UnreadableFile: where another version has written it
    """
    version = (found.head or {}).get("version")
    # To Python, `true` is 1.
    if version != VERSION or isinstance(version, bool):
        raise UnreadableFile(
            tk._(
                "This file is of version {version}, and this portal reads"
                " version {known}. Please update the plugin digifarm here."
            ).format(version=quoted(version), known=VERSION)
        )
    if found.count is None:
        raise UnreadableFile(tk._("There is no list “projects” in it."))

    def records() -> Iterator[Record]:
        return (_record(n, row) for n, row in enumerate(found.projects(), 1))

    return Source(records, found.count)


def _record(number: int, row: Any) -> Record:
    place = tk._("project {number}").format(number=number)
    record = Record(place, is_elsewhere=True)
    if not isinstance(row, dict):
        record.refuse(
            "project",
            tk._("must be an object, not {value}").format(value=quoted(row)),
        )
        return record
    name = row.get("name")
    if isinstance(name, str) and name:
        record.place = f"{place} {quoted(name)}"
    else:
        record.refuse("name", tk._("missing"))
    for key, value in row.items():
        taker = _TAKERS.get(key)
        if taker is None:
            record.report(
                key,
                tk._("unknown, not imported: {value}").format(
                    value=quoted(value)
                ),
            )
        elif value not in (None, "", [], {}):
            taker(record, key, value)
    return record


def _name(record: Record, key: str, value: Any) -> None:
    if isinstance(value, str):
        record.give("name", value, key)


def _private(record: Record, key: str, value: Any) -> None:
    if isinstance(value, bool):
        record.give(columns.PRIVATE, value, key)
    else:
        record.refuse(key, tk._("must be true or false"))


def _organization(record: Record, key: str, value: Any) -> None:
    if not _are_texts(value) or not value.get("name"):
        record.refuse(key, tk._("must be an object with a “name”"))
        return
    record.give(columns.ORGANIZATION, value["name"], key)
    record.organization_title = value.get("title", "")


def _fields(record: Record, key: str, value: Any) -> None:
    if not isinstance(value, dict):
        record.refuse(key, tk._("must be an object"))
        return
    known = {column.name: column for column in columns.of_fields()}
    for name, said in value.items():
        if said in (None, "", []):
            # It clears nothing, as an empty cell.
            continue
        if name in known and known[name].kind is Kind.FLAG:
            _flag(record, name, said)
        elif name in known:
            record.give(name, said, name)
        else:
            record.report(
                name,
                tk._(
                    "not imported, this portal has no such field: {value}"
                ).format(value=quoted(said)),
            )


def _flag(record: Record, name: str, value: Any) -> None:
    """Yes or no, also as people write it: else all would be no."""
    record.keys[name] = name
    if isinstance(value, bool):
        record.give(name, value, name)
        return
    try:
        record.give(name, values.is_yes(str(value)), name)
    except values.Wrong as e:
        record.refuse(name, str(e))


def _tags(record: Record, key: str, value: Any) -> None:
    if isinstance(value, list) and all(isinstance(t, str) for t in value):
        record.give("tags", [{"name": tag} for tag in sorted(value)], key)
    else:
        record.refuse(key, tk._("must be a list of texts"))


def _datasets(record: Record, key: str, value: Any) -> None:
    if isinstance(value, list):
        value = [_link(item) for item in value]
    record.link(value)


def _link(item: Any) -> Any:
    """A link without the title of its dataset, which is for people."""
    if not isinstance(item, dict):
        return item
    return {
        name: v
        for name, v in item.items()
        if name != "title" and v is not None
    }


def _supporters(record: Record, key: str, value: Any) -> None:
    for given in value if isinstance(value, list) else [value]:
        item = _said(given)
        if not _is_supporter(item):
            record.refuse(
                key,
                tk._(
                    "each must be an object with “area” and “partner”, which"
                    " is an object with a “title”, or null"
                ),
            )
            return
        record.supporters.append(_supporter(item, key))


def _said(item: Any) -> Any:
    """A support, or a task, without what it doesn't say.

    That nobody is named as its partner is said.
    """
    if not isinstance(item, dict):
        return item
    said = {n: v for n, v in item.items() if v is not None or n == "partner"}
    if isinstance(partner := said.get("partner"), dict):
        said["partner"] = {n: v for n, v in partner.items() if v is not None}
    return said


def _is_supporter(item: Any) -> bool:
    if not isinstance(item, dict) or not {"area", "partner"} <= item.keys():
        return False
    partner = item["partner"]
    is_partner = partner is None or (
        _are_texts(partner) and bool(partner.get("title"))
    )
    return is_partner and _are_texts(
        {name: v for name, v in item.items() if name != "partner"}
    )


def _supporter(item: dict[str, Any], key: str) -> Supporter:
    partner = item["partner"]
    if partner is None:
        return Supporter(item["area"], key)
    kind = partner.get("kind", "")
    return Supporter(
        item["area"],
        key,
        partner["title"],
        kind or partner_kind(partner["title"]),
        partner.get("url", ""),
        partner.get("name", ""),
        {name: item.get(name, "") for name in columns.SUPPORT_TEXTS},
        is_guessed=not kind,
    )


def _tasks(record: Record, key: str, value: Any) -> None:
    parts = {*columns.TASK_PARTS}
    for given in value if isinstance(value, list) else [value]:
        item = _said(given)
        if not isinstance(item, dict) or not item.keys() <= parts:
            record.refuse(
                key,
                tk._(
                    "each must be an object with “title”; it may have {keys}"
                ).format(keys=", ".join(columns.TASK_PARTS[1:])),
            )
            return
        record.tasks.append(item)


def _here(record: Record, _: str, value: Any) -> None:
    if _are_texts(value):
        record.here = value


def _are_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(text, str) for text in value.values()
    )


_TAKERS: dict[str, Callable[[Record, str, Any], None]] = {
    "name": _name,
    "private": _private,
    "organization": _organization,
    "fields": _fields,
    "tags": _tags,
    "datasets": _datasets,
    "supporters": _supporters,
    "tasks": _tasks,
    "here": _here,
}


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)

"""The JSON of DIGIFARM.MS: a list of objects with German keys.

An additional key `datasets` names the datasets of this portal to link with.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

import ckantoolkit as tk

from ..lib.ckan import munge_name
from ..lib.text import shortened
from ..projects import fields, licences
from . import digifarm_ms_words as words
from .json_files import Document
from .record import Record, Source, Supporter, UnreadableFile, quoted

SUMMARY_LENGTH = 220

#: Keys whose text becomes the value of a field as it is.
_TEXTS = {
    "Name": "title",
    "Langbeschreibung": "notes",
    "Ursprung": "origin_place",
    "Quelle": "origin_community",
    "Projekt-Url": "url",
    "Quellcode": "source_url",
    "Vorschaubild": "image_url",
    "Technologien": "technologies",
    "Deployment": "deployment",
    "Weitere Infos": "further_information",
}

#: Keys without a field of their own, or with a value that doesn't fit there,
#: and how the further information of a project introduces their text.
_MENTIONS = {
    "Infoseite": "Infoseite",
    "Digifarm-Url": "Eintrag bei DIGIFARM.MS",
    "Aufnahmedatum": "Bei DIGIFARM.MS seit",
    "Kollaborationsplattform": "Zusammengearbeitet wird auf",
}

#: The supporters in an area. Nobody there means that help is wanted: so it
#: was at DIGIFARM.MS, and in no other source.
_SUPPORTERS = {
    "Inhalt": "content",
    "Technik": "technology",
    "Sponsor": "sponsoring",
}

#: What help is needed, by area.
_NEEDS = {
    "Benötigte Hilfe Inhalte": "content",
    "Benötigte Hilfe Technik": "technology",
    "Benötigtes Sponsoring": "sponsoring",
}

#: `10/2021` and `01.10.2021`.
_DATE = re.compile(
    r"(?:(?:(?P<day>\d\d?)\.)?(?P<month>\d\d?)[./])?(?P<year>\d{4})", re.ASCII
)
#: A web address, also without its beginning, as people write it.
_ADDRESS = re.compile(
    r"(?i:https?://|www\.)\S+|(?:[\w-]+\.)+[a-z]{2,}(?:/\S*)?"
)
#: What of an address nobody would say.
_SILENT = re.compile(r"^(?:https?://)?(?:www\.)?|/+$", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?](?=\s)")


def read(found: Document) -> Source:
    """The projects of a file of DIGIFARM.MS.

    :param found: the file
    :raises UnreadableFile: where it is no list
    """
    if found.head is not None or found.count is None:
        raise UnreadableFile(
            tk._("The JSON must be a list of projects:")
            + ' [{"Name": "…", …}, {"Name": "…", …}]'
        )

    def records() -> Iterator[Record]:
        return (
            _record(tk._("record {number}").format(number=number), row)
            for number, row in enumerate(found.projects(), start=1)
        )

    return Source(records, found.count)


def _record(place: str, row: Any) -> Record:
    record = Record(place)
    if not isinstance(row, dict):
        message = tk._("must be an object, not {value}")
        record.refuse(tk._("record"), message.format(value=quoted(row)))
        return record
    _report_unknown(record, row)
    values = _values(record, row)
    for key, convert in _CONVERTERS.items():
        if values.get(key):
            convert(record, key, values[key])
    _want(record, values)
    for key, area in _SUPPORTERS.items():
        _take_supporters(record, key, area, values.get(key))
    if name := _name(values.get("Digifarm-Url", "")):
        record.give("name", name, "Digifarm-Url")
    if row.get("datasets") is not None:
        record.link(row["datasets"])
    if title := values.get("Name"):
        record.place = f"{place} {quoted(title)}"
    else:
        record.refuse("Name", tk._("missing"))
    return record


def _report_unknown(record: Record, row: dict[str, Any]) -> None:
    known = {*_CONVERTERS, *_SUPPORTERS, "datasets"}
    for key, value in row.items():
        if key not in known:
            message = tk._("unknown, not imported: {value}")
            record.report(key, message.format(value=quoted(value)))


def _values(record: Record, row: dict[str, Any]) -> dict[str, str]:
    """The texts of the known keys that the record has."""
    values: dict[str, str] = {}
    for key in (k for k in (*_CONVERTERS, *_SUPPORTERS) if k in row):
        value = "" if row[key] is None else row[key]
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = str(value)
        if isinstance(value, str):
            values[key] = _without_placeholder(record, key, value.strip())
        # No message names a supporter, who may be a private person.
        elif key in _SUPPORTERS:
            record.refuse(key, tk._("must be text"))
        else:
            message = tk._("must be text, not {value}")
            record.refuse(key, message.format(value=quoted(value)))
    return values


def _without_placeholder(record: Record, key: str, value: str) -> str:
    if not value or any(character.isalnum() for character in value):
        return value
    message = tk._("{value} counts as empty")
    record.report(key, message.format(value=quoted(value)))
    return ""


def _text(record: Record, key: str, value: str) -> None:
    record.add_paragraph(_TEXTS[key], value, key)


def _mention(record: Record, key: str, value: str) -> None:
    record.add_paragraph(
        "further_information", f"{_MENTIONS[key]}: {value}", key
    )


def _summary(record: Record, key: str, value: str) -> None:
    """The short description; a long one is the beginning of the long one."""
    text = " ".join(value.split())
    record.give("summary", _shortened(text), key)
    if len(text) > SUMMARY_LENGTH:
        record.add_paragraph("notes", value, key)


def _shortened(text: str) -> str:
    """As many sentences as fit, or words where that would leave little."""
    if len(text) <= SUMMARY_LENGTH:
        return text
    head = text[: SUMMARY_LENGTH - 1]
    ends = [match.end() for match in _SENTENCE_END.finditer(head)]
    if ends and ends[-1] > SUMMARY_LENGTH // 2:
        return f"{head[: ends[-1]]} …"
    return shortened(text, SUMMARY_LENGTH)


def _choice(field: str, choices: dict[str, str]) -> Callable[..., None]:
    def convert(record: Record, key: str, value: str) -> None:
        choice = choices.get(value.casefold())
        if choice:
            record.give(field, choice, key)
        else:
            message = tk._("{value} has no counterpart here")
            record.report(key, message.format(value=quoted(value)))

    return convert


def _action_fields(record: Record, key: str, value: str) -> None:
    for part in value.split(","):
        category = part.strip()
        choice = words.ACTION_FIELDS.get(category.casefold())
        if choice:
            record.add_choice("action_fields", choice, key)
        if not choice or category.casefold() not in words.SAME_FIELDS:
            _keep_as_tag(record, category, choice, key)


def _keep_as_tag(
    record: Record, category: str, choice: str | None, key: str
) -> None:
    """Keep a word that no action field has, and say so."""
    if not category:
        return
    tag = {"name": category}
    if tag not in record.fields.get("tags", []):
        record.give("tags", [*record.fields.get("tags", []), tag], key)
    if choice:
        said = tk._("{category} becomes {field}, and a tag").format(
            category=quoted(category),
            field=quoted(fields.choice_label("action_fields", choice)),
        )
    else:
        said = tk._("{category} is no action field here; it becomes a tag")
        said = said.format(category=quoted(category))
    record.report(key, said)


def _stage(record: Record, key: str, value: str) -> None:
    """The stage; a sentence says more than that and is kept as its note."""
    stage = words.STAGES.get(value.casefold())
    if stage:
        record.give("stage", stage, key)
    else:
        record.report(
            key,
            tk._(
                "{value} names no stage; it becomes the note on the stage,"
                " which somebody must choose"
            ).format(value=quoted(value)),
        )
    if not stage or " " in value:
        record.give("stage_note", value, key)


def _started(record: Record, key: str, value: str) -> None:
    if date := _date(value):
        record.give("started", date, key)
    else:
        message = tk._("{value} is no date such as 10/2021")
        record.report(key, message.format(value=quoted(value)))


def _date(value: str) -> str:
    """A date as it is stored, or "" where it is none."""
    match = _DATE.fullmatch(value)
    if not match:
        return ""
    parts = (match["year"], match["month"], match["day"])
    return "-".join(part.zfill(2) for part in parts if part)


def _listed(record: Record, key: str, value: str) -> None:
    """Since when it is listed, there as well as here."""
    if date := _date(value):
        record.give("listed", date, key)
    else:
        _mention(record, key, value)


def _info(record: Record, key: str, value: str) -> None:
    """A page with more, where it is one."""
    if value.startswith(("http://", "https://")):
        record.give("info_url", value, key)
    else:
        _mention(record, key, value)


def _accompanied(record: Record, key: str, value: str) -> None:
    """Whether the city accompanies it."""
    said = words.YES_OR_NO.get(value.casefold())
    if said is None:
        message = tk._("{value} is neither ja nor nein")
        record.report(key, message.format(value=quoted(value)))
    else:
        record.give("accompanied", said, key)


def _license(record: Record, key: str, value: str) -> None:
    record.give("source_license", value, key)
    try:
        licences.normalize(value)
    except licences.InvalidLicense:
        record.report(
            key,
            tk._("{value} is kept, but not verified: no known licence").format(
                value=quoted(value)
            ),
        )


def _collaboration(record: Record, key: str, value: str) -> None:
    """Where people work together: often only the name of a platform."""
    if value.startswith(("http://", "https://")):
        record.give("collaboration_url", value, key)
    else:
        _mention(record, key, value)


def _need(record: Record, key: str, value: str) -> None:
    record.give(f"{_NEEDS[key]}_help", value, key)


def _want(record: Record, values: dict[str, str]) -> None:
    """Where help is wanted.

    What is needed may have been found by now: where a supporter is named, it
    is not wanted. Nobody there means that it is, unless the file says that
    nothing is needed.
    """
    for (need, area), key in zip(_NEEDS.items(), _SUPPORTERS, strict=True):
        said, supporters = values.get(need, ""), values.get(key)
        if supporters or (supporters is None and not said):
            continue
        if words.NOTHING_NEEDED.search(said):
            message = tk._("{value} counts as: no help is wanted")
            record.report(need, message.format(value=quoted(said)))
        else:
            record.add_choice("help_wanted", area, need if said else key)


def _take_supporters(
    record: Record, key: str, area: str, value: str | None
) -> None:
    """Take over supporters; None where the record doesn't speak of them."""
    for part in (value or "").split(","):
        if text := _without_placeholder(record, key, part.strip()):
            record.supporters.append(_supporter(area, key, text))


def _supporter(area: str, key: str, text: str) -> Supporter:
    if words.stands_for_person(text):
        return Supporter(area, key)
    title, url = text, ""
    if _ADDRESS.fullmatch(text):
        title = _SILENT.sub("", text)
        url = text if "://" in text else f"https://{text}"
    kind = words.partner_kind(title)
    return Supporter(area, key, title, kind, url, is_guessed=True)


def _name(url: str) -> str | None:
    """The end of an entry's address, or None where it has none.

    It stays when somebody corrects the title, and people know it.
    """
    try:
        path = urlsplit(url).path
    except ValueError:
        return None
    last = unquote(path).rstrip("/").rpartition("/")[2]
    return munge_name(last) if last else None


#: What becomes of each key, in the order in which texts follow each other.
_CONVERTERS: dict[str, Callable[[Record, str, str], None]] = {
    "Kurzbeschreibung": _summary,
    **dict.fromkeys(_TEXTS, _text),
    **dict.fromkeys(_MENTIONS, _mention),
    **dict.fromkeys(_NEEDS, _need),
    "Kategorie": _action_fields,
    "Typ": _choice("project_type", words.PROJECT_TYPES),
    "Komplexität": _choice("complexity", words.COMPLEXITIES),
    "Status": _stage,
    "Projektstart": _started,
    "Aufnahmedatum": _listed,
    "Infoseite": _info,
    "Lizenz": _license,
    "Kollaborationsplattform": _collaboration,
    "Digifarm-Projekt": _accompanied,
}

"""What is in the feeds: what the pages show, the last changed first.

All of it is what everybody may read, whoever asks.
"""

from __future__ import annotations

import datetime
from typing import Any

import ckantoolkit as tk
from werkzeug.datastructures import MultiDict

from .. import config
from ..config import PROJECT_TYPE
from ..lib import language, markdown, partial_dates
from ..lib.context import of_nobody
from ..projects import asked, fields
from ..tasks import schema as help_schema
from . import atom
from .atom import Entry

Args = MultiDict[str, str]

#: So many entries has a page of a feed.
PER_PAGE = 50

#: There are no more pages: who comes back for what is new needs the first.
MOST_PAGES = 10

#: So much of a text is told, in characters.
SUMMARY = 600


def projects(args: Args, part: dict[str, int]) -> list[Entry]:
    """New and changed projects, which pass the filters of the list.

    :raises SearchError: where what is asked for can't be understood
    """
    found = tk.get_action("package_search")(
        of_nobody(),
        {
            **asked.query(args),
            "sort": "metadata_modified desc",
            "rows": part["limit"],
            "start": part["offset"],
        },
    )
    return [_project(project) for project in found["results"]]


def help_wanted(args: Args, part: dict[str, int]) -> list[Entry]:
    """Projects that look for help, which pass the filters of that page."""
    found = _help_list(args, view="help", dated=True, **part)
    return [_help(project) for project in found]


def tasks(args: Args, part: dict[str, int]) -> list[Entry]:
    """Open tasks, which pass the filters of that page."""
    return [_task(task) for task in _help_list(args, view="tasks", **part)]


def _help_list(args: Args, **more: Any) -> list[dict[str, Any]]:
    filters = help_schema.filters(args)
    try:
        found = tk.get_action("digifarm_help_list")(
            of_nobody(), {**filters, **more, "counted": False}
        )
    except tk.ValidationError:
        # The page, too, finds nothing where there is no such choice.
        return []
    return found["results"]


def _project(project: dict[str, Any]) -> Entry:
    areas = {
        value: fields.choice_label("action_fields", value)
        for value in project.get("action_fields") or []
    }
    tags = atom.labels(tag["name"] for tag in project.get("tags") or [])
    return Entry(
        id=atom.urn(project["id"]),
        title=_title(project),
        link=_page(project),
        updated=atom.moment(project["metadata_modified"]),
        published=_since(project),
        summary=_summary(project),
        categories={**tags, **areas},
        language=_language(project),
    )


def _help(project: dict[str, Any]) -> Entry:
    wanted = [
        area
        for area in tk.h.digifarm_help_wanted(project)
        if area["value"] in project["help"]
    ]
    labels = ", ".join(area["label"] for area in wanted)
    texts = [
        f"{area['label']}: {markdown.extract(area['text'], SUMMARY)}"
        for area in wanted
        if area["text"]
    ]
    published = _since(project)
    since = project["since"] or project["metadata_modified"]
    return Entry(
        id=atom.urn(project["id"], "help"),
        title=tk._("{title} looks for: {areas}").format(
            title=_title(project), areas=labels
        ),
        link=f"{_page(project)}#help",
        # It may have begun before anybody could read it.
        updated=max(published, atom.moment(since)),
        published=published,
        summary=" ".join(texts) or _summary(project),
        categories={area["value"]: area["label"] for area in wanted},
    )


def _task(task: dict[str, Any]) -> Entry:
    # Since when it is open; who mends a word changes nothing.
    opened = atom.moment(task["modified"])
    effort = task["effort"]
    efforts = fields.task_efforts()
    label = fields.choice_label_of(efforts, effort)
    return Entry(
        id=atom.urn(task["id"]),
        title=f"{task['title']} ({_title(task['project'])})",
        link=tk.h.url_for(
            "digifarm_tasks.take", id=task["id"], qualified=True
        ),
        # It may have been so before anybody could read it.
        updated=max(opened, _listed(task["project"]) or opened),
        published=atom.moment(task["created"]),
        summary=markdown.extract(task["description"], SUMMARY),
        categories={
            **atom.labels(task["skills"]),
            **({effort: label} if effort else {}),
        },
        language=_language(task["project"]),
    )


def _title(project: dict[str, Any]) -> str:
    return project["title"] or project["name"]


def _page(project: dict[str, Any]) -> str:
    return tk.h.url_for(
        f"{PROJECT_TYPE}.read", id=project["name"], qualified=True
    )


def _since(project: dict[str, Any]) -> datetime.datetime:
    """Since when everybody could read a project, as far as that is known."""
    return _listed(project) or atom.moment(project["metadata_created"])


def _listed(project: dict[str, Any]) -> datetime.datetime | None:
    day = partial_dates.first_day(project.get("listed") or "")
    return atom.moment(day.isoformat()) if day else None


def _summary(project: dict[str, Any]) -> str:
    text = project.get("summary") or project.get("public_value")
    return text or markdown.extract(project.get("notes"), SUMMARY)


def _language(project: dict[str, Any]) -> str:
    """That of what people wrote, where the feed has another."""
    written = project.get("language") or config.default_language()
    return "" if written == language.of_words() else written

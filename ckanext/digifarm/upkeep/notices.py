"""The notices about addresses that have died, moved, or become odd."""

from __future__ import annotations

from collections.abc import Callable

import ckantoolkit as tk
import sqlalchemy as sa

from ..config import PROJECT_TYPE
from ..lib.ckan import model
from ..lib.own_pages import to_field
from ..notices import words
from ..notices.kinds import Data, Kind, register
from . import wording
from .addresses import uses_of
from .model import TO_DO, Check, Health


def _title_of_dead(data: Data) -> str:
    return tk._("“{title}”: {address} doesn’t answer any more").format(
        title=data["project"]["title"], address=data["url"]
    )


def _text_of_dead(data: Data) -> list[str]:
    since = tk.h.render_datetime(data["since"])
    return [
        tk._(
            "We have looked several times since {date}, and it never answered."
        ).format(date=since),
        *_details(data),
        tk._(
            "The project’s page says so to everybody, until it answers again"
            " or has another address."
        ),
    ]


def _title_of_moved(data: Data) -> str:
    return tk._("“{title}”: {address} has moved to {new}").format(
        title=data["project"]["title"],
        address=data["url"],
        new=data["moved_to"],
    )


def _title_of_reminded(data: Data) -> str:
    return tk._("“{title}”: please look at {address}").format(
        title=data["project"]["title"], address=data["url"]
    )


def _title_of_look(data: Data) -> str:
    return _title_of_reminded(data) + _because(data)


def _title_of_long_dead(data: Data) -> str:
    since = tk.h.render_datetime(data["since"])
    return tk._("“{title}”: {address} has not answered since {date}").format(
        title=data["project"]["title"], address=data["url"], date=since
    )


def _because(data: Data) -> str:
    why = wording.reason(data["problem"])
    return f" – {why}" if why else ""


def _details(data: Data) -> list[str]:
    """Why, and where the address stands."""
    found = [why] if (why := wording.reason(data["problem"])) else []
    places = [wording.of_field(name) for name in data["fields"]]
    places += [
        tk._("the task “{title}”").format(title=title)
        for title in data["tasks"]
    ]
    if places:
        found.append(
            tk._("Where it stands: {places}.").format(places=", ".join(places))
        )
    return found


def _steps(data: Data) -> list[tuple[str, str]]:
    """Where it is mended: in the entry, or in its tasks."""
    steps = words.see_project(data)
    name = data["project"]["name"]
    if data["fields"]:
        address = to_field(
            "digifarm_projects.edit", name, data["fields"][0], full=True
        )
        steps.insert(0, (tk._("Correct the address"), address))
    elif data.get("task"):
        address = to_field(
            "digifarm_tasks.edit", data["task"], "url", full=True
        )
        steps.insert(0, (tk._("Correct the address"), address))
    elif data["tasks"]:
        # Told before the id of the task was noted.
        address = tk.h.url_for(
            "digifarm_tasks.project", id=name, qualified=True
        )
        steps.insert(0, (tk._("Look at the tasks"), address))
    return steps


def _list(_: Data) -> list[tuple[str, str]]:
    """Where reviewers see all of them."""
    address = tk.h.url_for("digifarm_checks.index", qualified=True)
    return [(tk._("See all addresses that don’t answer"), address)]


def _take_over(data: Data) -> list[tuple[str, str]]:
    address = tk.h.url_for(
        f"{PROJECT_TYPE}.read",
        id=data["project"]["name"],
        qualified=True,
        _anchor="addresses",
    )
    return [(tk._("Take over the new address"), address)]


def _text_of_reminded(data: Data) -> list[str]:
    since = tk.h.render_datetime(data["since"])
    return [
        tk._(
            "The city’s team reminds you: it has been so since {date}."
        ).format(date=since),
        *_details(data),
    ]


def _steps_of_reminded(data: Data) -> list[tuple[str, str]]:
    is_moved = data["moved_to"] and data["fields"]
    return _take_over(data) if is_moved else _steps(data)


def _left(*healths: Health) -> Callable[[list[Data]], list[Data | None]]:
    """What is so still, of a project that has the address still."""

    def left(found: list[Data]) -> list[Data | None]:
        urls = sorted({data["url"] for data in found})
        query = sa.select(Check.url, Check.moved_to).where(
            Check.url.in_(urls),
            Check.health.in_([health.value for health in healths]),
        )
        is_so = {*model.Session.execute(query).tuples()}
        used = {(use.url, use.project_id) for use in uses_of(*urls)}
        return [
            data
            if (data["url"], data["moved_to"]) in is_so
            and (data["url"], data["project"]["id"]) in used
            else None
            for data in found
        ]

    return left


DEAD = register(
    Kind(
        "address-dead",
        label=lambda: tk._("Addresses of your projects that don’t answer"),
        title=_title_of_dead,
        text=_text_of_dead,
        steps=_steps,
        is_urgent=True,
        left=_left(Health.DEAD),
    )
)

MOVED = register(
    Kind(
        "address-moved",
        label=lambda: tk._("Addresses of your projects that have moved"),
        title=_title_of_moved,
        steps=_take_over,
        left=_left(Health.MOVED),
    )
)

LOOK = register(
    Kind(
        "address-odd",
        label=lambda: tk._(
            "Addresses of your projects that you should look at"
        ),
        title=_title_of_look,
        steps=_steps,
        left=_left(Health.LOOK),
    )
)

LONG_DEAD = register(
    Kind(
        "address-long-dead",
        label=lambda: tk._("Addresses that nobody has mended for weeks"),
        title=_title_of_long_dead,
        steps=_list,
        for_reviewers=True,
        left=_left(Health.DEAD),
    )
)

REMINDED = register(
    Kind(
        "address-reminded",
        label=lambda: tk._(
            "Reminders of the city’s team about addresses of your projects"
        ),
        # Why, its text says.
        title=_title_of_reminded,
        text=_text_of_reminded,
        steps=_steps_of_reminded,
        is_urgent=True,
        left=_left(*TO_DO),
    )
)

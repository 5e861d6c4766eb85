"""Tells a project's people that data they use was replaced."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import ckantoolkit as tk
import sqlalchemy as sa

from ..lib import clock, people
from ..lib.ckan import Context, model
from ..lib.permissions import readable
from ..notices import words
from ..notices.kinds import Data, Kind, register
from ..notices.model import Notice
from ..notices.telling import tell as tell_users
from . import chains
from .model import Successor

#: What a notice says of a link.
_KEPT = ("old_id", "old", "new", "is_moved")


@dataclass(frozen=True)
class News:
    """What there is to tell of a link.

    :param old: the dataset that it was with, unless that was purged
    :param old_id: its id
    :param named_by: id of the account that has named what replaces it, and
        need not be told
    :param moved_to: where the link was moved to, if it was
    """

    old: model.Package | None
    old_id: str
    named_by: str | None
    moved_to: model.Package | None


def _title(data: Data) -> str:
    title, lines = data["project"]["title"], data["lines"]
    if len(lines) > 1:
        return tk._("Newer data for “{title}”").format(title=title)
    [line] = lines
    return tk._("Newer data for “{title}”: “{dataset}”").format(
        title=title, dataset=line["new"]["title"]
    )


def _text(data: Data) -> list[str]:
    found = [
        tk._(
            "The civic project “{title}”, which you look after, uses data of"
            " this portal that was replaced."
        ).format(title=data["project"]["title"])
    ]
    for line in data["lines"]:
        found.append(_replaced(line))
        if line["is_moved"]:
            found.append(
                tk._(
                    "Its publisher says that nothing else has changed. So the"
                    " project is linked with the newer dataset already."
                )
            )
    if _is_open(data):
        found.append(
            tk._(
                "Does your software work with the newer data? Then press “Use"
                " the new one” on the page of the project."
            )
        )
    else:
        found.append(
            tk._(
                "Please see whether your software finds the data at its new"
                " address."
            )
        )
    return found


def _replaced(line: Data) -> str:
    new = line["new"]["title"]
    if line["old"]:
        return tk._("“{old}” was replaced by “{new}”.").format(
            old=line["old"], new=new
        )
    return tk._("A dataset was replaced by “{new}”.").format(new=new)


def _is_open(data: Data) -> bool:
    """Whether there is a link left to move."""
    return not all(line["is_moved"] for line in data["lines"])


def _steps(data: Data) -> list[tuple[str, str]]:
    datasets = [
        (
            tk._("Look at “{title}”").format(title=line["new"]["title"]),
            tk.h.url_for(
                "dataset.read", id=line["new"]["name"], qualified=True
            ),
        )
        for line in data["lines"]
    ]
    [(label, page)] = words.see_project(data)
    return [*datasets, (label, f"{page}#links")]


def _left(found: list[Data]) -> list[Data | None]:
    """What is replaced still; what isn't so any more is told as such."""
    ids = {line["old_id"] for data in found for line in data["lines"]}
    query = sa.select(Successor.dataset_id).where(
        Successor.dataset_id.in_(ids)
    )
    replaced = {*model.Session.scalars(query)}
    left = [
        [line for line in data["lines"] if line["old_id"] in replaced]
        for data in found
    ]
    return [
        {**data, "lines": lines} if lines else None
        for data, lines in zip(found, left, strict=True)
    ]


REPLACED = register(
    Kind(
        "data-replaced",
        label=lambda: tk._("Data that your projects use is replaced"),
        title=_title,
        text=_text,
        steps=_steps,
        is_urgent=True,
        left=_left,
    )
)


def _undone_title(data: Data) -> str:
    return tk._("“{dataset}” is not replaced after all").format(
        dataset=data["dataset"]["title"]
    )


def _undone_text(data: Data) -> list[str]:
    found = [
        tk._(
            "The publisher of the dataset “{dataset}” has taken back that"
            " another one replaces it."
        ).format(dataset=data["dataset"]["title"])
    ]
    title = data["project"]["title"]
    if data["is_back"]:
        found.append(
            tk._(
                "Your civic project “{title}” is linked with it again, as it"
                " was before."
            ).format(title=title)
        )
    else:
        found.append(
            tk._(
                "If your civic project “{title}” uses another one by now,"
                " please see whether that is right."
            ).format(title=title)
        )
    return found


def _undone_steps(data: Data) -> list[tuple[str, str]]:
    [(label, page)] = words.see_project(data)
    return [(label, f"{page}#links")]


UNDONE = register(
    Kind(
        "data-not-replaced",
        label=lambda: tk._("Data that your projects use is not replaced"),
        title=_undone_title,
        text=_undone_text,
        steps=_undone_steps,
        is_urgent=True,
    )
)


def tell(project: model.Package, news: Iterable[News]) -> None:
    """Tell a project's people; commits nothing.

    Nobody is told of what they may not read, nor of what they did. What
    everybody may read is looked up once for all.
    """
    news = [*news]
    everybody = [*_lines(Context(user=""), news)]
    is_open = len(everybody) == len(news) and all(
        bool(line["old"]) == bool(one.old)
        for line, one in zip(everybody, news, strict=True)
    )
    readers: dict[str, list[model.User]] = {}
    told: dict[str, list[dict[str, Any]]] = {}
    for user in people.of_project(project):
        lines = everybody if is_open else [*_lines(_as(user), news)]
        if lines := [line for line in lines if line["by"] != user.id]:
            key = _key(project, lines)
            readers.setdefault(key, []).append(user)
            told[key] = lines
    for key, lines in told.items():
        tell_users(
            REPLACED,
            readers[key],
            key,
            package_ids=[project.id, *(line["new"]["id"] for line in lines)],
            data={
                "project": words.package(project),
                "lines": [
                    {name: line[name] for name in _KEPT} for line in lines
                ],
            },
        )


def tell_undone(
    project: model.Package, dataset: model.Package, *, is_back: bool
) -> None:
    """Tell who was told that a dataset was replaced that it isn't.

    What no mail has told of is forgotten. Commits nothing.

    :param is_back: whether the link was moved back
    """
    query = (
        sa.select(Notice)
        .where(
            Notice.kind == REPLACED.name,
            Notice.key.startswith(f"{project.id} ", autoescape=True),
            Notice.data["lines"].contains([{"old_id": dataset.id}]),
        )
        .with_for_update()
    )
    told = set[str]()
    for notice in model.Session.scalars(query).all():
        if notice.sent:
            told.add(notice.user_id)
        else:
            _without(notice, dataset.id)
    users = [user for user in people.of_project(project) if user.id in told]
    tell_users(
        UNDONE,
        users,
        f"{project.id} {dataset.id} {clock.now().isoformat()}",
        package_ids=[project.id, dataset.id],
        data={
            "project": words.package(project),
            "dataset": words.package(dataset),
            "is_back": is_back,
        },
    )


def _without(notice: Notice, dataset_id: str) -> None:
    lines = [
        line for line in notice.data["lines"] if line["old_id"] != dataset_id
    ]
    if lines:
        notice.data = {**notice.data, "lines": lines}
    else:
        model.Session.delete(notice)


def _key(project: model.Package, lines: list[dict[str, Any]]) -> str:
    """What tells the same lines from others."""
    said = " ".join(sorted(f"{line['key']} {line['old']}" for line in lines))
    # As one of any length would be too long for the index.
    return f"{project.id} {hashlib.sha256(said.encode()).hexdigest()}"


def _as(user: model.User) -> Context:
    return Context(user=user.name)


def _lines(context: Context, news: list[News]) -> Iterator[dict[str, Any]]:
    """What somebody may read of it."""
    ends = chains.ends(
        context, [one.old_id for one in news if not one.moved_to]
    )
    may = readable(context, [one.old for one in news if one.old])
    for one in news:
        if new := one.moved_to or ends.get(one.old_id):
            known = one.old if one.old and one.old.id in may else None
            yield {
                "by": one.named_by,
                # Whoever was told first that it can be moved is told again.
                "key": f"{one.old_id}>{new.id}{'!' * bool(one.moved_to)}",
                "old_id": one.old_id,
                "old": words.package(known)["title"] if known else "",
                "new": words.package(new),
                "is_moved": bool(one.moved_to),
            }

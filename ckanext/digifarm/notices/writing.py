"""What the mails say that tell of notices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import ckantoolkit as tk

from ..lib import people
from ..lib.ckan import model
from ..lib.language import speaking
from ..lib.outbox import Recipient
from . import links
from .kinds import KINDS, Data, Kind
from .model import Notice

#: So many lines a digest has; the rest is counted.
LINES = 40

#: So many notices are looked at for them: several may be one line.
MOST = 5 * LINES


class Letter(NamedTuple):
    """A mail that is about to be written.

    :param to: who gets it
    :param template: its template
    :param unsubscribe: by this address its reader gets no more of them
    :param values: what the template needs
    """

    to: Recipient
    template: str
    unsubscribe: str
    values: dict[str, Any]


def urgent(user: model.User, notices: Sequence[Notice], more: int) -> Letter:
    """The mail that tells of what is urgent.

    :param notices: those that are looked at, of one kind
    :param more: how many there are besides
    """
    kind = KINDS[notices[0].kind]
    if more or len({_about(kind, notice) for notice in notices}) > 1:
        return _several(user, kind.name, notices, more)
    data = kind.together([notice.data for notice in notices])
    return _single(user, kind, data)


def _single(user: model.User, kind: Kind, data: Data) -> Letter:
    [to] = people.recipients([user])
    token = links.make(user, kind.name)
    with speaking(to.language):
        return Letter(
            to,
            "notices/emails/notice",
            links.off(token),
            {
                "title": kind.title(data),
                "paragraphs": kind.text(data),
                "steps": kind.steps(data),
                "settings_link": links.settings(token),
            },
        )


def digest(user: model.User, notices: Sequence[Notice], more: int) -> Letter:
    """The mail that tells of all that waits.

    :param notices: those that are looked at
    :param more: how many there are besides
    """
    return _several(user, links.DIGEST, notices, more)


def _several(
    user: model.User, name: str, notices: Sequence[Notice], more: int
) -> Letter:
    """A mail with a line for each of several notices.

    :param name: what its reader can turn off: a kind, or the digest
    """
    [to] = people.recipients([user])
    token = links.make(user, name)
    with speaking(to.language):
        found = [*_lines(notices)]
        return Letter(
            to,
            "notices/emails/digest",
            links.off(token),
            {
                "subject": _subject(name),
                "groups": _groups(found[:LINES]),
                "more": more + sum(line.count for line in found[LINES:]),
                "link": tk.h.url_for(
                    "digifarm_notifications.index", qualified=True
                ),
                "settings_link": links.settings(token),
            },
        )


def _subject(name: str) -> str:
    kind = KINDS.get(name)
    if kind is None:
        return tk._("News of projects and datasets for you")
    return kind.label()


class Line(NamedTuple):
    """A line of a digest.

    :param text: of what is urgent, what its mail says besides
    :param count: how many notices it stands for
    """

    kind: Kind
    title: str
    text: str
    steps: list[tuple[str, str]]
    count: int


def _lines(notices: Iterable[Notice]) -> Iterable[Line]:
    """The lines, by the order of the kinds; the newest first."""
    same: dict[tuple[str, str], list[Data]] = {}
    for notice in notices:
        if kind := KINDS.get(notice.kind):
            about = kind.name, _about(kind, notice)
            same.setdefault(about, []).append(notice.data)
    names = [*KINDS]
    for (name, _), found in sorted(
        same.items(), key=lambda item: names.index(item[0][0])
    ):
        kind = KINDS[name]
        if title := kind.line(found):
            data = kind.together(found)
            yield Line(
                kind,
                title,
                " ".join(_details(kind, data)),
                kind.steps(data) if kind.is_urgent else kind.steps(found[0]),
                len(found),
            )


def _about(kind: Kind, notice: Notice) -> str:
    """What is one line, where several notices are."""
    return kind.about(notice.data) or notice.id


def _details(kind: Kind, data: Data) -> Iterable[str]:
    """What the mail of something urgent says besides, in one line."""
    if not kind.is_urgent:
        return
    for paragraph in kind.text(data):
        lines = paragraph.split("\n")
        if paragraph.startswith("> "):
            quoted = " ".join(line.removeprefix("> ") for line in lines)
            yield tk._("“{title}”").format(title=quoted)
        else:
            yield " ".join(lines)


def _groups(lines: Iterable[Line]) -> list[tuple[str, list[Line]]]:
    """Lines by the label of their kind."""
    groups: dict[str, list[Line]] = {}
    for line in lines:
        groups.setdefault(line.kind.label(), []).append(line)
    return [*groups.items()]

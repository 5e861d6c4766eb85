"""The mails about datasets that are replaced."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import ckantoolkit as tk

from .. import config
from ..lib import outbox, people
from ..lib.ckan import Context, model
from ..lib.language import speaking
from ..lib.permissions import readable
from . import chains


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


@dataclass(frozen=True)
class Line:
    """The same, as one person may read it.

    :param old: title of the dataset, or ""
    :param new: title of what replaces it
    :param link: its page
    :param is_moved: whether the link is with that one already
    """

    old: str
    new: str
    link: str
    is_moved: bool


def tell(project: model.Package, news: Iterable[News]) -> None:
    """Write a mail to each of a project's people; commits nothing.

    Nobody is told of what they may not read, nor of what they did.
    """
    told = [user for user in people.of_project(project) if user.email]
    news = [*news]
    for user in told:
        [recipient] = people.recipients([user])
        with speaking(recipient.language):
            lines = [*_lines(user, news)]
            page = tk.h.url_for(
                "civic_project.read", id=project.name, qualified=True
            )
        if lines:
            outbox.write(
                "successors/emails/successor_named",
                recipient,
                subject_id=project.id,
                reply_to=config.contact_email() or "",
                project=project,
                lines=lines,
                is_open=not all(line.is_moved for line in lines),
                link=f"{page}#links",
            )


def _lines(user: model.User, news: Iterable[News]) -> Iterator[Line]:
    """What somebody is told."""
    context = Context(user=user.name)
    others = [one for one in news if one.named_by != user.id]
    ends = chains.ends(
        context, [one.old_id for one in others if not one.moved_to]
    )
    may = readable(context, [one.old for one in others if one.old])
    for one in others:
        if new := one.moved_to or ends.get(one.old_id):
            yield Line(
                _title(one.old) if one.old and one.old.id in may else "",
                _title(new),
                tk.h.url_for("dataset.read", id=new.name, qualified=True),
                is_moved=bool(one.moved_to),
            )


def _title(package: model.Package) -> str:
    return package.title or package.name

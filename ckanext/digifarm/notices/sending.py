"""What is looked at once more when a mail that tells of notices goes out."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from .. import config
from ..lib import clock, outbox
from ..lib.ckan import model
from ..lib.mail import Mail
from . import reading, writing
from .kinds import KINDS
from .model import NEVER, Notice, NoticeSettings
from .writing import Letter


def _may_go_urgent(mail: Mail) -> bool:
    """Whether there is something left to tell; the rest isn't told."""
    return _has_some(mail, _reader(mail), writing.urgent)


def _may_go_as_digest(mail: Mail) -> bool:
    """The same of a digest, which its reader may want no longer."""
    user = _reader(mail)
    if user and NoticeSettings.of(user.id).digest == NEVER:
        _release(Notice.mail_id == mail.id)
        return False
    return _has_some(mail, user, writing.digest)


def _has_some(
    mail: Mail,
    user: model.User | None,
    letter: Callable[[model.User, list[Notice], int], Letter],
) -> bool:
    """Whether a mail still tells of something.

    What may not be read any more, or isn't so, is dropped, and what is turned
    off stays on the page: then the mail is written anew.

    :param letter: writes it
    """
    if user is None:
        _drop(Notice.mail_id == mail.id)
        return False
    notices = Notice.of_mail(mail.id, writing.MOST)
    written = [notice.data for notice in notices]
    left = _left(reading.readable(user, notices))
    off = {*NoticeSettings.of(user.id).off}
    wanted = [notice for notice in left if notice.kind not in off]
    is_as_written = [notice.data for notice in wanted] == written
    _drop(Notice.id.in_(_ids(notices) - _ids(left)))
    _release(Notice.id.in_(_ids(left) - _ids(wanted)))
    if not wanted:
        _release(Notice.mail_id == mail.id)
        return False
    if not is_as_written or mail.recipient_email != user.email:
        more = count(mail.id) - len(wanted)
        _rewrite(mail, letter(user, wanted, more))
    return True


def _left(notices: list[Notice]) -> list[Notice]:
    """Those of which something is so still; they say what that is."""
    gone: set[str] = set()
    for kind in KINDS.values():
        found = [notice for notice in notices if notice.kind == kind.name]
        data = kind.left([notice.data for notice in found]) if found else []
        for notice, is_left in zip(found, data, strict=True):
            if is_left is None:
                gone.add(notice.id)
            elif is_left != notice.data:
                notice.data = is_left
    return [notice for notice in notices if notice.id not in gone]


def _ids(notices: list[Notice]) -> set[str]:
    return {notice.id for notice in notices}


def count(mail_id: str) -> int:
    """How many notices a mail tells of."""
    query = sa.select(sa.func.count()).select_from(Notice)
    return model.Session.scalar(query.where(Notice.mail_id == mail_id)) or 0


def _reader(mail: Mail) -> model.User | None:
    """Who gets a mail, if they are still there."""
    user = model.Session.get(
        model.User, mail.subject_id, populate_existing=True
    )
    return user if user and user.is_active and user.email else None


def _rewrite(mail: Mail, letter: Letter) -> None:
    """Write a mail anew, to the address that its reader has now."""
    mail.recipient_email = letter.to.email
    mail.recipient_name = letter.to.name
    mail.unsubscribe = letter.unsubscribe
    outbox.rewrite(mail, letter.template, **letter.values)


def _drop(condition: sa.ColumnElement[bool]) -> None:
    """Forget what isn't to be told."""
    model.Session.execute(sa.delete(Notice).where(condition))


def _release(condition: sa.ColumnElement[bool]) -> None:
    """Let no mail tell of something yet; the page still does."""
    model.Session.execute(
        sa.update(Notice).where(condition).values(mail_id=None)
    )


def _settle(mail: Mail) -> None:
    """Note that what a mail tells of is told."""
    model.Session.execute(
        sa.update(Notice)
        .where(Notice.mail_id == mail.id)
        .values(sent=clock.now(), mail_id=None)
    )


URGENT = outbox.register(outbox.Check("notice", _may_go_urgent, _settle))
DIGEST = outbox.register(
    outbox.Check("notice-digest", _may_go_as_digest, _settle)
)


def write(
    letter: Letter, user: model.User, check: outbox.Check, id_: str = ""
) -> str:
    """Put a mail that tells of notices into the outbox; commits nothing.

    :param id_: its id (default: a new one)
    :returns: its id
    """
    return outbox.write(
        letter.template,
        letter.to,
        subject_id=user.id,
        reply_to=config.contact_email() or "",
        check=check,
        unsubscribe=letter.unsubscribe,
        id_=id_,
        **letter.values,
    )

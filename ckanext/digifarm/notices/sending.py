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


def _may_go_at_once(mail: Mail) -> bool:
    """Whether what is urgent is still to be told."""
    user = _reader(mail)
    notices = Notice.of_mail(mail.id, 1)
    wanted = reading.wanted(user, notices) if user else []
    if user is None or not wanted:
        _drop(Notice.mail_id == mail.id)
        return False
    if mail.recipient_email != user.email:
        [notice] = wanted
        kind = KINDS[notice.kind]
        _rewrite(mail, writing.at_once(user, kind, notice.data))
    return True


def _may_go_as_digest(mail: Mail) -> bool:
    """Whether there is something left to tell; the rest isn't told."""
    user = _reader(mail)
    if user and NoticeSettings.of(user.id).digest == NEVER:
        # The page still tells of it.
        _release(mail)
        return False
    return _has_some(mail, user, lambda _: writing.digest)


def _may_go_together(mail: Mail) -> bool:
    """The same of urgent things, which are of one kind."""

    def letter_of(notices: list[Notice]) -> Callable[..., Letter]:
        kind = KINDS[notices[0].kind]
        return lambda user, *rest: writing.together(user, kind, *rest)

    return _has_some(mail, _reader(mail), letter_of)


def _has_some(
    mail: Mail,
    user: model.User | None,
    letter_of: Callable[[list[Notice]], Callable[..., Letter]],
) -> bool:
    """Whether a mail still tells of something; what is dropped goes out of it.

    :param letter_of: gives for what is left the function that writes it anew
    """
    if user is None:
        _drop(Notice.mail_id == mail.id)
        return False
    notices = Notice.of_mail(mail.id, writing.MOST)
    wanted = reading.wanted(user, notices)
    dropped = {notice.id for notice in notices} - {one.id for one in wanted}
    if dropped:
        _drop(Notice.id.in_(dropped))
    if not wanted:
        _release(mail)
        return False
    if dropped or mail.recipient_email != user.email:
        more = count(mail.id) - len(wanted)
        _rewrite(mail, letter_of(wanted)(user, wanted, more))
    return True


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


def _release(mail: Mail) -> None:
    """Let what is left of a mail wait for another one."""
    model.Session.execute(
        sa.update(Notice).where(Notice.mail_id == mail.id).values(mail_id=None)
    )


def _settle(mail: Mail) -> None:
    """Note that what a mail tells of is told."""
    model.Session.execute(
        sa.update(Notice)
        .where(Notice.mail_id == mail.id)
        .values(sent=clock.now(), mail_id=None)
    )


AT_ONCE = outbox.register(outbox.Check("notice", _may_go_at_once, _settle))
TOGETHER = outbox.register(outbox.Check("notices", _may_go_together, _settle))
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

"""What became of addresses and repositories. Nothing in it is personal."""

from __future__ import annotations

import datetime
import enum

import ckantoolkit as tk
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ..config import PROJECT_TYPE
from ..lib.ckan import model

_package = model.package_table.c

# By which it is found which projects have an address. Addresses may be longer
# than what other kinds of indexes take.
sa.Index(
    "digifarm_package_addresses",
    _package.extras,
    postgresql_using="gin",
    postgresql_ops={"extras": "jsonb_path_ops"},
    postgresql_where=_package.type == PROJECT_TYPE,
)
sa.Index(
    "digifarm_package_url",
    _package.url,
    postgresql_using="hash",
    postgresql_where=_package.type == PROJECT_TYPE,
)

#: What isn't looked at any more says nothing after so long.
FRESH = datetime.timedelta(days=35)


class Health(str, enum.Enum):
    """What is known of an address."""

    #: It can't be told, or nobody has looked yet.
    UNKNOWN = "unknown"
    ANSWERS = "answers"
    #: It has failed, but not often or long enough to say more.
    FAILING = "failing"
    DEAD = "dead"
    #: It says that it has another address for good.
    MOVED = "moved"
    #: It answers, but somebody should look at what.
    LOOK = "look"


#: About these somebody should do something; the worst first.
TO_DO = (Health.DEAD, Health.LOOK, Health.MOVED)


class Check(tk.BaseModel):
    """An address of projects, tasks or partners; many may have the same.

    Without keys to them: they are found by it.
    """

    __tablename__ = "digifarm_check"

    url: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True)
    #: The name of its server: those of one are asked one after another.
    host: Mapped[str] = mapped_column(sa.UnicodeText, index=True)
    #: A `Health`.
    health: Mapped[str] = mapped_column(sa.UnicodeText, index=True)
    #: Why: a `Problem` of judging.py, or "".
    problem: Mapped[str] = mapped_column(sa.UnicodeText, default="")
    #: What its server has said, as HTTP has it.
    status: Mapped[int | None]
    moved_to: Mapped[str] = mapped_column(sa.UnicodeText, default="")
    #: Since when its health is what it is.
    since: Mapped[datetime.datetime] = mapped_column(sa.DateTime)
    #: How often in a row it has failed, and when first and last.
    failures: Mapped[int] = mapped_column(default=0)
    failed: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    failed_last: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    #: When it answered last.
    answered: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    checked: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    due: Mapped[datetime.datetime] = mapped_column(sa.DateTime, index=True)


class Forge(str, enum.Enum):
    """What a repository is kept by."""

    UNKNOWN = ""
    GITHUB = "github"
    GITLAB = "gitlab"
    FORGEJO = "forgejo"
    #: Something else that speaks git.
    GIT = "git"
    #: It is no repository, or none for everybody.
    NONE = "none"


class Repository(tk.BaseModel):
    """The source code of projects, by its address."""

    __tablename__ = "digifarm_repository"

    url: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True)
    host: Mapped[str] = mapped_column(sa.UnicodeText, index=True)
    #: A `Forge`.
    forge: Mapped[str] = mapped_column(sa.UnicodeText, default="")
    #: The commit and the branch that it shows first.
    head: Mapped[str] = mapped_column(sa.UnicodeText, default="")
    branch: Mapped[str] = mapped_column(sa.UnicodeText, default="")
    #: When the code was last changed, as far as is known.
    changed: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    #: Whether nobody can change it any more.
    archived: Mapped[bool | None]
    #: Whether it has a publiccode.yml.
    publiccode: Mapped[bool | None]
    checked: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    due: Mapped[datetime.datetime] = mapped_column(sa.DateTime, index=True)


class Issue(tk.BaseModel):
    """An open issue for beginners, in the tracker of a repository."""

    __tablename__ = "digifarm_issue"

    url: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True)
    #: The address of its repository, as projects have it.
    repository: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True)
    number: Mapped[int]
    title: Mapped[str] = mapped_column(sa.UnicodeText)


class Host(tk.BaseModel):
    """A server that has asked to be left alone for a while."""

    __tablename__ = "digifarm_host"

    host: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True)
    waits: Mapped[datetime.datetime] = mapped_column(sa.DateTime)

"""What a repository shows first, by git's own protocol over HTTP.

https://git-scm.com/docs/http-protocol: any server that lets people clone
answers so, whatever forge it is, and needs no key.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ..lib.fetch import Answer
from .visiting import Visit

#: The first line has all that is needed; big repositories have many more.
LIMIT = 64 * 1024

_SERVICE = b"001e# service=git-upload-pack\n"

#: After the end of the announcement: a length, the commit, its name, and what
#: the server can do.
_HEAD = re.compile(
    rb"0000[0-9a-f]{4}([0-9a-f]{40}(?:[0-9a-f]{24})?) HEAD\x00([^\n]{0,4000})"
)
_BRANCH = re.compile(rb"(?:^| )symref=HEAD:refs/heads/([^\s\x00]{1,250})")


#: What asks for a password.
UNAUTHORIZED = 401

#: There is nothing there.
GONE = frozenset({404, 410})


class UnclearError(Exception):
    """Whether there is a repository can't be told now."""


class Refs(NamedTuple):
    """The commit and the branch that a repository shows first.

    :param head: "" where nothing was committed yet
    """

    head: str = ""
    branch: str = ""


def refs(visit: Visit, base: str) -> Refs | None:
    """What a repository shows first.

    :param base: its address
    :returns: None where everybody is told that there is none
    :raises UnclearError: where its server says neither
    :raises NoAnswerError: where none answers
    :raises NotNowError: where that can't be asked now
    """
    answers = list[Answer]()
    for address in (base, f"{base}.git"):
        answer = visit.ask(
            f"{address}/info/refs?service=git-upload-pack", limit=LIMIT
        )
        found = read(answer.content) if _is_fine(answer) else None
        if found is not None:
            return found
        answers.append(answer)
    if all(_is_fine(one) or one.status in GONE for one in answers):
        return None
    # Forges ask for a password where there is nothing, or it is private.
    if answers[0].status == UNAUTHORIZED:
        page = visit.ask(base, method="HEAD")
        if page.status in GONE:
            return None
    raise UnclearError


def _is_fine(answer: Answer) -> bool:
    return answer.status == 200  # noqa: PLR2004


def read(content: bytes) -> Refs | None:
    """What such an answer says; None where it is another one."""
    if not content.startswith(_SERVICE):
        return None
    head = _HEAD.match(content, len(_SERVICE))
    if head is None:
        return Refs()
    branch = _BRANCH.search(head[2])
    return Refs(
        head[1].decode("ascii"),
        branch[1].decode("utf-8", "replace") if branch else "",
    )

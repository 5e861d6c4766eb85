"""Issues of forges: which are for beginners, and which tasks are made of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ..lib.text import shortened
from ..lib.validators import MAX_URL_LENGTH, is_http_url

#: As long as a task's title may be.
TITLE_LENGTH = 150

#: What says on a label that an issue is for those who begin.
_BEGINNERS = re.compile(
    r"\b(?:good first (?:issue|bug|task)|first timers? only|beginners?"
    r"|newcomers?|starter|einsteig\w*|anfänger\w*|einstieg\w*)\b"
)
_BETWEEN = re.compile(r"[\s:_/–-]+")

_ISSUE = re.compile(r"(?:/-)?/issues/(\d{1,9})/?$")


class Open(NamedTuple):
    """An issue for beginners that is open."""

    number: int
    url: str
    title: str


def is_for_beginners(labels: Iterable[str]) -> bool:
    """Whether one of an issue's labels says so."""
    plain = (_BETWEEN.sub(" ", label.lower()) for label in labels)
    return any(_BEGINNERS.search(label) for label in plain)


def number_of(url: str) -> str:
    """The number of an issue in its address; "" where it is none."""
    found = _ISSUE.search(urlsplit(url).path)
    return found[1] if found else ""


def repository_of(url: str) -> str:
    """The address of the repository that an issue is of."""
    return _ISSUE.sub("", url.partition("#")[0].partition("?")[0])


def address(found: dict[str, Any]) -> str:
    """The address of an issue, as its forge says."""
    url = found.get("html_url") or found.get("web_url")
    return url if isinstance(url, str) else ""


def turn(urls: list[str], week: int, size: int) -> list[str]:
    """Some of the addresses, others each week."""
    start = week * size % len(urls) if urls else 0
    return [*urls[start:], *urls[:start]][:size]


def read(found: dict[str, Any], host: str) -> Open | None:
    """An issue of a forge's list, if it is one for beginners.

    :param host: of the forge
    """
    url = address(found)
    number = found.get("number") or found.get("iid")
    title, labels = found.get("title"), found.get("labels")
    if found.get("pull_request") or not isinstance(labels, list):
        return None
    names = [
        one.get("name") if isinstance(one, dict) else one for one in labels
    ]
    if not is_for_beginners(name for name in names if isinstance(name, str)):
        return None
    if not isinstance(title, str):
        return None
    is_own = urlsplit(url).netloc.lower() == host
    if not is_own or not is_http_url(url) or len(url) > MAX_URL_LENGTH:
        return None
    title = shortened(_line(title), TITLE_LENGTH)
    if not title or type(number) is not int:
        return None
    return Open(number, url, title)


def _line(title: str) -> str:
    """A title in one line, without what nobody sees."""
    line = " ".join(title.split())
    return "".join(c for c in line if c.isprintable())

"""What forges and git servers say of a repository, to anybody without a key.

What they send is text of strangers: read up to a limit, never believed to be
of a shape.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from ..lib import clock
from ..lib.fetch import Answer, NoAnswerError
from ..lib.validators import MAX_URL_LENGTH, is_http_url
from . import git
from .model import Forge
from .visiting import Visit

#: Of lists, feeds and the like so much is read, in bytes.
LIMIT = 2 * 1024 * 1024

#: So many issues are asked for at a time, the newest first.
ISSUES = 50

#: So many issues of tasks are asked for one by one.
MOST_ASKED = 10

#: As long as a task's title may be.
TITLE_LENGTH = 150

#: What forges of everybody are called; of others it is found out.
KNOWN = {
    "github.com": Forge.GITHUB,
    "gitlab.com": Forge.GITLAB,
    "gitlab.opencode.de": Forge.GITLAB,
    "codeberg.org": Forge.FORGEJO,
}

GITHUB_API = "https://api.github.com"
GITHUB_RAW = "https://raw.githubusercontent.com"

#: What says on a label that an issue is for those who begin.
_BEGINNERS = re.compile(
    r"\b(?:good first (?:issue|bug|task)|first timers? only|beginners?"
    r"|newcomers?|starter|einsteig\w*|anfänger\w*|einstieg\w*)\b"
)
_BETWEEN = re.compile(r"[\s:_/–-]+")

_ISSUE = re.compile(r"(?:/-)?/issues/(\d{1,9})/?$")

_ATOM = "{http://www.w3.org/2005/Atom}"


class Open(NamedTuple):
    """An issue for beginners that is open."""

    number: int
    url: str
    title: str


class Facts(NamedTuple):
    """What is known of a repository.

    :param issues: those for beginners; None where they can't be told
    :param closed: of the asked addresses of issues, those that are closed
    """

    forge: Forge = Forge.UNKNOWN
    head: str = ""
    branch: str = ""
    changed: datetime.datetime | None = None
    archived: bool | None = None
    publiccode: bool | None = None
    issues: tuple[Open, ...] | None = None
    closed: tuple[str, ...] = ()


def look(
    visit: Visit, url: str, before: Facts, asked: Iterable[str] = ()
) -> Facts:
    """What there is to know of a repository now.

    :param url: its address, as projects have it
    :param before: what was known before
    :param asked: addresses of issues that tasks have been made of
    :raises NotNowError: where that can't be asked now
    """
    place = Place.of(url)
    try:
        refs = git.refs(visit, place.base)
    except (NoAnswerError, git.UnclearError):
        # What became of the address is told elsewhere.
        return before
    if refs is None:
        return Facts(Forge.NONE, issues=())
    facts = before._replace(head=refs.head, branch=refs.branch)
    facts, about = _about(visit, place, facts)
    is_new = refs.head != before.head
    if is_new or facts.changed is None:
        # Of the first look nobody knows since when it shows that.
        has_changed = is_new and bool(before.head)
        changed = _changed(visit, place, facts, about)
        if changed is None and has_changed:
            changed = clock.now()
        facts = facts._replace(changed=changed)
    if is_new or facts.publiccode is None:
        facts = facts._replace(publiccode=_publiccode(visit, place, facts))
    issues = _issues(visit, place, facts)
    closed = _closed(visit, place, facts, issues, asked)
    return facts._replace(issues=issues, closed=closed)


class Place(NamedTuple):
    """Where a repository is.

    :param base: its address alone
    :param origin: of its server
    :param path: what it is called there, such as `owner/name`
    """

    base: str
    origin: str
    path: str

    @classmethod
    def of(cls, url: str) -> Place:
        """Of an address of something within: a folder, a branch …"""
        parts = urlsplit(url)
        path = parts.path.rstrip("/")
        for mark in ("/-/", "/tree/", "/src/branch/", "/blob/"):
            path = path.partition(mark)[0]
        path = path.removesuffix(".git")
        origin = f"{parts.scheme}://{parts.netloc}"
        return cls(f"{origin}{path}", origin, path.strip("/"))

    @property
    def host(self) -> str:
        """The name of its server."""
        return urlsplit(self.origin).netloc.lower()

    def address(self, forge: Forge) -> str:
        """Where its forge tells of it."""
        if forge is Forge.GITHUB:
            return f"{GITHUB_API}/repos/{quote(self.path)}"
        if forge is Forge.GITLAB:
            return f"{self.origin}/api/v4/projects/{quote(self.path, '')}"
        return f"{self.origin}/api/v1/repos/{quote(self.path)}"


def is_for_beginners(labels: Iterable[str]) -> bool:
    """Whether one of an issue's labels says so."""
    plain = (_BETWEEN.sub(" ", label.lower()) for label in labels)
    return any(_BEGINNERS.search(label) for label in plain)


def _about(
    visit: Visit, place: Place, facts: Facts
) -> tuple[Facts, dict[str, Any]]:
    """What its forge says of it; which one that is, is found out once."""
    forge = KNOWN.get(place.host, facts.forge)
    tried = (
        (forge,)
        if forge is not Forge.UNKNOWN
        else (Forge.GITLAB, Forge.FORGEJO)
    )
    for one in tried:
        if one in {Forge.GIT, Forge.NONE}:
            break
        about = _json(visit, place.address(one))
        if isinstance(about, dict) and _names(about, place):
            archived = about.get("archived")
            if archived is None and one is Forge.GITLAB:
                archived = _is_archived(visit, place)
            if not isinstance(archived, bool):
                archived = facts.archived
            return facts._replace(forge=one, archived=archived), about
    if forge in {Forge.UNKNOWN, Forge.NONE}:
        forge = Forge.GIT
    return facts._replace(forge=forge), {}


def _names(about: dict[str, Any], place: Place) -> bool:
    """Whether it is this repository; another one has its address by now."""
    names = (about.get("full_name"), about.get("path_with_namespace"))
    return any(isinstance(name, str) for name in names)


def _is_archived(visit: Visit, place: Place) -> bool | None:
    """The same of GitLab, which tells it in lists alone."""
    name = quote(place.path.rpartition("/")[2], "")
    found = _json(
        visit,
        f"{place.origin}/api/v4/projects?archived=true&simple=true"
        f"&per_page=100&search={name}",
    )
    if not isinstance(found, list):
        return None
    paths = (
        p.get("path_with_namespace") for p in found if isinstance(p, dict)
    )
    return place.path.lower() in {str(path).lower() for path in paths}


def _changed(
    visit: Visit, place: Place, facts: Facts, about: dict[str, Any]
) -> datetime.datetime | None:
    """When its code was changed last, as well as that can be known."""
    moment = _by_feed(visit, place, facts) or _moment(
        about.get("pushed_at") or about.get("updated_at")
    )
    # Whoever commits says when that was.
    return moment and min(moment, clock.now())


def _by_feed(
    visit: Visit, place: Place, facts: Facts
) -> datetime.datetime | None:
    """By the feed of its commits."""
    branch = quote(facts.branch)
    feeds = {
        Forge.GITHUB: f"{place.base}/commits/{branch}.atom",
        Forge.GITLAB: f"{place.base}/-/commits/{branch}?format=atom",
        Forge.FORGEJO: f"{place.base}/atom/branch/{branch}",
    }
    feed = feeds.get(facts.forge)
    if not branch or feed is None:
        return None
    answer = _get(visit, feed, by_rules=True)
    if answer is None:
        return None
    try:
        found = fromstring(answer.content)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    entries = (
        _moment(entry.findtext(f"{_ATOM}updated"))
        for entry in found.iter(f"{_ATOM}entry")
    )
    return max(filter(None, entries), default=None)


def _publiccode(visit: Visit, place: Place, facts: Facts) -> bool | None:
    """Whether it has a publiccode.yml."""
    files = {
        Forge.GITHUB: f"{GITHUB_RAW}/{quote(place.path)}/HEAD/publiccode.yml",
        Forge.GITLAB: f"{place.base}/-/raw/HEAD/publiccode.yml",
        Forge.FORGEJO: f"{place.base}/raw/branch/{quote(facts.branch)}"
        "/publiccode.yml",
    }
    file = files.get(facts.forge)
    if file is None:
        return None
    try:
        if not visit.allows(file):
            return None
        answer = visit.ask(file, method="HEAD")
    except NoAnswerError:
        return facts.publiccode
    if answer.status == 404:  # noqa: PLR2004
        return False
    is_there = answer.status == 200  # noqa: PLR2004
    is_page = "html" in answer.headers.get("Content-Type", "").lower()
    return True if is_there and not is_page else facts.publiccode


def _issues(
    visit: Visit, place: Place, facts: Facts
) -> tuple[Open, ...] | None:
    """The open issues for beginners, among the newest ones."""
    state = "opened" if facts.forge is Forge.GITLAB else "open"
    size = "limit" if facts.forge is Forge.FORGEJO else "per_page"
    if facts.forge not in {Forge.GITHUB, Forge.GITLAB, Forge.FORGEJO}:
        return ()
    found = _json(
        visit,
        f"{place.address(facts.forge)}/issues"
        f"?state={state}&{size}={ISSUES}"
        + ("&type=issues" if facts.forge is Forge.FORGEJO else ""),
    )
    if not isinstance(found, list):
        return None
    return tuple(
        issue
        for one in found
        if isinstance(one, dict) and (issue := _issue(one, place))
    )


def _issue(found: dict[str, Any], place: Place) -> Open | None:
    """An issue of a forge's list, if it is one for beginners."""
    url = found.get("html_url") or found.get("web_url")
    number = found.get("number") or found.get("iid")
    title, labels = found.get("title"), found.get("labels")
    if found.get("pull_request") or not isinstance(labels, list):
        return None
    names = [
        one.get("name") if isinstance(one, dict) else one for one in labels
    ]
    if not is_for_beginners(name for name in names if isinstance(name, str)):
        return None
    if not isinstance(url, str) or not isinstance(title, str):
        return None
    is_own = urlsplit(url).netloc.lower() == place.host
    if not is_own or not is_http_url(url) or len(url) > MAX_URL_LENGTH:
        return None
    title = _shortened(title)
    if not title or type(number) is not int:
        return None
    return Open(number, url, title)


def _shortened(title: str) -> str:
    """A title in one line, as long as a task's; nothing that nobody sees."""
    line = " ".join(title.split())
    line = "".join(c for c in line if c.isprintable())
    if len(line) <= TITLE_LENGTH:
        return line
    return f"{line[: TITLE_LENGTH - 1].rstrip()}…"


def _closed(
    visit: Visit,
    place: Place,
    facts: Facts,
    issues: tuple[Open, ...] | None,
    asked: Iterable[str],
) -> tuple[str, ...]:
    """Which issues that tasks have been made of are closed."""
    still = {issue.url for issue in issues or ()}
    own = f"{place.base.lower()}/"
    rest = [
        url
        for url in asked
        if url not in still and url.lower().startswith(own)
    ]
    closed = []
    for url in rest[:MOST_ASKED]:
        number = _ISSUE.search(url)
        if number is None or issues is None:
            continue
        found = _json(
            visit, f"{place.address(facts.forge)}/issues/{number[1]}"
        )
        if isinstance(found, dict) and found.get("state") == "closed":
            closed.append(url)
    return tuple(closed)


def _json(visit: Visit, url: str) -> Any:
    """What is at an address of a forge's API; None where there is nothing."""
    answer = _get(visit, url)
    if answer is None:
        return None
    try:
        return json.loads(answer.content)
    except (ValueError, RecursionError):
        return None


def _get(visit: Visit, url: str, *, by_rules: bool = False) -> Answer | None:
    """What is at an address, as a whole.

    :param by_rules: whether programs must ask its robots.txt first; what
        there is for programs alone, they need not
    """
    try:
        if by_rules and not visit.allows(url):
            return None
        answer = visit.ask(url, limit=LIMIT)
    except NoAnswerError:
        return None
    is_whole = answer.status == 200 and not answer.is_cut  # noqa: PLR2004
    return answer if is_whole else None


def _moment(words: Any) -> datetime.datetime | None:
    """A moment as forges write it, in UTC and without a zone."""
    if not isinstance(words, str):
        return None
    try:
        found = datetime.datetime.fromisoformat(
            words.strip().replace("Z", "+00:00")
        )
        if found.tzinfo:
            found = found.astimezone(datetime.timezone.utc)
    except (ValueError, OverflowError):
        return None
    return found.replace(tzinfo=None)

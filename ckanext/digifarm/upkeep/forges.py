"""What forges and git servers say of a repository, to anybody without a key.

What they send is text of strangers: read up to a limit, never believed to be
of a shape.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable
from typing import Any, NamedTuple, TypeGuard
from urllib.parse import quote, urlsplit
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from ..lib import clock
from ..lib.fetch import Answer, NoAnswerError
from . import git, issues
from .issues import Open
from .model import Forge
from .visiting import Visit

#: Of lists, feeds and the like so much is read, in bytes.
LIMIT = 2 * 1024 * 1024

#: So many issues are asked for at a time, the newest first.
ISSUES = 50

#: So many issues of tasks are asked for one by one.
MOST_ASKED = 10

#: What forges of everybody are called; of others it is found out.
KNOWN = {
    "github.com": Forge.GITHUB,
    "gitlab.com": Forge.GITLAB,
    "gitlab.opencode.de": Forge.GITLAB,
    "codeberg.org": Forge.FORGEJO,
}

GITHUB_API = "https://api.github.com"
GITHUB_RAW = "https://raw.githubusercontent.com"

_ATOM = "{http://www.w3.org/2005/Atom}"


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
        if visit.keeps_out(f"{place.base}/info/refs"):
            return before
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
    found = _issues(visit, place, facts)
    name = _name(about) or place.path
    closed = _closed(visit, place._replace(path=name), facts, found, asked)
    return facts._replace(issues=found, closed=closed)


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


def _about(
    visit: Visit, place: Place, facts: Facts
) -> tuple[Facts, dict[str, Any]]:
    """What its forge says of it; which one that is, is found out once."""
    forge = KNOWN.get(place.host, facts.forge)
    tried = {
        Forge.UNKNOWN: (Forge.GITLAB, Forge.FORGEJO),
        Forge.NONE: (Forge.GITLAB, Forge.FORGEJO),
        Forge.GIT: (),
    }.get(forge, (forge,))
    statuses = list[int | None]()
    for one in tried:
        answer = _ask(visit, place.address(one))
        about = _read(answer)
        if isinstance(about, dict) and _name(about):
            archived = about.get("archived")
            if archived is None and one is Forge.GITLAB:
                archived = _is_archived(visit, place)
            if not isinstance(archived, bool):
                archived = facts.archived
            return facts._replace(forge=one, archived=archived), about
        statuses.append(answer and answer.status)
    if len(tried) > 1:
        # One that was ill may be asked again.
        is_plain = git.GONE.issuperset(statuses)
        forge = Forge.GIT if is_plain else Forge.UNKNOWN
    return facts._replace(forge=forge), {}


def _name(about: dict[str, Any]) -> str:
    """What a forge calls a repository now; it may have been renamed."""
    names = (about.get("full_name"), about.get("path_with_namespace"))
    return next((name for name in names if isinstance(name, str)), "")


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
        if isinstance(one, dict) and (issue := issues.read(one, place.host))
    )


def _closed(
    visit: Visit,
    place: Place,
    facts: Facts,
    found: tuple[Open, ...] | None,
    asked: Iterable[str],
) -> tuple[str, ...]:
    """Which issues that tasks have been made of are closed.

    Each is asked for by its own address: what has been renamed leads from
    the old one to the new one.

    :param place: with the path that the forge has for it now
    """
    if found is None or facts.forge in {Forge.UNKNOWN, Forge.GIT}:
        return ()
    still = {issue.url for issue in found}
    rest = [
        url
        for url in asked
        if url not in still
        and issues.number_of(url)
        and urlsplit(url).netloc.lower() == place.host
    ]
    week = clock.now().toordinal() // 7
    closed = []
    for url in issues.turn(rest, week, MOST_ASKED):
        at = Place.of(issues.repository_of(url)).address(facts.forge)
        issue = _json(visit, f"{at}/issues/{issues.number_of(url)}")
        if not isinstance(issue, dict) or issue.get("state") != "closed":
            continue
        of = issues.repository_of(issues.address(issue) or url)
        # Others close issues, too.
        if Place.of(of).path.lower() == place.path.lower():
            closed.append(url)
    return tuple(closed)


def _json(visit: Visit, url: str) -> Any:
    """What is at an address of a forge's API; None where there is nothing."""
    return _read(_ask(visit, url))


def _read(answer: Answer | None) -> Any:
    """What an answer of a forge's API says; None where that is nothing."""
    if not _is_whole(answer):
        return None
    try:
        return json.loads(answer.content)
    except (ValueError, RecursionError):
        return None


def _get(visit: Visit, url: str, *, by_rules: bool = False) -> Answer | None:
    """What is at an address, as a whole."""
    answer = _ask(visit, url, by_rules=by_rules)
    return answer if _is_whole(answer) else None


def _ask(visit: Visit, url: str, *, by_rules: bool = False) -> Answer | None:
    """What a server says of an address; None where it says nothing.

    :param by_rules: whether rules for all programs count, too; for what there
        is for programs alone, only those for us do
    """
    try:
        # Of what GitHub has for programs, each request is counted.
        is_counted = url.startswith(f"{GITHUB_API}/")
        if not is_counted and visit.keeps_out(url):
            return None
        if by_rules and not visit.allows(url):
            return None
        return visit.ask(url, limit=LIMIT)
    except NoAnswerError:
        return None


def _is_whole(answer: Answer | None) -> TypeGuard[Answer]:
    if answer is None or answer.is_cut:
        return False
    return answer.status == 200  # noqa: PLR2004


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

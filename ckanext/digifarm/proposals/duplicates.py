"""Projects that are likely the same as one that somebody proposes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import sqlalchemy as sa
from rapidfuzz.distance import Indel

from ..config import PROJECT_TYPE
from ..lib.ckan import model
from ..projects.model import SEPARATORS, SOURCE_WORDS, TITLE_WORDS

#: How alike two titles are, of 1, to be shown.
ALIKE = 0.8

#: A shorter word says too little to find a title by.
MIN_WORD = 4

#: How many are shown at most.
MOST = 5

#: How many are compared at most, and by how many words they are found.
MAX_CANDIDATES = 200
MAX_WORDS = 10

#: A title that holds another one says the same if it is hardly longer.
MUCH_OF_IT = 0.6

#: git@github.com:org/repo.git
OF_GIT = re.compile(r"(?:[\w.-]+@)?([\w-]+(?:\.[\w-]+)+):(?!/|\d+/)(.+)")

#: github.com/org/repo
BARE = re.compile(r"[\w-]+(?:\.[\w-]+)+(?::\d+)?/.+")

#: What leads to a branch or a file of a repository, as forges write it.
WITHIN = re.compile(
    r"(/[^/]+/[^/]+.*?)/(?:-|tree|blob|src/(?:branch|commit|tag))/.*"
)

#: Parameters by which an address stays one of the same repository.
SAME = frozenset({"plain", "ref", "ref_type", "tab"})


class Asked(NamedTuple):
    """What is said of a project that may be there already."""

    title: str
    source_url: str
    project_id: str | None = None


class Project(NamedTuple):
    """What is compared of a project."""

    id: str
    name: str
    title: str
    private: bool
    source_url: str | None


def likely(
    title: str,
    source_url: str,
    *,
    private_of: Collection[str] | None = (),
    but_not: str | None = None,
) -> list[dict[str, Any]]:
    """Projects of the same code or with nearly the same title.

    One SQL statement.

    :param title: of the project that is proposed, or ""
    :param source_url: where its code lives, or ""
    :param private_of: ids of organisations whose private projects count, too;
        None for all of them
    :param but_not: id of the project itself, where it is one
    :returns: `name`, `title`, `private` and `same_source` of each, those of
        the same code first
    """
    asked = Asked(title, source_url, but_not)
    return likely_of_each([asked], private_of=private_of)[0]


def likely_of_each(
    asked: Sequence[Asked], *, private_of: Collection[str] | None
) -> list[list[dict[str, Any]]]:
    """As `likely`, for several projects at once; one SQL statement."""
    known: list[list[Project]] = [[] for _ in asked]
    queries = [
        sa.select(_candidates(one, private_of, number).subquery())
        for number, one in enumerate(asked)
        if one.title or one.source_url
    ]
    if queries:
        for number, *row in model.Session.execute(sa.union_all(*queries)):
            known[number].append(Project(*row))
    return [
        among(found, one.title, one.source_url, but_not=one.project_id)
        for found, one in zip(known, asked, strict=True)
    ]


def among(
    known: Iterable[Project],
    title: str,
    source_url: str,
    *,
    but_not: str | None = None,
) -> list[dict[str, Any]]:
    """Those of some projects that are likely the same; see `likely`."""
    source, words = normalize_url(source_url), _words(title)
    found = []
    for other in known:
        if other.id == but_not:
            continue
        is_same = bool(source) and normalize_url(other.source_url) == source
        if is_same or _is_near(words, _words(other.title)):
            found.append(
                {
                    "name": other.name,
                    "title": other.title or other.name,
                    "private": other.private,
                    "same_source": is_same,
                }
            )
    return sorted(found, key=lambda other: not other["same_source"])[:MOST]


def _candidates(
    asked: Asked, private_of: Collection[str] | None, number: int
) -> sa.Select[Any]:
    """Projects that are worth a comparison, the likeliest first.

    The database finds them by words of their address and title; it can't
    judge, but has them faster than all of them could be judged.
    """
    package = model.package_table.c
    title = sa.func.lower(package.title)
    is_same = sa.func.coalesce(_has_source(asked.source_url), sa.false())
    hits = [
        sa.case((title.contains(word, autoescape=True), 1), else_=0)
        for word in _telling_words(asked.title)
    ]
    query = sa.select(
        sa.literal(number).label("number"),
        package.id,
        package.name,
        package.title,
        package.private,
        package.extras["source_url"].astext,
    ).where(
        package.type == PROJECT_TYPE,
        package.state == model.State.ACTIVE,
        _has_source(asked.source_url) | _has_word(asked.title),
    )
    if private_of is not None:
        query = query.where(
            package.private.is_(False) | package.owner_org.in_(private_of)
        )
    return query.order_by(
        is_same.desc(),
        *([sum(hits, sa.literal(0)).desc()] if hits else []),
        sa.func.abs(sa.func.length(title) - len(asked.title)),
        package.title,
        package.id,
    ).limit(MAX_CANDIDATES)


def _has_source(source_url: str) -> sa.ColumnElement[bool]:
    """Whether a project's address of the code has the words of another one.

    What differs between addresses of the same code are words more, and marks.
    """
    address = normalize_url(source_url).partition("?")[0]
    query = sa.func.plainto_tsquery("simple", _spaced(address))
    return SOURCE_WORDS.op("@@")(query)


def _has_word(title: str) -> sa.ColumnElement[bool]:
    """Whether a project's title has a word that begins as one of another.

    Words are often spelled in several ways, but seldom from the beginning;
    and what are two words for one person is one for another.
    """
    words = [*_telling_words(title), "".join(_words(title))]
    starts = {word[:MIN_WORD] for word in words if word}
    query = " | ".join(f"'{start}':*" for start in sorted(starts))
    return TITLE_WORDS.op("@@")(sa.func.to_tsquery("simple", query))


def _spaced(text: str) -> str:
    return re.sub(SEPARATORS, " ", text)


def _telling_words(title: str) -> list[str]:
    """The words of a title by which others are found."""
    words = [*dict.fromkeys(re.findall(r"\w+", title.lower()))]
    long = [word for word in words if len(word) >= MIN_WORD]
    return (long or words)[:MAX_WORDS]


def normalize_url(url: str | None) -> str:
    """What all addresses of the same repository have in common.

    :param url: an address on the web, or ""
    """
    try:
        parts = urlsplit(_with_scheme((url or "").strip()))
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    if not host:
        return ""
    path = re.sub(r"/+", "/", f"{parts.path}/")
    path = WITHIN.sub(r"\1", path).rstrip("/").removesuffix(".git")
    asked = sorted(
        f"{name}={value}"
        for name, value in parse_qsl(parts.query)
        if name not in SAME and not name.startswith("utm_")
    )
    query = f"?{'&'.join(asked)}" if asked else ""
    # The forges that are used most don't distinguish upper and lower case.
    return f"{host}{path}{query}".casefold()


def _with_scheme(url: str) -> str:
    """An address as browsers have it, also for what people give to Git."""
    if match := OF_GIT.fullmatch(url):
        return f"ssh://{match[1]}/{match[2]}"
    return f"https://{url}" if BARE.fullmatch(url) else url


def _words(title: str | None) -> list[str]:
    return re.findall(r"\w+", (title or "").casefold())


def _is_near(words: list[str], others: list[str]) -> bool:
    """Whether two titles are nearly the same, or one holds the other."""
    if not words or not others:
        return False
    fewer, more = sorted((set(words), set(others)), key=len)
    if fewer <= more and _says_much(fewer, more):
        return True
    # Of some titles, difflib would need a minute to compare them with others.
    return (
        Indel.normalized_similarity(
            " ".join(words), " ".join(others), score_cutoff=ALIKE
        )
        >= ALIKE
    )


def _says_much(fewer: set[str], more: set[str]) -> bool:
    """Whether the words that two titles share say what both are about.

    A single one, as the name of the city, may be all that they share.
    """
    if not any(len(word) >= MIN_WORD for word in fewer):
        return False
    share = len("".join(fewer)) / len("".join(more))
    return len(fewer) > 1 or share >= MUCH_OF_IT

"""Feeds in Atom, RFC 4287.

Ids are those of the things in the database, as `urn:uuid:`: they stay when a
project gets another name, or the portal another address, and feeds in other
languages have the same.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import ckantoolkit as tk
from feedgen.entry import FeedEntry
from typing_extensions import override

from ..lib import language
from ..lib.ckan import CKANFeed
from ..lib.text import UNSTORABLE

MIMETYPE = "application/atom+xml"

#: What a feed says of itself that has nothing in it: always the same.
NEVER = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)

#: Where nothing is left of a title; Atom wants one.
UNNAMED = "–"

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True)
class Entry:
    """One thing in a feed.

    :param id: as `urn` gives it
    :param title: in words
    :param link: its page, a whole address
    :param updated: when it was changed last
    :param published: when it came into being, or could be read first
    :param summary: in words
    :param categories: labels by what they stand for
    :param language: in which people wrote it; "" where it is that of the page
    """

    id: str
    title: str
    link: str
    updated: datetime.datetime
    published: datetime.datetime
    summary: str = ""
    categories: dict[str, str] = field(default_factory=dict)
    language: str = ""


@dataclass(frozen=True)
class Feed:
    """A page of a feed.

    :param name: which feed it is, whatever the page, for its id
    :param title: in words
    :param page: the page for people that shows the same, a whole address
    :param own: its own address
    :param others: addresses of other pages of it, by their relation, as in
        RFC 5005
    """

    name: str
    title: str
    page: str
    own: str
    others: dict[str, str]
    entries: list[Entry]


def urn(id_: str, part: str = "") -> str:
    """The id of a thing in feeds.

    :param id_: that of the database; most are a UUID
    :param part: what of it, where a feed isn't about the whole
    """
    try:
        found = uuid.UUID(id_)
    except ValueError:
        found = uuid.uuid5(uuid.NAMESPACE_OID, id_)
    return (uuid.uuid5(found, part) if part else found).urn


def moment(stored: str) -> datetime.datetime:
    """A moment that actions tell: in UTC, with or without saying so.

    :param stored: in ISO 8601
    """
    found = datetime.datetime.fromisoformat(stored.removesuffix("Z"))
    return found.replace(tzinfo=datetime.timezone.utc)


def write(feed: Feed) -> bytes:
    """A feed as XML."""
    site = _clean(tk.config["ckan.site_title"])
    updated = max((entry.updated for entry in feed.entries), default=NEVER)
    result = CKANFeed(
        feed_title=_clean(feed.title) or UNNAMED,
        feed_link=feed.page,
        feed_description=site,
        language=language.tag(language.of_words()),
        author_name=site or "CKAN",
        feed_guid=_id_of_feed(feed.name),
        feed_url=feed.own,
        previous_page=feed.others.get("prev"),
        next_page=feed.others.get("next"),
        first_page=feed.others.get("first"),
        last_page=None,
    )
    result.updated(updated)
    result.generator("ckanext-digifarm")
    for entry in feed.entries:
        result.add_entry(_entry(entry), order="append")
    return result.atom_str(encoding="utf-8")


def _id_of_feed(name: str) -> str:
    """Feeds of different portals differ.

    CKAN has an option for those that keep theirs at another address.
    """
    # One host may have several, each below a path of its own.
    path = (tk.config["ckan.root_path"] or "").replace("{{LANG}}", "")
    host = urlsplit(tk.config["ckan.site_url"]).netloc
    here = "/".join([host, *filter(None, path.split("/"))])
    site = tk.config["ckan.feeds.authority_name"] or here
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{site}/{name}").urn


class _Entry(FeedEntry):
    """One that says in which language it is."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._language = language

    @override
    def atom_entry(self, extensions: bool = True) -> Any:
        element = super().atom_entry(extensions)
        if self._language:
            element.set(_LANG, self._language)
        return element


def _entry(entry: Entry) -> FeedEntry:
    result = _Entry(language.tag(entry.language))
    result.id(entry.id)
    result.title(_clean(entry.title) or UNNAMED)
    result.link(href=entry.link)
    result.updated(entry.updated)
    result.published(min(entry.published, entry.updated))
    if summary := _clean(entry.summary):
        result.summary(summary)
    for term, label in entry.categories.items():
        result.category(term=_clean(term), label=_clean(label))
    return result


def _clean(text: str) -> str:
    """Text without what XML has no way to write."""
    return " ".join(UNSTORABLE.sub("", text).split())


def labels(values: Iterable[str]) -> dict[str, str]:
    """Categories whose words are what they stand for."""
    return {value: value for value in values}

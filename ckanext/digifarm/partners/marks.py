"""By what two entries of the same partner are known, however it is spelt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from ..lib import stems
from ..lib.sql_words import SPELT

#: What begins the marks of a title, and those of a website.
TITLE, WEBSITE = "title:", "website:"

#: What is left out of a title: the legal form, in folded spelling.
LEGAL_FORMS = re.compile(
    # After a name: "AG" before one is no company, and "Ev." no association.
    r"(?<=\w)\W+(?:e\.\s?[gkv]|e\s[gkv]|e[gkv](?=\W*$)|g?gmbh|gag|ag|kgaa|kg"
    r"|co(?=\W+kg)|ohg|ug|gbr|mbh|partg|ltd|inc|llc|eingetragene[rn]? verein"
    r"|eingetragene genossenschaft|haftungsbeschr(?:a|ae)nkt"
    r"|gesellschaft mit beschr(?:a|ae)nkter haftung)\b"
    r"|\bgemeinn(?:u|ue)tzige[rn]?\b"
)

#: Here many have a page; who it is of, the rest of the address says.
SHARED_HOSTS = frozenset(
    {
        "codeberg.org",
        "facebook.com",
        "github.com",
        "gitlab.com",
        "instagram.com",
        "linkedin.com",
        "linktr.ee",
        "meetup.com",
        "sites.google.com",
        "twitter.com",
        "x.com",
        "youtube.com",
    }
)


def of(title: str, url: str) -> list[str]:
    """The marks of a partner; who shares one is alike.

    Upper and lower case, accents, the order of words, marks between them and
    legal forms make no difference to a title.

    :param title: its name for people
    :param url: its website, or ""
    """
    website = _website(url)
    found = {f"{TITLE}{key}" for key in _titles(title)}
    return sorted(found | ({f"{WEBSITE}{website}"} if website else set()))


def _titles(title: str) -> Iterator[str]:
    """What is left of a title: its words in order, and written together.

    An umlaut may be written as one letter or as two.
    """
    composed = stems.composed(title).casefold()
    for spelt in {composed, composed.translate(SPELT)}:
        folded = stems.fold(spelt)
        words = stems.WORD.findall(LEGAL_FORMS.sub(" ", folded))
        words = words or stems.WORD.findall(folded)
        if words:
            yield " ".join(sorted(words))
            yield "".join(words)


def _website(url: str) -> str:
    """The host of an address, or where many share it, all of it."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    if host not in SHARED_HOSTS:
        return host
    path = parts.path.strip("/").casefold()
    return f"{host}/{path}" if path else ""

"""Addresses of licences: what they call the licence that is read there.

People copy the address of a licence's text as often as its name. Only the
pages of those who write or collect licences are known: elsewhere, an address
says nothing of what stands there.
"""

from __future__ import annotations

import re
from collections.abc import Callable

#: The address of a text on the web, also without its beginning.
ADDRESS = re.compile(
    r"(?:https?://)?(?:www\.)?((?:[\w-]+\.)+[a-z]{2,})(/[^\s()<>]*)",
    re.IGNORECASE | re.ASCII,
)

#: What stands behind the name of a licence in an address: its language, the
#: kind of its file, and what else pages add.
_ENDING = re.compile(
    r"(?:\.[a-z]{2}(?:-[a-z]{2})?)?"
    r"(?:\.(?:html?|json(?:ld)?|md|php|rdf|txt|xml))?$"
    r"|-(?:php|txt|html)$"
)

#: A version in a name that holds no dots: apache-2-0.
_VERSION = re.compile(r"(?<=\d)-(?=\d)")

_CREATIVE_COMMONS = re.compile(
    r"/licenses/(by[a-z-]*)/(\d\.\d)(?:/([a-z]{2,3}))?(?:/|$)"
)
_EUPL = re.compile(r"eupl[-/]?v?-?(1)[-.]?([12])\b|version-(1)([12])-eupl")


def _last(path: str) -> str:
    """The licence that the last part of a path names: /licenses/MIT.html."""
    last = _ENDING.sub("", path.rstrip("/").rpartition("/")[2])
    return last if "." in last else _VERSION.sub(".", last)


def _of_apache(path: str) -> str:
    name = _last(path)
    return name.replace("license-", "Apache-", 1)


def _of_creative_commons(path: str) -> str:
    if path.startswith("/publicdomain/zero/1.0"):
        return "CC0-1.0"
    found = _CREATIVE_COMMONS.match(path)
    if not found:
        return ""
    kind, version, country = found.groups()
    return "-".join(filter(None, ("CC", kind, version, country)))


def _of_eupl(path: str) -> str:
    found = _EUPL.search(path)
    parts = [part for part in found.groups() if part] if found else []
    return f"EUPL-{'.'.join(parts)}" if parts else ""


def _of_europe(path: str) -> str:
    # The decision of the Commission by which this version is in force.
    is_decision = path.startswith("/eli/dec_impl/2017/863")
    return "EUPL-1.2" if is_decision else ""


def _of_gnu(path: str) -> str:
    name = _last(path.replace("-standalone", ""))
    return re.sub(r"^fdl", "GFDL", name)


def _of_mozilla(path: str) -> str:
    found = re.search(r"/mpl/(\d\.\d)(?:/|$)", path)
    return f"MPL-{found[1]}" if found else ""


#: How the pages of a site, or of all sites below it, name a licence.
_SITES: dict[str, Callable[[str], str]] = {
    "apache.org": _of_apache,
    "choosealicense.com": _last,
    "creativecommons.org": _of_creative_commons,
    "data.europa.eu": _of_europe,
    "ec.europa.eu": _of_eupl,
    "eclipse.org": _last,
    "eupl.eu": lambda path: _of_eupl(f"/eupl{path}"),
    "gnu.org": _of_gnu,
    "mozilla.org": _of_mozilla,
    "opensource.org": _last,
    "spdx.org": _last,
    "unlicense.org": lambda path: "Unlicense" if path == "/" else "",
}


def named(host: str, path: str) -> str:
    """What an address calls the licence that is read there.

    :param host: the address's host, without `www.`
    :param path: what stands behind it
    :returns: a spelling, which may be none of a licence, or ""
    """
    labels = host.lower().split(".")
    path = re.split("[?#]", path.lower())[0]
    for length in (2, 3):
        if site := _SITES.get(".".join(labels[-length:])):
            return site(path)
    return ""

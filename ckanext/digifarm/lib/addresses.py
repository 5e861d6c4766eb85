"""E-mail addresses: how they are stored, and which mailbox they mean."""

from __future__ import annotations

import re
import unicodedata
from typing import Any, NoReturn

import ckantoolkit as tk
import idna

from . import text

#: RFC 5321, 4.5.3.1, in characters.
MAX_LENGTH = 254
MAX_LOCAL_LENGTH = 64

#: What people copy from mail programs and web pages.
WITH_NAME = re.compile(r"[^<>]*<([^<>]*)>")
MAILTO = re.compile(r"mailto:([^?]*)(?:\?.*)?", re.IGNORECASE)

#: RFC 5322, 3.2.3, without the quotes that nobody uses.
LOCAL = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*",
    re.IGNORECASE,
)

#: Labels as they are registered, the last one not all of digits.
DOMAIN = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+"
    r"(?:[a-z]{2,63}|xn--[a-z0-9-]{0,58}[a-z0-9])",
    re.IGNORECASE,
)

#: Mail providers with more than one domain for a mailbox.
SAME_DOMAINS = {"googlemail.com": "gmail.com"}

#: Domains where dots before the @ make no difference:
#: https://support.google.com/mail/answer/7436150
WITHOUT_DOTS = frozenset({"gmail.com"})


def clean(value: Any) -> str:
    """An address as it is stored: in ASCII, as CKAN's mailer sends it.

    A domain with umlauts is in its form for machines (`xn--…`). What people
    copy around an address is taken off; upper and lower case stay.

    :raises Invalid: if it is none; the message, which is logged, doesn't
        repeat it
    """
    line = unicodedata.normalize("NFC", text.clean_line(value))
    line = _bare(line)
    text.check_length(line, MAX_LENGTH)
    local, at, domain = line.rpartition("@")
    # IDNA leaves out what nobody sees.
    if not at or any(unicodedata.category(c) == "Cf" for c in line):
        _refuse()
    if not local.isascii():
        raise tk.Invalid(
            tk._(
                "The portal can’t send mails to an address with accents or"
                " umlauts before the @; please give another one"
            )
        )
    address = f"{local}@{ascii_domain(domain)}"
    domain = address.rpartition("@")[2]
    if (
        len(local) > MAX_LOCAL_LENGTH
        or not LOCAL.fullmatch(local)
        or not _is_domain(domain)
    ):
        _refuse()
    text.check_length(address, MAX_LENGTH)
    return address


def stored(address: str) -> str:
    """How an address that somebody names is stored, if it is one.

    :returns: the address, or what was given, without spaces at its ends
    """
    try:
        return clean(address)
    except tk.Invalid:
        return address.strip()


def ascii_domain(domain: str) -> str:
    """A domain as the mail system wants it.

    :returns: as it was given where it has no such form
    """
    if domain.isascii():
        return domain
    try:
        return idna.encode(domain, uts46=True, std3_rules=True).decode()
    except (idna.IDNAError, UnicodeError):
        return domain


def spellings(address: str) -> set[str]:
    """An address in lower case, its domain as people and as mails write it.

    CKAN itself may have stored either.

    :returns: nothing where there is no address
    """
    local, _, domain = stored(address).lower().rpartition("@")
    if not (local and domain):
        return set()
    domains = {domain, _readable(domain) or domain}
    return {f"{local}@{one}" for one in domains}


def mailbox(address: str) -> str:
    """What all spellings have in common that lead to the same mailbox.

    Case, what follows a `+`, the dots and the second domain of Gmail, and
    the forms that Unicode has for the same characters. Some mail systems
    tell apart what is one here: then their mailboxes share a limit.
    """
    plain = unicodedata.normalize("NFKC", address.strip()).casefold()
    local, _, domain = plain.rpartition("@")
    domain = ascii_domain(domain).rstrip(".")
    domain = SAME_DOMAINS.get(domain, domain)
    local = local.partition("+")[0] or local
    if domain in WITHOUT_DOTS:
        local = local.replace(".", "")
    return f"{local}@{domain}"


def _is_domain(domain: str) -> bool:
    """Whether a domain can be one, that of somebody abroad too."""
    if not DOMAIN.fullmatch(domain):
        return False
    return "xn--" not in domain.lower() or bool(_readable(domain))


def _readable(domain: str) -> str:
    """A domain with its umlauts; "" where it stands for nothing."""
    try:
        return idna.decode(domain)
    except (idna.IDNAError, UnicodeError):
        return ""


def _bare(line: str) -> str:
    if with_name := WITH_NAME.fullmatch(line):
        line = with_name[1].strip()
    if link := MAILTO.fullmatch(line):
        line = link[1].strip()
    return line


def _refuse() -> NoReturn:
    raise tk.Invalid(
        tk._("Please give an e-mail address such as kim@example.org")
    )

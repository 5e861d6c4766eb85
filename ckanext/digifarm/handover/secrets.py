"""Finds in texts what looks like a password, a key or a token.

It needs not be perfect: whoever writes down where a password is kept, and not
the password itself, gets through; whoever has pasted one is stopped. There was
a library for it, detect-secrets; its last release is of May 2024, and its
users ask in vain whether it lives (Yelp/detect-secrets #926, #953).

All patterns take time in proportion to the text, of which only so much is
looked at.
"""

from __future__ import annotations

import enum
import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import parse_qsl, urlsplit

#: So much of a text is looked at, in characters: fields hold no more.
MOST = 2000


class Secret(str, enum.Enum):
    """What a text seems to hold."""

    PRIVATE_KEY = "private key"
    TOKEN = "token"  # noqa: S105 – it is the kind of one
    ADDRESS = "address with a password"
    PASSWORD = "password"  # noqa: S105


#: How private keys begin, of all usual tools.
PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY|PuTTY-User-Key-File-\d"
    r"|\bAGE-SECRET-KEY-1[0-9A-Z]{10}"
)

#: How tokens of services begin; each is followed by what nobody could guess.
TOKEN = re.compile(
    r"(?<![\w-])(?:"
    r"gh[oprsu]_\w{20}|github_pat_\w{20}"  # GitHub
    r"|gl(?:pat|dt|ft|soat|rt|cbt|ptt|imt|agent)-[\w-]{16}"  # GitLab
    r"|gloas-[\w-]{16}"
    r"|xox[abeoprs]-[\w-]{10}|xapp-\d-[\w-]{10}"  # Slack
    r"|(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}"  # AWS
    r"|AIza[\w-]{30}|ya29\.[\w-]{20}|GOCSPX-[\w-]{20}"  # Google
    r"|[rs]k_(?:live|test)_\w{16}|whsec_[\w+/=]{20}"  # Stripe
    r"|sk-(?:ant-|proj-)?[\w-]{20}"  # OpenAI, Anthropic
    r"|SG\.[\w-]{16,32}\.[\w-]{16}"  # SendGrid
    r"|npm_\w{30}|pypi-[\w-]{30}|hf_\w{30}|dop_v1_\w{30}|shpat_\w{20}"
    r"|\d{8,10}:[\w-]{35}(?![\w-])"  # Telegram
    r"|eyJ[\w-]{10,2000}\.eyJ[\w-]{10,4000}\.[\w-]{10}"  # JSON Web Tokens
    r")|\b(?:bearer|basic)\s+(?=[^\s]*\d)[\w+/=.~-]{20}"
    r"|://hooks\.slack\.com/services/T\w+/B\w+/\w+"
    r"|://(?:canary\.|ptb\.)?discord(?:app)?\.com/api/webhooks/\d+/[\w-]+",
    re.IGNORECASE,
)

#: An address, up to what can't belong to one.
ADDRESS = re.compile(
    r"\b[a-z][a-z0-9+.-]{1,20}://[^\s<>\"“”„]{1,2000}", re.IGNORECASE
)

#: Parameters of addresses that let somebody in.
KEYS = re.compile(
    r"(?:.*[_-])?(?:token|key|apikey|secret|passw(?:or)?[dt]?|pwd|sig"
    r"|signature)",
    re.IGNORECASE,
)

#: What a secret is called, in both languages.
CALLED = (
    r"(?:pass(?:wor[td]|wd|phrase|code)?|pw|pwd|kennw(?:or)?t|kennung"
    r"|losung|zugangscode|geheimnis|secret|api[ _-]?(?:key|schl(?:ü|ue)ssel)"
    r"|access[ _-]?key|(?:auth|access|api)?[ _-]?token|pin|puk"
    r"|key|(?:[^\W_]{1,20}-)?schl(?:ü|ue)ssel)"
)

#: What stands behind that as the secret: `Passwort: …`, `das Passwort ist …`,
#: `Passwort (Server): …`.
SAID = re.compile(
    rf"(?<![^\W_]){CALLED}[\"']?(?:[ (][^:=\n]{{1,40}}(?=[:=])|\s{{0,3}})"
    r"(?:(?:[:=]|=>|->|→|lautet|ist|is|war|was)[:=]?\s{0,3}){1,2}"
    r"[\"'„“”‚‘`]?(?P<value>[^\s\"'“”„`;]{1,200})",
    re.IGNORECASE,
)

#: What a secret may follow without a word between.
NEAR = re.compile(
    rf"(?<![^\W_])(?:{CALLED}|zugang|zugangsdaten|login)(?![^\W_])",
    re.IGNORECASE,
)

#: So far behind it, in characters.
FAR = 60

#: Short names in front of a number that opens something.
NUMBER = re.compile(r"pin|puk|.*code", re.IGNORECASE)

#: Where passwords are kept has odd names, too.
SAFES = frozenset(
    {
        *("1password", "bitwarden", "dashlane", "enpass", "keepass"),
        *("keepass2", "keepassxc", "lastpass", "passbolt", "proton"),
        *("psono", "teampass", "vaultwarden"),
    }
)

#: A public key, or the print of one, is for everybody.
PUBLIC = re.compile(
    r"\b(?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-\w{1,40}"
    r"|sk-(?:ssh|ecdsa)[\w@.-]{0,60})\s{1,3}[\w+/=]{1,2000}"
    r"|\b(?:SHA256|SHA512|MD5):[\w+/=:]{1,200}",
)

#: What could be a key that stands alone.
LONG = re.compile(r"(?<![\w+/=-])[\w+/=-]{20,2000}")

#: What could be a password that stands alone.
WORD = re.compile(r"\S{8,200}")

#: What passwords have, and other words don't.
SPECIAL = frozenset("!$%^*#~?&{}[]<>|\\")

#: So often random characters change between kinds of them, and words and
#: numbers don't.
RESTLESS = 0.45


def found(text: str) -> Secret | None:
    """What a text seems to hold that is secret, if anything.

    :param text: of which the first 2 000 characters are looked at
    """
    text = _plain(text[:MOST])
    if PRIVATE_KEY.search(text):
        return Secret.PRIVATE_KEY
    text = PUBLIC.sub(" ", text)
    if TOKEN.search(text):
        return Secret.TOKEN
    if any(_opens(match[0]) for match in ADDRESS.finditer(text)):
        return Secret.ADDRESS
    # The path of an address may be as odd as it likes.
    return _among_words(ADDRESS.sub(" https ", text))


def _plain(text: str) -> str:
    """Without what nobody sees, and as everybody writes it."""
    return "".join(
        character
        for character in unicodedata.normalize("NFKC", text)
        if unicodedata.category(character) != "Cf"
    )


def _among_words(text: str) -> Secret | None:
    if any(_is_password(match) for match in SAID.finditer(text)):
        return Secret.PASSWORD
    if any(_is_mixed(word) for word in _behind(text)):
        return Secret.PASSWORD
    if any(_is_random(match[0]) for match in LONG.finditer(text)):
        return Secret.TOKEN
    if any(_is_odd(match[0]) for match in WORD.finditer(text)):
        return Secret.PASSWORD
    return None


def _behind(text: str) -> Iterator[str]:
    """The words that stand behind what a secret is called."""
    for match in NEAR.finditer(text):
        line, *_ = text[match.end() : match.end() + FAR].split("\n")
        yield from line.split()


def _is_mixed(word: str) -> bool:
    """Whether a word has letters and a number, as few other words have."""
    word = word.strip(".,:;()!?\"'„“”")
    # Dates, addresses of the web, mail and files have marks between.
    if len(word) < 8 or any(mark in word for mark in "./@\\"):  # noqa: PLR2004
        return False
    parts = re.split(r"[-_+]", word.rstrip("!?"))
    if any(part.casefold() in SAFES for part in parts):
        return False
    has_number = any(len(part) > 3 and part.isdigit() for part in parts)  # noqa: PLR2004
    has_word = any(len(part) > 3 and part.isalpha() for part in parts)  # noqa: PLR2004
    return (has_number and has_word) or any(
        len(part) > 5  # noqa: PLR2004
        and any(c.isdigit() for c in part)
        and any(c.isalpha() for c in part)
        for part in parts
    )


def _opens(address: str) -> bool:
    """Whether an address lets in whoever follows it."""
    try:
        parts = urlsplit(address)
        if parts.password:
            return True
    except ValueError:
        return False
    given = parse_qsl(f"{parts.query}&{parts.fragment}")
    return any(KEYS.fullmatch(name) and len(v) >= 8 for name, v in given)  # noqa: PLR2004


def _is_password(match: re.Match[str]) -> bool:
    """Whether a value is one, and not a word on where it is."""
    value = match["value"].rstrip(".,:)!?")
    if not value or value.casefold() in SAFES or "@" in value[1:-1]:
        return False
    if value.isdigit():
        is_number = NUMBER.match(match[0]) is not None
        return is_number or len(value) >= 6  # noqa: PLR2004
    kinds = {_kind(character) for character in value}
    if len(value) < 4 or len(kinds - {"-"}) < 2:  # noqa: PLR2004
        return False
    # "Amt/Referat", "Müller-Lüdenscheidt": words with marks between them.
    words = re.split(r"[-/.,:()_+]+", match["value"].strip("-/.,:()_+!?"))
    return not all(word.isalpha() and _is_word(word) for word in words)


def _is_word(word: str) -> bool:
    """Whether letters are a word: no capitals, these only, or the first."""
    return word[1:].islower() or word.isupper() or len(word) == 1


def _is_random(value: str) -> bool:
    """Whether a long word is none that somebody would say."""
    kinds = {_kind(character) for character in value}
    return {"a", "A", "0"} <= kinds and _restlessness(value) >= RESTLESS


def _is_odd(value: str) -> bool:
    """Whether a word has what passwords have: of all kinds, and mixed."""
    value = value.rstrip(".,:;)!?").lstrip("(„“\"'")
    if "@" in value or len(value) < 8:  # noqa: PLR2004
        return False
    kinds = {_kind(character) for character in value}
    is_mixed = {"a", "A", "0"} <= kinds and bool(SPECIAL & {*value})
    return is_mixed and _restlessness(value) >= RESTLESS


def _restlessness(value: str) -> float:
    """How often the kind of a character is another than before, up to 1."""
    kinds = [_kind(character) for character in value]
    changes = sum(a != b for a, b in pairwise(kinds))
    return changes / max(len(kinds) - 1, 1)


def _kind(character: str) -> str:
    if character.isdigit():
        return "0"
    if character.isalpha():
        return "A" if character.isupper() else "a"
    return "-"

"""The kinds of notices: what is told, in which words, and what to do next.

A subject that tells people something registers its kind here, in a module
that is called `notices`; people turn each kind off by its name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

#: What a notice holds for its words.
Data = dict[str, Any]


def _nothing(_: Data) -> list[Any]:
    return []


def _nowhere(_: Data) -> str:
    return ""


def _all(found: list[Data]) -> list[Data | None]:
    return [*found]


def _first(found: list[Data]) -> Data:
    return found[0]


@dataclass(frozen=True)
class Kind:
    """A kind of notice.

    Its words are said in the language that is spoken when they are asked for.

    :param name: stands in the database, so it stays what it is
    :param label: what people turn off, such as “Data of my projects is gone”
    :param title: one line, the subject of the mail
    :param text: paragraphs of the mail besides (optional)
    :param steps: what to do next: pairs of words and a qualified address
        (optional)
    :param is_urgent: whether it is told at once; else it waits for the digest
    :param for_reviewers: whether it concerns the city's reviewers alone
    :param about: in a digest, what is about the same is one line (optional)
    :param together: what the words of that line need (with `about`)
    :param left: what is left of several of them when a mail goes out, each
        None where it isn't so any more; a constant number of SQL statements
        (optional)
    """

    name: str
    label: Callable[[], str]
    title: Callable[[Data], str]
    text: Callable[[Data], list[str]] = _nothing
    steps: Callable[[Data], list[tuple[str, str]]] = _nothing
    is_urgent: bool = False
    for_reviewers: bool = False
    about: Callable[[Data], str] = _nowhere
    together: Callable[[list[Data]], Data] = _first
    left: Callable[[list[Data]], list[Data | None]] = _all

    def line(self, found: list[Data]) -> str:
        """What is said in one line of what is about the same.

        :returns: "" where nothing of it is left to tell
        """
        return " ".join(self.title(self.together(found)).split())


KINDS: dict[str, Kind] = {}


def urgent() -> list[str]:
    """The names of the kinds that are told at once."""
    return [kind.name for kind in KINDS.values() if kind.is_urgent]


def register(kind: Kind) -> Kind:
    """Let a kind be known.

    :raises ValueError: where there is another one of its name
    """
    if kind.name in KINDS:
        raise ValueError(f"There is a kind of notice {kind.name!r} already")
    KINDS[kind.name] = kind
    return kind
